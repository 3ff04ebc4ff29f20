#include "journal/checkpoint.h"

#include <rocksdb/utilities/checkpoint.h>

#include <cstdint>
#include <limits>

#include "base/system/file_steps.h"
#include "base/system/files.h"
#include "journal/layout.h"

namespace outpost::journal {
namespace {

namespace fs = std::filesystem;

// Bytes of the log from which on CreateCheckpoint would flush by itself.
constexpr std::uint64_t kNoFlush = std::numeric_limits<std::uint64_t>::max();

// Files beside the database that never change once they have their name. What is still being written begins with
// "tmp-".
Result<void> LinkFolder(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::recursive_directory_iterator at(from, error);
  if (error == std::errc::no_such_file_or_directory) return Ok();
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    std::error_code gone;
    const fs::path target = to / at->path().lexically_relative(from);
    if (!at->is_regular_file(gone) || at->path().filename().string().starts_with("tmp-") || fs::exists(target, gone))
      continue;
    OUTPOST_TRYV(MakeFolder(target.parent_path()));
    auto linked = LinkOrCopy(at->path(), target);
    if (!linked && linked.error().code != Code::kNotFound) return linked;  // removed meanwhile: no event needs it
  }
  if (error) return Error{Code::kUnavailable, Retry::kBackoff, "cannot list " + from.string() + ": " + error.message()};
  return Ok();
}

Result<void> CopyDatabase(const Rocks& rocks, const fs::path& to) {
  // The copy then shares its tables with the journal, and only what is appended meanwhile is copied from the log.
  OUTPOST_TRYV(rocks.Flush());
  rocksdb::Checkpoint* raw = nullptr;
  auto status = rocksdb::Checkpoint::Create(&rocks.db(), &raw);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(raw);
  if (status.ok()) status = checkpoint->CreateCheckpoint(to.string(), kNoFlush);
  if (!status.ok()) return ToError(status, "cannot make a checkpoint in " + to.string());
  return Ok();
}

// The end of the copy, proven as far as an open proves it.
Result<Witness> EndOf(const fs::path& folder, rocksdb::Env* env, const Witness& durable) {
  OUTPOST_TRY(const auto rocks, Rocks::Open(DatabasePath(folder), Rocks::Mode::kReadOnly, env));
  Tip tip = Inspect(*rocks, durable);
  if (tip.damage.empty()) return tip.end;
  return Error{Code::kCorrupt, Retry::kNever, "the checkpoint in " + folder.string() + ": " + tip.damage};
}

Result<void> Copy(const Rocks& rocks, const fs::path& from, const fs::path& to, const Witness& durable) {
  // The copy is encrypted as the journal is, under the same KEY.
  rocksdb::Env* const env = rocks.db().GetEnv();
  OUTPOST_TRYV(MakeFolder(to));
  // Blobs before and after: one that the database names was there before it, one that goes meanwhile is still named.
  OUTPOST_TRYV(LinkFolder(BlobsPath(from), BlobsPath(to)));
  OUTPOST_TRYV(CopyDatabase(rocks, DatabasePath(to)));
  OUTPOST_TRYV(LinkFolder(BlobsPath(from), BlobsPath(to)));
  std::error_code ignored;
  if (fs::exists(from / "KEY", ignored)) OUTPOST_TRYV(CopyFile(from / "KEY", to / "KEY"));
  OUTPOST_TRY(const Witness end, EndOf(to, env, durable));
  OUTPOST_TRYV(WriteDurably(DiskOf(env), TailPath(to), EncodeWitness(end)));
  OUTPOST_TRY(const std::string format, ReadFile(FormatPath(from)));
  return WriteFileDurably(FormatPath(to), format);
}

}  // namespace

Result<void> CopyJournal(const Rocks& rocks, const fs::path& from, const fs::path& to, const Witness& durable) {
  std::error_code error;
  if (fs::exists(to, error))
    return Error{Code::kConflict, Retry::kNever, to.string() + " is there already: a checkpoint goes to a new folder"};
  auto done = Copy(rocks, from, to, durable);
  if (!done) fs::remove_all(to, error);
  return done;
}

}  // namespace outpost::journal
