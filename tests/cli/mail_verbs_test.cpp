#include <catch2/catch.hpp>

#include "base/system/crypto.h"
#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost;
using namespace outpost::test;

namespace {

const std::string kSource =
    "From: Ada <ada@example.org>\r\nTo: anna@example.com\r\nSubject: Notes\r\nMessage-ID: <notes@test>\r\n"
    "Date: Fri, 10 Nov 2023 12:00:00 +0100\r\n\r\nOn the engine.\r\n";

}  // namespace

TEST_CASE("mail: sent from a file, kept as a draft, refused by name where it cannot be sent", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.Report({"sync"});
  const auto file = cli.folder() / "letter.eml";
  REQUIRE(WriteFileDurably(file, "From: anna@example.com\nTo: anna@example.com\nSubject: To me\n\nx\n"));
  const auto draft = cli.Report({"item", "draft", file.string()});
  CHECK(draft["folder"] == "E-Mail/Drafts");
  CHECK(draft["fields"]["draft"] == true);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  const auto sent = cli.Report({"item", "send", "--draft", draft["id"].get<std::string>()});
  CHECK(sent["folder"] == "E-Mail/Sent");
  CHECK(sent["state"] == "pending");
  CHECK(sent["fields"]["to_be_sent"] == true);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"item", "get", sent["id"].get<std::string>()})["state"] == "synced");
  CHECK(cli.elsewhere().ListMails("default0/INBOX").value().size() == 1);
  CHECK(cli.elsewhere().ListMails("default0/Drafts").value().empty());
  CHECK(cli.Report({"item", "copy", sent["id"].get<std::string>(), "--folder", "E-Mail/Drafts"})["state"] == "pending");
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.elsewhere().ListMails("default0/Drafts").value().size() == 1);
  CHECK(cli.Run({"item", "send"}).code == 2);
  CHECK(cli.Run({"item", "send", (cli.folder() / "none").string()}).code == 1);
  REQUIRE(WriteFileDurably(file, "Subject: from nobody\n\n"));
  CHECK(cli.Run({"item", "send", file.string()}).code == 2);
  REQUIRE(WriteFileDurably(file, "From: other@example.org\nTo: b@example.org\n\n"));
  const std::string refused = cli.Report({"item", "send", file.string()})["id"];
  cli.Report({"sync"});
  const auto parked = cli.Report({"journal", "parked"});
  REQUIRE_FALSE(parked.empty());
  CHECK(parked[0]["item"] == refused);
  CHECK(parked[0]["code"] == "MSG-0056");
}

TEST_CASE("mail: listed with its header, flagged, read byte by byte, moved to the trash", "[cli]") {
  Cli cli;
  cli.StartServer();
  REQUIRE(cli.elsewhere().ImportMail("default0/INBOX", kSource));
  cli.AddAccount();
  cli.Report({"sync"});
  const auto mails = cli.Report({"item", "list", "--folder", "E-Mail/INBOX"});
  REQUIRE(mails.size() == 1);
  CHECK(mails[0]["fields"]["subject"] == "Notes");
  CHECK(mails[0]["fields"]["from"] == Json{"Ada <ada@example.org>"});
  CHECK(mails[0]["fields"]["sent_date"] == 1'699'614'000'000);
  const std::string id = mails[0]["id"];

  CHECK(cli.Report({"item", "set", id, "source_wanted=true", "flagged=true"})["fields"]["flagged"] == true);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  const auto file = cli.folder() / "notes.eml";
  CHECK(cli.Run({"item", "source", id, "--out", file.string()}).code == 0);
  CHECK(ReadFile(file).value() == kSource);
  CHECK(cli.Run({"item", "source", id}).output == kSource);

  CHECK(cli.Run({"item", "set", id, "subject=Other"}).code == 2);  // a mail's header is the server's
  cli.Report({"item", "delete", id});
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"item", "get", id})["folder"] == "E-Mail/Trash");
  CHECK(cli.elsewhere().ListMails("default0/INBOX").value().empty());
  CHECK(cli.elsewhere().ListMails("default0/Trash").value().size() == 1);
}

