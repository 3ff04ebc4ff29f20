#include "mapi-adapter/provider/store_folders.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/rights.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/associated.h"
#include "mapi-adapter/provider/kept.h"
#include "schemas/folders.h"

namespace outpost::mapi {
namespace {

// A private folder's parent is the subtree itself.
bool IsAbove(const ItemId& id) { return !id || IsRoot(id); }

}  // namespace

Result<std::vector<StoreFolder>> StoreFolders(const OpenStore& store) {
  const auto view = store.account->View();
  OUTPOST_TRY(const std::vector<FolderNode> nodes, ListFolders(*view));
  OUTPOST_TRY(const std::string language, LanguageOf(*view));
  std::vector<StoreFolder> out{{{}, {}, store.name, {}}, {root::kPrivate, {}, "Outpost", {}}};
  for (const ItemId& top : {root::kPublic, root::kShared})
    if (std::any_of(nodes.begin(), nodes.end(), [&top](const FolderNode& n) { return !n.parent && n.root == top; }))
      out.push_back({top, root::kPrivate, std::string(RootName(top, language)), {}});
  for (const FolderNode& node : nodes)
    out.push_back(
        {node.id, node.parent ? node.parent : node.root, node.name, node.type, node.counts.total, node.counts.unread});
  for (StoreFolder& folder : out)
    folder.has_folders = std::any_of(out.begin(), out.end(), [&folder](const StoreFolder& other) {
      return other.parent == folder.id && other.id != folder.id;
    });
  return out;
}

std::vector<StoreFolder> FoldersIn(const std::vector<StoreFolder>& all, const ItemId& parent, bool deep) {
  std::vector<StoreFolder> out;
  const auto add = [&](const auto& self, const ItemId& of, std::int32_t depth) -> void {
    for (const StoreFolder& folder : all) {
      if (folder.parent != of || !folder.id) continue;
      out.push_back(folder);
      out.back().depth = depth;
      if (deep && folder.id != of) self(self, folder.id, depth + 1);
    }
  };
  add(add, parent, 1);
  return out;
}

std::optional<StoreFolder> FolderNamed(const std::vector<StoreFolder>& all, const ItemId& id) {
  const auto at = std::find_if(all.begin(), all.end(), [&id](const StoreFolder& folder) { return folder.id == id; });
  return at != all.end() ? std::optional(*at) : std::nullopt;
}

Result<std::vector<Prop>> GivenPropsOfFolder(const OpenStore& store, const StoreFolder& folder) {
  FolderRights rights{1, 0, 0, 0, false};
  if (!IsAbove(folder.id)) {
    OUTPOST_TRY(const auto item, LoadItem(*store.account->View(), folder.id));
    rights = kOwnerRights;  // of one that is made here, and the server does not know yet
    if (item)
      if (const Value bits = item->HeadValue(field::kFolderOwnRights); std::get_if<std::int64_t>(&bits) != nullptr)
        rights = RightsFromBits(std::get<std::int64_t>(bits));
  }
  const std::string id = EntryIdOf(store, StoreEntry::Kind::kFolder, folder.id);
  std::vector<Prop> out{
      {tag::kEntryId, Blob{id}},
      {tag::kRecordKey, Blob{id}},
      {tag::kInstanceKey, Blob{id}},
      {tag::kParentEntryId, Blob{EntryIdOf(store, StoreEntry::Kind::kFolder, folder.parent)}},
      {tag::kStoreEntryId, Blob{StoreEntryId(store.name)}},
      {tag::kStoreRecordKey, Blob{store.uid}},
      {tag::kMappingSignature, Blob{store.names->signature()}},
      {tag::kObjectType, std::int32_t{abi::MAPI_FOLDER}},
      {tag::kDisplayName, folder.name},
      {tag::kDepth, folder.depth},
      {tag::kDisplayType, std::int32_t{abi::DT_FOLDER}},
      {tag::kStatus, std::int32_t{0}},
      {tag::kFolderType, static_cast<std::int32_t>(folder.id ? abi::FOLDER_GENERIC : abi::FOLDER_ROOT)},
      {tag::kSubfolders, folder.has_folders},
      {tag::kContentCount, static_cast<std::int32_t>(std::min<std::uint64_t>(folder.total, INT32_MAX))},
      {tag::kContentUnread, static_cast<std::int32_t>(std::min<std::uint64_t>(folder.unread, INT32_MAX))},
      {tag::kAccess, static_cast<std::int32_t>(FolderAccessOf(rights))},
      {tag::kRights, static_cast<std::int32_t>(MemberRightsOf(rights))}};
  OUTPOST_TRY(const auto associated, AssociatedIn(store, folder.id));
  out.push_back({tag::kAssocContentCount, static_cast<std::int32_t>(associated.size())});
  if (folder.content != ItemType::kNone) out.push_back({tag::kContainerClass, ContainerClassOf(folder.content)});
  return out;
}

Result<std::vector<Prop>> PropsOfFolder(const OpenStore& store, const StoreFolder& folder) {
  OUTPOST_TRY(std::vector<Prop> out, GivenPropsOfFolder(store, folder));
  const auto add = [&out](Prop prop) {
    const auto same = [&prop](const Prop& other) { return IdOf(other.tag) == IdOf(prop.tag); };
    if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(prop));
  };
  if (!IsAbove(folder.id)) {
    const auto view = store.account->View();
    OUTPOST_TRY(const auto item, LoadItem(*view, folder.id));
    if (item)
      for (Prop& kept : KeptProps(store, *view, ItemType::kFolder, item->Head())) add(std::move(kept));
  }
  add({tag::kComment, std::string()});
  return out;
}

}  // namespace outpost::mapi
