#include "journal/writer.h"

#include <algorithm>

namespace outpost::journal {
namespace {

// One write holds at most about this: larger ones make single appends wait for strangers' bytes.
constexpr std::size_t kGroupBytesMax = 4u << 20;
constexpr std::size_t kGroupAppendsMax = 1024;
// TAIL is rewritten at each synced commit but synced only this often (and at the end): a process crash keeps every
// rewrite, a power cut may leave an older one, which is true as well.
constexpr std::uint64_t kWitnessWritesPerSync = 1024;
// How often in a row the writer steps aside without an append coming in before it stops waiting for more.
constexpr int kGatherIdleMax = 4;

}  // namespace

Writer::Writer(WriterParts parts, std::unique_ptr<WitnessFile> tail, Witness tip, Witness durable, std::string damage)
    : parts_(std::move(parts)),
      group_(*parts_.rocks, parts_.folds, parts_.heads, tip, parts_.appended_bytes),
      tail_(std::move(tail)),
      durable_(durable) {
  stats_.last = tip.last;
  stats_.read_only = !damage.empty();
  stats_.read_only_reason = std::move(damage);
  thread_ = std::thread([this] { Run(); });
}

Writer::~Writer() { Stop(); }

void Writer::Append(PreparedAppend append, std::size_t bytes, Durability durability, AppendDone done) {
  Job job;
  job.append = std::move(append);
  job.bytes = bytes;
  job.sync = durability == Durability::kSynced;
  job.done = std::move(done);
  Enqueue(std::move(job));
}

Result<Appended> Writer::AppendAndWait(PreparedAppend append, std::size_t bytes, Durability durability) {
  if (!TakePen())
    return waiting_.Wait([&](AppendDone done) { Append(std::move(append), bytes, durability, std::move(done)); });
  std::vector<Job> jobs(1);
  jobs.front().append = std::move(append);
  jobs.front().sync = durability == Durability::kSynced;
  group_bytes_ = bytes;
  CommitOrStop(jobs);
  Result<Appended> answer = std::move(jobs.front().answer);
  if (jobs.front().staged && answer) subscribers_->Notify(group_.tip().last);
  group_.End();
  LayPenDown();
  return answer;
}

// Not while somebody waits, whose turn it is; nor while callers come in groups, whose sync they are to share.
bool Writer::TakePen() {
  MutexLock lock(mutex_);
  OUTPOST_CHECK(!stopping_);
  if (pen_taken_ || !queue_.empty() || gathering_ > 1) return false;
  pen_taken_ = true;
  return true;
}

void Writer::LayPenDown() {
  {
    MutexLock lock(mutex_);
    pen_taken_ = false;
    if (queue_.empty() && !stopping_) return;
  }
  work_.NotifyOne();
}

void Writer::Refuse(Error error, AppendDone done) {
  Job job;
  job.answer = std::move(error);
  job.refused = true;
  job.done = std::move(done);
  Enqueue(std::move(job));
}

void Writer::AppendBuilt(AppendBuilder build, AppendDone done) {
  Job job;
  job.build = std::move(build);
  job.sync = true;
  job.done = std::move(done);
  Enqueue(std::move(job));
}

void Writer::WriteAlone(AloneBuilder build, std::function<void()> written, AppendDone done) {
  Job job;
  job.alone = std::move(build);
  job.written = std::move(written);
  job.done = std::move(done);
  Enqueue(std::move(job));
}

void Writer::Flush(AppendDone done) {
  Job job;
  job.sync = true;
  job.done = std::move(done);
  Enqueue(std::move(job));
}

void Writer::Enqueue(Job job) {
  bool wake = false;
  {
    MutexLock lock(mutex_);
    OUTPOST_CHECK(!stopping_);
    if (queued_bytes_ + job.bytes > kQueueBytesMax) {
      job.append = {};
      job.bytes = 0;
      job.refused = true;
      job.answer = Error{Code::kUnavailable, Retry::kBackoff,
                         "the journal's queue is full: " + std::to_string(queued_bytes_) + " bytes wait"};
    }
    queued_bytes_ += job.bytes;
    wake = queue_.empty();  // else the writer was woken for the one before
    queue_.push_back(std::move(job));
  }
  if (wake) work_.NotifyOne();
}

// Waits for work. None: the end.
std::vector<Writer::Job> Writer::Take() {
  std::vector<Job> jobs;
  MutexLock lock(mutex_);
  while (pen_taken_ || (queue_.empty() && !stopping_)) work_.Wait(mutex_);
  group_bytes_ = 0;
  TakeWaiting(jobs);
  pen_taken_ = !jobs.empty();
  return jobs;
}

void Writer::TakeWaiting(std::vector<Job>& jobs) {
  std::size_t bytes = 0;
  while (!queue_.empty() && jobs.size() < kGroupAppendsMax && (jobs.empty() || !queue_.front().alone) &&
         (jobs.empty() || !jobs.front().alone) &&
         (jobs.empty() || group_bytes_ + bytes + queue_.front().bytes <= kGroupBytesMax)) {
    bytes += queue_.front().bytes;
    jobs.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  group_bytes_ += bytes;
  queued_bytes_ -= bytes;
}

// Callers that wait for an answer before they append again come back together once they are answered. A sync for the
// first of them alone would make all others wait for it: so the writer stages those that are there, and then steps
// aside while others come, up to the size of the synced group before. A caller that is alone is never waited for.
bool Writer::TakeMore(std::vector<Job>& jobs) {
  const std::size_t had = jobs.size();
  for (int idle = 0; had < gathering_ && idle < kGatherIdleMax; ++idle) {
    {
      MutexLock lock(mutex_);
      TakeWaiting(jobs);
      if (jobs.size() > had) return true;
      if (!queue_.empty() || stopping_) return false;
    }
    std::this_thread::yield();
  }
  return false;
}

void Writer::Run() {
  for (auto jobs = Take(); !jobs.empty(); jobs = Take()) {
    CommitOrStop(jobs);
    const bool wrote = std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return job.staged && job.answer; });
    for (Job& job : jobs)
      if (job.done) job.done(std::move(job.answer));
    waiting_.WakeAll();
    if (wrote) subscribers_->Notify(group_.tip().last);
    jobs.clear();
    group_.End();  // while the callers make their next appends ready
    LayPenDown();
  }
}

