#include "engine/edits.h"

#include <algorithm>
#include <map>

#include "engine/folder_edits.h"
#include "engine/item_rules.h"
#include "engine/rules.h"
#include "engine/signatures.h"
#include "journal/item_fold.h"
#include "projection/folders.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

bool KindFits(FieldKind kind, const Value& value) {
  switch (KindOf(value)) {
    case ValueKind::kNull:
      return true;
    case ValueKind::kText:
      return kind == FieldKind::kText;
    case ValueKind::kInt:
      return kind == FieldKind::kInt || kind == FieldKind::kDate || kind == FieldKind::kTime ||
             kind == FieldKind::kDecimal;
    case ValueKind::kBool:
      return kind == FieldKind::kBool;
    case ValueKind::kTexts:
      return kind == FieldKind::kTexts;
    case ValueKind::kBytes:
      return kind == FieldKind::kBytes;
    case ValueKind::kId:
      return kind == FieldKind::kId;
    case ValueKind::kBlob:
      return kind == FieldKind::kBytes;
  }
  return false;
}

NewEvent ChangeEvent(Kind kind, Origin origin, const ItemId& id, ItemType type, const OpId& op, FieldMap patch) {
  ChangeBody body;
  body.patch = std::move(patch);
  return {kind, origin, type, id, op, Encode(body)};
}

// The fields of `group` that undecided or parked edits gave other values than the base.
void CompleteGroup(const ItemState& state, GroupId group, FieldMap& patch) {
  const auto add = [&](const FieldMap& from) {
    for (const auto& [id, value] : FieldsOfGroup(from, group))
      if (!patch.contains(id)) patch[id] = state.HeadValue(id);
  };
  for (const ParkedGroup& parked : state.parked)
    if (parked.refusal.group == group) add(parked.patch);
  for (const PendingEdit& edit : state.pending)
    if (edit.Has(group)) add(edit.patch);
}

// An item that was made here and is neither on the server nor on its way there.
bool CreationIsParked(const ItemState& state) {
  if (state.on_server) return false;
  return std::none_of(state.pending.begin(), state.pending.end(),
                      [](const PendingEdit& edit) { return edit.kind == Kind::kLocalCreated && edit.Has(kExistence); });
}

// To say it again is to send it: nobody wants that who sets a flag. Nor is it in any folder yet but for those who look.
Result<void> CheckUnsent(const ItemState& state, const FieldMap& changed) {
  if (state.on_server || state.HeadValue(field::kMailToBeSent) != Value(true)) return Ok();
  if (CreationIsParked(state) && !GroupsOf(changed).empty())
    return Error{
        Code::kInvalid, Retry::kNever,
        "mail " + state.id.Hex() + " was not sent: it can be sent again (\"outpost sync --retry\"), or deleted"};
  if (changed.contains(field::kMailFolder))
    return Error{Code::kInvalid, Retry::kNever, "mail " + state.id.Hex() + " waits to be sent"};
  return Ok();
}

// A receipt is a mail that leaves: only where it was asked for, and not to be taken back.
Result<void> CheckReceipt(const ItemState& state, const FieldMap& changed) {
  const auto receipt = changed.find(field::kMailReceiptSent);
  if (receipt == changed.end()) return Ok();
  if (receipt->second != Value(true))
    return Error{Code::kInvalid, Retry::kNever, "a receipt that was sent cannot be taken back"};
  if (IsEmpty(state.HeadValue(field::kMailReceiptTo)))
    return Error{Code::kInvalid, Retry::kNever, "who sent mail " + state.id.Hex() + " did not ask for a receipt"};
  return Ok();
}

FieldMap Travelling(const FieldMap& fields) {
  FieldMap out;
  for (const auto& [id, value] : fields)
    if (const Field* known = FindField(id); known != nullptr && known->sync == Sync::kBoth) out[id] = value;
  return out;
}

