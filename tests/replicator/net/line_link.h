#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "tests/replicator/net/link.h"

namespace outpost::test {

// What a line told, in order: "open", "message …", "closed STATUS …".
class Told {
 public:
  LineEvents Events() {
    return {[this] { Add("open"); }, [this](const std::string& text) { Add("message " + text); },
            [this](int status, const std::string& why) { Add("closed " + std::to_string(status) + " " + why); }};
  }
  std::string Await(std::size_t number) {
    MutexLock lock(mutex_);
    while (told_.size() <= number) changed_.Wait(mutex_);
    return told_[number];
  }

 private:
  void Add(std::string text) {
    MutexLock lock(mutex_);
    told_.push_back(std::move(text));
    changed_.NotifyAll();
  }
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> told_ OUTPOST_GUARDED_BY(mutex_);
};

// A transport with one line.
class LineLink {
 public:
  explicit LineLink(TransportOptions options = {}) : strand_([](const char*) { std::abort(); }) {
    transport_ = MakeTransport(network_, strand_, std::move(options));
  }
  ~LineLink() {
    Run([this] {
      line_.reset();
      transport_.reset();
    });
  }
  void Open(const std::string& url, Millis deadline = Millis{20'000}) {
    Run([&] { line_ = transport_->Open({"GET", url, {{"X-Own", "yes"}}, ""}, deadline, 1, told.Events()); });
  }
  void Get(const std::string& url) {
    auto result = std::make_shared<Awaited<HttpResult>>();
    strand_.Post([this, url, result] {
      transport_->Send({"GET", url, {}, ""}, Millis{20'000}, [result](HttpResult got) { result->Give(got); });
    });
    OUTPOST_CHECK(result->Take().ok);
  }
  void Send(const std::string& text) {
    Run([&] { line_->Send(text); });
  }
  void Drop() {
    Run([&] { line_.reset(); });
  }
  Told told;

 private:
  void Run(const std::function<void()>& task) {
    auto done = std::make_shared<Awaited<bool>>();
    strand_.Post([&task, done] {
      task();
      done->Give(true);
    });
    done->Take();
  }
  Network network_;
  ThreadStrand strand_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<OpenLine> line_;
};

}  // namespace outpost::test
