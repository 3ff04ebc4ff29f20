#include "engine/folder_edits.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "engine/attach.h"
#include "engine/edits.h"
#include "journal/item_fold.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "projection/sort_key.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

constexpr ItemType kContents[] = {ItemType::kContact, ItemType::kAppointment, ItemType::kTask, ItemType::kMail};

Error Refused(const std::string& why) { return {Code::kRejected, Retry::kNever, why}; }
Error Invalid(const std::string& why) { return {Code::kInvalid, Retry::kNever, why}; }
std::string NameOf(const ItemId& folder) { return "folder " + folder.Hex(); }

std::int64_t NumberOf(const ItemState& folder, FieldId field, std::int64_t otherwise) {
  const Value value = folder.HeadValue(field);
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? *number : otherwise;
}

// What the server said of the user's rights; everything where it said nothing.
FolderRights RightsIn(const ItemState& folder) {
  return RightsFromBits(NumberOf(folder, field::kFolderOwnRights, BitsOfRights(kOwnerRights)));
}

std::string TitleOf(const ItemState& folder) {
  const Value value = folder.HeadValue(field::kFolderTitle);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

// The title as servers keep it: without blanks around. Names that differ only in how they are written count as one.
std::string Trimmed(const std::string& text) {
  constexpr const char* kBlank = " \t\r\n";
  const auto from = text.find_first_not_of(kBlank);
  if (from == std::string::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

Result<std::string> TitleIn(const FieldMap& fields) {
  const auto at = fields.find(field::kFolderTitle);
  const auto* text = at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
  const std::string title = text != nullptr ? Trimmed(*text) : std::string();
  if (title.empty()) return Invalid("a folder needs a title");
  return title;
}

// Whose folders are that stand below `parent`.
Result<std::int64_t> TypeBelow(const StateReader& state, const ItemId& parent) {
  if (parent == root::kPrivate) return kFolderPrivate;
  if (parent == root::kPublic) return kFolderPublic;
  OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, parent));
  if (!folder) return kFolderPrivate;
  return NumberOf(*folder, field::kFolderType, kFolderPrivate);
}

// Whether a folder for items of `content` may come to stand below `parent`.
Result<void> CheckPlace(const StateReader& state, const ItemId& parent, ItemType content) {
  if (parent == root::kShared)
    return Refused("no folder can be made in or moved to Shared: others share what is there");
  OUTPOST_TRYV(CheckParent(state, parent));
  OUTPOST_TRY(const std::int64_t type, TypeBelow(state, parent));
  if (content == ItemType::kMail && type == kFolderPublic) return Refused("there are no mail folders below Public");
  if (IsRoot(parent))
    return content == ItemType::kMail ? Refused("a mail folder can only be below a mail folder") : Result<void>(Ok());
  OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, parent));
  // The root of a mail account holds nothing, but belongs to mail.
  const ItemType above = folder ? ContentOf(*folder) : ItemType::kNone;
  if ((above == ItemType::kMail || above == ItemType::kNone) != (content == ItemType::kMail))
    return Refused("mail folders and others cannot be below one another: " + NameOf(parent));
  if (folder && !RightsIn(*folder).MayMakeFolders()) return Refused("no right to make folders in " + NameOf(parent));
  return Ok();
}

Result<void> CheckName(const StateReader& state, const ItemId& id, const ItemId& parent, const std::string& title) {
  const std::string key = SortKey(title);
  OUTPOST_TRY(const std::vector<FolderNode> all, ListFolders(state));
  for (const FolderNode& node : all) {
    if (node.id == id || SortKey(node.name) != key) continue;
    OUTPOST_TRY(const std::optional<ItemState> other, LoadItem(state, node.id));
    if (other && other->Folder() == parent)
      return Error{Code::kConflict, Retry::kNever, "there is a folder of that name already: " + NameOf(node.id)};
  }
  return Ok();
}

Result<void> CheckOwn(const ItemState& folder, const char* what) {
  if (folder.HeadValue(field::kFolderStandard) == Value(true))
    return Refused(NameOf(folder.id) + " is a default folder: it cannot be " + what);
  if (!RightsIn(folder).admin) return Refused("no right to do that to " + NameOf(folder.id) + ": it cannot be " + what);
  return Ok();
}

Result<bool> IsBelow(const StateReader& state, ItemId id, const ItemId& ancestor) {
  constexpr int kDepthMax = 1'000;  // of a ring, which a conflict can make
  for (int depth = 0; id && depth < kDepthMax; ++depth) {
    if (id == ancestor) return true;
    OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, id));
    if (!folder) return false;
    id = folder->Folder();
  }
  return false;
}

