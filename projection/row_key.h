#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "projection/columns.h"

namespace outpost {

inline constexpr std::size_t kSortColumnsMax = 4;

struct SortColumn {
  ColumnId column = 0;
  bool descending = false;
  bool operator==(const SortColumn&) const = default;
};

// Bytes whose order is the order of a table's rows. Texts by SortKey, several texts as they are shown joined, numbers
// and times by value, false before true; what holds nothing comes last, ascending and descending. Items that are equal
// in all of them stand by their ids. Kept in memory only. Threads: any.
class RowKeys {
 public:
  // Errors: kInvalid: too many columns, one that is none or holds bytes, which have no order; names it.
  static Result<RowKeys> Make(std::span<const SortColumn> sort, ItemType content, std::vector<ColumnId>& columns);
  // Once: `reader` reads at least the columns that Make added.
  void Bind(const RowReader& reader);

  // The key of a row, into `key`: its last 16 bytes are the item's id.
  void Write(std::span<const Value> row, const ItemId& id, std::string& key) const;
  // How many bytes of a key say the first `columns` of the sort: rows of one group have them in common.
  std::size_t PrefixSize(std::string_view key, std::size_t columns) const;

 private:
  struct Part {
    ColumnId column = 0;
    FieldKind kind{};
    bool descending = false;
    std::size_t at = 0;
  };
  std::vector<Part> parts_;
};

inline ItemId ItemOfRowKey(std::string_view key) {
  return key.size() < 16 ? ItemId{} : *ItemId::FromView(key.substr(key.size() - 16));
}

}  // namespace outpost
