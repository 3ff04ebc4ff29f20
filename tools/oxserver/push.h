#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "tools/oxserver/api.h"
#include "tools/oxserver/http_types.h"

namespace outpost::oxserver {

// The server's end of a line for news: Engine.IO 3 and 4 with Socket.IO on top, by WebSocket alone (http-api.md section
// 12). Without its transport: messages in, messages out. Threads: one.

bool IsPushPath(std::string_view target);

// What is wrong with the query of a line's request; nullopt: nothing. `upgrade`: it asks for a WebSocket.
std::optional<HttpResponse> RefusePush(std::string_view target, bool upgrade);

class PushLine {
 public:
  static constexpr Millis kPingInterval{25'000};
  static constexpr Millis kPingTimeout{60'000};

  // For a request that is not refused. `id`: of the line.
  PushLine(std::string_view target, std::string id);

  // What to send first, in order.
  std::vector<std::string> Begin();
  // What to send for a message; sets ended() where it ends the line.
  std::vector<std::string> Receive(std::string_view message);
  // To be called every kPingInterval.
  std::vector<std::string> Tick();
  // `data`: JSON. Empty while the other side has not joined yet: what happens before that is not told.
  std::vector<std::string> Event(std::string_view topic, std::string_view data) const;
  // The session is gone.
  std::vector<std::string> End();
  bool ended() const { return ended_; }

 private:
  const int protocol_;
  const std::string id_;
  bool joined_ = false;
  bool ended_ = false;
  int silent_ = 0;  // ticks without a word from the other side
};

}  // namespace outpost::oxserver
