#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

constexpr std::int64_t kReviewer = 33025;  // sees the folder, reads all, writes all: 1, 2, 2, 0
constexpr std::int64_t kOwnOnly =
    2 | 1 << 7 | 1 << 14 | 1 << 21;  // creates, and reads, writes, deletes what is his own

Json NewFolder(Client& client, const std::string& parent, const std::string& title) {
  return client.Put("folders?action=new&folder_id=" + parent, {{"folder", {{"title", title}, {"module", "contacts"}}}});
}
Json Update(Client& client, const std::string& id, std::int64_t timestamp, const Json& folder) {
  return client.Put("folders?action=update&id=" + id + "&timestamp=" + std::to_string(timestamp), {{"folder", folder}});
}

}  // namespace

TEST_CASE("folders: the tree, the default folders, and the layout for Outlook", "[oxserver]") {
  Bench bench;
  Client client(bench);
  CHECK(client.Get("folders?action=root&columns=1,302")["data"] == Json::parse(R"([["1",5],["2",5],["3",5]])"));
  CHECK(
      client.Get("folders?action=list&parent=1&columns=300,301,308,316")["data"] ==
      Json::parse(
          R"([["Contacts","contacts",true,3],["Calendar","calendar",true,2],["Tasks","tasks",true,1],["E-Mail","mail",true,0]])"));
  CHECK(client.Get("folders?action=list&parent=1&columns=300&allowed_modules=3")["data"] ==
        Json::parse(R"([["Contacts"]])"));
  CHECK(client.Get("folders?action=list&parent=2&columns=1")["data"] == Json::parse(R"([["6"]])"));
  CHECK(client.Get("folders?action=root&tree=1&columns=1,300")["data"] == Json::parse(R"([["1","IPM-Root"]])"));
  CHECK(client.Get("folders?action=path&columns=1&id=" + client.Folder())["data"] ==
        Json::array({Json::array({client.Folder()}), Json::array({"1"})}));
  CHECK(client.Get("folders?action=get&id=" + client.Folder())["data"]["own_rights"] == 403710016);
}

TEST_CASE("folders: new, rename and move; equal names, old timestamps and default folders are refused", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json made = NewFolder(client, client.Folder(), "Friends");
  const std::string id = made["data"];
  CHECK(CodeOf(NewFolder(client, client.Folder(), "friends")) == "FLD-1014");
  CHECK(CodeOf(Update(client, id, made["timestamp"].get<std::int64_t>() - 1, {{"title", "X"}})) == "FLD-1022");
  const Json renamed = Update(client, id, made["timestamp"], {{"title", "X"}});
  CHECK(renamed["data"] == id);
  CHECK(renamed["timestamp"] > made["timestamp"]);
  CHECK(Update(client, id, kFar, {{"folder_id", "1"}})["data"] == id);
  CHECK(client.Get("folders?action=get&id=" + id)["data"]["folder_id"] == "1");
  CHECK(CodeOf(Update(client, client.Folder(), kFar, {{"title", "Y"}})) == "FLD-0064");
  CHECK(CodeOf(Update(client, client.Folder(), kFar, {{"folder_id", id}})) == "FLD-1027");
  const std::string below = NewFolder(client, id, "below")["data"];
  CHECK(CodeOf(Update(client, id, kFar, {{"folder_id", below}})) == "FLD-1013");
  CHECK(CodeOf(NewFolder(client, "3", "x")) == "FLD-1029");
  CHECK(CodeOf(client.Put("folders?action=new&folder_id=1", {{"folder", {{"title", "m"}, {"module", "mail"}}}})) ==
        "FLD-1012");
  CHECK(CodeOf(client.Put("folders?action=new&folder_id=1", {{"folder", {{"title", "m"}}}})) == "FLD-1019");
  CHECK(NewFolder(client, "1", std::string(200, 'x'))["truncated"] == Json::parse("[300]"));
  CHECK(CodeOf(client.Get("folders?action=get&id=99999")) == "FLD-0008");
  CHECK(CodeOf(client.Get("folders?action=get&id=x")) == "FLD-1025");
}

TEST_CASE("folders: delete answers what failed, with warnings that look like errors", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const std::string id = NewFolder(client, client.Folder(), "F")["data"];
  const std::string below = NewFolder(client, id, "below")["data"];
  client.New({{"folder_id", below}, {"last_name", "x"}});
  const Json answer = client.Put("folders?action=delete", {id, client.Folder()});
  CHECK(answer["data"] == Json::array({client.Folder()}));
  CHECK(answer["code"] == "FLD-1026");
  CHECK(answer["category"] == 13);
  CHECK(answer["warnings"].is_object());
  CHECK(CodeOf(client.Get("folders?action=get&id=" + below)) == "FLD-0008");
  const Json hard = client.Put("folders?action=delete&failOnError=true", Json::array({client.Folder()}));
  CHECK(hard["category"] == 3);
  CHECK_FALSE(hard.contains("data"));
  CHECK_FALSE(answer.contains("timestamp"));
}

