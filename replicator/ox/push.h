#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/strand.h"
#include "replicator/ox/push_packets.h"
#include "replicator/transport.h"

namespace outpost {

struct PushOptions {
  std::string base_url;
  std::string user_agent;  // the session's
  Millis deadline{0};      // for opening a line
  std::uint64_t seed = 0;  // of handshakes and masks
};

// Hears from the server that there is something new, where it tells: Engine.IO 3 and Socket.IO over one line that stays
// open. What it says is taken for no more than "look now". Threads: owner strand; references outlive it. Source:
// http-api.md, section 12.
class Push {
 public:
  // After a line that failed, so long at least until the next: doubled with each failure in a row up to the most, which
  // is also the pause where the server has no lines.
  static constexpr Millis kPauseLeast{60'000};
  static constexpr Millis kPauseMost{3'600'000};

  Push(PushOptions options, Transport& transport, Strand& strand, const Clock& clock, Log& log);

  // Opens a line for this session unless there is one, or it is too soon after a failure. `news` is called with each
  // thing that the server tells, until the next call.
  void Keep(const std::string& session, std::function<void()> news);
  bool open() const { return open_; }

 private:
  void OnMessage(const std::string& text);
  void OnClosed(int status, const std::string& why);
  void BeginPings(Millis interval, Millis timeout);
  void Ping(std::uint64_t timer);

  const PushOptions options_;
  Transport& transport_;
  Strand& strand_;
  const Clock& clock_;
  Log& log_;
  SeededRandom random_;
  std::function<void()> news_;
  std::string session_;  // that the line is for
  std::unique_ptr<OpenLine> line_;
  bool open_ = false;
  std::uint64_t timer_ = 0;  // the one that counts; older ones pass without effect
  Millis ping_interval_{0};
  Millis ping_timeout_{0};
  std::chrono::microseconds heard_{0};  // when, last
  int failures_ = 0;                    // in a row
  std::chrono::microseconds next_try_{0};
  std::shared_ptr<Push*> self_;  // timers hold it weakly
};

}  // namespace outpost
