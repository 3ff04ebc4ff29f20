#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schemas/item_glance.h"

namespace outpost {

// What a table may show of an item, sort by and look for: a field of its type, or what every item has beside them.
using ColumnId = std::uint16_t;
namespace column {
inline constexpr ColumnId kFirst = 0xff00;  // below it: FieldId
inline constexpr ColumnId kId = 0xff01;
inline constexpr ColumnId kType = 0xff02;      // text
inline constexpr ColumnId kState = 0xff03;     // text, ItemStateName()
inline constexpr ColumnId kRemoteId = 0xff04;  // text
inline constexpr ColumnId kSequence = 0xff05;  // of its newest event
}  // namespace column

struct Column {
  ColumnId id = 0;
  std::string_view name;  // of fields.tsv; of the others id, type, state, remote_id, seq
  FieldKind kind{};
};

// The column of that number; nullopt where there is none.
std::optional<Column> ColumnOf(ColumnId id);
// The column called `name` of a folder that holds `content`; "label" is what its items are known by. The names of
// fields come before those of all items (a contact's "id" is the server's). Errors: kInvalid, which names the type and
// the nearest names.
Result<Column> FindColumn(ItemType content, std::string_view name);

// Reads columns of stored items. Threads: one.
class RowReader {
 public:
  // Ascending, each once.
  explicit RowReader(std::vector<ColumnId> columns);
  std::span<const ColumnId> columns() const { return columns_; }
  // Where `column` stands among them; it must be one of them.
  std::size_t IndexOf(ColumnId column) const;
  // The row of kItemsTable. Errors: kCorrupt.
  Result<void> Read(const ItemId& id, std::string_view row);
  // Of the row read last.
  bool visible() const { return glance_.visible; }
  ItemType type() const { return glance_.type; }
  std::span<const Value> values() const { return {glance_.values.data(), columns_.size()}; }

 private:
  std::vector<ColumnId> columns_;
  std::size_t fields_;  // how many of them are fields: they come first
  ItemGlance glance_;
};

}  // namespace outpost
