#include "journal/journal.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <optional>

#include "base/mutex.h"
#include "journal/blob_store.h"
#include "journal/checkpoint.h"
#include "journal/damage.h"
#include "journal/layout.h"
#include "journal/manifest.h"
#include "journal/record.h"
#include "journal/refold.h"
#include "journal/retention.h"
#include "journal/rocks_view.h"
#include "journal/unlock.h"
#include "journal/writer.h"

namespace outpost {
namespace journal {
namespace {

// A close after more than this was written flushes the write buffers: below, one more small table costs more than it
// saves.
constexpr std::uint64_t kFlushAtCloseBytes = 1u << 20;
// Header, key and share of the mark, for the limit on an append's bytes.
constexpr std::size_t kEventOverheadBytes = 112;
// So many events at most are folded while the writer waits for the rows to be swapped.
constexpr std::uint64_t kLevelEvents = 500;

// Everything about an append that needs no order among appends. Errors: kRejected.
Result<PreparedAppend> Prepare(Batch batch, Preconditions seen, std::size_t& bytes) {
  const auto reject = [](std::string why) { return Error{Code::kRejected, Retry::kNever, std::move(why)}; };
  if (batch.empty()) return reject("an append of no events");
  if (batch.size() > kBatchEventsMax)
    return reject("an append of " + std::to_string(batch.size()) + " events; the limit is " +
                  std::to_string(kBatchEventsMax));
  bytes = batch.size() * kEventOverheadBytes;
  for (const NewEvent& event : batch) bytes += event.body.size();
  if (bytes > kBatchBytesMax)
    return reject("an append of " + std::to_string(bytes) + " bytes; the limit is " + std::to_string(kBatchBytesMax));
  return PrepareAppend(std::move(batch), std::move(seen));
}

class JournalImpl final : public Journal {
 public:
  JournalImpl(std::unique_ptr<FileLock> lock, std::shared_ptr<Rocks> rocks, bool writable,
              std::unique_ptr<FoldHost> folds)
      : lock_(std::move(lock)), rocks_(std::move(rocks)), writable_(writable), folds_(std::move(folds)) {}

  ~JournalImpl() override {
    if (!writer_) return;
    writer_->Stop();
    // What the log holds need not be read again at the next open. A failure loses nothing: the log still has it all.
    if (writable_ && !writer_->stats().read_only && writer_->written_bytes() > kFlushAtCloseBytes)
      (void)rocks_->Flush();
  }

  void Start(const JournalOptions& options, const ItemHeads& heads, const Clock& clock, Log& log,
             std::unique_ptr<WitnessFile> tail, const Tip& tip, const Witness& durable) {
    folder_ = options.folder;
    writer_ = std::make_unique<Writer>(
        WriterParts{rocks_, *folds_, heads, clock, log, options.folder, options.reserve_bytes, tip.appended_bytes},
        std::move(tail), tip.end, durable, tip.damage);
    retention_ = std::make_unique<Retention>(rocks_, *writer_, *folds_, clock);
    blobs_ = MakeBlobStore({rocks_, options.folder, options.reserve_bytes, [this] { return Writable(); }}, log);
  }

  void Append(Batch batch, Preconditions seen, Durability durability, AppendDone done) override {
    std::size_t bytes = 0;
    auto prepared = Prepare(std::move(batch), std::move(seen), bytes);
    if (!prepared) return writer_->Refuse(std::move(prepared).error(), std::move(done));
    writer_->Append(std::move(prepared).value(), bytes, durability, std::move(done));
  }

  Result<Appended> AppendAndWait(Batch batch, Preconditions seen, Durability durability) override {
    std::size_t bytes = 0;
    OUTPOST_TRY(auto prepared, Prepare(std::move(batch), std::move(seen), bytes));
    return writer_->AppendAndWait(std::move(prepared), bytes, durability);
  }

  std::unique_ptr<JournalView> View() const override {
    const Witness witness = writer_->durable();
    const auto [snapshot, generations] = Now();
    Extent extent = ExtentAt(snapshot);
    return std::make_unique<RocksView>(rocks_, snapshot, generations, extent.last, witness, std::move(extent.gaps));
  }

  std::unique_ptr<Subscription> Subscribe(std::function<void(Sequence)> changed) override {
    return writer_->subscribers()->Add(std::move(changed));
  }

  Result<void> Flush() override {
    OUTPOST_TRYV(writer_->waiting().Wait([&](AppendDone done) { writer_->Flush(std::move(done)); }));
    return Ok();
  }

