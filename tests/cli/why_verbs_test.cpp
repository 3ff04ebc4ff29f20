// `journal why` and `journal explain`: what happened, and which rule led there, against the real server.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <sstream>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost::test;

namespace {

constexpr const char* kSecretName = "Zq-why-canary";

// A contact "Zq-why-canary Ada" that both sides have.
struct Asked : Cli {
  std::string id, remote, folder;
  Asked() {
    StartServer();
    AddAccount();
    id = Report({"item", "new", "--folder", "Contacts", "--type", "contact", std::string("first_name=") + kSecretName,
                 "last_name=Ada"})["id"];
    Report({"sync"});
    remote = Report({"item", "get", id})["remote_id"];
    folder = elsewhere().ContactsFolder().value();
  }
  // The findings about `name`, which must mean one item.
  Json Findings(const std::string& name) const {
    const auto report = Report({"journal", "why", name});
    CheckMembers(report, {"found", "items"});
    REQUIRE(report["found"] == 1);
    CheckMembers(report["items"][0], {"id", "type", "folder", "state", "visible", "findings", "edits", "chain"});
    return report["items"][0]["findings"];
  }
  Json Finding(const std::string& name, const std::string& rule) const {
    const auto findings = Findings(name);
    for (const auto& finding : findings) {
      CheckMembers(finding, {"topic", "rule", "sentence", "next", "events", "other"});
      if (finding["rule"] == rule) return finding;
    }
    FAIL("no " << rule << " in " << findings.dump());
    return {};
  }
};

std::string Masked(std::string text) {
  text = std::regex_replace(text, std::regex("[0-9a-f]{32}"), "ID");
  return std::regex_replace(text, std::regex("[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}"), "TIME");
}

}  // namespace

TEST_CASE("why: pending, answered, changed elsewhere, in conflict, parked", "[cli][why]") {
  Asked cli;
  CHECK(cli.Findings(cli.id)[0]["rule"] == "well");
  cli.Report({"item", "set", cli.id, "company=Ours"});
  const auto unsent = cli.Finding(cli.id, "unsent");
  CHECK(unsent["topic"] == "pending");
  CHECK(unsent["sentence"].get<std::string>().find("company") != std::string::npos);
  CHECK(unsent["next"] == "outpost sync sends it");
  cli.Report({"account", "pause"});
  CHECK(cli.Finding(cli.id, "paused")["next"] == "outpost account resume");
  cli.Report({"account", "resume"});
  cli.StopServer();
  cli.Run({"sync"});
  CHECK(cli.Finding(cli.id, "link")["sentence"].get<std::string>().find("offline") != std::string::npos);
  cli.StartServer();
  cli.Report({"sync"});
  CHECK(cli.Findings(cli.id)[0]["rule"] == "well");

  REQUIRE(cli.elsewhere().UpdateContact(cli.folder, cli.remote, {{"company", "Theirs"}}));
  cli.Report({"sync"});
  const auto changed = cli.Finding(cli.id, "changed_elsewhere");
  CHECK(changed["topic"] == "different");
  REQUIRE(changed["events"].size() == 3);
  const auto log = cli.Report({"journal", "log"});
  CHECK(log[changed["events"][0].get<std::size_t>() - 1]["kind"] == "local_changed");
  CHECK(log[changed["events"][1].get<std::size_t>() - 1]["kind"] == "outcome");
  CHECK(log[changed["events"][2].get<std::size_t>() - 1]["kind"] == "remote_changed");

  REQUIRE(cli.elsewhere().UpdateContact(cli.folder, cli.remote, {{"nickname", "Theirs"}}));
  cli.Report({"item", "set", cli.id, "nickname=Ours", "department=" + std::string(1000, 'd')});
  cli.Report({"sync"});
  const auto conflict = cli.Finding(cli.id, "server_won");
  CHECK(conflict["topic"] == "conflict");
  CHECK(conflict["events"].size() == 2);
  const auto parked = cli.Finding(cli.id, "parked");
  CHECK(parked["sentence"].get<std::string>().find("department has 1000, at most") != std::string::npos);
  const auto edits = cli.Report({"journal", "why", cli.id})["items"][0]["edits"];
  std::map<std::string, std::string> fates;
  for (const auto& edit : edits) {
    CheckMembers(edit, {"seq", "time", "kind", "group", "fields", "fate", "decided"});
    fates[edit["group"]] = edit["fate"];
  }
  CHECK(fates["existence"] == "acknowledged");
  CHECK(fates["company"] == "acknowledged");
  CHECK(fates["nickname"] == "loser");
  CHECK(fates["department"] == "parked");
}

