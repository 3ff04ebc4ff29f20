#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

struct Synced : Cli {
  Synced() {
    StartServer();
    AddAccount();
  }
  Json New(const Words& fields) {
    Words words{"item", "new", "--folder", "Contacts", "--type", "contact"};
    words.insert(words.end(), fields.begin(), fields.end());
    return Report(words);
  }
};

const std::vector<std::string> kItemMembers{"id", "folder", "type", "remote_id", "state", "fields"};

}  // namespace

TEST_CASE("item: an invitation is answered", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.Report({"sync"});
  const std::string id = cli.Report({"item", "new", "--folder", "Calendar", "title=Meet",
                                     "start_date=2026-12-01T08:00Z", "participants=user:3,user:4"})["id"];
  cli.Report({"sync"});
  const auto answered = cli.Report({"item", "answer", id, "tentative", "--message", "maybe later"});
  CHECK(answered["fields"]["confirmation"] == 3);
  CHECK(answered["state"] == "pending");
  CHECK(cli.Report({"sync"})["pending"] == 0);
  cli.Report({"sync"});
  CHECK(cli.Report({"item", "get", id})["answers"] == Json::array({"user:3 tentative maybe later", "user:4 none"}));
  CHECK(cli.Run({"item", "answer", id, "perhaps"}).code == 2);
  const std::string contact = cli.Report({"item", "new", "--folder", "Contacts", "last_name=L"})["id"];
  CHECK(cli.Run({"item", "answer", contact, "accept"}).code == 2);
}

TEST_CASE("item: made offline, changed, synced, read back, deleted", "[cli]") {
  Synced cli;
  const auto made = cli.New({"first_name=Ada", "last_name=Lovelace", "birthday=1815-12-10", "private_flag=true"});
  CheckMembers(made, kItemMembers);
  CHECK(made["folder"] == "Contacts");
  CHECK(made["type"] == "contact");
  CHECK(made["remote_id"].is_null());
  CHECK(made["state"] == "pending");
  CHECK(made["fields"]["birthday"] == -4861728000000);
  CHECK(made["fields"]["private_flag"] == true);
  CHECK(made["fields"].count("folder_id") == 0);
  const std::string id = made["id"];

  const auto changed = cli.Report({"item", "set", id, "last_name=", "company=Analytical Engines"});
  CHECK(changed["fields"].count("last_name") == 0);
  CHECK(changed["fields"]["company"] == "Analytical Engines");
  CHECK(cli.Report({"journal", "queue"}).size() == 2);
  CHECK(cli.Report({"sync"})["pending"] == 0);

  const auto synced = cli.Report({"item", "get", id});
  CHECK(synced["state"] == "synced");
  CHECK(synced["remote_id"].is_string());
  const auto there =
      cli.elsewhere().GetContact(cli.elsewhere().ContactsFolder().value(), synced["remote_id"].get<std::string>());
  REQUIRE(there);
  CHECK(there.value().count("company") == 1);
  CHECK(there.value().count("last_name") == 0);

  CHECK(cli.Report({"item", "delete", id})["deleted"] == Json::array({id}));
  CHECK(cli.Run({"item", "get", id}).code == 1);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK_FALSE(
      cli.elsewhere().GetContact(cli.elsewhere().ContactsFolder().value(), synced["remote_id"].get<std::string>()));
}

