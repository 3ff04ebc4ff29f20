#include "replicator/net/network.h"

#include <utility>

#include "base/check.h"
#include "replicator/net/network_impl.h"

namespace outpost {
namespace {

// The longest sleep of an idle network thread. Wake-ups end it at once; it only bounds what a lost wake-up would cost.
constexpr int kIdlePollMs = 60'000;

void InitCurlOnce() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  OUTPOST_CHECK(code == CURLE_OK);
}

CURLM* MakeMulti() {
  InitCurlOnce();
  CURLM* multi = curl_multi_init();
  OUTPOST_CHECK(multi != nullptr);
  return multi;
}

}  // namespace

Network::Network() : impl_(std::make_unique<Impl>()) {}
Network::~Network() = default;

Network::Impl::Impl() : multi_(MakeMulti()), thread_([this] { Loop(); }) {}

Network::Impl::~Impl() {
  stopping_ = true;
  curl_multi_wakeup(multi_);
  thread_.join();
  curl_multi_cleanup(multi_);
}

void Network::Impl::Post(std::function<void()> task) {
  {
    MutexLock lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  curl_multi_wakeup(multi_);
}

void Network::Impl::RunAndWait(std::function<void()> task) {
  bool ran = false;  // guarded by mutex_, but a local cannot be annotated
  Post([this, &ran, &task] {
    task();
    MutexLock lock(mutex_);
    ran = true;
    changed_.NotifyAll();
  });
  MutexLock lock(mutex_);
  while (!ran) changed_.Wait(mutex_);
}

void Network::Impl::Add(const void* owner, std::unique_ptr<Exchange> exchange) {
  CURL* easy = exchange->easy();
  if (easy == nullptr) return exchange->Complete(CURLE_FAILED_INIT);
  if (curl_multi_add_handle(multi_, easy) != CURLM_OK) return exchange->Complete(CURLE_FAILED_INIT);
  running_.emplace(easy, Running{owner, std::move(exchange)});
}

void Network::Impl::RemoveAll(const void* owner) {
  for (auto at = running_.begin(); at != running_.end();) {
    if (at->second.owner != owner) {
      ++at;
      continue;
    }
    curl_multi_remove_handle(multi_, at->first);
    at->second.exchange->Complete(CURLE_ABORTED_BY_CALLBACK);
    at = running_.erase(at);
  }
}

void Network::Impl::RunTasks() {
  std::vector<std::function<void()>> tasks;
  {
    MutexLock lock(mutex_);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) task();
}

void Network::Impl::ReadFinished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* easy = message->easy_handle;
    const CURLcode code = message->data.result;  // `message` dies with the removal
    curl_multi_remove_handle(multi_, easy);
    auto done = running_.extract(easy);
    if (!done.empty()) done.mapped().exchange->Complete(code);
  }
}

void Network::Impl::Loop() {
  while (!stopping_) {
    RunTasks();
    int active = 0;
    curl_multi_perform(multi_, &active);
    ReadFinished();
    curl_multi_poll(multi_, nullptr, 0, kIdlePollMs, nullptr);
  }
  RunTasks();
  for (auto& [easy, running] : running_) {
    curl_multi_remove_handle(multi_, easy);
    running.exchange->Complete(CURLE_ABORTED_BY_CALLBACK);
  }
  running_.clear();
}

}  // namespace outpost
