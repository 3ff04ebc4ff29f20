#include "engine/control.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace outpost {
namespace {

using Json = nlohmann::json;

// Raised when a frame changes meaning. A holder answers no other version.
constexpr int kControlVersion = 1;

constexpr Code kCodes[] = {Code::kNotFound,    Code::kConflict,       Code::kPreconditionFailed, Code::kCorrupt,
                           Code::kUnavailable, Code::kOutcomeUnknown, Code::kRejected,           Code::kUnauthorized,
                           Code::kNewerFormat, Code::kInvalid};
constexpr std::pair<Retry, const char*> kRetries[] = {{Retry::kNever, "never"},
                                                      {Retry::kBackoff, "backoff"},
                                                      {Retry::kAfterReauth, "after_reauth"},
                                                      {Retry::kAfterReadBack, "after_read_back"}};
constexpr LinkState kLinks[] = {LinkState::kOnline,        LinkState::kOffline,       LinkState::kServerDown,
                                LinkState::kThrottled,     LinkState::kWrongPassword, LinkState::kWrongCertificate,
                                LinkState::kProtocolError, LinkState::kCaptivePortal};

struct ReportCount {
  const char* name;
  std::uint64_t SyncReport::*count;
};
constexpr ReportCount kReportCounts[] = {{"rounds", &SyncReport::rounds},
                                         {"requests", &SyncReport::requests},
                                         {"pulled", &SyncReport::pulled},
                                         {"pushed", &SyncReport::pushed},
                                         {"batches", &SyncReport::batches},
                                         {"resumed_batches", &SyncReport::resumed_batches},
                                         {"conflicts", &SyncReport::conflicts},
                                         {"parked", &SyncReport::parked},
                                         {"held_deletions", &SyncReport::held_deletions},
                                         {"pending", &SyncReport::pending}};

Error Malformed(const std::string& what) { return {Code::kInvalid, Retry::kNever, "control frame: " + what}; }

Result<std::string> Text(const Json& frame, const char* name) {
  const auto found = frame.find(name);
  if (found == frame.end() || !found->is_string()) return Malformed(std::string("no text \"") + name + "\"");
  return found->get<std::string>();
}

Result<std::int64_t> Number(const Json& frame, const char* name) {
  const auto found = frame.find(name);
  if (found == frame.end() || !found->is_number_integer()) return Malformed(std::string("no number \"") + name + "\"");
  return found->get<std::int64_t>();
}

Result<ItemId> IdOf(const Json& frame, const char* name) {
  OUTPOST_TRY(const auto hex, Text(frame, name));
  const auto id = ItemId::FromHex(hex);
  if (!id) return Malformed(std::string("\"") + name + "\" is no id");
  return *id;
}

std::string Hex(std::string_view bytes) { return ToHex(AsBytes(bytes)); }

Result<std::string> BytesOf(const Json& frame, const char* name) {
  OUTPOST_TRY(const auto hex, Text(frame, name));
  auto bytes = ParseHex(hex);
  if (!bytes) return Malformed(std::string("\"") + name + "\" is not hexadecimal");
  return *std::move(bytes);
}

Result<FieldMap> FieldsOf(const Json& frame) {
  OUTPOST_TRY(const auto bytes, BytesOf(frame, "fields"));
  auto body = DecodeChange(bytes);
  if (!body) return Malformed("\"fields\" cannot be read");
  return std::move(body).assume_value().patch;
}

std::string Dump(const Json& frame) { return frame.dump(-1, ' ', false, Json::error_handler_t::replace); }

Json EncodeError(const Error& error) {
  const char* retry = "never";
  for (const auto& [value, name] : kRetries)
    if (value == error.retry) retry = name;
  return {
      {"error",
       {{"code", CodeName(error.code)}, {"retry", retry}, {"context", error.context}, {"injected", error.injected}}}};
}

// The error that `frame` tells of; or that it cannot be read.
Error DecodeError(const Json& frame) {
  const auto code = Text(frame, "code");
  const auto retry = Text(frame, "retry");
  const auto context = Text(frame, "context");
  if (!code || !retry || !context) return Malformed("an error of no known shape");
  Error error;
  error.context = context.assume_value();
  error.injected = frame.value("injected", Json()) == Json(true);
  for (const auto& [value, name] : kRetries)
    if (retry.assume_value() == name) error.retry = value;
  for (const Code known : kCodes) {
    if (code.assume_value() != CodeName(known)) continue;
    error.code = known;
    return error;
  }
  return Malformed("an unknown error code");
}

Json EncodeReport(const SyncReport& report) {
  Json frame = {{"link", LinkStateName(report.link)},
                {"problem", report.problem},
                {"retry_after", report.retry_after.count()},
                {"local_failure", report.local_failure}};
  for (const auto& [name, count] : kReportCounts) frame[name] = report.*count;
  return frame;
}

Result<SyncReport> DecodeReport(const Json& frame) {
  SyncReport report;
  OUTPOST_TRY(report.problem, Text(frame, "problem"));
  OUTPOST_TRY(const auto retry_after, Number(frame, "retry_after"));
  report.retry_after = Millis(retry_after);
  report.local_failure = frame.value("local_failure", Json()) == Json(true);
  for (const auto& [name, count] : kReportCounts) {
    OUTPOST_TRY(const auto number, Number(frame, name));
    report.*count = static_cast<std::uint64_t>(number);
  }
  OUTPOST_TRY(const auto link, Text(frame, "link"));
  for (const LinkState known : kLinks) {
    if (link != LinkStateName(known)) continue;
    report.link = known;
    return report;
  }
  return Malformed("an unknown state of the connection");
}

// ---- the holder's side: one function per call, its result as JSON

using Answered = Result<Json>;

Answered OnCreate(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto name, Text(frame, "type"));
  const auto type = ItemTypeFromName(name);
  if (!type) return Malformed("\"type\" is no type of item");
  OUTPOST_TRY(const auto folder, IdOf(frame, "folder"));
  OUTPOST_TRY(auto fields, FieldsOf(frame));
  OUTPOST_TRY(const auto made, commands.Create(*type, folder, std::move(fields)));
  return Json{{"item", made.Hex()}};
}