// What a person typed and the server does not have, also where the item has gone from it since.
FieldMap TypedFields(const ItemState& state) {
  FieldMap typed = Travelling(state.Head());
  for (auto at = typed.begin(); at != typed.end();) {
    const auto base = state.base.find(at->first);
    const bool same = base != state.base.end() ? SameValue(base->second, at->second) : IsNull(at->second);
    at = same ? typed.erase(at) : at + 1;
  }
  for (const auto& [id, value] : Travelling(state.base))
    if (!IsNull(value) && IsNull(state.HeadValue(id))) typed[id] = Value{};
  return typed;
}

Batch StateAnew(const ItemId& id, const ItemState& state, Origin origin, const FieldMap& patch,
                const std::function<OpId()>& new_op) {
  if (!state.remote_id.empty()) {
    FieldMap typed = TypedFields(state);
    for (const auto& [field_id, value] : patch) typed[field_id] = value;
    const OpId create = new_op();
    return RestoreEvents(state, typed, create, new_op(), origin);
  }
  FieldMap all = Travelling(state.Head());
  for (const auto& [field_id, value] : patch) all[field_id] = value;
  return {ChangeEvent(Kind::kLocalCreated, origin, id, state.type, new_op(), std::move(all))};
}

// "xxxxxxxx-xxxx-…": the usual writing of 16 bytes as a uid.
std::string UidOf(const ItemId& id) {
  std::string hex = id.Hex();
  for (const std::size_t at : {8u, 13u, 18u, 23u}) hex.insert(at, "-");
  return hex;
}

}  // namespace

Result<void> CheckFields(ItemType type, const FieldMap& fields) {
  const auto bad = [](const std::string& why) { return Error{Code::kInvalid, Retry::kNever, why}; };
  for (const auto& [id, value] : fields) {
    const Field* known = FindField(id);
    if (known == nullptr || FindField(type, known->name) != known)
      return bad("field " + std::to_string(id) + " is none of a " + ItemTypeName(type));
    const std::string name(known->name);
    if (known->sync == Sync::kServer || known->merge == Merge::kServer)
      return bad("field " + name + " is set by the server only");
    if (!KindFits(known->kind, value)) return bad("field " + name + " cannot hold this kind of value");
  }
  if (type == ItemType::kRule) return CheckRuleFields(fields);
  if (type == ItemType::kSignature) return CheckSignatureFields(fields);
  return Ok();
}

Result<void> CheckFolder(const StateReader& state, const ItemId& folder, ItemType type) {
  if (type == ItemType::kFolder) return CheckParent(state, folder);
  OUTPOST_TRY(const std::optional<ItemState> found, LoadItem(state, folder));
  if (!found || found->type != ItemType::kFolder || !found->Visible())
    return Error{Code::kNotFound, Retry::kNever, "there is no folder " + folder.Hex()};
  if (ContentOf(*found) != FieldOwner(type))
    return Error{Code::kInvalid, Retry::kNever,
                 "folder " + folder.Hex() + " does not hold items of type " + ItemTypeName(type)};
  return Ok();
}

Result<void> CheckFolderOf(const StateReader& state, const FieldMap& fields, ItemType type) {
  const auto folder = fields.find(field::FolderOf(type));
  const auto* id = folder != fields.end() ? std::get_if<ItemId>(&folder->second) : nullptr;
  return CheckFolder(state, id != nullptr ? *id : ItemId{}, type);
}

Result<ItemId> StandInFolder(const StateReader& state, ItemType type) {
  if (type == ItemType::kFolder) return root::kPrivate;
  OUTPOST_TRY(const auto folders, ListFolders(state));
  ItemId first;
  for (const FolderNode& node : folders) {
    if (node.type != FieldOwner(type)) continue;
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, node.id));
    if (!folder || folder->HeadValue(field::kFolderType) != Value(kFolderPrivate)) continue;
    if (folder->HeadValue(field::kFolderStandard) == Value(true)) return node.id;
    if (!first) first = node.id;
  }
  if (!first)
    return Error{Code::kNotFound, Retry::kNever,
                 std::string("there is no folder for items of type ") + ItemTypeName(type)};
  return first;
}

