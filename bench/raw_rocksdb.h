#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace outpost::bench {

// One key and value, and the column family it goes to (an index into Rocks::families()).
struct RawRow {
  std::size_t family = 0;
  std::string key;
  std::string value;
};

// What appends wrote, a batch each.
struct RawRows {
  std::vector<std::vector<RawRow>> earlier;  // before the measured ones
  std::vector<std::vector<RawRow>> batches;  // the measured ones
};

// Reads back what the appends of a closed journal wrote from sequence `from` on, `batch` events each, when every event
// concerned an item of its own: the event, the item's row (where it was folded) and the append's mark. So the floor
// writes the very same keys and values. Of what was appended earlier the events and the keys of the items' rows are the
// same too; their values are the later ones, which have about the same length.
Result<RawRows> ReadBackRows(const std::filesystem::path& journal, std::uint64_t from, std::size_t batch, bool folded);

// Puts `rows` into a new database in `folder` with the journal's settings for buffers, one write per batch, each synced
// or not; `threads` share the batches evenly, so that RocksDB may join their writes. Answers the seconds this took
// without the earlier rows, which are there before the clock starts, as they were in the journal.
Result<double> PutRaw(const std::filesystem::path& folder, const RawRows& rows, bool synced, std::size_t threads = 1);

}  // namespace outpost::bench
