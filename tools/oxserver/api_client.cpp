#include "tools/oxserver/api_client.h"

#include <nlohmann/json.hpp>

#include "tools/oxserver/columns.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kBatch = 100;                     // elements of one `multiple`
constexpr const char* kFarFuture = "9000000000000000";  // a timestamp later than any: unconditional

const ColumnTable& ColumnsOf(std::string_view module) {
  if (module == "calendar") return CalendarColumns();
  return module == "tasks" ? TaskColumns() : ContactColumns();
}

std::string ValueText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? std::string() : value.dump();
}

Error Rejected(const std::string& what, const Json& envelope) {
  return {Code::kRejected, Retry::kNever, what + ": " + envelope.value("code", "") + " " + envelope.value("error", "")};
}

// A failure is an error whose category is not WARNING.
bool Failed(const Json& envelope) { return envelope.contains("error") && envelope.value("category", 0) != 13; }

}  // namespace

struct ApiClient::Impl {
  Handler handler;
  std::string session;
  std::string cookies;
  int user_id = 0;

  HttpResponse Send(const std::string& method, const std::string& path, Pairs query, std::string type,
                    std::string body) {
    HttpRequest request{method, "/ajax/" + path, {{"User-Agent", "outpost-oxserver"}}, std::move(body)};
    if (!session.empty()) query.emplace_back("session", session);
    query.emplace_back("timezone", "UTC");
    char separator = '?';
    for (const auto& [name, value] : query) {
      request.target += std::exchange(separator, '&') + name + '=' + UrlEncoded(value);
    }
    if (!cookies.empty()) request.headers.emplace_back("Cookie", cookies);
    if (!type.empty()) request.headers.emplace_back("Content-Type", std::move(type));
    return handler(request);
  }

  // The envelope in the page that answers an upload, which is no failure.
  Result<Json> Envelope(const std::string& what, const std::string& page) {
    const auto start = page.find("({"), end = page.rfind("})");
    if (start == std::string::npos || end == std::string::npos)
      return Error{Code::kCorrupt, Retry::kNever, what + ": no callback"};
    Json envelope = Json::parse(page.substr(start + 1, end - start), nullptr, false);
    if (!envelope.is_object()) return Error{Code::kCorrupt, Retry::kNever, what + ": no envelope"};
    if (Failed(envelope)) return Rejected(what, envelope);
    return envelope;
  }

  // One file, as a browser uploads it, behind a part `json_0` where `json` is not empty.
  Result<Json> Upload(const std::string& module, Pairs query, const std::string& field, const std::string& name,
                      const std::string& type, std::string_view content, const std::string& json = {}) {
    const std::string what = module + "." + query.front().second;
    std::string boundary = "----outpost-oxserver-upload";
    while (content.find(boundary) != std::string_view::npos) boundary += 'x';
    std::string body;
    if (!json.empty())
      body = "--" + boundary + "\r\nContent-Disposition: form-data; name=\"json_0\"\r\n\r\n" + json + "\r\n";
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"" + name +
            "\"\r\nContent-Type: " + type + "\r\n\r\n";
    body.append(content).append("\r\n--" + boundary + "--\r\n");
    return Envelope(
        what,
        Send("POST", module, std::move(query), "multipart/form-data; boundary=" + boundary, std::move(body)).body);
  }

  // One call; `body` empty: GET. The envelope, which is no failure.
  Result<Json> Call(const std::string& module, const std::string& action, Pairs query, const std::string& body = {}) {
    query.insert(query.begin(), {"action", action});
    const auto response =
        Send(body.empty() ? "GET" : "PUT", module, std::move(query), body.empty() ? "" : "application/json", body);
    Json envelope = Json::parse(response.body, nullptr, false);
    if (!envelope.is_object() && !envelope.is_array())
      return Error{Code::kCorrupt, Retry::kNever, module + "." + action + ": no envelope"};
    if (envelope.is_object() && Failed(envelope)) return Rejected(module + "." + action, envelope);
    return envelope;
  }
};

ApiClient::ApiClient() : impl_(std::make_unique<Impl>()) {}
ApiClient::~ApiClient() = default;

