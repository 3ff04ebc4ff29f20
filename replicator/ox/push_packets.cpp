#include "replicator/ox/push_packets.h"

#include <algorithm>

#include "replicator/ox/json_read.h"

namespace outpost {
namespace {

// Bounds for what a server may ask for: a ping more often would be a load, one more seldom proves nothing.
constexpr Millis kIntervalLeast{5'000};
constexpr Millis kIntervalMost{300'000};

std::optional<PushPacket> ReadOpen(std::string text) {
  PushPacket packet{PushPacket::Kind::kOpen, {}, Millis{25'000}, Millis{60'000}};
  od::parser parser;
  od::document document;
  od::value whole;
  if (Begin(parser, text, document) || document.get_value().get(whole)) return std::nullopt;
  bool fine = true;
  const bool read = EachMember(whole, [&](std::string_view key, od::value value) {
    if (key != "pingInterval" && key != "pingTimeout") return true;
    std::int64_t number = 0;
    fine = !value.get_int64().get(number);
    if (fine) (key == "pingInterval" ? packet.interval : packet.timeout) = Millis{number};
    return fine;
  });
  if (!read || !fine) return std::nullopt;
  packet.interval = std::clamp(packet.interval, kIntervalLeast, kIntervalMost);
  packet.timeout = std::clamp(packet.timeout, kIntervalLeast, kIntervalMost);
  return packet;
}

// What follows "42": a name space ("/name,") and a number may come before the array, whose first element names the
// event.
std::optional<PushPacket> ReadEvent(std::string_view text) {
  if (text.substr(0, 1) == "/") text.remove_prefix(std::min(text.find(','), text.size() - 1) + 1);
  text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
  std::string body(text);
  od::parser parser;
  od::document document;
  od::array elements;
  if (Begin(parser, body, document) || document.get_array().get(elements)) return std::nullopt;
  for (auto element : elements) {
    std::string_view name;
    if (element.get_string().get(name)) return std::nullopt;
    return PushPacket{PushPacket::Kind::kEvent, std::string(name), Millis{0}, Millis{0}};
  }
  return std::nullopt;
}

}  // namespace

std::optional<PushPacket> ReadPushPacket(std::string_view message) {
  if (message.empty()) return std::nullopt;
  const std::string_view rest = message.substr(1);
  const auto of = [](PushPacket::Kind kind) { return PushPacket{kind, {}, Millis{0}, Millis{0}}; };
  switch (message.front()) {
    case '0':
      return ReadOpen(std::string(rest));
    case '1':
      return of(PushPacket::Kind::kEnd);
    case '2': {
      PushPacket ping = of(PushPacket::Kind::kPing);
      ping.text = "3" + std::string(rest);
      return ping;
    }
    case '3':  // the answer to a ping
    case '5':  // of other ways of transport
    case '6':
      return of(PushPacket::Kind::kOther);
    case '4':
      break;
    default:
      return std::nullopt;
  }
  if (rest.empty()) return std::nullopt;
  switch (rest.front()) {
    case '2':
      return ReadEvent(rest.substr(1));
    case '1':
    case '4':
      return of(PushPacket::Kind::kEnd);
    default:
      return of(PushPacket::Kind::kOther);
  }
}

}  // namespace outpost
