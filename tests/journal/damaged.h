#pragma once
#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"

namespace outpost::test {

// A small closed journal, in memory: its files by path (without RocksDB's own log and without locks), and what it says.
// Events, marks and state lie in tables, the last append in the log.
struct Pristine {
  std::map<std::string, std::string> files;
  std::vector<Digest> events;  // DigestOf of each, from event 1
  Digest root{};
  // Makes `folder` hold the files as they are here.
  void WriteTo(const std::filesystem::path& folder) const;
};
Pristine MakePristine();

// What a journal that may be damaged came to.
enum class Verdict : std::uint8_t {
  kHarmless,  // it opens, verifies, folds again to the same, and every event is as it was
  kAtOpen,    // the open fails, or is read-only, or warns that the end could not be checked; and says what it saw
  kByVerify,  // VerifyEvents or VerifyRebuild names a place
  kUnnoticed  // the history differs, and nobody says so
};
struct Finding {
  Verdict verdict{};
  std::string text;  // what was said of the damage, or what differs
  std::string file;  // what VerifyEvents gave as the damaged file, where it came to that
};

// Opens the journal in `folder` for writing, verifies it, folds it again and reads every event.
// `env` is the disk to read it from, null for the real one.
Finding Examine(const Pristine& pristine, const std::filesystem::path& folder, rocksdb::Env* env = nullptr);

}  // namespace outpost::test
