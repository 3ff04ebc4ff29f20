#include "replicator/ox/failures.h"

#include <charconv>

namespace outpost {
namespace {

// A server that asks for more patience than this is believed only so far.
constexpr Millis kRetryAfterMax{24 * 3600 * 1000};

// Seconds; a date is not worth a parser: the back-off of the planner serves then.
Millis RetryAfter(const HttpReply& reply) {
  const std::string_view text = HeaderOf(reply, "retry-after");
  std::int64_t seconds = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size() || seconds < 0) return Millis{0};
  if (seconds > kRetryAfterMax.count() / 1000) return kRetryAfterMax;
  return Millis{seconds * 1000};
}

bool Writes(Effect effect) { return effect == Effect::kWrites; }

constexpr int kNetworkAuthenticationRequired = 511;  // RFC 6585, section 6

bool IsPage(const HttpReply& reply) {
  const auto first = reply.body.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string::npos && reply.body[first] == '<';
}

// Writes may have been done where the page came from a proxy before the server.
Failure FailureOfPage(std::string_view host, Effect effect) {
  Failure failure;
  failure.why = LinkState::kCaptivePortal;
  failure.maybe_applied = Writes(effect);
  failure.text = "a page came where an answer of " + std::string(host) +
                 " is due: the network may ask for a sign-in of its own, or the server may show a notice";
  return failure;
}

}  // namespace

std::string_view HeaderOf(const HttpReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return {};
}

Failure FailureOfLink(const HttpResult& result, Effect effect) {
  Failure failure;
  failure.text = result.text;
  switch (result.fault) {
    case LinkFault::kNotSent:
      failure.why = LinkState::kOffline;
      break;
    case LinkFault::kBroken:
      failure.why = LinkState::kOffline;
      failure.maybe_applied = Writes(effect);
      break;
    case LinkFault::kCertificate:
      failure.why = LinkState::kWrongCertificate;
      break;
  }
  return failure;
}

Failure FailureOfStatus(const HttpReply& reply, std::string_view host, Effect effect) {
  Failure failure;
  failure.retry_after = RetryAfter(reply);
  const std::string name(host);
  const std::string status = std::to_string(reply.status);
  if (reply.status == 429) {
    failure.why = LinkState::kThrottled;
    failure.text = name + " asks for a pause: too many requests";
  } else if (reply.status == kNetworkAuthenticationRequired) {
    return FailureOfPage(host, Effect::kNone);
  } else if (reply.status >= 500) {
    failure.why = LinkState::kServerDown;
    failure.maybe_applied = Writes(effect);
    failure.text = name + " has a trouble of its own (HTTP " + status + ")";
  } else if (reply.status >= 400) {
    failure.why = LinkState::kProtocolError;
    failure.text = name + " refuses the request as a whole (HTTP " + status + ")";
  } else {
    failure.why = LinkState::kProtocolError;
    failure.maybe_applied = Writes(effect);
    failure.text =
        !reply.redirect.empty() ? reply.redirect : name + " answers with HTTP " + status + " where 200 is expected";
  }
  return failure;
}

Failure FailureOfShape(const HttpReply& reply, std::string_view host, std::string_view what, Effect effect) {
  if (IsPage(reply)) return FailureOfPage(host, effect);
  Failure failure;
  failure.why = LinkState::kProtocolError;
  failure.maybe_applied = Writes(effect);
  failure.text = std::string(host) + " answers in a way that is not understood: " + std::string(what);
  return failure;
}

}  // namespace outpost
