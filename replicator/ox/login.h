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

// Makes sessions. The first one also asks the server for its clock and for how long it remembers deletions. Threads:
// owner strand.
class Login {
 public:
  Login(LoginOptions options, Transport& transport, const Clock& clock, Log& log, AnswerReader& reader);
  // One at a time. `done` runs on the strand, not after this object has gone.
  void Run(std::function<void(std::optional<Failure>)> done);
  // From the next Run on. True when it is another one.
  bool UsePassword(std::string password);
  // The session is of no use any more.
  void Forget() { session_.clear(); }

  const std::string& password() const { return options_.password; }
  const std::string& session() const { return session_; }   // empty: none
  std::uint64_t generation() const { return generation_; }  // counts the sessions made
  std::uint64_t requests() const { return requests_; }
  const SessionInfo& info() const { return info_; }
  const std::string& host() const { return host_; }  // for texts

 private:
  void OnLogin(HttpResult result);
  void AskConfig(const char* path, std::function<void(std::optional<std::int64_t>)> done);
  void ProbeDeltas(std::int64_t folder);
  // Asks for `path_and_query`; `done` gets an answer of HTTP 200 or 4xx, all else ends the sign-in, and then it is not
  // called any more. Several may be under way.
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
  std::uint64_t generation_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t runs_ = 0;
  SessionInfo info_;
  bool info_known_ = false;
  std::shared_ptr<Login*> self_;  // callbacks hold it weakly
};

}  // namespace outpost
