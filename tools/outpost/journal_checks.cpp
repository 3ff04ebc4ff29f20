#include "care/held_folder.h"
#include "projection/audit.h"
#include "projection/folds.h"
#include "replicator/rows.h"
#include "tools/outpost/access.h"
#include "tools/outpost/journal_blobs.h"
#include "tools/outpost/journal_verbs.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Json::Object RebuildJson(const RebuildReport& report) {
  return {{"events", report.events},
          {"rows_stored", report.rows_stored},
          {"rows_rebuilt", report.rows_rebuilt},
          {"rows_different", report.rows_different},
          {"first_difference", TextOrNull(report.first_difference)},
          {"outdated", Json::Array(report.outdated.begin(), report.outdated.end())}};
}

Json::Array FindingsJson(const AuditReport& report) {
  Json::Array findings;
  for (const auto& finding : report.findings)
    findings.emplace_back(Json::Object{{"what", FindingName(finding.what)},
                                       {"seq", finding.seq},
                                       {"item", finding.item.Hex()},
                                       {"group", GroupName(finding.group)}});
  return findings;
}

}  // namespace

Result<Verified> VerifyFolder(const std::filesystem::path& folder, const KeySource& key, bool rebuild) {
  OUTPOST_TRY(const auto reader, FolderReader::Open(folder, key));
  OUTPOST_TRY(auto view, reader->View());
  OUTPOST_TRY(const auto report, VerifyEvents(*view));
  Verified verified;
  verified.sound = report.problem.empty();  // also where only rows of state cannot be read
  verified.report = {{"first", report.first},
                     {"last", report.last},
                     {"events", report.events},
                     {"missing", report.missing},
                     {"appends", report.appends},
                     {"unknown_kinds", report.unknown_kinds},
                     {"root", ToHex(report.root)},
                     {"chain_ok", report.chain_ok},
                     {"first_bad", report.first_bad == 0 ? Json() : Json(report.first_bad)},
                     {"problem", TextOrNull(report.problem)},
                     {"file", TextOrNull(report.file)}};
  if (rebuild && report.chain_ok) {  // events that cannot be read cannot be folded either
    ReplicationRows replication;
    AccountFolds folds({&replication});
    OUTPOST_TRY(const auto rebuilt, VerifyRebuild(*view, folds.all()));
    verified.report.emplace_back("rebuild_equal", rebuilt.equal());
    verified.report.emplace_back("rebuild", RebuildJson(rebuilt));
    verified.sound = verified.sound && rebuilt.equal();
  }
  OUTPOST_TRY(const auto blobs, CheckBlobs(*reader, std::move(view)));
  verified.report.emplace_back("blobs", BlobsJson(blobs));
  verified.sound = verified.sound && blobs.sound();
  return verified;
}

Result<int> JournalVerify(const Common& common, const JournalArguments& arguments) {
  if (!arguments.file.empty()) return VerifyBackup(common, arguments);
  OUTPOST_TRY(const auto read, ReadPlaceOf(common));
  const AccountPlace& place = read.place;
  std::filesystem::path folder = JournalFolder(place.folder);
  // Beside a writer: a copy that stands still, made by it. A holder without a socket is gone in a moment; one whose
  // journal is damaged writes no more, and its files can be read as they are.
  std::unique_ptr<HeldFolder> held;
  if (const auto holder = ControlClient::Connect(ControlSocket(place.folder))) {
    auto made = CheckpointOf(place, *holder.assume_value());
    if (!made && made.assume_error().code != Code::kCorrupt) return made.assume_error();
    if (made) {
      held = std::move(made).assume_value();
      folder = JournalFolder(held->path());
    }
  }
  OUTPOST_TRY(const auto key, GivenKey(place.folder));
  OUTPOST_TRY(const auto verified, VerifyFolder(folder, key, arguments.rebuild));
  ShowReport(common.form(), verified.report);
  return verified.sound ? kExitDone : kExitFailed;
}

Result<int> JournalAudit(const Common& common, const JournalArguments&) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  OUTPOST_TRY(const auto report, Audit(*view));
  Json::Object outcomes;
  for (const auto& [kind, count] : report.outcomes) outcomes.emplace_back(OutcomeName(kind), count);
  Json::Object out{{"edits", report.edits},
                   {"pending", report.pending_edits},
                   {"edits_without_outcome", report.edits_without_outcome},
                   {"pairs", report.pairs},
                   {"pairs_pending", report.pending},
                   {"outcomes", std::move(outcomes)},
                   {"twice_decided", report.twice_decided},
                   {"still_pending", report.still_pending},
                   {"stray_outcomes", report.stray_outcomes},
                   {"overruled", report.overruled},
                   {"losers_listed", report.losers_listed},
                   {"losers_settled", report.losers_settled},
                   {"parked_listed", report.parked_listed},
                   {"batches", report.batches},
                   {"batches_closed", report.batches_closed},
                   {"batches_resumed", report.batches_resumed},
                   {"sound", report.sound()},
                   {"findings", FindingsJson(report)}};
  ShowReport(common.form(), out);
  return report.sound() ? kExitDone : kExitFailed;
}

}  // namespace outpost::cli
