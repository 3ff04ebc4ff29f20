#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "replicator/dialect.h"
#include "replicator/ox/answers.h"
#include "replicator/transport.h"

namespace outpost {

// How long a server remembers deletions when it does not say.
inline constexpr Millis kTombstoneHorizonUsual{7'257'600'000};

struct LoginOptions {
  std::string base_url;
  std::string user;
  std::string password;
  std::string client;
  std::string user_agent;
  Millis deadline{0};
};

// What of SessionInfo is known.
enum class Facts {
  kNone,
  kTimes,  // the server's clock, and for how long it remembers deletions
  kAll,    // and how it tells deletions
};

// Makes sessions. Beside what the first one is for, it asks the server for the facts, once: on a long line each answer
// that is waited for by itself is felt. Threads: owner strand.
class Login {
 public:
  // `on_facts` is told when more facts are known, or why they are not; not after this object has gone.
  Login(LoginOptions options, Transport& transport, const Clock& clock, Log& log, AnswerReader& reader,
        std::function<void(std::optional<Failure>)> on_facts);
  // One at a time. Ends what was retired first: without that there is no other session. `done` runs on the strand, not
  // after this object has gone.
  void Run(std::function<void(std::optional<Failure>)> done);
  // From the next Run on. True when it is another one.
  bool UsePassword(std::string password);
  // Asks for the facts with the session there is, unless that is under way or they are known; whether it does.
  bool AskFacts();
  // The session is of no use any more.
  void Forget() { session_.clear(); }
  // Nobody waits any more for a write that went out with the session, and may yet arrive: Run has the session ended on
  // the server, which then refuses it (docs/adr/0037).
  void Retire() {
    if (!session_.empty()) retired_ = std::exchange(session_, {});
  }

  const std::string& password() const { return options_.password; }
  const std::string& session() const { return session_; }   // empty: none
  std::uint64_t generation() const { return generation_; }  // counts the sessions made
  std::uint64_t requests() const { return requests_; }
  const SessionInfo& info() const { return info_; }
  Facts facts() const { return facts_; }
  const std::string& host() const { return host_; }  // for texts

 private:
  void OnLogout(HttpResult result);
  void SignIn();
  void OnLogin(HttpResult result);
  void AskConfig(const char* path, std::function<void(std::optional<std::int64_t>)> done);
  void ProbeDeltas(std::int64_t folder);
  void Know(Facts facts);
  void FactsFailed(Failure failure);
  // Asks for `path_and_query`; `done` gets an answer of HTTP 200 or 4xx, all else, and what says that the session is
  // lost, means that the facts cannot be known now, and then it is not called any more. Several may be under way.
  void Ask(const std::string& path_and_query, std::function<void(HttpReply)> done);
  Failure Refused(const ServerError& error) const;
  void End(std::optional<Failure> failure);

  LoginOptions options_;
  const std::string host_;
  Transport& transport_;
  const Clock& clock_;
  Log& log_;
  AnswerReader& reader_;
  std::function<void(std::optional<Failure>)> done_;
  std::string session_;
  std::string retired_;  // ended before there is another one; empty: none
  std::uint64_t generation_ = 0;
  std::uint64_t requests_ = 0;
  SessionInfo info_;
  Facts facts_ = Facts::kNone;
  bool asking_ = false;
  std::uint64_t asked_ = 0;       // how often the facts were asked for
  std::uint64_t asked_with_ = 0;  // the session they were asked with last
  bool fresh_ = false;            // that one had been made just then
  const std::function<void(std::optional<Failure>)> on_facts_;
  std::shared_ptr<Login*> self_;  // callbacks hold it weakly
};

}  // namespace outpost
