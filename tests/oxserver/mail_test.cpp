#include <filesystem>
#include <set>

#include "base/system/files.h"
#include "tests/oxserver/harness.h"
#include "tests/support/shared.h"
#include "tools/oxserver/api_client.h"
#include "tools/oxserver/import.h"
#include "tools/oxserver/mime.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

const std::string kInbox = "default0/INBOX";

std::string MailText(const std::string& subject, const std::string& more = {}, const std::string& body = "Hello\r\n") {
  return "From: Anna <anna@example.com>\r\nTo: Bert <bert@example.com>\r\nSubject: " + subject + "\r\nMessage-ID: <" +
         subject + "@test>\r\nDate: Fri, 10 Nov 2023 12:00:00 +0100\r\n" + more + "\r\n" + body;
}

struct Mailer : Client {
  using Client::Client;
  HttpResponse Page(const std::string& method, const std::string& target, const std::string& body = {},
                    const std::string& type = {}) {
    return Raw(method, target + "&session=" + session, body, type);
  }
  Json Import(const std::string& bytes, const std::string& folder = kInbox, const std::string& more = "&force=true") {
    const auto page = Page(
        "POST", "mail?action=import&folder=" + folder + more,
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.eml\"\r\n\r\n" + bytes + "\r\n--x--\r\n",
        "multipart/form-data; boundary=x");
    const auto start = page.body.find("callback_import(");
    REQUIRE(start != std::string::npos);
    const auto end = page.body.rfind(")</script>");
    return Json::parse(page.body.substr(start + 16, end - start - 16));
  }
  std::string Put1(const std::string& subject) { return Import(MailText(subject))["data"][0]["id"]; }
  Json Send(const std::string& bytes, const std::string& more = {}) {
    return Json::parse(Page("PUT", "mail?action=new" + more, bytes, "text/plain").body);
  }
  Json Rows(const std::string& folder, const std::string& columns, const std::string& more = "&sort=600&order=asc") {
    return Get("mail?action=all&folder=" + folder + "&columns=" + columns + "&timezone=UTC" + more)["data"];
  }
  Json Change(const std::string& id, const Json& body, const std::string& folder = kInbox) {
    return Put("mail?action=update&folder=" + folder + "&id=" + id, body);
  }
  Json Examine(const std::string& folder = kInbox) { return Get("mail?action=examine&folder=" + folder)["data"]; }
  Json Erase(const std::string& id, const std::string& folder = kInbox, const std::string& more = {}) {
    return Put("mail?action=delete" + more, Json::array({{{"id", id}, {"folder", folder}}}));
  }
};

}  // namespace

TEST_CASE("mail: headers are decoded, and a broken mail is read as far as it goes", "[oxserver][mail]") {
  const auto facts = ReadMailFacts(
      "From: =?utf-8?q?J=C3=BCrgen?= <j@x.de>\r\nTo: undisclosed: a@b.c, D <d@e.f>;\r\nCc: g@h.i\r\n"
      "Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\nX-Priority: 2 (High)\r\nX-A: one\r\n  two\r\n\r\nBody");
  CHECK(facts.subject == "Grüße");
  REQUIRE(facts.from.size() == 1);
  CHECK(facts.from[0].name == "Jürgen");
  REQUIRE(facts.to.size() == 2);
  CHECK(facts.to[1].mail == "d@e.f");
  CHECK(facts.cc[0].name.empty());
  CHECK(facts.priority == 2);
  CHECK_FALSE(facts.sent);
  CHECK(facts.Header("x-a") == std::string_view("one  two"));
  CHECK(facts.content_type == "text/plain");
  CHECK(ReadMailFacts("").headers.empty());
  CHECK(ReadMailFacts(std::string("\x00\xff\xfe", 3)).subject.empty());
  const auto parts = ReadMailParts(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n"
      "\xe4\r\n--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; filename=f.bin\r\n"
      "Content-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n");
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].content == "ä");
  CHECK(parts[1].content == std::string("\x00\x01\x02", 3));
  CHECK(parts[1].filename == "f.bin");
  CHECK(parts[1].id == "2");
  CHECK(WithoutBcc("A: b\nBcc: x,\n y\nC: d\n\nBcc: body\n") == "A: b\nC: d\n\nBcc: body\n");
}