  Result<void> MakeCheckpoint(const std::filesystem::path& folder) override {
    const JournalStats now = writer_->stats();
    if (!writable_ || now.read_only)
      return Error{Code::kCorrupt, Retry::kNever, "no checkpoint of a read-only journal: " + now.read_only_reason};
    return CopyJournal(*rocks_, folder_, folder, writer_->durable());
  }

  JournalStats stats() const override {
    JournalStats stats = writer_->stats();
    stats.rows_behind = folds_->behind();
    return stats;
  }
  BlobStore& blobs() override { return *blobs_; }

  Result<RetentionReport> Retain(const RetentionPolicy& policy, const std::function<bool()>& cancelled) override {
    const Turn turn(busy_);
    if (!turn) return Busy();
    OUTPOST_TRYV(DropOldRows(cancelled));
    OUTPOST_TRY(auto report, retention_->Run(policy, cancelled));
    if (report.dropped != 0) sweep_due_ = true;
    if (!report.finished || !sweep_due_) return report;
    OUTPOST_TRY(report.blobs, SweepBlobs(*this, cancelled));
    report.finished = report.blobs.complete;
    sweep_due_ = !report.finished;
    return report;
  }

  Result<RefoldReport> Refold(std::vector<InlineFold*> folds, const std::function<bool()>& cancelled) override {
    const Turn turn(busy_);
    if (!turn) return Busy();
    OUTPOST_TRYV(Writable());
    FoldHost host(std::move(folds));
    if (host.Records(0) != folds_->Records(0))
      return Error{Code::kInvalid, Retry::kNever, "the folds are not those that the journal was opened with"};
    Refolder refold(*rocks_, host);
    OUTPOST_TRY(const bool finished, RefoldBeside(refold, cancelled));
    return RefoldReport{refold.events(), finished};
  }

  Result<void> Compact() override {
    if (const Turn turn(busy_); turn) OUTPOST_TRYV(DropOldRows({}));
    return rocks_->Compact();
  }

 private:
  // Works that go through all of the journal take turns.
  class Turn {
   public:
    explicit Turn(std::atomic<bool>& busy) : busy_(busy), taken_(!busy.exchange(true)) {}
    ~Turn() {
      if (taken_) busy_ = false;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    explicit operator bool() const { return taken_; }

   private:
    std::atomic<bool>& busy_;
    const bool taken_;
  };

  static Error Busy() {
    return {Code::kConflict, Retry::kBackoff, "history is being dropped, or rows folded again, by another thread"};
  }

  // Those that a rebuild left which was broken off, or which was made at the open.
  Result<void> DropOldRows(const CancelFn& cancelled) {
    return writer_->stats().read_only ? Ok() : SweepGenerations(*rocks_, cancelled);
  }

  // A snapshot, and the generations that count in it: those before and after it are the same. A write that makes others
  // count leaves the old ones whole, so it does not matter on which side of that write alone the snapshot is.
  std::pair<const rocksdb::Snapshot*, Generations> Now() const {
    if (!writable_) return {nullptr, folds_->Current()};
    while (true) {
      const Generations before = folds_->Current();
      const auto* snapshot = rocks_->db().GetSnapshot();
      if (folds_->Current() == before) return {snapshot, before};
      rocks_->db().ReleaseSnapshot(snapshot);
    }
  }

  // Which events there are at one moment.
  struct Extent {
    rocksdb::SequenceNumber written =
        0;  // RocksDB's count of writes: where it is the same, nothing was written between
    Sequence last = 0;
    Gaps gaps;
  };

  // Read anew only after a write: most views of a round are of the moment of the one before.
  Extent ExtentAt(const rocksdb::Snapshot* snapshot) const {
    if (snapshot != nullptr) {
      MutexLock lock(extent_mutex_);
      if (extent_ && extent_->written == snapshot->GetSequenceNumber()) return *extent_;
    }
    const auto applied = Applied(*rocks_, snapshot);
    auto gaps = Gaps::Read(*rocks_, snapshot);
    const bool whole = applied && gaps;
    // Unreadable gaps: what is not there then shows as damage.
    Extent extent{0, applied ? applied.value() : writer_->stats().last, gaps ? std::move(gaps).value() : Gaps()};
    if (snapshot == nullptr || !whole) return extent;
    extent.written = snapshot->GetSequenceNumber();
    MutexLock lock(extent_mutex_);
    extent_ = extent;
    return extent;
  }

