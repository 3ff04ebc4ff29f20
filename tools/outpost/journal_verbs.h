#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "engine/commands.h"
#include "engine/data_dir.h"
#include "journal/encryption.h"
#include "tools/outpost/program.h"

namespace outpost {
class HeldFolder;
}

namespace outpost::cli {

// What the verbs of "outpost journal" are given; each uses its part.
struct JournalArguments {
  std::string from;  // moments; empty: all there is
  std::string to;
  std::uint64_t limit = ~std::uint64_t{0};
  std::uint64_t last = ~std::uint64_t{0};
  std::vector<std::string> kinds;
  std::vector<std::string> origins;
  std::string batch;
  std::string text;
  bool follow = false;
  Sequence seq = 0;
  std::string item;
  bool content = false;
  bool rebuild = false;
  std::string file;  // of a backup; for salvage the new account
  bool force = false;
  std::string conflict;  // a loser's sequence, or an item's id
  std::string group;     // only this one of it; empty: all
  bool all = false;      // settled ones too
  bool over_later_edits = false;
  bool would_now_succeed = false;
  std::string folder;  // path or id
  std::string at;      // a moment
  std::string range;   // of moments
  std::string day;
  bool ndjson = false, ics = false, vcf = false, vcard4 = false, eml = false, csv = false;  // how it is exported
  std::string type;
  std::string out;
  bool password_stdin = false;
  std::string language;
};

// journal_log.cpp
Result<int> JournalLog(const Common& common, const JournalArguments& arguments);
// journal_show.cpp
Result<int> JournalShow(const Common& common, const JournalArguments& arguments);
Result<int> JournalItem(const Common& common, const JournalArguments& arguments);
// journal_lists.cpp
Result<int> JournalQueue(const Common& common, const JournalArguments& arguments);
Result<int> JournalParked(const Common& common, const JournalArguments& arguments);
Result<int> JournalTree(const Common& common, const JournalArguments& arguments);
// journal_explain.cpp
Result<int> JournalExplain(const Common& common, const JournalArguments& arguments);
// journal_why.cpp
Result<int> JournalWhy(const Common& common, const JournalArguments& arguments);
// journal_export.cpp
Result<int> JournalExport(const Common& common, const JournalArguments& arguments);
// journal_plan.cpp
Result<int> JournalPlan(const Common& common, const JournalArguments& arguments);
// journal_past.cpp
Result<int> JournalViewVerb(const Common& common, const JournalArguments& arguments);
Result<int> JournalDiff(const Common& common, const JournalArguments& arguments);
// journal_conflicts.cpp
Result<int> JournalConflicts(const Common& common, const JournalArguments& arguments);
Result<int> JournalUndo(const Common& common, const JournalArguments& arguments);
Result<int> JournalSettle(const Common& common, const JournalArguments& arguments);
// journal_checks.cpp
Result<int> JournalVerify(const Common& common, const JournalArguments& arguments);
Result<int> JournalAudit(const Common& common, const JournalArguments& arguments);
// What "verify" reports of a journal that stands still.
struct Verified {
  Json::Object report;
  bool sound = false;
};
Result<Verified> VerifyFolder(const std::filesystem::path& folder, const KeySource& key, bool rebuild);
// journal_stats.cpp
Result<int> JournalStatsVerb(const Common& common, const JournalArguments& arguments);
// journal_care.cpp
Result<int> JournalRebuild(const Common& common, const JournalArguments& arguments);
Result<int> JournalCompact(const Common& common, const JournalArguments& arguments);
Result<int> JournalBackup(const Common& common, const JournalArguments& arguments);
Result<int> JournalRestore(const Common& common, const JournalArguments& arguments);
Result<int> VerifyBackup(const Common& common, const JournalArguments& arguments);
// journal_bundle.cpp
Result<int> JournalBundle(const Common& common, const JournalArguments& arguments);
// journal_replay.cpp
Result<int> JournalReplay(const Common& common, const JournalArguments& arguments);
inline constexpr std::size_t kReplayListedMax = 100;  // differences that are named; all are counted
// journal_salvage.cpp
Result<int> JournalSalvage(const Common& common, const JournalArguments& arguments);
// A temporary folder with a copy of the account's journal as `commands` make it; JournalFolder() of its path.
Result<std::unique_ptr<HeldFolder>> CheckpointOf(const AccountPlace& place, AccountCommands& commands);

}  // namespace outpost::cli