TEST_CASE("mail: special folders have paths for ids and counts; the root holds no mails", "[oxserver][mail]") {
  Bench bench;
  Mailer client(bench), bert(bench, "bert");
  const Json all = client.Get("folders?action=allVisible&content_type=mail&columns=1,20,6,302,309,311,316");
  CHECK(all["data"]["private"] == Json::parse(R"([["default0","1",null,7,null,null,0],
      ["default0/INBOX","default0",null,7,0,0,7],["default0/Drafts","default0",null,7,0,0,9],
      ["default0/Sent","default0",null,7,0,0,10],["default0/Spam","default0",null,7,0,0,11],
      ["default0/Trash","default0",null,7,0,0,12]])"));
  CHECK_FALSE(all["data"].contains("shared"));
  client.Put1("one");
  const Json inbox = client.Get("folders?action=get&id=" + kInbox)["data"];
  CHECK(inbox["total"] == 1);
  CHECK(inbox["unread"] == 1);
  CHECK(inbox["module"] == "mail");
  CHECK_FALSE(inbox.contains("last_modified_utc"));
  CHECK(bert.Get("folders?action=get&id=" + kInbox)["data"]["total"] == 0);  // everybody has his own
  CHECK(CodeOf(client.Get("mail?action=examine&folder=default0")) == "IMAP-2022");
  CHECK(CodeOf(client.Get("mail?action=examine&folder=default0/No")) == "IMAP-1002");
  CHECK(CodeOf(client.Get("folders?action=get&id=default0/No")) == "IMAP-1002");
  CHECK(CodeOf(client.Get("mail?action=all&columns=600&folder=" + client.Folder())) == "IMAP-1002");
  CHECK(client.Get("config/mail/folder/trash")["data"] == "default0/Trash");
  const Json delta = client.Get("folders?action=updates&timestamp=0&columns=1");
  CHECK(delta.dump().find("default0") == std::string::npos);
  CHECK(client.Get("folders?action=updates&timestamp=0&columns=1&mail=1").dump().find(kInbox) != std::string::npos);
  CHECK(client.Get("folders?action=path&columns=1&id=" + kInbox)["data"] ==
        Json::parse(R"([["default0/INBOX"],["default0"],["1"]])"));
}

TEST_CASE("mail: folders made, renamed and deleted: ids follow the path, theirs and of what is below",
          "[oxserver][mail]") {
  Bench bench;
  Mailer client(bench);
  const auto make = [&](const std::string& parent, const std::string& title, const std::string& module = "mail") {
    return client.Put("folders?action=new&folder_id=" + parent, {{"folder", {{"title", title}, {"module", module}}}});
  };
  const auto rename = [&](const std::string& id, const Json& fields) {
    return client.Put("folders?action=update&id=" + id, {{"folder", fields}});
  };
  CHECK(make("default0", "Work")["data"] == "default0/Work");
  CHECK(make("default0/Work", "Deep")["data"] == "default0/Work/Deep");
  CHECK(CodeOf(make("default0", "work")) == "FLD-1014");
  CHECK(CodeOf(make("default0", "a/b")) == "IMAP-2013");
  CHECK(CodeOf(make("default0", "c", "contacts")) == "FLD-1012");
  const std::string id = client.Import(MailText("deep"), "default0/Work/Deep")["data"][0]["id"];
  CHECK(rename("default0/Work", {{"title", "Job"}})["data"] == "default0/Job");
  CHECK(client.Rows("default0/Job/Deep", "600,601,607") == Json::array({{id, "default0/Job/Deep", "deep"}}));
  CHECK(CodeOf(client.Get("mail?action=all&columns=600&folder=default0/Work/Deep")) == "IMAP-1002");
  CHECK(CodeOf(rename(kInbox, {{"title", "In"}})) == "FLD-0064");
  CHECK(rename("default0/Job/Deep", {{"folder_id", kInbox}})["data"] == kInbox + "/Deep");
  CHECK(client.Put("folders?action=delete", Json::array({kInbox + "/Deep", kInbox}))["data"] ==
        Json::array({kInbox}));  // a special folder stays
  CHECK(client.Rows("default0/Trash/Deep", "607") == Json::array({{"deep"}}));
  CHECK(client.Put("folders?action=delete&hardDelete=true", Json::array({"default0/Job"}))["data"] == Json::array());
  CHECK(CodeOf(client.Get("folders?action=get&id=default0/Trash/Job")) == "IMAP-1002");
  client.Put("folders?action=delete", Json::array({"default0/Trash/Deep"}));
  CHECK(CodeOf(client.Get("folders?action=get&id=default0/Trash/Deep")) == "IMAP-1002");
}

