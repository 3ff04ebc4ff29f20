#pragma once
#include <rocksdb/iterator.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace outpost::journal {

// What a scan could not read.
struct ScanLoss {
  std::uint64_t places = 0;
  std::string first;  // RocksDB's words about the first place
};

using MakeIterator = std::function<std::unique_ptr<rocksdb::Iterator>()>;

// Calls `visit` for each row whose key begins with `prefix`, stepping over blocks that cannot be read: behind each it
// goes on at the least key that can be read again, found by the first 16 bytes of the key behind the prefix, taken as a
// number (keys in which only later bytes differ may be lost with such a block). Ends when `visit` answers false.
void ScanAround(const MakeIterator& make, const std::string& prefix, ScanLoss& loss,
                const std::function<bool(std::string_view key, std::string_view value)>& visit);

}  // namespace outpost::journal
