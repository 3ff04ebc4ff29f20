#include "replicator/ox/attachments.h"

#include <utility>

#include "replicator/ox/cells.h"
#include "replicator/ox/json_writer.h"
#include "replicator/ox/multipart.h"
#include "replicator/ox/requests.h"
#include "replicator/ox/row_read.h"

namespace outpost {
namespace {

constexpr std::string_view kColumns = "1,2,6,803,804,805,806";  // ReadAttachmentRow counts on their order

// By which the module of attachments knows an item's; 0: it has none.
int NumberOf(ItemType type) {
  switch (FieldOwner(type)) {
    case ItemType::kAppointment:
      return 1;
    case ItemType::kTask:
      return 4;
    case ItemType::kContact:
      return 7;
    default:
      return 0;
  }
}

void AppendItem(std::string& query, const RemoteItem& item) {
  AppendFormPair(query, "attached", item.remote_id);
  AppendFormPair(query, "folder", item.folder);
  AppendFormPair(query, "module", std::to_string(NumberOf(item.type)));
}

std::string QueryOf(const char* action, std::string_view session) {
  std::string query;
  AppendFormPair(query, "action", action);
  AppendFormPair(query, "session", session);
  return query;
}

// What a header can hold between quotation marks; browsers write it so too.
std::string HeaderText(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '"')
      text += "%22";
    else if (c == '\r' || c == '\n')
      text += ' ';
    else
      text += c;
  }
  return text;
}

// Ids are numbers in this body.
void WriteIdNumber(JsonWriter& json, std::string_view name, const std::string& id) {
  std::int64_t number = 0;
  if (ReadInt(id, number))
    json.Key(name).Int(number);
  else
    json.Pair(name, id);
}

bool WriteUpload(const ask::Attach& ask, std::string_view session, HttpRequest& request) {
  request.stream = ask.content ? ask.content() : nullptr;
  if (request.stream == nullptr) return false;
  const std::string boundary = FormBoundary(session);
  JsonWriter json;
  json.BeginObject();
  WriteIdNumber(json, "folder", ask.item.folder);
  WriteIdNumber(json, "attached", ask.item.remote_id);
  json.Key("module").Int(NumberOf(ask.item.type)).Pair("filename", ask.filename);
  if (ask.rich_text) json.Key("rft_flag").Bool(true);  // as the document spells it
  json.EndObject();
  request.method = "POST";
  request.headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
  request.body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"json_0\"\r\n\r\n" + json.Take() +
                 "\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"file_0\"; filename=\"" +
                 HeaderText(ask.filename) + "\"\r\nContent-Type: " + HeaderText(ask.mimetype) + "\r\n\r\n";
  request.tail = "\r\n--" + boundary + "--\r\n";
  return true;
}

bool ReadAttachmentRow(od::array cells, RemoteRow& row) {
  std::size_t index = 0;
  for (auto each : cells) {
    od::value cell;
    if (each.get(cell)) return false;
    const std::string_view token = TokenOf(cell);
    Value value;
    bool fits = true;
    switch (index++) {
      case 0:
        fits = ReadId(cell, row.remote_id);
        break;
      case 1: {
        std::string user;
        fits = IsNullToken(token) || ReadText(token, user);
        if (!user.empty()) value = "user:" + user;
        if (!IsNull(value)) row.fields[field::kAttachmentCreatedBy] = std::move(value);
        break;
      }
      case 2:
        fits = IsNullToken(token) || ReadInt(token, row.version);
        if (row.version > 0) row.fields[field::kAttachmentCreated] = row.version;
        break;
      case 3:
        fits = ReadValue(token, FieldKind::kText, row.fields[field::kAttachmentName]);
        break;
      case 4:
        fits = ReadValue(token, FieldKind::kInt, row.fields[field::kAttachmentSize]);
        break;
      case 5:
        fits = ReadValue(token, FieldKind::kText, value);
        if (!IsNull(value)) row.fields[field::kAttachmentType] = std::move(value);
        break;
      case 6:
        fits = ReadValue(token, FieldKind::kBool, value);
        if (value == Value(true)) row.fields[field::kAttachmentRichText] = true;
        break;
      default:
        return false;
    }
    if (!fits) return false;
  }
  return index == 7;
}

}  // namespace

bool IsAboutAttachments(const Ask& ask) {
  return std::holds_alternative<ask::Attachments>(ask) || std::holds_alternative<ask::Attach>(ask) ||
         std::holds_alternative<ask::Detach>(ask);
}

bool WriteAttachmentRequest(const Ask& ask, std::string_view session, HttpRequest& request) {
  if (const auto* all = std::get_if<ask::Attachments>(&ask)) {
    std::string query = QueryOf("all", session);
    AppendItem(query, all->item);
    AppendFormPair(query, "columns", kColumns);
    AppendFormPair(query, "timezone", "UTC");
    request.method = "GET";
    request.url = "/attachment?" + query;
    return NumberOf(all->item.type) != 0;
  }
  if (const auto* detach = std::get_if<ask::Detach>(&ask)) {
    std::string query = QueryOf("detach", session);
    AppendItem(query, detach->item);
    JsonWriter json;
    json.BeginArray().Text(detach->remote_id).EndArray();
    request.method = "PUT";
    request.url = "/attachment?" + query;
    request.headers.emplace_back("Content-Type", "application/json; charset=UTF-8");
    request.body = json.Take();
    return NumberOf(detach->item.type) != 0;
  }
  const auto* attach = std::get_if<ask::Attach>(&ask);
  if (attach == nullptr || NumberOf(attach->item.type) == 0) return false;
  request.url = "/attachment?" + QueryOf("attach", session);
  return WriteUpload(*attach, session, request);
}

std::string DocumentQuery(const SourceAsk& ask, std::string_view session) {
  std::string query = QueryOf("document", session);
  AppendFormPair(query, "id", ask.remote_id);
  AppendItem(query, ask.item);
  return query;
}

std::string EnvelopeInPage(std::string_view page) {
  const auto start = page.find("({"), end = page.rfind("})");
  if (start == std::string_view::npos || end == std::string_view::npos || end < start) return {};
  return std::string(page.substr(start + 1, end - start));
}

bool ReadAttachmentRows(od::value data, Answer& answer) {
  od::array rows;
  if (data.get_array().get(rows)) return false;
  for (auto each : rows) {
    od::array cells;
    RemoteRow row;
    row.type = ItemType::kAttachment;
    if (each.get_array().get(cells) || !ReadAttachmentRow(cells, row)) return false;
    answer.rows.push_back(std::move(row));
  }
  answer.all = true;
  return true;
}

bool ReadAttachedId(od::value data, Answer& answer) {
  od::array ids;
  if (data.get_array().get(ids)) return false;
  for (auto each : ids) {
    od::value id;
    if (each.get(id) || !ReadId(id, answer.remote_id)) return false;
    return true;
  }
  return false;
}

}  // namespace outpost
