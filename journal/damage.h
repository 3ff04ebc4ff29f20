#pragma once
#include <string>
#include <string_view>

#include "journal/rocks.h"

// Where on the disk a damaged place lies, for whoever has to look at it. Private to journal/.
namespace outpost::journal {

// The name, without folder, of the table or log file that RocksDB names in the text of a status; empty when none is.
std::string FileNamedIn(std::string_view text);

// The file where the row `key` of `family` lies or would lie: the newest table whose keys enclose it, else the newest
// log. Empty when there is neither.
std::string FileOfRow(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view key);

// Names the first table in the folder of a database that cannot be read as a whole, and why; empty when all can.
// RocksDB names the MANIFEST where it cannot open a table. Reads every table.
std::string DamagedTable(rocksdb::Env* env, const std::filesystem::path& folder);

}  // namespace outpost::journal
