#include "care/backup.h"

#include <algorithm>
#include <set>

#include "base/system/file_steps.h"
#include "base/system/files.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kJournalPrefix = "journal/";
// An account that large has a million attachments; a hostile archive of more entries fills the memory with names.
constexpr std::size_t kEntriesMax = 1'000'000;
// What unpacking leaves free on the disk.
constexpr std::uint64_t kSpareBytes = 64u << 20;

struct Source {
  std::string name;
  fs::path path;
  std::uint64_t bytes = 0;
};

// RocksDB's lock and own log are of the open that made them, not of the journal.
bool Belongs(const fs::path& file) {
  const std::string name = file.filename().string();
  return name != "LOCK" && name != "LOG" && !name.starts_with("LOG.old") && !name.starts_with("tmp-");
}

Result<std::vector<Source>> FilesOf(const fs::path& folder) {
  std::vector<Source> files;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (!at->is_regular_file(error) || !Belongs(at->path())) continue;
    Source file{std::string(kJournalPrefix) + at->path().lexically_relative(folder).generic_string(), at->path(), 0};
    file.bytes = at->file_size(error);
    if (!IsPlainName(file.name))
      return Error{Code::kInvalid, Retry::kNever, "a file that no journal has: " + file.path.string()};
    files.push_back(std::move(file));
  }
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot list " + folder.string() + ": " + error.message()};
  std::sort(files.begin(), files.end(), [](const Source& a, const Source& b) { return a.name < b.name; });
  return files;
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

// Where the entries of a backup go while it is read.
using EntrySink = std::function<Result<PieceFn>(const ArchiveReader::Entry&)>;

// Reads a backup from its first entry to its last.
class BackupWalk {
 public:
  explicit BackupWalk(const EntrySink& sink) : sink_(sink) {}

  Result<BackupManifest> Run(const fs::path& file) {
    OUTPOST_TRY(const auto reader, ArchiveReader::Open(file));
    for (;;) {
      OUTPOST_TRY(const auto entry, reader->Next());
      if (!entry) break;
      OUTPOST_TRYV(Take(*reader, *entry));
    }
    if (!manifest_) return Error{Code::kCorrupt, Retry::kNever, "the backup is cut off: it has no manifest"};
    OUTPOST_TRYV(Compare());
    return std::move(*manifest_);
  }

 private:
  Result<void> Take(ArchiveReader& reader, const ArchiveReader::Entry& entry) {
    const auto refuse = [&](const std::string& why) {
      return Error{Code::kInvalid, Retry::kNever, "the backup is refused: entry \"" + entry.name + "\" " + why};
    };
    if (manifest_) return refuse("stands behind the manifest");
    if (entry.name == kManifestName) return TakeManifest(reader, entry);
    if (!entry.name.starts_with(kJournalPrefix)) return refuse("belongs to no journal");
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
                   "the backup is refused: a manifest of " + std::to_string(entry.bytes) + " bytes; the limit is " +
                       std::to_string(kManifestBytesMax)};
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
      return Error{Code::kCorrupt, Retry::kNever, "the backup is damaged: " + name + " is not what the manifest says"};
    }
    return Ok();
  }

  const EntrySink& sink_;
  std::set<std::string> names_;
  std::vector<ArchivedFile> files_;
  std::optional<BackupManifest> manifest_;
};

std::uint64_t SizeOf(const fs::path& file) {
  std::error_code ignored;
  const auto bytes = fs::file_size(file, ignored);
  return ignored ? 0 : bytes;
}

Result<BackupReport> Pack(const fs::path& checkpoint, const KeySource& key, const std::string& account,
                          const fs::path& part, const Clock& clock, const CareProgress& progress) {
  BackupReport report;
  BackupManifest& manifest = report.manifest;
  if (progress) progress("proving", 0, 0);
  OUTPOST_TRY(const VerifyReport proof, ProveEvents(checkpoint, key));
  if (!proof.chain_ok)
    return Error{Code::kCorrupt, Retry::kNever,
                 "the journal is damaged, a backup of it would be too: " + proof.problem + "; see \"journal salvage\""};
  OUTPOST_TRY(const auto files, FilesOf(checkpoint));
  std::error_code ignored;
  manifest.account = account;
  manifest.time = clock.WallNow();
  manifest.encrypted = fs::exists(checkpoint / "KEY", ignored);
  manifest.first = proof.first;
  manifest.last = proof.last;
  manifest.root = proof.root;
  for (const Source& file : files) report.bytes += file.bytes;
  Passing packed(progress, "packing", report.bytes);
  OUTPOST_TRY(const auto writer, ArchiveWriter::Create(part));
  for (const Source& file : files) {
    OUTPOST_TRY(auto added, writer->AddFile(file.name, file.path, packed.Watch()));
    manifest.files.push_back(std::move(added));
  }
  OUTPOST_TRYV(writer->AddText(std::string(kManifestName), EncodeManifest(manifest)));
  OUTPOST_TRYV(writer->Finish());
  OUTPOST_TRY(const BackupManifest read, CheckBackup(part, progress));
  if (read.files != manifest.files)
    return Error{Code::kCorrupt, Retry::kNever, "what was read back from " + part.string() + " is not what was packed"};
  report.archive_bytes = SizeOf(part);
  return report;
}

Error IsThere(const fs::path& file) {
  return {Code::kConflict, Retry::kNever, file.string() + " is there already; --force replaces it"};
}

}  // namespace

Result<BackupReport> PackJournal(const fs::path& checkpoint, const KeySource& key, const std::string& account,
                                 const fs::path& file, Existing existing, const Clock& clock,
                                 const CareProgress& progress) {
  std::error_code ignored;
  if (existing == Existing::kRefuse && fs::exists(file, ignored)) return IsThere(file);
  const fs::path part = file.string() + ".part";
  auto report = Pack(checkpoint, key, account, part, clock, progress);
  if (report) {
    auto named = existing == Existing::kRefuse && fs::exists(file, ignored) ? Result<void>(IsThere(file))
                                                                            : MoveDurably(part, file);
    if (!named) report = named.error();
  }
  // Another process's ".part" is left alone.
  if (!report && NewFile::Create(part)) fs::remove(part, ignored);
  return report;
}

Result<BackupManifest> CheckBackup(const fs::path& file, const CareProgress& progress) {
  Passing checked(progress, "checking", 0);
  const EntrySink sink = [&](const ArchiveReader::Entry&) -> Result<PieceFn> { return checked.Watch(); };
  return BackupWalk(sink).Run(file);
}

Result<BackupManifest> UnpackBackup(const fs::path& file, const fs::path& into, const CareProgress& progress) {
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
  OUTPOST_TRY(auto manifest, BackupWalk(sink).Run(file));
  OUTPOST_TRYV(close());
  return manifest;
}

}  // namespace outpost