Answered OnSet(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  OUTPOST_TRY(auto fields, FieldsOf(frame));
  OUTPOST_TRYV(commands.Set(item, std::move(fields)));
  return Json::object();
}

Answered OnMove(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  OUTPOST_TRY(const auto folder, IdOf(frame, "folder"));
  OUTPOST_TRYV(commands.Move(item, folder));
  return Json::object();
}

Answered OnDelete(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  OUTPOST_TRYV(commands.Delete(item));
  return Json::object();
}

Answered OnDeleteForGood(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  OUTPOST_TRYV(commands.DeleteForGood(item));
  return Json::object();
}

Answered OnAttach(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  AttachFile file;
  OUTPOST_TRY(file.path, Text(frame, "path"));
  OUTPOST_TRY(file.name, Text(frame, "name"));
  OUTPOST_TRY(file.type, Text(frame, "type"));
  const auto rich_text = frame.find("rich_text");
  file.rich_text = rich_text != frame.end() && *rich_text == Json(true);
  OUTPOST_TRY(const auto made, commands.Attach(item, std::move(file)));
  return Json{{"item", made.Hex()}};
}

Answered OnChangePassword(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(auto password, Text(frame, "password"));
  OUTPOST_TRYV(commands.ChangePassword(std::move(password)));
  return Json::object();
}

Answered OnSetPhoto(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  OUTPOST_TRY(const auto path, Text(frame, "path"));
  OUTPOST_TRYV(commands.SetPhoto(item, path));
  return Json::object();
}

Answered OnWriteMail(AccountCommands& commands, const Json& frame) {
  MailFile mail;
  OUTPOST_TRY(mail.path, Text(frame, "path"));
  const auto draft = frame.find("draft");
  mail.draft = draft != frame.end() && *draft == Json(true);
  if (frame.contains("replaces")) {
    OUTPOST_TRY(mail.replaces, IdOf(frame, "replaces"));
  }
  OUTPOST_TRY(const auto made, commands.WriteMail(std::move(mail)));
  return Json{{"item", made.Hex()}};
}

Answered OnCopyMail(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto mail, IdOf(frame, "item"));
  OUTPOST_TRY(const auto folder, IdOf(frame, "folder"));
  OUTPOST_TRY(const auto made, commands.CopyMail(mail, folder));
  return Json{{"item", made.Hex()}};
}

Answered OnMoveSeries(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto series, IdOf(frame, "item"));
  OUTPOST_TRY(const auto folder, IdOf(frame, "folder"));
  OUTPOST_TRY(const auto made, commands.MoveSeries(series, folder));
  return Json{{"item", made.Hex()}};
}

Answered OnRights(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto folder, IdOf(frame, "folder"));
  const auto list = frame.find("changes");
  if (list == frame.end() || !list->is_array()) return Malformed("\"changes\" is no list");
  std::vector<RightsChange> changes;
  for (const Json& change : *list) {
    OUTPOST_TRY(auto who, Text(change, "who"));
    changes.push_back({std::move(who), std::nullopt});
    if (const auto bits = change.find("bits"); bits != change.end()) {
      OUTPOST_TRY(changes.back().bits, Number(change, "bits"));
    }
  }
  OUTPOST_TRYV(commands.ChangeRights(folder, std::move(changes)));
  return Json::object();
}

Answered OnRestore(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  OUTPOST_TRY(auto fields, FieldsOf(frame));
  OUTPOST_TRYV(commands.Restore(item, std::move(fields)));
  return Json::object();
}

Answered OnRetry(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto item, IdOf(frame, "item"));
  OUTPOST_TRYV(commands.Retry(item));
  return Json::object();
}

constexpr UndoReport::Way kWays[] = {UndoReport::Way::kNothing, UndoReport::Way::kChanged, UndoReport::Way::kRestored,
                                     UndoReport::Way::kDeleted};

Json EncodeConflict(const ConflictName& conflict) {
  return {{"item", conflict.item.Hex()}, {"loser", conflict.loser}, {"group", conflict.group}};
}

Result<ConflictName> DecodeConflict(const Json& frame) {
  ConflictName conflict;
  OUTPOST_TRY(conflict.item, IdOf(frame, "item"));
  OUTPOST_TRY(const auto loser, Number(frame, "loser"));
  OUTPOST_TRY(const auto group, Number(frame, "group"));
  conflict.loser = static_cast<Sequence>(loser);
  conflict.group = static_cast<GroupId>(group);
  return conflict;
}

// A list of field or group ids.
Result<std::vector<std::uint16_t>> NumbersOf(const Json& frame, const char* name) {
  const auto found = frame.find(name);
  if (found == frame.end() || !found->is_array()) return Malformed(std::string("no list \"") + name + "\"");
  std::vector<std::uint16_t> numbers;
  for (const Json& number : *found) {
    if (!number.is_number_unsigned()) return Malformed(std::string("no numbers in \"") + name + "\"");
    numbers.push_back(number.get<std::uint16_t>());
  }
  return numbers;
}

Answered OnUndo(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto conflict, DecodeConflict(frame));
  OUTPOST_TRY(const auto report,
              commands.UndoConflict(conflict, frame.value("over_later_edits", Json()) == Json(true)));
  return Json{{"item", report.item.Hex()}, {"way", WayName(report.way)},
              {"groups", report.groups},   {"turned", report.turned},
              {"kept", report.kept},       {"moved_to", report.moved_to ? Json(report.moved_to.Hex()) : Json()}};
}

Answered OnSettle(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto conflict, DecodeConflict(frame));
  OUTPOST_TRY(const auto groups, commands.SettleConflict(conflict));
  return Json{{"groups", groups}};
}

Answered OnConsent(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto folder, IdOf(frame, "folder"));
  OUTPOST_TRY(const auto answer, Number(frame, "answer"));
  if (answer < 0 || answer > static_cast<int>(ConsentAnswer::kRefused)) return Malformed("\"answer\" is no answer");
  OUTPOST_TRYV(commands.AnswerConsent(folder, static_cast<ConsentAnswer>(answer)));
  return Json::object();
}

Answered OnSettings(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto bytes, BytesOf(frame, "settings"));
  auto settings = DecodeSettings(bytes);
  if (!settings) return Malformed("\"settings\" cannot be read");
  OUTPOST_TRYV(commands.PutSettings(std::move(settings).assume_value()));
  return Json::object();
}

Answered OnPassword(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(auto password, Text(frame, "password"));
  OUTPOST_TRYV(commands.SetPassword(std::move(password)));
  return Json::object();
}

Answered OnSync(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto folder, IdOf(frame, "folder"));
  OUTPOST_TRY(const auto report, commands.Sync({folder}));
  return EncodeReport(report);
}

Answered OnCheckpoint(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto folder, Text(frame, "folder"));
  OUTPOST_TRYV(commands.MakeCheckpoint(folder));
  return Json::object();
}

Answered OnRebuild(AccountCommands& commands, const Json&) {
  OUTPOST_TRY(const auto report, commands.Rebuild());
  return Json{{"events", report.events}};
}

Answered OnTidy(AccountCommands& commands, const Json&) {
  OUTPOST_TRY(const auto report, commands.Tidy());
  return Json{{"checkpoint", report.checkpoint},
              {"restated", report.restated},
              {"dropped", report.dropped},
              {"first", report.first},
              {"blobs_removed", report.blobs.removed},
              {"blobs_removed_bytes", report.blobs.removed_bytes}};
}

constexpr SyncProgress::Phase kPhases[] = {SyncProgress::Phase::kConnecting, SyncProgress::Phase::kReadingBack,
                                           SyncProgress::Phase::kPulling, SyncProgress::Phase::kPushing,
                                           SyncProgress::Phase::kIdle};

struct ProgressCount {
  const char* name;
  std::uint64_t ProgressReport::*count;
};
constexpr ProgressCount kProgressCounts[] = {
    {"stored", &ProgressReport::stored},   {"listed", &ProgressReport::listed}, {"sent", &ProgressReport::sent},
    {"to_send", &ProgressReport::to_send}, {"runs", &ProgressReport::runs},     {"version", &ProgressReport::version}};

Answered OnProgress(AccountCommands& commands, const Json& frame) {
  OUTPOST_TRY(const auto seen, Number(frame, "seen"));
  OUTPOST_TRY(const auto wait, Number(frame, "wait"));
  OUTPOST_TRY(const auto report, commands.Progress(static_cast<std::uint64_t>(seen), Millis(wait)));
  Json answer = {{"running", report.running},
                 {"phase", static_cast<int>(report.phase)},
                 {"since", report.since.count()},
                 {"folders", Json::array()}};
  for (const auto& [name, count] : kProgressCounts) answer[name] = report.*count;
  if (report.folders_left) answer["folders_left"] = *report.folders_left;
  if (report.receive_per_s) answer["receive_per_s"] = *report.receive_per_s;
  if (report.send_per_s) answer["send_per_s"] = *report.send_per_s;
  if (report.remaining) answer["remaining"] = report.remaining->count();
  if (report.stalled_since) answer["stalled_since"] = report.stalled_since->count();
  for (const FolderProgress& folder : report.folders)
    answer["folders"].push_back(
        {{"folder", folder.folder.Hex()}, {"path", folder.path}, {"stored", folder.stored}, {"listed", folder.listed}});
  return answer;
}

// A member that may be missing; of another kind it counts as missing.
template <class T>
std::optional<T> Maybe(const Json& frame, const char* name) {
  const auto found = frame.find(name);
  if (found == frame.end() || !found->is_number()) return std::nullopt;
  return found->get<T>();
}

