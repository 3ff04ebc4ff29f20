// The dialect over curl against the embedded server.
#include "tools/oxserver/server.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "base/system/files.h"
#include "replicator/ox/ox_dialect.h"
#include "tests/replicator/net/link.h"
#include "tests/replicator/ox/fake_transport.h"
#include "tests/replicator/ox/rows.h"
#include "tests/support/shared.h"

namespace outpost::test {
namespace {

struct OxServer {
  explicit OxServer(oxserver::LogicOptions logic = {}, const std::string& record_file = "") {
    oxserver::ServerOptions options;
    options.logic = std::move(logic);
    options.record_file = record_file;
    server = oxserver::Server::Start(std::move(options), clock, random, NullLog()).value();
  }
  oxserver::Server* operator->() { return server.get(); }

  ManualClock clock{Millis{1'700'000'000'000}};
  SeededRandom random{1};
  std::unique_ptr<oxserver::Server> server;
};

// One client: a strand, a transport, a dialect.
class Client {
 public:
  Client(OxServer& server, const std::string& user = "anna", const std::string& password = "secret")
      : strand_([](const char*) { std::abort(); }) {
    transport_ = MakeTransport(network_, strand_, {});
    OxOptions options;
    options.base_url = server->url();
    options.user = user;
    options.password = password;
    dialect_ = MakeOxDialect(std::move(options), *transport_, strand_, clock_, log_);
  }
  ~Client() {
    auto closed = std::make_shared<Awaited<bool>>();
    strand_.Post([this] {
      dialect_.reset();
      transport_.reset();
    });
    strand_.Post([closed] { closed->Give(true); });
    closed->Take();
  }
  Reply Send(std::vector<Ask> asks) {
    auto reply = std::make_shared<Awaited<Reply>>();
    strand_.Post([this, reply, asks] { dialect_->Send(asks, [reply](Reply got) { reply->Give(std::move(got)); }); });
    return reply->Take();
  }
  // The answer to one ask that must not fail as a whole.
  Answer Ask1(Ask ask) {
    Reply reply = Send({std::move(ask)});
    INFO((reply.failure ? reply.failure->text : ""));
    REQUIRE_FALSE(reply.failure);
    REQUIRE(reply.answers.size() == 1);
    return reply.answers.front();
  }
  Failure FailureOf(Ask ask) {
    Reply reply = Send({std::move(ask)});
    REQUIRE(reply.failure);
    return *reply.failure;
  }
  // The user's own contacts folder. Then all is known of the server that a sign-in asks for.
  std::string Contacts() {
    auto known = std::make_shared<Awaited<bool>>();
    strand_.Post([this, known] {
      dialect_->SignIn([known](std::optional<Failure> failure, const SessionInfo&) { known->Give(!failure); });
    });
    REQUIRE(known->Take());
    const Answer answer = Ask1(ask::Folders{{ItemType::kContact}});
    for (const RemoteRow& row : answer.rows) {
      const auto standard = row.fields.find(field::kFolderStandard);
      const auto type = row.fields.find(field::kFolderType);
      if (standard != row.fields.end() && standard->second == Value(true) && type->second == Value(std::int64_t{1}))
        return row.remote_id;
    }
    FAIL("no contacts folder");
    return {};
  }
  Answer Create(const std::string& folder, FieldMap fields) {
    return Ask1(ask::Create{folder, ItemType::kContact, std::move(fields)});
  }
  SessionInfo SignIn() {
    auto info = std::make_shared<Awaited<SessionInfo>>();
    strand_.Post(
        [this, info] { dialect_->SignIn([info](std::optional<Failure>, SessionInfo told) { info->Give(told); }); });
    return info->Take();
  }
  std::string log() const { return log_.text(); }

