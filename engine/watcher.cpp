#include "engine/watcher.h"

#include <utility>

namespace outpost {
namespace {

// After an edit while the line fails: soon enough for the person, seldom enough for a server that is down.
constexpr Millis kAfterEditWhenFailing{5'000};

}  // namespace

Watcher::Watcher(Hooks hooks, Strand& strand, Random& random)
    : hooks_(std::move(hooks)), strand_(strand), schedule_(random) {}

void Watcher::Start() {
  watching_ = true;
  Now();
}

void Watcher::Stop() {
  watching_ = false;
  ++timer_;
}

void Watcher::Restart(Hooks hooks) {
  hooks_ = std::move(hooks);
  Start();
}

void Watcher::Now() {
  if (!watching_ || running_) return;
  ++timer_;
  resting_ = hooks_.paused();
  if (resting_) return;
  running_ = true;
  hooks_.sync([this](const SyncReport& report) {
    running_ = false;
    Ended(report);
  });
}

void Watcher::Committed() {
  if (!watching_ || running_) return;
  if (resting_) {
    if (!hooks_.paused()) Now();
    return;
  }
  if (schedule_.backing_off() && !schedule_.may_hurry()) return;
  const std::uint64_t pending = hooks_.pending();
  if (pending <= left_) return;
  if (!schedule_.backing_off()) return Now();
  left_ = pending;  // each edit hurries once
  After(kAfterEditWhenFailing);
}

void Watcher::News() {
  if (!watching_ || resting_ || schedule_.backing_off()) return;
  if (running_ || just_ran_) {
    news_ = true;
    return;
  }
  Now();
}

void Watcher::Ended(const SyncReport& report) {
  if (hooks_.report) hooks_.report(report);
  const auto pause = schedule_.AfterRun(report, hooks_.poll());
  left_ = report.pending + report.wishes;
  if (!schedule_.backing_off() && watching_) Listen();
  if (!schedule_.backing_off() && hooks_.pending() > left_) return After(Millis{0});  // somebody edited while it ran
  if (pause) After(*pause);
}

void Watcher::Listen() {
  if (!hooks_.listen) return;
  hooks_.listen();
  just_ran_ = true;
  strand_.PostAfter(kNewsPause, [this, runs = ++runs_] {
    if (runs != runs_) return;
    just_ran_ = false;
    if (std::exchange(news_, false)) News();
  });
}

void Watcher::After(Millis pause) {
  if (!watching_) return;
  if (hooks_.next) hooks_.next(pause);
  strand_.PostAfter(pause, [this, timer = ++timer_] {
    if (timer == timer_) Now();
  });
}

}  // namespace outpost