TEST_CASE("mail: rows, sorting, ranges and headers as columns", "[oxserver][mail]") {
  Bench bench;
  Mailer client(bench);
  client.Put1("b");
  client.Import(MailText("a", "X-Own: yes\r\nCc: c@x.y\r\nDisposition-Notification-To: d@x.y\r\n"));
  CHECK(client.Rows(kInbox, "600,601,602,603,604,605,607,609,610,611,612,613,614,102,X-Own", "&sort=607&order=asc") ==
        Json::parse(R"([["2","default0/INBOX",false,[["Anna","anna@example.com"]],[["Bert","bert@example.com"]],
            [[null,"c@x.y"]],"a",1699614000000,1699614000000,0,0,"d@x.y",3,0,"yes"],
            ["1","default0/INBOX",false,[["Anna","anna@example.com"]],[["Bert","bert@example.com"]],[],"b",
            1699614000000,1699614000000,0,0,null,3,0,null]])"));
  CHECK(client.Rows(kInbox, "600", "&sort=600&order=desc&left_hand_limit=1&right_hand_limit=2") ==
        Json::array({Json::array({"1"})}));
  CHECK(CodeOf(client.Get("mail?action=all&columns=600&sort=600&folder=" + kInbox)) == "SVL-0002");
  CHECK(client.Get("mail?action=all&columns=610&folder=" + kInbox)["data"][0][0] == 1699617600000);  // Berlin
  const Json listed = client.Put("mail?action=list&columns=600&headers=x-own",
                                 Json::array({{{"id", "2"}, {"folder", kInbox}}, {{"id", "9"}, {"folder", kInbox}}}));
  CHECK(listed["data"] == Json::array({Json::array({"2", "yes"})}));
  CHECK(client.Get("mail?action=updates&columns=600&folder=" + kInbox)["data"] == Json::array());
  CHECK(client.Get("mail?action=count&folder=" + kInbox)["data"] == 2);
}

TEST_CASE("mail: sources come back byte by byte as a file; get marks as seen unless told", "[oxserver][mail]") {
  Bench bench;
  Mailer client(bench);
  const std::string bytes = MailText("raw", "X-A:  odd \r\n\tfolded\r\n", std::string("\xe4\xff\r\n.\r\nx\x01", 9));
  const std::string id = client.Import(bytes)["data"][0]["id"];
  const std::string at = "&folder=" + kInbox + "&id=" + id;
  CHECK(client.Page("GET", "mail?action=get&src=1&save=1&unseen=true" + at).body == bytes);
  CHECK(client.Examine()["unread"] == 1);
  const std::string text = client.Get("mail?action=get&src=1&unseen=true" + at)["data"];
  CHECK(text.find("\u00e4\u00ff") != std::string::npos);  // as a text it is no longer the same
  CHECK(client.Get("mail?action=get&hdr=1&unseen=true" + at)["data"].get<std::string>().substr(0, 6) == "From: ");
  const Json mail = client.Get("mail?action=get&attach_src=1" + at)["data"];
  CHECK(mail["subject"] == "raw");
  CHECK(mail["headers"]["X-A"] == "odd \tfolded");
  CHECK(mail["attachments"][0]["content_type"] == "text/plain");
  CHECK(mail["flags"] == 32);
  CHECK(client.Examine()["unread"] == 0);
  CHECK(client.Get("mail?action=get&folder=" + kInbox + "&message_id=%3Craw%40test%3E")["data"]["id"] == id);
  CHECK(CodeOf(client.Get("mail?action=get&id=77&folder=" + kInbox)) == "MSG-0032");
  CHECK(CodeOf(Json::parse(client.Page("GET", "mail?action=get&src=1&save=1&id=77&folder=" + kInbox).body)) ==
        "MSG-0032");
  CHECK(client.Page("GET", "mail?action=attachment&attachment=1" + at).body.size() > 5);
  CHECK(CodeOf(Json::parse(client.Page("GET", "mail?action=attachment&attachment=7" + at).body)) == "MSG-0049");
}