TEST_CASE("why: missing, moved and doubled, by id, server's id or name", "[cli][why]") {
  Asked cli;
  CHECK(cli.Findings(cli.remote)[0]["rule"] == "well");
  CHECK(cli.Findings("zq-WHY-canary ada")[0]["rule"] == "well");
  CHECK(cli.Findings("y-canary")[0]["rule"] == "well");
  const auto none = cli.Run({"journal", "why", "Nobody-of-that-name"});
  CHECK(none.code == 1);
  CHECK(none.errors.find("Nobody-of-that-name") == std::string::npos);
  CHECK(cli.Run({"journal", "why", std::string(32, 'f')}).code == 1);
  CHECK(cli.Run({"journal", "why"}).code == 2);

  REQUIRE(cli.elsewhere().CreateContact(cli.folder, {{"first_name", kSecretName}, {"last_name", "Ada"}}));
  cli.Report({"sync"});
  const auto twins = cli.Report({"journal", "why", std::string(kSecretName) + " Ada"});
  REQUIRE(twins["found"] == 2);
  for (const auto& item : twins["items"]) {
    REQUIRE(item["findings"].size() == 1);
    CHECK(item["findings"][0]["rule"] == "twin_both");
    CHECK(item["findings"][0]["sentence"].get<std::string>().find("sent 1 times") != std::string::npos);
    CHECK(item["findings"][0]["other"] != item["id"]);
  }

  cli.Report({"folder", "new", "Friends", "--parent", "Contacts"});
  cli.Report({"item", "move", cli.id, "--folder", "Contacts/Friends"});
  CHECK(cli.Finding(cli.id, "folder_waits")["next"].get<std::string>().find("outpost journal why ") == 0);
  cli.Report({"sync"});
  CHECK(cli.Finding(cli.id, "moved_here")["topic"] == "moved");

  cli.Report({"item", "delete", cli.id});
  CHECK(cli.Finding(cli.id, "deleted_here")["events"].size() == 1);
  cli.Report({"sync"});
  const auto gone = cli.Finding(cli.id, "deleted_here");
  CHECK(gone["events"].size() == 2);
  const std::string next = gone["next"];
  CHECK(next.find("outpost item restore " + cli.id + " --at ") == 0);
  cli.Report({"item", "restore", cli.id, "--at",
              next.substr(next.find("--at ") + 5, next.find(" brings") - next.find("--at ") - 5)});
  cli.Report({"sync"});
  CHECK(cli.Report({"item", "get", cli.id})["state"] == "synced");
  const std::string again = cli.Report({"item", "get", cli.id})["remote_id"];
  std::string friends;
  for (const auto& one : cli.Report({"folder", "list"}))
    if (one["path"] == "Contacts/Friends") friends = one["remote_id"];
  REQUIRE(cli.elsewhere().DeleteContact(friends, again));
  cli.Report({"sync"});
  CHECK(cli.Finding(cli.id, "deleted_there")["topic"] == "missing");
}

