#include "engine/sync_schedule.h"

#include <algorithm>

namespace outpost {
namespace {

// The first pause after a failure and the longest; each failure of the same kind in a row doubles it.
struct BackOff {
  Millis first;
  Millis most;
};

BackOff BackOffOf(const SyncReport& report) {
  using std::chrono::minutes;
  using std::chrono::seconds;
  if (report.local_failure) return {seconds(60), minutes(15)};
  switch (report.link) {
    case LinkState::kOffline:  // asking costs the server nothing, and a line that is back should serve at once
      return {seconds(5), seconds(60)};
    case LinkState::kCaptivePortal:  // a person signs in there, meanwhile nothing reaches the server
      return {seconds(15), minutes(2)};
    case LinkState::kServerDown:
    case LinkState::kThrottled:
      return {seconds(30), minutes(15)};
    case LinkState::kWrongCertificate:  // a portal's, or one about to be renewed: nothing is sent to it
      return {minutes(5), minutes(60)};
    case LinkState::kProtocolError:
    case LinkState::kOnline:
    case LinkState::kWrongPassword:
      break;
  }
  return {seconds(30), minutes(60)};
}

}  // namespace

std::optional<Millis> SyncSchedule::AfterRun(const SyncReport& report, Millis poll) {
  if (report.link == LinkState::kOnline && !report.local_failure) {
    failures_ = 0;
    return AfterSuccess(report, poll);
  }
  if (failing_ != report.link) failures_ = 0;
  failing_ = report.link;
  may_hurry_ = !report.local_failure && report.retry_after.count() == 0 &&
               (report.link == LinkState::kOffline || report.link == LinkState::kServerDown);
  const BackOff back_off = BackOffOf(report);
  const Millis pause = std::min(back_off.most, back_off.first * (1 << std::min(failures_, 10)));
  ++failures_;
  if (report.link == LinkState::kWrongPassword) return std::nullopt;
  return std::max(Jittered(pause), report.retry_after);
}

Millis SyncSchedule::AfterSuccess(const SyncReport& report, Millis poll) {
  if (report.pulled + report.pushed > 0) {
    busy_left_ = kBusyRounds;
    idle_ = 0;
  } else {
    ++idle_;
  }
  if (busy_left_ > 0) {
    --busy_left_;
    return Jittered(std::max(poll / 3, Millis{1}));
  }
  const int factor = 1 << std::min(idle_ / kIdleRounds, 10);
  return Jittered(poll * std::min(factor, kIdleFactorMax));
}

// Up to a quarter more, so that many computers do not come back to a server in one moment.
Millis SyncSchedule::Jittered(Millis pause) {
  return pause + Millis(static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(pause.count()) / 4 + 1)));
}

}  // namespace outpost
