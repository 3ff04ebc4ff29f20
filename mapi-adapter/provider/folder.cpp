#include <algorithm>

#include "journal/item_fold.h"
#include "mapi-adapter/codec/blob.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/associated.h"
#include "mapi-adapter/provider/copy.h"
#include "mapi-adapter/provider/item_source.h"
#include "mapi-adapter/provider/kept.h"
#include "mapi-adapter/provider/objects.h"
#include "mapi-adapter/provider/prop_object.h"
#include "mapi-adapter/provider/store_folders.h"
#include "mapi-adapter/provider/table.h"
#include "projection/items.h"
#include "schemas/folders.h"

namespace outpost::mapi {
namespace {

using namespace abi;

class Folder final : public PropObject<IMAPIFolder> {
 public:
  Folder(std::shared_ptr<const OpenStore> store, const ItemId& id) : PropObject(std::move(store)), id_(id) {}

  // Its name can be changed, and what is nothing of its own is kept; at once: a folder has no SaveChanges to wait for.
  HRESULT OUTPOST_MAPI_CALL SetProps(ULONG count, const SPropValue* props, SPropProblemArray** problems) override {
    return AtEdge([&] {
      if (problems != nullptr) *problems = nullptr;
      if (const HRESULT bad = CheckSet(count, props); Failed(bad)) return bad;
      const auto given = Given();
      if (!given) return CodeOf(given.error());
      std::vector<SPropProblem> refused;
      std::vector<Prop> kept;
      std::vector<ULONG> places;
      for (ULONG i = 0; i < count; ++i) {
        if (IsPassedOver(props[i].ulPropTag)) continue;
        auto raw = ReadRaw(props[i]);
        HRESULT why = S_OK_;
        if (!raw) {
          why = MAPI_E_INVALID_TYPE;
        } else if (raw->tag == tag::kDisplayName) {
          const auto set =
              store().account->Set(id_, {{field::kFolderTitle, std::get<std::string>(ReadProp(props[i])->value)}});
          why = set ? S_OK_ : CodeOfFolder(set.error());
        } else {
          why = WhyNotKept(given.value(), raw->tag);
          if (!Failed(why)) kept.push_back(std::move(*raw));
          if (!Failed(why)) places.push_back(i);
        }
        if (Failed(why)) refused.push_back({i, props[i].ulPropTag, why});
      }
      const HRESULT result = Keep(kept, {});
      if (Failed(result))
        for (const ULONG i : places) refused.push_back({i, props[i].ulPropTag, result});
      return Problems(store(), refused, problems);
    });
  }
  HRESULT OUTPOST_MAPI_CALL DeleteProps(const SPropTagArray* tags, SPropProblemArray** problems) override {
    return AtEdge([&] {
      if (problems != nullptr) *problems = nullptr;
      if (tags == nullptr || tags->cValues == 0) return MAPI_E_INVALID_PARAMETER;
      const auto given = Given();
      if (!given) return CodeOf(given.error());
      std::vector<SPropProblem> refused;
      std::vector<PropTag> cleared;
      for (ULONG i = 0; i < tags->cValues; ++i) {
        const HRESULT why = WhyNotKept(given.value(), tags->aulPropTag[i]);
        if (Failed(why))
          refused.push_back({i, tags->aulPropTag[i], why});
        else
          cleared.push_back(tags->aulPropTag[i]);
      }
      const HRESULT result = Keep({}, cleared);
      return Failed(result) ? result : Problems(store(), refused, problems);
    });
  }

  // A container's tables are properties of it, too.
  HRESULT OUTPOST_MAPI_CALL OpenProperty(ULONG tag, const IID* iid, ULONG, ULONG flags, IUnknown** object) override {
    if (object == nullptr || iid == nullptr) return MAPI_E_INVALID_PARAMETER;
    *object = nullptr;
    const bool folders = IdOf(tag) == IdOf(tag::kContainerHierarchy);
    const bool associated = IdOf(tag) == IdOf(tag::kFolderAssociatedContents);
    if (!folders && !associated && IdOf(tag) != IdOf(tag::kContainerContents)) return MAPI_E_NO_SUPPORT;
    if (*iid != kIMAPITable) return MAPI_E_NO_INTERFACE;
    IMAPITable* table = nullptr;
    const HRESULT result = folders
                               ? GetHierarchyTable(flags & ~MAPI_MODIFY, &table)
                               : GetContentsTable((flags & ~MAPI_MODIFY) | (associated ? MAPI_ASSOCIATED : 0), &table);
    *object = table;
    return result;
  }

