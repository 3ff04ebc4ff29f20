#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace outpost {

// What one message of the server's line says. Source: http-api.md, section 12; Engine.IO protocol 3, Socket.IO 4.
struct PushPacket {
  enum class Kind {
    kOpen,   // the line is accepted: `interval`, `timeout` of pings
    kPing,   // to be answered with `text`
    kEvent,  // `text`: its name
    kEnd,    // the server wants no more of it, or refuses
    kOther,  // of no concern
  };
  Kind kind = Kind::kOther;
  std::string text = {};
  Millis interval{0};
  Millis timeout{0};
};

// nullopt: no packet of the protocol.
std::optional<PushPacket> ReadPushPacket(std::string_view message);

}  // namespace outpost
