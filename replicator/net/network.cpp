#include "replicator/net/network.h"

#include <iterator>
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

void Network::Impl::AddLine(const void* owner, std::shared_ptr<WebSocket> line) {
  CURL* easy = line->easy();
  if (easy == nullptr || curl_multi_add_handle(multi_, easy) != CURLM_OK) return line->Close(0, "no memory for a line");
  lines_.emplace(easy, Line{owner, std::move(line)});
}

void Network::Impl::RemoveLine(WebSocket& line) {
  const auto at = lines_.find(line.easy());
  if (at == lines_.end()) return;
  curl_multi_remove_handle(multi_, at->first);
  lines_.erase(at);
}

void Network::Impl::RemoveAll(const void* owner) {
  for (auto at = lines_.begin(); at != lines_.end();) {
    if (at->second.owner == owner) curl_multi_remove_handle(multi_, at->first);
    at = at->second.owner == owner ? lines_.erase(at) : std::next(at);
  }
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
    Finished(message->easy_handle, message->data.result);  // `message` dies with the removal
  }
}

// A line is not removed: curl would close the connection that it has made for it.
void Network::Impl::Finished(CURL* easy, CURLcode code) {
  if (const auto line = lines_.find(easy); line != lines_.end()) return line->second.socket->Connected(code);
  curl_multi_remove_handle(multi_, easy);
  auto done = running_.extract(easy);
  if (!done.empty()) done.mapped().exchange->Complete(code);
}

void Network::Impl::PerformLines() {
  for (auto at = lines_.begin(); at != lines_.end();) {
    at->second.socket->Perform();
    const bool ended = at->second.socket->ended();
    if (ended) curl_multi_remove_handle(multi_, at->first);
    at = ended ? lines_.erase(at) : std::next(at);
  }
}

void Network::Impl::Loop() {
  while (!stopping_) {
    RunTasks();
    int active = 0;
    curl_multi_perform(multi_, &active);
    ReadFinished();
    PerformLines();
    std::vector<curl_waitfd> waiting;
    for (const auto& [easy, line] : lines_)
      if (const curl_waitfd wait = line.socket->Waiting(); wait.fd != CURL_SOCKET_BAD) waiting.push_back(wait);
    curl_multi_poll(multi_, waiting.data(), static_cast<unsigned>(waiting.size()), kIdlePollMs, nullptr);
  }
  RunTasks();
  for (auto& [easy, running] : running_) {
    curl_multi_remove_handle(multi_, easy);
    running.exchange->Complete(CURLE_ABORTED_BY_CALLBACK);
  }
  running_.clear();
  for (auto& [easy, line] : lines_) curl_multi_remove_handle(multi_, easy);
  lines_.clear();
}

}  // namespace outpost
