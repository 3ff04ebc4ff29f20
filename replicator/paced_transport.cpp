#include "replicator/paced_transport.h"

#include <algorithm>
#include <utility>

namespace outpost {
namespace {

// The server counts when requests arrive, which may be closer together than when they left.
constexpr std::chrono::microseconds kWindowSlack{2'000'000};

}  // namespace

PacedTransport::PacedTransport(Transport& line, std::function<Pace()> pace, Strand& strand, const Clock& clock)
    : line_(line), pace_(std::move(pace)), strand_(strand), clock_(clock) {}

PacedTransport::~PacedTransport() {
  *alive_ = false;
  for (Waiting& one : waiting_)
    strand_.Post([done = std::move(one.done)] {
      HttpResult result;
      result.fault = LinkFault::kNotSent;
      result.text = "the connection was closed here";
      done(std::move(result));
    });
}

void PacedTransport::Send(HttpRequest request, Millis deadline, std::function<void(HttpResult)> done) {
  waiting_.push_back({std::move(request), deadline, std::move(done)});
  Pump();
}

std::chrono::microseconds PacedTransport::Wait(const Pace& pace) {
  const auto now = clock_.MonotonicNow();
  const auto window = pace.window + kWindowSlack;
  while (!left_.empty() && now - left_.front() >= window) left_.pop_front();
  std::chrono::microseconds wait{0};
  if (pace.requests > 0 && left_.size() >= pace.requests)
    wait = left_[left_.size() - static_cast<std::size_t>(pace.requests)] + window - now;
  if (pace.bytes_per_s > 0) wait = std::max(wait, paid_until_ - now);
  return std::max(wait, std::chrono::microseconds{0});
}

void PacedTransport::Pump() {
  while (!waiting_.empty()) {
    const Pace pace = pace_();
    if (pace.bytes_per_s > 0 && under_way_ > 0) return;  // its end pumps again
    if (const auto wait = Wait(pace); wait.count() > 0) {
      strand_.PostAfter(std::chrono::ceil<Millis>(wait), [this, alive = alive_, timer = ++timer_] {
        if (*alive && timer == timer_) Pump();
      });
      return;
    }
    Leave(pace);
  }
}

void PacedTransport::Leave(const Pace& pace) {
  Waiting one = std::move(waiting_.front());
  waiting_.pop_front();
  const auto now = clock_.MonotonicNow();
  if (pace.requests > 0) left_.push_back(now);
  ++under_way_;
  line_.Send(std::move(one.request), one.deadline,
             [this, alive = alive_, now, rate = pace.bytes_per_s, done = std::move(one.done)](HttpResult result) {
               if (*alive) {
                 --under_way_;
                 if (rate > 0)
                   paid_until_ =
                       std::max(paid_until_, now) + std::chrono::microseconds(result.wire_bytes * 1'000'000 / rate);
               }
               done(std::move(result));
               if (*alive) Pump();
             });
}

}  // namespace outpost
