#include "engine/series_move.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/attach.h"
#include "journal/item_fold.h"
#include "projection/items.h"
#include "replicator/tables.h"
#include "schemas/series.h"

namespace outpost {
namespace {

Error NotMoved(const std::string& why) { return {Code::kInvalid, Retry::kNever, why}; }

std::string UidText(const ItemState& item) {
  const Value uid = item.HeadValue(field::kAppointmentUid);
  const auto* text = std::get_if<std::string>(&uid);
  return text != nullptr ? *text : std::string();
}

// What a person could have typed, and nothing that says which item it is.
FieldMap CopiedFields(const ItemState& item) {
  FieldMap fields;
  for (const auto& [id, value] : item.Head()) {
    const Field* known = FindField(id);
    if (known != nullptr && known->sync != Sync::kServer && known->merge != Merge::kServer) fields[id] = value;
  }
  for (const FieldId only_its :
       {field::kAppointmentUid, field::kAppointmentFolder, field::kAppointmentSequence, field::kAppointmentMovedTo})
    fields.erase(only_its);
  return fields;
}

Result<std::vector<ItemState>> ChangedDaysOf(const StateReader& state, const ItemState& series) {
  std::vector<ItemState> days;
  const std::string uid = UidText(series);
  OUTPOST_TRYV(ForEachItem(state, series.Folder(), [&](const ItemState& item) {
    const std::string its = item.type == ItemType::kAppointment ? UidText(item) : std::string();
    const auto of = SeriesUidOf(its);
    if (of && *of == uid) days.push_back(item);
    return true;
  }));
  return days;
}

// The files of one item, made anew for its copy.
Result<void> CopyFiles(const StateReader& state, const ItemState& from, const ItemId& to,
                       const std::function<ItemId()>& new_id, const std::function<OpId()>& new_op, Batch& events,
                       std::vector<std::string>& made) {
  std::vector<ItemId> attached;
  OUTPOST_TRYV(state.Scan(kAttached, from.id.View(), "", [&](std::string_view key, std::string_view) {
    if (const auto id = ItemId::FromView(key.substr(from.id.View().size()))) attached.push_back(*id);
    return true;
  }));
  for (const ItemId& id : attached) {
    OUTPOST_TRY(const std::optional<ItemState> file, LoadItem(state, id));
    if (!file || !file->Visible()) continue;
    const Value content = file->HeadValue(field::kAttachmentContent), name = file->HeadValue(field::kAttachmentName),
                type = file->HeadValue(field::kAttachmentType);
    const auto* bytes = std::get_if<BlobRef>(&content);
    if (bytes == nullptr)
      return Error{Code::kNotFound, Retry::kNever,
                   "the bytes of attachment " + id.Hex() + " are not here yet (\"outpost item fetch\")"};
    AttachFile as;
    if (const auto* text = std::get_if<std::string>(&name)) as.name = *text;
    if (const auto* text = std::get_if<std::string>(&type)) as.type = *text;
    const ItemId copy = new_id();
    FieldMap more;
    if (file->HeadValue(field::kAttachmentRichText) == Value(true)) more[field::kAttachmentRichText] = true;
    events.push_back(AttachEvent(copy, to, as, *bytes, new_op(), std::move(more)));
    made.push_back(copy.Hex());
  }
  return Ok();
}

}  // namespace

Result<FolderDeletion> MoveSeriesEvents(const StateReader& state, const ItemId& id, const ItemId& folder,
                                        const ItemId& copy, const std::function<ItemId()>& new_id,
                                        const std::function<OpId()>& new_op) {
  OUTPOST_TRY(const std::optional<ItemState> series, LoadItem(state, id));
  OUTPOST_TRYV(CheckVisible(id, series ? &*series : nullptr));
  const Value rule = series->HeadValue(field::kAppointmentRecurrenceType);
  if (series->type != ItemType::kAppointment || IsNull(rule) || rule == Value(std::int64_t{0}) ||
      !IsNull(series->HeadValue(field::kAppointmentDatePosition)))
    return NotMoved("item " + id.Hex() + " is no series of appointments");
  if (series->Folder() == folder) return NotMoved("series " + id.Hex() + " is in that folder already");
  OUTPOST_TRYV(CheckFolder(state, folder, series->type));
  OUTPOST_TRY(const std::vector<ItemState> days, ChangedDaysOf(state, *series));

  Batch made;
  std::vector<std::string> ids{copy.Hex()};
  made.push_back(CreateEvent(copy, series->type, folder, CopiedFields(*series), new_op()));
  OUTPOST_TRYV(CopyFiles(state, *series, copy, new_id, new_op, made, ids));
  OUTPOST_TRY(const ChangeBody first, DecodeChange(made.front().body));
  const auto uid = first.patch.find(field::kAppointmentUid);
  const auto* uid_text = uid != first.patch.end() ? std::get_if<std::string>(&uid->second) : nullptr;
  FolderDeletion edit;
  edit.seen = {{copy, 0}, {id, series->head_seq}};
  for (const ItemState& day : days) {
    const Value at = day.HeadValue(field::kAppointmentDatePosition);
    const auto* number = std::get_if<std::int64_t>(&at);
    if (number == nullptr || uid_text == nullptr) continue;
    FieldMap fields = CopiedFields(day);
    fields[field::kAppointmentUid] = UidOfException(*uid_text, *number);
    const ItemId day_copy = new_id();
    made.push_back(CreateEvent(day_copy, day.type, folder, std::move(fields), new_op()));
    ids.push_back(day_copy.Hex());
    OUTPOST_TRYV(CopyFiles(state, day, day_copy, new_id, new_op, made, ids));
    edit.seen.push_back({day.id, day.head_seq});
  }
  // What is made is queued before what it stands for goes.
  OUTPOST_TRY(Batch named, SetEvents(id, &*series, {{field::kAppointmentMovedTo, std::move(ids)}}, new_op));
  OUTPOST_TRY(Batch gone, DeleteEvents(id, &*series, new_op()));
  for (Batch* part : {&made, &named, &gone}) std::move(part->begin(), part->end(), std::back_inserter(edit.events));
  return edit;
}

}  // namespace outpost