// The first events of the next appends: many callers at once bring one each.
void Writer::ExpectItems(const std::vector<Job>& jobs, std::size_t from) {
  std::vector<ItemId> items;
  for (std::size_t i = from; i < std::min(jobs.size(), from + kReadTogether); ++i) {
    const Batch& events = jobs[i].append.events;
    if (!events.empty() && events.front().item) items.push_back(events.front().item);
  }
  if (items.size() > 1) group_.Expect(items);
}

void Writer::Stage(std::vector<Job>& jobs) {
  group_.Begin();
  const auto space = stats().read_only ? Ok() : CheckSpace();
  std::size_t staged = 0;
  do {
    StageFrom(jobs, staged, space);
    staged = jobs.size();
  } while (TakeMore(jobs));
  const bool sync = std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return job.sync; });
  gathering_ = sync ? jobs.size() : 0;
}

void Writer::StageFrom(std::vector<Job>& jobs, std::size_t first, const Result<void>& space) {
  bool read_only = stats().read_only;
  for (std::size_t i = first; i < jobs.size(); ++i) {
    Job& job = jobs[i];
    if ((i - first) % kReadTogether == 0 && !read_only && space) ExpectItems(jobs, i);
    if (job.refused || job.is_flush()) continue;
    if (read_only) {
      job.answer = ReadOnly();
    } else if (!space) {
      job.answer = space.error();
    } else {
      const Millis now = parts_.clock.WallNow();
      job.answer = job.build ? group_.AddBuilt(job.build, now) : group_.Add(job.append, now);
      job.staged = job.answer && job.answer.value().last != 0;
      if (!group_.damaged()) continue;
      Damage(job.answer.error().context);
      read_only = true;
    }
  }
}

Result<Appended> Writer::CommitAlone(const Job& job) {
  if (stats().read_only) return ReadOnly();
  OUTPOST_TRYV(CheckSpace());
  rocksdb::WriteBatch batch;
  OUTPOST_TRYV(job.alone(batch));
  rocksdb::WriteOptions options;
  options.sync = true;
  if (const auto status = parts_.rocks->db().Write(options, &batch); !status.ok()) {
    Damage(ToError(status, "a write to the journal failed").context);
    return ReadOnly();
  }
  unsynced_ = false;
  MoveWitness();
  job.written();
  return Appended{};
}