  HRESULT OUTPOST_MAPI_CALL GetContentsTable(ULONG flags, IMAPITable** table) override {
    return AtEdge([&] {
      if (table == nullptr) return MAPI_E_INVALID_PARAMETER;
      *table = nullptr;
      if ((flags & ~(MAPI_DEFERRED_ERRORS | MAPI_UNICODE | MAPI_ASSOCIATED)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if ((flags & MAPI_ASSOCIATED) != 0) return HandTable(MakeAssociatedTable(shared_store(), id_), table);
      return HandTable(MakeContentsTable(shared_store(), id_), table);
    });
  }
  HRESULT OUTPOST_MAPI_CALL GetHierarchyTable(ULONG flags, IMAPITable** table) override {
    return AtEdge([&] {
      if (table == nullptr) return MAPI_E_INVALID_PARAMETER;
      *table = nullptr;
      if ((flags & ~(MAPI_DEFERRED_ERRORS | MAPI_UNICODE | CONVENIENT_DEPTH)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      return HandTable(MakeHierarchyTable(shared_store(), id_, (flags & CONVENIENT_DEPTH) != 0), table);
    });
  }
  HRESULT OUTPOST_MAPI_CALL OpenEntry(ULONG size, const ENTRYID* id, const IID* iid, ULONG flags, ULONG* type,
                                      IUnknown** object) override {
    return AtEdge([&] { return OpenEntryIn(shared_store(), size, id, iid, flags, type, object); });
  }
  HRESULT OUTPOST_MAPI_CALL SetSearchCriteria(SRestriction*, ENTRYLIST*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  HRESULT OUTPOST_MAPI_CALL GetSearchCriteria(ULONG, SRestriction**, ENTRYLIST**, ULONG*) override {
    return MAPI_E_NO_SUPPORT;
  }

  HRESULT OUTPOST_MAPI_CALL CreateMessage(const IID* iid, ULONG flags, IMessage** message) override {
    return AtEdge([&] {
      if (message == nullptr) return MAPI_E_INVALID_PARAMETER;
      *message = nullptr;
      if ((flags & ~(MAPI_DEFERRED_ERRORS | MAPI_ASSOCIATED)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      if ((flags & MAPI_ASSOCIATED) != 0) {
        if (!id_ || IsRoot(id_)) return MAPI_E_NO_ACCESS;
        return HandOver(MakeNewAssociated(shared_store(), id_), iid, message);
      }
      const auto made = MakeNewMessage(shared_store(), id_);
      return made ? HandOver(made.value(), iid, message) : CodeOf(made.error());
    });
  }
  // An explicit deletion: confirmed, and done on the server with the next sync.
  HRESULT OUTPOST_MAPI_CALL DeleteMessages(ENTRYLIST* list, ULONG_PTR, IMAPIProgress*, ULONG) override {
    return AtEdge([&] {
      return ForEachEntry(
          list, [&](const ItemId& item) { return store().account->Delete(item).has_value(); },
          [&](const StoreEntry& entry) { return DeleteAssociated(store(), entry.folder, entry.id).has_value(); });
    });
  }
  // Within the store moves and copies; into another one's folder each message is made anew there with all it has, and
  // a moved one goes here when that is saved.
  HRESULT OUTPOST_MAPI_CALL CopyMessages(ENTRYLIST* list, const IID*, void* destination, ULONG_PTR, IMAPIProgress*,
                                         ULONG flags) override {
    return AtEdge([&] {
      if (destination == nullptr) return MAPI_E_INVALID_PARAMETER;
      if ((flags & ~(MESSAGE_MOVE | MESSAGE_DIALOG | MAPI_DECLINE_OK)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      auto& there = *static_cast<IMAPIFolder*>(destination);
      const bool move = (flags & MESSAGE_MOVE) != 0;
      const auto to = FolderOf(there);
      return ForEachEntry(list, [&](const ItemId& item) {
        if (!to) return CopyAway(item, there) && (!move || store().account->Delete(item).has_value());
        if (move) return store().account->Move(item, *to).has_value();
        return CopyItem(shared_store(), item, *to).has_value();
      });
    });
  }
  // It holds what this one holds; one that holds folders only has no such below it.
  HRESULT OUTPOST_MAPI_CALL CreateFolder(ULONG type, void* name, void* comment, const IID* iid, ULONG flags,
                                         IMAPIFolder** folder) override {
    return AtEdge([&] {
      if (folder == nullptr || name == nullptr) return MAPI_E_INVALID_PARAMETER;
      *folder = nullptr;
      if ((flags & ~(MAPI_UNICODE | MAPI_DEFERRED_ERRORS | OPEN_IF_EXISTS)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const auto all = StoreFolders(store());
      if (!all) return CodeOf(all.error());
      const auto self = FolderNamed(all.value(), id_);
      if (type != FOLDER_GENERIC || !self || self->content == ItemType::kNone) return MAPI_E_NO_SUPPORT;
      const std::string title = ReadText(name, (flags & MAPI_UNICODE) != 0);
      for (const StoreFolder& child : FoldersIn(all.value(), id_, false)) {
        if (child.name != title) continue;
        return (flags & OPEN_IF_EXISTS) != 0 ? Hand(child.id, iid, folder) : MAPI_E_COLLISION;
      }
      const auto made = store().account->Create(
          ItemType::kFolder, id_,
          {{field::kFolderTitle, title}, {field::kFolderModule, std::string(ItemTypeName(self->content))}});
      if (!made) return CodeOfFolder(made.error());
      if (comment != nullptr) {
        const std::string text = WideFromUtf8(ReadText(comment, (flags & MAPI_UNICODE) != 0));
        const HRESULT kept = KeepOf(made.value(), {{tag::kComment, RawValue{text}}}, {});
        if (Failed(kept)) return kept;
      }
      return Hand(made.value(), iid, folder);
    });
  }
  HRESULT OUTPOST_MAPI_CALL CopyFolder(ULONG, const ENTRYID*, const IID*, void*, void*, ULONG_PTR, IMAPIProgress*,
                                       ULONG) override {
    return MAPI_E_NO_SUPPORT;
  }
  HRESULT OUTPOST_MAPI_CALL DeleteFolder(ULONG size, const ENTRYID* id, ULONG_PTR, IMAPIProgress*,
                                         ULONG flags) override {
    return AtEdge([&] {
      const auto entry = ParseEntryId(store(), BytesAt(size, id));
      if (!entry || entry->kind != StoreEntry::Kind::kFolder) return MAPI_E_INVALID_ENTRYID;
      if ((flags & ~(DEL_MESSAGES | DEL_FOLDERS | FOLDER_DIALOG)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      const auto all = StoreFolders(store());
      if (!all) return CodeOf(all.error());
      const auto child = FolderNamed(all.value(), entry->id);
      if (!child || child->parent != id_) return MAPI_E_NOT_FOUND;
      if (child->total != 0 && (flags & DEL_MESSAGES) == 0) return MAPI_E_HAS_MESSAGES;
      if (child->has_folders && (flags & DEL_FOLDERS) == 0) return MAPI_E_HAS_FOLDERS;
      const auto gone = store().account->Delete(child->id);
      return gone ? S_OK_ : CodeOfFolder(gone.error());
    });
  }
  HRESULT OUTPOST_MAPI_CALL SetReadFlags(ENTRYLIST* list, ULONG_PTR, IMAPIProgress*, ULONG flags) override {
    return AtEdge([&] {
      HRESULT worst = S_OK_;
      const auto mark = [&](const ItemId& item) {
        const HRESULT result = MarkRead(store(), item, flags);
        if (result == MAPI_E_UNKNOWN_FLAGS || result == MAPI_E_INVALID_PARAMETER) worst = result;
        return !Failed(result);
      };
      const HRESULT result = list != nullptr ? ForEachEntry(list, mark) : ForEachInside(mark);
      return Failed(worst) ? worst : result;
    });
  }
  HRESULT OUTPOST_MAPI_CALL GetMessageStatus(ULONG size, const ENTRYID* id, ULONG flags, ULONG* status) override {
    return AtEdge([&] {
      if (status == nullptr) return MAPI_E_INVALID_PARAMETER;
      if (flags != 0) return MAPI_E_UNKNOWN_FLAGS;
      *status = 0;
      const auto entry = ParseEntryId(store(), BytesAt(size, id));
      if (!entry || entry->kind != StoreEntry::Kind::kMessage) return MAPI_E_INVALID_ENTRYID;
      const auto view = store().account->View();
      const auto item = LoadItem(*view, entry->id);
      if (!item) return CodeOf(item.error());
      if (!item.value() || !item.value()->Visible() || item.value()->Folder() != id_) return MAPI_E_NOT_FOUND;
      *status = StatusIn(KeptProps(store(), *view, item.value()->type, item.value()->Head()));
      return S_OK_;
    });
  }
  // Kept on this PC: no server has a place for it.
  HRESULT OUTPOST_MAPI_CALL SetMessageStatus(ULONG size, const ENTRYID* id, ULONG status, ULONG mask,
                                             ULONG* old) override {
    return AtEdge([&] {
      ULONG before = 0;
      if (const HRESULT found = GetMessageStatus(size, id, 0, &before); Failed(found)) return found;
      const ItemId item = ParseEntryId(store(), BytesAt(size, id))->id;
      const auto done = store().account->SetAsPlanned(item, [&](const ItemState& state) -> Result<FieldMap> {
        const auto view = store().account->View();
        const FieldId field = KeptField(state.type);
        before = StatusIn(KeptProps(store(), *view, state.type, state.Head()));
        const ULONG now = (before & ~mask) | (status & mask);
        std::string bytes;
        AppendU32(bytes, now);
        const Prop set[] = {{tag::kMessageStatus, RawValue{std::move(bytes)}}};
        OUTPOST_TRY(Value kept, KeptAfter(store(), *view, state.HeadValue(field), set, {}));
        return FieldMap{{field, std::move(kept)}};
      });
      if (!done) return CodeOf(done.error());
      if (old != nullptr) *old = before;
      return S_OK_;
    });
  }
  HRESULT OUTPOST_MAPI_CALL SaveContentsSort(const SSortOrderSet*, ULONG) override { return MAPI_E_NO_SUPPORT; }
  // All messages and all folders in it; it stays itself.
  HRESULT OUTPOST_MAPI_CALL EmptyFolder(ULONG_PTR, IMAPIProgress*, ULONG flags) override {
    return AtEdge([&] {
      if ((flags & ~(DEL_ASSOCIATED | DELETE_HARD_DELETE | FOLDER_DIALOG)) != 0) return MAPI_E_UNKNOWN_FLAGS;
      HRESULT result = ForEachInside([&](const ItemId& item) { return store().account->Delete(item).has_value(); });
      const auto all = StoreFolders(store());
      if (!all) return CodeOf(all.error());
      for (const StoreFolder& child : FoldersIn(all.value(), id_, false))
        if (!store().account->Delete(child.id)) result = MAPI_W_PARTIAL_COMPLETION;
      if ((flags & DEL_ASSOCIATED) == 0) return result;
      const auto associated = AssociatedIn(store(), id_);
      if (!associated) return CodeOf(associated.error());
      for (const AssociatedMessage& message : associated.value())
        if (!DeleteAssociated(store(), id_, message.id)) result = MAPI_W_PARTIAL_COMPLETION;
      return result;
    });
  }

 private:
  ~Folder() = default;
  bool Offers(const IID& iid) const override {
    return iid == kIMAPIFolder || iid == kIMAPIContainer || iid == kIMAPIProp;
  }
  void Destroy() override { delete this; }
  std::vector<PropTag> Objects() const override {
    return {tag::kContainerHierarchy, tag::kContainerContents, tag::kFolderAssociatedContents};
  }
  Result<std::vector<Prop>> Props() const override {
    OUTPOST_TRY(const auto all, StoreFolders(store()));
    const auto folder = FolderNamed(all, id_);
    if (!folder) return Error{Code::kNotFound, Retry::kNever, "no folder " + id_.Hex()};
    OUTPOST_TRY(std::vector<Prop> props, PropsOfFolder(store(), *folder));
    std::erase_if(props, [](const Prop& prop) { return prop.tag == tag::kInstanceKey || prop.tag == tag::kDepth; });
    return props;
  }
  Result<std::vector<Prop>> Given() const {
    OUTPOST_TRY(const auto all, StoreFolders(store()));
    const auto folder = FolderNamed(all, id_);
    if (!folder) return Error{Code::kNotFound, Retry::kNever, "no folder " + id_.Hex()};
    return GivenPropsOfFolder(store(), *folder);
  }
  HRESULT WhyNotKept(const std::vector<Prop>& given, PropTag tag) const {
    const bool is_given =
        std::any_of(given.begin(), given.end(), [tag](const Prop& prop) { return IdOf(prop.tag) == IdOf(tag); }) ||
        IdOf(tag) == IdOf(tag::kContainerHierarchy) || IdOf(tag) == IdOf(tag::kContainerContents) ||
        IdOf(tag) == IdOf(tag::kFolderAssociatedContents);
    if (is_given) return MAPI_E_COMPUTED;
    return HasName(store(), tag) ? S_OK_ : MAPI_E_UNEXPECTED_ID;
  }
  // What holds folders only is no item, and keeps nothing.
  HRESULT Keep(const std::vector<Prop>& set, const std::vector<PropTag>& cleared) const {
    if (set.empty() && cleared.empty()) return S_OK_;
    if (!id_ || IsRoot(id_)) return MAPI_E_NO_ACCESS;
    return KeepOf(id_, set, cleared);
  }
  HRESULT KeepOf(const ItemId& folder, const std::vector<Prop>& set, const std::vector<PropTag>& cleared) const {
    const FieldId field = KeptField(ItemType::kFolder);
    const auto done = store().account->SetAsPlanned(folder, [&](const ItemState& state) -> Result<FieldMap> {
      OUTPOST_TRY(Value kept, KeptAfter(store(), *store().account->View(), state.HeadValue(field), set, cleared));
      return FieldMap{{field, std::move(kept)}};
    });
    return done ? S_OK_ : CodeOf(done.error());
  }
  static ULONG StatusIn(const std::vector<Prop>& kept) {
    const auto status = KeptStatus(kept);
    return status ? static_cast<ULONG>(*status) : 0;
  }
  // A name that is taken is another answer than an item that changed.
  static HRESULT CodeOfFolder(const Error& error) {
    return error.code == Code::kConflict ? MAPI_E_COLLISION : CodeOf(error);
  }
  HRESULT Hand(const ItemId& id, const IID* iid, IMAPIFolder** folder) const {
    const auto made = MakeFolder(shared_store(), id);
    return made ? HandOver(made.value(), iid, folder) : CodeOf(made.error());
  }

  // Of each message that is named; of some it may not be done.
  template <class Do>
  HRESULT ForEachEntry(const ENTRYLIST* list, Do act) const {
    return ForEachEntry(list, act, [](const StoreEntry&) { return false; });
  }
  // The same, of associated messages too.
  template <class Do, class DoAssociated>
  HRESULT ForEachEntry(const ENTRYLIST* list, Do act, DoAssociated act_associated) const {
    if (list == nullptr || (list->cValues != 0 && list->lpbin == nullptr)) return MAPI_E_INVALID_PARAMETER;
    HRESULT result = S_OK_;
    for (ULONG i = 0; i < list->cValues; ++i) {
      const SBinary& id = list->lpbin[i];
      const auto entry = ParseEntryId(store(), BytesAt(id.cb, reinterpret_cast<const ENTRYID*>(id.lpb)));
      const bool done = entry && ((entry->kind == StoreEntry::Kind::kMessage && act(entry->id)) ||
                                  (entry->kind == StoreEntry::Kind::kAssociated && act_associated(*entry)));
      if (!done) result = MAPI_W_PARTIAL_COMPLETION;
    }
    return result;
  }
  template <class Do>
  HRESULT ForEachInside(Do act) const {
    std::vector<ItemId> items;
    const auto read = ForEachItem(*store().account->View(), id_, [&items](const ItemState& item) {
      items.push_back(item.id);
      return true;
    });
    if (!read) return CodeOf(read.error());
    HRESULT result = S_OK_;
    for (const ItemId& item : items)
      if (!act(item)) result = MAPI_W_PARTIAL_COMPLETION;
    return result;
  }
  // False where something of it is not there then but what its new place computes by itself.
  bool CopyAway(const ItemId& item, IMAPIFolder& to) const {
    const auto state = LoadItem(*store().account->View(), item);
    if (!state || !state.value()) return false;
    // What its source says is not known before that is here: it comes with the next sync.
    if (state.value()->type == ItemType::kMail && IsEmpty(state.value()->HeadValue(field::kMailSource))) {
      [[maybe_unused]] const auto asked = store().account->Set(item, {{field::kMailSourceWanted, true}});
      return false;
    }
    const auto from = MakeMessage(shared_store(), item, false);
    if (!from) return false;
    IMessage* made = nullptr;
    bool done = false;
    if (!Failed(to.CreateMessage(nullptr, 0, &made)) && made != nullptr) {
      SPropProblemArray* problems = nullptr;
      done = !Failed(from.value()->CopyTo(0, nullptr, nullptr, 0, nullptr, &kIMessage, made, 0, &problems));
      for (ULONG i = 0; problems != nullptr && i < problems->cProblem; ++i)
        done = done && problems->aProblem[i].scode == MAPI_E_COMPUTED && !IsContent(problems->aProblem[i].ulPropTag);
      if (problems != nullptr) store().memory.free(problems);
      done = done && !Failed(made->SaveChanges(0));
      made->Release();
    }
    from.value()->Release();
    return done;
  }
  // What nobody computes, whatever he says: a series goes to no place that takes none.
  static bool IsContent(PropTag tag) {
    const std::uint16_t series = IdOfName({PropSet::kAppointment, 0x8216, {}}),
                        task_series = IdOfName({PropSet::kTask, 0x8116, {}});
    constexpr PropTag kContents[] = {tag::kBody, tag::kHtml, tag::kMessageRecipients, tag::kMessageAttachments};
    const auto same = [tag](PropTag content) { return IdOf(content) == IdOf(tag); };
    return IdOf(tag) == series || IdOf(tag) == task_series ||
           std::any_of(std::begin(kContents), std::end(kContents), same);
  }
  // Of a folder that a caller passed, whoever made it.
  std::optional<ItemId> FolderOf(IMAPIFolder& folder) const {
    const SPropTagArray wanted{1, {tag::kEntryId}};
    ULONG count = 0;
    SPropValue* props = nullptr;
    std::optional<StoreEntry> entry;
    if (Failed(folder.GetProps(&wanted, 0, &count, &props)) || props == nullptr) return std::nullopt;
    if (props->ulPropTag == tag::kEntryId)
      entry =
          ParseEntryId(store(), BytesAt(props->Value.bin.cb, reinterpret_cast<const ENTRYID*>(props->Value.bin.lpb)));
    store().memory.free(props);
    return entry && entry->kind == StoreEntry::Kind::kFolder ? std::optional(entry->id) : std::nullopt;
  }

  static HRESULT HandTable(const Result<IMAPITable*>& made, IMAPITable** table) {
    if (!made) return CodeOf(made.error());
    *table = made.value();
    return S_OK_;
  }

  const ItemId id_;
};

}  // namespace

Result<abi::IMAPIFolder*> MakeFolder(const std::shared_ptr<const OpenStore>& store, const ItemId& folder) {
  OUTPOST_TRY(const auto all, StoreFolders(*store));
  if (!FolderNamed(all, folder)) return Error{Code::kNotFound, Retry::kNever, "no folder " + folder.Hex()};
  return new Folder(store, folder);
}

}  // namespace outpost::mapi
