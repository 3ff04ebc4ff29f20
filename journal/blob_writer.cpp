#include <optional>

#include "journal/blob_format.h"
#include "journal/blob_reader.h"
#include "journal/blob_store.h"

namespace outpost::journal {
namespace {

// Holds the first 64 KiB in memory: what stays below is a row. With the first whole chunk the temporary file begins.
class Writer final : public BlobWriter {
 public:
  explicit Writer(std::shared_ptr<BlobCore> core) : core_(std::move(core)) {}
  ~Writer() override { Discard(); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  Result<void> Write(Bytes piece) override {
    OUTPOST_CHECK(!finished_);
    if (error_) return *error_;
    return Noted(Take(AsText(piece)));
  }

  Result<PinnedBlob> Finish() override {
    OUTPOST_CHECK(!finished_);
    if (error_) return *error_;
    finished_ = true;
    return Noted(file_ ? FinishFile() : FinishRow());
  }

 private:
  // A writer that failed once is done for, and its temporary goes at once: it may be what fills the disk.
  template <class T>
  Result<T> Noted(Result<T> result) {
    if (result) return result;
    error_ = result.error();
    Discard();
    return result;
  }

  Result<void> Take(std::string_view piece) {
    if (piece.size() > kBlobBytesMax - size_)
      return Error{Code::kRejected, Retry::kNever,
                   "a blob of more than " + std::to_string(kBlobBytesMax) + " bytes, which is the limit"};
    size_ += piece.size();
    while (!piece.empty()) {
      if (chunk_.empty() && piece.size() >= kBlobChunkBytes) {
        OUTPOST_TRYV(PutChunk(piece.substr(0, kBlobChunkBytes)));
        piece.remove_prefix(kBlobChunkBytes);
        continue;
      }
      const std::string_view part = piece.substr(0, kBlobChunkBytes - chunk_.size());
      chunk_ += part;
      piece.remove_prefix(part.size());
      if (chunk_.size() < kBlobChunkBytes) return Ok();
      OUTPOST_TRYV(PutChunk(chunk_));
      chunk_.clear();
    }
    return Ok();
  }

  Result<void> PutChunk(std::string_view chunk) {
    OUTPOST_TRYV(core_->CheckWritable());
    if (!file_) OUTPOST_TRYV(OpenTemporary());
    const Digest digest = Sha256Of(chunk);
    digests_ += AsText(digest);
    return Append(chunk);
  }

  Result<void> OpenTemporary() {
    OUTPOST_TRYV(core_->PrepareRoot());
    temporary_ = core_->NewTemporary();
    OUTPOST_TRY(file_, core_->files().Create(core_->files().TemporaryPath(*temporary_)));
    return Ok();
  }

  Result<void> Append(std::string_view bytes) {
    const auto status = file_->Append(ToSlice(bytes), rocksdb::IOOptions(), nullptr);
    if (!status.ok()) return ToError(status, "cannot write a blob");
    return Ok();
  }

  // Unsynced: the log keeps its order, so the row is on disk when the event that refers to it is, and nothing needs it
  // before that. A sync for each small attachment of a mailbox would cost more than all the rest.
  Result<PinnedBlob> FinishRow() {
    OUTPOST_TRYV(core_->CheckWritable());
    const BlobRef ref{BlobIdOfSmall(chunk_), chunk_.size()};
    PinnedBlob pinned(ref, core_->Hold(ref));
    const Rocks& rocks = *core_->rocks();
    const auto present = ReadSmallBlob(rocks, nullptr, ref.id);
    if (present) return pinned;
    if (present.error().code == Code::kUnavailable) return present.error();
    const auto status =  // a damaged row is replaced by what it should be
        rocks.db().Put(rocksdb::WriteOptions(), rocks.blobs(), ToSlice(AsText(ref.id)), EncodeSmallBlob(chunk_));
    if (!status.ok()) return ToError(status, "cannot write a blob");
    return pinned;
  }

  Result<PinnedBlob> FinishFile() {
    if (!chunk_.empty()) OUTPOST_TRYV(PutChunk(chunk_));
    OUTPOST_TRYV(core_->CheckWritable());
    const BlobRef ref{BlobIdOf(size_, digests_), size_};
    const Digest name = core_->files().NameOf(ref.id);
    PinnedBlob pinned(ref, core_->Hold(ref));
    OUTPOST_TRY(const bool present, IsThere(ref, name));
    if (present) {
      Discard();
    } else {
      OUTPOST_TRYV(Complete());
      OUTPOST_TRYV(core_->PrepareFolderFor(name));
      OUTPOST_TRYV(core_->files().Rename(core_->files().TemporaryPath(*temporary_), core_->files().Path(name)));
      Forget();
    }
    // Also where the file was there: the process that renamed it may have died before it did this.
    OUTPOST_TRYV(core_->SyncFolderFor(name));
    return pinned;
  }

  // A file that is not what it should be counts as none: the new one takes its place.
  Result<bool> IsThere(const BlobRef& ref, const Digest& name) const {
    const auto there = BlobFile::Open(core_->files(), name);
    if (there) return there.value()->id() == ref.id && there.value()->size() == ref.size;
    if (there.error().code == Code::kUnavailable) return there.error();
    return false;
  }

  Result<void> Complete() {
    OUTPOST_TRYV(Append(digests_));
    OUTPOST_TRYV(Append(EncodeBlobTrailer(size_)));
    auto status = file_->Fsync(rocksdb::IOOptions(), nullptr);
    if (status.ok()) status = file_->Close(rocksdb::IOOptions(), nullptr);
    if (!status.ok()) return ToError(status, "cannot sync a blob");
    return Ok();
  }

  void Forget() {
    file_.reset();
    if (temporary_) core_->DropTemporary(*temporary_);
    temporary_.reset();
  }

  // What cannot be removed now is removed by the next sweep or open.
  void Discard() {
    file_.reset();
    if (temporary_) static_cast<void>(core_->files().Remove(core_->files().TemporaryPath(*temporary_)));
    Forget();
  }

  const std::shared_ptr<BlobCore> core_;
  std::string chunk_;       // the part of a chunk that has come
  std::uint64_t size_ = 0;  // of all that has come
  std::string digests_;
  std::optional<std::uint64_t> temporary_;
  std::unique_ptr<rocksdb::FSWritableFile> file_;
  std::optional<Error> error_;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<BlobWriter> MakeBlobWriter(std::shared_ptr<BlobCore> core) {
  return std::make_unique<Writer>(std::move(core));
}

}  // namespace outpost::journal
