// The module tasks (http-api.md 5), and that its objects and contacts keep apart.
#include <sqlite3.h>

#include <filesystem>

#include "base/system/files.h"
#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kJune = 1'717'200'000'000;  // 2024-06-01 00:00 UTC
const std::string kAll = "1,20,200,201,202,204,209,215,220,221,300,301,302,303,309,315,316,317,401";

struct Tasks : Client {
  using Client::Client;
  std::string TaskFolder() { return Get("config/folder/tasks")["data"]; }
  Json NewTask(Json fields, const std::string& more = "&timezone=UTC") {
    if (!fields.contains("folder_id")) fields["folder_id"] = std::stoll(TaskFolder());
    return Put("tasks?action=new" + more, fields);
  }
  Json UpdateTask(std::int64_t id, std::int64_t timestamp, const Json& fields, const std::string& folder = {}) {
    return Put("tasks?action=update&timezone=UTC&id=" + std::to_string(id) +
                   "&folder=" + (folder.empty() ? TaskFolder() : folder) + "&timestamp=" + std::to_string(timestamp),
               fields);
  }
  Json Task(std::int64_t id, const std::string& zone = "UTC") {
    return Get("tasks?action=get&timezone=" + zone + "&id=" + std::to_string(id) + "&folder=" + TaskFolder())["data"];
  }
};

}  // namespace

TEST_CASE("tasks: times are read in the zone of the call, whole days in none", "[oxserver][tasks]") {
  Bench bench;
  Tasks client(bench);
  const auto made = client.NewTask({{"title", "t"}, {"alarm", kJune + 9 * kHour}, {"start_time", kJune + 8 * kHour}},
                                   "");  // Europe/Berlin, two hours ahead
  const std::int64_t id = made["data"]["id"];
  CHECK(client.Task(id)["alarm"] == kJune + 7 * kHour);
  CHECK(client.Task(id)["start_time"] == kJune + 6 * kHour);
  CHECK(client.Task(id, "Europe/Berlin")["start_time"] == kJune + 8 * kHour);
  CHECK(client.Task(id)["start_date"] == kJune);
  client.UpdateTask(id, kFar, {{"full_time", true}, {"end_time", kJune + kDay + 5 * kHour}});
  for (const char* zone : {"UTC", "Europe/Berlin"}) {
    const auto task = client.Task(id, zone);
    CHECK(task["start_time"] == kJune);
    CHECK(task["end_time"] == kJune + kDay);
    CHECK(task["end_date"] == kJune + kDay);
  }
}

TEST_CASE("tasks: the older names of the dates make whole days", "[oxserver][tasks]") {
  Bench bench;
  Tasks client(bench);
  const std::int64_t id = client.NewTask({{"start_date", kJune}, {"end_date", kJune + kDay}})["data"]["id"];
  const auto task = client.Task(id);
  CHECK(task["full_time"] == true);
  CHECK(task["start_time"] == kJune);
  CHECK(task["end_time"] == kJune + kDay);
}