Result<void> CheckVisible(const ItemId& id, const ItemState* state) {
  if (state == nullptr || !state->Visible())
    return Error{Code::kNotFound, Retry::kNever, "there is no item " + id.Hex()};
  return Ok();
}

NewEvent CreateEvent(const ItemId& id, ItemType type, const ItemId& folder, FieldMap fields, const OpId& op) {
  CompletePatch(type, {}, fields);
  for (auto at = fields.begin(); at != fields.end();) at = IsNull(at->second) ? fields.erase(at) : at + 1;
  fields[field::FolderOf(type)] = folder;
  if (type == ItemType::kList) fields[field::kContactIsList] = true;
  if (const FieldId uid = field::UidOf(type); uid != 0 && !fields.contains(uid)) fields[uid] = UidOf(id);
  return ChangeEvent(Kind::kLocalCreated, Origin::kUser, id, type, op, std::move(fields));
}

Result<Batch> SetEvents(const ItemId& id, const ItemState* state, const FieldMap& patch,
                        const std::function<OpId()>& new_op) {
  OUTPOST_TRYV(CheckVisible(id, state));
  OUTPOST_TRYV(CheckFields(state->type, patch));
  FieldMap wanted = patch;
  CompletePatch(state->type, state->Head(), wanted);
  FieldMap changed;
  for (const auto& [field_id, value] : wanted) {
    if (SameValue(state->HeadValue(field_id), value)) continue;
    const Field* known = FindField(field_id);
    if (known->merge == Merge::kOnce || known->merge == Merge::kImmutable)
      return Error{Code::kInvalid, Retry::kNever,
                   "field " + std::string(known->name) + " is fixed when the item is made"};
    changed[field_id] = value;
  }
  if (changed.empty()) return Batch{};
  OUTPOST_TRYV(CheckUnsent(*state, changed));
  OUTPOST_TRYV(CheckReceipt(*state, changed));
  if (state->type == ItemType::kRule) OUTPOST_TRYV(CheckRuleEdit(*state, changed));
  if (CreationIsParked(*state) && !GroupsOf(changed).empty())
    return StateAnew(id, *state, Origin::kUser, changed, new_op);
  for (const GroupId group : GroupsOf(changed)) CompleteGroup(*state, group, changed);
  return Batch{ChangeEvent(Kind::kLocalChanged, Origin::kUser, id, state->type, new_op(), std::move(changed))};
}

Result<Batch> DeleteEvents(const ItemId& id, const ItemState* state, const OpId& op) {
  OUTPOST_TRYV(CheckVisible(id, state));
  return Batch{ChangeEvent(Kind::kLocalDeleted, Origin::kUser, id, state->type, op, {})};
}

Result<std::optional<ItemId>> TrashFor(const StateReader& state, const ItemState& item) {
  constexpr std::int64_t kTrash = 12;
  constexpr int kDeepest = 64;  // folders in a circle are no way up
  if (item.type != ItemType::kMail) return std::optional<ItemId>{};
  const auto is_trash = [&](const ItemState& folder) {
    return ContentOf(folder) == item.type && folder.HeadValue(field::kFolderStandardType) == Value(kTrash);
  };
  ItemId above = item.Folder(), top;
  for (int depth = 0; above && depth < kDeepest; ++depth) {
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, above));
    if (!folder) break;
    if (is_trash(*folder)) return std::optional<ItemId>{};
    top = above;
    above = folder->Folder();
  }
  OUTPOST_TRY(const auto folders, ListFolders(state));
  std::map<ItemId, ItemId> top_of;  // a parent comes before its children
  std::optional<ItemId> any;
  for (const FolderNode& node : folders) {
    const auto parent = top_of.find(node.parent);
    const ItemId its_top = parent != top_of.end() ? parent->second : node.id;
    top_of.emplace(node.id, its_top);
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, node.id));
    if (!folder || !folder->Visible() || !is_trash(*folder)) continue;
    if (its_top == top) return std::optional<ItemId>(node.id);
    if (!any) any = node.id;
  }
  return any;
}

