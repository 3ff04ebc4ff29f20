#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace outpost::bench {

// One key and value, and the column family it goes to (an index into RawRows::families).
struct RawRow {
  std::size_t family = 0;
  std::string key;
  std::string value;
};

// What one append wrote.
struct RawRows {
  std::vector<std::string> families;
  std::vector<std::vector<RawRow>> batches;
};

// Reads back what the appends of a closed journal wrote from sequence `from` on, `batch` events each, when every event
// concerned an item of its own: the event, the item's row (where it was folded) and the append's mark. So the floor
// writes the very same keys and values.
Result<RawRows> ReadBackRows(const std::filesystem::path& journal, std::uint64_t from, std::size_t batch, bool folded);

// Puts `rows` into a new database in `folder` with the journal's settings for buffers, one write per batch, each synced
// or not; `threads` share the batches evenly, so that RocksDB may join their writes. Answers the seconds it took.
Result<double> PutRaw(const std::filesystem::path& folder, const RawRows& rows, bool synced, std::size_t threads = 1);

}  // namespace outpost::bench