TEST_CASE("folder search: a condition over several folders is kept, listed, shown, changed and removed", "[cli]") {
  Synced cli;
  cli.Report({"folder", "new", "Friends", "--parent", "Contacts"});
  cli.New({"last_name=Lovelace", "company=Engines"});
  const auto here = [&](const char* name, const char* company) {
    cli.Report({"item", "new", "--folder", "Contacts/Friends", std::string("display_name=") + name,
                std::string("company=") + company});
  };
  here("Babbage", "Engines");
  here("Somerville", "Stars");
  const auto made =
      cli.Report({"folder", "search", "new", "Makers", "--in", "Contacts", "--below", "--where", "company = engines"});
  CheckMembers(made, {"id", "name", "type", "in", "below", "where", "total", "unread"});
  CHECK(made["type"] == "contact");
  CHECK(made["in"] == Json::array({"Contacts"}));
  CHECK(made["below"] == true);
  CHECK(made["total"] == 2);
  const auto rows =
      cli.Report({"item", "list", "--folder", "makers", "--sort", "display_name", "--columns", "company"});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["folder"] == "Contacts/Friends");
  CHECK(rows[1]["folder"] == "Contacts");
  CHECK(cli.Report({"item", "list", "--folder", made["id"], "--search", "babb"}).size() == 1);
  CHECK(cli.Run({"folder", "search", "new", "MAKERS", "--type", "contact"}).code == 1);
  CHECK(cli.Run({"folder", "search", "new", "Others"}).code == 2);  // of what?
  CHECK(cli.Run({"folder", "search", "new", "Others", "--type", "contact", "--where", "compny = x"}).code == 2);

  const auto changed = cli.Report(
      {"folder", "search", "change", "Makers", "--name", "Stars", "--where", "company = stars", "--search", "some"});
  CHECK(changed["id"] == made["id"]);
  CHECK(changed["where"] == "(company = stars) and search \"some\"");
  CHECK(changed["total"] == 1);
  CHECK(cli.Report({"folder", "search", "change", "Stars", "--flat"})["total"] == 0);
  CHECK(cli.Report({"folder", "search", "list"}).size() == 1);
  CHECK(cli.Run({"item", "list", "--folder", "Stars", "--from", "2026-12-01", "--to", "2026-12-02"}).code != 0);
  CHECK(cli.Report({"folder", "search", "delete", "Stars"})["deleted"] == Json::array({made["id"]}));
  CHECK(cli.Report({"folder", "search", "list"}).empty());
  CHECK(cli.Run({"item", "list", "--folder", "Stars"}).code == 1);
}

TEST_CASE("item: lists hold items of a folder, filtered by type and state", "[cli]") {
  Synced cli;
  cli.New({"first_name=Ada"});
  cli.Report({"sync"});
  cli.New({"first_name=Grace"});
  const auto all = cli.Report({"item", "list", "--folder", "Contacts"});
  REQUIRE(all.size() == 2);
  for (const auto& item : all) CheckMembers(item, kItemMembers);
  const auto pending = cli.Report({"item", "list", "--folder", "Contacts", "--state", "pending"});
  REQUIRE(pending.size() == 1);
  CHECK(pending[0]["fields"]["first_name"] == "Grace");
  CHECK(cli.Report({"item", "list", "--folder", "Contacts", "--type", "task"}).empty());
  CHECK(cli.Run({"item", "list", "--folder", "Nowhere"}).code == 1);
  const auto text = cli.Run({"item", "list", "--folder", "Contacts"});
  CHECK(text.output.find('\x1b') == std::string::npos);
  CHECK(text.output.substr(0, 2) == "id");
}

TEST_CASE("item: moved to another folder, named by path or by id", "[cli]") {
  Synced cli;
  const auto created = cli.elsewhere().CreateFolder(cli.elsewhere().ContactsFolder().value(), "Friends");
  REQUIRE(created);
  cli.Report({"sync"});
  const auto folders = cli.Report({"folder", "list"});
  std::string friends;
  for (const auto& folder : folders) {
    CheckMembers(folder, {"id", "path", "name", "type", "remote_id", "total", "unread", "bytes", "changed"});
    if (folder["path"] == "Contacts/Friends") friends = folder["id"];
  }
  REQUIRE_FALSE(friends.empty());
  const std::string id = cli.New({"first_name=Ada"})["id"];
  CHECK(cli.Report({"item", "move", id, "--folder", "Contacts/Friends"})["folder"] == "Contacts/Friends");
  CHECK(cli.Report({"item", "move", id, "--folder", "Contacts"})["folder"] == "Contacts");
  CHECK(cli.Report({"item", "move", id, "--folder", friends})["folder"] == "Contacts/Friends");
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.elsewhere().ListContacts(created.value(), {"first_name"}).value().size() == 1);
  CHECK(cli.elsewhere().ListContacts(cli.elsewhere().ContactsFolder().value(), {"first_name"}).value().empty());
  CHECK(cli.Report({"item", "list", "--folder", "Contacts/Friends"}).size() == 1);
}

