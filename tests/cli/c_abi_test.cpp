// The C ABI as its header says it; and the example, which is compiled as C, against the embedded server.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <sstream>
#include <thread>
#include <vector>

#include "base/system/files.h"
#include "engine/outpost.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

outpost_error NoError() {
  outpost_error error{};
  error.size = sizeof error;
  return error;
}

// What a call answered, as JSON; given back.
Json Taken(char* answer) {
  REQUIRE(answer != nullptr);
  Json json = Json::parse(answer);
  outpost_free(answer);
  return json;
}

// An account that never went online.
class Offline {
 public:
  Offline() {
    cli_.StartServer();
    cli_.AddAccount();
    cli_.StopServer();
    data_ = cli_.data().string();
    outpost_open_options options{};
    options.size = sizeof options;
    options.flags = OUTPOST_OFFLINE;
    options.data = data_.c_str();
    REQUIRE(outpost_open(&options, &account, nullptr) == OUTPOST_OK);
  }
  ~Offline() {
    if (account != nullptr) CHECK(outpost_close(account, nullptr) == OUTPOST_OK);
  }
  Json Make(const char* fields) {
    char* json = nullptr;
    REQUIRE(outpost_create_item(account, "Contacts", "contact", fields, &json, nullptr) == OUTPOST_OK);
    return Taken(json);
  }
  const Cli& cli() const { return cli_; }
  outpost_account* account = nullptr;

 private:
  Cli cli_;
  std::string data_;
};

}  // namespace

TEST_CASE("c abi: the example, compiled as C, plays two PCs against the embedded server", "[cabi]") {
  Cli cli;
  Process server(cli.Call({"server", "--user", "anna:" + std::string(kPassword), "--generate", "contacts=30",
                           "--option", "tombstone_retention=1"}));
  const auto line = server.ReadLine();
  REQUIRE(line);
  const std::string url = line->substr(line->find("http://"));
  const Finished done =
      Run({{std::string(OUTPOST_BIN) + "/outpost_example", url, "anna", kPassword, (cli.folder() / "pcs").string()},
           {},
           {}});
  INFO(done.output << done.errors);
  CHECK(done.code == 0);
  CHECK(done.output.find("consents: [{\"folder\":\"Contacts\"") != std::string::npos);
  CHECK(done.output.find("all as expected") != std::string::npos);
  CHECK(done.output.find(kPassword) == std::string::npos);
}

TEST_CASE("c abi: the library exports what the header declares, and nothing else", "[cabi]") {
  const Finished names =
      Run({{"/usr/bin/nm", "-D", "--defined-only", std::string(OUTPOST_BIN) + "/../lib/liboutpost.so"}, {}, {}});
  REQUIRE(names.code == 0);
  const std::string header = outpost::ReadFile(std::string(OUTPOST_SOURCE) + "/engine/outpost.h").value();
  std::size_t found = 0;
  std::istringstream lines(names.output);
  for (std::string address, kind, name; lines >> address >> kind >> name;) {
    INFO(name);
    CHECK(name.starts_with("outpost_"));
    CHECK(header.find(" " + name + "(") != std::string::npos);
    ++found;
  }
  std::size_t declared = 0;
  for (std::size_t at = 0; (at = header.find("\nOUTPOST_API", at)) != std::string::npos; ++at) ++declared;
  CHECK(found == declared);
}