TEST_CASE("explain: the life of an item and a day, in three languages, contents hidden", "[cli][why]") {
  Asked cli;
  cli.Report({"item", "set", cli.id, "company=Ours"});
  const auto life = cli.Report({"journal", "explain", cli.id});
  REQUIRE(life.size() == 3);
  std::string expected;
  for (const auto& told : life) {
    CheckMembers(told, {"seq", "last", "count", "time", "kind", "origin", "item", "type", "key", "topic", "sentence"});
    expected += "TIME  #" + std::to_string(told["seq"].get<int>()) + "  " + Masked(told["sentence"]) + "\n";
  }
  CHECK(life[0]["key"] == "local_created");
  CHECK(life[1]["key"] == "outcome.created");
  const std::string english = Masked(cli.Run({"journal", "explain", cli.id, "--language", "en"}).output);
  CHECK(english == expected);
  CHECK(Masked(life[0]["sentence"]) == "A person made it here in folder ID, with first_name, last_name, uid.");
  CHECK(life[1]["sentence"] == "The server made it, as " + cli.remote + ".");
  CHECK(life[2]["sentence"] == "A person changed company here.");
  const std::string german = cli.Run({"journal", "explain", cli.id, "--language", "de"}).output;
  CHECK(german.find("Eine Person hat hier geändert: company.") != std::string::npos);
  CHECK(cli.Run({"journal", "explain", cli.id, "--language", "fr_CH.UTF-8"}).output.find("Une personne l'a créé ici") !=
        std::string::npos);
  CHECK(cli.Run({"journal", "explain", cli.id, "--language", "tlh"}).code == 2);
  CHECK(cli.Run({"journal", "explain"}).code == 2);
  CHECK(cli.Run({"journal", "explain", cli.id, "--day", "2026-01-01"}).code == 2);
  CHECK(cli.Run({"journal", "explain", "--day", "nonsense"}).code == 2);
  CHECK(cli.Report({"journal", "explain", "--day", "2020-01-01"}).empty());

  const std::string today = cli.Run({"journal", "explain", cli.id}).output.substr(0, 10);
  const auto day = cli.Report({"journal", "explain", "--day", today});
  const auto log = cli.Report({"journal", "log"});
  std::size_t told = 0;
  for (const auto& one : day) told += one["count"].get<std::size_t>();
  CHECK(told == log.size());
  for (const Words& verb :
       {Words{"journal", "explain", "--day", today}, {"journal", "explain", cli.id}, {"journal", "why", cli.id}}) {
    Words shown = verb;
    shown.push_back("--content");
    CHECK(cli.Run(verb).output.find(kSecretName) == std::string::npos);
    CHECK(cli.Run(shown).output.find(kSecretName) != std::string::npos);
  }
}

