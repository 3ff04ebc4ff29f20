#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

std::string IdOf(const Json& answer) {
  const Json& id = answer["data"]["id"];
  return id.is_string() ? id.get<std::string>() : id.dump();
}

}  // namespace

TEST_CASE("contacts: rows follow the columns, unknown and missing values are null", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json made =
      client.New({{"last_name", "Löwe"}, {"birthday", 86'400'000}, {"uid", "mine"}, {"private_flag", true}});
  const Json all = client.Get("contacts?action=all&columns=1,20,502,511,501,9999,223,101&folder=" + client.Folder());
  CHECK(all["data"] ==
        Json::array({Json::array({IdOf(made), client.Folder(), "Löwe", 86'400'000, nullptr, nullptr, "mine", true})}));
  CHECK(all["timestamp"] == made["timestamp"]);
}

TEST_CASE("contacts: display_name stays as sent, and is not made up", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto id = IdOf(client.New({{"first_name", "A"}, {"last_name", "B"}}));
  CHECK_FALSE(
      client.Get("contacts?action=get&id=" + id + "&folder=" + client.Folder())["data"].contains("display_name"));
}

TEST_CASE("contacts: a new one without uid gets one; the same uid twice is accepted; an update does not change it",
          "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto uid = [&](const std::string& id) {
    return client.Get("contacts?action=get&id=" + id + "&folder=" + client.Folder())["data"]["uid"];
  };
  CHECK(uid(IdOf(client.New({{"last_name", "x"}}))).get<std::string>().size() == 36);
  const auto one = IdOf(client.New({{"uid", "same"}})), two = IdOf(client.New({{"uid", "same"}}));
  CHECK(one != two);
  client.Update(one, 9'000'000'000'000'000, {{"uid", "other"}, {"last_name", "y"}});
  CHECK(uid(one) == "same");
  const Json found =
      client.Put("contacts?action=advancedSearch&columns=1", {{"filter", {"=", {{"field", "uid"}}, "same"}}})["data"];
  CHECK(found.size() == 2);
}

TEST_CASE("contacts: an older timestamp is a conflict, the right one is not", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json made = client.New({{"last_name", "x"}});
  const std::int64_t stamp = made["timestamp"];
  const Json refused = client.Update(IdOf(made), stamp - 1, {{"last_name", "y"}});
  CHECK(CodeOf(refused) == "CON-0119");
  CHECK(refused["category"] == 9);
  const Json updated = client.Update(IdOf(made), stamp, {{"last_name", "y"}});
  CHECK(updated["data"] == Json::object());
  CHECK(updated["timestamp"] > stamp);
  CHECK(CodeOf(client.Delete(stamp, {{{"id", IdOf(made)}, {"folder", client.Folder()}}})) == "CON-0119");
}

TEST_CASE("contacts: an update that changes nothing says so; null and the empty string remove", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json made = client.New({{"last_name", "x"}, {"note", "n"}, {"company", "c"}});
  CHECK(CodeOf(client.Update(IdOf(made), made["timestamp"], {{"last_name", "x"}})) == "CON-0122");
  client.Update(IdOf(made), made["timestamp"], {{"note", nullptr}, {"company", ""}});
  const Json object = client.Get("contacts?action=get&id=" + IdOf(made) + "&folder=" + client.Folder())["data"];
  CHECK_FALSE(object.contains("note"));
  CHECK_FALSE(object.contains("company"));
  CHECK(object["last_name"] == "x");
}

TEST_CASE("contacts: what is not there is CON-0125; list leaves it out", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto id = IdOf(client.New({{"last_name", "x"}}));
  CHECK(CodeOf(client.Get("contacts?action=get&id=99999&folder=" + client.Folder())) == "CON-0125");
  CHECK(CodeOf(client.Update("99999", 1, {{"note", "x"}})) == "CON-0125");
  const Json refs = {{{"id", "99999"}, {"folder", client.Folder()}},
                     {{"id", std::stoi(id)}, {"folder", client.Folder()}}};
  CHECK(client.Put("contacts?action=list&columns=1", refs)["data"] == Json::array({Json::array({id})}));
}