TEST_CASE("mail: flags and colours; those of a mail that is gone are set nowhere, and nobody says so",
          "[oxserver][mail]") {
  Bench bench;
  Mailer client(bench);
  const std::string id = client.Put1("flags");
  const auto flags = [&] { return client.Rows(kInbox, "611,102")[0]; };
  CHECK(client.Change(id, {{"flags", 32 | 8 | 16}, {"value", true}})["data"] ==
        Json({{"folder_id", kInbox}, {"id", id}}));
  CHECK(flags() == Json::array({40, 0}));  // "recent" cannot be set
  client.Change(id, {{"set_flags", 1}, {"clear_flags", 32}, {"color_label", 3}});
  CHECK(flags() == Json::array({1 | 8 | 64, 3}));  // a colour is a user flag
  CHECK(client.Get("mail?action=get&unseen=true&folder=" + kInbox + "&id=" + id)["data"]["user"] ==
        Json::array({"$cl_3"}));
  client.Change(id, {{"flags", 8}, {"value", false}, {"color_label", 0}});
  CHECK(flags() == Json::array({1, 0}));
  CHECK(CodeOf(client.Change(id, {{"color_label", 11}})) == "SVL-0010");
  CHECK(CodeOf(client.Change("55", {{"flags", 8}, {"value", true}})) == "");
  client.Put1("two");
  client.Put("mail?action=update&folder=" + kInbox, {{"set_flags", 32}});
  CHECK(client.Examine()["unread"] == 0);
  CHECK(client.Put("mail?action=all_seen&folder=" + kInbox, Json::object())["data"] == true);
}

TEST_CASE("mail: moving and copying give new ids; deleting goes to the trash first", "[oxserver][mail]") {
  Bench bench;
  Mailer client(bench);
  const std::string first = client.Put1("first"), second = client.Put1("second");
  client.Import(MailText("there"), "default0/Drafts");
  const Json moved = client.Change(first, {{"folder_id", "default0/Drafts"}, {"set_flags", 8}});
  CHECK(moved["data"] == Json({{"folder_id", "default0/Drafts"}, {"id", "2"}}));
  CHECK(client.Rows("default0/Drafts", "607,611") == Json::parse(R"([["there",0],["first",8]])"));
  CHECK(CodeOf(client.Change(first, {{"folder_id", "default0/Drafts"}})) == "MSG-0032");
  CHECK(CodeOf(client.Change(second, {{"folder_id", kInbox}})) == "IMAP-2034");
  CHECK(CodeOf(client.Change(second, {{"folder_id", "default0"}})) == "IMAP-2022");
  CHECK(client.Put("mail?action=copy&folder=" + kInbox + "&id=" + second, {{"folder_id", kInbox}})["data"]["id"] ==
        "3");
  CHECK(client.Erase(second)["data"] == Json::array());
  CHECK(client.Erase(second)["data"] == Json::array());  // gone is as good as deleted
  CHECK(client.Rows("default0/Trash", "600,607") == Json::parse(R"([["1","second"]])"));
  client.Erase("1", "default0/Trash");
  CHECK(client.Examine("default0/Trash")["total"] == 0);
  client.Erase("3", kInbox, "&harddelete=true");
  CHECK(client.Examine("default0/Trash")["total"] == 0);
  CHECK(client.Examine() ==
        Json({{"validity", client.Examine()["validity"]}, {"total", 0}, {"unread", 0}, {"next", "4"}}));
  CHECK(client.Put("mail?action=clear", Json::array({"default0/Drafts", "default0/No"}))["data"] ==
        Json::array({"default0/No"}));
  CHECK(client.Examine("default0/Trash")["total"] == 2);
}