bool NamesSomebody(const std::string& who) {
  const auto colon = who.find(':');
  const std::string kind = who.substr(0, colon);
  if (colon == std::string::npos || (kind != "user" && kind != "group")) return false;
  constexpr std::size_t kDigitsMax = 9;
  const std::string number = who.substr(colon + 1);
  return !number.empty() && number.size() <= kDigitsMax &&
         std::all_of(number.begin(), number.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Where an entry says more than bits, that is of whom it was; with other bits it would not be his any more.
Result<void> Apply(const RightsChange& change, std::vector<RightsEntry>& entries) {
  const auto at =
      std::find_if(entries.begin(), entries.end(), [&](const RightsEntry& entry) { return entry.who == change.who; });
  if (!change.bits) {
    if (at == entries.end())
      return Error{Code::kNotFound, Retry::kNever, "there is no entry for " + change.who + " to take away"};
    entries.erase(at);
    return Ok();
  }
  if (!NamesSomebody(change.who)) return Invalid("\"" + change.who + "\" is neither user:ID nor group:ID");
  if (!AreLevels(RightsFromBits(*change.bits)) || BitsOfRights(RightsFromBits(*change.bits)) != *change.bits)
    return Invalid("no server knows rights of " + std::to_string(*change.bits));
  if (at == entries.end())
    entries.push_back({change.who, *change.bits});
  else if (at->bits != *change.bits)
    *at = {change.who, *change.bits};
  return Ok();
}

// `folder` and all that is below it, the deepest first.
void CollectTree(const std::multimap<ItemId, ItemId>& below, const ItemId& folder, std::vector<ItemId>& tree) {
  tree.push_back(folder);
  for (std::size_t at = tree.size() - 1; at < tree.size(); ++at) {
    const auto [from, to] = below.equal_range(tree[at]);
    for (auto child = from; child != to; ++child)
      if (std::find(tree.begin(), tree.end(), child->second) == tree.end()) tree.push_back(child->second);
  }
  std::reverse(tree.begin(), tree.end());
}

// Events of one part; an item adds as many as it has files, and one.
constexpr std::size_t kDeletionsAtOnce = kBatchEventsMax / 2;

Result<void> AddItems(const StateReader& state, const ItemId& folder, const std::function<OpId()>& new_op,
                      FolderDeletion& deletion) {
  Result<void> added = Ok();
  OUTPOST_TRYV(ForEachItem(state, folder, [&](const ItemState& item) {
    deletion.more = deletion.events.size() >= kDeletionsAtOnce;
    if (deletion.more) return false;
    const auto there = item.base.find(field::FolderOf(item.type));
    const bool goes_along = there != item.base.end() && there->second == Value(folder);  // not where it is only shown
    const auto unsent = DropUnsentAttachments(state, item.id, new_op);
    if (!unsent) added = unsent.error();
    if (!unsent) return false;
    deletion.events.insert(deletion.events.end(), unsent.value().begin(), unsent.value().end());
    if (item.on_server && item.pending.empty() && item.parked.empty() && goes_along) return true;
    const auto events = DeleteEvents(item.id, &item, new_op());
    if (!events) added = events.error();
    if (!events) return false;
    deletion.events.insert(deletion.events.end(), events.value().begin(), events.value().end());
    deletion.seen.push_back({item.id, item.head_seq});
    return true;
  }));
  return added;
}

}  // namespace

Result<void> CheckParent(const StateReader& state, const ItemId& parent) {
  if (parent == root::kPrivate || parent == root::kPublic) return Ok();
  OUTPOST_TRY(const std::optional<ItemState> folder, LoadItem(state, parent));
  if (!folder || folder->type != ItemType::kFolder || !folder->Visible())
    return Error{Code::kNotFound, Retry::kNever, "there is no " + NameOf(parent)};
  return Ok();
}

Result<NewEvent> CreateFolderEvent(const StateReader& state, const ItemId& id, const ItemId& parent, FieldMap fields,
                                   const OpId& op) {
  OUTPOST_TRY(std::string title, TitleIn(fields));
  const auto content = fields.find(field::kFolderModule);
  const auto* name = content != fields.end() ? std::get_if<std::string>(&content->second) : nullptr;
  const auto type = name != nullptr ? ItemTypeFromName(*name) : std::nullopt;
  if (fields.size() != 2 || !type) return Invalid("a new folder has a title and a type of items, nothing else");
  OUTPOST_TRYV(CheckPlace(state, parent, *type));
  if (std::find(std::begin(kContents), std::end(kContents), *type) == std::end(kContents))
    return Invalid("folders for items of type " + *name + " cannot be made");
  OUTPOST_TRYV(CheckName(state, id, parent, title));
  OUTPOST_TRY(const std::int64_t whose, TypeBelow(state, parent));
  ChangeBody body;
  body.patch[field::kFolderTitle] = std::move(title);
  body.patch[field::kFolderParent] = parent;
  // What the server is expected to say of it, until it does.
  body.patch[field::kFolderModule] = *name;
  body.patch[field::kFolderType] = whose;
  body.patch[field::kFolderOwnRights] = BitsOfRights(kOwnerRights);
  return NewEvent{Kind::kLocalCreated, Origin::kUser, ItemType::kFolder, id, op, Encode(body)};
}

Result<void> CheckFolderPatch(const StateReader& state, const ItemState& folder, FieldMap& patch) {
  const auto stays = [](FieldId id) {  // what concerns this PC only needs nobody's leave
    return FindField(id) == FindField(ItemType::kFolder, "properties");
  };
  bool all_stay = true;
  for (const auto& [id, value] : patch) {
    if (stays(id)) continue;
    all_stay = false;
    if (id != field::kFolderTitle && id != field::kFolderParent)
      return Invalid("of a folder only title and parent can be changed");
  }
  if (all_stay) return Ok();
  const bool renamed = patch.contains(field::kFolderTitle);
  OUTPOST_TRYV(CheckOwn(folder, renamed ? "renamed" : "moved"));
  if (renamed) {
    OUTPOST_TRY(std::string title, TitleIn(patch));
    patch[field::kFolderTitle] = std::move(title);
  }
  ItemId parent = folder.Folder();
  if (const auto to = patch.find(field::kFolderParent); to != patch.end()) {
    const auto* id = std::get_if<ItemId>(&to->second);
    parent = id != nullptr ? *id : ItemId{};
    OUTPOST_TRY(const bool ring, IsBelow(state, parent, folder.id));
    if (ring) return Invalid(NameOf(folder.id) + " cannot be moved below itself");
    if (parent != folder.Folder()) OUTPOST_TRYV(CheckPlace(state, parent, ContentOf(folder)));
  }
  const auto title = patch.find(field::kFolderTitle);
  return CheckName(state, folder.id, parent,
                   title != patch.end() ? std::get<std::string>(title->second) : TitleOf(folder));
}

Result<FolderDeletion> DeleteFolderEvents(const StateReader& state, const ItemId& folder,
                                          const std::function<OpId()>& new_op) {
  OUTPOST_TRY(const std::vector<FolderNode> all, ListFolders(state));
  std::multimap<ItemId, ItemId> below;
  for (const FolderNode& node : all) below.emplace(node.parent, node.id);
  std::vector<ItemId> tree;
  CollectTree(below, folder, tree);
  for (const ItemId& id : tree) {  // before anything goes
    OUTPOST_TRY(const std::optional<ItemState> node, LoadItem(state, id));
    OUTPOST_TRYV(CheckVisible(id, node ? &*node : nullptr));
    OUTPOST_TRYV(CheckOwn(*node, "deleted"));
  }
  FolderDeletion deletion;
  for (const ItemId& id : tree) {
    OUTPOST_TRY(const std::optional<ItemState> node, LoadItem(state, id));
    OUTPOST_TRYV(AddItems(state, id, new_op, deletion));
    if (deletion.more) return deletion;
    OUTPOST_TRY(const Batch events, DeleteEvents(id, &*node, new_op()));
    deletion.events.insert(deletion.events.end(), events.begin(), events.end());
    deletion.seen.push_back({id, node->head_seq});
  }
  return deletion;
}

Result<Batch> RightsEvents(const ItemId& id, const ItemState* folder, const std::vector<RightsChange>& changes,
                           const std::function<OpId()>& new_op) {
  OUTPOST_TRYV(CheckVisible(id, folder));
  if (folder->type != ItemType::kFolder) return Invalid("item " + id.Hex() + " is no folder");
  if (!RightsIn(*folder).admin) return Refused("no right to say who may what in " + NameOf(id));
  const std::vector<std::string> lines = RightsLines(folder->HeadValue(field::kFolderPermissions));
  if (lines.empty())
    return Error{Code::kUnavailable, Retry::kBackoff, "the server has not told yet who may what in " + NameOf(id)};
  std::vector<RightsEntry> entries;
  for (const std::string& line : lines) {
    const auto entry = ParseRights(line);
    if (!entry) return Error{Code::kCorrupt, Retry::kNever, "the rights in " + NameOf(id) + " cannot be read"};
    entries.push_back(*entry);
  }
  for (const RightsChange& change : changes) OUTPOST_TRYV(Apply(change, entries));
  if (std::none_of(entries.begin(), entries.end(),
                   [](const RightsEntry& entry) { return RightsFromBits(entry.bits).admin; }))
    return Invalid("nobody would be left who says who may what in " + NameOf(id));
  std::vector<std::string> wanted;
  for (const RightsEntry& entry : entries) wanted.push_back(RightsText(entry));
  return SetEvents(id, folder, {{field::kFolderPermissions, RightsField(std::move(wanted))}}, new_op);
}

}  // namespace outpost
