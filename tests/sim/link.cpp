#include "tests/sim/link.h"

#include <algorithm>
#include <optional>

namespace outpost::sim {
namespace {

constexpr Millis kLateness{30'000};  // after the deadline: its sender has read back by then what became of it
constexpr Millis kSlowness{45'000};  // below the deadline of a request: an answer that comes late, yet comes

std::string Lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

HttpReply Convert(const oxserver::HttpResponse& response) {
  HttpReply reply{response.status, {}, response.body};
  for (const auto& [name, value] : response.headers) reply.headers.emplace_back(Lower(name), value);
  return reply;
}

HttpReply Page(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  headers.emplace_back("content-type", "text/html; charset=UTF-8");
  return {status, std::move(headers), std::move(body)};
}

bool Creates(const oxserver::HttpRequest& request) {
  return request.body.find("\"new\"") != std::string::npos || request.target.find("action=new") != std::string::npos;
}

bool Writes(const oxserver::HttpRequest& request) {
  return Creates(request) || request.body.find("\"update\"") != std::string::npos ||
         request.body.find("\"delete\"") != std::string::npos;
}

std::size_t Elements(const oxserver::HttpRequest& request) {
  std::size_t count = 0;
  for (std::size_t at = request.body.find("\"module\""); at != std::string::npos;
       at = request.body.find("\"module\"", at + 1))
    ++count;
  return std::max<std::size_t>(count, 1);
}

}  // namespace

struct Link::Exchange {
  oxserver::HttpRequest request;
  std::function<void(HttpResult)> done;  // empty once answered
  std::shared_ptr<const bool> sender;
  std::optional<StepKind> fault;
  std::uint64_t cuts = 0;
  std::chrono::microseconds left{0};
};

void Link::Begin(StepKind trouble) {
  if (trouble == StepKind::kOffline && !troubles_.contains(trouble)) ++cuts_;
  ++troubles_[trouble];
}

void Link::End(StepKind trouble) {
  const auto at = troubles_.find(trouble);
  if (at != troubles_.end() && --at->second == 0) troubles_.erase(at);
}

void Link::Heal() {
  armed_.clear();
  troubles_.clear();
}

std::optional<StepKind> Link::NextFault(const oxserver::HttpRequest& request) {
  std::optional<StepKind> met;
  for (auto at = armed_.begin(); at != armed_.end();) {
    if ((at->aim == Aim::kWriting && !Writes(request)) || (at->aim == Aim::kReadingBack && !reading_back())) {
      ++at;
    } else if (at->skip > 0) {
      --at->skip;
      ++at;
    } else if (met || (at->fault == StepKind::kTwice && Creates(request))) {
      ++at;  // its turn comes with a later exchange
    } else {
      met = at->fault;
      at = armed_.erase(at);
    }
  }
  return met;
}

void Link::Reply(const std::shared_ptr<Exchange>& exchange, HttpResult result) {
  if (!exchange->done) return;
  result.took = clock_.MonotonicNow() - exchange->left;
  result.wire_bytes = exchange->request.body.size() + result.reply.body.size();
  std::exchange(exchange->done, nullptr)(std::move(result));
}

void Link::Break(const std::shared_ptr<Exchange>& exchange, const char* text) {
  Reply(exchange, {false, {}, LinkFault::kBroken, text, 0, {}});
}

void Link::Send(oxserver::HttpRequest request, Millis deadline, std::shared_ptr<const bool> sender,
                std::function<void(HttpResult)> done) {
  ++exchanges_;
  auto exchange = std::make_shared<Exchange>();
  exchange->request = std::move(request);
  exchange->done = std::move(done);
  exchange->sender = std::move(sender);
  exchange->cuts = cuts_;
  exchange->left = clock_.MonotonicNow();
  if (troubles_.contains(StepKind::kOffline)) {
    world_.PostAfter(Millis{5}, [this, exchange] {
      Reply(exchange, {false, {}, LinkFault::kNotSent, "no route to the server", 0, {}});
    });
    return;
  }
  if (troubles_.contains(StepKind::kCertificate)) {
    world_.PostAfter(Millis{5}, [this, exchange] {
      Reply(exchange, {false, {}, LinkFault::kCertificate, "the certificate is another one's", 0, {}});
    });
    return;
  }
  exchange->fault = NextFault(exchange->request);
  if (exchange->fault && on_fault) on_fault(*exchange->fault);
  Millis delay = Delay();
  if (exchange->fault == StepKind::kLate) delay += deadline + kLateness;
  world_.PostAfter(delay, [this, exchange] { Arrive(exchange); });
  world_.PostAfter(deadline, [this, exchange] { Break(exchange, "no answer in time"); });
}

void Link::Arrive(const std::shared_ptr<Exchange>& exchange) {
  // What a program that has died left on the line could not be fenced by the next one (docs/adr/0037).
  if (exchange->fault == StepKind::kLate && !*exchange->sender) return Break(exchange, "the line went down");
  if (exchange->cuts != cuts_ && random_.Chance(1, 2)) return Break(exchange, "the line went down");
  oxserver::HandleOptions how;
  HttpResult result{true, {}, LinkFault::kBroken, "", 0, {}};
  Millis delay = Delay();
  const auto fault = exchange->fault;
  if (fault == StepKind::kLoseRequest) return Break(exchange, "connection reset");
  if (fault == StepKind::kForgetSession) how.expire_session = true;
  if (fault == StepKind::kTryAgain || fault == StepKind::kServiceDown)
    how.refused.push_back({random_.Below(Elements(exchange->request)), fault == StepKind::kTryAgain
                                                                           ? oxserver::Refusal::kTryAgain
                                                                           : oxserver::Refusal::kServiceDown});
  if (exchange->request.body.find(kToxicWord) != std::string::npos) {
    result.reply = Page(500, "<html>500</html>");
  } else if (fault == StepKind::kUnavailable) {
    result.reply = Page(503, "<html>503</html>");
  } else if (fault == StepKind::kThrottle) {
    result.reply = Page(429, "Too many requests", {{"retry-after", "1"}});
  } else if (troubles_.contains(StepKind::kBusyServer)) {
    result.reply = Page(429, "Too many requests", {{"retry-after", "90"}});
  } else if (troubles_.contains(StepKind::kPortal)) {
    result.reply = Page(200, "<html><body>Welcome to our hotel. Please sign in.</body></html>");
  } else {
    result.reply = Convert(far_(exchange->request, how));
    if (fault == StepKind::kTwice) {
      auto again = Convert(far_(exchange->request, {}));
      if (random_.Chance(1, 2)) result.reply = std::move(again);  // of two answers the later one may arrive
    }
  }
  if (fault == StepKind::kLoseReply || fault == StepKind::kCutReply) {
    world_.PostAfter(delay, [this, exchange] { Break(exchange, "connection reset"); });
    return;
  }
  if (fault == StepKind::kHalfReply || troubles_.contains(StepKind::kBadProxy))
    result.reply.body.resize(result.reply.body.size() / 2);
  if (fault == StepKind::kSlow) delay += kSlowness;
  world_.PostAfter(delay, [this, exchange, result] {
    if (exchange->cuts != cuts_) return Break(exchange, "the line went down");
    Reply(exchange, result);
  });
}

void LinkTransport::Send(HttpRequest request, Millis deadline, std::function<void(HttpResult)> done) {
  oxserver::HttpRequest sent;
  sent.method = request.method;
  const auto host = request.url.find("://");
  const auto path = request.url.find('/', host == std::string::npos ? 0 : host + 3);
  sent.target = path == std::string::npos ? "/" : request.url.substr(path);
  sent.headers = std::move(request.headers);
  std::string cookies;
  for (const auto& [name, value] : *cookies_) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
  if (!cookies.empty()) sent.headers.emplace_back("Cookie", cookies);
  sent.body = std::move(request.body);
  link_.Send(std::move(sent), deadline, alive_, [this, jar = cookies_, alive = alive_, done](HttpResult result) {
    if (!*alive) return;
    for (const auto& [name, value] : result.reply.headers) {
      const auto equals = value.find('=');
      if (name != "set-cookie" || equals == std::string::npos) continue;
      const auto end = value.find(';');
      const std::string content = value.substr(equals + 1, end == std::string::npos ? end : end - equals - 1);
      if (content.empty() || value.find("Max-Age=0") != std::string::npos)
        jar->erase(value.substr(0, equals));
      else
        (*jar)[value.substr(0, equals)] = content;
    }
    strand_.Post([done, result = std::move(result)] { done(result); });
  });
}

}  // namespace outpost::sim
