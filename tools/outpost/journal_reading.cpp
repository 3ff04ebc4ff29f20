#include "tools/outpost/journal_reading.h"

#include "journal/item_fold.h"

namespace outpost::cli {

Result<Reading> BeginReading(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(auto access, ReadAccess::Open(common));
  OUTPOST_TRY(auto view, access->Events());
  OUTPOST_TRY(auto describer, Describer::For(*view, arguments.content ? Contents::kShown : Contents::kHidden));
  return Reading{std::move(access), std::move(view), std::move(describer)};
}

Result<ItemState> ListedItem(const JournalView& view, const ItemId& id) {
  OUTPOST_TRY(auto item, LoadItem(view, id));
  if (!item) return Error{Code::kCorrupt, Retry::kNever, "an index names item " + id.Hex() + ", which is not there"};
  return *std::move(item);
}

Json::Object ItemColumns(const Describer& describer, const ItemState& item) {
  return {{"item", item.id.Hex()}, {"type", ItemTypeName(item.type)}, {"folder", describer.Folder(item.Folder())}};
}

}  // namespace outpost::cli