TEST_CASE("c abi: what an item is told as can be given back, and null clears", "[cabi]") {
  Offline pc;
  const Json made = pc.Make(
      R"({"last_name":"Grünwald","display_name":"Grünwald","birthday":86400000,"categories":["a","b"],"private_flag":true})");
  const std::string id = made["id"];
  char* json = nullptr;
  REQUIRE(outpost_set_item(pc.account, id.c_str(), made["fields"].dump().c_str(), &json, nullptr) == OUTPOST_OK);
  CHECK(Taken(json) == made);
  REQUIRE(outpost_set_item(pc.account, id.c_str(), R"({"birthday":null,"first_name":"Ada"})", &json, nullptr) ==
          OUTPOST_OK);
  const Json changed = Taken(json);
  CHECK_FALSE(changed["fields"].contains("birthday"));
  CHECK(changed["fields"]["first_name"] == "Ada");
  REQUIRE(outpost_item_versions(pc.account, id.c_str(), &json, nullptr) == OUTPOST_OK);
  const Json versions = Taken(json);
  REQUIRE(versions.size() == 2);
  CHECK(versions[0]["item"]["fields"] == made["fields"]);
  REQUIRE(outpost_delete_item(pc.account, id.c_str(), nullptr) == OUTPOST_OK);
  CHECK(outpost_item(pc.account, id.c_str(), &json, nullptr) == OUTPOST_NOT_FOUND);
  REQUIRE(outpost_restore_item(pc.account, id.c_str(), versions[0]["seq"], &json, nullptr) == OUTPOST_OK);
  CHECK(Taken(json)["restored"] == "made again");
  REQUIRE(outpost_item(pc.account, id.c_str(), &json, nullptr) == OUTPOST_OK);
  CHECK(Taken(json)["fields"]["last_name"] == "Grünwald");
}

TEST_CASE("c abi: fields that cannot be set are refused by name, without their values", "[cabi]") {
  Offline pc;
  for (const char* fields :
       {R"({"birthday":1})", R"({"last_name":5})", R"({"categories":"a"})", R"({"private_flag":"yes"})",
        R"({"no_such_field":"Geheim"})", R"({"folder_id":"x"})", R"(["Geheim"])", "", "{", R"({"birthday":1e300})"}) {
    INFO(fields);
    outpost_error error = NoError();
    char* json = nullptr;
    CHECK(outpost_create_item(pc.account, "Contacts", nullptr, fields, &json, &error) == OUTPOST_INVALID);
    CHECK(error.code == OUTPOST_INVALID);
    CHECK(error.text[0] != 0);
    CHECK(std::string(error.text).find("Geheim") == std::string::npos);
    CHECK(json == nullptr);
  }
}

TEST_CASE("c abi: NULL and wrong sizes are errors; an error's text is cut to the caller's structure", "[cabi]") {
  Offline pc;
  outpost_error error = NoError();
  char* json = nullptr;
  CHECK(outpost_folders(nullptr, &json, &error) == OUTPOST_INVALID);
  CHECK(outpost_item(pc.account, nullptr, &json, &error) == OUTPOST_INVALID);
  CHECK(outpost_items(pc.account, nullptr, 0, 0, &json, &error) == OUTPOST_INVALID);
  CHECK(outpost_set_setting(pc.account, nullptr, "", &error) == OUTPOST_INVALID);
  CHECK(outpost_subscribe(pc.account, nullptr, nullptr, nullptr, &error) == OUTPOST_INVALID);
  CHECK(outpost_open(nullptr, nullptr, &error) == OUTPOST_INVALID);
  CHECK(outpost_make(nullptr, &json, &error) == OUTPOST_INVALID);
  CHECK(outpost_close(nullptr, &error) == OUTPOST_OK);
  CHECK(error.code == OUTPOST_OK);
  CHECK(outpost_folders(pc.account, nullptr, nullptr) == OUTPOST_OK);
  outpost_open_options options{};
  options.size = 4;
  outpost_account* opened = nullptr;
  CHECK(outpost_open(&options, &opened, &error) == OUTPOST_INVALID);
  CHECK(opened == nullptr);
  // A caller of a version whose structure is smaller.
  std::memset(&error, 'x', sizeof error);
  error.size = offsetof(outpost_error, text) + 8;
  CHECK(outpost_items(pc.account, "No such folder", 0, 0, &json, &error) == OUTPOST_NOT_FOUND);
  CHECK(error.code == OUTPOST_NOT_FOUND);
  CHECK(std::strlen(error.text) == 7);
  CHECK(error.text[8] == 'x');
  error.size = 4;
  CHECK(outpost_items(pc.account, "No such folder", 0, 0, &json, &error) == OUTPOST_NOT_FOUND);
  CHECK(json == nullptr);
}

