#include "mapi-adapter/provider/stream.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <vector>

namespace outpost::mapi {
namespace {

using namespace abi;

constexpr std::size_t kPiece = 64 * 1024;
constexpr std::uint64_t kStreamMost = 4ull << 30;  // as blobs

// Where the bytes of a stream are. Threads: one at a time.
class StreamBytes {
 public:
  virtual ~StreamBytes() = default;
  virtual std::uint64_t size() const = 0;
  // Up to `size` bytes from `at` on, as many as there are. Errors: STG_E_… of what cannot be read.
  virtual HRESULT ReadAt(std::uint64_t at, char* out, std::size_t size, std::size_t& read) = 0;
  virtual HRESULT WriteAt(std::uint64_t, std::string_view) { return STG_E_ACCESSDENIED; }
  virtual HRESULT Resize(std::uint64_t) { return STG_E_ACCESSDENIED; }
  virtual HRESULT Commit() { return S_OK_; }
  virtual bool writable() const { return false; }
};

class InMemory : public StreamBytes {
 public:
  explicit InMemory(std::string bytes, StreamDone done = {}) : bytes_(std::move(bytes)), done_(std::move(done)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  HRESULT ReadAt(std::uint64_t at, char* out, std::size_t size, std::size_t& read) override {
    read = at < bytes_.size() ? std::min<std::size_t>(size, bytes_.size() - static_cast<std::size_t>(at)) : 0;
    if (read != 0) std::memcpy(out, bytes_.data() + at, read);
    return S_OK_;
  }
  HRESULT WriteAt(std::uint64_t at, std::string_view piece) override {
    if (!done_) return STG_E_ACCESSDENIED;
    if (at + piece.size() > kStreamMost) return STG_E_MEDIUMFULL;
    if (bytes_.size() < at + piece.size()) bytes_.resize(static_cast<std::size_t>(at) + piece.size());
    std::memcpy(bytes_.data() + at, piece.data(), piece.size());
    changed_ = true;
    return S_OK_;
  }
  HRESULT Resize(std::uint64_t size) override {
    if (!done_) return STG_E_ACCESSDENIED;
    if (size > kStreamMost) return STG_E_MEDIUMFULL;
    bytes_.resize(static_cast<std::size_t>(size));
    changed_ = true;
    return S_OK_;
  }
  HRESULT Commit() override {
    if (!done_ || !changed_) return S_OK_;
    const HRESULT result = done_(bytes_);
    if (!Failed(result)) changed_ = false;
    return result;
  }
  bool writable() const override { return static_cast<bool>(done_); }

 private:
  std::string bytes_;
  const StreamDone done_;
  bool changed_ = false;
};

class InBlob final : public StreamBytes {
 public:
  explicit InBlob(std::unique_ptr<outpost::BlobReader> blob) : blob_(std::move(blob)) {}
  std::uint64_t size() const override { return blob_->size(); }
  HRESULT ReadAt(std::uint64_t at, char* out, std::size_t size, std::size_t& read) override {
    read = 0;
    if (at >= blob_->size()) return S_OK_;
    if (const auto sought = blob_->Seek(at); !sought) return CodeOf(sought.error());
    while (read < size) {
      const auto some = blob_->Read({reinterpret_cast<std::uint8_t*>(out) + read, size - read});
      if (!some) return CodeOf(some.error());
      if (some.value() == 0) break;
      read += some.value();
    }
    return S_OK_;
  }