Result<ProgressReport> DecodeProgress(const Json& frame) {
  ProgressReport report;
  report.running = frame.value("running", Json()) == Json(true);
  OUTPOST_TRY(const auto phase, Number(frame, "phase"));
  for (const SyncProgress::Phase known : kPhases)
    if (phase == static_cast<int>(known)) report.phase = known;
  OUTPOST_TRY(const auto since, Number(frame, "since"));
  report.since = Millis(since);
  for (const auto& [name, count] : kProgressCounts) {
    OUTPOST_TRY(const auto number, Number(frame, name));
    report.*count = static_cast<std::uint64_t>(number);
  }
  report.folders_left = Maybe<std::uint64_t>(frame, "folders_left");
  report.receive_per_s = Maybe<double>(frame, "receive_per_s");
  report.send_per_s = Maybe<double>(frame, "send_per_s");
  if (const auto remaining = Maybe<std::int64_t>(frame, "remaining")) report.remaining = Millis(*remaining);
  if (const auto stalled = Maybe<std::int64_t>(frame, "stalled_since")) report.stalled_since = Millis(*stalled);
  const auto folders = frame.find("folders");
  if (folders == frame.end() || !folders->is_array()) return Malformed("no list \"folders\"");
  for (const Json& told : *folders) {
    FolderProgress& folder = report.folders.emplace_back();
    OUTPOST_TRY(folder.folder, IdOf(told, "folder"));
    OUTPOST_TRY(folder.path, Text(told, "path"));
    OUTPOST_TRY(const auto stored, Number(told, "stored"));
    OUTPOST_TRY(const auto listed, Number(told, "listed"));
    folder.stored = static_cast<std::uint64_t>(stored);
    folder.listed = static_cast<std::uint64_t>(listed);
  }
  return report;
}

constexpr std::pair<const char*, Answered (*)(AccountCommands&, const Json&)> kCalls[] = {
    {"create", OnCreate},
    {"set", OnSet},
    {"move", OnMove},
    {"delete", OnDelete},
    {"retry", OnRetry},
    {"consent", OnConsent},
    {"settings", OnSettings},
    {"password", OnPassword},
    {"change_password", OnChangePassword},
    {"sync", OnSync},
    {"progress", OnProgress},
    {"checkpoint", OnCheckpoint},
    {"tidy", OnTidy},
    {"rebuild", OnRebuild},
    {"undo", OnUndo},
    {"settle", OnSettle},
    {"restore", OnRestore},
    {"rights", OnRights},
    {"attach", OnAttach},
    {"set_photo", OnSetPhoto},
    {"delete_for_good", OnDeleteForGood},
    {"copy_mail", OnCopyMail},
    {"move_series", OnMoveSeries},
    {"write_mail", OnWriteMail}};

Answered Dispatch(AccountCommands& commands, const std::string& request) {
  const Json frame = Json::parse(request, nullptr, false);
  if (!frame.is_object()) return Malformed("not a JSON object");
  OUTPOST_TRY(const auto version, Number(frame, "version"));
  if (version != kControlVersion)
    return Error{Code::kNewerFormat, Retry::kNever,
                 "control frame of version " + std::to_string(version) + "; this program speaks " +
                     std::to_string(kControlVersion)};
  OUTPOST_TRY(const auto call, Text(frame, "call"));
  for (const auto& [name, answer] : kCalls)
    if (call == name) return answer(commands, frame);
  return Malformed("an unknown call");
}

std::string AnswerTo(AccountCommands& commands, Log& log, const std::string& request) {
  try {
    const Answered answer = Dispatch(commands, request);
    return Dump(answer ? Json{{"done", answer.assume_value()}} : EncodeError(answer.assume_error()));
  } catch (const std::exception& broken) {  // a bug of ours must not take the holder down with it
    log.Write(LogLevel::kError, "control", broken.what());
    return Dump(
        EncodeError({Code::kCorrupt, Retry::kNever, std::string("broken invariant in the holder: ") + broken.what()}));
  }
}

// ---- the caller's side

Result<Json> Request(const std::filesystem::path& socket, const char* call, Json frame,
                     Millis deadline = kControlDeadline) {
  frame["version"] = kControlVersion;
  frame["call"] = call;
  OUTPOST_TRY(const auto connection, LocalClient::Connect(socket));
  OUTPOST_TRY(const auto bytes, connection->Call(Dump(frame), deadline));
  const Json answer = Json::parse(bytes, nullptr, false);
  if (answer.is_object()) {
    if (const auto done = answer.find("done"); done != answer.end() && done->is_object()) return *done;
    if (const auto error = answer.find("error"); error != answer.end() && error->is_object())
      return DecodeError(*error);
  }
  return Malformed("an answer of no known shape");
}

