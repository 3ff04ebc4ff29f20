#include "tools/outpost/sync_report.h"

#include "tools/outpost/values.h"

namespace outpost::cli {

Json::Object SyncJson(const SyncReport& report) {
  return {{"link", LinkStateName(report.link)},
          {"problem", TextOrNull(report.problem)},
          {"retry_after", report.retry_after.count()},
          {"local_failure", report.local_failure},
          {"rounds", report.rounds},
          {"requests", report.requests},
          {"pulled", report.pulled},
          {"pushed", report.pushed},
          {"batches", report.batches},
          {"resumed_batches", report.resumed_batches},
          {"conflicts", report.conflicts},
          {"parked", report.parked},
          {"held_deletions", report.held_deletions},
          {"pending", report.pending}};
}

Json::Object PreviewJson(const SyncPreview& preview) {
  return {{"link", LinkStateName(preview.link.link)},
          {"problem", TextOrNull(preview.link.problem)},
          {"local_failure", preview.link.local_failure},
          {"send", preview.send},
          {"fetch", preview.fetch},
          {"overwrite", preview.overwrite},
          {"remove", preview.remove}};
}

const char* PhaseName(SyncProgress::Phase phase) {
  switch (phase) {
    case SyncProgress::Phase::kConnecting:
      return "connecting";
    case SyncProgress::Phase::kReadingBack:
      return "reading back";
    case SyncProgress::Phase::kPulling:
      return "receiving";
    case SyncProgress::Phase::kPushing:
      return "sending";
    case SyncProgress::Phase::kIdle:
      return "done";
  }
  return "";
}

}  // namespace outpost::cli