TEST_CASE("mail: sending keeps the bytes in Sent and delivers to users, once each and without Bcc",
          "[oxserver][mail]") {
  Bench bench;
  Mailer anna(bench), bert(bench, "bert");
  const std::string bytes = MailText("hi", "Bcc: anna@example.com, bert@example.com, x@elsewhere.org\r\n");
  const Json sent = anna.Send(bytes);
  CHECK(sent["data"] == Json({{"folder_id", "default0/Sent"}, {"id", "1"}}));
  CHECK(anna.Page("GET", "mail?action=get&src=1&save=1&folder=default0/Sent&id=1").body == bytes);
  CHECK(anna.Rows("default0/Sent", "611") == Json::parse("[[32]]"));
  CHECK(bert.Rows(kInbox, "607,611,606") == Json::parse(R"([["hi",16,[]]])"));  // recent until it was shown
  CHECK(bert.Rows(kInbox, "611") == Json::parse("[[0]]"));
  CHECK(anna.Examine()["total"] == 1);
  const std::string arrived = bert.Page("GET", "mail?action=get&src=1&save=1&folder=" + kInbox + "&id=1").body;
  CHECK(arrived.substr(0, 33) == "Return-Path: <anna@example.com>\r\n");
  CHECK(CodeOf(bert.Send(bytes)) == "MSG-0056");
  CHECK(CodeOf(anna.Send("From: anna@example.com\r\n\r\nx")) == "MSG-0058");
  CHECK(CodeOf(bert.Import(bytes, kInbox, "")) == "MSG-0056");
  CHECK(anna.Send(MailText("draft"), "&folder=default0/Drafts&flags=4")["data"]["folder_id"] == "default0/Drafts");
  CHECK(anna.Rows("default0/Drafts", "611") == Json::parse("[[4]]"));
  CHECK(bert.Examine()["total"] == 1);  // a stored mail is not sent
}

TEST_CASE("mail: another UIDVALIDITY makes every id void", "[oxserver][mail]") {
  Bench bench;
  Mailer client(bench);
  client.Put1("a");
  client.Put1("b");
  const std::string before = client.Examine()["validity"];
  HandleOptions how;
  how.reset_validity = kInbox;
  CHECK(client.Get("mail?action=examine&folder=" + kInbox, how)["data"]["validity"] != before);
  CHECK(client.Rows(kInbox, "600,607") == Json::parse(R"([["1","b"],["2","a"]])"));
}

TEST_CASE("mail: all is there again after a restart", "[oxserver][mail]") {
  const auto folder = MakeTemporaryFolder("oxserver-mail").value();
  LogicOptions options;
  options.state_file = (folder / "state.db").string();
  Json rows, examined;
  const std::string bytes = MailText("kept", "", std::string("\xe4\x00z", 3));
  {
    Bench bench(options);
    Mailer client(bench);
    client.Put("folders?action=new&folder_id=default0", {{"folder", {{"title", "Work"}, {"module", "mail"}}}});
    const std::string gone = client.Put1("gone");
    const std::string id = client.Import(bytes)["data"][0]["id"];
    client.Erase(gone, kInbox, "&harddelete=true");
    client.Change(id, {{"folder_id", "default0/Work"}});
    client.Change("1", {{"set_flags", 8}, {"color_label", 2}}, "default0/Work");
    rows = client.Rows("default0/Work", "600,601,607,608,610,611,102");
    examined = client.Examine();
  }
  Bench bench(options);
  Mailer client(bench);
  CHECK(rows.size() == 1);
  CHECK(client.Rows("default0/Work", "600,601,607,608,610,611,102") == rows);
  CHECK(client.Examine() == examined);
  CHECK(client.Page("GET", "mail?action=get&src=1&save=1&folder=default0/Work&id=1").body == bytes);
  std::filesystem::remove_all(folder);
}

TEST_CASE("mail: every mail of the corpus goes in, and its source comes out as it was", "[oxserver][mail]") {
  const auto corpus = outpost::test::Shared("corpus/mail");
  if (corpus.empty()) return;
  Bench bench;
  const auto client =
      ApiClient::SignIn([&](const HttpRequest& request) { return bench.logic->Handle(request); }, "anna", "secret");
  REQUIRE(client);
  const auto report = Import(corpus, *client.value());
  REQUIRE(report);
  CHECK(report.value().mails > 50);
  const auto mails = client.value()->ListMails(kInbox);
  REQUIRE(mails);
  CHECK(mails.value().size() == report.value().mails);
  std::multiset<std::string> there, files;
  for (const auto& mail : mails.value()) there.insert(client.value()->MailSource(kInbox, mail.id).value());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus))
    if (entry.path().extension() == ".eml") files.insert(ReadFile(entry.path()).value());
  CHECK(files.size() == mails.value().size() + report.value().failed.size());
  for (const auto& bytes : there) CHECK(files.count(bytes) >= there.count(bytes));
}
