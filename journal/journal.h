#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "journal/blobs.h"
#include "journal/encryption.h"
#include "journal/fold.h"
#include "journal/new_event.h"
#include "journal/reader.h"
#include "schemas/event.h"

namespace outpost {

// What a decision was based on: the newest event of `item` when it was looked at; 0 for "never seen".
struct Precondition {
  ItemId item;
  Sequence seen = 0;
};
using Preconditions = std::vector<Precondition>;

enum class Durability { kSynced, kUnsynced };

// Where an append landed.
struct Appended {
  Sequence first = 0;
  Sequence last = 0;
};
using AppendDone = std::function<void(Result<Appended>)>;

// How much of the past is kept. Whichever limit keeps less counts; edits without outcome, losers and parked ones are
// always kept.
struct RetentionPolicy {
  Millis keep{std::chrono::hours(24 * 90)};  // nothing older; 0: nothing but what is needed
  double history_factor = 2.0;               // history takes at most so many times the bytes of what is live
};

struct RetentionReport {
  bool checkpoint = false;     // one was made
  std::uint64_t restated = 0;  // items and folders that it says again
  std::uint64_t dropped = 0;   // events that are not there any more
  Sequence first = 0;          // JournalView::first() now
  BlobSweepReport blobs;       // once events were dropped, and once after an open
  bool finished = true;        // false: cancelled, the next call goes on
};

struct RefoldReport {
  std::uint64_t events = 0;  // that were folded
  bool finished = true;      // false: cancelled, the old rows still count, the next call begins anew
};

struct JournalStats {
  Sequence last = 0;
  std::uint64_t appends = 0;        // since this open
  std::uint64_t syncs = 0;          // since this open: concurrent appends share one
  std::uint64_t unknown_kinds = 0;  // events of kinds this build does not know, since this open
  bool read_only = false;
  std::string read_only_reason;
  bool rows_behind = false;  // the rows are of an older version of a fold: Journal::Refold is due
};

struct JournalOptions {
  std::filesystem::path folder;
  bool create = true;
  std::string id;  // goes into the first link of a new journal's chain, so that two journals never share a root; the
                   // account's name, or a hash
  std::uint64_t reserve_bytes =
      16u << 20;  // appends are refused (kUnavailable, named) when the disk has less than this left
  // What an encrypted journal opens by, or a new one is to be encrypted under. Source: schemas/event.md, "Encryption".
  KeySource key;
  // For tests: a rocksdb::Env* in place of the real one; owned by the caller, outlives the journal and its views.
  void* rocksdb_env = nullptr;
};

// Limits of one append; above them kRejected, named.
inline constexpr std::size_t kBatchEventsMax = 10'000;
inline constexpr std::size_t kBatchBytesMax = 8u << 20;

// The account's journal: the only writer of its folder, and the host of its inline folds.
// Threads: any, unless said otherwise.
class Journal {
 public:
  // Opens or creates the journal in `options.folder`. `folds` are applied in this order to every event; `heads` is one
  // of them. All outlive the journal. When one is new, gone or of another version, all are folded again from the events
  // before Open returns, unless each goes on with the rows there are (InlineFold::reads_since; stats().rows_behind).
  // Errors: kConflict (another process has it open), kNewerFormat (nothing touched), kUnavailable,
  // kNotFound (create is false),
  //   kCorrupt (RocksDB cannot open its files at all, or FORMAT or KEY is damaged), kRejected and kInvalid (the key is
  //   wrong, missing or not wanted: nothing touched).
  // Other damage does not fail the open: the journal is then read-only and stats() says why (an end before the TAIL
  // witness, a last append that does not fit, a fold that cannot follow the events).
  static Result<std::unique_ptr<Journal>> Open(JournalOptions options, std::vector<InlineFold*> folds,
                                               const ItemHeads& heads, const Clock& clock, Log& log);
  virtual ~Journal() = default;

  // Appends `batch` as one atomic unit, with what the folds make of it; `done` gets its first and last sequence.
  // Shape: 1..kBatchEventsMax events, at most kBatchBytesMax encoded bytes. Sequences are assigned by the writer,
  // ascending; all events of one append carry the same time, the wall clock's, which may be earlier than the time of
  // events before them. Threads: any, but for one that destroys the journal. Never blocks on disk: concurrent calls
  // join one synced write; `done` runs on the writer's thread after it (after the write for kUnsynced), in the order of
  // the calls, exactly once, and must not block: post to a strand. Errors: kPreconditionFailed (an item moved on since
  // `seen`; nothing written), kRejected (over a limit, an undecodable body, or a fold
  //   refuses an event; nothing written), kUnavailable (disk full, or 64 MiB of appends wait already; nothing written),
  //   kCorrupt (write or sync failed, or a stored row cannot be read; the journal is read-only from now on).
  // Source: DESIGN.md, Journal; schemas/event.md.
  virtual void Append(Batch batch, Preconditions seen, Durability durability, AppendDone done) = 0;

