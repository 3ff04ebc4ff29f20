#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "journal/item_fold.h"
#include "tests/journal/disk_model.h"
#include "tests/journal/journal_dsl.h"
#include "tests/journal/recording_fs.h"
#include "tests/journal/scratch.h"
#include "tests/journal/unwaiting_env.h"

namespace outpost::test {

// What a recorded journal is made with.
struct RunSetup {
  bool items = false;  // under the fold of items, which retention needs, and not the counting one
  bool blobs = false;  // its events refer to blobs, which are to be looked after
  KeySource key;
};

// The one fold of a recorded journal.
class RunFold {
 public:
  RunFold(const RunSetup& setup, std::uint32_t version)
      : counting(version), items_(version, {}), of_items_(setup.items) {}
  InlineFold& fold() {
    if (of_items_) return items_;
    return counting;
  }
  const ItemHeads& heads() const {
    if (of_items_) return items_;
    return counting;
  }
  CountingFold counting;

 private:
  ItemFold items_;
  const bool of_items_;
};

// A journal on a recorded disk, and the oracle of what it promised: which appends were acknowledged after which
// operation, and what every event is. A scenario drives it; the journal is closed when the run ends.
// Threads: Append from any; all else from one.
class RecordedRun {
 public:
  explicit RecordedRun(RunSetup setup = {});
  ~RecordedRun() { Close(); }

  void Open(std::uint32_t fold_version = 1);
  Result<void> TryOpen(std::uint32_t fold_version);
  // Notes all events there are.
  void Close();
  // Takes from a run of the same scenario what it knows of the events: this one may not get far enough to know.
  void Learn(const RecordedRun& other);
  Journal& journal() { return *journal_; }
  CountingFold& fold() { return fold_->counting; }
  const RunSetup& setup() const { return setup_; }
  RecordingFs& fs() { return *fs_; }
  const RecordingFs& fs() const { return *fs_; }
  const std::filesystem::path& folder() const { return folder_; }

  // Appends and waits; the acknowledgement is noted with the operation it came after.
  Result<Appended> Append(Batch batch, Durability durability, Preconditions seen = {});
  // As Journal::Flush.
  Result<void> Flush();
  // As Journal::Retain, broken off before part number `parts` of a checkpoint. Appends may go on beside it.
  RetentionReport Retain(const RetentionPolicy& policy, int parts = 1 << 30);
  // As Journal::Refold. Appends may go on beside it.
  void Refold();
  // Flushes the closed journal's tables, and compacts them when asked.
  void Tidy(bool compact);

  // The oracle. The earliest end of the journal that may be found after a cut behind `ops` operations.
  Sequence Floor(std::size_t ops, Loss loss) const;
  // True for the end of an append, and for no events at all.
  bool EndsAppend(Sequence last) const { return last == 0 || ends_.contains(last); }
  // Every event there was, also those that were dropped.
  const std::map<Sequence, Event>& events() const { return events_; }
  // True when no event could be gone yet.
  bool NothingDropped(std::size_t ops) const { return ops <= drops_from_; }
  std::uint32_t FoldVersion(std::size_t ops) const;

 private:
  void Note(Sequence last, bool synced);
  // Learns the events that came since the last time.
  void Remember();

  struct Ack {
    std::size_t ops = 0;
    Sequence last = 0;
    bool synced = false;
  };
  const RunSetup setup_;
  ScratchFolder scratch_;
  const std::filesystem::path folder_ = scratch_.path() / "journal";
  std::shared_ptr<RecordingFs> fs_ = std::make_shared<RecordingFs>(folder_);
  std::unique_ptr<rocksdb::Env> env_ = std::make_unique<UnwaitingEnv>(fs_);
  ManualClock clock_{Millis(1'700'000'000'000)};
  std::unique_ptr<RunFold> fold_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Journal::Subscription> groups_;
  std::mutex mutex_;
  std::vector<Ack> acks_;
  std::set<Sequence> ends_;
  std::map<Sequence, Event> events_;
  std::size_t drops_from_ = ~std::size_t{0};
  std::vector<std::pair<std::size_t, std::uint32_t>> versions_;
};

// Opens the journal that a power cut behind `ops` operations left in `folder`, and checks it against the run's oracle:
// nothing acknowledged is missing, an append is there as a whole or not at all, every event is the one appended and
// gone only where retention dropped it, state is that of all events up to the last, every blob that one refers to is
// whole, nothing calls itself damaged, and it goes on: an append more, retention and a blob where there are such, a
// close, and again. Answers what is wrong, or nothing.
std::string CheckAfterCut(const RecordedRun& run, std::size_t ops, Loss loss, const std::filesystem::path& folder);

// The events that can be seen now, compared with the oracle: what is wrong with them, or nothing.
std::string CompareEvents(const RecordedRun& run, const JournalView& view);

struct Scenario {
  std::string name;
  std::function<void(RecordedRun&)> run;
  RunSetup setup;
};

// Runs the scenario once, then cuts the power after every operation (after `points` of them, evenly spread, unless 0),
// in each of the three ways. Prints how many points that were of how many, and fails for the first that is not whole.
void CutPowerEverywhere(const Scenario& scenario, std::size_t points);

}  // namespace outpost::test