int ApiClient::user_id() const { return impl_->user_id; }

namespace {
std::string NumberOf(std::string_view module) { return module == "calendar" ? "1" : module == "tasks" ? "4" : "7"; }
Pairs PlaceOf(std::string_view module, std::string_view folder, std::string_view object) {
  return {{"folder", std::string(folder)}, {"attached", std::string(object)}, {"module", NumberOf(module)}};
}
}  // namespace

Result<std::string> ApiClient::Attach(std::string_view module, std::string_view folder, std::string_view object,
                                      std::string_view filename, std::string_view bytes, std::string_view type) {
  const Json json = {{"folder", std::stoll(std::string(folder))},
                     {"attached", std::stoll(std::string(object))},
                     {"module", std::stoi(NumberOf(module))}};
  OUTPOST_TRY(const auto envelope, impl_->Upload("attachment", {{"action", "attach"}}, "file_0", std::string(filename),
                                                 std::string(type), bytes, json.dump()));
  return envelope["data"].at(0).dump();
}

Result<std::string> ApiClient::Document(std::string_view module, std::string_view folder, std::string_view object,
                                        std::string_view id) {
  Pairs query = PlaceOf(module, folder, object);
  query.insert(query.begin(), {{"action", "document"}, {"id", std::string(id)}});
  auto response = impl_->Send("GET", "attachment", std::move(query), {}, {});
  for (const auto& [name, value] : response.headers)
    if (name == "Content-Type" && value.starts_with("application/json"))
      return Error{Code::kRejected, Retry::kNever, "attachment.document: " + response.body};
  return std::move(response.body);
}

Result<void> ApiClient::Detach(std::string_view module, std::string_view folder, std::string_view object,
                               std::string_view id) {
  OUTPOST_TRYV(impl_->Call("attachment", "detach", PlaceOf(module, folder, object), "[\"" + std::string(id) + "\"]"));
  return Ok();
}

Result<std::string> ApiClient::Do(const std::string& module, const std::string& action,
                                  std::vector<std::pair<std::string, std::string>> query, const std::string& body) {
  OUTPOST_TRY(const auto envelope, impl_->Call(module, action, std::move(query), body));
  return envelope.contains("data") ? envelope["data"].dump() : std::string();
}

Result<std::unique_ptr<ApiClient>> ApiClient::SignIn(Handler handler, std::string_view user,
                                                     std::string_view password) {
  std::unique_ptr<ApiClient> client(new ApiClient());
  Impl& impl = *client->impl_;
  impl.handler = std::move(handler);
  const auto response =
      impl.Send("POST", "login", {{"action", "login"}}, "application/x-www-form-urlencoded",
                "name=" + UrlEncoded(user) + "&password=" + UrlEncoded(password) + "&client=oxserver");
  const Json answer = Json::parse(response.body, nullptr, false);
  if (!answer.is_object() || !answer.contains("session")) {
    return Error{Code::kUnauthorized, Retry::kNever,
                 "sign-in refused" + (answer.is_object() ? ": " + answer.value("code", "") : "")};
  }
  for (const auto& [name, value] : response.headers) {
    if (EqualNoCase(name, "Set-Cookie"))
      impl.cookies += (impl.cookies.empty() ? "" : "; ") + value.substr(0, value.find(';'));
  }
  impl.session = answer["session"].get<std::string>();
  impl.user_id = answer["user_id"].get<int>();
  return client;
}

Result<std::string> ApiClient::OwnFolder(std::string_view module) {
  const auto response = impl_->Send("GET", "config/folder/" + std::string(module), {}, "", "");
  const Json envelope = Json::parse(response.body, nullptr, false);
  if (!envelope.is_object() || !envelope.contains("data"))
    return Error{Code::kCorrupt, Retry::kNever, "config: no envelope"};
  return ValueText(envelope["data"]);
}

Result<std::string> ApiClient::TimeZone() {
  const auto response = impl_->Send("GET", "config/timezone", {}, "", "");
  const Json envelope = Json::parse(response.body, nullptr, false);
  if (!envelope.is_object() || !envelope.contains("data"))
    return Error{Code::kCorrupt, Retry::kNever, "config: no envelope"};
  return ValueText(envelope["data"]);
}

