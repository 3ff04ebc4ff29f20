#pragma once
#include <vector>

#include "journal/fold.h"
#include "schemas/item_state.h"

namespace outpost {

// Key: item id (16 bytes). Value: schemas/state.md.
inline constexpr Table kItemsTable{0x10};

// Makes the rows that follow from what an event did to one item (an index, a counter, a queue). Pure; the tables it
// writes are its own.
class ItemRows {
 public:
  // A table whose rows do not follow from the items' states alone, but from what happened before: a checkpoint says
  // them one by one, under this name (schemas/event.md, section 9).
  struct Section {
    std::string_view name;
    Table table;
    bool of_items = false;  // each value is the id of an item; the rows of forgotten ones are not said again
  };

  virtual ~ItemRows() = default;
  virtual std::span<const Table> tables() const = 0;
  // Rows of all other tables of its are a function of each item's state: what Rows() puts for it over no state at all
  // is what there is of it, sums included.
  virtual std::span<const Section> sections() const { return {}; }
  // `before` is null for an item never seen. Errors: kCorrupt.
  virtual Result<void> Rows(const ItemState* before, const ItemState& after, const Event& event,
                            StateWriter& state) = 0;
  // An event that concerns no item.
  virtual Result<void> AccountRows(const Event& event, StateWriter& state) = 0;
};

// The fold of item state: one Reduce (schemas/item_state.h) per event, one row per item, and behind it the rows of
// others, so that each event reads and decodes its item once.
class ItemFold final : public InlineFold, public ItemHeads {
 public:
  // `version` is raised when any of the rows changes meaning, `reads_since` when those of before can no longer be gone
  // on with. `rows` outlive the fold.
  ItemFold(std::uint32_t version, std::uint32_t reads_since, std::vector<ItemRows*> rows);
  ItemFold(std::uint32_t version, std::vector<ItemRows*> rows) : ItemFold(version, version, std::move(rows)) {}
  std::string_view name() const override { return "items"; }
  std::uint32_t version() const override { return version_; }
  std::uint32_t reads_since() const override { return reads_since_; }
  std::span<const Table> tables() const override { return tables_; }
  Result<void> Apply(const Event& event, StateWriter& state) override;
  // Items by id, then the sections of all row makers in turn. Folders are never forgotten: they are few, and items name
  // them.
  Result<Restatement> Restate(const StateReader& state, std::string_view cursor, std::size_t bytes,
                              Millis forget) const override;
  // Of edits without an outcome or refused, and of losers.
  Result<std::vector<Sequence>> Needed(const StateReader& state) const override;
  Result<Sequence> HeadOf(const ItemId& item, const StateReader& state) const override;
  void Expect(std::span<const ItemId> items, const StateReader& state) const override;

 private:
  Result<void> Forget(const ItemState& before, const Event& event, StateWriter& state) const;
  Result<void> ApplySection(const Event& event, StateWriter& state) const;

  std::uint32_t version_;
  std::uint32_t reads_since_;
  std::vector<ItemRows*> rows_;
  std::vector<Table> tables_;
  std::vector<ItemRows::Section> sections_;
};

// The item as stored; nullopt for one never seen. Errors: kCorrupt.
Result<std::optional<ItemState>> LoadItem(const StateReader& state, const ItemId& item);

}  // namespace outpost