  // False: cancelled.
  Result<bool> RefoldBeside(Refolder& refold, const std::function<bool()>& cancelled) {
    const auto go_on = [&]() -> Result<bool> {
      OUTPOST_TRYV(writer_->CheckRoom());
      return !cancelled();
    };
    OUTPOST_TRYV(refold.Begin());
    for (std::uint64_t behind = kLevelEvents + 1; behind > kLevelEvents;) {
      OUTPOST_TRY(const bool whole, refold.Follow(go_on));
      if (!whole) return false;
      OUTPOST_TRYV(refold.Settle());
      OUTPOST_TRY(behind, refold.Behind());
    }
    const auto written = [&] {
      folds_->Adopt(refold.generations());
      folds_->CaughtUp();
    };
    OUTPOST_TRYV(writer_->waiting().Wait([&](AppendDone done) {
      writer_->WriteAlone([&](rocksdb::WriteBatch& batch) { return refold.Finish(batch); }, written, std::move(done));
    }));
    OUTPOST_TRYV(SweepGenerations(*rocks_, cancelled));
    return true;
  }

  Result<void> Writable() const {
    const JournalStats now = writer_->stats();
    if (!now.read_only) return Ok();
    return Error{Code::kCorrupt, Retry::kNever, "the journal is read-only: " + now.read_only_reason};
  }

  const std::unique_ptr<FileLock> lock_;
  const std::shared_ptr<Rocks> rocks_;
  const bool writable_;
  const std::unique_ptr<FoldHost> folds_;
  std::filesystem::path folder_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<BlobStore> blobs_;
  std::atomic<bool> busy_{false};
  std::atomic<bool> sweep_due_{true};  // at first for what a crash left
  std::unique_ptr<Retention> retention_;
  mutable Mutex extent_mutex_;
  mutable std::optional<Extent> extent_ OUTPOST_GUARDED_BY(extent_mutex_);
};

// Gives a new database its id and format; nothing for one that has them.
Result<void> Initialise(const Rocks& rocks, const std::string& id) {
  OUTPOST_TRY(const auto format, rocks.Get(rocksdb::ReadOptions(), rocks.meta(), kMetaFormat));
  if (format) return Ok();
  std::string version;
  AppendBe32(version, kFormatVersion);
  rocksdb::WriteBatch batch;
  batch.Put(rocks.meta(), ToSlice(kMetaFormat), version);
  batch.Put(rocks.meta(), ToSlice(kMetaId), id);
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto status = rocks.db().Write(options, &batch);
  if (!status.ok()) return ToError(status, "cannot create the journal");
  return Ok();
}

// One way through Open: what it has found out so far.
class Opening {
 public:
  Opening(JournalOptions options, std::vector<InlineFold*> folds, Log& log)
      : options_(std::move(options)), folds_(std::make_unique<FoldHost>(std::move(folds))), log_(log) {}

  Result<std::unique_ptr<Journal>> Run(const ItemHeads& heads, const Clock& clock) {
    OUTPOST_TRYV(Enter());
    if (auto read = Read(); !read) {
      Error error = std::move(read).error();
      if (error.code == Code::kCorrupt) error.context = Addressed(std::move(error.context));
      return error;
    }
    tip_.damage = Addressed(std::move(tip_.damage));
    if (!tip_.damage.empty()) log_.Write(LogLevel::kError, "journal", "opened read-only: " + tip_.damage);
    auto opened = std::make_unique<JournalImpl>(std::move(lock_), rocks_, writable_, std::move(folds_));
    opened->Start(options_, heads, clock, log_, std::move(tail_), tip_, witness_.value_or(tip_.end));
    return std::unique_ptr<Journal>(std::move(opened));
  }

 private:
  // Format and key first: a folder of a newer format or another key is not touched, not even by a lock. KEY comes
  // before FORMAT, so that a journal that was to be encrypted never opens as a plain one.
  Result<void> Enter() {
    OUTPOST_TRY(const bool exists, HasJournal(options_.folder, disk_));
    if (!exists && !options_.create)
      return Error{Code::kNotFound, Retry::kNever, "no journal in " + options_.folder.string()};
    OUTPOST_TRY(files_, Unlock(options_.folder, exists, disk_, options_.key));
    OUTPOST_TRYV(MakeFolder(options_.folder));
    OUTPOST_TRY(lock_, FileLock::Take(LockPath(options_.folder)));
    if (!exists && !files_.key && options_.key.kind != KeySource::Kind::kNone) {
      OUTPOST_TRY(files_, MakeUnlocked(options_.folder, disk_, options_.key));
    }
    existed_ = exists;
    if (!exists) OUTPOST_TRYV(WriteDurably(disk_, FormatPath(options_.folder), FormatText()));
    witness_ = ReadWitness(options_.folder, files_.disk);
    return Ok();
  }

  Result<void> Read() {
    OUTPOST_TRYV(LookFirst());
    if (tip_.damage.empty()) OUTPOST_TRYV(OpenForWriting());
    return Ok();
  }