Result<std::string> ApiClient::CreateFolder(std::string_view parent, std::string_view title, std::string_view module) {
  const Json body = {{"folder", {{"title", std::string(title)}, {"module", std::string(module)}}}};
  OUTPOST_TRY(const Json answer, impl_->Call("folders", "new", {{"folder_id", std::string(parent)}}, body.dump()));
  return ValueText(answer["data"]);
}

Result<std::vector<FolderInfo>> ApiClient::ListFolders(std::string_view parent) {
  OUTPOST_TRY(const Json answer,
              impl_->Call("folders", "list", {{"parent", std::string(parent)}, {"columns", "1,20,300,301,302,309"}}));
  std::vector<FolderInfo> folders;
  for (const auto& row : answer["data"]) {
    folders.push_back({ValueText(row[0]), ValueText(row[1]), ValueText(row[2]), ValueText(row[3]), row[4].get<int>(),
                       row[5].is_number() ? row[5].get<std::int64_t>() : 0});
  }
  return folders;
}

Result<void> ApiClient::RenameFolder(std::string_view id, std::string_view title) {
  const Json body = {{"folder", {{"title", std::string(title)}}}};
  OUTPOST_TRYV(impl_->Call("folders", "update", {{"id", std::string(id)}, {"timestamp", kFarFuture}}, body.dump()));
  return Ok();
}

Result<void> ApiClient::MoveFolder(std::string_view id, std::string_view parent) {
  const Json body = {{"folder", {{"folder_id", std::string(parent)}}}};
  OUTPOST_TRYV(impl_->Call("folders", "update", {{"id", std::string(id)}, {"timestamp", kFarFuture}}, body.dump()));
  return Ok();
}

Result<void> ApiClient::DeleteFolder(std::string_view id) {
  const Json body = Json::array({std::string(id)});
  OUTPOST_TRYV(impl_->Call("folders", "delete", {{"timestamp", kFarFuture}, {"failOnError", "true"}}, body.dump()));
  return Ok();
}

Result<std::string> ApiClient::Permissions(std::string_view folder) {
  OUTPOST_TRY(const Json answer, impl_->Call("folders", "get", {{"id", std::string(folder)}}));
  return answer["data"]["permissions"].dump();
}

Result<void> ApiClient::PutPermissions(std::string_view folder, std::string_view list) {
  const Json body = {{"folder", {{"permissions", Json::parse(list, nullptr, false)}}}};
  OUTPOST_TRYV(impl_->Call("folders", "update", {{"id", std::string(folder)}, {"timestamp", kFarFuture}}, body.dump()));
  return Ok();
}

Result<void> ApiClient::ShareFolder(std::string_view id, int entity, std::uint32_t bits) {
  constexpr std::uint32_t kOwner = 403710016;
  Json list = Json::array({{{"entity", impl_->user_id}, {"group", false}, {"bits", kOwner}}});
  if (bits != 0) list.push_back({{"entity", entity}, {"group", false}, {"bits", bits}});
  const Json body = {{"folder", {{"permissions", list}}}};
  OUTPOST_TRYV(impl_->Call("folders", "update", {{"id", std::string(id)}, {"timestamp", kFarFuture}}, body.dump()));
  return Ok();
}

Result<std::string> ApiClient::Create(std::string_view module, std::string_view folder, const FieldMap& fields) {
  FieldMap all = fields;
  all["folder_id"] = folder;
  if (module == "calendar") all["ignore_conflicts"] = "true";
  OUTPOST_TRY(const Json answer, impl_->Call(std::string(module), "new", {}, FieldsToJson(ColumnsOf(module), all)));
  if (!answer["data"].contains("id"))
    return Error{Code::kRejected, Retry::kNever, std::string(module) + ".new: something is in the way"};
  return ValueText(answer["data"]["id"]);
}

