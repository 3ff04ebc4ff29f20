#pragma once
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
    sent.push_back(request);
    open_.push_back(std::move(done));
  }
  void ClearCookies() override { ++cookies_cleared; }
  // Answers the oldest open request.
  void Answer(HttpResult result) {
    auto done = std::move(open_.front());
    open_.pop_front();
    strand_.Post([done = std::move(done), result = std::move(result)] { done(result); });
  }
  std::size_t open() const { return open_.size(); }

  std::vector<HttpRequest> sent;
  int cookies_cleared = 0;

 private:
  Strand& strand_;
  std::deque<std::function<void(HttpResult)>> open_;
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