 private:
  ManualClock clock_{Millis{1'700'000'000'000}};
  KeptLog log_;
  Network network_;
  ThreadStrand strand_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Dialect> dialect_;
};

FieldMap Person(const std::string& uid, const std::string& first_name) {
  FieldMap fields;
  fields[field::kContactUid] = uid;
  fields[ContactField("first_name")] = first_name;
  fields[field::kContactDisplayName] = first_name;
  return fields;
}

Ask ListingOf(const std::string& folder) { return ask::Listing{folder, ItemType::kContact}; }

// How many items the folder has on the server, seen by a client without faults.
std::size_t CountOn(OxServer& server, const std::string& folder) {
  server->ClearFaults();
  return Client(server).Ask1(ListingOf(folder)).heads.size();
}

}  // namespace

TEST_CASE("ox on the server: signing in tells user, horizon and clock", "[ox][server]") {
  OxServer server;
  Client client(server);
  const SessionInfo info = client.SignIn();
  CHECK_FALSE(info.user_id.empty());
  CHECK(info.tombstone_horizon == Millis{7'257'600'000});
  CHECK(info.server_now >= Millis{1'700'000'000'000});
}

TEST_CASE("ox on the server: a folder that is closed is told from one that is not there", "[ox][server]") {
  OxServer server;
  Client client(server);
  Client other(server, "bert");
  CHECK(client.Ask1(ask::FolderThere{client.Contacts()}).status == AnswerStatus::kDone);
  const Answer closed = client.Ask1(ask::FolderThere{other.Contacts()});
  CHECK(closed.status == AnswerStatus::kRefused);
  CHECK(closed.denied);
  CHECK(client.Ask1(ask::FolderThere{"999999"}).status == AnswerStatus::kGone);
  const Answer listing = client.Ask1(ListingOf(other.Contacts()));
  CHECK(listing.status == AnswerStatus::kRefused);
  CHECK(listing.denied);
}

TEST_CASE("ox on the server: folders show the own contacts and the global address book", "[ox][server]") {
  OxServer server;
  Client client(server);
  const auto answer = client.Ask1(ask::Folders{{ItemType::kContact}});
  bool global = false;
  for (const RemoteRow& row : answer.rows) {
    CHECK(row.type == ItemType::kFolder);
    CHECK(row.fields.at(field::kFolderModule) == Value(std::string("contact")));
    CHECK(row.fields.count(field::kFolderTitle) == 1);
    CHECK(row.fields.count(field::kFolderOwnRights) == 1);
    CHECK_FALSE(row.folder.empty());
    CHECK(row.version > 0);
    global = global || row.remote_id == "6";
  }
  CHECK(global);
  CHECK_FALSE(client.Contacts().empty());
}

TEST_CASE("ox on the server: a contact goes out and comes back field by field", "[ox][server]") {
  for (const auto style : {oxserver::IdStyle::kStrings, oxserver::IdStyle::kNumbers, oxserver::IdStyle::kMixed}) {
    oxserver::LogicOptions logic;
    logic.ids = style;
    OxServer server(logic);
    Client client(server);
    const std::string folder = client.Contacts();
    FieldMap fields = Person("uid-1", "Zoë \"Z\" 日本 😀\nline\t2");
    fields[ContactField("birthday")] = std::int64_t{-86'400'000LL * 365};
    fields[ContactField("categories")] = std::vector<std::string>{"work", "friends"};
    fields[ContactField("private_flag")] = true;
    fields[ContactField("color_label")] = std::int64_t{3};
    fields[ContactField("note")] = std::string(3000, 'n') + "\\ end";
    const Answer made = client.Create(folder, fields);
    REQUIRE(made.status == AnswerStatus::kDone);
    CHECK_FALSE(made.remote_id.empty());
    const Answer fetched = client.Ask1(ask::Fetch{folder, ItemType::kContact, {made.remote_id}});
    REQUIRE(fetched.rows.size() == 1);
    CHECK(fetched.rows[0].remote_id == made.remote_id);
    CHECK(fetched.rows[0].folder == folder);
    CHECK(fetched.rows[0].version == made.version);
    for (const auto& [id, value] : fields) {
      CAPTURE(id);
      REQUIRE(fetched.rows[0].fields.count(id) == 1);
      CHECK(fetched.rows[0].fields.at(id) == value);
    }
    const Answer listed = client.Ask1(ListingOf(folder));
    REQUIRE(listed.heads.size() == 1);
    CHECK(listed.heads[0].remote_id == made.remote_id);
    CHECK(listed.heads[0].version == made.version);
    CHECK(listed.heads[0].uid == "uid-1");
    CHECK(listed.cursor == made.version);
  }
}

TEST_CASE("ox on the server: changes bring rows and deletions since the cursor", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  const Answer first = client.Create(folder, Person("u1", "One"));
  const Answer second = client.Create(folder, Person("u2", "Two"));
  const auto since = [&](std::int64_t cursor) { return client.Ask1(ask::Changes{folder, ItemType::kContact, cursor}); };
  Answer delta = since(0);
  CHECK(delta.rows.size() == 2);
  CHECK(delta.cursor == second.version);
  CHECK(since(delta.cursor + 1).cursor == delta.cursor + 1);
  FieldMap patch;
  patch[ContactField("first_name")] = std::monostate{};
  patch[ContactField("company")] = std::string("Acme");
  const Answer changed =
      client.Ask1(ask::Update{folder, "", first.remote_id, ItemType::kContact, first.version, patch});
  CHECK(changed.version > first.version);
  CHECK(client.Ask1(ask::Delete{folder, second.remote_id, ItemType::kContact, second.version}).status ==
        AnswerStatus::kDone);
  delta = since(delta.cursor);
  REQUIRE(delta.rows.size() == 1);
  CHECK(delta.rows[0].version == changed.version);
  CHECK(delta.rows[0].fields.count(ContactField("first_name")) == 0);
  CHECK(delta.rows[0].fields.at(ContactField("company")) == Value(std::string("Acme")));
  CHECK(delta.deleted == std::vector<std::string>{second.remote_id});
}

TEST_CASE("ox on the server: older versions are refused, gone items are gone, no change is done", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  const Answer made = client.Create(folder, Person("u1", "One"));
  const auto update = [&](std::int64_t version, const std::string& name) {
    return client.Ask1(
        ask::Update{folder, "", made.remote_id, ItemType::kContact, version, {{ContactField("first_name"), name}}});
  };
  const Answer changed = update(made.version, "Uno");
  REQUIRE(changed.status == AnswerStatus::kDone);
  CHECK(update(made.version, "Eins").status == AnswerStatus::kChangedMeanwhile);
  CHECK(client.Ask1(ask::Delete{folder, made.remote_id, ItemType::kContact, made.version}).status ==
        AnswerStatus::kChangedMeanwhile);
  const Answer same = client.Ask1(ask::Update{folder, "", made.remote_id, ItemType::kContact, changed.version, {}});
  CHECK(same.status == AnswerStatus::kDone);
  CHECK(same.version == changed.version);
  CHECK(client.Ask1(ask::Delete{folder, made.remote_id, ItemType::kContact, changed.version}).status ==
        AnswerStatus::kDone);
  CHECK(update(changed.version, "Eins").status == AnswerStatus::kGone);
  CHECK(client.Ask1(ask::Delete{folder, made.remote_id, ItemType::kContact, changed.version}).status ==
        AnswerStatus::kGone);
}

TEST_CASE("ox on the server: a value too long is refused with field, length and limit", "[ox][server]") {
  OxServer server;
  Client client(server);
  FieldMap fields = Person("u1", "One");
  fields[ContactField("title")] = std::string(2000, 't');
  const Answer answer = client.Create(client.Contacts(), fields);
  CHECK(answer.status == AnswerStatus::kRefused);
  REQUIRE(answer.problems.size() == 1);
  CHECK(answer.problems[0].field == ContactField("title"));
  CHECK(answer.problems[0].length == 2000);
  CHECK(answer.problems[0].limit > 0);
  CHECK(answer.problems[0].limit < 2000);
}

TEST_CASE("ox on the server: what is not allowed is refused with the server's code", "[ox][server]") {
  OxServer server;
  Client client(server);
  const Answer answer = client.Create("6", Person("u1", "One"));
  CHECK(answer.status == AnswerStatus::kRefused);
  CHECK_FALSE(answer.code.empty());
}

TEST_CASE("ox on the server: a round over 40 folders is one request", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  std::vector<Ask> round{ask::FolderChanges{1'900'000'000'000}};
  for (int i = 0; i < 40; ++i) round.push_back(ask::Changes{folder, ItemType::kContact, 1'900'000'000'000});
  const auto before = server->requests();
  const Reply reply = client.Send(round);
  REQUIRE_FALSE(reply.failure);
  CHECK(server->requests() == before + 1);
  REQUIRE(reply.answers.size() == 41);
  for (const Answer& answer : reply.answers) {
    CHECK(answer.rows.empty());
    CHECK(answer.deleted.empty());
    CHECK(answer.cursor == 1'900'000'000'000);
  }
}

TEST_CASE("ox on the server: an expired session costs one sign-in and one repetition", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  REQUIRE(server->AddFault("session-expired:contacts.new:1"));
  const auto before = server->requests();
  CHECK(client.Create(folder, Person("u1", "One")).status == AnswerStatus::kDone);
  CHECK(server->requests() == before + 3);
  CHECK(CountOn(server, folder) == 1);
}

TEST_CASE("ox on the server: a wrong password is asked once", "[ox][server]") {
  OxServer server;
  Client client(server, "anna", "wrong-secret");
  CHECK(client.FailureOf(ListingOf("31")).why == LinkState::kWrongPassword);
  CHECK(client.FailureOf(ListingOf("31")).why == LinkState::kWrongPassword);
  CHECK(server->requests() == 1);
  CHECK(client.log().find("wrong-secret") == std::string::npos);
}

TEST_CASE("ox on the server: a dropped reply is broken, and the item is there once", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  REQUIRE(server->AddFault("drop-reply:contacts.new"));
  const Failure failure = client.FailureOf(ask::Create{folder, ItemType::kContact, Person("u1", "One")});
  CHECK(failure.why == LinkState::kOffline);
  CHECK(failure.maybe_applied);
  CHECK(CountOn(server, folder) == 1);
}

TEST_CASE("ox on the server: a dropped request may have been applied, for all we know", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  REQUIRE(server->AddFault("drop-request:contacts.new"));
  CHECK(client.FailureOf(ask::Create{folder, ItemType::kContact, Person("u1", "One")}).maybe_applied);
  CHECK(CountOn(server, folder) == 0);
}

TEST_CASE("ox on the server: a reply cut in half is a failure, for reads without effect", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  REQUIRE(server->AddFault("cut:contacts.new"));
  REQUIRE(server->AddFault("cut:contacts.all"));
  CHECK(client.FailureOf(ask::Create{folder, ItemType::kContact, Person("u1", "One")}).maybe_applied);
  CHECK_FALSE(client.FailureOf(ListingOf(folder)).maybe_applied);
  CHECK(CountOn(server, folder) == 1);
}

TEST_CASE("ox on the server: throttling, maintenance and busy answers have their states", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  REQUIRE(server->AddFault("429:contacts.all:1"));
  const Failure throttled = client.FailureOf(ListingOf(folder));
  CHECK(throttled.why == LinkState::kThrottled);
  CHECK(throttled.retry_after > Millis{0});
  server->ClearFaults();
  REQUIRE(server->AddFault("503:contacts.all:1"));
  CHECK(client.FailureOf(ListingOf(folder)).why == LinkState::kServerDown);
  server->ClearFaults();
  REQUIRE(server->AddFault("try-again:contacts.all:1"));
  const Reply reply = client.Send({ListingOf(folder), ask::Folders{{ItemType::kContact}}});
  REQUIRE_FALSE(reply.failure);
  CHECK(reply.answers[0].status == AnswerStatus::kTryLater);
  CHECK(reply.answers[1].status == AnswerStatus::kDone);
}

TEST_CASE("ox on the server: a contact moves to another folder with its body's folder", "[ox][server]") {
  OxServer server;
  Client client(server);
  const std::string folder = client.Contacts();
  const Answer made = client.Create(folder, Person("u1", "One"));
  const Answer moved = client.Ask1(ask::Update{folder, "6", made.remote_id, ItemType::kContact, made.version, {}});
  CHECK(moved.status == AnswerStatus::kRefused);  // nobody may put contacts into the global address book
  CHECK(CountOn(server, folder) == 1);
}

TEST_CASE("ox on the server: the probe finds the base of a running server", "[ox][server]") {
  OxServer server;
  Network network;
  ThreadStrand strand([](const char*) { std::abort(); });
  auto transport = MakeTransport(network, strand, {});
  const std::string root = server->url().substr(0, server->url().rfind('/'));
  for (const std::string path : {"", "/usm-json", "/ajax", "/appsuite/api"}) {
    Awaited<std::string> base;
    strand.Post([&] {
      ProbeBase(root + path, *transport, [&](BaseFound got) { base.Give(got.failure ? got.failure->text : got.url); });
    });
    const std::string found = base.Take();
    CHECK((found == root + "/ajax" || found == root + "/appsuite/api"));
  }
  transport.reset();
}

TEST_CASE("ox on the server: what every ask sends keeps to the published document", "[ox][server]") {
  const auto check = Shared("tools/ox-contract-check");
  if (check.empty()) return;
  const auto folder_path = MakeTemporaryFolder("outpost-ox-record").value();
  const std::string record = (folder_path / "traffic.ndjson").string();
  {
    OxServer server({}, record);
    Client client(server);
    const std::string folder = client.Contacts();
    FieldMap fields;
    for (const Field& field : AllFields()) {
      if (field.type != ItemType::kContact || field.sync != Sync::kBoth || field.id == field::kContactFolder) continue;
      if (field.kind == FieldKind::kText) fields[field.id] = std::string("a@b.example");
      if (field.kind == FieldKind::kTexts) fields[field.id] = std::vector<std::string>{"a", "b"};
      if (field.kind == FieldKind::kDate) fields[field.id] = std::int64_t{86'400'000};
      if (field.kind == FieldKind::kInt) fields[field.id] = std::int64_t{1};
      if (field.kind == FieldKind::kBool) fields[field.id] = true;
    }
    const Answer made = client.Create(folder, fields);
    REQUIRE(made.status == AnswerStatus::kDone);
    const FieldMap cleared{{ContactField("note"), std::monostate{}}};
    const Answer changed =
        client.Ask1(ask::Update{folder, "", made.remote_id, ItemType::kContact, made.version, cleared});
    client.Ask1(ListingOf(folder));
    client.Ask1(ask::Fetch{folder, ItemType::kContact, {made.remote_id}});
    client.Ask1(ask::FolderChanges{0});
    client.Ask1(ask::Changes{folder, ItemType::kContact, 0});
    CHECK(client.Ask1(ask::Delete{folder, made.remote_id, ItemType::kContact, changed.version}).status ==
          AnswerStatus::kDone);
  }
  const std::string report = (folder_path / "report.txt").string();
  const std::string allow = OUTPOST_SOURCE "/tests/contract/allow.txt";
  const std::string command =
      "python3 " + check.string() + " --allow " + allow + " " + record + " > " + report + " 2>&1";
  const int status = std::system(command.c_str());
  INFO(ReadFile(report).value());
  CHECK(status == 0);
  std::filesystem::remove_all(folder_path);
}

}  // namespace outpost::test
