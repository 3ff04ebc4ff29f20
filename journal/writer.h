#pragma once
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/system/files.h"
#include "journal/disk.h"
#include "journal/group.h"
#include "journal/journal.h"
#include "journal/subscribers.h"
#include "journal/waiter.h"

namespace outpost::journal {

// Appends that wait hold at most this many bytes; beyond it Append answers kUnavailable. Far above, a writer that
// cannot follow eats the memory; below a few appends of kBatchBytesMax, group commit has nothing to join.
inline constexpr std::size_t kQueueBytesMax = 64u << 20;

// What the writer works with; all outlive it.
struct WriterParts {
  std::shared_ptr<Rocks> rocks;
  FoldHost& folds;
  const ItemHeads& heads;
  const Clock& clock;
  Log& log;
  std::filesystem::path folder;  // for asking for free space
  std::uint64_t reserve_bytes = 0;
  std::uint64_t appended_bytes = 0;  // of all records there ever were
};

// Writes: a thread joins waiting appends into one write and one sync, then answers them in order. One at a time holds
// the pen: this thread, or a caller who waits for his append and found nobody writing.
// Threads: any, but for Stop (the owner's).
class Writer {
 public:
  // `tip`: the history as it is; `durable`: what TAIL may say. A `damage` that is not empty makes it refuse all
  // appends.
  Writer(WriterParts parts, std::unique_ptr<WitnessFile> tail, Witness tip, Witness durable, std::string damage);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  void Append(PreparedAppend append, std::size_t bytes, Durability durability, AppendDone done);
  // As Append, and waits for the answer. While nobody writes the caller does it itself, its own append alone: that
  // spares a lone caller two changes of threads.
  Result<Appended> AppendAndWait(PreparedAppend append, std::size_t bytes, Durability durability);
  // An append of the journal's own, synced.
  void AppendBuilt(AppendBuilder build, AppendDone done);
  // A synced write of the journal's own between two groups, without events: `build` says what, and `written` is called
  // after it. Nobody else writes meanwhile.
  using AloneBuilder = std::function<Result<void>(rocksdb::WriteBatch& batch)>;
  void WriteAlone(AloneBuilder build, std::function<void()> written, AppendDone done);
  // Answers `done` with `error` in the order of the queue, on the writer's thread.
  void Refuse(Error error, AppendDone done);
  void Flush(AppendDone done);
  // Errors: kUnavailable (the disk has less left than the reserve).
  Result<void> CheckRoom() const;
  // Answers all that waits, syncs, ends the thread. Idempotent.
  void Stop();

  JournalStats stats() const;
  Witness durable() const;
  // What was written since the open; the owner's, after Stop().
  std::uint64_t written_bytes() const { return written_bytes_; }

 private:
  struct Job {
    PreparedAppend append;
    std::size_t bytes = 0;
    bool sync = false;
    AppendDone done;
    Result<Appended> answer = Appended{};
    bool refused = false;  // `answer` was given before it came here
    bool staged = false;
    AppendBuilder build;  // in place of `append`
    AloneBuilder alone;   // likewise, and `written`
    std::function<void()> written;
    bool is_flush() const { return append.events.empty() && !build && !refused; }
  };

  void Enqueue(Job job);
  bool TakePen();
  void LayPenDown();
  void Run();
  std::vector<Job> Take();
  bool TakeMore(std::vector<Job>& jobs);
  void TakeWaiting(std::vector<Job>& jobs) OUTPOST_REQUIRES(mutex_);
  void Commit(std::vector<Job>& jobs);
  // The same, but for what breaks off in the middle, as without memory: nobody knows then how far it came, so nothing
  // is appended any more, and all who wait are told.
  void CommitOrStop(std::vector<Job>& jobs);
  Result<Appended> CommitAlone(const Job& job);
  void Stage(std::vector<Job>& jobs);
  void StageFrom(std::vector<Job>& jobs, std::size_t first, const Result<void>& space);
  void ExpectItems(const std::vector<Job>& jobs, std::size_t from);
  Result<void> Write(bool sync);
  void MoveWitness();
  void Damage(const std::string& reason);
  Result<void> CheckSpace() const;
  Error ReadOnly() const;

  const WriterParts parts_;
  const std::shared_ptr<Subscribers> subscribers_ = std::make_shared<Subscribers>();
  WaitingRoom waiting_;

  // Of whoever holds the pen: the writer's thread, or a caller in AppendAndWait.
  Group group_;
  std::unique_ptr<WitnessFile> tail_;
  std::uint64_t witness_writes_ = 0;
  std::uint64_t written_bytes_ = 0;
  std::size_t gathering_ = 0;    // appends in the last group, if it was synced
  std::size_t group_bytes_ = 0;  // of the appends in this one
  bool unsynced_ = false;
  bool witness_failed_ = false;

  mutable Mutex mutex_;
  CondVar work_;
  std::deque<Job> queue_ OUTPOST_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ OUTPOST_GUARDED_BY(mutex_) = 0;
  bool pen_taken_ OUTPOST_GUARDED_BY(mutex_) = false;
  bool stopping_ OUTPOST_GUARDED_BY(mutex_) = false;
  JournalStats stats_ OUTPOST_GUARDED_BY(mutex_);
  Witness durable_ OUTPOST_GUARDED_BY(mutex_);

  std::thread thread_;

 public:
  const std::shared_ptr<Subscribers>& subscribers() const { return subscribers_; }
  // For callers that wait for an answer of this writer.
  WaitingRoom& waiting() { return waiting_; }
};

}  // namespace outpost::journal
