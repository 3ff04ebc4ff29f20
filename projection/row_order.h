#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace outpost {

// The rows of a table in order: keys that end with their items' ids, each once. 16 bytes a row beside its key.
// Threads: one.
class RowOrder {
 public:
  std::size_t size() const { return rows_.size(); }
  // Valid until a row is added.
  std::string_view Key(std::size_t position) const;
  ItemId Item(std::size_t position) const;

  // Adds a row wherever; Sort() makes the order.
  void Add(std::string_view key);
  void Sort();
  // The first row whose key is not before `key`; size() where there is none.
  std::size_t LowerBound(std::string_view key) const;
  // Where the row with just this key is; size() where it is not.
  std::size_t Find(std::string_view key) const;

  // Takes `gone` (keys of rows that are there) out and `come` (of rows that are not) in, both ascending. Time in
  // proportion to the rows, but for what is compared: to the changes.
  void Apply(std::span<const std::string> gone, std::span<const std::string> come);

 private:
  struct Row {
    std::uint64_t head = 0;  // the key's first 8 bytes as a number
    std::uint32_t at = 0;    // in bytes_
    std::uint32_t size = 0;
  };
  Row Stored(std::string_view key);
  // Rows whose keys are the same before `depth`.
  void SortFrom(std::span<Row> rows, std::size_t depth);
  bool Before(const Row& row, std::uint64_t head, std::string_view key) const;
  std::string_view KeyOf(const Row& row) const { return std::string_view(bytes_).substr(row.at, row.size); }
  void DropWaste();

  std::vector<Row> rows_;
  std::string bytes_;
  std::size_t used_ = 0;  // of bytes_
};

}  // namespace outpost
