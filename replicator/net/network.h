#pragma once
#include <memory>

namespace outpost {

// The network thread: drives every HTTP exchange of this process. One per process is enough for any number of accounts,
// and lets them share idle connections. It outlives the transports made on it; what still runs when it goes ends as
// kBroken. Threads: made and destroyed on one thread; all else happens through transports (curl_transport.h).
class Network {
 public:
  Network();
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  struct Impl;  // network_impl.h, for this folder only
  Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost
