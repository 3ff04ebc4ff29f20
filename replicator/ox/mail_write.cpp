#include "replicator/ox/mail.h"
#include "replicator/ox/multipart.h"
#include "replicator/ox/requests.h"
#include "replicator/ox/server_error.h"

namespace outpost {
namespace {

struct FlagField {
  FieldId field;
  std::int64_t flag;
};
constexpr FlagField kFlags[] = {{field::kMailAnswered, 1},
                                {field::kMailFlagged, 8},
                                {field::kMailSeen, 32},
                                {field::kMailSpam, 128},
                                {field::kMailForwarded, 256}};
constexpr std::int64_t kDraft = 4;
constexpr std::int64_t kAcknowledged = 512;
// All flags but "recent" (16) and "user" (64).
constexpr std::int64_t kLasting = 1 | 2 | 4 | 8 | 32 | 128 | 256 | 512;
constexpr int kColorShift = 12;  // above the flags

struct FlagChange {
  std::int64_t set = 0;
  std::int64_t clear = 0;
  std::optional<std::int64_t> color;
};

FlagChange ChangeOf(const ask::Update& update) {
  FlagChange change;
  for (const auto& [field, flag] : kFlags) {
    const auto value = update.fields.find(field);
    if (value == update.fields.end()) continue;
    (value->second == Value(true) ? change.set : change.clear) |= flag;
  }
  if (const auto color = update.fields.find(field::kMailColor); color != update.fields.end()) {
    const auto* number = std::get_if<std::int64_t>(&color->second);
    change.color = number != nullptr ? *number : 0;
  }
  return change;
}

void BeginMail(JsonWriter& json, const char* action) {
  json.BeginObject().Pair("module", "mail").Pair("action", action).Pair("timezone", "UTC");
}

std::string_view IdIn(const std::string& remote_id) {
  const auto split = SplitMailId(remote_id);
  return split ? split->id : std::string_view("0");
}

void WriteExamine(JsonWriter& json, const std::string& folder) {
  BeginMail(json, "examine");
  json.Pair("folder", folder).EndObject();
}

// Newest first, so that what people look at comes first.
void WriteMail(JsonWriter& json, const ask::Listing& ask) {
  BeginMail(json, "all");
  json.Pair("folder", ask.folder).Pair("columns", kMailListingColumns).Pair("sort", "610").Pair("order", "desc");
  json.EndObject();
}

// Ids from before the folder's validity changed are asked for all the same: what comes has others.
void WriteMail(JsonWriter& json, const ask::Fetch& ask) {
  BeginMail(json, "list");
  json.Pair("columns", kMailColumns).Pair("headers", kMailHeaders).Key("data").BeginArray();
  for (const std::string& id : ask.remote_ids)
    json.BeginObject().Pair("id", IdIn(id)).Pair("folder", ask.folder).EndObject();
  json.EndArray().EndObject();
}

// Only what was changed here is said, so that flags set elsewhere meanwhile stay. Servers of old know one direction at
// a time.
void WriteMail(JsonWriter& json, const ask::Update& ask) {
  const FlagChange change = ChangeOf(ask);
  BeginMail(json, "update");
  json.Pair("folder", ask.folder).Pair("id", IdIn(ask.remote_id)).Key("data").BeginObject();
  if (change.set != 0 && change.clear != 0)
    json.Key("set_flags").Int(change.set).Key("clear_flags").Int(change.clear);
  else if (change.set != 0 || change.clear != 0)
    json.Key("flags").Int(change.set | change.clear).Key("value").Bool(change.set != 0);
  if (change.color) json.Key("color_label").Int(*change.color);
  if (!ask.target.empty()) json.Pair("folder_id", ask.target);
  json.EndObject().EndObject();
}

// As if nobody had read it.
void WriteMail(JsonWriter& json, const ask::Seek& ask) {
  BeginMail(json, "get");
  json.Pair("folder", ask.folder).Pair("message_id", ask.uid).Pair("unseen", "true").EndObject();
}

// In the trash that is for good, elsewhere the server puts it there.
void WriteMail(JsonWriter& json, const ask::Delete& ask) {
  BeginMail(json, "delete");
  if (ask.for_good) json.Pair("harddelete", "true");
  json.Key("data").BeginArray().BeginObject().Pair("id", IdIn(ask.remote_id)).Pair("folder", ask.folder);
  json.EndObject().EndArray().EndObject();
}

template <class Other>
void WriteMail(JsonWriter&, const Other&) {}

}  // namespace

std::optional<MailId> SplitMailId(std::string_view remote_id) {
  const auto last = remote_id.rfind(':');
  if (last == std::string_view::npos || last == 0) return std::nullopt;
  const auto first = remote_id.rfind(':', last - 1);
  if (first == std::string_view::npos) return std::nullopt;
  return MailId{remote_id.substr(0, first), remote_id.substr(first + 1, last - first - 1), remote_id.substr(last + 1)};
}

std::string JoinMailId(std::string_view folder, std::string_view validity, std::string_view id) {
  return std::string(folder) + ':' + std::string(validity) + ':' + std::string(id);
}

bool WriteSubmission(const ask::Submit& ask, std::string_view session, HttpRequest& request) {
  request.stream = ask.content ? ask.content() : nullptr;
  if (request.stream == nullptr) return false;
  const auto is_set = [&](FieldId field) {
    const auto at = ask.fields.find(field);
    return at != ask.fields.end() && at->second == Value(true);
  };
  const bool draft = is_set(field::kMailDraft);
  // What is only put into a folder may be from anybody: `new` would refuse that.
  const bool import = !ask.send && !draft;
  std::string query;
  AppendFormPair(query, "action", import ? "import" : "new");
  if (!ask.send) {
    std::int64_t flags = draft ? kDraft : 0;
    for (const auto& [field, flag] : kFlags)
      if (is_set(field)) flags |= flag;
    AppendFormPair(query, "folder", ask.folder);
    AppendFormPair(query, "flags", std::to_string(flags));
  }
  if (import) AppendFormPair(query, "force", "true");
  AppendFormPair(query, "session", session);
  request.url = "/mail?" + query;
  if (!import) {
    request.method = "PUT";
    request.headers.emplace_back("Content-Type", "text/plain");
    return true;
  }
  const std::string boundary = FormBoundary(session);
  request.method = "POST";
  request.headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
  request.body = "--" + boundary +
                 "\r\nContent-Disposition: form-data; name=\"file_0\"; filename=\"mail.eml\"\r\n"
                 "Content-Type: message/rfc822\r\n\r\n";
  request.tail = "\r\n--" + boundary + "--\r\n";
  return true;
}

std::int64_t MailVersion(std::int64_t flags, std::int64_t color) {
  return 1 + ((flags & kLasting) | (color << kColorShift));
}

std::int64_t VersionAfter(const ask::Update& update) {
  const std::int64_t before = update.version - 1;
  const FlagChange change = ChangeOf(update);
  std::int64_t flags = ((before & kLasting) | change.set) & ~change.clear;
  if (const auto receipt = update.fields.find(field::kMailReceiptSent);
      receipt != update.fields.end() && receipt->second == Value(true))
    flags |= kAcknowledged;
  return MailVersion(flags, change.color.value_or(before >> kColorShift));
}

std::string SourceQuery(const SourceAsk& ask, std::string_view session) {
  std::string query;
  for (const auto& [name, value] : {std::pair<std::string_view, std::string_view>{"action", "get"},
                                    {"src", "1"},
                                    {"save", "1"},
                                    {"unseen", "true"},
                                    {"folder", ask.folder},
                                    {"id", IdIn(ask.remote_id)},
                                    {"session", session}})
    AppendFormPair(query, name, value);
  return query;
}

bool IsSourceOf(std::string_view bytes, const FieldMap& fields) {
  const auto id = fields.find(field::kMailMessageId);
  const auto* text = id != fields.end() ? std::get_if<std::string>(&id->second) : nullptr;
  if (text != nullptr && !text->empty()) return bytes.find(*text) != std::string_view::npos;
  const auto size = fields.find(field::kMailSize);
  return size == fields.end() || size->second == Value(static_cast<std::int64_t>(bytes.size()));
}

void WriteReceipt(JsonWriter& json, const ask::Update& ask) {
  BeginMail(json, "receipt_ack");
  json.Key("data").BeginObject().Pair("folder", ask.folder).Pair("id", IdIn(ask.remote_id)).EndObject().EndObject();
}

bool IsAboutMail(const Ask& ask) { return TypeOf(ask) == ItemType::kMail; }

void WriteLook(JsonWriter& json, const ask::Update& ask) {
  BeginMail(json, "list");
  json.Pair("columns", kMailIdColumn).Key("data").BeginArray();
  json.BeginObject().Pair("id", IdIn(ask.remote_id)).Pair("folder", ask.folder).EndObject();
  json.EndArray().EndObject();
}

bool WriteMailElement(JsonWriter& json, const Ask& ask, bool examines) {
  if (!IsAboutMail(ask)) return false;
  if (!examines) {
    std::visit([&](const auto& one) { WriteMail(json, one); }, ask);
    return true;
  }
  std::visit(
      [&](const auto& one) {
        if constexpr (requires { one.target; })
          WriteExamine(json, one.target);
        else if constexpr (requires { one.folder; })
          WriteExamine(json, one.folder);
      },
      ask);
  return true;
}

}  // namespace outpost
