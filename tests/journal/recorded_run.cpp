#include "tests/journal/recorded_run.h"

#include <algorithm>

#include "journal/layout.h"
#include "journal/unlock.h"
#include "tests/journal/blob_content.h"
#include "tests/journal/remembered.h"

namespace outpost::test {
namespace {

// Keeps nothing that retention may drop.
const RetentionPolicy kKeepNothing{Millis(0), 0};

// What is wrong with an open journal by its own account, or nothing.
std::string CheckWhole(const RecordedRun& run, Journal& journal, RunFold& fold) {
  if (journal.stats().read_only) return "read-only: " + journal.stats().read_only_reason;
  const auto view = journal.View();
  const auto verified = VerifyEvents(*view);
  if (!verified) return "cannot verify: " + verified.error().context;
  if (!verified.value().problem.empty()) return "verify: " + verified.value().problem;
  if (verified.value().events + verified.value().missing != view->last()) return "an event is gone without a gap";
  const auto rebuilt = VerifyRebuild(*view, {&fold.fold()});
  if (!rebuilt) return "cannot rebuild: " + rebuilt.error().context;
  if (!rebuilt.value().equal()) return "state differs: " + rebuilt.value().first_difference;
  if (!run.setup().blobs) return {};
  const auto blobs = VerifyBlobs(*view, {});
  if (!blobs) return "cannot verify blobs: " + blobs.error().context;
  if (!blobs.value().missing_blobs.empty()) return "a blob is gone";
  return blobs.value().sound() ? std::string() : "a blob is damaged: " + blobs.value().bad_blobs.front().problem;
}

// What was dropped, was dropped by right, and the state still knows it.
std::string CheckDropped(const RecordedRun& run, std::size_t ops, const JournalView& view, RunFold& fold) {
  if (view.gaps().empty()) return {};
  if (run.NothingDropped(ops)) return "events are gone that nobody dropped";
  const auto from_all = VerifyRebuild(Remembered(run.events(), view), {&fold.fold()});
  if (!from_all) return "cannot fold all events: " + from_all.error().context;
  return from_all.value().equal() ? "" : "not the state of all events: " + from_all.value().first_difference;
}

std::string CheckFirstOpen(const RecordedRun& run, std::size_t ops, Loss loss, Journal& journal, RunFold& fold) {
  if (auto wrong = CheckWhole(run, journal, fold); !wrong.empty()) return wrong;
  const auto view = journal.View();
  const Sequence last = view->last();
  if (last < run.Floor(ops, loss))
    return "ends at event " + std::to_string(last) + ", but " + std::to_string(run.Floor(ops, loss)) +
           " was acknowledged";
  if (!run.EndsAppend(last)) return "ends within an append, at event " + std::to_string(last);
  if (auto wrong = CompareEvents(run, *view); !wrong.empty()) return wrong;
  return CheckDropped(run, ops, *view, fold);
}

std::string CheckGoesOn(const RecordedRun& run, Journal& journal, RunFold& fold) {
  const Sequence last = journal.View()->last();
  Batch batch = Changes(7, 2);
  PinnedBlob pin;
  if (run.setup().blobs) {
    const std::string content(70'000, 'c');
    auto put = journal.blobs().Put(AsBytes(content));
    if (!put) return "cannot put a blob: " + put.error().context;
    pin = std::move(put).value();
    batch.push_back(PhotoChange(Item(7), pin.ref()));
  }
  const auto appended = journal.AppendAndWait(std::move(batch), {}, Durability::kSynced);
  if (!appended) return "cannot append: " + appended.error().context;
  if (appended.value().first != last + 1) return "the next append does not follow the last";
  if (!run.setup().items) return {};
  const auto retained = journal.Retain(kKeepNothing, [] { return false; });
  if (!retained) return "cannot drop: " + retained.error().context;
  if (!retained.value().checkpoint || !retained.value().finished) return "no checkpoint was made";
  auto wrong = CheckWhole(run, journal, fold);
  return wrong.empty() ? wrong : "after retention: " + wrong;
}

bool IsSame(const Event& a, const Event& b) {
  return a.body == b.body && EncodeHeader(a.header) == EncodeHeader(b.header);
}

}  // namespace

std::string CompareEvents(const RecordedRun& run, const JournalView& view) {
  std::string wrong;
  const auto scanned = view.Scan(1, view.last(), [&](const Event& event) {
    const auto known = run.events().find(event.seq);
    if (known == run.events().end() || !IsSame(known->second, event))
      wrong = "event " + std::to_string(event.seq) + " is not the one that was appended";
    return wrong.empty();
  });
  return scanned ? wrong : scanned.error().context;
}

RecordedRun::RecordedRun(RunSetup setup) : setup_(std::move(setup)) { REQUIRE(MakeFolder(folder_)); }

void RecordedRun::Open(std::uint32_t fold_version) { REQUIRE(Bench::Outcome(TryOpen(fold_version)) == "ok"); }

Result<void> RecordedRun::TryOpen(std::uint32_t fold_version) {
  if (versions_.empty() || versions_.back().second != fold_version) versions_.emplace_back(fs_->size(), fold_version);
  fold_ = std::make_unique<RunFold>(setup_, fold_version);
  JournalOptions options;
  options.folder = folder_;
  options.reserve_bytes = 0;
  options.key = setup_.key;
  options.rocksdb_env = env_.get();
  OUTPOST_TRY(journal_, Journal::Open(options, {&fold_->fold()}, fold_->heads(), clock_, NullLog()));
  // Appends of the journal's own are answered to nobody here; a group of appends is on disk as a whole, so the group's
  // end is enough.
  groups_ = journal_->Subscribe([this](Sequence last) {
    const std::lock_guard lock(mutex_);
    ends_.insert(last);
  });
  return Ok();
}

void RecordedRun::Learn(const RecordedRun& other) {
  ends_ = other.ends_;
  events_ = other.events_;
}

void RecordedRun::Close() {
  if (!journal_) return;
  Remember();
  const Sequence last = journal_->View()->last();
  groups_.reset();
  const bool writable = !journal_->stats().read_only;
  const std::size_t refused = fs_->refused();
  journal_.reset();
  if (writable && fs_->refused() == refused) Note(last, true);
}

void RecordedRun::Remember() {
  const auto view = journal_->View();
  const Sequence from = events_.empty() ? 1 : events_.rbegin()->first + 1;
  REQUIRE(view->Scan(from, view->last(), [&](const Event& event) {
    events_.emplace(event.seq, event);
    return true;
  }));
  const std::lock_guard lock(mutex_);
  ends_.insert(view->last());  // whoever asks may be quicker than the subscription
}

RetentionReport RecordedRun::Retain(const RetentionPolicy& policy, int parts) {
  const std::size_t ops = fs_->size();
  // Asked between two steps, and before events go: what will go is seen before.
  const auto report = journal_->Retain(policy, [&] {
    Remember();
    return parts-- <= 0;
  });
  REQUIRE(Bench::Outcome(report) == "ok");
  if (report.value().dropped != 0) drops_from_ = std::min(drops_from_, ops);
  return report.value();
}

void RecordedRun::Refold() {
  RunFold other(setup_, versions_.back().second);
  REQUIRE(Bench::Outcome(journal_->Refold({&other.fold()}, [] { return false; })) == "ok");
}

void RecordedRun::Note(Sequence last, bool synced) {
  const std::size_t ops = fs_->size();
  const std::lock_guard lock(mutex_);
  acks_.push_back({ops, last, synced});
  ends_.insert(last);
}

Result<Appended> RecordedRun::Append(Batch batch, Durability durability, Preconditions seen) {
  auto answer = std::make_shared<std::promise<Result<Appended>>>();
  journal_->Append(std::move(batch), std::move(seen), durability, [this, answer, durability](Result<Appended> result) {
    if (result) Note(result.value().last, durability == Durability::kSynced);
    answer->set_value(std::move(result));
  });
  return answer->get_future().get();
}

Result<void> RecordedRun::Flush() {
  const Sequence last = journal_->View()->last();
  OUTPOST_TRYV(journal_->Flush());
  Note(last, true);
  return Ok();
}

void RecordedRun::Tidy(bool compact) {
  REQUIRE_FALSE(journal_);
  const auto files = journal::Unlock(folder_, true, journal::DiskOf(env_.get()), setup_.key).value();
  const auto rocks = journal::Rocks::Open(journal::DatabasePath(folder_), journal::Rocks::Mode::kWrite,
                                          files.env ? files.env.get() : env_.get())
                         .value();
  REQUIRE(rocks->db().Flush(rocksdb::FlushOptions(), rocks->families()).ok());
  if (!compact) return;
  for (auto* family : rocks->families())
    REQUIRE(rocks->db().CompactRange(rocksdb::CompactRangeOptions(), family, nullptr, nullptr).ok());
}

Sequence RecordedRun::Floor(std::size_t ops, Loss loss) const {
  Sequence floor = 0;
  for (const Ack& ack : acks_)
    if (ack.ops <= ops && (ack.synced || loss == Loss::kKept)) floor = std::max(floor, ack.last);
  return floor;
}

std::uint32_t RecordedRun::FoldVersion(std::size_t ops) const {
  std::uint32_t version = versions_.front().second;
  for (const auto& [from, raised] : versions_)
    if (from <= ops) version = raised;
  return version;
}

std::string CheckAfterCut(const RecordedRun& run, std::size_t ops, Loss loss, const std::filesystem::path& folder) {
  static UnwaitingEnv env;
  RunFold fold(run.setup(), run.FoldVersion(ops));
  const ManualClock clock(Millis(1'800'000'000'000));
  JournalOptions options;
  options.folder = folder;
  options.reserve_bytes = 0;
  options.key = run.setup().key;
  options.rocksdb_env = &env;
  for (const bool first : {true, false}) {
    const auto opened = Journal::Open(options, {&fold.fold()}, fold.heads(), clock, NullLog());
    const std::string when = first ? "" : "opened again: ";
    if (!opened) return when + "cannot open: " + opened.error().context;
    Journal& journal = *opened.value();
    auto wrong = first ? CheckFirstOpen(run, ops, loss, journal, fold) : CheckWhole(run, journal, fold);
    if (wrong.empty()) wrong = CheckGoesOn(run, journal, fold);
    if (!wrong.empty()) return when + wrong;
  }
  return {};
}

void CutPowerEverywhere(const Scenario& scenario, std::size_t points) {
  RecordedRun run(scenario.setup);
  scenario.run(run);
  run.Close();
  const auto& ops = run.fs().ops();
  const std::size_t step = points == 0 ? 1 : std::max<std::size_t>(1, (ops.size() + points) / points);
  const ScratchFolder scratch;
  DiskModel disk;
  SeededRandom random(ops.size());
  std::size_t checked = 0;
  for (std::size_t done = 0; done <= ops.size(); ++done) {
    if (done > 0) disk.Apply(ops[done - 1]);
    if (done % step != 0 && done != ops.size()) continue;
    ++checked;
    for (const Loss loss : kLosses) {
      disk.Materialise(scratch.path() / "cut", loss, random);
      const auto wrong = CheckAfterCut(run, done, loss, scratch.path() / "cut");
      INFO(scenario.name << ": power cut after operation " << done << " of " << ops.size() << ", unsynced "
                         << LossName(loss) << ", last " << (done > 0 ? ops[done - 1].Text() : "nothing"));
      REQUIRE(wrong == "");
    }
  }
  std::printf("crash points, %s: %zu of %zu, each with unsynced data dropped, torn and kept: %zu journals, all whole\n",
              scenario.name.c_str(), checked, ops.size() + 1, checked * std::size(kLosses));
}

}  // namespace outpost::test