TEST_CASE("item: values by the kind of their field, and errors that name what is wrong", "[cli]") {
  Synced cli;
  REQUIRE(outpost::WriteFileDurably(cli.folder() / "note.txt", "two\nlines"));
  const auto made = cli.New({"note=@" + (cli.folder() / "note.txt").string(), "nickname=@@home", "categories=one, two",
                             "color_label=7", "anniversary=86400000"});
  CHECK(made["fields"]["note"] == "two\nlines");
  CHECK(made["fields"]["nickname"] == "@home");
  CHECK(made["fields"]["categories"] == Json::array({"one", "two"}));
  CHECK(made["fields"]["color_label"] == 7);
  CHECK(made["fields"]["anniversary"] == 86400000);
  const std::vector<std::pair<std::string, std::string>> wrong{{"spoon=1", "spoon"},
                                                               {"first_name", "name=value"},
                                                               {"birthday=yesterday", "YYYY-MM-DD"},
                                                               {"birthday=2001-02-29", "birthday"},
                                                               {"birthday=12345", "birthday"},
                                                               {"private_flag=yes", "true or false"},
                                                               {"color_label=7x", "number"},
                                                               {"created_by=me", "server"},
                                                               {"folder_id=12", "item move"}};
  for (const auto& [field, told] : wrong) {
    INFO(field);
    const auto done = cli.Run({"item", "set", made["id"], field});
    CHECK(done.code == 2);
    CHECK(done.output.empty());
    CHECK(done.errors.find(told) != std::string::npos);
  }
  CHECK(cli.Run({"item", "set", made["id"], "note=@/no/such/file"}).code == 1);
  CHECK(cli.Run({"item", "set", std::string(32, 'f'), "note=x"}).code == 1);
  CHECK(cli.Run({"item", "new", "--folder", "Nowhere", "--type", "contact", "note=x"}).code == 1);
  CHECK(cli.Run({"item", "new", "--folder", "Contacts", "--type", "spoon"}).code == 2);
  CHECK(cli.Report({"item", "get", made["id"]}) == made);
}

TEST_CASE("item: control characters in contents do not reach a terminal as text", "[cli]") {
  Synced cli;
  const std::string id = cli.New({"first_name=A\x1b[2Jda", "note=a\nb"})["id"];
  const auto text = cli.Run({"item", "get", id});
  CHECK(text.code == 0);
  CHECK(text.output.find('\x1b') == std::string::npos);
  CHECK(text.output.find("[2Jda") != std::string::npos);
}

TEST_CASE("item: a field the server finds too long is parked, the others go out, and a retry sends it again", "[cli]") {
  Synced cli;
  const std::string id = cli.New({"first_name=Ada"})["id"];
  cli.Report({"sync"});
  cli.Report({"item", "set", id, "nickname=" + std::string(100, 'n'), "company=Engines"});
  const auto sync = cli.Report({"sync"});
  CHECK(sync["parked"] == 1);
  CHECK(cli.Report({"item", "get", id})["state"] == "parked");
  const auto parked = cli.Report({"journal", "parked"});
  REQUIRE(parked.size() == 1);
  CHECK(parked[0]["field"] == "nickname");
  CHECK(parked[0]["length"] == 100);
  CHECK(parked[0]["limit"] == 64);
  CHECK(parked[0].count("text") == 0);
  CHECK(cli.Report({"journal", "parked", "--would-now-succeed"}).empty());
  CHECK(cli.Report({"item", "get", id})["fields"]["company"] == "Engines");
  cli.Report({"item", "set", id, "nickname=short"});
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"journal", "parked"}).empty());
  CHECK(cli.Run({"sync", "--retry", id}).code == 1);  // nothing is parked any more
}

