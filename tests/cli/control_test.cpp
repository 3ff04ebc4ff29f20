#include "engine/control.h"

#include <catch2/catch.hpp>
#include <future>
#include <stdexcept>

#include "base/mutex.h"
#include "base/system/files.h"

using namespace outpost;

namespace {

constexpr Millis kWait{60'000};

ItemId IdOf(std::uint8_t number) {
  ItemId id;
  id.bytes.fill(number);
  return id;
}

// Remembers the last call, answers what it is told to.
class FakeAccount final : public AccountCommands {
 public:
  std::string call;
  ItemType type{};
  ItemId item{};
  ItemId folder{};
  FieldMap fields;
  ConsentAnswer answer{};
  AttachFile file;
  MailFile mail;
  std::vector<RightsChange> changes;
  ConflictName conflict;
  SettingsBody settings;
  std::string password;
  std::optional<Error> error;
  SyncReport report;
  std::filesystem::path checkpoint;
  ProgressReport progress;

  Result<ItemId> Create(ItemType new_type, ItemId in, FieldMap values) override {
    call = "create", type = new_type, folder = in, fields = std::move(values);
    if (error) return *error;
    return IdOf(9);
  }
  Result<void> Set(ItemId id, FieldMap patch) override {
    call = "set", item = id, fields = std::move(patch);
    return Answer();
  }
  Result<void> Move(ItemId id, ItemId to) override {
    call = "move", item = id, folder = to;
    return Answer();
  }
  Result<void> Delete(ItemId id) override {
    call = "delete", item = id;
    return Answer();
  }
  Result<void> DeleteForGood(ItemId id) override {
    call = "delete_for_good", item = id;
    return Answer();
  }
  Result<ItemId> Attach(ItemId id, AttachFile wanted) override {
    call = "attach", item = id, file = std::move(wanted);
    return IdOf(8);
  }
  Result<void> SetPhoto(ItemId id, std::filesystem::path photo) override {
    call = "set_photo", item = id, file = {photo, "", ""};
    return Answer();
  }
  Result<ItemId> WriteMail(MailFile wanted) override {
    call = "write_mail", mail = std::move(wanted);
    return IdOf(9);
  }
  Result<ItemId> CopyMail(ItemId id, ItemId to) override {
    call = "copy_mail", item = id, folder = to;
    return IdOf(2);
  }
  Result<ItemId> MoveSeries(ItemId id, ItemId to) override {
    call = "move_series", item = id, folder = to;
    return IdOf(7);
  }
  Result<void> ChangeRights(ItemId in, std::vector<RightsChange> wanted) override {
    call = "rights", folder = in, changes = std::move(wanted);
    return Answer();
  }
  Result<void> Restore(ItemId id, FieldMap patch) override {
    call = "restore", item = id, fields = std::move(patch);
    return Answer();
  }
  Result<void> Retry(ItemId id) override {
    call = "retry", item = id;
    return Answer();
  }
  Result<UndoReport> UndoConflict(ConflictName which, bool over_later_edits) override {
    call = over_later_edits ? "undo over later edits" : "undo", conflict = which;
    if (error) return *error;
    return UndoReport{IdOf(7), UndoReport::Way::kRestored, {100, kExistence}, {101, 102}, {103}, IdOf(8)};
  }
  Result<std::vector<GroupId>> SettleConflict(ConflictName which) override {
    call = "settle", conflict = which;
    if (error) return *error;
    return std::vector<GroupId>{100, 146};
  }
  Result<void> AnswerConsent(ItemId in, ConsentAnswer told) override {
    call = "consent", folder = in, answer = told;
    return Answer();
  }
  Result<void> SetPassword(std::string given) override {
    call = "password", password = std::move(given);
    return Answer();
  }
  Result<void> ChangePassword(std::string given) override {
    call = "change_password", password = std::move(given);
    return Answer();
  }
  Result<void> PutSettings(SettingsBody told) override {
    call = "settings", settings = std::move(told);
    return Answer();
  }
  Result<SyncReport> Sync(SyncOptions options) override {
    call = "sync", folder = options.folder;
    if (error) return *error;
    return report;
  }
  Result<void> MakeCheckpoint(const std::filesystem::path& to) override {
    call = "checkpoint", checkpoint = to;
    return Answer();
  }
  Result<ProgressReport> Progress(std::uint64_t seen, Millis wait) override {
    call = "progress " + std::to_string(seen) + " " + std::to_string(wait.count());
    if (error) return *error;
    return progress;
  }
  void StopWaiting() override { call = "stop waiting"; }
  Result<RefoldReport> Rebuild() override {
    call = "rebuild";
    if (error) return *error;
    return RefoldReport{4'711, true};
  }
  Result<RetentionReport> Tidy() override {
    call = "tidy";
    if (error) return *error;
    RetentionReport tidied;
    tidied.checkpoint = true;
    tidied.restated = 7;
    tidied.dropped = 4'711;
    tidied.first = 4'712;
    tidied.blobs.removed = 3;
    tidied.blobs.removed_bytes = 300;
    return tidied;
  }

 private:
  Result<void> Answer() const {
    if (error) return *error;
    return Ok();
  }
};

struct Pair {
  std::filesystem::path folder = MakeTemporaryFolder("outpost-control-").value();
  std::filesystem::path socket = folder / "control.sock";
  FakeAccount account;
  std::unique_ptr<ControlServer> server = ControlServer::Start(socket, account, NullLog()).value();
  std::unique_ptr<ControlClient> client = ControlClient::Connect(socket).value();
  ~Pair() {
    server.reset();
    std::filesystem::remove_all(folder);
  }
};

const FieldMap kEveryKind{{101, std::string("Ada \xE2\x82\xAC \"quoted\"\n")},
                          {148, std::vector<std::string>{"a", "", "b,c"}},
                          {149, true},
                          {157, std::int64_t{-4861728000000}},
                          {160, IdOf(7)},
                          {146, Value()},
                          {173, Blob{std::string("\x00\xff\x01", 3)}}};

}  // namespace

TEST_CASE("control: every call reaches the account with its values, and its answer comes back", "[control]") {
  Pair pair;
  auto& account = pair.account;

  CHECK(pair.client->Create(ItemType::kContact, IdOf(1), kEveryKind).value() == IdOf(9));
  CHECK(account.call == "create");
  CHECK(account.type == ItemType::kContact);
  CHECK((account.folder == IdOf(1)));
  CHECK((account.fields == kEveryKind));

  CHECK(pair.client->Set(IdOf(2), kEveryKind));
  CHECK((account.call == "set" && account.item == IdOf(2) && account.fields == kEveryKind));
  CHECK(pair.client->Move(IdOf(3), IdOf(4)));
  CHECK((account.call == "move" && account.item == IdOf(3) && account.folder == IdOf(4)));
  CHECK(pair.client->Delete(IdOf(5)));
  CHECK((account.call == "delete" && account.item == IdOf(5)));
  CHECK(pair.client->CopyMail(IdOf(5), IdOf(4)).value() == IdOf(2));
  CHECK((account.call == "copy_mail" && account.item == IdOf(5) && account.folder == IdOf(4)));
  REQUIRE(pair.client->Attach(IdOf(4), {"/tmp/a.rtf", "", "", true}));
  CHECK((account.call == "attach" && account.file.rich_text));
  CHECK(pair.client->MoveSeries(IdOf(5), IdOf(4)).value() == IdOf(7));
  CHECK((account.call == "move_series" && account.item == IdOf(5) && account.folder == IdOf(4)));
  CHECK(pair.client->DeleteForGood(IdOf(6)));
  CHECK((account.call == "delete_for_good" && account.item == IdOf(6)));
  REQUIRE(pair.client->ChangePassword("fresh"));
  CHECK((account.call == "change_password" && account.password == "fresh"));
  REQUIRE(pair.client->SetPhoto(IdOf(4), "/tmp/a b"));
  CHECK((account.call == "set_photo" && account.item == IdOf(4) && account.file.path == "/tmp/a b"));
  const auto attached = pair.client->Attach(IdOf(5), {"/tmp/a b", "name", "text/plain"});
  REQUIRE(attached);
  CHECK((attached.value() == IdOf(8) && account.call == "attach" && account.item == IdOf(5)));
  CHECK((account.file.path == "/tmp/a b" && account.file.name == "name" && account.file.type == "text/plain"));
  const auto written = pair.client->WriteMail({"/tmp/a.eml", true, IdOf(7)});
  REQUIRE(written);
  CHECK((written.value() == IdOf(9) && account.call == "write_mail"));
  CHECK((account.mail.path == "/tmp/a.eml" && account.mail.draft && account.mail.replaces == IdOf(7)));
  REQUIRE(pair.client->WriteMail({"/tmp/b.eml", false, {}}));
  CHECK((account.mail.path == "/tmp/b.eml" && !account.mail.draft && !account.mail.replaces));
  CHECK(pair.client->ChangeRights(IdOf(4), {{"user:3", 257}, {"group:0", std::nullopt}}));
  CHECK((account.call == "rights" && account.folder == IdOf(4)));
  REQUIRE(account.changes.size() == 2);
  CHECK((account.changes[0].who == "user:3" && account.changes[0].bits == 257));
  CHECK((account.changes[1].who == "group:0" && !account.changes[1].bits));
  CHECK(pair.client->Restore(IdOf(7), kEveryKind));
  CHECK((account.call == "restore" && account.item == IdOf(7) && account.fields == kEveryKind));
  CHECK(pair.client->Retry(IdOf(6)));
  CHECK((account.call == "retry" && account.item == IdOf(6)));
  for (const auto answer : {ConsentAnswer::kGiven, ConsentAnswer::kRefused}) {
    CHECK(pair.client->AnswerConsent(IdOf(8), answer));
    CHECK((account.call == "consent" && account.folder == IdOf(8) && account.answer == answer));
  }
  CHECK(pair.client->SetPassword("another"));
  CHECK((account.call == "password" && account.password == "another"));
  CHECK(pair.client->PutSettings({{{"policy", "client-wins"}, {"paused", ""}}}));
  CHECK((account.call == "settings" && account.settings.settings.size() == 2));
  CHECK((account.settings.settings[0] == std::pair<std::string, std::string>("policy", "client-wins")));
  CHECK(pair.client->MakeCheckpoint("/somewhere/new"));
  CHECK((account.call == "checkpoint" && account.checkpoint == "/somewhere/new"));
  const auto rebuilt = pair.client->Rebuild();
  REQUIRE(rebuilt);
  CHECK((account.call == "rebuild" && rebuilt.value().events == 4'711));
  const auto tidied = pair.client->Tidy();
  REQUIRE(tidied);
  CHECK((tidied.value().checkpoint && tidied.value().restated == 7 && tidied.value().dropped == 4'711));
  CHECK((tidied.value().first == 4'712 && tidied.value().blobs.removed == 3));
  CHECK(tidied.value().blobs.removed_bytes == 300);
}

TEST_CASE("control: progress is told as it is, what is not known included", "[control]") {
  Pair pair;
  ProgressReport& told = pair.account.progress;
  told.running = true;
  told.phase = SyncProgress::Phase::kPulling;
  told.since = Millis(1'795'425'833'766);
  told.folders = {{IdOf(1), "Contacts/\xC3\xA4 \"quoted\"", 500, 4'200}, {IdOf(2), "", 0, 0}};
  told.stored = 500;
  told.listed = 4'200;
  told.sent = 3;
  told.to_send = 7;
  told.runs = 11;
  told.version = 4'711;
  SECTION("nothing to go by") {}
  SECTION("everything known") {
    told.folders_left = 0;
    told.receive_per_s = 812.5;
    told.send_per_s = 0.25;
    told.remaining = Millis(5'001);
    told.stalled_since = Millis(1'795'425'833'767);
  }
  const ProgressReport got = pair.client->Progress(4'710, Millis(250)).value();
  CHECK(pair.account.call == "progress 4710 250");
  CHECK(got.running == told.running);
  CHECK((got.phase == told.phase));
  CHECK(got.since == told.since);
  REQUIRE(got.folders.size() == 2);
  CHECK((got.folders[0].folder == IdOf(1)));
  CHECK(got.folders[0].path == told.folders[0].path);
  CHECK(got.folders[0].stored == 500);
  CHECK(got.folders[0].listed == 4'200);
  CHECK(got.folders_left == told.folders_left);
  CHECK(got.stored == 500);
  CHECK(got.listed == 4'200);
  CHECK(got.sent == 3);
  CHECK(got.to_send == 7);
  CHECK(got.receive_per_s == told.receive_per_s);
  CHECK(got.send_per_s == told.send_per_s);
  CHECK(got.remaining == told.remaining);
  CHECK(got.stalled_since == told.stalled_since);
  CHECK(got.runs == 11);
  CHECK(got.version == 4'711);
  pair.server.reset();
  CHECK(pair.account.call == "stop waiting");  // or the holder could not end before the wait does
}

TEST_CASE("control: a sync report comes back whole", "[control]") {
  Pair pair;
  SyncReport told;
  told.link = LinkState::kThrottled;
  told.problem = "too many requests";
  told.retry_after = Millis(1234);
  told.local_failure = true;
  told.rounds = 1, told.requests = 2, told.pulled = 3, told.pushed = 4, told.batches = 5, told.resumed_batches = 6;
  told.conflicts = 7, told.parked = 8, told.held_deletions = 9, told.pending = 1ull << 40;
  pair.account.report = told;
  const auto got = pair.client->Sync({IdOf(1)});
  REQUIRE(got);
  CHECK((pair.account.folder == IdOf(1)));
  CHECK(got.value().link == told.link);
  CHECK(got.value().problem == told.problem);
  CHECK(got.value().retry_after == told.retry_after);
  CHECK(got.value().local_failure);
  CHECK(got.value().rounds == 1);
  CHECK(got.value().requests == 2);
  CHECK(got.value().pulled == 3);
  CHECK(got.value().pushed == 4);
  CHECK(got.value().batches == 5);
  CHECK(got.value().resumed_batches == 6);
  CHECK(got.value().conflicts == 7);
  CHECK(got.value().parked == 8);
  CHECK(got.value().held_deletions == 9);
  CHECK(got.value().pending == 1ull << 40);
}

TEST_CASE("control: every error comes back with its code, advice and context", "[control]") {
  Pair pair;
  for (int code = 0; code <= static_cast<int>(Code::kInvalid); ++code) {
    const auto retry = static_cast<Retry>(code % 4);
    pair.account.error = Error{static_cast<Code>(code), retry, "context " + std::to_string(code), code % 2 == 0};
    const auto set = pair.client->Set(IdOf(1), {});
    REQUIRE_FALSE(set);
    CHECK(set.error().code == static_cast<Code>(code));
    CHECK(set.error().retry == retry);
    CHECK(set.error().context == "context " + std::to_string(code));
    CHECK(set.error().injected == (code % 2 == 0));
    CHECK(pair.client->Create(ItemType::kContact, IdOf(1), {}).error().code == static_cast<Code>(code));
    CHECK(pair.client->Sync({}).error().code == static_cast<Code>(code));
  }
}

TEST_CASE("control: malformed frames are answered with an error and hurt nobody", "[control]") {
  Pair pair;
  const auto raw = LocalClient::Connect(pair.socket).value();
  const std::string id(32, '0');
  const std::string frames[] = {"",
                                "not json",
                                "[]",
                                "{}",
                                R"({"version":1})",
                                R"({"version":"1","call":"set"})",
                                R"({"version":1,"call":"format_disk"})",
                                R"({"version":1,"call":"set"})",
                                R"({"version":1,"call":"set","item":"xyz","fields":""})",
                                R"({"version":1,"call":"set","item":")" + id + R"(","fields":"0g"})",
                                R"({"version":1,"call":"set","item":")" + id + R"(","fields":"00ff"})",
                                R"({"version":1,"call":"create","type":"spoon","folder":")" + id + R"(","fields":""})",
                                R"({"version":1,"call":"consent","folder":")" + id + R"(","answer":77})",
                                R"({"version":1,"call":"settings","settings":"abcd"})",
                                std::string(100'000, '['),
                                "{\"version\":1,\"call\":\"\xff\xfe\"}"};
  for (const auto& frame : frames) {
    const auto answer = raw->Call(frame, kWait);
    REQUIRE(answer);
    INFO(frame.substr(0, 80) << " -> " << answer.value());
    CHECK(answer.value().find("\"code\":\"invalid\"") != std::string::npos);
  }
  CHECK(raw->Call(R"({"version":2,"call":"set"})", kWait).value().find("newer_format") != std::string::npos);
  CHECK(pair.account.call.empty());
  CHECK(pair.client->Delete(IdOf(1)));
}

TEST_CASE("control: a holder that is gone is not found, one that came back is", "[control]") {
  Pair pair;
  pair.server.reset();
  CHECK(pair.client->Delete(IdOf(1)).error().code == Code::kNotFound);
  CHECK(ControlClient::Connect(pair.socket).error().code == Code::kNotFound);
  pair.server = ControlServer::Start(pair.socket, pair.account, NullLog()).value();
  CHECK(pair.client->Delete(IdOf(1)));
}

TEST_CASE("control: an answer of no known shape is an error", "[control]") {
  Pair pair;
  pair.server.reset();
  for (const std::string answer :
       {"", "{}", "[]", R"({"done":1})", R"({"error":{}})", R"({"error":{"code":"x","retry":"never","context":""}})",
        R"({"done":{"item":"short"}})"}) {
    auto odd = LocalServer::Listen(pair.socket, [answer](const std::string&) { return answer; });
    REQUIRE(odd);
    CHECK(pair.client->Create(ItemType::kContact, IdOf(1), {}).error().code == Code::kInvalid);
    CHECK(pair.client->Sync({}).error().code == Code::kInvalid);
  }
}

TEST_CASE("control: a conflict is named and its undo told across the socket", "[control]") {
  Pair pair;
  const auto undone = pair.client->UndoConflict({IdOf(3), Sequence{1} << 40, 146}, true);
  REQUIRE(undone);
  CHECK(pair.account.call == "undo over later edits");
  CHECK(pair.account.conflict.item == IdOf(3));
  CHECK(pair.account.conflict.loser == Sequence{1} << 40);
  CHECK(pair.account.conflict.group == 146);
  CHECK(undone.value().item == IdOf(7));
  CHECK(undone.value().way == UndoReport::Way::kRestored);
  CHECK(undone.value().groups == std::vector<GroupId>{100, kExistence});
  CHECK(undone.value().turned == std::vector<FieldId>{101, 102});
  CHECK(undone.value().kept == std::vector<FieldId>{103});
  CHECK(undone.value().moved_to == IdOf(8));
  const auto settled = pair.client->SettleConflict({{}, 7, 0});
  REQUIRE(settled);
  CHECK(pair.account.call == "settle");
  CHECK(settled.value() == std::vector<GroupId>{100, 146});
  pair.account.error = Error{Code::kConflict, Retry::kNever, "later"};
  CHECK(pair.client->UndoConflict({IdOf(3), 0, 0}, false).error().code == Code::kConflict);
  CHECK(pair.account.call == "undo");
}

TEST_CASE("control: a broken invariant of the holder is told, and the holder lives on", "[control]") {
  struct Broken final : AccountCommands {
    Result<ItemId> Create(ItemType, ItemId, FieldMap) override { throw InvariantViolation("planted"); }
    Result<void> Set(ItemId, FieldMap) override { throw std::out_of_range("planted too"); }
    Result<void> Move(ItemId, ItemId) override { return Ok(); }
    Result<void> Delete(ItemId) override { return Ok(); }
    Result<void> DeleteForGood(ItemId) override { return Ok(); }
    Result<ItemId> Attach(ItemId, AttachFile) override { return ItemId{}; }
    Result<void> SetPhoto(ItemId, std::filesystem::path) override { return Ok(); }
    Result<ItemId> WriteMail(MailFile) override { return ItemId{}; }
    Result<ItemId> CopyMail(ItemId, ItemId) override { return ItemId{}; }
    Result<ItemId> MoveSeries(ItemId, ItemId) override { return ItemId{}; }
    Result<void> ChangeRights(ItemId, std::vector<RightsChange>) override { return Ok(); }
    Result<void> Restore(ItemId, FieldMap) override { return Ok(); }
    Result<void> Retry(ItemId) override { return Ok(); }
    Result<UndoReport> UndoConflict(ConflictName, bool) override { return UndoReport{}; }
    Result<std::vector<GroupId>> SettleConflict(ConflictName) override { return std::vector<GroupId>{}; }
    Result<void> AnswerConsent(ItemId, ConsentAnswer) override { return Ok(); }
    Result<void> PutSettings(SettingsBody) override { return Ok(); }
    Result<void> SetPassword(std::string) override { return Ok(); }
    Result<void> ChangePassword(std::string) override { return Ok(); }
    Result<SyncReport> Sync(SyncOptions) override { return SyncReport{}; }
    Result<void> MakeCheckpoint(const std::filesystem::path&) override { return Ok(); }
    Result<ProgressReport> Progress(std::uint64_t, Millis) override { return Error{}; }
    void StopWaiting() override {}
    Result<RetentionReport> Tidy() override { return RetentionReport{}; }
    Result<RefoldReport> Rebuild() override { return RefoldReport{}; }
  };
  Pair pair;
  pair.server.reset();
  Broken broken;
  pair.server = ControlServer::Start(pair.socket, broken, NullLog()).value();
  CHECK(pair.client->Create(ItemType::kContact, IdOf(1), {}).error().context.find("planted") != std::string::npos);
  CHECK(pair.client->Set(IdOf(1), {}).error().context.find("planted too") != std::string::npos);
  CHECK(pair.client->Delete(IdOf(1)));
  pair.server.reset();  // before the account that it serves
}
