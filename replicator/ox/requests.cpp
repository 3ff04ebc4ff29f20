#include "replicator/ox/requests.h"

#include <algorithm>

#include "replicator/ox/cells.h"
#include "replicator/ox/columns.h"
#include "replicator/ox/json_writer.h"
#include "replicator/ox/kinds.h"
#include "replicator/ox/mail.h"
#include "replicator/ox/members.h"
#include "replicator/ox/participants.h"
#include "replicator/ox/people.h"
#include "replicator/ox/permissions.h"
#include "replicator/ox/rules.h"
#include "replicator/ox/signatures.h"
#include "schemas/series.h"

namespace outpost {
namespace {

// id, version, uid; where there are series, the series' id and the day in it: ReadHead in row_read.cpp counts on this.
constexpr std::string_view kListingColumns = "1,6,223", kSeriesListingColumns = "1,6,223,206,208";
constexpr std::string_view kHeadColumns = "1,6";
// A range is needed that leaves nothing out: the years 1 to 9999.
constexpr std::int64_t kFirstDay = -62'135'596'800'000, kLastDay = 253'402'214'400'000;

void Begin(JsonWriter& json, const char* module, const char* action) {
  json.BeginObject().Pair("module", module).Pair("action", action).Pair("timezone", "UTC");
}

std::string JoinCategories(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    if (!joined.empty()) joined += ',';
    joined += name;
  }
  return joined;
}

// Null and "" are the same on the server; null says it in every version.
void WriteValue(JsonWriter& json, const OxColumn& column, const Value& value) {
  if (column.shape == OxShape::kParticipants) {
    WriteParticipants(json, value);
  } else if (column.shape == OxShape::kMembers) {
    WriteMembers(json, value);
  } else if (column.shape == OxShape::kMinusOneIsNone && IsNull(value)) {
    json.Int(-1);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    if (text->empty())
      json.Null();
    else
      json.Text(*text);
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    if (column.kind == FieldKind::kDecimal)
      json.Hundredths(*number);
    else if (column.shape == OxShape::kDigits)
      json.Text(std::to_string(*number));
    else
      json.Int(*number);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    json.Bool(*truth);
  } else if (const auto* names = std::get_if<std::vector<std::string>>(&value)) {
    if (names->empty())
      json.Null();
    else
      json.Text(JoinCategories(*names));
  } else {
    json.Null();
  }
}

// Later than anything: the write is not refused over a change.
constexpr std::int64_t kWhatever = 9'000'000'000'000'000;

enum class Body { kNew, kException, kChange };

void AskForSeries(JsonWriter& json, ItemType type) {
  if (KindOf(type)->has_series) json.Pair("recurrence_master", "true");
}
// Only what cannot be overruled is refused then.
void OverruleConflicts(JsonWriter& json, ItemType type) {
  if (KindOf(type)->has_series) json.Key("ignore_conflicts").Bool(true);
}

void WriteFields(JsonWriter& json, ItemType type, const FieldMap& fields, Body body) {
  for (const auto& [id, value] : fields) {
    if (id == field::kContactPhoto && IsNull(value) && body == Body::kChange) json.Key("image1").Null();
    const OxColumn* column = WrittenAs(type, id);
    if (column == nullptr || column->shape == OxShape::kDates) continue;  // days go by calls of their own
    if (body != Body::kChange && SameValue(value, Value{})) continue;
    if (body != Body::kNew && id == field::UidOf(type)) continue;  // writable at creation only, an exception has one
    if (body != Body::kException && id == ReplacedDayOf(type)) continue;
    json.Key(column->name);
    WriteValue(json, *column, value);
  }
}

// Requests of their own (replicator/ox/attachments.h).
void WriteElement(JsonWriter&, const char*, const ask::Attachments&) {}
void WriteElement(JsonWriter&, const char*, const ask::Attach&) {}
void WriteElement(JsonWriter&, const char*, const ask::Detach&) {}
// Mail only (replicator/ox/mail.h).
void WriteElement(JsonWriter&, const char*, const ask::Seek&) {}
void WriteElement(JsonWriter&, const char*, const ask::Submit&) {}

// An id inside a body.
void WriteId(JsonWriter& json, ItemType type, std::string_view name, const std::string& id) {
  std::int64_t number = 0;
  if (KindOf(type)->ids_are_numbers && ReadInt(id, number))
    json.Key(name).Int(number);
  else
    json.Pair(name, id);
}

void WriteRef(JsonWriter& json, ItemType type, const std::string& id, const std::string& folder) {
  json.BeginObject();
  WriteId(json, type, "id", id);
  WriteId(json, type, "folder", folder);
  json.EndObject();
}

void WriteElement(JsonWriter& json, const char* module, const ask::Folders&) {
  Begin(json, "folders", "allVisible");
  json.Pair("tree", "0").Pair("content_type", module).Pair("columns", ColumnsOf(ItemType::kFolder)->list).EndObject();
}

void WriteElement(JsonWriter& json, const char*, const ask::FolderChanges& ask) {
  Begin(json, "folders", "updates");
  json.Pair("tree", "0").Pair("parent", "0").Pair("columns", ColumnsOf(ItemType::kFolder)->list);
  json.Key("timestamp").Int(ask.cursor).Pair("ignore", "false").EndObject();
}

void WriteElement(JsonWriter& json, const char*, const ask::FolderThere& ask) {
  Begin(json, "folders", "get");
  json.Pair("tree", "0").Pair("id", ask.folder).EndObject();
}

void WriteElement(JsonWriter& json, const char* module, const ask::Listing& ask) {
  Begin(json, module, "all");
  json.Pair("folder", ask.folder);
  if (KindOf(ask.type)->has_series)
    json.Pair("columns", kSeriesListingColumns).Key("start").Int(kFirstDay).Key("end").Int(kLastDay);
  else
    json.Pair("columns", kListingColumns);
  AskForSeries(json, ask.type);
  json.EndObject();
}

void WriteElement(JsonWriter& json, const char* module, const ask::Fetch& ask) {
  if (ask.type == ItemType::kFolder) return WriteElement(json, module, ask::Folders{});
  Begin(json, module, "list");
  json.Pair("columns", ColumnsOf(ask.type)->list);
  AskForSeries(json, ask.type);
  json.Key("data").BeginArray();
  for (const std::string& id : ask.remote_ids) WriteRef(json, ask.type, id, ask.folder);
  json.EndArray().EndObject();
}

void WriteElement(JsonWriter&, const char*, const ask::Examine&) {}  // mail only

// Of users the server tells no changes: all of them, every time.
void WriteElement(JsonWriter& json, const char* module, const ask::People& ask) {
  if (ask.kind == PersonKind::kUser) {
    Begin(json, module, "all");
    json.Pair("columns", UserColumns()).EndObject();
    return;
  }
  Begin(json, module, "updates");
  json.Key("timestamp").Int(ask.cursor).EndObject();
}

// Only users and resources have times of their own (http-api.md 6).
void WriteElement(JsonWriter& json, const char* module, const ask::Busy& ask) {
  const auto who = SplitPerson(ask.person);
  Begin(json, module, "freebusy");
  json.Pair("id", who ? who->id : std::string_view());
  json.Pair("type", who && who->kind == PersonKind::kResource ? "3" : "1");
  json.Key("start").Int(ask.from.count()).Key("end").Int(ask.until.count()).EndObject();
}

void WriteElement(JsonWriter& json, const char* module, const ask::Changes& ask) {
  Begin(json, module, "updates");
  json.Pair("folder", ask.folder).Pair("columns", ColumnsOf(ask.type)->list);
  AskForSeries(json, ask.type);
  json.Key("timestamp").Int(ask.cursor).Pair("ignore", "false").EndObject();  // without it deletions are left out
}

void WriteElement(JsonWriter& json, const char* module, const ask::ChangedHeads& ask) {
  Begin(json, module, "updates");
  json.Pair("folder", ask.folder).Pair("columns", kHeadColumns);
  AskForSeries(json, ask.type);
  json.Key("timestamp").Int(ask.cursor).Pair("ignore", "false").EndObject();
}

std::string FolderId(const std::string& folder) {
  if (folder == kRemotePrivateRoot) return std::string(kPrivateRootId);
  if (folder == kRemotePublicRoot) return std::string(kPublicRootId);
  return folder;
}

void WriteFolderText(JsonWriter& json, const FieldMap& fields, FieldId field, const char* name) {
  const auto at = fields.find(field);
  if (at == fields.end()) return;
  const auto* text = std::get_if<std::string>(&at->second);
  json.Pair(name, text != nullptr ? *text : std::string());
}

void WriteRights(JsonWriter& json, const FieldMap& fields) {
  const auto at = fields.find(field::kFolderPermissions);
  if (at == fields.end() || IsNull(at->second)) return;
  json.Key("permissions");
  WritePermissions(json, at->second);
}

void WriteNewFolder(JsonWriter& json, const ask::Create& ask) {
  Begin(json, "folders", "new");
  json.Pair("tree", "0").Pair("folder_id", FolderId(ask.folder));
  json.Key("data").BeginObject().Key("folder").BeginObject();
  WriteFolderText(json, ask.fields, field::kFolderTitle, "title");
  const auto content = ask.fields.find(field::kFolderModule);
  const auto* name = content != ask.fields.end() ? std::get_if<std::string>(&content->second) : nullptr;
  const auto type = name != nullptr ? ItemTypeFromName(*name) : std::nullopt;
  if (const OxKind* kind = type ? KindOf(*type) : nullptr) json.Pair("module", kind->module);
  WriteRights(json, ask.fields);
  json.EndObject().EndObject().EndObject();
}

void WriteFolder(JsonWriter& json, const ask::Update& ask) {
  Begin(json, "folders", "update");
  json.Pair("tree", "0").Pair("id", ask.remote_id).Key("timestamp").Int(ask.version);
  json.Key("data").BeginObject().Key("folder").BeginObject();
  WriteFolderText(json, ask.fields, field::kFolderTitle, "title");
  if (!ask.target.empty()) json.Pair("folder_id", FolderId(ask.target));
  WriteRights(json, ask.fields);
  json.EndObject().EndObject().EndObject();
}

// What fails is told as an error, not as a warning beside a list.
void WriteFolderDeletion(JsonWriter& json, const ask::Delete& ask) {
  Begin(json, "folders", "delete");
  json.Pair("tree", "0").Key("timestamp").Int(ask.version).Pair("failOnError", "true");
  json.Key("data").BeginArray().Text(ask.remote_id).EndArray().EndObject();
}

// An exception is made by changing one day of its series.
void WriteException(JsonWriter& json, const char* module, const ask::Create& ask) {
  Begin(json, module, "update");
  json.Pair("folder", ask.folder).Pair("id", ask.series).Key("timestamp").Int(ask.series_version);
  json.Key("data").BeginObject();
  WriteFields(json, ask.type, ask.fields, Body::kException);
  OverruleConflicts(json, ask.type);
  json.EndObject().EndObject();
}

void WriteBody(JsonWriter& json, const ask::Create& ask) {
  json.BeginObject();
  WriteId(json, ask.type, "folder_id", ask.folder);
  WriteFields(json, ask.type, ask.fields, Body::kNew);
  OverruleConflicts(json, ask.type);
  json.EndObject();
}

void WriteBody(JsonWriter& json, const ask::Update& ask) {
  json.BeginObject();
  if (!ask.target.empty()) WriteId(json, ask.type, "folder_id", ask.target);
  WriteFields(json, ask.type, ask.fields, Body::kChange);
  OverruleConflicts(json, ask.type);
  json.EndObject();
}

void WriteElement(JsonWriter& json, const char* module, const ask::Create& ask) {
  if (ask.type == ItemType::kFolder) return WriteNewFolder(json, ask);
  if (!ask.series.empty()) return WriteException(json, module, ask);
  Begin(json, module, "new");
  json.Key("data");
  WriteBody(json, ask);
  json.EndObject();
}

void WriteElement(JsonWriter& json, const char* module, const ask::Update& ask) {
  if (ask.type == ItemType::kFolder) return WriteFolder(json, ask);
  Begin(json, module, "update");
  json.Pair("folder", ask.folder).Pair("id", ask.remote_id).Key("timestamp").Int(ask.version);
  json.Key("data");
  WriteBody(json, ask);
  json.EndObject();
}

void WriteDropped(JsonWriter& json, const char* module, const ask::Update& ask, std::int64_t day) {
  Begin(json, module, "delete");
  json.Key("timestamp").Int(kWhatever).Key("data").BeginArray().BeginObject();
  WriteId(json, ask.type, "id", ask.remote_id);
  WriteId(json, ask.type, "folder", ask.folder);
  json.Key("recurrence_date_position").Int(day);
  json.EndObject().EndArray().EndObject();
}

// Whatever else of the item was changed meanwhile: an answer is about the user alone.
void WriteAnswer(JsonWriter& json, const char* module, const ask::Update& ask) {
  const field::AnswerFields fields = field::AnswerOf(ask.type);
  const auto answer = ask.fields.find(fields.answer), message = ask.fields.find(fields.message);
  const auto* number = answer != ask.fields.end() ? std::get_if<std::int64_t>(&answer->second) : nullptr;
  const auto* text = message != ask.fields.end() ? std::get_if<std::string>(&message->second) : nullptr;
  Begin(json, module, "confirm");
  json.Pair("folder", ask.folder).Pair("id", ask.remote_id).Key("timestamp").Int(kWhatever);
  json.Key("data").BeginObject().Key("confirmation").Int(number != nullptr ? *number : 0);
  json.Pair("confirmmessage", text != nullptr ? *text : std::string()).EndObject().EndObject();
}

void WriteElement(JsonWriter& json, const char* module, const ask::Delete& ask) {
  if (ask.type == ItemType::kFolder) return WriteFolderDeletion(json, ask);
  Begin(json, module, "delete");
  json.Key("timestamp").Int(ask.version);
  // One object a call: a call with several stops at the first refusal and does not tell which are gone.
  json.Key("data").BeginArray();
  WriteRef(json, ask.type, ask.remote_id, ask.folder);
  json.EndArray().EndObject();
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::Folders& ask) {
  for (const OxKind& kind : AllKinds()) {
    const auto same = [&](ItemType type) { return FieldOwner(type) == kind.type; };
    if (std::any_of(ask.content.begin(), ask.content.end(), same)) elements.push_back({index, kind.module});
  }
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::FolderChanges&) {
  elements.push_back({index, "folders"});
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::People& ask) {
  elements.push_back({index, PersonKindName(ask.kind)});  // their modules are called so too
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::Busy& ask) {
  const auto who = SplitPerson(ask.person);
  if (who && who->kind != PersonKind::kGroup) elements.push_back({index, KindOf(ItemType::kAppointment)->module});
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::FolderThere&) {
  elements.push_back({index, "folders"});
}

// Reads of mails come with the state of their folder, without which their ids say nothing.
void PlanRead(std::vector<Element>& elements, std::size_t index, ItemType type) {
  const OxKind* kind = KindOf(type);
  if (kind == nullptr) return;
  if (kind->is_mail) elements.push_back({index, kind->module, {}, true});
  elements.push_back({index, kind->module});
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::Listing& ask) {
  PlanRead(elements, index, ask.type);
}

// Of every kind: a folder that is looked for by its id is in the tree, whatever is above it.
void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::Fetch& ask) {
  if (ask.type == ItemType::kFolder)
    for (const OxKind& kind : AllKinds()) elements.push_back({index, kind.module});
  else
    PlanRead(elements, index, ask.type);
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::Update& ask) {
  if (ask.type == ItemType::kFolder) elements.push_back({index, "folders"});
  const OxKind* kind = KindOf(ask.type);
  if (kind == nullptr) return;
  if (kind->is_mail) {
    const auto receipt = ask.fields.find(field::kMailReceiptSent);
    const bool acknowledges = receipt != ask.fields.end() && receipt->second == Value(true);
    if (acknowledges) elements.push_back({index, kind->module, {}, false, true});
    if (acknowledges && ask.fields.size() == 1 && ask.target.empty()) return;
    elements.push_back({index, kind->module});
    // Flags of a mail that has just been moved away are set nowhere, and nobody says so.
    const bool moves = !ask.target.empty();
    elements.push_back({index, kind->module, {}, moves, false, !moves});
    return;
  }
  const field::AnswerFields answer = field::AnswerOf(ask.type);
  const auto answers =
      static_cast<std::size_t>(std::count_if(ask.fields.begin(), ask.fields.end(), [&](const auto& entry) {
        return entry.first == answer.answer || entry.first == answer.message;
      }));
  if (ask.fields.size() > answers || !ask.target.empty() || (ask.dropped.empty() && answers == 0))
    elements.push_back({index, kind->module});
  if (answers > 0) elements.push_back({index, kind->module, {}, false, true});
  for (const std::int64_t day : ask.dropped) elements.push_back({index, kind->module, day});
}

