#include <set>

#include "journal/blob_files.h"
#include "journal/gaps.h"
#include "journal/journal.h"
#include "journal/layout.h"
#include "journal/rocks_view.h"
#include "journal/unlock.h"

namespace outpost {
namespace journal {
namespace {

// Each attempt catches up anew. A writer flushes every few MiB, so a second attempt nearly always meets a quiet moment.
constexpr int kAttempts = 64;

class Follower final : public JournalFollower {
 public:
  Follower(std::filesystem::path folder, std::filesystem::path scratch, Unlocked files)
      : folder_(std::move(folder)), scratch_(std::move(scratch)), files_(std::move(files)) {}

  Result<std::unique_ptr<JournalView>> View() override {
    // A secondary knows no snapshots: it must not move while somebody looks. Who looks meanwhile sees the same moment.
    if (const auto shown = shown_.lock()) return Show(shown);
    Error last{Code::kUnavailable, Retry::kBackoff, ""};
    std::shared_ptr<Moment> behind;
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      auto moment = CatchUp();
      if (!moment) {
        last = std::move(moment).error();
        rocks_.reset();  // opened anew: a secondary that missed a deleted file does not always recover
        continue;
      }
      const auto& found = moment.value();
      if (!found->witness || found->witness->last <= found->last) return Show(found);
      behind = found;
    }
    // Whole, but short of its witness however often one looks: that is damage, and VerifyEvents will say so.
    if (behind) return Show(behind);
    return Error{Code::kUnavailable, Retry::kBackoff,
                 "no consistent view of " + folder_.string() + " in " + std::to_string(kAttempts) +
                     " attempts: " + last.context};
  }

 private:
  struct Moment {
    std::shared_ptr<Rocks> rocks;
    Generations generations{};
    Sequence last = 0;
    std::optional<Witness> witness;
    Gaps gaps;
  };

  Result<std::unique_ptr<JournalView>> Show(const std::shared_ptr<Moment>& moment) {
    shown_ = moment;
    // The view holds the moment, and by it the database.
    std::shared_ptr<Rocks> held(moment, moment->rocks.get());
    return std::unique_ptr<JournalView>(std::make_unique<RocksView>(std::move(held), nullptr, moment->generations,
                                                                    moment->last, moment->witness, moment->gaps));
  }

  Result<std::shared_ptr<Moment>> CatchUp() {
    auto moment = std::make_shared<Moment>();
    moment->witness = ReadWitness(folder_, files_.disk);  // before catching up: what it names must then be there
    OUTPOST_TRYV(ReadOn());
    moment->rocks = rocks_;
    OUTPOST_TRY(moment->last, Applied(*rocks_, nullptr));
    OUTPOST_TRY(moment->gaps, Gaps::Read(*rocks_, nullptr));
    OUTPOST_TRYV(CheckWhole(moment->last, moment->gaps));
    OUTPOST_TRYV(CheckRows());
    OUTPOST_TRY(const auto records, ReadFoldRecords(*rocks_, nullptr));
    moment->generations = GenerationsOf(records);
    return moment;
  }

  // A secondary keeps what it read of a log before the tables that were made of it and of later ones: a row that
  // changed, or went, in a log it never saw is still there as it was. So what it shows counts only where no table came
  // or went since it was opened; else it is opened anew, where it reads the tables and the logs behind them.
  Result<void> ReadOn() {
    if (rocks_ && rocks_->blobs() == nullptr) rocks_.reset();  // a writer may have made the family since
    if (!rocks_) {
      OUTPOST_TRY(rocks_,
                  Rocks::Open(DatabasePath(folder_), Rocks::Mode::kSecondary, files_.env.get(), scratch_, files_.env));
      NameBlobs(*rocks_, files_.key);
      tables_ = Tables();
    }
    const auto status = rocks_->db().TryCatchUpWithPrimary();
    if (!status.ok()) return ToError(status, "cannot catch up with the writer");
    if (Tables() != tables_) return Error{Code::kUnavailable, Retry::kBackoff, "tables came or went meanwhile"};
    // Where it missed a table that the writer has deleted, it goes without all tables of its family.
    OUTPOST_TRY(const auto id, rocks_->Get(rocksdb::ReadOptions(), rocks_->meta(), kMetaId));
    if (!id) return Error{Code::kUnavailable, Retry::kBackoff, "the tables are not all here yet"};
    return Ok();
  }

  std::set<std::string> Tables() const {
    std::vector<rocksdb::LiveFileMetaData> files;
    rocks_->db().GetLiveFilesMetaData(&files);
    std::set<std::string> names;
    for (const auto& file : files) names.insert(file.relative_filename);
    return names;
  }

