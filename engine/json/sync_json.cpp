#include "engine/json/sync_json.h"

#include <cmath>

#include "engine/json/item_json.h"

namespace outpost {
namespace {

Json RateOrNull(const std::optional<double>& rate) { return rate ? Json(std::round(*rate * 10) / 10) : Json(); }

Json MomentOrNull(const std::optional<Millis>& time) { return time ? Json(time->count()) : Json(); }

}  // namespace

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

Json::Object ProgressJson(const ProgressReport& report) {
  Json::Array folders;
  for (const FolderProgress& folder : report.folders)
    folders.push_back(Json::Object{{"folder", folder.path},
                                   {"folder_id", folder.folder.Hex()},
                                   {"stored", folder.stored},
                                   {"listed", folder.listed}});
  return {{"phase", PhaseName(report.phase)},
          {"since", report.since.count()},
          {"stored", report.stored},
          {"listed", report.listed},
          {"folders_left", report.folders_left ? Json(*report.folders_left) : Json()},
          {"sent", report.sent},
          {"to_send", report.to_send},
          {"receive_per_s", RateOrNull(report.receive_per_s)},
          {"send_per_s", RateOrNull(report.send_per_s)},
          {"remaining", MomentOrNull(report.remaining)},
          {"stalled_since", MomentOrNull(report.stalled_since)},
          {"folders", std::move(folders)}};
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

}  // namespace outpost