void Writer::Commit(std::vector<Job>& jobs) {
  if (jobs.front().alone) {
    jobs.front().answer = CommitAlone(jobs.front());
    return;
  }
  Stage(jobs);
  const bool sync = std::any_of(jobs.begin(), jobs.end(), [](const Job& job) { return job.sync && !job.refused; });
  const bool need = !group_.empty() || (sync && unsynced_ && !stats().read_only);
  Result<void> written = Ok();
  if (need) written = Write(sync);
  if (!written) Damage(written.error().context);
  const bool read_only = stats().read_only;
  for (Job& job : jobs) {
    if ((job.staged && !written) || (job.is_flush() && read_only)) job.answer = ReadOnly();
  }
  if (!need || !written) return;
  MutexLock lock(mutex_);
  stats_.last = group_.tip().last;
  stats_.appends +=
      static_cast<std::uint64_t>(std::count_if(jobs.begin(), jobs.end(), [](const Job& j) { return j.staged; }));
  stats_.syncs += sync ? 1 : 0;
  stats_.unknown_kinds += group_.unknown_kinds();
}

void Writer::CommitOrStop(std::vector<Job>& jobs) {
  try {
    Commit(jobs);
  } catch (const std::exception& broken) {
    Damage(std::string("an append was broken off: ") + broken.what());
    for (Job& job : jobs) job.answer = ReadOnly();
  }
}

Result<void> Writer::Write(bool sync) {
  // An empty group syncs what is there by a write as well: RocksDB's own call for that ends the process when the log
  // has failed before.
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = parts_.rocks->db().Write(options, &group_.Seal());
  written_bytes_ += group_.bytes();
  if (!status.ok()) return ToError(status, "a write to the journal failed");
  unsynced_ = !sync;
  if (sync) MoveWitness();
  return Ok();
}

void Writer::MoveWitness() {
  auto written = tail_->Write(EncodeWitness(group_.tip()));
  if (written && ++witness_writes_ % kWitnessWritesPerSync == 0) written = tail_->Sync();
  if (!written && !witness_failed_) {
    witness_failed_ = true;  // an old witness is a true one: the journal goes on, and says so once
    parts_.log.Write(LogLevel::kWarning, "journal", "TAIL lags: " + written.error().context);
  }
  MutexLock lock(mutex_);
  durable_ = group_.tip();
}

void Writer::Damage(const std::string& reason) {
  {
    MutexLock lock(mutex_);
    if (stats_.read_only) return;
    stats_.read_only = true;
    stats_.read_only_reason = reason;
  }
  parts_.log.Write(LogLevel::kError, "journal", "read-only from now on: " + reason);
}

Result<void> Writer::CheckRoom() const {
  const auto free_bytes = FreeBytes(parts_.folder);
  if (!free_bytes || free_bytes.value() >= parts_.reserve_bytes) return Ok();
  return Error{Code::kUnavailable, Retry::kBackoff,
               "the disk of " + parts_.folder.string() + " is full: " + std::to_string(free_bytes.value()) +
                   " bytes free, " + std::to_string(parts_.reserve_bytes) + " are kept in reserve"};
}

// Who writes also gets RocksDB going again where the disk was full.
Result<void> Writer::CheckSpace() const {
  OUTPOST_TRYV(CheckRoom());
  return parts_.rocks->GoOnAfterFullDisk();
}

Error Writer::ReadOnly() const {
  return {Code::kCorrupt, Retry::kNever, "the journal is read-only: " + stats().read_only_reason};
}

JournalStats Writer::stats() const {
  MutexLock lock(mutex_);
  return stats_;
}

Witness Writer::durable() const {
  MutexLock lock(mutex_);
  return durable_;
}

void Writer::Stop() {
  {
    MutexLock lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    work_.NotifyOne();
  }
  thread_.join();
  if (stats().read_only) return;
  if (unsynced_) {
    group_.Begin();
    if (const auto synced = Write(true); !synced) return Damage(synced.error().context);
  }
  if (const auto synced = tail_->Sync(); !synced)
    parts_.log.Write(LogLevel::kWarning, "journal", synced.error().context);
}

}  // namespace outpost::journal