TEST_CASE("folders: updates reports changes and deletions of the whole tree, with a monotone timestamp", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const std::string updates = "folders?action=updates&columns=1&parent=1&timestamp=";
  const std::int64_t start = client.Get(updates + "0")["timestamp"];
  CHECK(client.Get(updates + std::to_string(start))["data"].empty());
  CHECK(client.Get(updates + "1900000000000")["timestamp"] == 1'900'000'000'000);
  const std::string id = NewFolder(client, "2", "F")["data"];
  CHECK(client.Get(updates + std::to_string(start))["data"] == Json::array({Json::array({id})}));
  client.Put("folders?action=delete", Json::array({id}));
  CHECK(client.Get(updates + std::to_string(start))["data"] == Json::array({id}));
  CHECK(client.Get(updates + std::to_string(start) + "&ignore=deleted")["data"].empty());
}

TEST_CASE("rights: a shared folder has another type and parent for the grantee", "[oxserver]") {
  Bench bench;
  Client anna(bench), bert(bench, "bert");
  const std::string folder = anna.Folder();
  CHECK(CodeOf(bert.Get("folders?action=get&id=" + folder)) == "FLD-0003");
  anna.Share(folder, 4, kReviewer);
  const Json seen = bert.Get("folders?action=get&id=" + folder)["data"];
  CHECK(seen["type"] == 3);
  CHECK(seen["folder_id"] == "u:3");
  CHECK(seen["own_rights"] == kReviewer);
  CHECK(bert.Get("folders?action=list&parent=3&columns=1,300")["data"] == Json::parse(R"([["u:3","anna"]])"));
  CHECK(bert.Get("folders?action=list&parent=u:3&columns=1")["data"] == Json::array({Json::array({folder})}));
  const Json visible = bert.Get("folders?action=allVisible&content_type=contacts&columns=1")["data"];
  CHECK(visible["shared"] == Json::array({Json::array({folder})}));
  CHECK(visible["public"] == Json::parse(R"([["6"]])"));
  CHECK(anna.Get("folders?action=shares&content_type=contacts&columns=1")["data"] ==
        Json::array({Json::array({folder})}));
}

TEST_CASE("rights: own means created by the one who asks", "[oxserver]") {
  Bench bench;
  Client anna(bench), bert(bench, "bert");
  const std::string folder = anna.Folder();
  const std::string hers = anna.New({{"last_name", "hers"}})["data"]["id"];
  anna.Share(folder, 4, kOwnOnly);
  const std::string his = bert.New({{"folder_id", folder}, {"last_name", "his"}})["data"]["id"];
  const std::string all = "contacts?action=all&columns=1&folder=" + folder;
  CHECK(bert.Get(all)["data"] == Json::array({Json::array({his})}));
  CHECK(anna.Get(all)["data"].size() == 2);
  CHECK(CodeOf(bert.Get("contacts?action=get&id=" + hers + "&folder=" + folder)) == "CON-0104");
  CHECK(bert.Update(his, kFar, {{"note", "n"}}, folder).contains("data"));
  anna.Share(folder, 4, kReviewer);
  CHECK(bert.Update(hers, kFar, {{"note", "n"}}, folder).contains("data"));
  CHECK(CodeOf(bert.Delete(kFar, {{{"id", hers}, {"folder", folder}}})) == "CON-0169");
  CHECK(CodeOf(bert.New({{"folder_id", folder}, {"last_name", "x"}})) == "CON-0112");
}

TEST_CASE("rights: a private contact is hidden from the grantee and cannot be public", "[oxserver]") {
  Bench bench;
  Client anna(bench), bert(bench, "bert");
  anna.Share(anna.Folder(), 4, kReviewer);
  anna.New({{"last_name", "x"}, {"private_flag", true}});
  CHECK(bert.Get("contacts?action=all&columns=1&folder=" + anna.Folder())["data"].empty());
  const std::string open = NewFolder(anna, "2", "Public")["data"];
  CHECK(CodeOf(anna.New({{"folder_id", open}, {"private_flag", true}})) == "CON-0171");
}

TEST_CASE("rights: taken away in the middle, the folder vanishes; with a record only where so set", "[oxserver]") {
  for (const bool record : {false, true}) {
    LogicOptions options;
    options.revoke_tombstones = record;
    Bench bench(options);
    Client anna(bench), bert(bench, "bert");
    anna.Share(anna.Folder(), 4, kReviewer);
    const std::string updates = "folders?action=updates&columns=1&parent=1&timestamp=";
    const std::int64_t cursor = bert.Get(updates + "0")["timestamp"];
    anna.Share(anna.Folder(), 4, 0);
    CHECK(bert.Get(updates + std::to_string(cursor))["data"] ==
          (record ? Json::array({anna.Folder()}) : Json::array()));
    CHECK(CodeOf(bert.Get("contacts?action=all&columns=1&folder=" + anna.Folder())) == "CON-0104");
  }
}

TEST_CASE("rights: illegal bits and a list without administrator are refused", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto set = [&](std::int64_t bits) {
    return client.Put("folders?action=update&id=" + client.Folder(),
                      {{"folder", {{"permissions", {{{"entity", 3}, {"group", false}, {"bits", bits}}}}}}});
  };
  CHECK(set(403710016 + 3).contains("error"));
  CHECK(set(257).contains("error"));
  CHECK(set(403710016)["data"] == client.Folder());
}
