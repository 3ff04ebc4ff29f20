#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "journal/fold.h"
#include "journal/rocks.h"

namespace outpost::journal {

// What `meta` keeps of a fold: its version, which generation of its tables counts, and which tables these are.
struct FoldRecord {
  std::uint32_t version = 0;
  std::uint8_t generation = 0;
  std::string tables;  // one byte each
};
using FoldRecords = std::map<std::string, FoldRecord>;

// The generations that count at the moment of `snapshot` (null: now). Errors: kCorrupt, kUnavailable.
Result<FoldRecords> ReadFoldRecords(const Rocks& rocks, const rocksdb::Snapshot* snapshot);
Generations GenerationsOf(const FoldRecords& records);

// Runs the inline folds and owns the question whether stored state is theirs.
// Threads: Prepare before any other thread knows of it, Apply in the writer.
class FoldHost {
 public:
  explicit FoldHost(std::vector<InlineFold*> folds) : folds_(std::move(folds)) {}

  // Makes stored state that of these folds: when one is new, gone or of another version, all are folded again from the
  // events into a new generation, beside the old one; one synced write swaps them; then the old rows go. A crash at any
  // point leaves one of the two whole. All of them, because a fold may read rows of another as they were at its event.
  // Errors: kCorrupt (an event or fold cannot be followed; the old generation still counts), kUnavailable.
  Result<void> Prepare(const Rocks& rocks, Log& log);

  // As those of InlineFold, of all folds in turn; what is needed in ascending order. Threads: any.
  Result<Restatement> Restate(const StateReader& state, std::string_view cursor, std::size_t bytes,
                              Millis forget) const;
  Result<std::vector<Sequence>> Needed(const StateReader& state) const;

  // Takes the stored generations as they are: for a journal that can no longer be written.
  Result<void> Adopt(const Rocks& rocks);

  // Errors: those of the folds, named by fold and event; kCorrupt when one throws.
  Result<void> Apply(const Event& event, StateWriter& state);

  const Generations& generations() const { return generations_; }

 private:
  bool Matches(const FoldRecords& records) const;
  Result<void> Rebuild(const Rocks& rocks, const FoldRecords& old, Log& log);
  Result<std::uint64_t> Replay(const Rocks& rocks, const Generations& generations);
  Result<void> Swap(const Rocks& rocks, const FoldRecords& old, const FoldRecords& fresh);
  Result<void> Sweep(const Rocks& rocks);

  std::vector<InlineFold*> folds_;
  Generations generations_{};
};

}  // namespace outpost::journal