Result<void> Tell(const std::filesystem::path& socket, const char* call, Json frame,
                  Millis deadline = kControlDeadline) {
  OUTPOST_TRYV(Request(socket, call, std::move(frame), deadline));
  return Ok();
}

std::string FieldsHex(FieldMap fields) {
  ChangeBody body;
  body.patch = std::move(fields);
  return Hex(Encode(body));
}

}  // namespace

Result<std::unique_ptr<ControlServer>> ControlServer::Start(const std::filesystem::path& socket,
                                                            AccountCommands& commands, Log& log) {
  OUTPOST_TRY(auto server, LocalServer::Listen(socket, [&commands, &log](const std::string& request) {
                return AnswerTo(commands, log, request);
              }));
  return std::unique_ptr<ControlServer>(new ControlServer(std::move(server), commands));
}

ControlServer::~ControlServer() {
  commands_.StopWaiting();
  server_.reset();
}

Result<std::unique_ptr<ControlClient>> ControlClient::Connect(const std::filesystem::path& socket) {
  OUTPOST_TRYV(LocalClient::Connect(socket));
  return std::unique_ptr<ControlClient>(new ControlClient(socket));
}

Result<ItemId> ControlClient::Create(ItemType type, ItemId folder, FieldMap fields) {
  OUTPOST_TRY(
      const auto done,
      Request(socket_, "create",
              {{"type", ItemTypeName(type)}, {"folder", folder.Hex()}, {"fields", FieldsHex(std::move(fields))}}));
  return IdOf(done, "item");
}

Result<void> ControlClient::Set(ItemId item, FieldMap patch) {
  return Tell(socket_, "set", {{"item", item.Hex()}, {"fields", FieldsHex(std::move(patch))}});
}

Result<void> ControlClient::Move(ItemId item, ItemId folder) {
  return Tell(socket_, "move", {{"item", item.Hex()}, {"folder", folder.Hex()}});
}

Result<void> ControlClient::Delete(ItemId item) { return Tell(socket_, "delete", {{"item", item.Hex()}}); }

Result<void> ControlClient::DeleteForGood(ItemId item) {
  return Tell(socket_, "delete_for_good", {{"item", item.Hex()}});
}

Result<ItemId> ControlClient::Attach(ItemId item, AttachFile file) {
  Json request{{"item", item.Hex()}, {"path", file.path.string()}, {"name", file.name}, {"type", file.type}};
  if (file.rich_text) request["rich_text"] = true;
  OUTPOST_TRY(const auto done, Request(socket_, "attach", std::move(request)));
  return IdOf(done, "item");
}

Result<void> ControlClient::ChangePassword(std::string password) {
  return Tell(socket_, "change_password", {{"password", password}});
}

Result<void> ControlClient::SetPhoto(ItemId item, std::filesystem::path file) {
  return Tell(socket_, "set_photo", {{"item", item.Hex()}, {"path", file.string()}});
}

Result<ItemId> ControlClient::WriteMail(MailFile mail) {
  Json request{{"path", mail.path.string()}, {"draft", mail.draft}};
  if (mail.replaces) request["replaces"] = mail.replaces.Hex();
  OUTPOST_TRY(const auto done, Request(socket_, "write_mail", std::move(request)));
  return IdOf(done, "item");
}

Result<ItemId> ControlClient::CopyMail(ItemId mail, ItemId folder) {
  OUTPOST_TRY(const auto done, Request(socket_, "copy_mail", {{"item", mail.Hex()}, {"folder", folder.Hex()}}));
  return IdOf(done, "item");
}

Result<ItemId> ControlClient::MoveSeries(ItemId series, ItemId folder) {
  OUTPOST_TRY(const auto done, Request(socket_, "move_series", {{"item", series.Hex()}, {"folder", folder.Hex()}}));
  return IdOf(done, "item");
}

Result<void> ControlClient::ChangeRights(ItemId folder, std::vector<RightsChange> changes) {
  Json list = Json::array();
  for (const RightsChange& change : changes) {
    list.push_back({{"who", change.who}});
    if (change.bits) list.back()["bits"] = *change.bits;
  }
  return Tell(socket_, "rights", {{"folder", folder.Hex()}, {"changes", std::move(list)}});
}