TEST_CASE("item: an appointment is what a calendar holds; a start brings its end", "[cli]") {
  Synced cli;
  const auto made =
      cli.Report({"item", "new", "--folder", "Calendar", "title=Stand-up", "start_date=2024-03-25T08:00Z",
                  "timezone=Europe/Berlin", "recurrence_type=2", "days=62", "occurrences=20", "participants=user:4"});
  CHECK(made["type"] == "appointment");
  CHECK(made["fields"]["end_date"] == 1711353600000 + 30 * 60'000);
  CHECK(made["fields"]["interval"] == 1);
  CHECK(made["fields"]["shown_as"] == 1);
  const std::string id = made["id"];
  CHECK(cli.Report({"sync"})["parked"] == 0);
  CHECK(cli.Report({"item", "get", id})["state"] == "synced");
  const auto moved = cli.Report({"item", "set", id, "start_date=2024-03-25T09:00Z", "alarm=10"});
  CHECK(moved["fields"]["end_date"] == 1711353600000 + 90 * 60'000);
  CHECK(cli.Report({"sync"})["parked"] == 0);
  const auto list = cli.Report({"item", "list", "--folder", "Calendar", "--type", "appointment"});
  REQUIRE(list.size() == 1);
  CHECK(list[0]["fields"]["alarm"] == 10);
  CHECK(list[0]["fields"]["timezone"] == "Europe/Berlin");
  CHECK(cli.Run({"item", "set", id, "users=user:4 accepted"}).code == 2);  // the server alone says who answered what
}

TEST_CASE("item: one occurrence of a series is changed, and another dropped", "[cli]") {
  Synced cli;
  const std::string series =
      cli.Report({"item", "new", "--folder", "Calendar", "title=Stand-up", "start_date=2024-03-25T08:00Z",
                  "timezone=Europe/Berlin", "recurrence_type=2", "days=62", "occurrences=20"})["id"];
  const auto one = cli.Report({"item", "set", series, "--occurrence", "2024-04-02", "title=Later"});
  CHECK(one["id"] != series);
  CHECK(one["fields"]["title"] == "Later");
  CHECK(one["fields"]["start_date"] == 1712041200000);  // nine o'clock in summer
  CHECK(one["fields"].count("recurrence_type") == 0);
  const auto again = cli.Report({"item", "set", series, "--occurrence", "2024-04-02", "location=Room"});
  CHECK(again["id"] == one["id"]);
  CHECK(cli.Report({"item", "delete", series, "--occurrence", "2024-04-03"})["changed"] == series);
  CHECK(cli.Report({"sync"})["parked"] == 0);
  CHECK(cli.Report({"item", "get", series})["fields"]["delete_exceptions"] == Json::array({"2024-04-03"}));
  CHECK(cli.Report({"item", "delete", series, "--occurrence", "2024-04-02"})["changed"] == one["id"]);
  CHECK(cli.Report({"sync"})["parked"] == 0);
  CHECK(cli.Report({"item", "get", series})["fields"]["delete_exceptions"] ==
        Json::array({"2024-04-02", "2024-04-03"}));
  CHECK(cli.Run({"item", "set", series, "--occurrence", "soon", "title=x"}).code == 2);
  const std::string single =
      cli.Report({"item", "new", "--folder", "Calendar", "title=t", "start_date=2024-03-25T08:00Z"})["id"];
  CHECK(cli.Run({"item", "set", single, "--occurrence", "2024-03-25", "title=x"}).code == 2);
  CHECK(cli.Run({"item", "answer", single, "accept", "--occurrence", "2024-03-25"}).code == 2);
  const auto said = cli.Report({"item", "answer", series, "decline", "--occurrence", "2024-04-05"});
  CHECK(said["id"] != series);
  CHECK(said["fields"]["confirmation"] == 2);
  CHECK(cli.Report({"item", "answer", series, "accept", "--occurrence", "2024-04-05"})["id"] == said["id"]);
}

TEST_CASE("item: a task is what a folder of tasks holds; fields bring what follows from them", "[cli]") {
  Synced cli;
  const auto made =
      cli.Report({"item", "new", "--folder", "Tasks", "title=Call Ada", "full_time=true", "end_time=2026-12-01T10:00Z",
                  "target_costs=12.5", "percent_completed=100", "participants=user:4,Ada <ada@example.org>"});
  CHECK(made["type"] == "task");
  CHECK(made["folder"] == "Tasks");
  CHECK(made["fields"]["end_time"] == 1796083200000);  // its midnight
  CHECK(made["fields"]["target_costs"] == 12.5);
  CHECK(made["fields"]["status"] == 3);
  const std::string id = made["id"];
  CHECK(cli.Report({"sync"})["parked"] == 0);
  CHECK(cli.Report({"item", "get", id})["fields"]["participants"] == Json::array({"user:4", "Ada <ada@example.org>"}));
  const auto local = cli.Report({"item", "set", id, "recurrence_type=4", "interval=2", "month=11", "day_in_month=1"});
  CHECK(local["fields"]["local_recurrence"] == "FREQ=YEARLY;INTERVAL=2;BYMONTH=12;BYMONTHDAY=1");
  CHECK(local["fields"].count("recurrence_type") == 0);
  CHECK(local["state"] == "synced");
  CHECK(cli.Report({"item", "list", "--type", "task"}).size() == 1);
  CHECK(cli.Run({"item", "new", "--folder", "Tasks", "--type", "contact", "first_name=Ada"}).code == 2);
  CHECK(cli.Run({"item", "set", id, "target_costs=1.234"}).code == 2);
}

TEST_CASE("folder: made offline, renamed, moved, filled, deleted; refusals name the reason", "[cli]") {
  Synced cli;
  const auto made = cli.Report({"folder", "new", "Work", "--type", "contact"});
  CheckMembers(made, {"id", "path", "name", "type", "remote_id", "total", "unread", "bytes", "changed", "state"});
  CHECK(made["path"] == "Work");
  CHECK(made["type"] == "contact");
  CHECK(made["state"] == "pending");
  CHECK(made["remote_id"].is_null());
  const std::string id = made["id"];
  CHECK(cli.Report({"folder", "create", "Team", "--parent", "Work"})["path"] == "Work/Team");
  CHECK(cli.Report({"folder", "rename", "Work/Team", "People"})["path"] == "Work/People");
  cli.Report({"item", "new", "--folder", "Work/People", "last_name=Adler"});
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"folder", "move", "Work/People", "--parent", "/"})["path"] == "People");
  CHECK(cli.Report({"sync"})["pending"] == 0);
  std::vector<std::string> there;
  for (const auto& folder : cli.elsewhere().ListFolders("1").value()) there.push_back(folder.title);
  CHECK(std::count(there.begin(), there.end(), "People") == 1);
  CHECK(std::count(there.begin(), there.end(), "Work") == 1);

  const auto full = cli.Run({"folder", "delete", "People"});
  CHECK(full.code == 2);
  CHECK(full.errors.find("holds 1 items") != std::string::npos);
  CHECK(cli.Run({"folder", "delete", "Contacts"}).errors.find("default folder") != std::string::npos);
  CHECK(cli.Run({"folder", "new", "x", "--parent", "Shared", "--type", "task"}).code == 1);
  CHECK(cli.Run({"folder", "new", "x"}).errors.find("--type") != std::string::npos);
  CHECK(cli.Report({"folder", "delete", "Work"})["deleted"] == Json::array({id}));
  CHECK(cli.Report({"folder", "delete", "People", "--contents"})["deleted"].size() == 1);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"folder", "list"}).size() == 10);
  CHECK(cli.Report({"journal", "audit"})["edits_without_outcome"] == 0);
}