  // Applied sequence, last event and an unbroken run of events and marks between what the tables hold and the end. The
  // tables themselves are the journal at one moment (atomic flush), so only what came from the log can have a hole.
  Result<void> CheckWhole(Sequence applied, const Gaps& gaps) {
    const auto hole = [](Sequence seq) {
      return Error{Code::kUnavailable, Retry::kBackoff, "a hole at event " + std::to_string(seq)};
    };
    OUTPOST_TRY(const Sequence last, LastEvent(*rocks_));
    if (last != applied) return hole(std::min(last, applied) + 1);
    // What lies before a gap's end may have been dropped by a write that is still in the log only.
    const Sequence flushed = std::max(LastInTables(), gaps.whole_from() - 1);
    if (flushed > last) return hole(last + 1);
    OUTPOST_TRYV(CheckMarks(flushed, last));
    const std::unique_ptr<rocksdb::Iterator> it(rocks_->db().NewIterator(rocksdb::ReadOptions(), rocks_->events()));
    // A gap is one write with the rows that it takes away, yet a secondary may show the gap and the rows for a while.
    for (const GapSpan& span : gaps.spans()) {
      if (span.count != span.to - span.from + 1) continue;  // damage lies in it, and it says only what is missing now
      it->Seek(EventKey(span.from));
      const auto found = it->Valid() ? SequenceOf(FromSlice(it->key())) : std::nullopt;
      if (found && *found <= span.to) return hole(*found);
    }
    Sequence next = flushed + 1;
    for (it->Seek(EventKey(next)); it->Valid(); it->Next(), ++next)
      if (SequenceOf(FromSlice(it->key())) != next) return hole(next);
    if (!it->status().ok()) return ToError(it->status(), "event " + std::to_string(next));
    if (next != last + 1) return hole(next);
    return Ok();
  }

  // Rows that were folded again are in tables before the log says that they count.
  Result<void> CheckRows() {
    OUTPOST_TRY(const auto told, rocks_->Get(rocksdb::ReadOptions(), rocks_->meta(), kMetaRowsTold));
    OUTPOST_TRY(const auto whole, rocks_->Get(rocksdb::ReadOptions(), rocks_->meta(), kMetaRowsWhole));
    if (!told || (whole && *whole >= *told)) return Ok();  // BE64: in the order of their numbers
    return Error{Code::kUnavailable, Retry::kBackoff, "rows that were folded again are not here yet"};
  }

  Result<void> CheckMarks(Sequence from, Sequence last) {
    const std::unique_ptr<rocksdb::Iterator> it(rocks_->db().NewIterator(rocksdb::ReadOptions(), rocks_->meta()));
    Sequence next = from + 1;
    for (it->Seek(MarkKey(next)); it->Valid() && it->key().starts_with(ToSlice(kMetaMark)); it->Next()) {
      const auto mark = ParseMark(FromSlice(it->key()), FromSlice(it->value()));
      if (!mark) return Ok();  // damage, not a hole: VerifyEvents names it
      if (mark->first != next)
        return Error{Code::kUnavailable, Retry::kBackoff, "no mark for event " + std::to_string(next)};
      next = mark->last + 1;
    }
    if (!it->status().ok()) return ToError(it->status(), "cannot read the marks");
    if (next != last + 1) return Error{Code::kUnavailable, Retry::kBackoff, "no mark for the last event"};
    return Ok();
  }

  Sequence LastInTables() const {
    rocksdb::ColumnFamilyMetaData tables;
    rocks_->db().GetColumnFamilyMetaData(rocks_->events(), &tables);
    Sequence last = 0;
    for (const auto& level : tables.levels)
      for (const auto& file : level.files) last = std::max(last, SequenceOf(file.largestkey).value_or(0));
    return last;
  }

  const std::filesystem::path folder_;
  const std::filesystem::path scratch_;
  const Unlocked files_;
  std::shared_ptr<Rocks> rocks_;
  std::set<std::string> tables_;  // of rocks_ when it was opened
  std::weak_ptr<Moment> shown_;
};

}  // namespace
}  // namespace journal

Result<std::unique_ptr<JournalFollower>> JournalFollower::Open(const std::filesystem::path& folder,
                                                               const std::filesystem::path& scratch,
                                                               const KeySource& key) {
  const auto plain = journal::DiskOf(nullptr);
  OUTPOST_TRY(const bool exists, journal::HasJournal(folder, plain));
  if (!exists) return Error{Code::kNotFound, Retry::kNever, "no journal in " + folder.string()};
  OUTPOST_TRY(auto files, journal::Unlock(folder, exists, plain, key));
  return std::unique_ptr<JournalFollower>(std::make_unique<journal::Follower>(folder, scratch, std::move(files)));
}

}  // namespace outpost