 private:
  const std::unique_ptr<outpost::BlobReader> blob_;
};

// In memory while it is small; then a blob that is being written.
class ToBlob final : public StreamBytes {
 public:
  ToBlob(BlobStore& blobs, BlobDone done) : blobs_(blobs), done_(std::move(done)) {}
  std::uint64_t size() const override { return size_; }
  HRESULT ReadAt(std::uint64_t at, char* out, std::size_t size, std::size_t& read) override {
    read = 0;
    if (!writer_ && kept_) {
      auto opened = blobs_.Open(kept_->ref());
      return opened ? InBlob(std::move(opened.value())).ReadAt(at, out, size, read) : CodeOf(opened.error());
    }
    if (!writer_) return InMemory(head_).ReadAt(at, out, size, read);
    return at < size_ ? STG_E_INVALIDFUNCTION : S_OK_;
  }
  HRESULT WriteAt(std::uint64_t at, std::string_view piece) override {
    if (!writer_ && !kept_ && at + piece.size() <= kInMemoryMax) {
      changed_ = true;
      if (head_.size() < at + piece.size()) head_.resize(static_cast<std::size_t>(at) + piece.size());
      std::memcpy(head_.data() + at, piece.data(), piece.size());
      size_ = head_.size();
      return S_OK_;
    }
    if (at != size_) return STG_E_INVALIDFUNCTION;
    if (size_ + piece.size() > kStreamMost) return STG_E_MEDIUMFULL;
    changed_ = true;
    if (!writer_) {
      const HRESULT begun = Begin();
      if (Failed(begun)) return begun;
    }
    if (const auto more = writer_->Write(AsBytes(piece)); !more) return STG_E_MEDIUMFULL;
    size_ += piece.size();
    return S_OK_;
  }
  HRESULT Resize(std::uint64_t size) override {
    changed_ = true;
    if (size == size_) return S_OK_;
    if (size == 0) {
      writer_.reset();
      kept_.reset();
      head_.clear();
    } else if (!writer_ && !kept_ && size <= kInMemoryMax) {
      head_.resize(static_cast<std::size_t>(size));
    } else {
      return size > size_ ? S_OK_ : STG_E_INVALIDFUNCTION;  // how much will come, for whoever makes room
    }
    size_ = size;
    return S_OK_;
  }
  HRESULT Commit() override {
    if (!changed_) return S_OK_;
    if (!writer_ && kept_) return done_(*kept_);
    auto kept = writer_ ? writer_->Finish() : blobs_.Put(AsBytes(head_));
    if (!kept) return STG_E_MEDIUMFULL;
    if (writer_) kept_ = kept.value();
    writer_.reset();
    changed_ = false;
    return done_(std::move(kept.value()));
  }
  bool writable() const override { return true; }

 private:
  // A blob with what there is so far. One that was committed does not grow: its bytes begin the next.
  HRESULT Begin() {
    auto made = blobs_.Create();
    if (!made) return CodeOf(made.error());
    auto writer = std::move(made.value());
    if (const auto begun = writer->Write(AsBytes(head_)); !begun) return STG_E_MEDIUMFULL;
    if (kept_) {
      auto opened = blobs_.Open(kept_->ref());
      if (!opened) return CodeOf(opened.error());
      std::vector<std::uint8_t> piece(kPiece);
      for (;;) {
        const auto some = opened.value()->Read(piece);
        if (!some) return CodeOf(some.error());
        if (some.value() == 0) break;
        if (const auto more = writer->Write({piece.data(), some.value()}); !more) return STG_E_MEDIUMFULL;
      }
    }
    head_.clear();
    kept_.reset();
    writer_ = std::move(writer);
    return S_OK_;
  }

  BlobStore& blobs_;
  const BlobDone done_;
  std::string head_;
  std::uint64_t size_ = 0;
  std::unique_ptr<BlobWriter> writer_;
  std::optional<PinnedBlob> kept_;  // a large content as it was committed, until more is written
  bool changed_ = true;             // an empty content, too, is one
};

class Stream final : public ComObject<IStream> {
 public:
  Stream(std::shared_ptr<const OpenStore> store, std::unique_ptr<StreamBytes> bytes)
      : store_(std::move(store)), bytes_(std::move(bytes)) {}

