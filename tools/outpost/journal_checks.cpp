#include "projection/account.h"
#include "projection/audit.h"
#include "projection/folds.h"
#include "projection/items.h"
#include "replicator/queue.h"
#include "replicator/rows.h"
#include "tools/outpost/access.h"
#include "tools/outpost/journal_verbs.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Json::Object RebuildJson(const RebuildReport& report) {
  return {{"events", report.events},
          {"rows_stored", report.rows_stored},
          {"rows_rebuilt", report.rows_rebuilt},
          {"rows_different", report.rows_different},
          {"first_difference", TextOrNull(report.first_difference)}};
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

std::uint64_t BytesBelow(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator file(folder, error), end; !error && file != end;
       file.increment(error)) {
    std::error_code gone;  // a file the writer has just replaced
    const auto size = file->is_regular_file(gone) ? file->file_size(gone) : 0;
    if (!gone) bytes += size;
  }
  return bytes;
}

}  // namespace

Result<int> JournalVerify(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto report, VerifyEvents(*view));
  Json::Object out{{"first", report.first},
                   {"last", report.last},
                   {"events", report.events},
                   {"appends", report.appends},
                   {"unknown_kinds", report.unknown_kinds},
                   {"root", ToHex(report.root)},
                   {"chain_ok", report.chain_ok},
                   {"first_bad", report.first_bad == 0 ? Json() : Json(report.first_bad)},
                   {"problem", TextOrNull(report.problem)},
                   {"file", TextOrNull(report.file)}};
  bool sound = report.problem.empty();
  if (arguments.rebuild && sound) {  // events that cannot be read cannot be folded either
    ReplicationRows replication;
    AccountFolds folds({&replication});
    OUTPOST_TRY(const auto rebuilt, VerifyRebuild(*view, folds.all()));
    out.emplace_back("rebuild_equal", rebuilt.equal());
    out.emplace_back("rebuild", RebuildJson(rebuilt));
    sound = sound && rebuilt.equal();
  }
  ShowReport(common.form(), out);
  return sound ? kExitDone : kExitFailed;
}

Result<int> JournalAudit(const Common& common, const JournalArguments&) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
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
                   {"parked_listed", report.parked_listed},
                   {"batches", report.batches},
                   {"batches_closed", report.batches_closed},
                   {"batches_resumed", report.batches_resumed},
                   {"sound", report.sound()},
                   {"findings", FindingsJson(report)}};
  ShowReport(common.form(), out);
  return report.sound() ? kExitDone : kExitFailed;
}

Result<int> JournalStatsVerb(const Common& common, const JournalArguments&) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto totals, ReadTotals(*view));
  OUTPOST_TRY(const auto visible, CountVisible(*view));
  OUTPOST_TRY(const auto open, LoadOpenBatches(*view));
  OUTPOST_TRY(const auto pending, CountQueue(*view));
  Json::Object items;
  for (const auto& [type, count] : visible) items.emplace_back(ItemTypeName(type), count);
  Json::Object sums;
  for (const auto& [name, count] : totals) sums.emplace_back(name, count);
  ShowReport(common.form(), {{"account", access->place().name},
                             {"first", view->first()},
                             {"last", view->last()},
                             {"bytes", BytesBelow(access->place().folder)},
                             {"items", std::move(items)},
                             {"pending", pending},
                             {"open_batches", open.size()},
                             {"totals", std::move(sums)}});
  return kExitDone;
}

}  // namespace outpost::cli
