#include <catch2/catch.hpp>

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
