#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "journal/blobs.h"
#include "journal/rocks.h"

namespace outpost::journal {

// Rows are deleted one by one, never by RocksDB's DeleteRange: a compaction that met nothing but such a range opens a
// table without a key, and where that cannot be synced (a failing disk, a process that ends) RocksDB 7.8 asks it for
// its smallest key all the same: an assertion ends the process in Debian's build, and memory is misread in others.

// The keys of `family` in [from, to) as they are now; an empty `to`: up to the end. Errors: kCorrupt, kUnavailable.
Result<std::vector<std::string>> KeysIn(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                                        std::string_view to);

// Deletes the rows of `family` in [from, to) in writes of bounded size, unsynced; a crash may leave some of them: for
// rows that nobody reads. False: `cancelled`, which is asked between two writes, left some of them. Errors: kCorrupt,
// kUnavailable, with some of the rows gone.
Result<bool> RemoveRows(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                        std::string_view to, const CancelFn& cancelled = {});

}  // namespace outpost::journal
