#pragma once
#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "base/strand.h"
#include "replicator/net/curl_transport.h"
#include "replicator/net/network.h"

namespace outpost::test {

// A value that another thread gives once.
template <class T>
class Awaited {
 public:
  void Give(T value) {
    MutexLock lock(mutex_);
    value_.emplace(std::move(value));
    ++given_;
    changed_.NotifyAll();
  }
  T Take() {
    MutexLock lock(mutex_);
    while (!value_) changed_.Wait(mutex_);
    return std::move(*value_);
  }
  int given() {
    MutexLock lock(mutex_);
    return given_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::optional<T> value_ OUTPOST_GUARDED_BY(mutex_);
  int given_ OUTPOST_GUARDED_BY(mutex_) = 0;
};

// A strand with one transport on it.
class Link {
 public:
  explicit Link(Network& network, TransportOptions options = {}) : strand_([](const char*) { std::abort(); }) {
    transport_ = MakeTransport(network, strand_, std::move(options));
  }
  ~Link() { Close(); }

  HttpResult Send(HttpRequest request, Millis deadline = Millis{20'000}) {
    auto result = Start(std::move(request), deadline);
    return result->Take();
  }
  std::shared_ptr<Awaited<HttpResult>> Start(HttpRequest request, Millis deadline = Millis{20'000}) {
    auto result = std::make_shared<Awaited<HttpResult>>();
    strand_.Post([this, request, deadline, result] {
      transport_->Send(request, deadline, [result](HttpResult got) { result->Give(std::move(got)); });
    });
    return result;
  }
  HttpResult Get(const std::string& url) { return Send({"GET", url, {}, ""}); }
  HttpResult Put(const std::string& url, const std::string& body) { return Send({"PUT", url, {}, body}); }
  void ClearCookies() { transport_->ClearCookies(); }
  // Destroys the transport on its strand; returns when everything that it posted in doing so has run.
  void Close() {
    auto closed = std::make_shared<Awaited<bool>>();
    strand_.Post([this, closed] {
      transport_.reset();
      strand_.Post([closed] { closed->Give(true); });
    });
    closed->Take();
  }

 private:
  ThreadStrand strand_;
  std::unique_ptr<Transport> transport_;
};

}  // namespace outpost::test