TEST_CASE("mail: words of its body are found, by the index and without it, and by a search folder", "[cli]") {
  Cli cli;
  cli.StartServer();
  REQUIRE(cli.elsewhere().ImportMail("default0/INBOX", kSource));
  REQUIRE(cli.elsewhere().ImportMail("default0/INBOX",
                                     "From: Bert <bert@example.org>\r\nSubject: Engine\r\nMessage-ID: <e@test>\r\n"
                                     "Content-Type: text/html; charset=utf-8\r\n\r\n<p>Z\xC3\xBC"
                                     "rich &amp; "
                                     "\xE4\xBC\x9A\xE8\xAD\xB0\xE5\xAE\xA4\xE3\x81\xA7</p>\r\n"));
  cli.AddAccount();
  cli.Report({"sync"});
  for (const auto& mail : cli.Report({"item", "list", "--folder", "E-Mail/INBOX"}))
    cli.Report({"item", "set", mail["id"], "source_wanted=true"});
  cli.Report({"sync"});
  const auto found = [&](const std::string& words) {
    return cli.Report({"item", "list", "--folder", "E-Mail/INBOX", "--search", words}).size();
  };
  cli.Report({"folder", "search", "new", "Engines", "--type", "mail", "--search", "eng"});
  for (const bool indexed : {false, true}) {
    INFO(indexed);
    if (indexed) {
      cli.Report({"journal", "compact"});
      REQUIRE(cli.Report({"journal", "stats"})["search"].is_object());
    }
    CHECK(found("engine") == 2);
    CHECK(found("engi bert") == 1);
    CHECK(found("notes ENGINE") == 1);  // the one in the header, the other in the body
    CHECK(found("zurich") == 1);
    CHECK(found("\xE8\xAD\xB0\xE5\xAE\xA4") == 1);
    CHECK(found("urich") == 0);
    CHECK(found("zurich ada") == 0);
    CHECK(cli.Report({"folder", "search", "list"})[0]["total"] == 2);
    CHECK(cli.Report({"folder", "search", "list"})[0]["unread"] == 2);
  }
}

TEST_CASE("rules: listed, made, changed, moved, deleted offline; the notice of absence set and turned off", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.StopServer();
  CHECK(cli.Report({"rules", "list"}).empty());
  CHECK(cli.Report({"vacation", "show"})["active"] == false);
  const auto lists = cli.Report({"rules", "new", "lists", "--if", "header:List-Id exists", "--if", "size over 10",
                                 "--any", "--do", "move E-Mail/Trash", "--stop"});
  CheckMembers(lists, {"id", "position", "name", "kind", "active", "match", "conditions", "actions", "stop", "verbatim",
                       "problem", "state", "remote_id"});
  CHECK(lists["actions"] == Json{"move E-Mail/Trash"});
  CHECK(lists["match"] == "any");
  cli.Report({"rules", "new", "seen", "--do", "mark seen", "--off", "--at", "0"});
  CHECK(cli.Report({"rules", "list"})[0]["name"] == "seen");
  cli.StartServer();
  CHECK(cli.Report({"sync"})["pending"] == 0);
  auto list = cli.Report({"rules", "list"});
  REQUIRE(list.size() == 2);
  CHECK(list[0]["name"] == "seen");
  CHECK(list[0]["active"] == false);
  CHECK(list[1]["state"] == "synced");
  cli.Report({"rules", "set", "lists", "--if", "subject contains bill", "--go-on", "--name", "bills"});
  CHECK(cli.Report({"rules", "move", "bills", "0"})["position"] == 0);
  cli.Report({"rules", "delete", "seen"});
  const auto away = cli.Report({"vacation", "set", "--text", "Back on Monday", "--last", "2030-01-02"});
  CheckMembers(away, {"id", "active", "subject", "text", "days", "addresses", "sender", "first_day", "last_day",
                      "verbatim", "state"});
  CHECK(away["active"] == true);
  CHECK(away["days"] == 7);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  const Json there = Json::parse(cli.elsewhere().Do("mailfilter/v2", "list", {}).value());
  REQUIRE(there.size() == 2);
  CHECK(there[0]["flags"] == Json{"vacation"});
  CHECK(there[1]["rulename"] == "bills");
  CHECK(there[1]["actioncmds"] == Json::array({{{"id", "move"}, {"into", "default0/Trash"}}}));
  CHECK(cli.Report({"vacation", "set", "--last", "none"})["last_day"].is_null());
  CHECK(cli.Report({"vacation", "off"})["active"] == false);
  CHECK(cli.Run({"rules", "new", "bad", "--do", "move No/Where"}).code == 1);
  CHECK(cli.Run({"rules", "new", "bad", "--if", "subject has x", "--do", "keep"}).code == 2);
  CHECK(cli.Run({"rules", "new", "bad"}).code == 2);
  CHECK(cli.Run({"rules", "set", "none", "--off"}).code == 1);
  CHECK(cli.Run({"rules", "list"}).output.find("bills") != std::string::npos);
}

TEST_CASE("signatures: listed, made, changed and deleted offline", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  cli.StopServer();
  CHECK(cli.Report({"signatures", "list"}).empty());
  const auto made = cli.Report({"signatures", "new", "Work", "--content", "-- \nAnna", "--below"});
  CheckMembers(made, {"id", "name", "content", "html", "placement", "shared", "created_by", "state", "remote_id"});
  CHECK(made["content"] == "-- \nAnna");
  CHECK(made["placement"] == "below");
  CHECK(made["state"] == "pending");
  cli.StartServer();
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"signatures", "set", "Work", "--content", "<i>A.</i>", "--html", "--name", "Office"})["html"] ==
        true);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  const Json there = Json::parse(cli.elsewhere().Do("snippet", "all", {}).value());
  REQUIRE(there.size() == 1);
  CHECK(there[0]["displayname"] == "Office");
  CHECK(there[0]["content"] == "<i>A.</i>");
  CHECK(there[0]["misc"] == Json{{"insertion", "below"}, {"content-type", "text/html"}});
  const auto shown = cli.Report({"signatures", "show", "Office"});
  CHECK(shown["created_by"] == "user:3");
  CHECK(shown["state"] == "synced");
  CHECK(cli.Run({"signatures", "set", "Office"}).code == 2);
  CHECK(cli.Run({"signatures", "set", "Office", "--html", "--plain"}).code == 2);
  CHECK(cli.Run({"signatures", "show", "none"}).code == 1);
  cli.Report({"signatures", "delete", "Office"});
  CHECK(cli.Report({"signatures", "list"}).empty());
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(Json::parse(cli.elsewhere().Do("snippet", "all", {}).value()).empty());
}