TEST_CASE("c abi: an account is made once, opened once at a time, and reached by the program meanwhile", "[cabi]") {
  Offline pc;
  const std::string data = pc.cli().data().string();
  outpost_new_account made{};
  made.size = sizeof made;
  made.data = data.c_str();
  made.server = "https://mail.example.org";
  made.user = "bert";
  made.passphrase = "correct horse";
  char* json = nullptr;
  REQUIRE(outpost_make(&made, &json, nullptr) == OUTPOST_OK);
  CHECK(Taken(json)["name"] == "bert@mail.example.org");
  CHECK(outpost_make(&made, &json, nullptr) == OUTPOST_CONFLICT);
  REQUIRE(outpost_accounts(data.c_str(), &json, nullptr) == OUTPOST_OK);
  const Json accounts = Taken(json);
  REQUIRE(accounts.size() == 2);
  const std::string annas = accounts[0]["name"];
  outpost_open_options options{};
  options.size = sizeof options;
  options.flags = OUTPOST_OFFLINE;
  options.data = data.c_str();
  options.account = "bert@mail.example.org";
  outpost_account* second = nullptr;
  CHECK(outpost_open(&options, &second, nullptr) == OUTPOST_INVALID);
  options.passphrase = "correct horse";
  REQUIRE(outpost_open(&options, &second, nullptr) == OUTPOST_OK);
  outpost_account* twice = nullptr;
  CHECK(outpost_open(&options, &twice, nullptr) == OUTPOST_CONFLICT);
  CHECK(outpost_close(second, nullptr) == OUTPOST_OK);
  // The account that is open: a change by the program is seen here.
  const std::string id = pc.Make(R"({"last_name":"Adler"})")["id"];
  const Finished set = pc.cli().Run({"item", "set", id, "last_name=Brandt", "--account", annas});
  INFO(set.errors);
  CHECK(set.code == 0);
  REQUIRE(outpost_item(pc.account, id.c_str(), &json, nullptr) == OUTPOST_OK);
  CHECK(Taken(json)["fields"]["last_name"] == "Brandt");
}

TEST_CASE("c abi: settings are listed, set within their limits, and never by a secret's name", "[cabi]") {
  Offline pc;
  outpost_error error = NoError();
  REQUIRE(outpost_set_setting(pc.account, "page", "70", &error) == OUTPOST_OK);
  char* json = nullptr;
  REQUIRE(outpost_settings(pc.account, &json, &error) == OUTPOST_OK);
  const Json settings = Taken(json);
  const auto of_page =
      std::find_if(settings.begin(), settings.end(), [](const Json& one) { return one["name"] == "page"; });
  REQUIRE(of_page != settings.end());
  CHECK((*of_page)["value"] == "70");
  CHECK(outpost_set_setting(pc.account, "page", "0", &error) == OUTPOST_INVALID);
  CHECK(outpost_set_setting(pc.account, "resynced", "1", &error) == OUTPOST_INVALID);
  CHECK(outpost_set_setting(pc.account, "password", "Geheim", &error) == OUTPOST_INVALID);
  CHECK(std::string(error.text).find("Geheim") == std::string::npos);
  REQUIRE(outpost_status(pc.account, &json, &error) == OUTPOST_OK);
  CHECK(Taken(json)["held"] == true);
  REQUIRE(outpost_progress(pc.account, 0, 0, &json, &error) == OUTPOST_OK);
  CHECK(Taken(json)["running"] == false);
  REQUIRE(outpost_sync(pc.account, &json, &error) == OUTPOST_OK);
  CHECK(Taken(json)["link"] != "online");
}

TEST_CASE("c abi: watching goes on and off in the middle of a run, from any thread", "[cabi]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  const std::string data = cli.data().string();
  outpost_open_options options{};
  options.size = sizeof options;
  options.data = data.c_str();
  outpost_account* account = nullptr;
  REQUIRE(outpost_open(&options, &account, nullptr) == OUTPOST_OK);
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  for (int thread = 0; thread < 2; ++thread)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) refused += outpost_watch(account, (i + 1) % 2, nullptr) == OUTPOST_OK ? 0 : 1;
    });
  for (auto& thread : threads) thread.join();
  CHECK(refused == 0);
  REQUIRE(outpost_watch(account, 1, nullptr) == OUTPOST_OK);
  char* json = nullptr;
  REQUIRE(outpost_sync(account, &json, nullptr) == OUTPOST_OK);
  CHECK(Taken(json)["link"] == "online");
  CHECK(outpost_close(account, nullptr) == OUTPOST_OK);
}

TEST_CASE("c abi: of those who make one account at once, one does, and it is whole", "[cabi]") {
  Cli cli;
  const std::string data = cli.data().string();
  for (int round = 0; round < 10; ++round) {
    const std::string user = "bert" + std::to_string(round);
    std::atomic<int> made = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&] {
        outpost_new_account account{};
        account.size = sizeof account;
        account.data = data.c_str();
        account.server = "https://mail.example.org";
        account.user = user.c_str();
        char* json = nullptr;
        if (outpost_make(&account, &json, nullptr) == OUTPOST_OK) ++made;
        outpost_free(json);
      });
    for (auto& thread : threads) thread.join();
    CHECK(made == 1);
    const std::string name = user + "@mail.example.org";
    outpost_open_options options{};
    options.size = sizeof options;
    options.flags = OUTPOST_OFFLINE;
    options.data = data.c_str();
    options.account = name.c_str();
    outpost_account* account = nullptr;
    REQUIRE(outpost_open(&options, &account, nullptr) == OUTPOST_OK);
    CHECK(outpost_close(account, nullptr) == OUTPOST_OK);
  }
}

TEST_CASE("c abi: subscriptions tell each change once and end at once; a callback may call back", "[cabi]") {
  struct Heard {
    std::mutex mutex;
    std::condition_variable more;
    std::vector<Json> changes;
    outpost_account* account = nullptr;
    outpost_subscription* self = nullptr;
    std::int32_t closing = OUTPOST_OK;
    std::size_t items = 0;
  };
  Offline pc;
  Heard heard;
  heard.account = pc.account;
  const auto hear = [](void* context, const char* change) {
    auto& here = *static_cast<Heard*>(context);
    char* json = nullptr;
    outpost_items(here.account, "Contacts", 0, 0, &json, nullptr);
    const std::lock_guard lock(here.mutex);
    here.items = Json::parse(json).size();
    outpost_free(json);
    here.closing = outpost_close(here.account, nullptr);
    here.changes.push_back(Json::parse(change));
    here.more.notify_all();
  };
  REQUIRE(outpost_subscribe(pc.account, hear, &heard, &heard.self, nullptr) == OUTPOST_OK);
  std::size_t before = 0;
  {
    char* json = nullptr;
    REQUIRE(outpost_items(pc.account, "Contacts", 0, 0, &json, nullptr) == OUTPOST_OK);
    before = Taken(json).size();
  }
  const std::string id = pc.Make(R"({"last_name":"Adler"})")["id"];
  std::unique_lock lock(heard.mutex);
  REQUIRE(heard.more.wait_for(lock, std::chrono::seconds(30), [&] { return !heard.changes.empty(); }));
  CHECK(heard.changes.back()["id"] == id);
  CHECK(heard.changes.back()["what"] == "created");
  CHECK(heard.changes.back()["type"] == "contact");
  CHECK(heard.changes.back()["remote"] == false);
  CHECK(heard.items > before);
  CHECK(heard.closing == OUTPOST_INVALID);
  lock.unlock();
  REQUIRE(outpost_unsubscribe(heard.self, nullptr) == OUTPOST_OK);
  const std::size_t told = heard.changes.size();
  pc.Make(R"({"last_name":"Brandt"})");
  REQUIRE(outpost_close(pc.account, nullptr) == OUTPOST_OK);
  pc.account = nullptr;
  CHECK(heard.changes.size() == told);
}