Result<std::string> ApiClient::ChangeOccurrence(std::string_view folder, std::string_view id, std::int64_t day,
                                                const FieldMap& fields) {
  FieldMap all = fields;
  all["ignore_conflicts"] = "true";
  Json body = Json::parse(FieldsToJson(CalendarColumns(), all));
  body["recurrence_date_position"] = day;
  OUTPOST_TRY(
      const Json answer,
      impl_->Call("calendar", "update",
                  {{"folder", std::string(folder)}, {"id", std::string(id)}, {"timestamp", kFarFuture}}, body.dump()));
  if (!answer["data"].contains("id"))
    return Error{Code::kRejected, Retry::kNever, "calendar.update: something is in the way"};
  return ValueText(answer["data"]["id"]);
}

Result<void> ApiClient::DeleteOccurrence(std::string_view folder, std::string_view id, std::int64_t day) {
  const Json ref = {{"id", std::string(id)}, {"folder", std::string(folder)}, {"recurrence_date_position", day}};
  OUTPOST_TRYV(impl_->Call("calendar", "delete", {{"timestamp", kFarFuture}}, Json::array({ref}).dump()));
  return Ok();
}

Result<std::vector<std::string>> ApiClient::CreateContacts(std::string_view folder,
                                                           const std::vector<FieldMap>& contacts) {
  std::vector<std::string> ids;
  for (std::size_t start = 0; start < contacts.size(); start += kBatch) {
    std::string body = "[";
    for (std::size_t i = start; i < std::min(start + kBatch, contacts.size()); ++i) {
      FieldMap all = contacts[i];
      all["folder_id"] = folder;
      if (i > start) body += ',';
      body += "{\"module\":\"contacts\",\"action\":\"new\",\"data\":" + FieldsToJson(ContactColumns(), all) + '}';
    }
    const auto response = impl_->Send("PUT", "multiple", {}, "application/json", body + "]");
    const Json answers = Json::parse(response.body, nullptr, false);
    if (!answers.is_array())
      return Error{Code::kCorrupt, Retry::kNever, "multiple: status " + std::to_string(response.status)};
    for (const auto& answer : answers) {
      if (Failed(answer)) return Rejected("contacts.new, contact " + std::to_string(ids.size() + 1), answer);
      ids.push_back(ValueText(answer["data"]["id"]));
    }
  }
  return ids;
}

Result<void> ApiClient::Update(std::string_view module, std::string_view folder, std::string_view id,
                               const FieldMap& fields) {
  FieldMap all = fields;
  if (module == "calendar") all["ignore_conflicts"] = "true";
  OUTPOST_TRYV(impl_->Call(std::string(module), "update",
                           {{"folder", std::string(folder)}, {"id", std::string(id)}, {"timestamp", kFarFuture}},
                           FieldsToJson(ColumnsOf(module), all)));
  return Ok();
}

Result<void> ApiClient::Delete(std::string_view module, std::string_view folder, std::string_view id) {
  const auto number = [](std::string_view text) { return ParseNumber(text).value_or(0); };
  Json ref = {{"id", std::string(id)}, {"folder", std::string(folder)}};
  if (module == "tasks") ref = {{"id", number(id)}, {"folder", number(folder)}};  // http-api.md 5
  OUTPOST_TRYV(impl_->Call(std::string(module), "delete", {{"timestamp", kFarFuture}}, Json::array({ref}).dump()));
  return Ok();
}

Result<FieldMap> ApiClient::Get(std::string_view module, std::string_view folder, std::string_view id) {
  OUTPOST_TRY(const Json answer,
              impl_->Call(std::string(module), "get", {{"folder", std::string(folder)}, {"id", std::string(id)}}));
  FieldMap fields;
  for (const auto& [name, value] : answer["data"].items()) fields[name] = ValueText(value);
  return fields;
}

Result<std::vector<FieldMap>> ApiClient::ListContacts(std::string_view folder, const std::vector<std::string>& fields) {
  std::string columns;
  for (const auto& name : fields) {
    const int position = ContactColumns().ByName(name);
    if (position < 0) return Error{Code::kInvalid, Retry::kNever, "no field of a contact: " + name};
    columns += (columns.empty() ? "" : ",") + std::to_string(ContactColumns().At(position).id);
  }
  OUTPOST_TRY(const Json answer,
              impl_->Call("contacts", "all", {{"folder", std::string(folder)}, {"columns", columns}}));
  std::vector<FieldMap> contacts;
  for (const auto& row : answer["data"]) {
    FieldMap contact;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!row[i].is_null()) contact[fields[i]] = ValueText(row[i]);
    }
    contacts.push_back(std::move(contact));
  }
  return contacts;
}

