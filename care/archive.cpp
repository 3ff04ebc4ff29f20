#include "care/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>

#include "base/system/crypto.h"
#include "base/system/file_steps.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

// Above, a fast disk waits for the compressor; below 3 the file grows by a tenth.
constexpr const char* kCompressionLevel = "3";
constexpr std::size_t kReadBytes = 256u << 10;

struct FreeWriter {
  void operator()(archive* handle) const { archive_write_free(handle); }
};
struct FreeReader {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

std::string TextOf(archive* handle) {
  const char* text = archive_error_string(handle);
  return text != nullptr ? text : "no reason given";
}

class TarWriter final : public ArchiveWriter {
 public:
  explicit TarWriter(std::unique_ptr<NewFile> file) : file_(std::move(file)), handle_(archive_write_new()) {}

  Result<void> Open() {
    archive* const handle = handle_.get();
    const bool ready =
        handle != nullptr && archive_write_add_filter_zstd(handle) == ARCHIVE_OK &&
        archive_write_set_filter_option(handle, "zstd", "compression-level", kCompressionLevel) == ARCHIVE_OK &&
        archive_write_set_format_pax_restricted(handle) == ARCHIVE_OK &&
        archive_write_set_bytes_in_last_block(handle, 1) == ARCHIVE_OK &&
        archive_write_open(handle, this, nullptr, &TarWriter::OnWrite, nullptr) == ARCHIVE_OK;
    if (ready) return Ok();
    return Failed("cannot start the archive");
  }

  Result<ArchivedFile> AddFile(const std::string& name, const fs::path& from, const PieceFn& piece) override {
    std::error_code error;
    const auto bytes = fs::file_size(from, error);
    if (error)
      return Error{Code::kNotFound, Retry::kNever,
                   "cannot ask for the size of " + from.string() + ": " + error.message()};
    OUTPOST_TRYV(Header(name, bytes));
    std::uint64_t seen = 0;
    OUTPOST_TRYV(ReadPieces(from, [&](std::string_view part) -> Result<void> {
      seen += part.size();
      hasher_.Add(part);
      if (seen <= bytes) OUTPOST_TRYV(Data(part));
      if (piece) OUTPOST_TRYV(piece(part));
      return Ok();
    }));
    const ArchivedFile added{name, bytes, hasher_.Finish()};
    if (seen == bytes) return added;
    return Error{Code::kUnavailable, Retry::kBackoff,
                 from.string() + " had " + std::to_string(bytes) + " bytes and then " + std::to_string(seen)};
  }

  Result<void> AddText(const std::string& name, std::string_view content) override {
    OUTPOST_TRYV(Header(name, content.size()));
    return Data(content);
  }

  Result<void> Finish() override {
    if (archive_write_close(handle_.get()) != ARCHIVE_OK) return Failed("cannot end the archive");
    return file_->Sync();
  }

 private:
  static la_ssize_t OnWrite(archive* handle, void* self, const void* bytes, std::size_t size) {
    auto& writer = *static_cast<TarWriter*>(self);
    auto written = writer.file_->Write({static_cast<const char*>(bytes), size});
    if (written) return static_cast<la_ssize_t>(size);
    writer.failure_ = written.error();
    archive_set_error(handle, EIO, "cannot write");
    return -1;
  }

  // The file system's own reason, where there is one.
  Error Failed(const std::string& what) {
    if (failure_) return *failure_;
    return {Code::kUnavailable, Retry::kNever, what + ": " + TextOf(handle_.get())};
  }

  Result<void> Header(const std::string& name, std::uint64_t bytes) {
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes));
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    if (archive_write_header(handle_.get(), entry.get()) != ARCHIVE_OK) return Failed("cannot add " + name);
    return Ok();
  }

  Result<void> Data(std::string_view part) {
    while (!part.empty()) {
      const la_ssize_t written = archive_write_data(handle_.get(), part.data(), part.size());
      if (written <= 0) return Failed("cannot write to the archive");
      part.remove_prefix(static_cast<std::size_t>(written));
    }
    return Ok();
  }

  const std::unique_ptr<NewFile> file_;
  std::optional<Error> failure_;
  Sha256 hasher_;
  const std::unique_ptr<archive, FreeWriter> handle_;  // ends itself through file_, so it goes first
};

