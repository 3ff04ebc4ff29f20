#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "base/strand.h"
#include "replicator/transport.h"

namespace outpost {

// How much may be asked of a server and of the line.
struct Pace {
  std::uint64_t requests = 0;     // in any `window`; 0: no limit
  Millis window{5 * 60'000};      // over which the server counts; http-api.md, section 1.2
  std::uint64_t bytes_per_s = 0;  // both ways together, over a while; 0: no limit
};

// Keeps a line's exchanges within a pace: what would go beyond waits its turn here, in order, and its deadline begins
// when it leaves. Under a limit of bytes one exchange is under way at a time, and the next leaves when the bytes of the
// last are paid for. Threads: owner strand. `line`, `strand` and `clock` outlive it; what waits when it goes ends as
// kNotSent.
class PacedTransport final : public Transport {
 public:
  // `pace` is asked before each exchange: it may change while running.
  PacedTransport(Transport& line, std::function<Pace()> pace, Strand& strand, const Clock& clock);
  ~PacedTransport() override;
  void Send(HttpRequest request, Millis deadline, std::function<void(HttpResult)> done) override;
  void ClearCookies() override { line_.ClearCookies(); }
  // Not paced: it is one request for a long time.
  std::unique_ptr<OpenLine> Open(HttpRequest request, Millis deadline, std::uint64_t seed, LineEvents events) override {
    return line_.Open(std::move(request), deadline, seed, std::move(events));
  }

 private:
  struct Waiting {
    HttpRequest request;
    Millis deadline;
    std::function<void(HttpResult)> done;
  };
  void Pump();
  std::chrono::microseconds Wait(const Pace& pace);
  void Leave(const Pace& pace);

  Transport& line_;
  const std::function<Pace()> pace_;
  Strand& strand_;
  const Clock& clock_;
  std::deque<Waiting> waiting_;
  std::deque<std::chrono::microseconds> left_;  // when exchanges of the window left
  std::chrono::microseconds paid_until_{0};
  std::size_t under_way_ = 0;
  std::uint64_t timer_ = 0;  // the one that counts
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace outpost