TEST_CASE("export: what goes out as vCards and iCalendar comes back through the server's import the same",
          "[cli][export]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  const auto contact =
      cli.Report({"item",
                  "new",
                  "--folder",
                  "Contacts",
                  "--type",
                  "contact",
                  "first_name=Ada",
                  "last_name=Lovelace; Byron",
                  "display_name=Ada, Countess",
                  "company=Analytical \\ Engine",
                  "department=Research",
                  "telephone_business1=1",
                  "telephone_business2=2",
                  "telephone_home1=3",
                  "cellular_telephone1=4",
                  "telephone_ip=5",
                  "fax_home=6",
                  "email1=ada@example.org",
                  "email2=home@example.org",
                  "email3=other@example.org",
                  "street_home=Line 1",
                  "city_home=London",
                  "country_home=UK",
                  "street_other=Else 9",
                  "city_business=Paris",
                  "birthday=1815-12-10",
                  "categories=Red,Blue",
                  "userfield01=one",
                  "room_number=12",
                  "note=first line\nsecond — a line that is much longer than seventy-five bytes, ünd folded"});
  const auto meeting =
      cli.Report({"item", "new", "--folder", "Calendar", "title=Stand-up, daily", "start_date=2026-03-23T08:00Z",
                  "end_date=2026-03-23T08:30Z", "timezone=Europe/Berlin", "location=Room 1", "recurrence_type=2",
                  "days=62", "occurrences=20", "alarm=15", "note=twice\nover"});
  cli.Report({"item", "delete", meeting["id"], "--occurrence", "2026-03-25"});
  const auto day = cli.Report({"item", "new", "--folder", "Calendar", "title=Holiday", "full_time=true",
                               "start_date=2026-05-01T00:00Z", "shown_as=4"});
  cli.Report({"sync"});
  const std::string vcf = cli.Run({"journal", "export", "--vcf", "--content", "--item", contact["id"]}).output;
  const std::string ics = cli.Run({"journal", "export", "--ics", "--content", "--folder", "Calendar"}).output;
  CHECK(vcf.find("\r\n ") != std::string::npos);
  for (std::size_t at = 0; at < vcf.size(); at = vcf.find('\n', at) + 1) CHECK(vcf.find('\n', at) - at <= 76);
  CHECK(ics.find("BEGIN:VTIMEZONE") != std::string::npos);
  CHECK(cli.Run({"journal", "export", "--vcf"}).code == 2);
  CHECK(cli.Run({"journal", "export"}).code == 2);
  CHECK(cli.Run({"journal", "export", "--csv", "--content"}).code == 2);
  const std::string csv = cli.Run({"journal", "export", "--csv", "--content", "--type", "contact"}).output;
  CHECK(csv.find("\"Lovelace; Byron\"") == std::string::npos);  // a semicolon needs no quotes
  CHECK(csv.find(",\"Ada, Countess\",") != std::string::npos);
  CHECK(csv.find("1815-12-10") != std::string::npos);
  // What a stranger writes is no line of the file, and no formula where it is opened.
  const auto stranger = cli.Report({"item", "new", "--folder", "Contacts", "last_name==1+1", "company==SUM(1)",
                                    "department=-2+cmd", "telephone_home1=+49 (89) 12-34"});
  const auto formulas =
      cli.Run({"journal", "export", "--csv", "--content", "--type", "contact", "--item", stranger["id"]}).output;
  for (const char* cell : {",\"'=1+1\",", ",\"'=SUM(1)\",", ",\"'-2+cmd\",", ",+49 (89) 12-34,"})
    CHECK(formulas.find(cell) != std::string::npos);
  const auto invited = cli.Report({"item", "new", "--folder", "Calendar", "title=Lunch", "start_date=2026-03-24T11:00Z",
                                   "end_date=2026-03-24T12:00Z",
                                   "participants=Eve <eve@x.org\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:planted>"});
  const std::string alone =
      cli.Run({"journal", "export", "--ics", "--content", "--folder", "Calendar", "--item", invited["id"]}).output;
  CHECK(alone.find("Lunch") != std::string::npos);
  CHECK(alone.find("planted") == std::string::npos);
  cli.Report({"item", "delete", stranger["id"]});
  cli.Report({"item", "delete", invited["id"]});
  const auto lines = cli.Run({"journal", "export", "--ndjson", "--folder", "Calendar"}).output;
  CHECK(lines.find("Stand-up") == std::string::npos);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);

  const auto files = cli.folder() / "out";
  std::filesystem::create_directories(files);
  std::ofstream(files / "a.vcf", std::ios::binary) << vcf;
  std::ofstream(files / "a.ics", std::ios::binary) << ics;
  outpost::test::Process server(
      cli.Call({"server", "--import", files.string(), "--user", std::string("anna:") + kPassword}));
  const auto first = server.ReadLine();
  REQUIRE(first);
  const std::string url = first->substr(std::string("listening on ").size());
  const std::string data = (cli.folder() / "second").string();
  const auto second = [&](Words words) {
    outpost::test::Command command = cli.Call({});
    command.arguments.resize(1);
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    command.arguments.insert(command.arguments.end(), {"--data", data, "--json"});
    command.environment["OUTPOST_PASSWORD"] = kPassword;
    const auto done = outpost::test::Run(command);
    INFO(done.errors);
    REQUIRE(done.code == 0);
    return Json::parse(done.output);
  };
  second({"account", "add", "--server", url, "--user", "anna"});
  second({"sync"});
  const auto same = [&](const Json& one, const std::string& folder, const Words& names) {
    const auto here = cli.Report({"item", "get", one["id"]})["fields"];
    for (const auto& item : second({"item", "list", "--folder", folder})) {
      if (item["fields"].value("uid", "") != here["uid"]) continue;
      for (const auto& name : names) {
        INFO(name);
        const auto value = [&](const Json& fields) {
          const Json found = fields.value(name, Json());
          return found == false ? Json() : found;  // a truth value that was never set
        };
        CHECK(value(item["fields"]) == value(here));
      }
      return;
    }
    FAIL("it did not arrive in " << folder);
  };
  same(contact, "Contacts",
       {"first_name",
        "last_name",
        "display_name",
        "company",
        "department",
        "telephone_business1",
        "telephone_business2",
        "telephone_home1",
        "cellular_telephone1",
        "telephone_ip",
        "fax_home",
        "email1",
        "email2",
        "email3",
        "street_home",
        "city_home",
        "country_home",
        "street_other",
        "city_business",
        "birthday",
        "categories",
        "userfield01",
        "room_number",
        "note"});
  const Words of_calendar{"title",    "start_date",       "end_date", "timezone", "location", "recurrence_type",
                          "days",     "occurrences",      "interval", "alarm",    "note",     "full_time",
                          "shown_as", "delete_exceptions"};
  same(meeting, "Calendar", of_calendar);
  same(day, "Calendar", {"title", "start_date", "end_date", "full_time", "shown_as"});
}

