#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/reader.h"
#include "projection/restriction.h"
#include "projection/row_key.h"
#include "projection/row_order.h"

namespace outpost {

// What a table shows of a folder, or of several.
struct TableSpec {
  ItemId folder{};               // or a root (schemas/folders.h), which holds nothing itself: see `below`
  ItemType content{};            // what the folder holds
  std::vector<SortColumn> sort;  // empty: the folder's stored order, that of ForEachItem
  std::size_t grouped = 0;       // rows equal in the first so many sort columns make a group
  std::optional<Restriction> where;
  std::vector<ItemId> also{};  // further folders whose items stand in the same table
  bool below = false;          // and all folders below these that hold such items, those made later, too
  // Words are looked for in the bodies of mails, too; null: they are not.
  std::shared_ptr<const MailBodies> bodies{};

  bool wide() const { return below || !also.empty(); }
};

// The folders whose items such a table shows, ascending. Errors: kCorrupt, kUnavailable.
Result<std::vector<ItemId>> FoldersOf(const StateReader& state, const TableSpec& spec);

struct TableRow {
  ItemId id{};
  std::vector<Value> values;  // of the columns asked for, null where unset
};

// Rows that stand together.
struct TableGroup {
  std::size_t first = 0;  // position
  std::size_t count = 0;
};

// A row to come back to, whatever happens to the table.
struct Bookmark {
  ItemId item{};
  std::string key;  // where it was
};

// One step from a table to a later one. Steps follow one another: each speaks of the table as the one before it left
// it.
struct TableChange {
  enum class Kind : std::uint8_t {
    kAdded,    // a row came to `position`
    kChanged,  // the row at `position` is of the same item, which is another
    kMoved,    // the row at `from` was taken out and put to `position`; its item may be another, too
    kDeleted,  // the row at `position` went
    kReload    // more changed than is told one by one: look anew
  };
  Kind kind = Kind::kReload;
  ItemId item{};
  std::size_t position = 0;
  std::size_t from = 0;
  bool operator==(const TableChange&) const = default;
};

// Where the row at `position` is after the change; where it went, the one that took its place. A kReload keeps the
// number: hold a Bookmark across it.
std::size_t PositionAfter(std::size_t position, const TableChange& change);

// Tables are told of so many changed rows at once; of more, to reload.
inline constexpr std::size_t kTableChangesMax = 1'000;
// So many events are looked through for them; above it the table is read anew.
inline constexpr std::uint64_t kTableEventsMax = 100'000;

// The items of one folder or of several, in an order, by position, as they were at one moment of the journal.
//
// The stored order is read as far as it is asked for: its first rows cost no more in a large folder than in a small
// one. Any other order or restriction reads each item of the folder once, when it is opened, and then holds a key of
// each row in memory. Rows themselves are read when they are fetched.
//
// Threads: one at a time. Errors of all members: kCorrupt, kUnavailable, and what they name themselves.
// Source: docs/projections.md, "Contents tables"; DESIGN.md, "Numbers".
class ContentsTable {
 public:
  using Change = TableChange;

  // Errors: kInvalid for a restriction or a sort that cannot be, named (see Matcher, RowKeys).
  // `only`: what an index knows of the restriction (ItemsToSearch): it holds for no other items, and where it asks for
  // one of their words, they have it. Not all of them need be there.
  static Result<ContentsTable> Open(std::shared_ptr<const JournalView> view, TableSpec spec,
                                    const std::optional<SearchHits>& only = std::nullopt);

  const TableSpec& spec() const { return spec_; }
  // The moment that it shows: the last event it knows.
  Sequence at() const { return view_->last(); }
  std::size_t size() const { return size_; }

  // Up to `count` rows from position `from` on, with these columns.
  Result<std::vector<TableRow>> Rows(std::size_t from, std::size_t count, std::span<const ColumnId> columns);
  // Errors: kNotFound where there is no such position.
  Result<ItemId> ItemAt(std::size_t position);
  // Nullopt where the table does not show the item.
  Result<std::optional<std::size_t>> PositionOf(const ItemId& item);
  // The position at numerator / denominator of the table, as a scroll bar says it; size() at its end.
  std::size_t PositionAt(std::uint64_t numerator, std::uint64_t denominator) const;

  enum class Direction { kForward, kBackward };
  // The first row from `from` on, that one included, for which `where` holds; nullopt where there is none. Errors:
  // kInvalid.
  Result<std::optional<std::size_t>> FindRow(const Restriction& where, std::size_t from, Direction direction);

  // Errors: kNotFound where there is no such position.
  Result<Bookmark> Mark(std::size_t position);
  // Where a bookmark is now: its row, wherever it moved to; where that is gone, the row that stands where it was.
  struct Place {
    std::size_t position = 0;  // size() behind the last row
    bool gone = false;
  };
  Result<Place> Resolve(const Bookmark& bookmark);

  // In the order of the table; empty where it is not grouped.
  Result<std::vector<TableGroup>> Groups();

  // Brings the table up to `now`, a later view of the same journal: in time in proportion to the items that were
  // touched since, not to the table, but for moving its keys. Answers what became of its rows, in the order of the
  // items' newest events; or one kReload, also where other folders belong to the table now. After an error the table is
  // as it was.
  Result<std::vector<TableChange>> Advance(std::shared_ptr<const JournalView> now);

 private:
  ContentsTable(std::shared_ptr<const JournalView> view, TableSpec spec, RowKeys keys, std::optional<Matcher> where,
                RowReader reader);
  // Whether its rows are those that are stored.
  bool stored() const { return spec_.sort.empty() && !where_ && !spec_.wide(); }
  // How many items its folders show.
  Result<std::uint64_t> CountMembers() const;
  // Rows [0, count) are in rows_ afterwards, or all there are.
  Result<void> Load(std::size_t count);
  Result<void> LoadMembers();
  Result<bool> LoadFromAll(std::size_t count);
  Result<void> LoadFromList();
  // Of the row read last: whether it is one of the folder's, whether the restriction holds, both, a field of it, its
  // key.
  bool IsMember() const;
  Result<bool> Fits(const JournalView& view, const ItemId& item, std::span<const std::string> sure = {}) const;
  Result<bool> Shows(const JournalView& view, const ItemId& item, std::span<const std::string> sure = {}) const;
  const Value& ValueOf(FieldId field) const;
  const std::string& KeyOfRow(const ItemId& item);
  // The key of an item's row; nullopt where the table does not show it. `sure`: see Matcher::Matches.
  Result<std::optional<std::string>> KeyOf(const JournalView& view, const ItemId& item,
                                           std::span<const std::string> sure = {});
  Error NoPosition(std::size_t position) const;

  std::shared_ptr<const JournalView> view_;
  TableSpec spec_;
  std::vector<ItemId> folders_;  // FoldersOf(spec_) at that moment
  RowKeys keys_;
  std::optional<Matcher> where_;
  RowReader reader_;  // of what order, restriction and membership look at
  RowOrder rows_;     // all, or where they are stored the first of them
  std::size_t size_ = 0;
  std::string key_;  // kept for its memory
};

}  // namespace outpost
