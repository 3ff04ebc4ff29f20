#pragma once
#include <curl/curl.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "replicator/net/exchange.h"
#include "replicator/net/network.h"
#include "replicator/net/web_socket.h"

namespace outpost {

// The loop around one curl multi handle. Post and RunAndWait: any thread but the network thread. all else: network
// thread.
struct Network::Impl {
  Impl();
  ~Impl();
  void Post(std::function<void()> task);
  // Returns after `task` ran; the network thread never waits for the network, so neither does the caller.
  void RunAndWait(std::function<void()> task);

  // `owner` names the exchanges of one transport.
  void Add(const void* owner, std::unique_ptr<Exchange> exchange);
  void AddLine(const void* owner, std::shared_ptr<WebSocket> line);
  // Ends a line without a word.
  void RemoveLine(WebSocket& line);
  // Ends all exchanges and lines of `owner`, exchanges as kBroken.
  void RemoveAll(const void* owner);

 private:
  struct Running {
    const void* owner;
    std::unique_ptr<Exchange> exchange;
  };
  struct Line {
    const void* owner;
    std::shared_ptr<WebSocket> socket;
  };
  void Loop();
  void RunTasks();
  void ReadFinished();
  void Finished(CURL* easy, CURLcode code);
  void PerformLines();

  Mutex mutex_;
  CondVar changed_;
  std::vector<std::function<void()>> tasks_ OUTPOST_GUARDED_BY(mutex_);
  std::atomic<bool> stopping_{false};
  CURLM* multi_;
  std::map<CURL*, Running> running_;  // network thread only
  std::map<CURL*, Line> lines_;       // likewise
  std::thread thread_;
};

}  // namespace outpost