  HRESULT OUTPOST_MAPI_CALL Read(void* out, ULONG size, ULONG* read) override {
    return AtEdge([&] {
      if (read != nullptr) *read = 0;
      if (out == nullptr) return STG_E_INVALIDPOINTER;
      const std::lock_guard lock(mutex_);
      std::size_t got = 0;
      const HRESULT result = bytes_->ReadAt(position_, static_cast<char*>(out), size, got);
      position_ += got;
      if (read != nullptr) *read = static_cast<ULONG>(got);
      return result;
    });
  }
  HRESULT OUTPOST_MAPI_CALL Write(const void* in, ULONG size, ULONG* written) override {
    return AtEdge([&] {
      if (written != nullptr) *written = 0;
      if (in == nullptr) return STG_E_INVALIDPOINTER;
      const std::lock_guard lock(mutex_);
      const HRESULT result = bytes_->WriteAt(position_, {static_cast<const char*>(in), size});
      if (Failed(result)) return result;
      position_ += size;
      if (written != nullptr) *written = size;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL Seek(std::int64_t move, ULONG origin, std::uint64_t* position) override {
    const std::lock_guard lock(mutex_);
    if (origin > STREAM_SEEK_END) return STG_E_INVALIDFUNCTION;
    const std::uint64_t from = origin == STREAM_SEEK_SET ? 0 : origin == STREAM_SEEK_CUR ? position_ : bytes_->size();
    if (move < 0 && static_cast<std::uint64_t>(-(move + 1)) + 1 > from) return STG_E_INVALIDFUNCTION;
    if (move > 0 && static_cast<std::uint64_t>(move) > kStreamMost - std::min(from, kStreamMost))
      return STG_E_INVALIDFUNCTION;
    position_ = from + static_cast<std::uint64_t>(move);
    if (position != nullptr) *position = position_;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL SetSize(std::uint64_t size) override {
    return AtEdge([&] {
      const std::lock_guard lock(mutex_);
      return bytes_->Resize(size);
    });
  }
  HRESULT OUTPOST_MAPI_CALL CopyTo(IStream* to, std::uint64_t size, std::uint64_t* read,
                                   std::uint64_t* written) override {
    return AtEdge([&] {
      std::uint64_t done = 0, put_all = 0;
      HRESULT result = to == nullptr ? STG_E_INVALIDPOINTER : S_OK_;
      std::vector<char> piece(kPiece);
      while (!Failed(result) && done < size) {
        ULONG got = 0, put = 0;
        result = Read(piece.data(), static_cast<ULONG>(std::min<std::uint64_t>(size - done, kPiece)), &got);
        if (Failed(result) || got == 0) break;
        done += got;
        result = to->Write(piece.data(), got, &put);
        put_all += put;
      }
      if (read != nullptr) *read = done;
      if (written != nullptr) *written = put_all;
      return result;
    });
  }
  HRESULT OUTPOST_MAPI_CALL Commit(ULONG) override {
    return AtEdge([&] {
      const std::lock_guard lock(mutex_);
      return bytes_->Commit();
    });
  }
  // They are written at once: nothing is to be taken back.
  HRESULT OUTPOST_MAPI_CALL Revert() override { return S_OK_; }
  HRESULT OUTPOST_MAPI_CALL LockRegion(std::uint64_t, std::uint64_t, ULONG) override { return STG_E_INVALIDFUNCTION; }
  HRESULT OUTPOST_MAPI_CALL UnlockRegion(std::uint64_t, std::uint64_t, ULONG) override { return STG_E_INVALIDFUNCTION; }
  HRESULT OUTPOST_MAPI_CALL Stat(STATSTG* stat, ULONG) override {
    if (stat == nullptr) return STG_E_INVALIDPOINTER;
    const std::lock_guard lock(mutex_);
    *stat = {};
    stat->type = STGTY_STREAM;
    stat->cbSize = bytes_->size();
    stat->grfMode = bytes_->writable() ? STGM_READWRITE : 0;
    return S_OK_;
  }
  HRESULT OUTPOST_MAPI_CALL Clone(IStream** clone) override {
    if (clone != nullptr) *clone = nullptr;
    return STG_E_INVALIDFUNCTION;
  }

 private:
  ~Stream() = default;
  bool Offers(const IID& iid) const override { return iid == kIStream || iid == kISequentialStream; }
  // Whoever never said Commit wrote all the same: streams of MAPI are direct.
  void Destroy() override {
    AtEdge([&] { return bytes_->Commit(); });
    delete this;
  }

  const std::shared_ptr<const OpenStore> store_;  // first: what is read goes before it
  std::mutex mutex_;                              // guards what is below
  const std::unique_ptr<StreamBytes> bytes_;
  std::uint64_t position_ = 0;
};

}  // namespace

abi::IStream* MakeStream(std::shared_ptr<const OpenStore> store, std::string bytes) {
  return new Stream(std::move(store), std::make_unique<InMemory>(std::move(bytes)));
}
abi::IStream* MakeStream(std::shared_ptr<const OpenStore> store, std::unique_ptr<outpost::BlobReader> blob) {
  return new Stream(std::move(store), std::make_unique<InBlob>(std::move(blob)));
}
abi::IStream* MakeWritableStream(std::shared_ptr<const OpenStore> store, std::string bytes, StreamDone done) {
  return new Stream(std::move(store), std::make_unique<InMemory>(std::move(bytes), std::move(done)));
}
abi::IStream* MakeBlobStream(std::shared_ptr<const OpenStore> store, BlobDone done) {
  BlobStore& blobs = store->account->journal().blobs();
  return new Stream(std::move(store), std::make_unique<ToBlob>(blobs, std::move(done)));
}

}  // namespace outpost::mapi