TEST_CASE("contacts: delete stops at the first refusal, echoes the client's timestamp and takes one object too",
          "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto a = IdOf(client.New({{"last_name", "a"}})), b = IdOf(client.New({{"last_name", "b"}})),
             c = IdOf(client.New({{"last_name", "c"}}));
  const auto ref = [&](const std::string& id) { return Json{{"id", id}, {"folder", client.Folder()}}; };
  CHECK(CodeOf(client.Delete(9'000'000'000'000'000, {ref(a), ref("99999"), ref(b)})) == "CON-0125");
  CHECK(client.Get("contacts?action=all&columns=1&folder=" + client.Folder())["data"].size() == 2);
  const Json gone = client.Delete(9'000'000'000'000'001, ref(c));
  CHECK(gone["timestamp"] == 9'000'000'000'000'001);
  CHECK(gone["data"] == Json::object());
}

TEST_CASE("updates: deletions come only with ignore=false", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json made = client.New({{"last_name", "x"}});
  client.Delete(made["timestamp"], {{{"id", IdOf(made)}, {"folder", client.Folder()}}});
  CHECK(client.Delta(0, "")["data"].empty());
  CHECK(client.Delta(0, "&ignore=deleted")["data"].empty());
  CHECK(client.Delta(0, "&ignore=false")["data"] == Json::array({IdOf(made)}));
}

TEST_CASE("updates: an empty delta answers timestamp 0, the older path the one asked for", "[oxserver]") {
  Bench bench;
  Client client(bench);
  CHECK(client.Delta(1'800'000'000'000)["timestamp"] == 0);
  LogicOptions options;
  options.older_contacts_path = true;
  Bench older(options);
  Client other(older);
  CHECK(other.Delta(1'800'000'000'000)["timestamp"] == 1'800'000'000'000);
}

TEST_CASE("updates: the older path misses a deletion before the newest change", "[oxserver]") {
  LogicOptions options;
  options.older_contacts_path = true;
  Bench bench(options);
  Client client(bench);
  const Json made = client.New({{"last_name", "x"}});
  client.Delete(made["timestamp"], {{{"id", IdOf(made)}, {"folder", client.Folder()}}});
  client.New({{"last_name", "newer"}});
  CHECK(client.Delta(0)["data"].size() == 1);
}

TEST_CASE("updates: the boundary is exclusive or inclusive as set", "[oxserver]") {
  for (const auto boundary : {Boundary::kAfter, Boundary::kFrom}) {
    LogicOptions options;
    options.boundary = boundary;
    Bench bench(options);
    Client client(bench);
    const Json made = client.New({{"last_name", "x"}});
    CHECK(client.Delta(made["timestamp"])["data"].size() == (boundary == Boundary::kFrom ? 1 : 0));
    CHECK(client.Delta(made["timestamp"].get<std::int64_t>() - 1)["data"].size() == 1);
  }
}

TEST_CASE("updates: tombstones expire", "[oxserver]") {
  LogicOptions options;
  options.tombstone_retention = std::chrono::minutes(10);
  Bench bench(options);
  Client client(bench);
  const Json made = client.New({{"last_name", "x"}});
  client.Delete(made["timestamp"], {{{"id", IdOf(made)}, {"folder", client.Folder()}}});
  bench.clock.Advance(std::chrono::minutes(9));
  CHECK(client.Delta(0)["data"].size() == 1);
  bench.clock.Advance(std::chrono::minutes(2));
  CHECK(client.Delta(0)["data"].empty());
}

TEST_CASE("stamps: strict, the same millisecond twice, a clock that steps back", "[oxserver]") {
  const auto stamps = [](StampMode mode) {
    LogicOptions options;
    options.stamps = mode;
    Bench bench(options);
    Client client(bench);
    std::vector<std::int64_t> out;
    for (int i = 0; i < 20; ++i) out.push_back(client.New({{"last_name", "x"}})["timestamp"]);
    return out;
  };
  const auto count = [](const std::vector<std::int64_t>& s, auto matches) {
    int n = 0;
    for (std::size_t i = 1; i < s.size(); ++i) n += matches(s[i - 1], s[i]) ? 1 : 0;
    return n;
  };
  CHECK(count(stamps(StampMode::kStrict), [](auto a, auto b) { return b > a; }) == 19);
  CHECK(count(stamps(StampMode::kSameTwice), [](auto a, auto b) { return a == b; }) >= 9);
  CHECK(count(stamps(StampMode::kStepsBack), [](auto a, auto b) { return b < a; }) >= 1);
}

TEST_CASE("times: pseudo-local without timezone, across summer time; UTC with it; timestamps never", "[oxserver]") {
  Bench bench;  // 14 November 2023, Europe/Berlin is UTC+1
  Client client(bench);
  const std::int64_t made = client.New({{"last_name", "x"}})["timestamp"];
  const std::string all = "contacts?action=all&columns=4,5,6&folder=" + client.Folder();
  CHECK(client.Get(all)["data"][0] == Json::array({made + 3'600'000, made + 3'600'000, made}));
  CHECK(client.Get(all + "&timezone=UTC")["data"][0] == Json::array({made, made, made}));
  CHECK(client.Get(all + "&timezone=Asia/Tokyo")["data"][0][0] == made + 9 * 3'600'000);
  bench.clock.Advance(std::chrono::hours(24 * 200));
  Client summer(bench);
  const std::int64_t later = summer.New({{"last_name", "y"}})["timestamp"];
  CHECK(summer.Get(all)["data"][1][0] == later + 2 * 3'600'000);
}

TEST_CASE("ids: strings, numbers, or both by turns", "[oxserver]") {
  for (const auto style : {IdStyle::kStrings, IdStyle::kNumbers, IdStyle::kMixed}) {
    LogicOptions options;
    options.ids = style;
    Bench bench(options);
    Client client(bench);
    int numbers = 0;
    for (int i = 0; i < 4; ++i) numbers += client.New({{"last_name", "x"}})["data"]["id"].is_number() ? 1 : 0;
    CHECK(numbers == (style == IdStyle::kStrings ? 0 : style == IdStyle::kNumbers ? 4 : 2));
    const Json rows = client.Get("contacts?action=all&columns=20&folder=" + client.Folder())["data"];
    for (const auto& row : rows) CHECK(row[0].is_string());
  }
}

TEST_CASE("values: too long names column, length and limit, of all fields at once", "[oxserver]") {
  Bench bench;
  Client client(bench);
  std::string umlauts;
  for (int i = 0; i < 129; ++i) umlauts += "ü";
  const Json refused = client.New({{"last_name", umlauts}, {"suffix", std::string(70, 's')}, {"note", "fits"}});
  CHECK(CodeOf(refused) == "CON-0154");
  CHECK(refused["category"] == 1);
  CHECK(refused["truncated"] == Json::parse("[502,504]"));
  CHECK(refused["problematic"] ==
        Json::parse(R"([{"id":502,"length":129,"max_size":128},{"id":504,"length":70,"max_size":64}])"));
  CHECK(client.New({{"last_name", umlauts.substr(2)}}).contains("data"));
  LogicOptions options;
  options.length_unit = LengthUnit::kBytes;
  Bench bytes(options);
  Client other(bytes);
  CHECK(other.New({{"last_name", umlauts.substr(2)}})["problematic"][0]["length"] == 256);
}

TEST_CASE("values: wrong types, bad addresses and unstorable characters are refused", "[oxserver]") {
  LogicOptions options;
  options.four_byte_characters = false;
  Bench bench(options);
  Client client(bench);
  CHECK(client.New({{"last_name", 5}})["problematic"] == Json::parse(R"([{"name":"last_name"}])"));
  CHECK(CodeOf(client.New({{"birthday", "soon"}})) == "CON-0157");
  CHECK(CodeOf(client.New({{"email1", "nobody"}})) == "CON-0100");
  CHECK(CodeOf(client.New({{"note", "\xF0\x9F\x98\x80"}})) == "CON-0168");
  CHECK(client.New({{"note", "漢字"}}).contains("data"));
  CHECK(CodeOf(client.New({{"distribution_list", {{{"display_name", "x"}}}}})) == "CON-0177");
}

TEST_CASE("values: a distribution list is kept and counted", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json list = {{{"display_name", "A"}, {"mail", "a@example.com"}, {"mail_field", 0}},
                     {{"id", "77"}, {"folder_id", "20"}, {"mail_field", 1}}};
  client.New({{"display_name", "all"}, {"mark_as_distributionlist", true}, {"distribution_list", list}});
  const Json row = client.Get("contacts?action=all&columns=602,594,592&folder=" + client.Folder())["data"][0];
  CHECK(row == Json::array({true, 2, list}));
}

TEST_CASE("moves: the contact appears in the new folder and is reported deleted in the old one", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const std::string target = client.Put("folders?action=new&folder_id=" + client.Folder(),
                                        {{"folder", {{"title", "T"}, {"module", "contacts"}}}})["data"];
  const Json made = client.New({{"last_name", "x"}});
  const Json moved = client.Update(IdOf(made), made["timestamp"], {{"folder_id", target}});
  CHECK(client.Delta(made["timestamp"])["data"] == Json::array({IdOf(made)}));
  CHECK(client.Delta(0, "&ignore=false", target)["data"] == Json::array({Json::array({IdOf(made), "x"})}));
  CHECK(CodeOf(client.Get("contacts?action=get&id=" + IdOf(made) + "&folder=" + client.Folder())) == "CON-0174");
  client.Update(IdOf(made), moved["timestamp"], {{"folder_id", client.Folder()}}, target);
  CHECK(client.Delta(0)["data"] == Json::array({Json::array({IdOf(made), "x"})}));
}

TEST_CASE("search: patterns, filters and sorting", "[oxserver]") {
  Bench bench;
  Client client(bench);
  for (const char* name : {"Ärger", "ärmel", "Bar"}) client.New({{"display_name", name}, {"last_name", name}});
  const auto names = [](const Json& answer) {
    std::string out;
    for (const auto& row : answer["data"]) out += row[0].get<std::string>() + ",";
    return out;
  };
  CHECK(names(client.Put("contacts?action=search&columns=500&sort=500&order=asc", {{"pattern", "ÄR*"}})) ==
        "Ärger,ärmel,");
  CHECK(names(client.Put("contacts?action=search&columns=500&sort=500&order=desc",
                         {{"pattern", "*r"}, {"folder", {std::stoi(client.Folder())}}})) == "Ärger,Bar,");
  const Json filter = {"and", {"=", {{"field", "last_name"}}, "?r*"}, {"not", {"=", {{"field", "last_name"}}, "*mel"}}};
  CHECK(names(client.Put("contacts?action=advancedSearch&columns=500", {{"filter", filter}})) == "Ärger,");
  CHECK(CodeOf(client.Put("contacts?action=advancedSearch&columns=500", {{"filter", {"~", 1}}})) == "CON-0155");
  CHECK(CodeOf(client.Get("contacts?action=all&columns=1&sort=500&folder=" + client.Folder())) == "SVL-0002");
}

TEST_CASE("address book: users in folder 6, not deletable, primary address fixed, no new entries", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json users = client.Get("contacts?action=all&folder=6&columns=1,524,500,6")["data"];
  REQUIRE(users.size() == 2);
  CHECK(users[0][1] == 3);
  const std::string me = users[0][0], other = users[1][0];
  CHECK(CodeOf(client.Delete(9'000'000'000'000'000, {{{"id", me}, {"folder", "6"}}})) == "CON-0260");
  CHECK(CodeOf(client.Update(me, 9'000'000'000'000'000, {{"email1", "x@example.com"}}, "6")) == "CON-0173");
  CHECK(CodeOf(client.Update(other, 9'000'000'000'000'000, {{"note", "x"}}, "6")) == "CON-0176");
  CHECK(client.Update(me, 9'000'000'000'000'000, {{"note", "x"}}, "6").contains("data"));
  CHECK(CodeOf(client.New({{"folder_id", "6"}, {"last_name", "x"}})) == "CON-0112");
  CHECK(client.Get("contacts?action=getuser&id=4")["data"]["user_id"] == 4);
  CHECK(client.Put("contacts?action=listuser&columns=524", {4, 3})["data"] == Json::parse("[[4],[3]]"));
}
