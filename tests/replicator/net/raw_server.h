#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace outpost::test {

// What a RawServer does with one request.
struct RawAnswer {
  std::string bytes;  // sent as they are
  bool close = true;  // then; else the connection is kept
  bool hang = false;  // read on without an answer until the client gives up
};

// A loopback server that answers with whatever bytes a test wants, one connection at a time. It ends when its clients
// have closed their connections: declare it before them.
class RawServer {
 public:
  using Handler = std::function<RawAnswer(std::size_t number, const std::string& request)>;
  explicit RawServer(Handler handler);
  ~RawServer();
  std::string url() const;
  // So far: requests of which the head arrived, those read whole, and connections taken.
  std::size_t heads();
  std::size_t requests();
  std::size_t connections();
  std::string request(std::size_t number);

 private:
  struct Impl;
  void Loop();
  void Serve();

  std::unique_ptr<Impl> impl_;
  Handler handler_;
  Mutex mutex_;
  std::vector<std::string> requests_ OUTPOST_GUARDED_BY(mutex_);
  std::size_t heads_ OUTPOST_GUARDED_BY(mutex_) = 0;
  std::size_t connections_ OUTPOST_GUARDED_BY(mutex_) = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// A reply with a body and a length.
std::string HttpOk(const std::string& body, const std::string& more_headers = "");

}  // namespace outpost::test
