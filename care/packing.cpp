#include "care/packing.h"

#include <algorithm>
#include <set>

#include "base/system/file_steps.h"
#include "base/system/files.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

// An account that large has a million attachments; a hostile archive of more entries fills the memory with names.
constexpr std::size_t kEntriesMax = 1'000'000;
// What unpacking leaves free on the disk.
constexpr std::uint64_t kSpareBytes = 64u << 20;

// RocksDB's lock and own log are of the open that made them, not of the journal.
bool Belongs(const fs::path& file) {
  const std::string name = file.filename().string();
  return name != "LOCK" && name != "LOG" && !name.starts_with("LOG.old") && !name.starts_with("tmp-");
}

// Counts the bytes that go by.
class Passing {
 public:
  Passing(const CareProgress& progress, const char* what, std::uint64_t total)
      : progress_(progress), what_(what), total_(total) {}
  PieceFn Watch() {
    return [this](std::string_view piece) -> Result<void> {
      done_ += piece.size();
      if (progress_) progress_(what_, done_, total_);
      return Ok();
    };
  }
  std::uint64_t done() const { return done_; }

 private:
  const CareProgress& progress_;
  const char* what_;
  std::uint64_t total_;
  std::uint64_t done_ = 0;
};

// Where the entries of an archive go while it is read.
using EntrySink = std::function<Result<PieceFn>(const ArchiveReader::Entry&)>;

// Reads an archive from its first entry to its last.
class ArchiveWalk {
 public:
  ArchiveWalk(const ArchiveKind& kind, const EntrySink& sink) : kind_(kind), sink_(sink) {}

  Result<BackupManifest> Run(const fs::path& file) {
    OUTPOST_TRY(const auto reader, ArchiveReader::Open(file));
    for (;;) {
      OUTPOST_TRY(const auto entry, reader->Next());
      if (!entry) break;
      OUTPOST_TRYV(Take(*reader, *entry));
    }
    if (!manifest_) return Error{Code::kCorrupt, Retry::kNever, The("is cut off: it has no manifest")};
    OUTPOST_TRYV(Compare());
    return std::move(*manifest_);
  }

 private:
  Result<void> Take(ArchiveReader& reader, const ArchiveReader::Entry& entry) {
    const auto refuse = [&](const std::string& why) {
      return Error{Code::kInvalid, Retry::kNever, The("is refused: entry \"" + entry.name + "\" " + why)};
    };
    if (manifest_) return refuse("stands behind the manifest");
    if (entry.name == kManifestName) return TakeManifest(reader, entry);
    if (!kind_.belongs(entry.name)) return refuse("belongs to no journal");
    if (!names_.insert(entry.name).second) return refuse("is there twice");
    if (names_.size() > kEntriesMax) return refuse("is one too many; the limit is " + std::to_string(kEntriesMax));
    OUTPOST_TRY(const PieceFn piece, sink_(entry));
    OUTPOST_TRY(const Digest hash, reader.Read(piece));
    files_.push_back({entry.name, entry.bytes, hash});
    return Ok();
  }

  Result<void> TakeManifest(ArchiveReader& reader, const ArchiveReader::Entry& entry) {
    if (entry.bytes > kManifestBytesMax)
      return Error{Code::kInvalid, Retry::kNever,
                   The("is refused: a manifest of " + std::to_string(entry.bytes) + " bytes; the limit is " +
                       std::to_string(kManifestBytesMax))};
    std::string content;
    OUTPOST_TRYV(reader.Read([&](std::string_view piece) -> Result<void> {
      content.append(piece);
      return Ok();
    }));
    OUTPOST_TRY(manifest_, DecodeManifest(content));
    return Ok();
  }

  Result<void> Compare() const {
    const auto& said = manifest_->files;
    for (std::size_t i = 0; i < std::max(said.size(), files_.size()); ++i) {
      if (i < said.size() && i < files_.size() && said[i] == files_[i]) continue;
      const std::string& name = i < said.size() ? said[i].name : files_[i].name;
      return Error{Code::kCorrupt, Retry::kNever, The("is damaged: " + name + " is not what the manifest says")};
    }
    return Ok();
  }

  std::string The(const std::string& what) const { return std::string("the ") + kind_.name + " " + what; }

  const ArchiveKind& kind_;
  const EntrySink& sink_;
  std::set<std::string> names_;
  std::vector<ArchivedFile> files_;
  std::optional<BackupManifest> manifest_;
};

Error IsThere(const fs::path& file) {
  return {Code::kConflict, Retry::kNever, file.string() + " is there already; --force replaces it"};
}

}  // namespace