Result<std::vector<CardOutcome>> ApiClient::ImportVcards(std::string_view folder, std::string_view text) {
  OUTPOST_TRY(const Json envelope, impl_->Upload("import", {{"action", "VCARD"}, {"folder", std::string(folder)}},
                                                 "file", "cards.vcf", "text/vcard", text));
  std::vector<CardOutcome> outcomes;
  for (const auto& entry : envelope["data"]) {
    if (Failed(entry))
      outcomes.push_back({"", entry.value("code", "") + " " + entry.value("error", "")});
    else
      outcomes.push_back({ValueText(entry["id"]), ""});
  }
  return outcomes;
}

Result<std::string> ApiClient::ImportMail(std::string_view folder, std::string_view bytes, int flags) {
  OUTPOST_TRY(
      const Json answer,
      impl_->Upload(
          "mail",
          {{"action", "import"}, {"folder", std::string(folder)}, {"flags", std::to_string(flags)}, {"force", "true"}},
          "file", "mail.eml", "message/rfc822", bytes));
  return ValueText(answer["data"][0]["id"]);
}

Result<std::string> ApiClient::SendMail(std::string_view bytes) {
  OUTPOST_TRY(const Json answer, impl_->Call("mail", "new", {}, std::string(bytes)));
  return ValueText(answer["data"]["id"]);
}

Result<std::vector<MailInfo>> ApiClient::ListMails(std::string_view folder) {
  OUTPOST_TRY(
      const Json answer,
      impl_->Call(
          "mail", "all",
          {{"folder", std::string(folder)}, {"columns", "600,607,611,102,608"}, {"sort", "600"}, {"order", "asc"}}));
  std::vector<MailInfo> mails;
  for (const auto& row : answer["data"])
    mails.push_back(
        {ValueText(row[0]), ValueText(row[1]), row[2].get<int>(), row[3].get<int>(), row[4].get<std::int64_t>()});
  return mails;
}

Result<void> ApiClient::FlagMail(std::string_view folder, std::string_view id, int set, int clear, int color) {
  Json body = {{"set_flags", set}, {"clear_flags", clear}};
  if (color >= 0) body["color_label"] = color;
  OUTPOST_TRYV(impl_->Call("mail", "update", {{"folder", std::string(folder)}, {"id", std::string(id)}}, body.dump()));
  return Ok();
}

Result<std::string> ApiClient::MoveMail(std::string_view folder, std::string_view id, std::string_view target) {
  const Json body = {{"folder_id", std::string(target)}};
  OUTPOST_TRY(const Json answer,
              impl_->Call("mail", "update", {{"folder", std::string(folder)}, {"id", std::string(id)}}, body.dump()));
  return ValueText(answer["data"]["id"]);
}

Result<void> ApiClient::DeleteMail(std::string_view folder, std::string_view id, bool hard) {
  const Json ref = {{"id", std::string(id)}, {"folder", std::string(folder)}};
  OUTPOST_TRYV(impl_->Call("mail", "delete", {{"harddelete", hard ? "true" : "false"}}, Json::array({ref}).dump()));
  return Ok();
}

Result<std::string> ApiClient::MailSource(std::string_view folder, std::string_view id) {
  const auto response = impl_->Send("GET", "mail",
                                    {{"action", "get"},
                                     {"src", "1"},
                                     {"save", "1"},
                                     {"unseen", "true"},
                                     {"folder", std::string(folder)},
                                     {"id", std::string(id)}},
                                    "", "");
  if (FindHeader(response.headers, "Content-Type") == "application/octet-stream") return response.body;
  const Json envelope = Json::parse(response.body, nullptr, false);
  return envelope.is_object() ? Rejected("mail.get", envelope)
                              : Error{Code::kCorrupt, Retry::kNever, "mail.get: no envelope"};
}

}  // namespace outpost::oxserver
