#include "journal/blob_reader.h"

#include <algorithm>
#include <cstring>

#include "journal/rocks_view.h"

namespace outpost::journal {
namespace {

Error Damaged(std::string what) { return {Code::kCorrupt, Retry::kNever, std::move(what)}; }
std::string Named(const Digest& id) { return "blob " + ToHex(id); }

// Position and copying, over something that gives checked chunks.
class ChunkReader : public BlobReader {
 public:
  explicit ChunkReader(std::uint64_t size) : size_(size) {}
  std::uint64_t size() const override { return size_; }

  Result<std::size_t> Read(std::span<std::uint8_t> out) override {
    std::size_t done = 0;
    while (done < out.size() && position_ + done < size_) {
      const std::uint64_t at = position_ + done;
      OUTPOST_TRY(const std::string_view chunk, Chunk(at / kBlobChunkBytes));
      const std::string_view rest = chunk.substr(at % kBlobChunkBytes);
      const std::size_t bytes = std::min(rest.size(), out.size() - done);
      std::memcpy(out.data() + done, rest.data(), bytes);
      done += bytes;
    }
    position_ += done;
    return done;
  }

  Result<void> Seek(std::uint64_t offset) override {
    if (offset > size_)
      return Error{Code::kInvalid, Retry::kNever,
                   "a blob of " + std::to_string(size_) + " bytes has no byte " + std::to_string(offset)};
    position_ = offset;
    return Ok();
  }

 protected:
  virtual Result<std::string_view> Chunk(std::uint64_t index) = 0;

 private:
  const std::uint64_t size_;
  std::uint64_t position_ = 0;
};

class SmallReader final : public ChunkReader {
 public:
  explicit SmallReader(std::string content) : ChunkReader(content.size()), content_(std::move(content)) {}

 private:
  Result<std::string_view> Chunk(std::uint64_t) override { return std::string_view(content_); }
  const std::string content_;
};

class FileReader final : public ChunkReader {
 public:
  FileReader(std::shared_ptr<Rocks> rocks, std::unique_ptr<BlobFile> file)
      : ChunkReader(file->size()), rocks_(std::move(rocks)), file_(std::move(file)) {}

 private:
  Result<std::string_view> Chunk(std::uint64_t index) override {
    if (index == loaded_) return std::string_view(chunk_);
    loaded_ = kNone;
    if (auto read = file_->ReadChunk(index, chunk_); !read) {
      read.error().context = Named(file_->id()) + ": " + read.error().context;
      return std::move(read).as_failure();
    }
    loaded_ = index;
    return std::string_view(chunk_);
  }

  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  const std::shared_ptr<Rocks> rocks_;  // its file system is what reads the file
  const std::unique_ptr<BlobFile> file_;
  std::string chunk_;
  std::uint64_t loaded_ = kNone;
};

class ViewBlobs final : public BlobSource {
 public:
  ViewBlobs(std::shared_ptr<Rocks> rocks, const rocksdb::Snapshot* snapshot)
      : rocks_(std::move(rocks)), snapshot_(snapshot), files_(rocks_) {}
  Result<std::unique_ptr<BlobReader>> Open(const BlobRef& ref) const override {
    return OpenBlob(rocks_, snapshot_, files_, ref);
  }

