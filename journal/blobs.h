#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "schemas/value.h"

// Blobs: content too large for an event (mail sources, attachments, photos), kept beside the journal and named by what
// it is. Source: schemas/blobs.md.
namespace outpost {

class JournalView;

// True: stop. Asked between one blob and the next, and between two chunks of one.
using CancelFn = std::function<bool()>;

// One blob, opened for reading. Memory: one chunk of 64 KiB and 32 bytes a chunk. Threads: one at a time; many readers
// at once. Let it go before the journal.
class BlobReader {
 public:
  virtual ~BlobReader() = default;
  virtual std::uint64_t size() const = 0;
  // Fills `out` from the current position on and moves it; the number of bytes, less than out.size() only at the end,
  // 0 there. A byte is handed out only after its chunk has been checked. Errors: kCorrupt (blob and chunk named; what
  // `out` then holds is unspecified but never unchecked bytes; the position stays), kUnavailable.
  virtual Result<std::size_t> Read(std::span<std::uint8_t> out) = 0;
  // The next Read begins at `offset`, 0..size(). Errors: kInvalid.
  virtual Result<void> Seek(std::uint64_t offset) = 0;
};

// Where blobs are read from. Threads: any.
class BlobSource {
 public:
  virtual ~BlobSource() = default;
  // Errors: kNotFound (no such blob), kCorrupt (its list of digests, or a small blob's content, is not what the id
  // names), kUnavailable.
  virtual Result<std::unique_ptr<BlobReader>> Open(const BlobRef& ref) const = 0;
};

// While it lives no sweep removes the blob. Dropped after the event that refers to the blob has been appended: from
// then on the event keeps it. Copies hold as well. Threads: as a value. Let it go before the journal.
class PinnedBlob {
 public:
  PinnedBlob() = default;
  PinnedBlob(const BlobRef& ref, std::shared_ptr<const void> hold) : ref_(ref), hold_(std::move(hold)) {}
  const BlobRef& ref() const { return ref_; }

 private:
  BlobRef ref_;
  std::shared_ptr<const void> hold_;
};

// Takes one blob's content piece by piece. Destroyed without Finish(), or after an error, it leaves nothing behind.
// Memory: one chunk of 64 KiB and 32 bytes a chunk. Threads: one at a time; many writers at once. Let it go before the
// journal.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;
  // Errors: kRejected (above 4 GiB), kUnavailable (disk full: the limit is named; or a write failed), kCorrupt (the
  // journal is read-only). After an error all further calls give the same one.
  virtual Result<void> Write(Bytes piece) = 0;
  // The blob, kept by the pin. A blob of 64 KiB and more is on disk, synced; a smaller one is in the database's log and
  // is on disk as soon as any later append is: an event never outlives its blob. Content that is there already is not
  // stored twice. To be called once. Errors: as Write.
  virtual Result<PinnedBlob> Finish() = 0;
};

// What a sweep did.
struct BlobSweepReport {
  std::uint64_t kept = 0;
  std::uint64_t removed = 0;
  std::uint64_t removed_bytes = 0;  // content and frame
  std::uint64_t temporaries = 0;    // left behind by writers that failed to remove them
  bool complete = false;            // false: cancelled; what was not looked at is as it was
};

// The blobs that are referred to, in 16 bytes each: for a million of them 16 MiB, at most twice that while they come
// in. Two blobs that share the first 16 bytes of their address would only keep each other. Threads: one.
class BlobMarks {
 public:
  // Where a blob lies: its id, or the name of its file.
  using AddressFn = std::function<Digest(const BlobRef&)>;
  explicit BlobMarks(AddressFn address) : address_(std::move(address)) {}
  // Marks a blob; again is no harm.
  void Add(const BlobRef& ref);
  bool Contains(const Digest& address);
  // Different blobs marked.
  std::size_t size();

 private:
  using Prefix = std::array<std::uint8_t, 16>;
  static Prefix PrefixOf(const Digest& address);
  void Sort();
  const AddressFn address_;
  std::vector<Prefix> prefixes_;
  std::size_t sorted_ = 0;  // the first so many are in order and different
};

