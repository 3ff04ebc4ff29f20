#include <catch2/catch.hpp>

#include "base/system/files.h"
#include "tests/cli/cli.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("attachments: attached, listed, fetched and taken away as a user does it; a list of people too", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  const std::string id = cli.Report({"item", "new", "--folder", "Contacts", "last_name=L"})["id"];
  const auto file = cli.folder() / "notes.TXT";
  const std::string bytes = "Canary of the file\0\r\n";
  REQUIRE(WriteFileDurably(file, bytes));
  const auto made = cli.Report({"item", "attach", id, file.string()});
  CheckMembers(made, {"id", "item", "remote_id", "state", "filename", "size", "type", "here"});
  CHECK(made["filename"] == "notes.TXT");
  CHECK(made["type"] == "text/plain");
  CHECK(made["state"] == "pending");
  CHECK(cli.Run({"item", "attach", id, (cli.folder() / "none").string()}).code == 1);
  CHECK(cli.Report({"sync"})["pending"] == 0);
  const auto contacts =
      cli.elsewhere().ListContacts(cli.elsewhere().ContactsFolder().value(), {"id", "number_of_attachments"});
  REQUIRE(contacts.value().size() == 1);
  CHECK(contacts.value()[0].at("number_of_attachments") == "1");

  // One from elsewhere: listed by a sync, its bytes only where they are asked for.
  const auto remote = contacts.value()[0].at("id");
  const auto folder = cli.elsewhere().ContactsFolder().value();
  REQUIRE(cli.elsewhere().Attach("contacts", folder, remote, "b.bin", "from elsewhere"));
  cli.Report({"sync"});
  auto all = cli.Report({"item", "attachments", id});
  REQUIRE(all.size() == 2);
  CHECK(all[0]["filename"] == "b.bin");
  CHECK(all[0]["here"] == false);
  CHECK(all[1]["here"] == true);
  const std::string other = all[0]["id"];
  const auto found = [&](const std::string& condition) {
    return cli.Report({"item", "list", "--folder", "Contacts", "--where", condition}).size();
  };
  CHECK(found("file(filename ~= \".txt\" and file_size < 100)") == 1);
  CHECK(found("not file(filename ~= \".txt\")") == 0);
  CHECK(found("file(filename ~= \".pdf\")") == 0);
  const auto wrong = cli.Run({"item", "list", "--folder", "Contacts", "--where", "file(last_name = \"L\")"});
  CHECK(wrong.code == 2);
  CHECK(wrong.errors.find("at character 6") != std::string::npos);
  CHECK(cli.Run({"item", "source", other}).code == 1);
  cli.Report({"item", "fetch", other});
  cli.Report({"sync"});
  CHECK(cli.Run({"item", "source", other}).output == "from elsewhere");
  CHECK(cli.Run({"item", "source", made["id"].get<std::string>()}).output == bytes);
  cli.Report({"item", "detach", made["id"].get<std::string>()});
  CHECK(cli.Report({"sync"})["pending"] == 0);
  all = cli.Report({"item", "attachments", id});
  REQUIRE(all.size() == 1);
  CHECK(cli.elsewhere().GetContact(folder, remote).value().at("number_of_attachments") == "1");
  CHECK(cli.Run({"item", "detach", id}).code == 1);
  CHECK(cli.Run({"item", "new", "--folder", "Contacts", "--type", "attachment"}).code != 0);

  const auto list = cli.Report({"item", "new", "--folder", "Contacts", "--type", "list", "display_name=Friends",
                                "distribution_list=Ada <ada@example.org>"});
  CHECK(list["type"] == "list");
  cli.Report({"sync"});
  CHECK(cli.Report({"item", "get", list["id"].get<std::string>()})["fields"]["distribution_list"] ==
        "Ada <ada@example.org>");
}

TEST_CASE("photos: set, saved and removed as a user does it", "[cli]") {
  Cli cli;
  cli.StartServer();
  cli.AddAccount();
  const auto file = cli.folder() / "face.gif";
  const std::string bytes = "GIF89a of a face";
  REQUIRE(WriteFileDurably(file, bytes));
  const std::string id = cli.Report({"item", "new", "--folder", "Contacts", "last_name=L"})["id"];
  CHECK(cli.Run({"item", "photo", id, "--save", "-"}).code == 1);
  const auto set = cli.Report({"item", "photo", id, "--set", file.string()});
  CheckMembers(set, {"id", "state", "size", "current"});
  CHECK(set["size"] == bytes.size());
  CHECK(set["state"] == "pending");
  const std::string other = cli.Report({"item", "new", "--folder", "Contacts", "image1=@" + file.string()})["id"];
  CHECK(cli.Report({"sync"})["pending"] == 0);
  for (const auto& each : {id, other}) {
    CHECK(cli.Run({"item", "photo", each, "--save", "-"}).output == bytes);
    CHECK(cli.Report({"item", "photo", each})["current"] == true);
  }
  const auto images = cli.elsewhere().ListContacts(cli.elsewhere().ContactsFolder().value(), {"number_of_images"});
  REQUIRE(images.value().size() == 2);
  CHECK(images.value()[1].at("number_of_images") == "1");
  const auto copy = cli.folder() / "copy.gif";
  CHECK(cli.Run({"item", "photo", id, "--save", copy.string()}).code == 0);
  CHECK(ReadFile(copy).value() == bytes);
  CHECK(cli.Run({"item", "photo", id, "--save", copy.string()}).code == 1);  // it is there
  CHECK(cli.Report({"item", "photo", id, "--remove"})["size"].is_null());
  cli.Report({"sync"});
  CHECK_FALSE(cli.Report({"item", "get", id})["fields"].contains("image1"));
  CHECK(cli.Run({"item", "photo", id, "--remove", "--set", file.string()}).code == 2);
}
