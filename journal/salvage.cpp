#include "journal/salvage.h"

#include "base/system/file_steps.h"
#include "base/system/files.h"
#include "journal/key_file.h"
#include "journal/layout.h"
#include "journal/remove_rows.h"
#include "journal/salvage_state.h"
#include "journal/salvage_ways.h"
#include "journal/unlock.h"

namespace outpost {
namespace journal {
namespace {

namespace fs = std::filesystem;

using Way = Result<WayReport> (*)(const fs::path&, const fs::path&, rocksdb::Env*, Harvest&);
constexpr Way kWays[] = {OpenAsItIs, OpenPastLogDamage, OpenRepaired, ReadFileByFile};

bool IsThere(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

// One way through Salvage: what it has found out so far.
class Salvaging {
 public:
  Salvaging(const SalvageOptions& options, const std::vector<InlineFold*>& folds, const Clock& clock)
      : options_(options), folds_(folds), clock_(clock) {}

  Result<SalvageReport> Run() {
    OUTPOST_TRYV(Enter());
    auto done = Make();
    rocks_.reset();
    std::error_code ignored;
    fs::remove_all(options_.to / "scratch", ignored);
    if (done) done = WriteFileDurably(FormatPath(options_.to), FormatText());
    if (done) return std::move(report_);
    fs::remove_all(options_.to, ignored);
    return done.error();
  }

 private:
  // A newer format is not guessed at; one that is damaged or gone is.
  Result<void> Enter() {
    if (IsThere(options_.to)) return Error{Code::kConflict, Retry::kNever, options_.to.string() + " is there already"};
    if (!IsThere(DatabasePath(options_.from)))
      return Error{Code::kNotFound, Retry::kNever, "no journal in " + options_.from.string()};
    if (const auto format = HasJournal(options_.from); !format && format.error().code == Code::kNewerFormat)
      return format.error();
    if (IsThere(LockPath(options_.from))) {
      OUTPOST_TRY(lock_, FileLock::Take(LockPath(options_.from)));
    }
    return MakeFolder(options_.to / "scratch");
  }

  // By KEY alone: what else is left of the old journal proves nothing.
  Result<void> OpenFiles() {
    if (IsThere(KeyPath(options_.from))) OUTPOST_TRYV(CopyFile(KeyPath(options_.from), KeyPath(options_.to)));
    auto* const env = static_cast<rocksdb::Env*>(options_.rocksdb_env);
    OUTPOST_TRY(files_, Unlock(options_.to, true, DiskOf(env), options_.key));
    env_ = files_.env ? files_.env.get() : env;
    witness_ = ReadWitness(options_.from, files_.disk);
    OUTPOST_TRY(rocks_, Rocks::Open(DatabasePath(options_.to), Rocks::Mode::kWrite, env_, {}, files_.env));
    return Ok();
  }

  Result<void> Make() {
    OUTPOST_TRYV(OpenFiles());
    OUTPOST_TRYV(Gather());
    if (plan_.events == 0)
      return Error{Code::kCorrupt, Retry::kNever, "not one event can be read in " + options_.from.string()};
    OUTPOST_TRYV(ListMissing(*rocks_, plan_, report_));
    report_.old_last = plan_.last;
    report_.events = plan_.events;
    report_.appends = plan_.appends;
    report_.unproven = plan_.unproven;
    report_.missing = plan_.missing;
    OUTPOST_TRYV(Drop());
    FoldHost folds(folds_);
    if (!plan_.state_is_whole) OUTPOST_TRYV(RestateSalvaged(*rocks_, folds, rows_count_, clock_, plan_, report_));
    if (!plan_.whole()) {
      OUTPOST_TRYV(TellGaps(*rocks_, clock_, plan_));
    }
    OUTPOST_TRYV(TakeAlong());
    return Close();
  }

  // Way after way until nothing is missing any more.
  Result<void> Gather() {
    Harvest harvest(*rocks_);
    for (const Way way : kWays) {
      const fs::path scratch = options_.to / "scratch" / std::to_string(report_.ways.size());
      OUTPOST_TRY(const WayReport told, way(options_.from, scratch, env_, harvest));
      std::error_code ignored;
      fs::remove_all(scratch, ignored);
      OUTPOST_TRYV(Plan(harvest));
      const bool first = report_.ways.empty();
      report_.ways.push_back(told.text);
      // Rows count as they are only when they are of one moment, the last one.
      if (first && told.rows_unbroken && Applied(harvest) >= plan_.last) rows_count_ = true;
      // A log that was read up to damage looks like a shorter one: only TAIL tells that nothing was behind.
      const bool proven = witness_ && witness_->last == plan_.last;
      if (plan_.last > 0 && plan_.whole() && (proven || !first)) break;
    }
    return Ok();
  }

  static Sequence Applied(const Harvest& harvest) {
    const auto applied = harvest.meta(kMetaApplied);
    return applied && applied->size() >= 8 ? ReadBe64(*applied) : 0;
  }

  Result<void> Plan(const Harvest& harvest) {
    id_ = harvest.meta(kMetaId).value_or(options_.id);
    OUTPOST_TRY(old_gaps_, OldGaps(harvest));
    OUTPOST_TRY(plan_, PlanSalvage(*rocks_, ChainStart(id_), old_gaps_, witness_, harvest.last_told()));
    return Ok();
  }

  // As the newest gap event says; it counts for more than the list that was stored beside it.
  Result<GapBody> OldGaps(const Harvest& harvest) const {
    GapBody gaps;
    if (const auto stored = harvest.meta(kMetaGaps))
      if (auto body = DecodeGap(*stored)) gaps = std::move(body).value();
    const std::unique_ptr<rocksdb::Iterator> it(rocks_->db().NewIterator(rocksdb::ReadOptions(), rocks_->events()));
    for (it->SeekToLast(); it->Valid(); it->Prev()) {
      const auto event = EventOf(SequenceOf(FromSlice(it->key())).value_or(0), FromSlice(it->value()));
      if (!event || event.value().header.kind != Kind::kGap) continue;
      if (auto body = DecodeGap(event.value().body)) return body;
    }
    if (!it->status().ok()) return ToError(it->status(), "cannot read what was gathered");
    return gaps;
  }

  // Marks inside spans, and events that turned up where all were dropped long ago.
  Result<void> Drop() const {
    for (const GapSpan& span : plan_.gaps.spans) {
      OUTPOST_TRYV(RemoveRows(*rocks_, rocks_->meta(), MarkKey(span.from), MarkKey(span.to + 1)));
      if (span.count == span.to - span.from + 1)
        OUTPOST_TRYV(RemoveRows(*rocks_, rocks_->events(), EventKey(span.from), EventKey(span.to + 1)));
    }
    return Ok();
  }

  // Blob files; KEY is there already.
  Result<void> TakeAlong() const {
    std::error_code error;
    for (fs::recursive_directory_iterator at(BlobsPath(options_.from), error), end; !error && at != end;
         at.increment(error)) {
      std::error_code ignored;
      if (!at->is_regular_file(ignored) || at->path().filename().string().starts_with("tmp-")) continue;
      const fs::path target = options_.to / at->path().lexically_relative(options_.from);
      OUTPOST_TRYV(MakeFolder(target.parent_path()));
      OUTPOST_TRYV(LinkOrCopy(at->path(), target));
    }
    return Ok();
  }

  // The rest of what a journal has; its folds are made at its first open.
  Result<void> Close() {
    OUTPOST_TRYV(RemoveRows(*rocks_, rocks_->state(), {}, {}));
    rocksdb::WriteBatch batch;
    std::string format, applied;
    AppendBe32(format, kFormatVersion);
    AppendBe64(applied, plan_.last);
    AppendBe64(applied, plan_.bytes);
    batch.Put(rocks_->meta(), ToSlice(kMetaFormat), format);
    batch.Put(rocks_->meta(), ToSlice(kMetaId), id_);
    batch.Put(rocks_->meta(), ToSlice(kMetaApplied), applied);
    if (!plan_.gaps.spans.empty()) batch.Put(rocks_->meta(), ToSlice(kMetaGaps), Encode(plan_.gaps));
    OUTPOST_TRYV(Write(batch));
    OUTPOST_TRYV(rocks_->Flush());
    report_.last = plan_.last;
    return WriteDurably(files_.disk, TailPath(options_.to), EncodeWitness({plan_.last, plan_.chain}));
  }

  Result<void> Write(rocksdb::WriteBatch& batch) const {
    const auto status = rocks_->db().Write(rocksdb::WriteOptions(), &batch);
    if (!status.ok()) return ToError(status, "cannot write the new journal");
    return Ok();
  }

  const SalvageOptions& options_;
  const std::vector<InlineFold*>& folds_;
  const Clock& clock_;
  Unlocked files_;
  rocksdb::Env* env_ = nullptr;
  std::unique_ptr<FileLock> lock_;
  std::optional<Witness> witness_;
  std::shared_ptr<Rocks> rocks_;
  std::string id_;
  GapBody old_gaps_;
  SalvagePlan plan_;
  bool rows_count_ = false;
  SalvageReport report_;
};

}  // namespace
}  // namespace journal

Result<SalvageReport> Salvage(const SalvageOptions& options, const std::vector<InlineFold*>& folds,
                              const Clock& clock) {
  return journal::Salvaging(options, folds, clock).Run();
}

}  // namespace outpost