TEST_CASE("folder rights: shown, granted by level and by numbers, taken away", "[cli]") {
  Synced cli;
  cli.Report({"folder", "new", "Team", "--type", "contact"});
  cli.Report({"sync"});
  const auto shown = cli.Report({"folder", "rights", "Team"});
  CheckMembers(shown, {"id", "path", "state", "own", "rights"});
  REQUIRE(shown["rights"].size() == 1);
  CheckMembers(shown["rights"][0], {"who", "name", "level", "bits", "folder", "read", "write", "delete", "admin"});
  CHECK(shown["rights"][0]["level"] == "owner");
  CHECK(shown["own"]["admin"] == true);
  const std::string me = shown["rights"][0]["who"];
  const auto granted = cli.Report({"folder", "rights", "Team", "--grant", "group:0=reviewer"});
  CHECK(granted["state"] == "pending");
  REQUIRE(granted["rights"].size() == 2);
  CHECK(granted["rights"][0]["who"] == "group:0");
  CHECK(granted["rights"][0]["level"] == "reviewer");
  CHECK(cli.Report({"sync"})["parked"] == 0);
  CHECK(cli.Report({"folder", "rights", "Team", "--grant", "group:0=1,1,0,0,0"})["rights"][0]["level"] == "custom");
  CHECK(cli.Report({"folder", "rights", "Team", "--grant", "group:0"})["rights"][0]["level"] == "none");
  CHECK(cli.Report({"folder", "rights", "Team", "--revoke", "group:0"})["rights"].size() == 1);
  CHECK(cli.Run({"folder", "rights", "Team", "--revoke", me}).code == 2);
  CHECK(cli.Run({"folder", "rights", "Team", "--grant", "group:0=boss"}).errors.find("reviewer") != std::string::npos);
}