  // The same, waiting for the answer; in its order behind what is appended and not answered yet. While nobody else
  // writes, it is written on the caller's own thread, and listeners are called on it. Not to be called inside `done`
  // or a listener, nor with a lock held that a listener takes.
  virtual Result<Appended> AppendAndWait(Batch batch, Preconditions seen, Durability durability) = 0;

  // A consistent view of events and state at this moment; cheap. It keeps old rows from being dropped until it goes: do
  // not keep it for long, and let it go before the journal.
  virtual std::unique_ptr<JournalView> View() const = 0;

  // Calls `changed` with the newest sequence after each commit, on the thread that wrote it; must not block. A listener
  // that is busy reads the events it missed by itself: the journal keeps no queue for it. The subscription ends when
  // the returned object goes, which waits for a call under way.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };
  virtual std::unique_ptr<Subscription> Subscribe(std::function<void(Sequence)> changed) = 0;

  // Waits until all that is appended is on disk. Errors: as Append.
  virtual Result<void> Flush() = 0;

  // Makes `folder`, which must not exist, a copy of the journal as it is now: it opens as one, ends at or behind every
  // append answered before the call, and shares its files with this one where the file system has hard links. Threads:
  // any, beside appends; waits for a flush. Errors: kConflict (`folder` is there), kCorrupt (the journal is read-only),
  // kUnavailable; nothing is left of `folder` then.
  virtual Result<void> MakeCheckpoint(const std::filesystem::path& folder) = 0;

  virtual JournalStats stats() const = 0;

  // Attachments, photos, mail sources: what events refer to (journal/blobs.h). Goes with the journal.
  virtual BlobStore& blobs() = 0;

  // Drops history beyond `policy`: where it is due the state is restated at the end of the journal (a checkpoint), then
  // the events before an older restatement go and a gap says so; and rows that a Refold left go. In small appends
  // between which others find room; a crash, or `cancelled` answering true between two of them, leaves all whole, and
  // the next call goes on. Blocks for as long as it takes; not for a thread of Outlook, nor the writer's. Errors: those
  // of Append, kInvalid (a fold that cannot restate), those of SweepBlobs (the events are dropped by then). Source:
  // docs/journal.md, "Retention".
  virtual Result<RetentionReport> Retain(const RetentionPolicy& policy, const std::function<bool()>& cancelled) = 0;

  // Folds all events again, by `folds` of the same names, versions and tables as those the journal was opened with (not
  // the same objects: the writer goes on with its own), into rows beside those that count, and swaps them in one write.
  // For rows of an older version, and for wrong ones. Views show the rows of their moment. Blocks likewise; one such
  // work at a time. Errors: kInvalid (other folds), kConflict (history is being dropped, or rows folded, by another
  // thread), kCorrupt (an event or fold cannot be followed, or the journal is read-only), kUnavailable; the old rows
  // count then.
  virtual Result<RefoldReport> Refold(std::vector<InlineFold*> folds, const std::function<bool()>& cancelled) = 0;

  // Rewrites the database's tables without what was overwritten or dropped; rows that a Refold left go, too, but where
  // another such work is under way. Blocks likewise. Errors: kUnavailable,
  // kCorrupt.
  virtual Result<void> Compact() = 0;
};

// A journal opened beside its writer by another process (a RocksDB secondary), or without one: it never writes into the
// folder. Threads: one at a time.
class JournalFollower {
 public:
  // `scratch` takes the secondary's own files (encrypted like the journal's) and is the caller's to remove; `key` as in
  // JournalOptions. Errors: kNotFound, kNewerFormat, kUnavailable, and those about the key of Journal::Open.
  static Result<std::unique_ptr<JournalFollower>> Open(const std::filesystem::path& folder,
                                                       const std::filesystem::path& scratch, const KeySource& key = {});
  virtual ~JournalFollower() = default;
  // Catches up with the writer and gives a view that is whole: its applied sequence is that of its last event, without
  // an unexplained hole. While a view lives, further ones show the same moment: a secondary cannot stand still and move
  // on at once. Tries a bounded number of times, without waiting. Errors: kUnavailable (the writer is too busy just
  // now, or the files cannot be read).
  virtual Result<std::unique_ptr<JournalView>> View() = 0;
};

}  // namespace outpost