Result<std::vector<FileToPack>> JournalFiles(const fs::path& folder) {
  std::vector<FileToPack> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!at->is_regular_file(error) || !Belongs(at->path())) continue;
    FileToPack file{std::string(kJournalPrefix) + at->path().lexically_relative(folder).generic_string(), at->path(),
                    0};
    file.bytes = at->file_size(error);
    if (!IsPlainName(file.name))
      return Error{Code::kInvalid, Retry::kNever, "a file that no journal has: " + file.path.string()};
    files.push_back(std::move(file));
  }
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot list " + folder.string() + ": " + error.message()};
  std::sort(files.begin(), files.end(), [](const FileToPack& a, const FileToPack& b) { return a.name < b.name; });
  return files;
}

Result<void> PackFiles(const std::vector<FileToPack>& files, const fs::path& part, const ArchiveKind& kind,
                       BackupManifest& manifest, const CareProgress& progress) {
  std::uint64_t bytes = 0;
  for (const FileToPack& file : files) bytes += file.bytes;
  Passing packed(progress, "packing", bytes);
  OUTPOST_TRY(const auto writer, ArchiveWriter::Create(part));
  for (const FileToPack& file : files) {
    OUTPOST_TRY(auto added, writer->AddFile(file.name, file.path, packed.Watch()));
    manifest.files.push_back(std::move(added));
  }
  OUTPOST_TRYV(writer->AddText(std::string(kManifestName), EncodeManifest(manifest)));
  OUTPOST_TRYV(writer->Finish());
  OUTPOST_TRY(const BackupManifest read, CheckPacked(part, kind, progress));
  if (read.files != manifest.files)
    return Error{Code::kCorrupt, Retry::kNever, "what was read back from " + part.string() + " is not what was packed"};
  return Ok();
}

Result<void> PackAs(const fs::path& file, Existing existing, const std::function<Result<void>(const fs::path&)>& pack) {
  std::error_code ignored;
  if (existing == Existing::kRefuse && fs::exists(file, ignored)) return IsThere(file);
  const fs::path part = file.string() + ".part";
  auto packed = pack(part);
  if (packed)
    packed = existing == Existing::kRefuse && fs::exists(file, ignored) ? Result<void>(IsThere(file))
                                                                        : MoveDurably(part, file);
  // Another process's ".part" is left alone.
  if (!packed && NewFile::Create(part)) fs::remove(part, ignored);
  return packed;
}

std::uint64_t SizeOfFile(const fs::path& file) {
  std::error_code ignored;
  const auto bytes = fs::file_size(file, ignored);
  return ignored ? 0 : bytes;
}

Result<BackupManifest> CheckPacked(const fs::path& file, const ArchiveKind& kind, const CareProgress& progress) {
  Passing checked(progress, "checking", 0);
  const EntrySink sink = [&](const ArchiveReader::Entry&) -> Result<PieceFn> { return checked.Watch(); };
  return ArchiveWalk(kind, sink).Run(file);
}

Result<BackupManifest> UnpackPacked(const fs::path& file, const fs::path& into, const ArchiveKind& kind,
                                    const CareProgress& progress) {
  Passing unpacked(progress, "unpacking", 0);
  std::unique_ptr<NewFile> target;
  const auto close = [&]() -> Result<void> {
    if (target) OUTPOST_TRYV(target->Sync());
    target.reset();
    return Ok();
  };
  const EntrySink sink = [&](const ArchiveReader::Entry& entry) -> Result<PieceFn> {
    OUTPOST_TRYV(close());
    const fs::path path = into / entry.name;
    OUTPOST_TRYV(MakeFolder(path.parent_path()));
    OUTPOST_TRY(const std::uint64_t free_bytes, FreeBytes(into));
    if (entry.bytes > free_bytes || free_bytes - entry.bytes < kSpareBytes)
      return Error{Code::kUnavailable, Retry::kNever,
                   "no room to unpack \"" + entry.name + "\": it has " + std::to_string(entry.bytes) +
                       " bytes, the disk " + std::to_string(free_bytes) + " free, of which " +
                       std::to_string(kSpareBytes) + " are kept"};
    OUTPOST_TRY(target, NewFile::Create(path));
    return PieceFn([&, watch = unpacked.Watch()](std::string_view piece) -> Result<void> {
      OUTPOST_TRYV(target->Write(piece));
      return watch(piece);
    });
  };
  OUTPOST_TRY(auto manifest, ArchiveWalk(kind, sink).Run(file));
  OUTPOST_TRYV(close());
  return manifest;
}

}  // namespace outpost
