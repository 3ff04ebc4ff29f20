#include "projection/row_key.h"

#include "base/bytes.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

constexpr char kHolds = 0;
constexpr char kHoldsNothing = 1;

std::string Joined(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

// Appends the part that can be turned round for a descending order; nothing where the value holds nothing.
void AppendOrdered(const Value& value, FieldKind kind, std::string& key) {
  if (kind == FieldKind::kBool) {
    key.push_back(IsEmpty(value) ? '\0' : '\1');
  } else if (kind == FieldKind::kText || kind == FieldKind::kTexts) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    if (text == nullptr && texts == nullptr) return;
    const std::size_t begin = key.size();
    AppendSortKey(text != nullptr ? std::string_view(*text) : std::string_view(Joined(*texts)), key);
    if (std::string_view(key).substr(begin) == "\xff")
      key.resize(begin);
    else
      key.push_back('\0');  // no sort key has one
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    AppendBe64(key, static_cast<std::uint64_t>(*number) ^ (std::uint64_t{1} << 63));
  } else if (const auto* id = std::get_if<ItemId>(&value)) {
    key += id->View();
  }
}

std::size_t WidthOf(FieldKind kind) { return kind == FieldKind::kBool ? 1 : kind == FieldKind::kId ? 16 : 8; }

}  // namespace

Result<RowKeys> RowKeys::Make(std::span<const SortColumn> sort, ItemType content, std::vector<ColumnId>& columns) {
  const auto invalid = [](std::string text) { return Error{Code::kInvalid, Retry::kNever, std::move(text)}; };
  if (sort.size() > kSortColumnsMax)
    return invalid("sorted by " + std::to_string(sort.size()) + " columns; at most " + std::to_string(kSortColumnsMax) +
                   " can be");
  RowKeys keys;
  for (const SortColumn& by : sort) {
    const std::optional<Column> column = ColumnOf(by.column);
    const Field* field = FindField(by.column);
    if (!column || (field != nullptr && field->type != FieldOwner(content)))
      return invalid("a " + std::string(ItemTypeName(content)) + " has no column " + std::to_string(by.column));
    if (column->kind == FieldKind::kBytes) return invalid(std::string(column->name) + ": bytes have no order");
    keys.parts_.push_back({by.column, column->kind, by.descending, 0});
    columns.push_back(by.column);
  }
  return keys;
}

void RowKeys::Bind(const RowReader& reader) {
  for (Part& part : parts_) part.at = reader.IndexOf(part.column);
}

void RowKeys::Write(std::span<const Value> row, const ItemId& id, std::string& key) const {
  key.clear();
  for (const Part& part : parts_) {
    const std::size_t begin = key.size();
    key.push_back(kHolds);
    AppendOrdered(row[part.at], part.kind, key);
    if (key.size() == begin + 1) key.back() = kHoldsNothing;
    if (part.descending)
      for (std::size_t i = begin + 1; i < key.size(); ++i) key[i] = static_cast<char>(~key[i]);
  }
  key += id.View();
}

std::size_t RowKeys::PrefixSize(std::string_view key, std::size_t columns) const {
  std::size_t at = 0;
  for (std::size_t i = 0; i < columns && i < parts_.size(); ++i) {
    const Part& part = parts_[i];
    if (key[at++] == kHoldsNothing) continue;
    if (part.kind == FieldKind::kText || part.kind == FieldKind::kTexts)
      at = key.find(part.descending ? '\xff' : '\0', at) + 1;
    else
      at += WidthOf(part.kind);
  }
  return at;
}

}  // namespace outpost
