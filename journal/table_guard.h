#pragma once
#include <rocksdb/env.h>

#include <filesystem>
#include <string>

// Private to journal/.
namespace outpost::journal {

// RocksDB looks at a table's properties before it proves their checksum, and takes one bit at their end for the sign of
// an index that properties never have; built with assertions, as Debian's is, it then ends the process. So that a
// flipped bit cannot keep a journal from being opened, named and salvaged, tables are asked here before RocksDB sees
// them.

// True for a table that RocksDB must not be shown. All other damage, and files that are no tables, it can be left to
// tell.
bool EndsProcess(rocksdb::Env* env, const std::filesystem::path& table);

// The first such table in `folder`, by name; empty: none. `env` is null for the real one.
std::string FindProcessEnder(rocksdb::Env* env, const std::filesystem::path& folder);

}  // namespace outpost::journal