Result<void> ControlClient::Restore(ItemId item, FieldMap fields) {
  return Tell(socket_, "restore", {{"item", item.Hex()}, {"fields", FieldsHex(std::move(fields))}});
}

Result<void> ControlClient::Retry(ItemId item) { return Tell(socket_, "retry", {{"item", item.Hex()}}); }

Result<UndoReport> ControlClient::UndoConflict(ConflictName conflict, bool over_later_edits) {
  Json frame = EncodeConflict(conflict);
  frame["over_later_edits"] = over_later_edits;
  OUTPOST_TRY(const auto done, Request(socket_, "undo", std::move(frame)));
  UndoReport report;
  OUTPOST_TRY(report.item, IdOf(done, "item"));
  OUTPOST_TRY(report.groups, NumbersOf(done, "groups"));
  OUTPOST_TRY(report.turned, NumbersOf(done, "turned"));
  OUTPOST_TRY(report.kept, NumbersOf(done, "kept"));
  if (const auto moved = done.find("moved_to"); moved != done.end() && moved->is_string()) {
    OUTPOST_TRY(report.moved_to, IdOf(done, "moved_to"));
  }
  OUTPOST_TRY(const auto way, Text(done, "way"));
  for (const UndoReport::Way known : kWays) {
    if (way != WayName(known)) continue;
    report.way = known;
    return report;
  }
  return Malformed("an unknown way");
}

Result<std::vector<GroupId>> ControlClient::SettleConflict(ConflictName conflict) {
  OUTPOST_TRY(const auto done, Request(socket_, "settle", EncodeConflict(conflict)));
  return NumbersOf(done, "groups");
}

Result<void> ControlClient::AnswerConsent(ItemId folder, ConsentAnswer answer) {
  return Tell(socket_, "consent", {{"folder", folder.Hex()}, {"answer", static_cast<int>(answer)}});
}

Result<void> ControlClient::PutSettings(SettingsBody settings) {
  return Tell(socket_, "settings", {{"settings", Hex(Encode(settings))}});
}

Result<void> ControlClient::SetPassword(std::string password) {
  return Tell(socket_, "password", {{"password", password}});
}

Result<SyncReport> ControlClient::Sync(SyncOptions options) {
  OUTPOST_TRY(const auto done, Request(socket_, "sync", {{"folder", options.folder.Hex()}}, kControlSyncDeadline));
  return DecodeReport(done);
}

Result<void> ControlClient::MakeCheckpoint(const std::filesystem::path& folder) {
  return Tell(socket_, "checkpoint", {{"folder", folder.string()}}, kControlCheckpointDeadline);
}

Result<RefoldReport> ControlClient::Rebuild() {
  OUTPOST_TRY(const auto done, Request(socket_, "rebuild", Json::object(), kControlTidyDeadline));
  OUTPOST_TRY(const auto events, Number(done, "events"));
  return RefoldReport{static_cast<std::uint64_t>(events), true};
}

Result<RetentionReport> ControlClient::Tidy() {
  OUTPOST_TRY(const auto done, Request(socket_, "tidy", Json::object(), kControlTidyDeadline));
  RetentionReport report;
  report.checkpoint = done.value("checkpoint", Json()) == Json(true);
  const std::pair<const char*, std::uint64_t*> counts[] = {{"restated", &report.restated},
                                                           {"dropped", &report.dropped},
                                                           {"first", &report.first},
                                                           {"blobs_removed", &report.blobs.removed},
                                                           {"blobs_removed_bytes", &report.blobs.removed_bytes}};
  for (const auto& [name, count] : counts) {
    OUTPOST_TRY(const auto number, Number(done, name));
    *count = static_cast<std::uint64_t>(number);
  }
  return report;
}

Result<ProgressReport> ControlClient::Progress(std::uint64_t seen, Millis wait) {
  OUTPOST_TRY(const auto done, Request(socket_, "progress", {{"seen", seen}, {"wait", wait.count()}},
                                       kControlDeadline + std::min(wait, kProgressWaitMax)));
  return DecodeProgress(done);
}

}  // namespace outpost
