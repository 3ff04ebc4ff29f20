#include "journal/journal.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include "journal/layout.h"
#include "journal/manifest.h"
#include "journal/record.h"
#include "journal/rocks_view.h"
#include "journal/writer.h"

namespace outpost {
namespace journal {
namespace {

// A close after more than this was written flushes the write buffers: below, one more small table costs more than it
// saves.
constexpr std::uint64_t kFlushAtCloseBytes = 1u << 20;
// Header, key and share of the mark, for the limit on an append's bytes.
constexpr std::size_t kEventOverheadBytes = 112;

// Waits for one answer of the writer. What both touch is shared, so that the writer can wake the waiter without holding
// its lock: else each answer costs the waiter two switches.
class Waiter {
 public:
  AppendDone Done() {
    return [shared = shared_](Result<Appended> result) {
      {
        MutexLock lock(shared->mutex);
        shared->result = std::move(result);
      }
      shared->ready.NotifyOne();
    };
  }
  Result<Appended> Wait() {
    MutexLock lock(shared_->mutex);
    while (!shared_->result) shared_->ready.Wait(shared_->mutex);
    return std::move(*shared_->result);
  }

 private:
  struct Shared {
    Mutex mutex;
    CondVar ready;
    std::optional<Result<Appended>> result OUTPOST_GUARDED_BY(mutex);
  };
  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

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
  PreparedAppend append{std::move(batch), {}, std::move(seen)};
  append.body_hashes.reserve(append.events.size());
  for (std::size_t i = 0; i < append.events.size(); ++i) {
    const NewEvent& event = append.events[i];
    if (const auto body = CheckBody(event.kind, event.body); !body)
      return reject("event " + std::to_string(i) + " of the append, " + KindName(event.kind) + ": " +
                    body.error().context);
    append.body_hashes.push_back(Sha256Of(event.body));
  }
  return append;
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
      rocks_->db().Flush(rocksdb::FlushOptions(), rocks_->families()).PermitUncheckedError();
  }

  void Start(const JournalOptions& options, const ItemHeads& heads, const Clock& clock, Log& log,
             std::unique_ptr<WitnessFile> tail, const Tip& tip, const Witness& durable) {
    writer_ =
        std::make_unique<Writer>(WriterParts{rocks_, *folds_, heads, clock, log, options.folder, options.reserve_bytes},
                                 std::move(tail), tip.end, durable, tip.damage);
  }

  void Append(Batch batch, Preconditions seen, Durability durability, AppendDone done) override {
    std::size_t bytes = 0;
    auto prepared = Prepare(std::move(batch), std::move(seen), bytes);
    if (!prepared) return writer_->Refuse(std::move(prepared).error(), std::move(done));
    writer_->Append(std::move(prepared).value(), bytes, durability, std::move(done));
  }

  std::unique_ptr<JournalView> View() const override {
    const Witness witness = writer_->durable();
    const auto* snapshot = writable_ ? rocks_->db().GetSnapshot() : nullptr;
    const auto applied = Applied(*rocks_, snapshot);
    return std::make_unique<RocksView>(rocks_, snapshot, folds_->generations(),
                                       applied ? applied.value() : writer_->stats().last, witness);
  }

  std::unique_ptr<Subscription> Subscribe(std::function<void(Sequence)> changed) override {
    return writer_->subscribers()->Add(std::move(changed));
  }

  Result<void> Flush() override {
    Waiter waiter;
    writer_->Flush(waiter.Done());
    OUTPOST_TRYV(waiter.Wait());
    return Ok();
  }

  JournalStats stats() const override { return writer_->stats(); }

 private:
  const std::unique_ptr<FileLock> lock_;
  const std::shared_ptr<Rocks> rocks_;
  const bool writable_;
  const std::unique_ptr<FoldHost> folds_;
  std::unique_ptr<Writer> writer_;
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
    OUTPOST_TRYV(LookFirst());
    if (tip_.damage.empty()) OUTPOST_TRYV(OpenForWriting());
    if (!tip_.damage.empty()) log_.Write(LogLevel::kError, "journal", "opened read-only: " + tip_.damage);
    auto opened = std::make_unique<JournalImpl>(std::move(lock_), rocks_, writable_, std::move(folds_));
    opened->Start(options_, heads, clock, log_, std::move(tail_), tip_, witness_.value_or(tip_.end));
    return std::unique_ptr<Journal>(std::move(opened));
  }

 private:
  // Format first: a folder of a newer format is not touched, not even by a lock.
  Result<void> Enter() {
    OUTPOST_TRY(const bool exists, HasJournal(options_.folder, disk_));
    if (!exists && !options_.create)
      return Error{Code::kNotFound, Retry::kNever, "no journal in " + options_.folder.string()};
    OUTPOST_TRYV(MakeFolder(options_.folder));
    OUTPOST_TRY(lock_, FileLock::Take(LockPath(options_.folder)));
    existed_ = exists;
    if (!exists) OUTPOST_TRYV(WriteDurably(disk_, FormatPath(options_.folder), FormatText()));
    witness_ = ReadWitness(options_.folder, disk_);
    return Ok();
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
    if (auto folded = folds_->Prepare(*rocks_, log_); !folded) {
      if (folded.error().code != Code::kCorrupt) return folded;
      tip_.damage = folded.error().context;
      return Ok();
    }
    if (!witness_) {
      if (existed_)
        log_.Write(LogLevel::kWarning, "journal", "TAIL was missing or damaged: the end could not be checked");
      OUTPOST_TRYV(WriteDurably(disk_, TailPath(options_.folder), EncodeWitness(tip_.end)));
    }
    OUTPOST_TRY(tail_, WitnessFile::Open(disk_, TailPath(options_.folder)));
    return Ok();
  }

  // A MANIFEST that can only be read without its last record was torn by a power cut: it stays cut. Whether all that
  // was on disk is still there, the witness tells.
  Result<std::shared_ptr<Rocks>> OpenDatabase(Rocks::Mode mode) {
    const auto folder = DatabasePath(options_.folder);
    auto opened = Rocks::Open(folder, mode, Env());
    if (opened || opened.error().code != Code::kCorrupt) return opened;
    const auto cut = CutTornRecord(disk_, folder);
    if (!cut || !cut.value()) return opened;
    if (auto again = Rocks::Open(folder, mode, Env())) {
      log_.Write(LogLevel::kWarning, "journal", "a torn record was cut off " + cut.value()->path.string());
      return again;
    }
    OUTPOST_TRYV(WriteDurably(disk_, cut.value()->path, cut.value()->whole));
    return opened;
  }

  rocksdb::Env* Env() const { return static_cast<rocksdb::Env*>(options_.rocksdb_env); }

  const JournalOptions options_;
  const Disk disk_ = DiskOf(Env());
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

Result<Appended> Journal::AppendAndWait(Batch batch, Preconditions seen, Durability durability) {
  journal::Waiter waiter;
  Append(std::move(batch), std::move(seen), durability, waiter.Done());
  return waiter.Wait();
}

}  // namespace outpost
