#pragma once
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "mapi-adapter/provider/open_store.h"
#include "projection/contents_table.h"

namespace outpost::mapi {

// Where a table's rows are from. Threads: one at a time; the table sees to it.
class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual std::size_t size() const = 0;
  // Rows from `from` on, `count` of them (all there), with what they have of `columns`. Errors: kCorrupt, kUnavailable.
  virtual Result<std::vector<std::vector<Prop>>> Rows(std::size_t from, std::size_t count,
                                                      std::span<const PropTag> columns) = 0;
  // Goes on to what is there now, and says what became of the rows; one kReload where that is not told one by one.
  virtual Result<std::vector<TableChange>> Advance() = 0;
  // Nullopt where it is not shown.
  virtual Result<std::optional<std::size_t>> PositionOf(const ItemId& item) = 0;
  // Shows those rows only for which it holds; null: all. Errors: kInvalid for one that cannot be.
  virtual Result<void> Restrict(const abi::SRestriction* restriction) = 0;
  // The first row from `from` on (itself included) for which it holds, or backward. Errors: likewise.
  virtual Result<std::optional<std::size_t>> Find(const abi::SRestriction& restriction, std::size_t from,
                                                  bool backward) = 0;
  // Puts the rows in that order. Errors: kInvalid for one that cannot be.
  virtual Result<void> Sort(std::span<const abi::SSortOrder> order) = 0;
};

// A table over it: as it was when it was opened, or kept up to date while somebody is told of its changes. Released by
// its caller. What it does not do yet answers MAPI_E_NO_SUPPORT or MAPI_E_TOO_COMPLEX: docs/mapi.md.
abi::IMAPITable* MakeTable(std::shared_ptr<const OpenStore> store, std::unique_ptr<RowSource> rows,
                           std::vector<PropTag> columns);

// What a table of messages has before its columns are set.
std::vector<PropTag> ItemColumns();

// The folders in `folder`, or all below it; the items in `folder`. Errors: kNotFound (no such folder), kCorrupt,
// kUnavailable.
Result<abi::IMAPITable*> MakeHierarchyTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder,
                                            bool deep);
Result<abi::IMAPITable*> MakeContentsTable(const std::shared_ptr<const OpenStore>& store, const ItemId& folder);

}  // namespace outpost::mapi
