#pragma once
#include <algorithm>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/strand.h"
#include "replicator/transport.h"

namespace outpost::test {

inline HttpResult Whole(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
  HttpResult result;
  result.ok = true;
  result.reply = {status, std::move(headers), std::move(body)};
  return result;
}

inline HttpResult Faulty(LinkFault fault) {
  HttpResult result;
  result.fault = fault;
  result.text = "host: fault";
  return result;
}

// Keeps requests until the test answers them. Threads: one.
class FakeTransport final : public Transport {
 public:
  explicit FakeTransport(Strand& strand) : strand_(strand) {}
  void Send(HttpRequest request, Millis, std::function<void(HttpResult)> done) override {
    open_.push_back({request.url, std::move(done)});
    sent.push_back(std::move(request));
  }
  void ClearCookies() override { ++cookies_cleared; }
  // Answers the oldest open request whose URL has `part`; false where there is none.
  bool Answer(HttpResult result, const std::string& part = {}) {
    const auto open = std::find_if(open_.begin(), open_.end(),
                                   [&](const Open& one) { return one.url.find(part) != std::string::npos; });
    if (open == open_.end()) return false;
    auto done = std::move(open->done);
    open_.erase(open);
    strand_.Post([done = std::move(done), result = std::move(result)] { done(result); });
    return true;
  }
  std::size_t open() const { return open_.size(); }

  std::vector<HttpRequest> sent;
  int cookies_cleared = 0;

 private:
  struct Open {
    std::string url;
    std::function<void(HttpResult)> done;
  };
  Strand& strand_;
  std::deque<Open> open_;
};

// Everything that was logged. Threads: any.
class KeptLog final : public Log {
 public:
  void Write(LogLevel, std::string_view component, std::string_view text) override {
    const std::lock_guard lock(mutex_);
    text_.append(component).append(": ").append(text).append("\n");
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

}  // namespace outpost::test