 private:
  const std::shared_ptr<Rocks> rocks_;
  const rocksdb::Snapshot* const snapshot_;
  const BlobFiles files_;
};

}  // namespace

Result<void> BlobFile::ReadAt(std::uint64_t offset, std::size_t bytes, std::string& out) const {
  out.resize(bytes);
  rocksdb::Slice read;
  const auto status = file_->Read(offset, bytes, rocksdb::IOOptions(), &read, out.data(), nullptr);
  if (status.ok() && read.size() == bytes) {
    if (read.data() != out.data()) out.assign(read.data(), read.size());
    return Ok();
  }
  out.clear();
  if (!status.ok()) return ToError(status, "cannot read " + path_);
  return Damaged(path_ + " is cut short");
}

Result<void> BlobFile::Load(std::uint64_t file_bytes) {
  if (file_bytes < BlobFileBytes(kBlobFileBytes)) return Damaged(path_ + " is cut short");
  std::string trailer;
  OUTPOST_TRYV(ReadAt(file_bytes - kBlobTrailerBytes, kBlobTrailerBytes, trailer));
  const auto size = ParseBlobTrailer(trailer, file_bytes);
  if (!size) return Damaged("the trailer of " + path_ + " is damaged, or the file is cut short");
  size_ = *size;
  OUTPOST_TRYV(ReadAt(size_, static_cast<std::size_t>(ChunksOf(size_)) * sizeof(Digest), digests_));
  id_ = BlobIdOf(size_, digests_);
  return Ok();
}

Result<std::unique_ptr<BlobFile>> BlobFile::Open(const BlobFiles& files, const Digest& name) {
  std::unique_ptr<BlobFile> file(new BlobFile);
  const std::string path = files.Path(name);
  file->path_ = BlobFiles::Relative(name);
  OUTPOST_TRY(file->file_, files.Open(path));
  OUTPOST_TRY(const std::uint64_t file_bytes, files.Size(path));
  OUTPOST_TRYV(file->Load(file_bytes));
  return file;
}

Result<void> BlobFile::ReadChunk(std::uint64_t index, std::string& chunk) const {
  const std::uint64_t offset = index * kBlobChunkBytes;
  const std::size_t bytes = ChunkBytes(size_, index);
  OUTPOST_TRYV(ReadAt(offset, bytes, chunk));
  const Digest digest = Sha256Of(chunk);
  if (AsText(digest) == std::string_view(digests_).substr(index * sizeof(Digest), sizeof(Digest))) return Ok();
  chunk.clear();
  return Damaged("chunk " + std::to_string(index) + " of " + std::to_string(ChunksOf(size_)) + ", bytes " +
                 std::to_string(offset) + ".." + std::to_string(offset + bytes - 1) + " of " + path_ + ", is damaged");
}

Result<std::string> ReadSmallBlob(const Rocks& rocks, const rocksdb::Snapshot* snapshot, const Digest& id) {
  const auto missing = [&] { return Error{Code::kNotFound, Retry::kNever, Named(id) + " is not here"}; };
  if (rocks.blobs() == nullptr) return missing();
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  options.fill_cache = false;  // read once and large: the cache is for rows
  auto row = rocks.Get(options, rocks.blobs(), AsText(id));
  if (!row) {
    row.error().context = Named(id) + ": " + row.error().context;
    return std::move(row).as_failure();
  }
  if (!row.value()) return missing();
  const auto content = ParseSmallBlob(id, *row.value());
  if (!content) return Damaged(Named(id) + ": chunk 0 of 1, a row of the database, is damaged");
  return std::string(*content);
}

Result<std::unique_ptr<BlobReader>> OpenBlob(const std::shared_ptr<Rocks>& rocks, const rocksdb::Snapshot* snapshot,
                                             const BlobFiles& files, const BlobRef& ref) {
  const auto other_size = [&](std::uint64_t size) {
    return Damaged(Named(ref.id) + " has " + std::to_string(size) + " bytes, its reference says " +
                   std::to_string(ref.size));
  };
  if (ref.size < kBlobFileBytes) {
    OUTPOST_TRY(std::string content, ReadSmallBlob(*rocks, snapshot, ref.id));
    if (content.size() != ref.size) return other_size(content.size());
    return std::unique_ptr<BlobReader>(std::make_unique<SmallReader>(std::move(content)));
  }
  auto file = BlobFile::Open(files, files.NameOf(ref.id));
  if (!file) {
    auto& error = file.error();
    error.context = Named(ref.id) + (error.code == Code::kNotFound ? " is not here" : ": " + error.context);
    return std::move(file).as_failure();
  }
  if (file.value()->id() != ref.id)
    return Damaged(Named(ref.id) + ": the list of digests in " + BlobFiles::Relative(files.NameOf(ref.id)) +
                   " is damaged");
  if (file.value()->size() != ref.size) return other_size(file.value()->size());
  return std::unique_ptr<BlobReader>(std::make_unique<FileReader>(rocks, std::move(file).value()));
}

}  // namespace outpost::journal

namespace outpost {

std::unique_ptr<BlobSource> BlobsOf(const JournalView& view) {
  const auto* rocks_view = dynamic_cast<const journal::RocksView*>(&view);
  OUTPOST_CHECK(rocks_view != nullptr);
  return std::make_unique<journal::ViewBlobs>(rocks_view->rocks(), rocks_view->snapshot());
}

}  // namespace outpost