void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::Examine& ask) {
  const OxKind* kind = KindOf(ask.type);
  if (kind != nullptr && kind->is_mail) elements.push_back({index, kind->module, {}, true});
}

void PlanOne(std::vector<Element>&, std::size_t, const ask::Attachments&) {}
void PlanOne(std::vector<Element>&, std::size_t, const ask::Attach&) {}
void PlanOne(std::vector<Element>&, std::size_t, const ask::Detach&) {}
void PlanOne(std::vector<Element>&, std::size_t, const ask::Submit&) {}
void PlanOne(std::vector<Element>& elements, std::size_t index, const ask::Seek& ask) {
  if (ask.type == ItemType::kMail) PlanRead(elements, index, ask.type);
}

template <class ItemAsk>
void PlanOne(std::vector<Element>& elements, std::size_t index, const ItemAsk& ask) {
  constexpr bool kCarried = std::is_same_v<ItemAsk, ask::Delete>;
  if (ask.type == ItemType::kFolder) elements.push_back({index, "folders"});
  const OxKind* kind = KindOf(ask.type);
  if (kind == nullptr || (kind->is_mail && !kCarried)) return;
  elements.push_back({index, kind->module});
}

}  // namespace

std::vector<Element> PlanElements(const std::vector<Ask>& asks) {
  std::vector<Element> elements;
  elements.reserve(asks.size());
  for (std::size_t i = 0; i < asks.size(); ++i)
    std::visit([&](const auto& one) { PlanOne(elements, i, one); }, asks[i]);
  return elements;
}

