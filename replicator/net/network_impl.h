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

namespace outpost {

// The loop around one curl multi handle. Post and RunAndWait: any thread but the network thread. Add and RemoveAll:
// network thread.
struct Network::Impl {
  Impl();
  ~Impl();
  void Post(std::function<void()> task);
  // Returns after `task` ran; the network thread never waits for the network, so neither does the caller.
  void RunAndWait(std::function<void()> task);

  // `owner` names the exchanges of one transport.
  void Add(const void* owner, std::unique_ptr<Exchange> exchange);
  // Ends all exchanges of `owner` as kBroken.
  void RemoveAll(const void* owner);

 private:
  struct Running {
    const void* owner;
    std::unique_ptr<Exchange> exchange;
  };
  void Loop();
  void RunTasks();
  void ReadFinished();

  Mutex mutex_;
  CondVar changed_;
  std::vector<std::function<void()>> tasks_ OUTPOST_GUARDED_BY(mutex_);
  std::atomic<bool> stopping_{false};
  CURLM* multi_;
  std::map<CURL*, Running> running_;  // network thread only
  std::thread thread_;
};

}  // namespace outpost
