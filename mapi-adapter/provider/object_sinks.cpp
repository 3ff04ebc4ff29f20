#include "mapi-adapter/provider/object_sinks.h"

#include <cstring>

namespace outpost::mapi {
namespace {

using namespace abi;

constexpr ULONG kTold = fnevObjectCreated | fnevObjectDeleted | fnevObjectModified | fnevObjectMoved;

ULONG EventOf(ObjectChange::Kind kind) {
  switch (kind) {
    case ObjectChange::Kind::kCreated:
      return fnevObjectCreated;
    case ObjectChange::Kind::kChanged:
      return fnevObjectModified;
    case ObjectChange::Kind::kMoved:
      return fnevObjectMoved;
    case ObjectChange::Kind::kDeleted:
      return fnevObjectDeleted;
    case ObjectChange::Kind::kReload:  // of the store as a whole
      return fnevObjectModified;
  }
  return 0;
}

// An entry id that lives as long as the string.
ENTRYID* Borrowed(std::string& id) { return id.empty() ? nullptr : reinterpret_cast<ENTRYID*>(id.data()); }

}  // namespace

HRESULT ObjectSinks::Advise(ULONG size, const ENTRYID* id, ULONG mask, IMAPIAdviseSink* sink, ULONG_PTR* connection) {
  if (sink == nullptr || connection == nullptr || (size != 0 && id == nullptr)) return MAPI_E_INVALID_PARAMETER;
  if ((mask & kTold) == 0) return MAPI_E_NO_SUPPORT;
  Sink made{sink, mask, std::nullopt};
  if (size != 0) {
    const auto entry = ParseEntryId(*store_, BytesAt(size, id));
    if (!entry) return MAPI_E_INVALID_ENTRYID;
    if (entry->kind != StoreEntry::Kind::kStore) made.object = entry->id;
  }
  const std::lock_guard lock(mutex_);
  if (!live_)
    live_ = FollowObjects(*store_->account,
                          {[self = weak_from_this(), gate = gate_](ObjectFeed&, std::span<const ObjectChange> changes) {
                             const TellingGate::Held held(*gate);
                             if (auto sinks = self.lock()) sinks->Tell(changes);
                           },
                           [](const Error&) {}});
  sink->AddRef();
  *connection = next_++;
  sinks_.emplace(*connection, made);
  return S_OK_;
}

HRESULT ObjectSinks::Unadvise(ULONG_PTR connection) {
  IMAPIAdviseSink* gone = nullptr;
  {
    const std::lock_guard lock(mutex_);
    const auto at = sinks_.find(connection);
    if (at == sinks_.end()) return MAPI_E_NOT_FOUND;
    gone = at->second.sink;
    sinks_.erase(at);
  }
  gone->Release();
  return S_OK_;
}

void ObjectSinks::Close() {
  std::unique_ptr<LiveObjects> live;
  std::map<ULONG_PTR, Sink> gone;
  {
    const std::lock_guard lock(mutex_);
    live = std::move(live_);
    gone.swap(sinks_);
  }
  live.reset();
  gate_->Wait();
  for (auto& [connection, sink] : gone) sink.sink->Release();
}

void ObjectSinks::Tell(std::span<const ObjectChange> changes) {
  for (const ObjectChange& change : changes) TellOne(change);
}

void ObjectSinks::TellOne(const ObjectChange& change) {
  const bool store = change.kind == ObjectChange::Kind::kReload;
  const bool folder = change.type == ItemType::kFolder;
  const auto kind = folder ? StoreEntry::Kind::kFolder : StoreEntry::Kind::kMessage;
  if (!store && !folder && change.type >= ItemType::kPerson) return;  // no objects of the store's
  std::string id = store ? StoreEntryId(store_->name) : EntryIdOf(*store_, kind, change.object);
  std::string parent = store ? "" : EntryIdOf(*store_, StoreEntry::Kind::kFolder, change.folder);
  std::string from =
      change.kind == ObjectChange::Kind::kMoved ? EntryIdOf(*store_, StoreEntry::Kind::kFolder, change.from) : "";
  NOTIFICATION told;
  std::memset(&told, 0, sizeof told);
  told.ulEventType = EventOf(change.kind);
  OBJECT_NOTIFICATION& object = told.info.obj;
  object.cbEntryID = static_cast<ULONG>(id.size());
  object.lpEntryID = Borrowed(id);
  object.ulObjType = store ? MAPI_STORE : static_cast<ULONG>(kind);
  object.cbParentID = static_cast<ULONG>(parent.size());
  object.lpParentID = Borrowed(parent);
  if (!from.empty()) {  // the object's own id stays when it moves
    object.cbOldID = object.cbEntryID;
    object.lpOldID = object.lpEntryID;
    object.cbOldParentID = static_cast<ULONG>(from.size());
    object.lpOldParentID = Borrowed(from);
  }
  std::vector<IMAPIAdviseSink*> who;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [connection, sink] : sinks_)
      if ((sink.mask & told.ulEventType) != 0 && (!sink.object || *sink.object == change.object || store)) {
        sink.sink->AddRef();
        who.push_back(sink.sink);
      }
  }
  for (IMAPIAdviseSink* sink : who) {
    sink->OnNotify(1, &told);
    sink->Release();
  }
}

}  // namespace outpost::mapi
