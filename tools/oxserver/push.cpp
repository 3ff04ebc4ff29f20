#include "tools/oxserver/push.h"

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

constexpr std::string_view kPath = "/socket.io/appsuite";
// Of Engine.IO's own errors.
constexpr int kUnknownTransport = 0, kUnknownLine = 1, kBadRequest = 3, kUnknownProtocol = 5;

HttpResponse BadPushRequest(int code, std::string_view message) {
  return {400,
          {{"Content-Type", "application/json"}},
          "{\"code\":" + std::to_string(code) + ",\"message\":" + Quoted(message) + "}"};
}

std::string_view PathIn(std::string_view target) { return target.substr(0, target.find('?')); }

Params QueryIn(std::string_view target) {
  const auto question = target.find('?');
  return Params(ParseQuery(question == std::string_view::npos ? std::string_view() : target.substr(question + 1)));
}

}  // namespace

bool IsPushPath(std::string_view target) {
  const std::string_view path = PathIn(target);
  return path == kPath || (path.substr(0, kPath.size()) == kPath && path.substr(kPath.size()) == "/");
}

std::optional<HttpResponse> RefusePush(std::string_view target, bool upgrade) {
  const Params query = QueryIn(target);
  const auto protocol = query.Find("EIO");
  if (protocol != "3" && protocol != "4") return BadPushRequest(kUnknownProtocol, "Unsupported protocol version");
  if (query.Find("transport") != "websocket") return BadPushRequest(kUnknownTransport, "Transport unknown");
  if (query.Find("sid")) return BadPushRequest(kUnknownLine, "Session ID unknown");
  if (!upgrade) return BadPushRequest(kBadRequest, "Bad request");
  return std::nullopt;
}

PushLine::PushLine(std::string_view target, std::string id)
    : protocol_(QueryIn(target).Find("EIO") == "3" ? 3 : 4), id_(std::move(id)) {}

std::vector<std::string> PushLine::Begin() {
  std::vector<std::string> messages{"0{\"sid\":" + Quoted(id_) +
                                    ",\"upgrades\":[],\"pingInterval\":" + std::to_string(kPingInterval.count()) +
                                    ",\"pingTimeout\":" + std::to_string(kPingTimeout.count()) + "}"};
  if (protocol_ == 3) {
    joined_ = true;  // without being asked
    messages.push_back("40");
  }
  return messages;
}

std::vector<std::string> PushLine::Receive(std::string_view message) {
  silent_ = 0;
  if (message.empty()) return {};
  switch (message.front()) {
    case '1':
      ended_ = true;
      return {};
    case '2':  // a ping; protocol 4 leaves pinging to the server
      if (protocol_ == 3) return {"3" + std::string(message.substr(1))};
      ended_ = true;
      return {};
    case '4':
      break;
    default:
      return {};
  }
  if (message.substr(1, 1) == "1") ended_ = true;
  if (message.substr(1, 1) != "0" || protocol_ == 3) return {};  // what clients say of themselves is of no concern
  joined_ = true;
  return {"40{\"sid\":" + Quoted(id_) + "}"};
}

std::vector<std::string> PushLine::Tick() {
  const auto ticks = (kPingInterval + kPingTimeout).count() / kPingInterval.count();
  if (++silent_ > ticks) ended_ = true;
  if (ended_ || protocol_ == 3) return {};
  return {"2"};
}

std::vector<std::string> PushLine::Event(std::string_view topic, std::string_view data) const {
  if (!joined_) return {};
  return {"42[" + Quoted(topic) + "," + std::string(data) + "]"};
}

std::vector<std::string> PushLine::End() {
  ended_ = true;
  return {"41"};
}

}  // namespace outpost::oxserver
