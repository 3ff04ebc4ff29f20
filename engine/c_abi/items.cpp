#include "projection/items.h"

#include "engine/c_abi/handle.h"
#include "engine/json/fields_from_json.h"
#include "engine/json/item_json.h"
#include "engine/past_restore.h"
#include "journal/item_fold.h"
#include "projection/folders.h"

namespace outpost::c_abi {
namespace {

Result<ItemId> IdOf(const char* text) {
  OUTPOST_TRY(const auto id, Wanted(text, "id"));
  return ParseItemId(id);
}

Error NoItem(const ItemId& id) { return {Code::kNotFound, Retry::kNever, "no item " + id.Hex()}; }

Result<ItemState> VisibleItem(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(auto item, LoadItem(state, id));
  if (!item || !item->Visible() || item->type == ItemType::kFolder) return NoItem(id);
  return *std::move(item);
}

Result<void> GiveItem(Account& account, const ItemId& id, char** json) {
  if (json == nullptr) return Ok();
  const auto view = account.View();
  OUTPOST_TRY(const auto item, VisibleItem(*view, id));
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  Give(ItemJson(item, paths), json);
  return Ok();
}

Result<void> GiveItems(Account& account, std::string_view named, std::uint64_t offset, std::uint64_t limit,
                       char** json) {
  const auto view = account.View();
  OUTPOST_TRY(const auto folder, FindFolder(*view, named));
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  Json::Array items;
  std::uint64_t at = 0;
  OUTPOST_TRYV(ForEachItem(*view, folder.id, [&](const ItemState& item) {
    if (at++ >= offset) items.emplace_back(ItemJson(item, paths));
    return limit == 0 || items.size() < limit;
  }));
  Give(std::move(items), json);
  return Ok();
}

// Errors: kInvalid.
Result<ItemType> TypeOfNew(const char* type, const FolderNode& folder) {
  const auto known = type == nullptr ? std::optional(folder.type) : ItemTypeFromName(type);
  if (!known || *known == ItemType::kFolder || *known == ItemType::kNone)
    return Malformed("no type of item is called so, or folder " + folder.id.Hex() + " holds none");
  return *known;
}

Result<void> CreateItem(Account& account, std::string_view named, const char* type, std::string_view fields,
                        char** json) {
  OUTPOST_TRY(const auto folder, FindFolder(*account.View(), named));
  OUTPOST_TRY(const ItemType made_of, TypeOfNew(type, folder));
  OUTPOST_TRY(auto patch, FieldsFromJson(made_of, fields));
  OUTPOST_TRY(const auto id, account.Create(made_of, folder.id, std::move(patch)));
  return GiveItem(account, id, json);
}

Result<void> GiveVersions(Account& account, const ItemId& id, char** json) {
  const auto view = account.View();
  OUTPOST_TRY(const auto now, LoadItem(*view, id));
  if (!now || now->type == ItemType::kFolder) return NoItem(id);
  OUTPOST_TRY(const auto paths, FolderPaths::Load(*view));
  std::vector<Event> events;
  OUTPOST_TRYV(view->History(now->head_seq, [&](const Event& event) { return events.push_back(event), true; }));
  Json::Array versions;
  ItemState item;
  bool whole = false;  // events that are left from before the kept history do not say what the item was
  bool visible = false;
  FieldMap shown;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    whole = whole || event->header.back == 0 || event->header.kind == Kind::kItemRestated;
    if (!whole) continue;
    OUTPOST_TRYV(Reduce(item, *event));
    item.id = id;
    FieldMap head = item.Head();
    if (item.Visible() == visible && head == shown) continue;
    visible = item.Visible();
    shown = std::move(head);
    versions.emplace_back(Json::Object{{"seq", event->seq},
                                       {"time", event->header.time.count()},
                                       {"origin", OriginName(event->header.origin)},
                                       {"kind", KindName(event->header.kind)},
                                       {"item", visible ? Json(ItemJson(item, paths)) : Json()}});
  }
  Give(std::move(versions), json);
  return Ok();
}

Result<void> Restore(Account& account, const ItemId& id, Sequence seq, char** json) {
  const auto view = account.View();
  OUTPOST_TRY(const auto past, Past::Open(*view, seq));
  OUTPOST_TRY(const auto restored, RestoreItem(account, *view, past, id, std::nullopt));
  const char* what = restored == Restored::kUnchanged ? "unchanged"
                     : restored == Restored::kChanged ? "changed"
                                                      : "made again";
  Give(Json::Object{{"restored", what}}, json);
  return Ok();
}

}  // namespace
}  // namespace outpost::c_abi

using namespace outpost;
using namespace outpost::c_abi;

int32_t outpost_folders(outpost_account* account, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto folders, ListFolders(*of->View()));
    Json::Array list;
    for (const auto& folder : folders) list.emplace_back(FolderJson(folder));
    Give(std::move(list), json);
    return Ok();
  });
}

int32_t outpost_items(outpost_account* account, const char* folder, uint64_t offset, uint64_t limit, char** json,
                      outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto named, Wanted(folder, "folder"));
    return GiveItems(*of, named, offset, limit, json);
  });
}

int32_t outpost_item(outpost_account* account, const char* id, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto item, IdOf(id));
    return GiveItem(*of, item, json);
  });
}

int32_t outpost_create_item(outpost_account* account, const char* folder, const char* type, const char* fields,
                            char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto named, Wanted(folder, "folder"));
    OUTPOST_TRY(const auto patch, Wanted(fields, "fields"));
    return CreateItem(*of, named, type, patch, json);
  });
}

int32_t outpost_set_item(outpost_account* account, const char* id, const char* fields, char** json,
                         outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto item, IdOf(id));
    OUTPOST_TRY(const auto text, Wanted(fields, "fields"));
    OUTPOST_TRY(const auto before, VisibleItem(*of->View(), item));
    OUTPOST_TRY(auto patch, FieldsFromJson(before.type, text));
    OUTPOST_TRYV(of->Set(item, std::move(patch)));
    return GiveItem(*of, item, json);
  });
}

int32_t outpost_move_item(outpost_account* account, const char* id, const char* folder, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto item, IdOf(id));
    OUTPOST_TRY(const auto named, Wanted(folder, "folder"));
    const auto view = of->View();
    OUTPOST_TRYV(VisibleItem(*view, item));
    OUTPOST_TRY(const auto to, FindFolder(*view, named));
    return of->Move(item, to.id);
  });
}

int32_t outpost_delete_item(outpost_account* account, const char* id, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto item, IdOf(id));
    OUTPOST_TRYV(VisibleItem(*of->View(), item));
    return of->Delete(item);
  });
}

int32_t outpost_item_versions(outpost_account* account, const char* id, char** json, outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto item, IdOf(id));
    return GiveVersions(*of, item, json);
  });
}

int32_t outpost_restore_item(outpost_account* account, const char* id, uint64_t seq, char** json,
                             outpost_error* error) {
  return AtBoundary(error, [&]() -> Result<void> {
    OUTPOST_TRY(Account* const of, AccountOf(account));
    OUTPOST_TRY(const auto item, IdOf(id));
    return Restore(*of, item, seq, json);
  });
}
