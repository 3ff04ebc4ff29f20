#include "replicator/rows.h"

#include "replicator/queue.h"

namespace outpost {
namespace {

constexpr Table kTables[] = {kRemoteIndex, kUidIndex,    kQueue,   kOpenBatches, kCursors,
                             kConsents,    kFoldersHere, kSources, kAttached,    kAttachmentsDue};
// The names are on disk for good. The indexes are among them because rows of former ids stay.
constexpr ItemRows::Section kSections[] = {{"remote_ids", kRemoteIndex, true},
                                           {"uids", kUidIndex, true},
                                           {"open_batches", kOpenBatches},
                                           {"cursors", kCursors},
                                           {"consents", kConsents},
                                           {"attachments_due", kAttachmentsDue}};

std::string QueueKey(Sequence seq) {
  std::string key;
  AppendBe64(key, seq);
  return key;
}

bool IsQueued(const ItemState& item, Sequence seq) {
  for (const PendingEdit& edit : item.pending)
    if (edit.seq == seq) return true;
  return false;
}

void IndexRemoteId(const ItemState* before, const ItemState& after, StateWriter& state) {
  if (after.remote_id.empty()) return;
  // One that has come back under its id takes it from whatever had it meanwhile.
  const bool back = before != nullptr && !before->on_server && after.on_server;
  if (before != nullptr && before->remote_id == after.remote_id && !back) return;
  state.Put(kRemoteIndex, RemoteKey(after.type, after.remote_id), after.id.View());
}

void IndexUid(const ItemState* before, const ItemState& after, StateWriter& state) {
  const FieldId uid_field = field::UidOf(after.type);
  if (uid_field == 0) return;
  const Value uid = after.HeadValue(uid_field);
  const auto* text = std::get_if<std::string>(&uid);
  if (text == nullptr || text->empty() || (before != nullptr && before->HeadValue(uid_field) == uid)) return;
  state.Put(kUidIndex, *text, after.id.View());
}

// A folder made here is looked for among them when the server tells of one that is not known by its id.
void ListFolderHere(const ItemState* before, const ItemState& after, StateWriter& state) {
  if (after.type != ItemType::kFolder) return;
  const auto is_here = [](const ItemState& folder) { return !folder.on_server && !folder.Gone(); };
  const bool was = before != nullptr && is_here(*before);
  if (is_here(after) == was) return;
  if (was)
    state.Delete(kFoldersHere, after.id.View());
  else
    state.Put(kFoldersHere, after.id.View(), {});
}

// The row of an item whose source is not here, or of a person whose times are asked for; empty for any other.
std::string SourceKey(const ItemState& item) {
  if (PhotoIsDue(item)) {
    std::string key(1, kPhotoMissing);
    AppendBe64(key, 0);
    return key.append(item.id.View());
  }
  if (item.type == ItemType::kPerson) {
    if (!item.on_server || !item.base.contains(field::kPersonBusyWantedFrom)) return {};
    std::string key(1, kBusyWanted);
    AppendBe64(key, 0);
    return key.append(item.id.View());
  }
  const field::SourceFields* fields = field::SourceOf(item.type);
  if (fields == nullptr || !item.on_server || !IsNull(item.HeadValue(fields->source))) return {};
  const Value date = item.HeadValue(fields->date);
  const auto* millis = std::get_if<std::int64_t>(&date);
  std::string key(1, item.HeadValue(fields->wanted) == Value(true) ? kSourceWanted : kSourceMissing);
  AppendBe64(key, static_cast<std::uint64_t>(INT64_MAX - std::max<std::int64_t>(0, millis != nullptr ? *millis : 0)));
  return key.append(item.id.View());
}

void ListSource(const ItemState* before, const ItemState& after, StateWriter& state) {
  if (field::SourceOf(after.type) == nullptr && FieldOwner(after.type) != ItemType::kContact &&
      after.type != ItemType::kPerson)
    return;
  const std::string old = before != nullptr ? SourceKey(*before) : std::string(), now = SourceKey(after);
  if (old == now) return;
  if (!old.empty()) state.Delete(kSources, old);
  if (!now.empty()) state.Put(kSources, now, {});
}

void ListAttached(const ItemState* before, const ItemState& after, StateWriter& state) {
  if (after.type != ItemType::kAttachment) return;
  const bool was = before != nullptr && !before->Gone(), is = !after.Gone();
  const ItemId item = is ? after.Folder() : was ? before->Folder() : ItemId{};
  if (was == is || !item) return;
  std::string key(item.View());
  key += after.id.View();
  if (is)
    state.Put(kAttached, key, {});
  else
    state.Delete(kAttached, key);
}

// An item whose attachments are other than when they were listed. The listing is told as the cursor of the item.
Result<void> ListDue(const ItemState* before, const ItemState& after, const Event& event, StateWriter& state) {
  if (field::AttachmentsOf(after.type).count == 0) return Ok();
  const AttachmentMarks then = before != nullptr && before->on_server ? MarksOf(*before) : AttachmentMarks{};
  const AttachmentMarks now = after.on_server ? MarksOf(after) : AttachmentMarks{};
  const bool listed = event.header.kind == Kind::kCursorMoved;
  const bool there = before != nullptr && before->on_server && after.on_server;
  if (then == now && !listed && there) return Ok();
  if (then == AttachmentMarks{} && now == AttachmentMarks{} && !listed) return Ok();
  AttachmentMarks known;
  if (listed) {
    OUTPOST_TRY(known, MarksOfListing(event.body));
  } else {
    OUTPOST_TRY(const std::optional<std::string> row, state.Get(kCursors, after.id.View()));
    if (row) {
      OUTPOST_TRY(known, MarksOfListing(*row));
    }
  }
  if (after.on_server && known != now)
    state.Put(kAttachmentsDue, after.id.View(), {});
  else
    state.Delete(kAttachmentsDue, after.id.View());
  return Ok();
}

void Enqueue(const ItemState* before, const ItemState& after, StateWriter& state) {
  if (before != nullptr)
    for (const PendingEdit& edit : before->pending)
      if (!IsQueued(after, edit.seq)) state.Delete(kQueue, QueueKey(edit.seq));
  for (const PendingEdit& edit : after.pending)
    if (before == nullptr || !IsQueued(*before, edit.seq)) state.Put(kQueue, QueueKey(edit.seq), after.id.View());
}

}  // namespace

bool PhotoIsDue(const ItemState& item) {
  if (FieldOwner(item.type) != ItemType::kContact || !item.on_server) return false;
  const auto there = item.base.find(field::kContactPhotoStamp), here = item.base.find(field::kContactPhotoOf);
  return there != item.base.end() && (here == item.base.end() || here->second != there->second);
}

std::string ConsentKey(const ItemId& folder, bool own) {
  std::string key(folder.View());
  if (own) key += kOwnConsent;
  return key;
}

std::string RemotePrefix(ItemType type) {
  switch (FieldOwner(type)) {
    case ItemType::kFolder:
      return "f";
    case ItemType::kAppointment:
      return "a";
    case ItemType::kTask:
      return "t";
    case ItemType::kMail:
      return "m";
    case ItemType::kPerson:
      return "p";
    case ItemType::kAttachment:
      return "x";
    case ItemType::kRule:
      return "r";
    case ItemType::kSignature:
      return "s";
    default:
      return "i";
  }
}

std::string RemoteKey(ItemType type, std::string_view remote_id) {
  std::string key = RemotePrefix(type);
  key.append(remote_id);
  return key;
}

std::optional<SourcePlace> ReadSourceKey(std::string_view key) {
  if (key.size() <= 9) return std::nullopt;
  const auto id = ItemId::FromView(key.substr(9));
  if (!id) return std::nullopt;
  return SourcePlace{INT64_MAX - static_cast<std::int64_t>(ReadBe64(key.substr(1))), *id};
}

AttachmentMarks MarksOf(const ItemState& item) {
  const field::AttachmentFields fields = field::AttachmentsOf(item.type);
  const auto number = [&](FieldId id) {
    const auto at = item.base.find(id);
    const auto* value = at != item.base.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
    return value != nullptr ? *value : 0;
  };
  return {number(fields.count), number(fields.newest)};
}

Result<AttachmentMarks> MarksOfListing(std::string_view body) {
  OUTPOST_TRY(const CursorMovedBody cursor, DecodeCursorMoved(body));
  return AttachmentMarks{static_cast<std::int64_t>(cursor.columns), cursor.cursor};
}

std::span<const Table> ReplicationRows::tables() const { return kTables; }
std::span<const ItemRows::Section> ReplicationRows::sections() const { return kSections; }

Result<void> ReplicationRows::Rows(const ItemState* before, const ItemState& after, const Event& event,
                                   StateWriter& state) {
  IndexRemoteId(before, after, state);
  IndexUid(before, after, state);
  Enqueue(before, after, state);
  ListFolderHere(before, after, state);
  ListSource(before, after, state);
  ListAttached(before, after, state);
  OUTPOST_TRYV(ListDue(before, after, event, state));
  if (event.header.kind == Kind::kCursorMoved) state.Put(kCursors, event.header.item.View(), event.body);
  if (event.header.kind == Kind::kConsent) {
    OUTPOST_TRY(const ConsentBody body, DecodeConsent(event.body));
    state.Put(kConsents, ConsentKey(event.header.item, body.own), event.body);
  }
  return Ok();
}

Result<void> ReplicationRows::AccountRows(const Event& event, StateWriter& state) {
  switch (event.header.kind) {
    case Kind::kCursorMoved:
      state.Put(kCursors, ItemId{}.View(), event.body);
      break;
    case Kind::kBatchOpened: {
      OUTPOST_TRY(const BatchOpenedBody body, DecodeBatchOpened(event.body));
      state.Put(kOpenBatches, body.batch.View(), EncodeOpenBatch(event.seq, event.body));
      break;
    }
    case Kind::kBatchClosed: {
      OUTPOST_TRY(const BatchClosedBody body, DecodeBatchClosed(event.body));
      state.Delete(kOpenBatches, body.batch.View());
      break;
    }
    default:
      break;
  }
  return Ok();
}

}  // namespace outpost