class TarReader final : public ArchiveReader {
 public:
  TarReader() : handle_(archive_read_new()) {}

  Result<void> Open(const fs::path& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return Error{Code::kNotFound, Retry::kNever, "there is no file " + path.string()};
    archive* const handle = handle_.get();
    const bool ready = handle != nullptr && archive_read_support_filter_zstd(handle) == ARCHIVE_OK &&
                       archive_read_support_format_tar(handle) == ARCHIVE_OK &&
                       archive_read_open_filename(handle, path.c_str(), kReadBytes) == ARCHIVE_OK;
    if (ready) return Ok();
    return Error{Code::kInvalid, Retry::kNever, path.string() + " is no backup: " + TextOf(handle)};
  }

  Result<std::optional<Entry>> Next() override {
    const int found = archive_read_next_header(handle_.get(), &entry_);
    if (found == ARCHIVE_EOF) return std::optional<Entry>();
    if (found != ARCHIVE_OK) return Damaged("behind " + (name_.empty() ? std::string("its beginning") : name_));
    const char* name = archive_entry_pathname(entry_);
    name_ = name != nullptr ? name : "";
    const auto refuse = [&](const char* why) {
      return Error{Code::kInvalid, Retry::kNever, "the archive is refused: entry \"" + Shown() + "\" " + why};
    };
    if (!IsPlainName(name_)) return refuse("is not a plain relative path");
    if (archive_entry_filetype(entry_) != AE_IFREG || archive_entry_hardlink(entry_) != nullptr ||
        archive_entry_symlink(entry_) != nullptr)
      return refuse("is not a plain file");
    if (archive_entry_sparse_count(entry_) > 0) return refuse("is a sparse file");
    if (archive_entry_size_is_set(entry_) == 0 || archive_entry_size(entry_) < 0) return refuse("has no size");
    bytes_ = static_cast<std::uint64_t>(archive_entry_size(entry_));
    return std::optional<Entry>(Entry{name_, bytes_});
  }

  Result<Digest> Read(const PieceFn& piece) override {
    std::string buffer(kReadBytes, '\0');
    for (std::uint64_t seen = 0;;) {
      const la_ssize_t got = archive_read_data(handle_.get(), buffer.data(), buffer.size());
      if (got < 0) return Damaged("in " + name_);
      seen += static_cast<std::uint64_t>(got);
      if (seen > bytes_ || (got == 0 && seen != bytes_))
        return Error{Code::kCorrupt, Retry::kNever,
                     "the archive is damaged: " + name_ + " should have " + std::to_string(bytes_) + " bytes"};
      if (got == 0) return hasher_.Finish();
      const std::string_view part(buffer.data(), static_cast<std::size_t>(got));
      hasher_.Add(part);
      if (piece) OUTPOST_TRYV(piece(part));
    }
  }

 private:
  Error Damaged(const std::string& where) {
    return {Code::kCorrupt, Retry::kNever, "the archive is cut off or damaged " + where + ": " + TextOf(handle_.get())};
  }
  // A hostile name as it may be shown.
  std::string Shown() const {
    std::string shown = name_.substr(0, 100);
    std::replace_if(
        shown.begin(), shown.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"'; }, '?');
    return shown;
  }

  std::string name_;
  std::uint64_t bytes_ = 0;
  Sha256 hasher_;
  archive_entry* entry_ = nullptr;  // the handle's
  const std::unique_ptr<archive, FreeReader> handle_;
};

bool IsPlainPart(std::string_view part) {
  return !part.empty() && part[0] != '.' && std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' ||
           c == '_';
  });
}

}  // namespace

bool IsPlainName(std::string_view name) {
  if (name.size() > 200) return false;
  for (int parts = 1; parts <= 4; ++parts) {
    const auto slash = name.find('/');
    if (!IsPlainPart(name.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
  return false;
}

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::Create(const fs::path& path) {
  OUTPOST_TRY(auto file, NewFile::Create(path));
  auto writer = std::make_unique<TarWriter>(std::move(file));
  OUTPOST_TRYV(writer->Open());
  return std::unique_ptr<ArchiveWriter>(std::move(writer));
}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::Open(const fs::path& path) {
  auto reader = std::make_unique<TarReader>();
  OUTPOST_TRYV(reader->Open(path));
  return std::unique_ptr<ArchiveReader>(std::move(reader));
}

}  // namespace outpost