  // What RocksDB says of damage, with the table it lies in: it does not always name it.
  std::string Addressed(std::string damage) const {
    if (damage.find("Corruption:") == std::string::npos || !FileNamedIn(damage).empty()) return damage;
    const auto table = DamagedTable(Env(), DatabasePath(options_.folder));
    return table.empty() ? damage : damage + "; the damage is in table " + table;
  }

  // Reads the end of the journal without changing a file: an open for writing would cut a damaged log where it cannot
  // be read, and with it what could still be saved. Without a witness there is nothing to compare with.
  Result<void> LookFirst() {
    if (!witness_) return Ok();
    OUTPOST_TRY(auto looking, OpenDatabase(Rocks::Mode::kReadOnly));
    tip_ = Inspect(*looking, witness_);
    if (tip_.damage.empty()) return Ok();
    rocks_ = std::move(looking);
    return folds_->Adopt(*rocks_);
  }

  Result<void> OpenForWriting() {
    OUTPOST_TRY(rocks_, OpenDatabase(Rocks::Mode::kWrite));
    OUTPOST_TRYV(Initialise(*rocks_, options_.id));
    writable_ = true;
    tip_ = Inspect(*rocks_, witness_);
    if (!tip_.damage.empty()) return folds_->Adopt(*rocks_);
    OUTPOST_TRY(tip_.appended_bytes, AppendedBytes(*rocks_));
    OUTPOST_TRYV(RaiseFormat());
    if (auto folded = folds_->Prepare(*rocks_, log_); !folded) {
      if (folded.error().code != Code::kCorrupt) return folded;
      tip_.damage = folded.error().context;
      return Ok();
    }
    if (!witness_) {
      if (existed_)
        log_.Write(LogLevel::kWarning, "journal", "TAIL was missing or damaged: the end could not be checked");
      OUTPOST_TRYV(WriteDurably(files_.disk, TailPath(options_.folder), EncodeWitness(tip_.end)));
    }
    OUTPOST_TRY(tail_, WitnessFile::Open(files_.disk, TailPath(options_.folder)));
    return Ok();
  }

  // Before the first write that a program for an older format could not read.
  Result<void> RaiseFormat() {
    OUTPOST_TRY(const std::string format, ReadWhole(disk_, FormatPath(options_.folder)));
    if (format == FormatText()) return Ok();
    return WriteDurably(disk_, FormatPath(options_.folder), FormatText());
  }

  // A MANIFEST that can only be read without its last record was torn by a power cut: it stays cut. Whether all that
  // was on disk is still there, the witness tells.
  Result<std::shared_ptr<Rocks>> OpenDatabase(Rocks::Mode mode) {
    const auto folder = DatabasePath(options_.folder);
    auto opened = OpenNamed(mode);
    if (opened || opened.error().code != Code::kCorrupt) return opened;
    const auto cut = CutTornRecord(files_.disk, disk_, folder);
    if (!cut || !cut.value()) return opened;
    if (auto again = OpenNamed(mode)) {
      log_.Write(LogLevel::kWarning, "journal", "a torn record was cut off " + cut.value()->path.string());
      return again;
    }
    OUTPOST_TRYV(WriteDurably(disk_, cut.value()->path, cut.value()->whole));
    return opened;
  }

  Result<std::shared_ptr<Rocks>> OpenNamed(Rocks::Mode mode) {
    OUTPOST_TRY(auto rocks, Rocks::Open(DatabasePath(options_.folder), mode, Env(), {}, files_.env));
    NameBlobs(*rocks, files_.key);
    return rocks;
  }

  rocksdb::Env* Env() const { return files_.env ? files_.env.get() : static_cast<rocksdb::Env*>(options_.rocksdb_env); }

  const JournalOptions options_;
  Unlocked files_;  // what is in plain on `disk_` is not touched through it
  const Disk disk_ = DiskOf(static_cast<rocksdb::Env*>(options_.rocksdb_env));
  std::unique_ptr<FoldHost> folds_;
  Log& log_;
  std::unique_ptr<FileLock> lock_;
  std::shared_ptr<Rocks> rocks_;
  std::optional<Witness> witness_;
  std::unique_ptr<WitnessFile> tail_;
  Tip tip_;
  bool existed_ = false;
  bool writable_ = false;
};

}  // namespace
}  // namespace journal

Result<std::unique_ptr<Journal>> Journal::Open(JournalOptions options, std::vector<InlineFold*> folds,
                                               const ItemHeads& heads, const Clock& clock, Log& log) {
  return journal::Opening(std::move(options), std::move(folds), log).Run(heads, clock);
}

}  // namespace outpost