// A sweep from its beginning: every blob that is pinned now or from now on stays, whatever the marks say. So a caller
// begins the sweep, then takes a view, marks what the view's events and items refer to, and runs it: what an event
// appended meanwhile refers to was pinned until it was appended. An event that takes over a reference without a pin
// must take it from an event or item that is kept. Threads: one.
class BlobSweep {
 public:
  virtual ~BlobSweep() = default;
  virtual BlobMarks& marks() = 0;
  // Removes every blob that is neither marked nor pinned. Threads: appends, readers and writers of blobs go on
  // meanwhile; a writer that comes to a blob just being removed waits for that one removal. An open reader of a removed
  // file reads on. Errors: kUnavailable (a removal failed: what was removed before is gone, the rest is as it was),
  // kCorrupt (the journal is read-only; nothing removed).
  virtual Result<BlobSweepReport> Run(const CancelFn& cancelled) = 0;
};

// The blobs of a journal. Threads: any.
class BlobStore : public BlobSource {
 public:
  // Errors: kUnavailable (disk full), kCorrupt (the journal is read-only, or a sync of blobs failed before: none is
  // written until the journal is opened again).
  virtual Result<std::unique_ptr<BlobWriter>> Create() = 0;
  // Keeps a blob that is there: to be held before a reference is used again that only a dropped event had. Errors:
  // kNotFound, kCorrupt, kUnavailable.
  virtual Result<PinnedBlob> Pin(const BlobRef& ref) = 0;
  // Errors: kConflict (a sweep is under way).
  virtual Result<std::unique_ptr<BlobSweep>> BeginSweep() = 0;

  // Create, Write, Finish. Errors: theirs.
  Result<PinnedBlob> Put(Bytes content);
};

class Journal;

// Removes every blob of `journal` that no kept event refers to: a whole sweep, as retention runs it once it has dropped
// events, and which also takes what crashes left behind. Reads every event. Errors: those of BeginSweep and Run;
// kCorrupt (an event that cannot be read: what it refers to is not known; nothing removed); kRejected (an event of a
// kind that this build does not know may refer to blobs; nothing removed). Threads: as BlobSweep.
Result<BlobSweepReport> SweepBlobs(Journal& journal, const CancelFn& cancelled);

// The blobs that go with a view of a Journal or JournalFollower; does not outlive it. What the view's events refer to
// is there unless retention dropped them since. Threads: as the view's.
std::unique_ptr<BlobSource> BlobsOf(const JournalView& view);

// A stored blob that is not what it should be.
struct BadBlob {
  std::string name;  // its id, in hexadecimal; its file's name where that is another
  std::string file;  // below the journal's folder; empty: a row of the database
  std::string problem;
};

// A blob that an event refers to and that is not there.
struct MissingBlob {
  BlobRef ref;
  Sequence seq = 0;  // the first event that refers to it
};

// At most this many are named in a report; all are counted.
inline constexpr std::size_t kNamedBlobsMax = 100;

struct BlobReport {
  std::uint64_t blobs = 0;  // stored
  std::uint64_t bytes = 0;  // of content that is whole
  std::uint64_t references = 0;
  std::uint64_t bad = 0;
  std::uint64_t missing = 0;
  std::uint64_t unreferenced = 0;  // no damage: what a crash left, or what retention has yet to remove
  std::uint64_t unreferenced_bytes = 0;
  std::vector<BadBlob> bad_blobs;
  std::vector<MissingBlob> missing_blobs;
  bool references_complete = false;  // false: not all events could be read, and nothing counts as unreferenced
  bool complete = false;             // false: cancelled
  bool sound() const { return bad == 0 && missing == 0; }
};

// Reads every blob and checks every byte of it; follows every reference of every event. Events that do not decode are
// passed over: VerifyEvents names them. A blob that the writer removes or makes meanwhile is no damage, but a reference
// of an event that was dropped since the view was taken may count as missing: look again with a new view before it is
// called damage. Memory: 64 bytes for each different reference. Threads: as the view's. Errors: kUnavailable only.
Result<BlobReport> VerifyBlobs(const JournalView& view, const CancelFn& cancelled);

}  // namespace outpost
