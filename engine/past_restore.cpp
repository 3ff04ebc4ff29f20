#include "engine/past_restore.h"

#include <set>

#include "engine/edits.h"
#include "journal/item_fold.h"

namespace outpost {
namespace {

// What a person's edit may set, but for the folder.
bool MaySet(const Field& field) {
  return field.sync != Sync::kServer && field.merge != Merge::kServer && field.merge != Merge::kOnce &&
         field.merge != Merge::kImmutable && field.id != field::FolderOf(field.type);
}

// The fields in which `now` differs from `then`, with the values of then.
FieldMap Back(const FieldMap& then, const FieldMap& now, std::optional<GroupId> group) {
  FieldMap all = then;
  for (const auto& [id, value] : now) all.try_emplace(id, Value{});
  FieldMap patch;
  for (const auto& [id, value] : all) {
    const Field* known = FindField(id);
    if (known == nullptr || !MaySet(*known) || (group && known->group != *group)) continue;
    const auto is = now.find(id);
    if (is == now.end() ? !IsEmpty(value) : !SameValue(is->second, value)) patch[id] = value;
  }
  return patch;
}

}  // namespace

Result<Restored> RestoreItem(AccountCommands& commands, const StateReader& view, const Past& past, const ItemId& item,
                             std::optional<GroupId> group) {
  OUTPOST_TRY(const auto then, past.Item(item));
  if (!then || !then->Visible())
    return Error{Code::kNotFound, Retry::kNever,
                 "there was no item " + item.Hex() + " after event " + std::to_string(past.at())};
  if (then->type == ItemType::kFolder)
    return Error{Code::kInvalid, Retry::kNever, "folders cannot be changed here yet: folder " + item.Hex()};
  OUTPOST_TRY(const auto now, LoadItem(view, item));
  FieldMap patch = Back(then->Head(), now->Head(), group);
  const FieldId folder = field::FolderOf(then->type);
  if (!now->Visible()) {
    if (group)
      return Error{Code::kInvalid, Retry::kNever,
                   "item " + item.Hex() + " is gone: it comes back as a whole, not one group of it"};
    patch[folder] = then->Folder();
    OUTPOST_TRYV(commands.Restore(item, std::move(patch)));
    return Restored::kMadeAgain;
  }
  const bool moves = now->Folder() != then->Folder() && (!group || *group == FindField(folder)->group);
  if (moves) OUTPOST_TRYV(CheckFolder(view, then->Folder(), then->type));
  if (patch.empty() && !moves) return Restored::kUnchanged;
  if (!patch.empty()) OUTPOST_TRYV(commands.Set(item, std::move(patch)));
  if (moves) OUTPOST_TRYV(commands.Move(item, then->Folder()));
  return Restored::kChanged;
}

Result<FolderRestored> RestoreFolder(AccountCommands& commands, const StateReader& view, const Past& past,
                                     const ItemId& folder) {
  std::set<ItemId> then;
  OUTPOST_TRYV(past.ForEachItem(folder, [&](const ItemState& item) { return then.insert(item.id), true; }));
  FolderRestored report;
  OUTPOST_TRYV(ForEachItem(view, folder, [&](const ItemState& item) {
    report.newer += then.contains(item.id) ? 0 : 1;
    return true;
  }));
  for (const ItemId& item : then) {
    OUTPOST_TRY(const Restored done, RestoreItem(commands, view, past, item, std::nullopt));
    ++(done == Restored::kUnchanged ? report.unchanged
       : done == Restored::kChanged ? report.changed
                                    : report.made_again);
  }
  return report;
}

}  // namespace outpost
