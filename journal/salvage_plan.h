#pragma once
#include <optional>
#include <vector>

#include "journal/harvest.h"
#include "journal/salvage.h"
#include "journal/witness.h"
#include "schemas/checkpoint.h"

namespace outpost::journal {

// How what was gathered hangs together.
struct SalvagePlan {
  GapBody gaps;                // spans that are not whole, old ones among them; whole_from as the old journal had it
  std::vector<GapSpan> known;  // those of the old journal in which nothing more is missing
  std::vector<GapSpan> fresh;  // those of them that the old journal did not know of
  Sequence last = 0;           // the last event there was
  Digest chain{};              // behind it
  std::uint64_t appends = 0;   // whole ones
  std::uint64_t events = 0;
  std::uint64_t unproven = 0;  // events inside `fresh`
  std::uint64_t missing = 0;   // events that are gone and of which the old journal did not know
  std::uint64_t bytes = 0;     // of all records
  bool state_is_whole = true;  // no span reaches to gaps.whole_from or behind it
  bool whole() const { return fresh.empty() && missing == 0; }
};

// Walks marks and records of the new database. `start` is the chain before event 1; `old` the gaps that the old journal
// told of; `witness` its TAIL. Writes nothing. Errors: kUnavailable (the new database cannot be read).
Result<SalvagePlan> PlanSalvage(const Rocks& rocks, const Digest& start, const GapBody& old,
                                const std::optional<Witness>& witness, Sequence last_told);

// What is missing and was not known to be, with times and items as far as events that are there tell them. Errors:
// kUnavailable.
Result<void> ListMissing(const Rocks& rocks, const SalvagePlan& plan, SalvageReport& report);

}  // namespace outpost::journal
