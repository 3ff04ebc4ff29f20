#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/mutex.h"
#include "base/result.h"
#include "journal/fold.h"
#include "journal/rocks.h"

namespace outpost::journal {

// What `meta` keeps of a fold: its version, which generation of its tables counts, and which tables these are.
struct FoldRecord {
  std::uint32_t version = 0;
  std::uint8_t generation = 0;
  std::string tables;  // one byte each
  bool operator==(const FoldRecord&) const = default;
};
using FoldRecords = std::map<std::string, FoldRecord>;

// The generations that count at the moment of `snapshot` (null: now). Errors: kCorrupt, kUnavailable.
Result<FoldRecords> ReadFoldRecords(const Rocks& rocks, const rocksdb::Snapshot* snapshot);
Generations GenerationsOf(const FoldRecords& records);
// The row of `meta` that keeps a fold's record.
std::string FoldKey(std::string_view name);
std::string Encode(const FoldRecord& record);

// Runs the inline folds and owns the question whether stored state is theirs.
// Threads: Prepare before any other thread knows of it, Apply by whoever holds the writer's pen.
class FoldHost {
 public:
  explicit FoldHost(std::vector<InlineFold*> folds) : folds_(std::move(folds)) {}

  // Makes stored state that of these folds: when one is new, gone or of another version, all are folded again from the
  // events into a new generation, beside the old one; one synced write swaps them; then the old rows go. A crash at any
  // point leaves one of the two whole. All of them, because a fold may read rows of another as they were at its event.
  // Rows of an older version that each fold goes on with stay as they are: behind() is then true.
  // Errors: kCorrupt (an event or fold cannot be followed; the old generation still counts), kUnavailable.
  Result<void> Prepare(const Rocks& rocks, Log& log);

  // As those of InlineFold, of all folds in turn; what is needed in ascending order. Threads: any.
  Result<Restatement> Restate(const StateReader& state, std::string_view cursor, std::size_t bytes,
                              Millis forget) const;
  Result<std::vector<Sequence>> Needed(const StateReader& state) const;

  // Takes the stored generations as they are: for a journal that can no longer be written.
  Result<void> Adopt(const Rocks& rocks);
  // These count from now on. Threads: whoever holds the pen.
  void Adopt(const Generations& generations);

  // Errors: those of the folds, named by fold and event; kCorrupt when one throws.
  Result<void> Apply(const Event& event, StateWriter& state);

  // Those that count. Threads: whoever holds the pen, and the object stays the same.
  const Generations& generations() const { return generations_; }
  // Threads: any.
  Generations Current() const;
  // The rows are of an older version, and wait to be folded again. Threads: any.
  bool behind() const { return behind_; }
  void CaughtUp() { behind_ = false; }

  // What `meta` says of these folds once their rows of `generation` count.
  FoldRecords Records(std::uint8_t generation) const;

 private:
  enum class Fit { kNone, kReadable, kWhole };
  Fit FitOf(const FoldRecords& records) const;
  Result<void> RefoldNow(const Rocks& rocks, Log& log);

  std::vector<InlineFold*> folds_;
  mutable Mutex mutex_;
  Generations generations_{};  // written with the pen and `mutex_`, read with one of them
  std::atomic<bool> behind_{false};
};

}  // namespace outpost::journal