TEST_CASE("plan: what the next sync would do, and it does; nothing is changed by asking", "[cli][plan]") {
  Asked cli;
  cli.Report({"item", "set", cli.id, "company=Ours"});
  REQUIRE(cli.elsewhere().CreateContact(cli.folder, {{"last_name", "New"}}));
  const auto last = cli.Report({"journal", "log", "--last", "1"});
  const auto plan = cli.Report({"journal", "plan"});
  CheckMembers(plan, {"link", "problem", "local_failure", "send", "fetch", "overwrite", "remove", "send_bytes"});
  CHECK(plan["send"] == 1);
  CHECK(plan["fetch"] == 1);
  CHECK(plan["send_bytes"] == 4);
  CHECK(cli.Report({"journal", "log", "--last", "1"}) == last);
  const auto sync = cli.Report({"sync"});
  CHECK(sync["pulled"] == plan["fetch"]);
  CHECK(sync["pushed"] == plan["send"]);
}

TEST_CASE("pages: every verb and flag is in the manual and in the completions", "[cli][pages]") {
  Cli cli;
  const auto pages_of = cli.Report({"man", (cli.folder() / "man").string()});
  const std::string bash = cli.Run({"completion", "bash"}).output, zsh = cli.Run({"completion", "zsh"}).output;
  REQUIRE(pages_of["pages"].size() > 60);
  std::size_t flags = 0;
  for (const std::string page : pages_of["pages"]) {
    INFO(page);
    std::string text = outpost::ReadFile(cli.folder() / "man" / page).value();
    text.erase(std::remove(text.begin(), text.end(), '\\'), text.end());
    // What --help says is there, the page and both scripts have.
    const auto at = text.find(".B ");
    const std::string called = text.substr(at + 3, text.find('\n', at) - at - 3);
    outpost::test::Command command = cli.Call({});
    command.arguments.resize(1);
    std::istringstream words(called);
    for (std::string word; words >> word;)
      if (word != "outpost") command.arguments.push_back(word);
    command.arguments.push_back("--help");
    const auto help = outpost::test::Run(command);
    REQUIRE(help.code == 0);
    const auto begin = bash.find("next[\"" + called + "\"]=");
    REQUIRE(begin != std::string::npos);
    const std::string offered = bash.substr(begin, bash.find('\n', begin) - begin);
    CHECK(zsh.find("'" + called + "') next=(") != std::string::npos);
    const std::regex flag("(^|[ ,])(--[a-z][a-z0-9-]*)");
    std::istringstream lines(help.output);
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("  -", 0) != 0) continue;
      const std::string front = line.substr(0, 30);
      for (std::sregex_iterator one(front.begin(), front.end(), flag), end; one != end; ++one) {
        const std::string name = (*one)[2];
        INFO(name);
        CHECK(text.find(name) != std::string::npos);
        CHECK(offered.find(name) != std::string::npos);
        ++flags;
      }
    }
  }
  CHECK(flags > 200);
  CHECK(zsh.find("'outpost journal') next=(") != std::string::npos);
  CHECK(cli.Run({"completion", "fish"}).code == 2);
}
