#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "journal/disk.h"
#include "journal/rocks.h"
#include "journal/witness.h"

// What lies in a journal's folder, and what can be said of it before anything is believed. Source: schemas/event.md,
// "Folder".
namespace outpost::journal {

inline std::filesystem::path FormatPath(const std::filesystem::path& folder) { return folder / "FORMAT"; }
inline std::filesystem::path TailPath(const std::filesystem::path& folder) { return folder / "TAIL"; }
inline std::filesystem::path LockPath(const std::filesystem::path& folder) { return folder / "LOCK"; }
inline std::filesystem::path DatabasePath(const std::filesystem::path& folder) { return folder / "db"; }
inline std::filesystem::path BlobsPath(const std::filesystem::path& folder) { return folder / "blobs"; }

// Whether there is a journal in `folder` that this build can read; touches nothing. FORMAT is never encrypted: `disk`
// is the plain one.
// Errors: kNewerFormat (naming both versions), kCorrupt (FORMAT is damaged, or gone while the database is there, or
// the database's CURRENT is gone),
// kUnavailable.
Result<bool> HasJournal(const std::filesystem::path& folder, const Disk& disk = DiskOf(nullptr));
// The content of FORMAT.
std::string FormatText();

// What TAIL says; nullopt when it is missing or damaged.
std::optional<Witness> ReadWitness(const std::filesystem::path& folder, const Disk& disk = DiskOf(nullptr));

// The last event of a database. Errors: kCorrupt, kUnavailable.
Result<Sequence> LastEvent(const Rocks& rocks);
// The number kept under kMetaApplied; 0 when there is none. Errors: kCorrupt, kUnavailable.
Result<Sequence> Applied(const Rocks& rocks, const rocksdb::Snapshot* snapshot);
// Bytes of all records ever appended, keys included. Journals of format 1 did not count: theirs are counted here, which
// reads every record. Errors: kCorrupt, kUnavailable.
Result<std::uint64_t> AppendedBytes(const Rocks& rocks);

// The end of the history, and what is wrong with it.
struct Tip {
  Witness end;
  std::uint64_t appended_bytes = 0;  // for who opens it for writing
  std::string damage;                // empty: last event, last mark, state and witness agree
};
Tip Inspect(const Rocks& rocks, const std::optional<Witness>& witness);

}  // namespace outpost::journal
