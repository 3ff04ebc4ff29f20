#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replicator/dialect.h"
#include "replicator/ox/answers.h"
#include "replicator/ox/failures.h"
#include "replicator/ox/login.h"
#include "replicator/transport.h"

namespace outpost {

// What an answer means for the job it belongs to.
struct Verdict {
  enum class Next {
    kDone,         // it has all that it needs
    kAgain,        // it has another request to make, or the same once more
    kSessionLost,  // its request was not done, since the session is not good any more
    kFailed,       // for the reason below
  };
  Next next = Next::kDone;
  std::string what = {};  // a place in the answer, never contents
  LinkState why = LinkState::kProtocolError;

  static Verdict Done() { return {}; }
  static Verdict Again() { return {Next::kAgain}; }
  static Verdict SessionLost() { return {Next::kSessionLost}; }
  static Verdict Failed(std::string what, LinkState why = LinkState::kProtocolError) {
    return {Next::kFailed, std::move(what), why};
  }
};

// One call of the dialect on its way: which requests it makes, one after the other, and what it reads in their answers.
// Sessions, lines and statuses are the dialect's, see ox_dialect.cpp, which keeps the marks below. Threads: owner
// strand.
class Job {
 public:
  virtual ~Job() = default;
  // Whether all is known beforehand, so that not even a session is needed.
  virtual bool NeedsNothing() const { return false; }
  // Writes the next request, its URL behind the base, without user agent. False: there is nothing (more) to ask.
  virtual bool Write(const std::string& session, HttpRequest& request) = 0;
  // Whether it reads answers of this status.
  virtual bool Reads(int status) const { return status == 200; }
  virtual Verdict Read(HttpReply& reply, AnswerReader& reader) = 0;
  // Whether the request that was written last can change anything on the server.
  virtual Effect effect() const { return Effect::kNone; }
  // Whether the server has done a part for good, whatever becomes of the rest.
  virtual bool some_done() const { return false; }
  // Ends it; called once.
  virtual void Tell(std::optional<Failure> failure, const SessionInfo& info) = 0;

  bool sent = false;             // a request of it left
  bool repeated = false;         // the session was lost once already
  bool finished = false;         // Tell was called, or is about to be
  Facts needs = Facts::kNone;    // what of the server is known before it ends well
  std::uint64_t generation = 0;  // of the session it went out with
  std::uint64_t bytes = 0;
  std::chrono::microseconds took{0};
};

// The same for jobs that end with a Reply.
class ReplyJob : public Job {
 public:
  explicit ReplyJob(std::function<void(Reply)> done) : done_(std::move(done)) {}
  void Tell(std::optional<Failure> failure, const SessionInfo& info) override;

 protected:
  std::vector<Answer> answers_;

 private:
  std::function<void(Reply)> done_;
};

// The answer to an ask that this dialect does not know how to put.
Answer NotCarried();

// The header of requests with a JSON body.
inline constexpr const char* kOxJson = "application/json; charset=UTF-8";

}  // namespace outpost