namespace {

// Three contacts, not synced.
struct Three : Synced {
  Three() {
    New({"first_name=Ada", "display_name=Lovelace, Ada", "company=Engines", "birthday=1815-12-10",
         "private_flag=true"});
    New({"first_name=Grace", "display_name=Hopper, Grace", "company=navy", "birthday=1906-12-09", "color_label=6"});
    New({"first_name=Émile", "display_name=Zola, Émile", "note=wrote; long novels"});
  }
  std::string Names(Words more) {
    Words words{"item", "list", "--folder", "Contacts", "--columns", "first_name"};
    words.insert(words.end(), more.begin(), more.end());
    std::string names;
    for (const auto& item : Report(words))
      names += (names.empty() ? "" : " ") + item["fields"]["first_name"].get<std::string>();
    return names;
  }
  std::string Refused(Words more) {
    Words words{"item", "list", "--folder", "Contacts", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    const auto run = Run(words);
    CHECK(run.code == 2);
    CHECK(run.output.empty());
    return run.errors;
  }
};

}  // namespace

TEST_CASE("item: a table of a folder in any order, under any condition", "[cli]") {
  Three cli;
  CHECK(cli.Names({}) == "Grace Ada Émile");
  CHECK(cli.Names({"--sort", "label:desc"}) == "Émile Ada Grace");
  CHECK(cli.Names({"--sort", "company,first_name"}) == "Ada Grace Émile");
  CHECK(cli.Names({"--sort", "birthday:desc", "--limit", "1"}) == "Grace");
  CHECK(cli.Names({"--offset", "1"}) == "Ada Émile");
  CHECK(cli.Names({"--offset", "7"}).empty());
  CHECK(cli.Names({"--where", "company ~= GIN or has note"}) == "Ada Émile");
  CHECK(cli.Names({"--where", "birthday < 1900-01-01"}) == "Ada");
  CHECK(cli.Names({"--where", "company != navy and not (private_flag = true)"}) == "Émile");
  CHECK(cli.Names({"--where", "company == navy"}) == "Grace");
  CHECK(cli.Names({"--where", "company == Navy"}).empty());
  CHECK(cli.Names({"--where", "first_name ^= 'emi'"}) == "Émile");
  CHECK(cli.Names({"--where", "color_label & 2"}) == "Grace");
  CHECK(cli.Names({"--where", "size(note) > 5"}) == "Émile");
  CHECK(cli.Names({"--where", "company = ''"}) == "Émile");
  CHECK(cli.Names({"--where", "company > [first_name]"}) == "Grace Ada");
  CHECK(cli.Names({"--search", "zol nov"}) == "Émile");
  CHECK(cli.Names({"--state", "synced", "--sort", "label"}).empty());
  CHECK(cli.Names({"--state", "pending", "--type", "contact", "--limit", "2"}) == "Grace Ada");

  const auto whole = cli.Report({"item", "list", "--folder", "Contacts", "--sort", "birthday"});
  REQUIRE(whole.size() == 3);
  CheckMembers(whole[0], kItemMembers);
  CHECK(whole[0]["fields"]["company"] == "Engines");
  const auto some = cli.Report({"item", "list", "--folder", "Contacts", "--columns", "birthday,seq", "--limit", "1"});
  CheckMembers(some[0], kItemMembers);
  CheckMembers(some[0]["fields"], {"birthday", "seq"});

  const auto groups = cli.Report({"item", "list", "--folder", "Contacts", "--group", "private_flag"});
  REQUIRE(groups.size() == 2);
  CHECK(groups[0] == Json{{"group", Json::object()}, {"count", 2}, {"first", 0}});
  CHECK(groups[1] == Json{{"group", {{"private_flag", true}}}, {"count", 1}, {"first", 2}});
  const auto text = cli.Run({"item", "list", "--folder", "Contacts", "--columns", "label,birthday", "--limit", "1"});
  CHECK(text.output.find("Hopper, Grace  1906-12-09") != std::string::npos);
}

TEST_CASE("item: what a table cannot be asked is refused, with the place and what would fit", "[cli]") {
  Three cli;
  CHECK(cli.Refused({"--columns", "label,compny"}) ==
        "outpost: --columns: a contact has no column \"compny\"; the nearest are 'company', 'note', 'yomiCompany'\n");
  CHECK(cli.Refused({"--sort", "company:up"}) == "outpost: --sort: \"company:up\" ends in neither :asc nor :desc\n");
  CHECK(cli.Refused({"--sort", "image1"}) == "outpost: image1: bytes have no order\n");
  CHECK(cli.Refused({"--where", "company"}) ==
        "outpost: --where, at character 8: it ends where one of = == != < <= > >= ^= (begins with) ~= (contains) & "
        "(bits) should be\n");
  CHECK(cli.Refused({"--where", "company = x birthday"}) ==
        "outpost: --where, at character 13: \"birthday\" where \"and\", \"or\" or the end should be\n");
  CHECK(cli.Refused({"--where", "has nam"}).find("at character 5: a contact has no column \"nam\"") !=
        std::string::npos);
  CHECK(cli.Refused({"--where", "birthday < soon"}).find("at character 12: birthday: must be a date") !=
        std::string::npos);
  CHECK(cli.Refused({"--where", "birthday ~= 18"}) ==
        "outpost: --where, at character 10: birthday: is no text that could be looked into\n");
  CHECK(cli.Refused({"--where", "company = \"x"}) ==
        "outpost: --where, at character 11: a text in quotes without its end\n");
  CHECK(cli.Refused({"--where", "(has note"}) == "outpost: --where, at character 10: it ends where \")\" should be\n");
  CHECK(cli.Refused({"--where", std::string(200, '(')}).find("levels") != std::string::npos);
  CHECK(cli.Refused({"--group", "company", "--limit", "1"}).find("--group shows groups") != std::string::npos);
  const auto nowhere = cli.Run({"item", "list", "--sort", "company"});
  CHECK(nowhere.code == 2);
  CHECK(nowhere.errors == "outpost: --sort is of one folder: give --folder as well\n");
}

TEST_CASE("item: what takes place in a calendar, series day by day, in the viewer's zone", "[cli]") {
  Synced cli;
  cli.Report({"item", "new", "--folder", "Calendar", "title=Stand-up", "start_date=2026-10-20T07:00Z",
              "end_date=2026-10-20T07:15Z", "timezone=Europe/Berlin", "recurrence_type=2", "days=4"});
  const std::string trip = cli.Report({"item", "new", "--folder", "Calendar", "title=Trip", "full_time=true",
                                       "start_date=2026-10-27T00:00Z", "end_date=2026-10-28T00:00Z"})["id"];
  const auto shown = cli.Report({"item", "list", "--folder", "Calendar", "--from", "2026-10-20", "--to", "2026-10-27",
                                 "--zone", "Europe/Berlin"});
  REQUIRE(shown.size() == 3);
  auto members = kItemMembers;
  members.insert(members.end(), {"start", "end", "whole_days", "day"});
  for (const auto& row : shown) CheckMembers(row, members);
  CHECK(shown[0]["start"] == 1792479600000);  // nine in Berlin, summer
  CHECK(shown[0]["day"] == 1792454400000);
  CHECK(shown[1]["id"] == trip);
  CHECK(shown[1]["start"] == 1793055600000);  // midnight in Berlin, winter
  CHECK(shown[1]["day"].is_null());
  CHECK(shown[2]["start"] == 1793088000000);
  CHECK(shown[2]["end"] == 1793088900000);
  const auto text = cli.Run({"item", "list", "--folder", "Calendar", "--from", "2026-10-27", "--to", "2026-10-27",
                             "--zone", "Europe/Berlin"});
  CHECK(text.output.find("2026-10-27 09:00:00") != std::string::npos);

  const auto refused = [&](Words more) {
    Words words{"item", "list"};
    words.insert(words.end(), more.begin(), more.end());
    const auto run = cli.Run(words);
    CHECK(run.code == 2);
    return run.errors;
  };
  CHECK(refused({"--from", "2026-10-20", "--to", "2026-10-27"}) ==
        "outpost: --from is of one folder: give --folder as well\n");
  CHECK(refused({"--folder", "Calendar", "--from", "2026-10-20"}) ==
        "outpost: --to is missing: --from and --to go together\n");
  CHECK(refused({"--folder", "Contacts", "--from", "2026-10-20", "--to", "2026-10-27"}) ==
        "outpost: --from and --to are of a calendar; folder Contacts is none\n");
  CHECK(refused({"--folder", "Calendar", "--from", "soon", "--to", "2026-10-27"}) ==
        "outpost: --from: \"soon\" is neither YYYY-MM-DD nor YYYY-MM-DDThh:mm[:ss]Z\n");
  CHECK(refused({"--folder", "Calendar", "--from", "2026-10-20", "--to", "2026-10-27", "--zone", "Europe/Atlantis"})
            .find("--zone: no zone \"Europe/Atlantis\" is installed") != std::string::npos);
  CHECK(refused({"--folder", "Calendar", "--from", "2026-10-20", "--to", "2026-10-27", "--sort", "title"})
            .find("no other choice") != std::string::npos);
}

TEST_CASE("item: searches find the same with an index of words, behind or level, and without one", "[cli]") {
  Three cli;
  const auto search = [&](const char* text) { return cli.Names({"--search", text}); };
  CHECK(search("emi nov") == "Émile");
  CHECK(cli.Report({"journal", "stats"})["search"].is_null());
  cli.Report({"journal", "compact"});
  CHECK(cli.Report({"journal", "stats"})["search"]["behind"] == 0);
  CHECK(cli.Report({"status"})["search_behind"] == 0);
  CHECK(search("emi nov") == "Émile");
  CHECK(search("hop") == "Grace");
  CHECK(search("nobody").empty());
  cli.New({"first_name=Alan", "display_name=Turing, Alan", "note=novel machines"});
  CHECK(cli.Report({"journal", "stats"})["search"]["behind"] == 1);
  CHECK(cli.Report({"status"})["search_behind"] == 1);
  CHECK(search("nov") == "Alan Émile");
}
