#include "projection/contents_table.h"

#include <algorithm>

#include "base/check.h"
#include "journal/item_fold.h"
#include "projection/folder_rows.h"
#include "projection/items.h"
#include "projection/row_pipe.h"
#include "projection/stored_order.h"
#include "projection/tables.h"

namespace outpost {
namespace {

// Rows of other folders between two of ours that are read over; behind them it is cheaper to seek.
constexpr int kReadOverMax = 32;
// A folder with more than this share of the account's items is read by reading all of them.
constexpr std::uint64_t kLargeShare = 3;
// A thread of its own for the rows of so many items and more: for fewer its start costs as much as it spares.
constexpr std::size_t kBesideMin = 5'000;

Error Damaged(const ItemId& item) {
  return {Code::kCorrupt, Retry::kNever, "the listed item " + item.Hex() + " has no row"};
}

void SortUnique(std::vector<ColumnId>& columns) {
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
}

// Calls `visit` with each of the items' rows, in the order of ids. `items` ascending. Errors: kCorrupt where one has
// none, and those of `visit`.
template <class Visit>
Result<void> ForEachRow(const StateReader& state, std::span<const ItemId> items, Visit visit) {
  std::size_t next = 0;
  Result<void> done = Ok();
  while (done && next < items.size()) {
    const std::size_t from = next;
    int read_over = 0;
    OUTPOST_TRYV(state.Scan(kItemsTable, {}, items[from].View(), [&](std::string_view key, std::string_view row) {
      const int order = key.compare(items[next].View());
      if (order < 0) return ++read_over < kReadOverMax;
      if (order == 0) done = visit(items[next], row);
      if (order > 0) done = Damaged(items[next]);
      read_over = 0;
      return done && ++next < items.size();
    }));
    // Not even the item sought for is there.
    if (done && next == from) return Damaged(items[from]);
  }
  return done;
}

}  // namespace

ContentsTable::ContentsTable(std::shared_ptr<const JournalView> view, TableSpec spec, RowKeys keys,
                             std::optional<Matcher> where, RowReader reader)
    : view_(std::move(view)),
      spec_(std::move(spec)),
      keys_(std::move(keys)),
      where_(std::move(where)),
      reader_(std::move(reader)) {}

Result<ContentsTable> ContentsTable::Open(std::shared_ptr<const JournalView> view, TableSpec spec,
                                          const std::optional<SearchHits>& only) {
  if (spec.grouped > spec.sort.size())
    return Error{Code::kInvalid, Retry::kNever, "grouped by more columns than it is sorted by"};
  std::vector<ColumnId> columns;
  OUTPOST_TRY(RowKeys keys, RowKeys::Make(spec.sort, spec.content, columns));
  std::optional<Matcher> where;
  if (spec.where) {
    OUTPOST_TRY(where, Matcher::Make(*spec.where, spec.content, columns));
  }
  const auto stored = StoredPlaceFields(spec.content);
  if (stored.empty()) return Error{Code::kInvalid, Retry::kNever, "the folder holds nothing that could be shown"};
  // What says whether and where an item is shown.
  columns.push_back(field::FolderOf(spec.content));
  if (spec.sort.empty()) columns.insert(columns.end(), stored.begin(), stored.end());
  SortUnique(columns);
  RowReader reader(std::move(columns));
  keys.Bind(reader);
  if (where) where->Bind(reader);
  if (where) where->ReadBodies(spec.bodies);
  OUTPOST_TRY(std::vector<ItemId> folders, FoldersOf(*view, spec));
  ContentsTable table(std::move(view), std::move(spec), std::move(keys), std::move(where), std::move(reader));
  table.folders_ = std::move(folders);
  if (table.stored()) {
    OUTPOST_TRY(const std::uint64_t members, table.CountMembers());
    table.size_ = static_cast<std::size_t>(members);
  } else if (only) {
    for (const ItemId& item : only->items) {
      const bool touched = std::binary_search(only->touched.begin(), only->touched.end(), item);
      OUTPOST_TRY(const auto key,
                  table.KeyOf(*table.view_, item, touched ? std::span<const std::string>() : std::span(only->words)));
      if (key) table.rows_.Add(*key);
    }
    table.rows_.Sort();
    table.size_ = table.rows_.size();
  } else {
    OUTPOST_TRYV(table.LoadMembers());
  }
  return table;
}

Result<std::uint64_t> ContentsTable::CountMembers() const {
  std::uint64_t members = 0;
  for (const ItemId& folder : folders_) {
    OUTPOST_TRY(const FolderCounts counts, ReadFolderCounts(*view_, folder));
    members += counts.total;
  }
  return members;
}

Result<void> ContentsTable::LoadMembers() {
  OUTPOST_TRY(const std::uint64_t members, CountMembers());
  OUTPOST_TRY(const auto of_all, CountVisible(*view_));
  std::uint64_t visible = 0;
  for (const auto& [type, items] : of_all) visible += items;
  bool whole = false;
  if (members >= visible / kLargeShare) {
    OUTPOST_TRY(whole, LoadFromAll(static_cast<std::size_t>(members)));
  }
  if (!whole) OUTPOST_TRYV(LoadFromList());
  rows_.Sort();
  size_ = rows_.size();
  return Ok();
}

// A folder that has much of the account: every item is looked at, which spares the list and its order. False where
// there are other than `count` of them: the list will say which.
Result<bool> ContentsTable::LoadFromAll(std::size_t count) {
  std::size_t members = 0;
  const auto look = [&](const ItemId& id, std::string_view row) -> Result<void> {
    OUTPOST_TRYV(reader_.Read(id, row));
    if (!IsMember()) return Ok();
    ++members;
    OUTPOST_TRY(const bool fits, Fits(*view_, id));
    if (fits) rows_.Add(KeyOfRow(id));
    return Ok();
  };
  const bool beside = count >= kBesideMin && (!where_ || !where_->ReadsMore());
  OUTPOST_TRYV(beside ? ForEachItemRowBeside(*view_, look) : ForEachItemRow(*view_, look));
  if (members != count) rows_ = RowOrder();
  return members == count;
}

Result<void> ContentsTable::LoadFromList() {
  std::vector<ItemId> members;
  for (const ItemId& folder : folders_) {
    bool bad = false;
    OUTPOST_TRYV(view_->Scan(kFolderItemsTable, folder.View(), {}, [&](std::string_view key, std::string_view) {
      const auto id = ItemOfFolderKey(key);
      bad = !id;
      if (id) members.push_back(*id);
      return !bad;
    }));
    if (bad) return Error{Code::kCorrupt, Retry::kNever, "a row of the contents of folder " + folder.Hex()};
  }
  std::sort(members.begin(), members.end());
  OUTPOST_TRYV(ForEachRow(*view_, members, [&](const ItemId& id, std::string_view row) -> Result<void> {
    OUTPOST_TRYV(reader_.Read(id, row));
    OUTPOST_TRY(const bool shows, Shows(*view_, id));
    if (shows) rows_.Add(KeyOfRow(id));
    return Ok();
  }));
  return Ok();
}

Result<void> ContentsTable::Load(std::size_t count) {
  count = std::min(count, size_);
  if (rows_.size() >= count) return Ok();  // always so where they are not stored
  const std::string prefix(spec_.folder.View());
  std::string from = prefix;
  if (rows_.size() > 0) from.append(rows_.Key(rows_.size() - 1)).push_back('\0');
  bool bad = false;
  OUTPOST_TRYV(view_->Scan(kFolderItemsTable, prefix, from, [&](std::string_view key, std::string_view) {
    bad = !ItemOfFolderKey(key);
    if (!bad) rows_.Add(key.substr(prefix.size()));
    return !bad && rows_.size() < count;
  }));
  if (bad || rows_.size() < count)
    return Error{Code::kCorrupt, Retry::kNever,
                 "folder " + spec_.folder.Hex() + " is said to show " + std::to_string(size_) + " items; there are " +
                     std::to_string(rows_.size())};
  return Ok();
}

bool ContentsTable::IsMember() const {
  if (!reader_.visible() || FieldOwner(reader_.type()) != FieldOwner(spec_.content)) return false;
  const auto* folder = std::get_if<ItemId>(&ValueOf(field::FolderOf(spec_.content)));
  const ItemId in = folder != nullptr ? *folder : ItemId{};
  return folders_.size() == 1 ? in == folders_.front() : std::binary_search(folders_.begin(), folders_.end(), in);
}

Result<bool> ContentsTable::Fits(const JournalView& view, const ItemId& item, std::span<const std::string> sure) const {
  if (!where_) return true;
  return where_->Matches(reader_.values(), item, view, sure);
}

Result<bool> ContentsTable::Shows(const JournalView& view, const ItemId& item,
                                  std::span<const std::string> sure) const {
  if (!IsMember()) return false;
  return Fits(view, item, sure);
}

const Value& ContentsTable::ValueOf(FieldId field) const { return reader_.values()[reader_.IndexOf(field)]; }

const std::string& ContentsTable::KeyOfRow(const ItemId& item) {
  if (!spec_.sort.empty()) {
    keys_.Write(reader_.values(), item, key_);
    return key_;
  }
  key_ = StoredPlaceOf(reader_.type(), [this](FieldId field) { return ValueOf(field); }).key;
  key_.push_back('\0');
  key_ += item.View();
  return key_;
}

Result<std::optional<std::string>> ContentsTable::KeyOf(const JournalView& view, const ItemId& item,
                                                        std::span<const std::string> sure) {
  OUTPOST_TRY(const std::optional<std::string> row, view.Get(kItemsTable, item.View()));
  if (!row) return std::optional<std::string>{};
  OUTPOST_TRYV(reader_.Read(item, *row));
  OUTPOST_TRY(const bool shows, Shows(view, item, sure));
  return shows ? std::optional(KeyOfRow(item)) : std::nullopt;
}

Error ContentsTable::NoPosition(std::size_t position) const {
  return {Code::kNotFound, Retry::kNever,
          "there is no row " + std::to_string(position) + "; the table has " + std::to_string(size_)};
}

Result<std::vector<TableRow>> ContentsTable::Rows(std::size_t from, std::size_t count,
                                                  std::span<const ColumnId> columns) {
  std::vector<TableRow> rows;
  if (from >= size_) return rows;
  count = std::min(count, size_ - from);
  OUTPOST_TRYV(Load(from + count));
  std::vector<ColumnId> wanted(columns.begin(), columns.end());
  SortUnique(wanted);
  RowReader reader(std::move(wanted));
  rows.reserve(count);
  for (std::size_t at = from; at < from + count; ++at) {
    TableRow row{rows_.Item(at), {}};
    OUTPOST_TRY(const std::optional<std::string> stored_row, view_->Get(kItemsTable, row.id.View()));
    if (!stored_row) return Damaged(row.id);
    OUTPOST_TRYV(reader.Read(row.id, *stored_row));
    for (const ColumnId column : columns) row.values.push_back(reader.values()[reader.IndexOf(column)]);
    rows.push_back(std::move(row));
  }
  return rows;
}

Result<ItemId> ContentsTable::ItemAt(std::size_t position) {
  if (position >= size_) return NoPosition(position);
  OUTPOST_TRYV(Load(position + 1));
  return rows_.Item(position);
}

Result<std::optional<std::size_t>> ContentsTable::PositionOf(const ItemId& item) {
  OUTPOST_TRY(const std::optional<std::string> key, KeyOf(*view_, item));
  if (!key) return std::optional<std::size_t>{};
  OUTPOST_TRYV(Load(size_));
  const std::size_t at = rows_.Find(*key);
  return at < rows_.size() ? std::optional(at) : std::nullopt;
}

std::size_t ContentsTable::PositionAt(std::uint64_t numerator, std::uint64_t denominator) const {
  if (denominator == 0 || numerator >= denominator || size_ == 0) return size_;
  // In long double: 64 bits times 64 bits is more than there is. It may round up to the end, which is none of it.
  const auto position =
      static_cast<long double>(size_) * static_cast<long double>(numerator) / static_cast<long double>(denominator);
  return std::min(static_cast<std::size_t>(position), size_ - 1);
}

Result<std::optional<std::size_t>> ContentsTable::FindRow(const Restriction& where, std::size_t from,
                                                          Direction direction) {
  std::vector<ColumnId> columns;
  OUTPOST_TRY(Matcher matcher, Matcher::Make(where, spec_.content, columns));
  SortUnique(columns);
  RowReader reader(std::move(columns));
  matcher.Bind(reader);
  matcher.ReadBodies(spec_.bodies);
  if (size_ == 0) return std::optional<std::size_t>{};
  if (direction == Direction::kForward && from >= size_) return std::optional<std::size_t>{};
  for (std::size_t at = std::min(from, size_ - 1);; direction == Direction::kForward ? ++at : --at) {
    OUTPOST_TRYV(Load(std::max(at + 1, std::min(2 * at, size_))));
    const ItemId item = rows_.Item(at);
    OUTPOST_TRY(const std::optional<std::string> row, view_->Get(kItemsTable, item.View()));
    if (!row) return Damaged(item);
    OUTPOST_TRYV(reader.Read(item, *row));
    OUTPOST_TRY(const bool found, matcher.Matches(reader.values(), item, *view_));
    if (found) return std::optional(at);
    if (at == (direction == Direction::kForward ? size_ - 1 : 0)) return std::optional<std::size_t>{};
  }
}

Result<Bookmark> ContentsTable::Mark(std::size_t position) {
  OUTPOST_TRY(const ItemId item, ItemAt(position));
  return Bookmark{item, std::string(rows_.Key(position))};
}

Result<ContentsTable::Place> ContentsTable::Resolve(const Bookmark& bookmark) {
  OUTPOST_TRY(const std::optional<std::size_t> now, PositionOf(bookmark.item));
  if (now) return Place{*now, false};
  OUTPOST_TRYV(Load(size_));
  return Place{rows_.LowerBound(bookmark.key), true};
}

Result<std::vector<TableGroup>> ContentsTable::Groups() {
  std::vector<TableGroup> groups;
  if (spec_.grouped == 0) return groups;
  std::string_view last;
  for (std::size_t at = 0; at < size_; ++at) {
    const std::string_view key = rows_.Key(at);
    const std::string_view group = key.substr(0, keys_.PrefixSize(key, spec_.grouped));
    if (groups.empty() || group != last) groups.push_back({at, 0});
    ++groups.back().count;
    last = group;
  }
  return groups;
}

}  // namespace outpost