TEST_CASE("tasks: what the server refuses, with its codes", "[oxserver][tasks]") {
  Bench bench;
  Tasks client(bench);
  const auto code = [&](const Json& fields) { return CodeOf(client.NewTask(fields)); };
  CHECK(code({{"status", 1}, {"percent_completed", 5}}) == "TSK-0031");
  CHECK(code({{"status", 3}, {"percent_completed", 99}}) == "TSK-0038");
  CHECK(code({{"status", 2}, {"percent_completed", 101}}) == "TSK-0030");
  CHECK(code({{"priority", 4}}) == "TSK-0057");
  CHECK(code({{"actual_duration", "two"}}) == "TSK-0055");
  CHECK(code({{"actual_costs", 10'000'000'000.0}}) == "TSK-0060");
  CHECK(code({{"start_time", 2 * kDay}, {"end_time", kDay}}) == "TSK-0040");
  CHECK(code({{"recurrence_type", 4}, {"start_time", 0}, {"interval", 2}, {"day_in_month", 1}, {"month", 0}}) ==
        "TSK-0061");
  CHECK(code(Json::parse(R"({"participants":[{"type":5}]})")) == "TSK-0044");
  CHECK(code(Json::parse(R"({"private_flag":true,"participants":[{"type":1,"id":4}]})")) == "TSK-0028");
  CHECK(code({{"folder_id", 2}, {"title", "in the public root"}}) == "TSK-0059");
  CHECK(code({{"folder_id", std::stoll(client.Folder())}}) == "TSK-0059");
  const auto long_title = client.NewTask({{"title", std::string(257, 'x')}});
  CHECK(CodeOf(long_title) == "TSK-0041");
  CHECK(long_title["category"] == 12);
  CHECK(long_title["problematic"][0]["max_size"] == 256);
  const auto made = client.NewTask({{"title", "t"}, {"uid", "u"}});
  const std::int64_t id = made["data"]["id"];
  CHECK(CodeOf(client.UpdateTask(id, kFar, {{"uid", "v"}})) == "TSK-0053");
  CHECK(CodeOf(client.UpdateTask(id, made["timestamp"].get<std::int64_t>() - 1, {{"title", "u"}})) == "TSK-0007");
  CHECK(CodeOf(client.UpdateTask(id + 1, kFar, {{"title", "u"}})) == "TSK-0019");
  const std::string text_ids = R"([{"id":")" + std::to_string(id) + R"(","folder":")" + client.TaskFolder() + "\"}]";
  CHECK(CodeOf(client.Put("tasks?action=delete&timestamp=" + std::to_string(kFar), Json::parse(text_ids))) ==
        "SVL-0012");
}

TEST_CASE("tasks: a series drops what its type has no use for, none drops all", "[oxserver][tasks]") {
  Bench bench;
  Tasks client(bench);
  const std::int64_t id = client.NewTask({{"recurrence_type", 2},
                                          {"start_time", kJune},
                                          {"full_time", true},
                                          {"interval", 1},
                                          {"days", 62},
                                          {"day_in_month", 3},
                                          {"until", kJune + 30 * kDay + kHour}})["data"]["id"];
  CHECK(client.Task(id)["days"] == 62);
  CHECK(client.Task(id)["until"] == kJune + 30 * kDay);
  CHECK_FALSE(client.Task(id).contains("day_in_month"));
  client.UpdateTask(id, kFar, {{"recurrence_type", 0}});
  for (const char* name : {"recurrence_type", "days", "interval", "until"}) CHECK_FALSE(client.Task(id).contains(name));
}

TEST_CASE("tasks: participants become users, who answer for themselves", "[oxserver][tasks]") {
  Bench bench;
  Tasks anna(bench);
  Tasks bert(bench, "bert");
  const auto made = anna.NewTask({{"title", "t"},
                                  {"participants",
                                   {{{"type", 1}, {"id", 3}},
                                    {{"type", 5}, {"mail", "bert@example.com"}},
                                    {{"type", 5}, {"mail", "c@example.org"}, {"display_name", "C"}}}}});
  const std::int64_t id = made["data"]["id"];
  CHECK(anna.Task(id)["participants"] == Json::parse(R"([{"type":1,"id":3},{"type":1,"id":4},
      {"type":5,"mail":"c@example.org","display_name":"C"}])"));
  const std::string folder = anna.TaskFolder();
  anna.Share(folder, 4, 2 | 2 << 7);
  const auto confirm = [&](Tasks& who, std::int64_t stamp, const Json& body) {
    return who.Put(
        "tasks?action=confirm&id=" + std::to_string(id) + "&folder=" + folder + "&timestamp=" + std::to_string(stamp),
        body);
  };
  CHECK(CodeOf(confirm(bert, 5, {{"confirmation", 1}})) == "TSK-0007");
  const auto answer = confirm(bert, kFar, {{"confirmation", 2}, {"confirmmessage", "no time"}});
  CHECK_FALSE(answer.contains("data"));
  CHECK(answer["timestamp"] > made["timestamp"]);
  const auto users = anna.Task(id)["users"];
  REQUIRE(users.size() == 2);
  CHECK(users[1]["confirm"] == 2);
  CHECK(users[1]["confirmmessage"] == "no time");
  anna.UpdateTask(id, kFar, Json::parse(R"({"participants":[{"type":2,"id":0}]})"));
  CHECK(anna.Task(id)["users"][1]["confirm"] == 2);  // what he said stays
  anna.UpdateTask(id, kFar, Json::parse(R"({"participants":[{"type":1,"id":3}]})"));
  CHECK(CodeOf(confirm(bert, kFar, {{"confirmation", 1}})) == "TSK-0063");
}

TEST_CASE("tasks: deltas tell deletions only when asked, and keep the timestamp they were asked from",
          "[oxserver][tasks]") {
  Bench bench;
  Tasks client(bench);
  const auto made = client.NewTask({{"title", "t"}});
  const std::int64_t stamp = made["timestamp"];
  const auto delta = [&](std::int64_t since, const std::string& more) {
    return client.Get("tasks?action=updates&columns=1,200&folder=" + client.TaskFolder() +
                      "&timestamp=" + std::to_string(since) + more);
  };
  CHECK(delta(stamp, "")["data"].empty());
  CHECK(delta(stamp, "")["timestamp"] == stamp);
  CHECK(delta(stamp - 1, "")["data"][0][1] == "t");
  const Json ref = {{"id", made["data"]["id"]}, {"folder", std::stoll(client.TaskFolder())}};
  const auto deleted = client.Put("tasks?action=delete&timestamp=" + std::to_string(stamp), Json::array({ref}));
  CHECK(deleted["data"] == Json::array());
  CHECK(deleted["timestamp"] == stamp);
  CHECK(delta(stamp, "")["data"].empty());
  CHECK(delta(stamp, "&ignore=false")["data"].size() == 1);
  CHECK(delta(stamp, "&ignore=false")["timestamp"] > stamp);
}

TEST_CASE("tasks: moving is between one's own folders, private ones stay there", "[oxserver][tasks]") {
  Bench bench;
  Tasks anna(bench);
  Tasks bert(bench, "bert");
  const auto add = [&](const std::string& parent, const char* title) {
    return std::stoll(anna.Put("folders?action=new&folder_id=" + parent,
                               {{"folder", {{"title", title}, {"module", "tasks"}}}})["data"]
                          .get<std::string>());
  };
  const auto own = add(anna.TaskFolder(), "Sub"), open = add("2", "Public");
  const std::int64_t id = anna.NewTask({{"title", "t"}, {"private_flag", true}})["data"]["id"];
  CHECK(CodeOf(anna.UpdateTask(id, kFar, {{"folder_id", open}})) == "TSK-0042");
  CHECK(CodeOf(anna.NewTask({{"private_flag", true}, {"folder_id", open}})) == "TSK-0008");
  CHECK(CodeOf(anna.UpdateTask(id, kFar, {{"folder_id", own}})).empty());
  bert.Put("folders?action=update&id=" + bert.TaskFolder() + "&timestamp=9000000000000000",
           {{"folder",
             {{"permissions",
               {{{"entity", 4}, {"group", false}, {"bits", 403710016}},
                {{"entity", 3}, {"group", false}, {"bits", 2 | 2 << 7 | 2 << 14 | 2 << 21}}}}}}});
  CHECK(CodeOf(anna.UpdateTask(id, kFar, {{"folder_id", std::stoll(bert.TaskFolder())}, {"private_flag", false}},
                               std::to_string(own))) == "TSK-0034");
}

TEST_CASE("tasks: search looks at titles and notes, in folders and in a range of ends", "[oxserver][tasks]") {
  Bench bench;
  Tasks client(bench);
  client.NewTask({{"title", "Buy milk"}, {"end_time", kJune}, {"full_time", true}});
  client.NewTask({{"title", "Call"}, {"note", "about the milk"}});
  const auto found = [&](const Json& body) {
    return client.Put("tasks?action=search&columns=200", body)["data"].size();
  };
  CHECK(found({{"pattern", "milk"}}) == 2);
  CHECK(found({{"pattern", "b*y"}}) == 1);
  CHECK(found({{"pattern", "milk"}, {"start", kJune}, {"end", kJune + kDay}}) == 1);
  CHECK(found({{"pattern", "milk"}, {"start", kJune - kDay}, {"end", kJune}}) == 0);
  CHECK(found({{"pattern", "milk"}, {"folder", client.Folder()}}) == 0);
}

TEST_CASE("tasks: a task and a contact may have one id, before and after a restart", "[oxserver][tasks]") {
  const auto folder = MakeTemporaryFolder("oxserver-tasks").value();
  LogicOptions options;
  options.state_file = (folder / "state.db").string();
  std::int64_t id = 0;
  Json task, contact;
  {
    Bench bench(options);
    Tasks client(bench);
    std::string last;
    do last = client.New({{"last_name", "c"}})["data"]["id"];
    while (std::stoll(last) < 30);
    do id = client.NewTask({{"title", "t"}, {"target_costs", 12.5}})["data"]["id"];
    while (id < std::stoll(last));
    REQUIRE(std::to_string(id) == last);
    task = client.Task(id);
    contact = client.Get("contacts?action=get&id=" + last + "&folder=" + client.Folder());
  }
  Bench bench(options);
  Tasks client(bench);
  CHECK(client.Task(id) == task);
  CHECK(task["target_costs"] == 12.5);
  CHECK(client.Get("contacts?action=get&id=" + std::to_string(id) + "&folder=" + client.Folder()) == contact);
  CHECK(client.NewTask({{"title", "next"}})["data"]["id"] == id + 1);
  client.Put("folders?action=clear", Json::array({client.TaskFolder()}));
  CHECK(client.Get("contacts?action=get&id=" + std::to_string(id) + "&folder=" + client.Folder()) == contact);
  std::filesystem::remove_all(folder);
}

TEST_CASE("state: a file of format 2, which held contacts only, is taken over", "[oxserver][tasks]") {
  const auto folder = MakeTemporaryFolder("oxserver-format").value();
  LogicOptions options;
  options.state_file = (folder / "state.db").string();
  Json all;
  {
    Bench bench(options);
    Client client(bench);
    client.New({{"last_name", "Kept"}, {"private_flag", true}});
    all = client.Get("contacts?action=all&columns=1,2,6,101,223,502&folder=" + client.Folder());
  }
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open(options.state_file.c_str(), &db) == SQLITE_OK);
  CHECK(sqlite3_exec(db,
                     "CREATE TABLE contact(id INTEGER PRIMARY KEY, folder INTEGER, created_by INTEGER, modified_by "
                     "INTEGER, created INTEGER, modified INTEGER, uid TEXT, is_private INTEGER, user INTEGER, fields "
                     "BLOB); INSERT INTO contact SELECT id,folder,created_by,modified_by,created,modified,uid,"
                     "is_private,user,fields FROM object; DROP TABLE object; PRAGMA user_version=2",
                     nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(db);
  Bench bench(options);
  Tasks client(bench);
  CHECK(client.Get("contacts?action=all&columns=1,2,6,101,223,502&folder=" + client.Folder()) == all);
  CHECK_FALSE(client.NewTask({{"title", "t"}}).contains("error"));
  std::filesystem::remove_all(folder);
}