TEST_CASE("propose: another time goes to who invited as a mail, once, also for one day of a series", "[cli]") {
  Cli cli;
  cli.StartServer();
  const auto sign_in = [&cli] {
    auto client = oxserver::ApiClient::SignIn([&cli](const auto& request) { return cli.server().Handle(request); },
                                              "bert", "secret");
    REQUIRE(client);
    return std::move(client).value();
  };
  auto host = sign_in();
  const std::string calendar = host->OwnFolder("calendar").value();
  const std::string people = R"([{"type":1,"id":3},{"type":1,"id":4}])";
  const auto invite = [&](const std::string& title, oxserver::FieldMap more) {
    more["title"] = title;
    more["start_date"] = "1780304400000";
    more["end_date"] = "1780308000000";
    more["timezone"] = "Europe/Berlin";
    more["participants"] = people;
    REQUIRE(host->Create("calendar", calendar, more));
  };
  invite(
      "R\xC3\xBC"
      "ckblick und Aussicht",
      {});
  invite("Daily", {{"recurrence_type", "1"}, {"interval", "1"}, {"occurrences", "9"}});
  cli.AddAccount();
  cli.StopServer();
  std::string single, series;
  for (const auto& item : cli.Report({"item", "list", "--folder", "Calendar"}))
    (item["fields"]["title"] == "Daily" ? series : single) = item["id"].get<std::string>();
  const auto mail =
      cli.Report({"item", "propose", single, "--start", "2026-06-02T10:00Z", "--message", "Sp\xC3\xA4ter?"});
  CHECK(mail["type"] == "mail");
  CHECK(mail["folder"] == "E-Mail/Sent");
  CHECK(mail["fields"]["subject"] ==
        "New time proposed: R\xC3\xBC"
        "ckblick und Aussicht");
  cli.Report({"item", "propose", series, "--occurrence", "2026-06-03", "--start", "2026-06-03T12:00Z", "--end",
              "2026-06-03T12:30Z"});
  CHECK(cli.Run({"item", "propose", series, "--start", "2026-06-03T12:00Z"}).code == 2);
  CHECK(cli.Run({"item", "propose", single, "--start", "2026-06-03T12:00Z", "--end", "2026-06-03T11:00Z"}).code == 2);
  CHECK(cli.Run({"item", "propose", single, "--start", "2026-06-03T12:00Z", "--from", "bert@example.com"}).code == 2);
  cli.StartServer();
  CHECK(cli.Report({"sync"})["pending"] == 0);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  host = sign_in();  // the server was started anew
  const auto mails = host->ListMails("default0/INBOX").value();
  std::vector<std::string> calendars;
  for (const auto& one : mails) {
    if (!one.subject.starts_with("New time proposed")) continue;
    const std::string source = host->MailSource("default0/INBOX", one.id).value();
    CHECK(source.find("method=COUNTER") != std::string::npos);
    CHECK(source.find("\nFrom: anna@example.com") != std::string::npos);
    const auto part = source.find("base64", source.find("text/calendar"));
    const auto begin = source.find("\r\n\r\n", part) + 4;
    std::string encoded = source.substr(begin, source.find("--outpost-", begin) - begin);
    std::erase_if(encoded, [](char c) { return c == '\r' || c == '\n'; });
    calendars.push_back(FromBase64(encoded).value());
  }
  REQUIRE(calendars.size() == 2);
  CHECK(calendars[0].find("METHOD:COUNTER\r\n") != std::string::npos);
  CHECK(calendars[0].find("ORGANIZER:mailto:bert@example.com") != std::string::npos);
  CHECK(calendars[0].find("DTSTART;TZID=Europe/Berlin:20260602T120000") != std::string::npos);
  CHECK(calendars[0].find("DTEND;TZID=Europe/Berlin:20260602T130000") != std::string::npos);
  CHECK(calendars[0].find("COMMENT:Sp\xC3\xA4ter?") != std::string::npos);
  CHECK(calendars[1].find("RECURRENCE-ID;TZID=Europe/Berlin:20260603T110000") != std::string::npos);
  CHECK(calendars[1].find("DTSTART;TZID=Europe/Berlin:20260603T140000") != std::string::npos);
}
