#pragma once
#include <string>
#include <vector>

#include "base/ids.h"
#include "tools/outpost/program.h"

namespace outpost::cli {

// What the verbs of "outpost journal" are given; each uses its part.
struct JournalArguments {
  Sequence from = 1;
  Sequence to = ~Sequence{0};
  std::uint64_t last = ~std::uint64_t{0};
  std::vector<std::string> kinds;
  Sequence seq = 0;
  std::string item;
  bool content = false;
  bool rebuild = false;
};

// journal_log.cpp
Result<int> JournalLog(const Common& common, const JournalArguments& arguments);
Result<int> JournalShow(const Common& common, const JournalArguments& arguments);
Result<int> JournalItem(const Common& common, const JournalArguments& arguments);
// journal_lists.cpp
Result<int> JournalQueue(const Common& common, const JournalArguments& arguments);
Result<int> JournalParked(const Common& common, const JournalArguments& arguments);
Result<int> JournalConflicts(const Common& common, const JournalArguments& arguments);
Result<int> JournalTree(const Common& common, const JournalArguments& arguments);
// journal_checks.cpp
Result<int> JournalVerify(const Common& common, const JournalArguments& arguments);
Result<int> JournalAudit(const Common& common, const JournalArguments& arguments);
Result<int> JournalStatsVerb(const Common& common, const JournalArguments& arguments);

}  // namespace outpost::cli
