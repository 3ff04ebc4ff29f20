#include "tools/oxserver/state.h"

#include <filesystem>

#include "base/system/files.h"
#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

TEST_CASE("state: everything is there again after a restart, sessions are not", "[oxserver]") {
  const auto folder = MakeTemporaryFolder("oxserver-state").value();
  LogicOptions options;
  options.state_file = (folder / "state.db").string();
  Json all, made, deleted, folders, setting;
  std::string session;
  {
    Bench bench(options);
    Client client(bench);
    session = client.session;
    made = client.New({{"last_name", "Łä"}, {"birthday", 0}, {"private_flag", true}});
    const std::string other = client.New({{"last_name", "gone"}})["data"]["id"];
    client.Delete(9'000'000'000'000'000, {{{"id", other}, {"folder", client.Folder()}}});
    client.Put("folders?action=new&folder_id=2", {{"folder", {{"title", "Öffentlich"}, {"module", "contacts"}}}});
    client.Put("config/gui", {{"data", "kept"}});
    all = client.Get("contacts?action=all&columns=1,2,4,6,101,223,502,511&folder=" + client.Folder());
    deleted = client.Delta(0);
    folders = client.Get("folders?action=updates&timestamp=0&columns=1,6,20,300,305,306");
  }
  Bench bench(options);
  Client client(bench);
  CHECK(client.Get("contacts?action=all&columns=1,2,4,6,101,223,502,511&folder=" + client.Folder()) == all);
  CHECK(client.Delta(0) == deleted);
  CHECK(client.Get("folders?action=updates&timestamp=0&columns=1,6,20,300,305,306") == folders);
  CHECK(client.Get("config/gui")["data"] == "kept");
  CHECK(CodeOf(Json::parse(client.Raw("GET", "user/me?session=" + session).body)) == "SES-0203");
  CHECK(client.New({{"last_name", "next"}})["timestamp"] > made["timestamp"]);
  std::filesystem::remove_all(folder);
}

TEST_CASE("state: ids and stamps of what is gone are not given again, but by a backup", "[oxserver]") {
  const auto folder = MakeTemporaryFolder("oxserver-state").value();
  LogicOptions options;
  options.tombstone_retention = Millis{1000};
  options.state_file = (folder / "state.db").string();
  const auto backup = folder / "backup.db";
  Json last;
  {
    Bench bench(options);
    Client(bench).New({{"last_name", "kept"}});
  }
  std::filesystem::copy_file(options.state_file, backup);
  {
    Bench bench(options);
    Client client(bench);
    for (int i = 0; i < 3; ++i) last = client.New({{"last_name", "gone"}});
    for (int i = 0; i < 3; ++i) {
      const auto id = std::to_string(std::stoll(last["data"]["id"].get<std::string>()) - i);
      client.Delete(9'000'000'000'000'000, {{{"id", id}, {"folder", client.Folder()}}});
    }
    bench.clock.Advance(Millis{5000});
    client.Delta(0);  // forgets the deletions
  }
  const auto next = [&] {
    Bench bench(options);
    return std::stoll(Client(bench).New({{"last_name", "next"}})["data"]["id"].get<std::string>());
  };
  const auto highest = std::stoll(last["data"]["id"].get<std::string>());
  CHECK(next() > highest);
  std::filesystem::copy_file(backup, options.state_file, std::filesystem::copy_options::overwrite_existing);
  CHECK(next() <= highest);
  std::filesystem::remove_all(folder);
}

TEST_CASE("state: a file that is no database is refused", "[oxserver]") {
  const auto folder = MakeTemporaryFolder("oxserver-state").value();
  REQUIRE(WriteFileDurably(folder / "state.db", std::string(4096, 'x')));
  CHECK_FALSE(State::Open((folder / "state.db").string()));
  std::filesystem::remove_all(folder);
}

TEST_CASE("state: packed fields are replaced, removed and checked", "[oxserver]") {
  FieldSet fields;
  fields.Set(3, "\"a\"");
  fields.Set(200, "7");
  fields.Set(3, "\"bb\"");
  CHECK(fields.Get(3) == "\"bb\"");
  fields.Set(200, "");
  CHECK_FALSE(fields.Get(200).has_value());
  CHECK(FieldSet::IsWellFormed(fields.packed()));
  CHECK_FALSE(FieldSet::IsWellFormed(fields.packed().substr(1)));
}