std::string ContactBody(const Ask& ask) {
  JsonWriter json;
  if (const auto* create = std::get_if<ask::Create>(&ask))
    WriteBody(json, *create);
  else if (const auto* update = std::get_if<ask::Update>(&ask))
    WriteBody(json, *update);
  return json.Take();
}

std::string WriteMultiple(const std::vector<Ask>& asks, std::span<const Element> elements) {
  JsonWriter json;
  json.BeginArray();
  for (const Element& element : elements) {
    const Ask& ask = asks[element.ask];
    if (element.confirms && IsAboutMail(ask)) {
      WriteReceipt(json, std::get<ask::Update>(ask));
      continue;
    }
    if (element.looks) {
      WriteLook(json, std::get<ask::Update>(ask));
      continue;
    }
    if (WriteMailElement(json, ask, element.examines) || WriteRuleElement(json, element.module, ask) ||
        WriteSignatureElement(json, element.module, ask))
      continue;
    if (element.confirms)
      WriteAnswer(json, element.module, std::get<ask::Update>(ask));
    else if (element.dropped)
      WriteDropped(json, element.module, std::get<ask::Update>(ask), *element.dropped);
    else
      std::visit([&](const auto& one) { WriteElement(json, element.module, one); }, ask);
  }
  json.EndArray();
  return json.Take();
}

void AppendFormPair(std::string& out, std::string_view name, std::string_view value) {
  constexpr char kHex[] = "0123456789ABCDEF";
  if (!out.empty()) out += '&';
  out += name;
  out += '=';
  for (const char c : value) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    if (plain) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 0xF];
  }
}

}  // namespace outpost
