#include "tests/journal/recorded_run.h"

#include <algorithm>

#include "journal/layout.h"

namespace outpost::test {
namespace {

// What is wrong with an open journal by its own account, or nothing.
std::string CheckWhole(Journal& journal, CountingFold& fold) {
  if (journal.stats().read_only) return "read-only: " + journal.stats().read_only_reason;
  const auto view = journal.View();
  const auto verified = VerifyEvents(*view);
  if (!verified) return "cannot verify: " + verified.error().context;
  if (!verified.value().chain_ok) return "verify: " + verified.value().problem;
  const auto rebuilt = VerifyRebuild(*view, {&fold});
  if (!rebuilt) return "cannot rebuild: " + rebuilt.error().context;
  if (!rebuilt.value().equal()) return "state differs: " + rebuilt.value().first_difference;
  return {};
}

std::string CheckFirstOpen(const RecordedRun& run, std::size_t ops, Loss loss, Journal& journal, CountingFold& fold) {
  if (auto wrong = CheckWhole(journal, fold); !wrong.empty()) return wrong;
  const auto view = journal.View();
  const Sequence last = view->last();
  if (last < run.Floor(ops, loss))
    return "ends at event " + std::to_string(last) + ", but " + std::to_string(run.Floor(ops, loss)) +
           " was acknowledged";
  if (!run.EndsAppend(last)) return "ends within an append, at event " + std::to_string(last);
  return CompareEvents(run, *view);
}

std::string CheckGoesOn(Journal& journal) {
  const Sequence last = journal.View()->last();
  const auto appended = journal.AppendAndWait(Changes(7, 2), {}, Durability::kSynced);
  if (!appended) return "cannot append: " + appended.error().context;
  return appended.value().first == last + 1 ? std::string() : "the next append does not follow the last";
}

}  // namespace

std::string CompareEvents(const RecordedRun& run, const JournalView& view) {
  std::string wrong;
  const auto scanned = view.Scan(1, view.last(), [&](const Event& event) {
    const auto known = run.events().find(event.seq);
    if (known == run.events().end() || known->second != DigestOf(event))
      wrong = "event " + std::to_string(event.seq) + " is not the one that was appended";
    return wrong.empty();
  });
  return scanned ? wrong : scanned.error().context;
}

RecordedRun::RecordedRun() { REQUIRE(MakeFolder(folder_)); }

void RecordedRun::Open(std::uint32_t fold_version) { REQUIRE(Bench::Outcome(TryOpen(fold_version)) == "ok"); }

Result<void> RecordedRun::TryOpen(std::uint32_t fold_version) {
  if (versions_.empty() || versions_.back().second != fold_version) versions_.emplace_back(fs_->size(), fold_version);
  fold_ = std::make_unique<CountingFold>(fold_version);
  JournalOptions options;
  options.folder = folder_;
  options.reserve_bytes = 0;
  options.rocksdb_env = env_.get();
  OUTPOST_TRY(journal_, Journal::Open(options, {fold_.get()}, *fold_, clock_, NullLog()));
  return Ok();
}

void RecordedRun::Learn(const RecordedRun& other) {
  ends_ = other.ends_;
  events_ = other.events_;
}

void RecordedRun::Close() {
  if (!journal_) return;
  Sequence last = 0;
  {
    const auto view = journal_->View();
    last = view->last();
    REQUIRE(view->Scan(1, last, [&](const Event& event) {
      events_.emplace(event.seq, DigestOf(event));
      return true;
    }));
  }
  const bool writable = !journal_->stats().read_only;
  const std::size_t refused = fs_->refused();
  journal_.reset();
  if (writable && fs_->refused() == refused) Note(last, true);
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
  const auto rocks =
      journal::Rocks::Open(journal::DatabasePath(folder_), journal::Rocks::Mode::kWrite, env_.get()).value();
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
  CountingFold fold(run.FoldVersion(ops));
  const ManualClock clock(Millis(1'800'000'000'000));
  JournalOptions options;
  options.folder = folder;
  options.reserve_bytes = 0;
  for (const bool first : {true, false}) {
    const auto opened = Journal::Open(options, {&fold}, fold, clock, NullLog());
    const std::string when = first ? "" : "opened again: ";
    if (!opened) return when + "cannot open: " + opened.error().context;
    Journal& journal = *opened.value();
    auto wrong = first ? CheckFirstOpen(run, ops, loss, journal, fold) : CheckWhole(journal, fold);
    if (wrong.empty()) wrong = CheckGoesOn(journal);
    if (!wrong.empty()) return when + wrong;
  }
  return {};
}

void CutPowerEverywhere(const Scenario& scenario, std::size_t points) {
  RecordedRun run;
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