FieldMap RestoredFields(const ItemState& state, const FieldMap& typed) {
  FieldMap fields = Travelling(state.Head());
  ApplyPatch(fields, typed);
  return fields;
}

Result<ItemId> FindPlace(const StateReader& view, const ItemState& state, FieldMap& typed) {
  const auto place = CheckFolderOf(view, RestoredFields(state, typed), state.type);
  if (place) return ItemId{};
  if (place.error().code != Code::kNotFound) return place.error();
  OUTPOST_TRY(const ItemId other, StandInFolder(view, state.type));
  typed[field::FolderOf(state.type)] = other;
  return other;
}

Batch RestoreEvents(const ItemState& state, const FieldMap& typed, const OpId& create, const OpId& change,
                    Origin origin) {
  FieldMap as_it_was = RestoredFields(state, typed);
  FieldMap again = typed;
  for (const GroupId group : GroupsOf(typed))
    for (const auto& [id, value] : FieldsOfGroup(as_it_was, group)) again[id] = value;
  for (const auto& [id, value] : again) as_it_was.erase(id);
  if (state.on_server) as_it_was.clear();  // only the deletion that waits is taken back
  Batch events{ChangeEvent(Kind::kLocalCreated, origin, state.id, state.type, create, std::move(as_it_was))};
  if (!again.empty())
    events.push_back(ChangeEvent(Kind::kLocalChanged, origin, state.id, state.type, change, std::move(again)));
  return events;
}

Result<Batch> RestoreGone(const StateReader& view, const ItemState& state, const FieldMap& fields,
                          const std::function<OpId()>& new_op) {
  if (state.Visible()) return Error{Code::kInvalid, Retry::kNever, "item " + state.id.Hex() + " is not gone"};
  OUTPOST_TRYV(CheckFields(state.type, fields));
  FieldMap typed = fields;
  OUTPOST_TRYV(FindPlace(view, state, typed));
  const OpId create = new_op();
  return RestoreEvents(state, typed, create, new_op());
}

Result<Batch> RetryEvents(const ItemId& id, const ItemState* state, const std::function<OpId()>& new_op,
                          const std::function<bool(const ParkedGroup&)>& wanted) {
  OUTPOST_TRYV(CheckVisible(id, state));
  if (state->parked.empty())
    return Error{Code::kNotFound, Retry::kNever, "item " + id.Hex() + " has nothing that is parked"};
  if (CreationIsParked(*state)) return StateAnew(id, *state, Origin::kRestore, {}, new_op);
  FieldMap again;
  Sequence deletion = 0;
  Sequence newest = 0;
  bool deletes = false;
  for (const ParkedGroup& parked : state->parked) {
    const bool one_wanted = !wanted || wanted(parked);
    if (one_wanted)
      for (const auto& [field_id, value] : parked.patch) again[field_id] = value;
    if (parked.refusal.group == kExistence) deletes = one_wanted;
    Sequence& of = parked.refusal.group == kExistence ? deletion : newest;
    of = std::max(of, parked.seq);
  }
  for (const PendingEdit& edit : state->pending) newest = std::max(newest, edit.seq);
  // Who edits an item after its deletion was refused wants it to be there: the deletion would take his edit with it.
  if (deletion > newest && !deletes) return Batch{};
  if (deletion > newest)
    return Batch{ChangeEvent(Kind::kLocalDeleted, Origin::kRestore, id, state->type, new_op(), {})};
  if (again.empty()) return Batch{};
  for (const GroupId group : GroupsOf(again)) CompleteGroup(*state, group, again);
  return Batch{ChangeEvent(Kind::kLocalChanged, Origin::kRestore, id, state->type, new_op(), std::move(again))};
}

}  // namespace outpost
