// Mails from the server to one PC and back: folders without deltas, ids that change, flags that both sides set.
#include <algorithm>
#include <atomic>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "journal/blobs.h"
#include "tests/engine/pair.h"
#include "tests/support/shared.h"
#include "tools/oxserver/import.h"

using namespace outpost;
using namespace outpost::test;

namespace {

const std::string kInbox = "default0/INBOX", kDrafts = "default0/Drafts", kTrash = "default0/Trash";
constexpr int kSeen = 32, kFlagged = 8, kAnswered = 1;

std::string MailText(const std::string& subject, const std::string& body = "Hello\r\n") {
  return "From: Ada <ada@example.org>\r\nTo: anna@example.com, Bert <bert@example.com>\r\nSubject: " + subject +
         "\r\nMessage-ID: <" + subject + "@test>\r\nDate: Fri, 10 Nov 2023 12:00:00 +0100\r\n\r\n" + body;
}

FieldId MailField(const std::string& name) {
  const Field* field = FindField(ItemType::kMail, name);
  INFO(name);
  REQUIRE(field != nullptr);
  return field->id;
}

// A pair with a hand on the mails of both sides.
struct MailPair : Pair {
  using Pair::Pair;
  std::string Arrive(const std::string& subject, int flags = 0, const std::string& folder = kInbox) {
    return Must(elsewhere().ImportMail(folder, MailText(subject), flags));
  }
  ItemId FolderNamed(const std::string& path) { return Must(FindFolder(*account().View(), path)).id; }
  // By subject; of several with one subject all.
  std::multimap<std::string, ItemId> Here(const std::string& path) {
    std::multimap<std::string, ItemId> mails;
    MustDo(ForEachItem(*account().View(), FolderNamed(path), [&](const ItemState& item) {
      mails.emplace(std::get<std::string>(item.HeadValue(MailField("subject"))), item.id);
      return true;
    }));
    return mails;
  }
  ItemId Mail(const std::string& path, const std::string& subject) {
    const auto mails = Here(path);
    INFO(path << " " << subject);
    REQUIRE(mails.count(subject) == 1);
    return mails.find(subject)->second;
  }
  std::string Subjects(const std::string& path) {
    std::string all;
    for (const auto& [subject, id] : Here(path)) all += subject + " ";
    return all;
  }
  std::string ServerSubjects(const std::string& folder) {
    std::set<std::string> sorted;
    std::string all;
    for (const auto& mail : Must(elsewhere().ListMails(folder))) sorted.insert(mail.subject);
    for (const auto& subject : sorted) all += subject + " ";
    return all;
  }
  oxserver::MailInfo There(const std::string& folder, const std::string& subject) {
    for (const auto& mail : Must(elsewhere().ListMails(folder)))
      if (mail.subject == subject) return mail;
    FAIL("no mail " << subject << " in " << folder);
    return {};
  }
  Value Of(const ItemId& id, const std::string& name) { return Item(id).HeadValue(MailField(name)); }
  bool Is(const ItemId& id, const std::string& flag) { return Of(id, flag) == Value(true); }
  void Edit(const ItemId& id, const std::string& name, const Value& value) {
    MustDo(account().Set(id, {{MailField(name), value}}));
  }
  void ResetValidity(const std::string& folder) {
    MustDo(server().AddFault("reset-validity=" + folder + ":mail.examine:1"));
  }
  std::size_t Events() { return static_cast<std::size_t>(account().View()->last()); }
};

}  // namespace

TEST_CASE("mail: folders and mails come with their headers, flags and colours", "[engine][mail]") {
  MailPair pair;
  pair.Arrive("first", kSeen | kAnswered);
  const std::string id = pair.Arrive("second");
  MustDo(pair.elsewhere().FlagMail(kInbox, id, kFlagged, 0, 4));
  Must(pair.elsewhere().CreateFolder(kInbox, "Deep", "mail"));
  pair.Arrive("third", 0, kInbox + "/Deep");
  pair.Settle();
  CHECK(pair.Subjects("E-Mail/INBOX") == "first second ");
  CHECK(pair.Subjects("E-Mail/INBOX/Deep") == "third ");
  const ItemId first = pair.Mail("E-Mail/INBOX", "first"), second = pair.Mail("E-Mail/INBOX", "second");
  CHECK(pair.Is(first, "seen"));
  CHECK(pair.Is(first, "answered"));
  CHECK_FALSE(pair.Is(first, "flagged"));
  CHECK(pair.Of(first, "from") == Value(std::vector<std::string>{"Ada <ada@example.org>"}));
  CHECK(pair.Of(first, "to") == Value(std::vector<std::string>{"anna@example.com", "Bert <bert@example.com>"}));
  CHECK(pair.Of(first, "message_id") == Value(std::string("<first@test>")));
  CHECK(pair.Of(first, "sent_date") == Value(std::int64_t{1'699'614'000'000}));
  CHECK(pair.Of(first, "size") == Value(static_cast<std::int64_t>(MailText("first").size())));
  CHECK(pair.Is(second, "flagged"));
  CHECK(pair.Of(second, "color_label") == Value(std::int64_t{4}));
  CHECK(pair.There(kInbox, "second").flags == (kFlagged | 64));  // reading marks nothing
  pair.CheckWhole();
}

TEST_CASE("mail: a round in which nothing is new is one request and no event", "[engine][mail]") {
  MailPair pair;
  for (int i = 0; i < 20; ++i) pair.Arrive("m" + std::to_string(i));
  pair.Settle();
  const auto events = pair.Events();
  const auto requests = pair.server().requests();
  pair.Sync();
  CHECK(pair.server().requests() - requests == 1);
  CHECK(pair.Events() == events);
}

TEST_CASE("mail: what changes on the server comes, whatever shows of it in the folder's counts", "[engine][mail]") {
  MailPair pair;
  const std::string a = pair.Arrive("a"), b = pair.Arrive("b"), c = pair.Arrive("c");
  pair.Settle();
  const ItemId mail_a = pair.Mail("E-Mail/INBOX", "a"), mail_c = pair.Mail("E-Mail/INBOX", "c");
  MustDo(pair.elsewhere().FlagMail(kInbox, a, kSeen, 0));
  MustDo(pair.elsewhere().DeleteMail(kInbox, b, true));
  pair.Arrive("d");
  pair.Settle();
  CHECK(pair.Is(mail_a, "seen"));
  CHECK(pair.Subjects("E-Mail/INBOX") == "a c d ");
  CHECK(pair.Mail("E-Mail/INBOX", "a") == mail_a);
  // A colour shows in no count: the next process sees it, and a running one at its next comparison.
  MustDo(pair.elsewhere().FlagMail(kInbox, c, 0, 0, 7));
  pair.Reopen();
  pair.Settle();
  CHECK(pair.Of(mail_c, "color_label") == Value(std::int64_t{7}));
  pair.CheckWhole();
}

TEST_CASE("mail: flags and colours set here reach the server, and those set there stay", "[engine][mail]") {
  MailPair pair;
  const std::string a = pair.Arrive("a", kSeen);
  pair.Settle();
  const ItemId mail = pair.Mail("E-Mail/INBOX", "a");
  pair.Edit(mail, "flagged", true);
  pair.Edit(mail, "seen", false);
  pair.Edit(mail, "color_label", std::int64_t{3});
  MustDo(pair.elsewhere().FlagMail(kInbox, a, kAnswered, 0));
  pair.Settle();
  const auto there = pair.There(kInbox, "a");
  CHECK((there.flags & (kSeen | kFlagged | kAnswered)) == (kFlagged | kAnswered));
  CHECK(there.color == 3);
  CHECK(pair.Is(mail, "answered"));
  CHECK(std::string(ItemStateName(pair.Item(mail))) == "synced");
  pair.Edit(mail, "color_label", Value{});
  pair.Settle();
  CHECK(pair.There(kInbox, "a").color == 0);
  pair.CheckWhole();
}

TEST_CASE("mail: a flag set here reaches a mail that is moved away there in that moment", "[engine][mail]") {
  MailPair pair;
  const std::string a = pair.Arrive("a");
  const std::string below = Must(pair.elsewhere().CreateFolder(kInbox, "Below", "mail"));
  pair.Settle();
  const ItemId mail = pair.Mail("E-Mail/INBOX", "a");
  pair.Edit(mail, "flagged", true);
  bool moved = false;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (moved || request.body.find("\"examine\"") == std::string::npos) return;
    moved = true;
    Must(pair.elsewhere().MoveMail(kInbox, a, below));
  };
  CHECK(pair.Settle().conflicts == 0);
  pair.before_answer = nullptr;
  CHECK(moved);
  CHECK((pair.There(below, "a").flags & kFlagged) != 0);
  CHECK(std::string(ItemStateName(pair.Item(mail))) == "synced");
  pair.CheckWhole();
}

TEST_CASE("mail: a colour that both sides changed is a conflict, and the loser is kept", "[engine][mail][conflict]") {
  MailPair pair;
  const std::string a = pair.Arrive("a");
  pair.Settle();
  const ItemId mail = pair.Mail("E-Mail/INBOX", "a");
  pair.Edit(mail, "color_label", std::int64_t{3});
  MustDo(pair.elsewhere().FlagMail(kInbox, a, 0, 0, 5));  // shows in no count
  const auto report = pair.Settle();
  CHECK(report.conflicts == 1);
  CHECK(pair.There(kInbox, "a").color == 5);
  CHECK(pair.Of(mail, "color_label") == Value(std::int64_t{5}));
  CHECK(std::string(ItemStateName(pair.Item(mail))) == "conflict");
  pair.CheckWhole();
}

TEST_CASE("mail: a move gives another id and stays the same mail, whoever makes it", "[engine][mail]") {
  MailPair pair;
  const std::string a = pair.Arrive("a"), b = pair.Arrive("b");
  pair.Arrive("b");  // twice the same
  pair.Settle();
  const ItemId mail_a = pair.Mail("E-Mail/INBOX", "a");
  const auto twins = pair.Here("E-Mail/INBOX");
  Must(pair.elsewhere().MoveMail(kInbox, a, kDrafts));
  Must(pair.elsewhere().MoveMail(kInbox, b, kDrafts));
  pair.Settle();
  CHECK(pair.Subjects("E-Mail/INBOX") == "b ");
  CHECK(pair.Subjects("E-Mail/Drafts") == "a b ");
  CHECK(pair.Mail("E-Mail/Drafts", "a") == mail_a);
  for (const char* folder : {"E-Mail/INBOX", "E-Mail/Drafts"}) {
    const ItemId twin = pair.Mail(folder, "b");
    CHECK(std::any_of(twins.begin(), twins.end(), [&](const auto& entry) { return entry.second == twin; }));
  }
  MustDo(pair.account().Move(mail_a, pair.FolderNamed("E-Mail/Sent")));
  pair.Edit(mail_a, "flagged", true);
  pair.Settle();
  CHECK(pair.ServerSubjects("default0/Sent") == "a ");
  CHECK((pair.There("default0/Sent", "a").flags & kFlagged) != 0);
  CHECK(pair.ServerSubjects(kDrafts) == "b ");
  CHECK(pair.Mail("E-Mail/Sent", "a") == mail_a);
  const auto events = pair.Events();
  pair.Settle();
  CHECK(pair.Events() - events < 8);  // cursors at most: the move is no news
  pair.CheckWhole();
}

TEST_CASE("mail: deleting goes to the trash, and from there for good", "[engine][mail]") {
  MailPair pair;
  pair.Arrive("a");
  const std::string b = pair.Arrive("b");
  pair.Settle();
  const ItemId mail_a = pair.Mail("E-Mail/INBOX", "a"), mail_b = pair.Mail("E-Mail/INBOX", "b");
  MustDo(pair.account().Delete(mail_a));
  MustDo(pair.elsewhere().DeleteMail(kInbox, b));
  CHECK(pair.Subjects("E-Mail/Trash") == "a ");
  pair.Settle();
  CHECK(pair.ServerSubjects(kInbox) == "");
  CHECK(pair.ServerSubjects(kTrash) == "a b ");
  CHECK(pair.Mail("E-Mail/Trash", "a") == mail_a);
  CHECK(pair.Mail("E-Mail/Trash", "b") == mail_b);
  MustDo(pair.account().Delete(mail_a));
  pair.Settle();
  CHECK(pair.ServerSubjects(kTrash) == "b ");
  CHECK(pair.Subjects("E-Mail/Trash") == "b ");
  pair.CheckWhole();
}

TEST_CASE("mail: where the user chose so on the server, deleting is for good at once, offline too", "[engine][mail]") {
  MailPair pair;
  const auto choose = [&pair](const char* what) {
    Must(pair.elsewhere().Do("config/modules/mail/deletemail", "", {}, std::string("{\"data\":") + what + "}"));
  };
  pair.Arrive("a");
  const std::string b = pair.Arrive("b");
  pair.Arrive("c");
  pair.Settle();
  choose("true");
  pair.Reopen();
  pair.Settle();
  const auto events = pair.account().View()->last();
  pair.Settle();
  CHECK(pair.account().View()->last() == events);
  MustDo(pair.account().Delete(pair.Mail("E-Mail/INBOX", "a")));
  MustDo(pair.elsewhere().DeleteMail(kInbox, b));
  CHECK(pair.Subjects("E-Mail/Trash").empty());
  pair.Settle();
  CHECK(pair.ServerSubjects(kInbox) == "c ");
  CHECK(pair.ServerSubjects(kTrash).empty());
  choose("false");
  pair.Reopen();
  pair.Settle();
  MustDo(pair.account().Delete(pair.Mail("E-Mail/INBOX", "c")));
  CHECK(pair.Subjects("E-Mail/Trash") == "c ");
  pair.Settle();
  CHECK(pair.ServerSubjects(kTrash) == "c ");
  pair.CheckWhole();
}

TEST_CASE("mail: further accounts are trees of their own, each with its trash", "[engine][mail]") {
  oxserver::ServerOptions options;
  options.logic.mail_accounts = 2;
  MailPair pair(options);
  const std::string second = "default1/INBOX";
  pair.Arrive("a");
  pair.Arrive("b", 0, second);
  pair.Settle();
  CHECK(pair.Subjects("E-Mail/INBOX") == "a ");
  CHECK(pair.Subjects("Account 2/INBOX") == "b ");
  const ItemId a = pair.Mail("E-Mail/INBOX", "a"), b = pair.Mail("Account 2/INBOX", "b");
  pair.Edit(b, "flagged", true);
  MustDo(pair.account().Delete(a));
  MustDo(pair.account().Delete(b));
  CHECK(pair.Subjects("E-Mail/Trash") == "a ");
  CHECK(pair.Subjects("Account 2/Trash") == "b ");
  pair.Settle();
  CHECK(pair.ServerSubjects(kTrash) == "a ");
  CHECK(pair.ServerSubjects("default1/Trash") == "b ");
  CHECK((pair.There("default1/Trash", "b").flags & kFlagged) != 0);
  // From one account to the other, there too.
  MustDo(pair.account().Move(b, pair.FolderNamed("E-Mail/INBOX")));
  pair.Settle();
  CHECK(pair.ServerSubjects(kInbox) == "b ");
  CHECK(pair.ServerSubjects("default1/Trash").empty());
  CHECK(pair.Mail("E-Mail/INBOX", "b") == b);
  pair.CheckWhole();
}

TEST_CASE("mail: as many come in one page as the setting says", "[engine][mail]") {
  MailPair pair;
  for (int i = 0; i < 7; ++i) pair.Arrive("m" + std::to_string(i));
  MustDo(pair.account().PutSettings({{{std::string(setting::kMailsPerRequest), "3"}}}));
  std::vector<std::size_t> pages;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    const auto body = nlohmann::json::parse(request.body, nullptr, false);
    if (!body.is_array()) return;
    for (const auto& element : body)
      if (element.value("module", "") == "mail" && element.value("action", "") == "list" &&
          element["data"][0].value("folder", "") == kInbox)
        pages.push_back(element["data"].size());
  };
  pair.Settle();
  pair.before_answer = nullptr;
  CHECK(pair.Here("E-Mail/INBOX").size() == 7);
  std::sort(pages.begin(), pages.end());
  CHECK(pages == std::vector<std::size_t>{1, 3, 3});
}

TEST_CASE("mail: a move whose answer is lost has happened once", "[engine][mail][fault]") {
  for (const char* fault : {"drop-reply:mail.update:1", "cut:mail.update:1", "drop-request:mail.update:1"}) {
    MailPair pair;
    pair.Arrive("a");
    pair.Arrive("b");
    pair.Settle();
    const ItemId mail = pair.Mail("E-Mail/INBOX", "a");
    MustDo(pair.server().AddFault(fault));
    MustDo(pair.account().Delete(mail));
    pair.Edit(mail, "seen", true);
    pair.Settle();
    INFO(fault);
    CHECK(pair.ServerSubjects(kInbox) == "b ");
    CHECK(pair.ServerSubjects(kTrash) == "a ");
    CHECK((pair.There(kTrash, "a").flags & kSeen) != 0);
    CHECK(pair.Mail("E-Mail/Trash", "a") == mail);
    CHECK(std::string(ItemStateName(pair.Item(mail))) == "synced");
    pair.CheckWhole();
  }
}

TEST_CASE("mail: moved on both sides, the server's place counts and the other is kept", "[engine][mail][conflict]") {
  MailPair pair;
  const std::string a = pair.Arrive("a");
  pair.Settle();
  const ItemId mail = pair.Mail("E-Mail/INBOX", "a");
  MustDo(pair.account().Move(mail, pair.FolderNamed("E-Mail/Sent")));
  Must(pair.elsewhere().MoveMail(kInbox, a, kDrafts));
  pair.Settle();
  CHECK(pair.ServerSubjects(kDrafts) == "a ");
  CHECK(pair.ServerSubjects("default0/Sent") == "");
  CHECK(pair.Mail("E-Mail/Drafts", "a") == mail);
  CHECK(std::string(ItemStateName(pair.Item(mail))) == "conflict");
  pair.CheckWhole();
}

TEST_CASE("mail: another validity makes ids void, and no mail is made or lost", "[engine][mail]") {
  MailPair pair;
  for (int i = 0; i < 60; ++i) pair.Arrive("m" + std::to_string(i));  // more than may go without being asked
  pair.Settle();
  const auto before = pair.Here("E-Mail/INBOX");
  pair.ResetValidity(kInbox);
  const auto report = pair.Settle();
  CHECK(report.held_deletions == 0);
  CHECK(pair.Here("E-Mail/INBOX") == before);
  pair.Edit(before.find("m7")->second, "flagged", true);
  pair.Settle();
  CHECK((pair.There(kInbox, "m7").flags & kFlagged) != 0);
  pair.CheckWhole();
}

TEST_CASE("mail: an edit that waits when ids become void hits its own mail", "[engine][mail]") {
  MailPair pair;
  pair.Arrive("a");
  pair.Arrive("b");
  pair.Settle();
  pair.Edit(pair.Mail("E-Mail/INBOX", "a"), "flagged", true);
  pair.ResetValidity(kInbox);
  pair.Settle();
  CHECK((pair.There(kInbox, "a").flags & kFlagged) != 0);
  CHECK((pair.There(kInbox, "b").flags & kFlagged) == 0);
  pair.CheckWhole();
}

TEST_CASE("mail: a folder that is renamed keeps its mails, made anew it has none of them", "[engine][mail]") {
  MailPair pair;
  Must(pair.elsewhere().CreateFolder("default0", "Work", "mail"));
  for (int i = 0; i < 60; ++i) pair.Arrive("m" + std::to_string(i), 0, "default0/Work");
  pair.Settle();
  const auto before = pair.Here("E-Mail/Work");
  REQUIRE(before.size() == 60);
  MustDo(pair.elsewhere().RenameFolder("default0/Work", "Job"));
  const auto report = pair.Settle();
  CHECK(report.held_deletions == 0);
  CHECK(pair.Here("E-Mail/Job") == before);
  CHECK_FALSE(FindFolder(*pair.account().View(), "E-Mail/Work"));
  pair.CheckWhole();
}

TEST_CASE("mail: a folder that is renamed or moved here keeps its mails too", "[engine][mail]") {
  MailPair pair;
  Must(pair.elsewhere().CreateFolder("default0", "Work", "mail"));
  for (int i = 0; i < 60; ++i) pair.Arrive("m" + std::to_string(i), 0, "default0/Work");
  pair.Settle();
  const auto before = pair.Here("E-Mail/Work");
  REQUIRE(before.size() == 60);
  MustDo(pair.account().Set(pair.FolderNamed("E-Mail/Work"), {{field::kFolderTitle, std::string("Job")}}));
  pair.Edit(before.find("m7")->second, "flagged", true);
  CHECK(pair.Settle().held_deletions == 0);
  CHECK(pair.Here("E-Mail/Job") == before);
  CHECK((pair.There("default0/Job", "m7").flags & kFlagged) != 0);
  MustDo(pair.account().Move(pair.FolderNamed("E-Mail/Job"), pair.FolderNamed("E-Mail/INBOX")));
  pair.Settle();
  pair.Reopen();
  CHECK(pair.Settle().held_deletions == 0);
  CHECK(pair.Here("E-Mail/INBOX/Job") == before);
  CHECK(Must(pair.elsewhere().ListMails(kInbox + "/Job")).size() == 60);
  pair.CheckWhole();
}

TEST_CASE("mail: one that is gone there with an edit here is gone, and the edit is kept", "[engine][mail][conflict]") {
  MailPair pair;
  const std::string a = pair.Arrive("a");
  pair.Arrive("b");
  pair.Settle();
  const ItemId mail = pair.Mail("E-Mail/INBOX", "a");
  pair.Edit(mail, "color_label", std::int64_t{2});
  MustDo(pair.elsewhere().DeleteMail(kInbox, a, true));
  pair.Settle();
  CHECK(pair.Subjects("E-Mail/INBOX") == "b ");
  CHECK(pair.Item(mail).losers.size() == 1);
  pair.CheckWhole();
}

TEST_CASE("mail: a second PC shows the same, and both settle on what one of them changes", "[engine][mail]") {
  MailPair pair;
  pair.Arrive("a");
  pair.Arrive("b");
  pair.Settle();
  const auto other = pair.OtherAccount();
  Must(other->Sync({}));
  const auto first = pair.Mail("E-Mail/INBOX", "a");
  pair.Edit(first, "flagged", true);
  MustDo(pair.account().Move(first, pair.FolderNamed("E-Mail/Drafts")));
  pair.Settle();
  Must(other->Sync({}));
  std::vector<ItemState> there;
  const auto view = other->View();
  MustDo(ForEachItem(*view, Must(FindFolder(*view, "E-Mail/Drafts")).id, [&](const ItemState& item) {
    there.push_back(item);
    return true;
  }));
  REQUIRE(there.size() == 1);
  CHECK(there[0].HeadValue(MailField("flagged")) == Value(true));
  CHECK(there[0].HeadValue(MailField("subject")) == Value(std::string("a")));
}

TEST_CASE("mail: sources come byte by byte, the young ones unasked and others when they are wanted", "[engine][mail]") {
  MailPair pair;
  const auto young = [](const std::string& subject, const std::string& body) {
    return "From: ada@example.org\r\nTo: anna@example.com\r\nSubject: " + subject + "\r\nMessage-ID: <" + subject +
           "@test>\r\n\r\n" + body;
  };
  const std::string odd = young("odd", std::string("\xe4\xff\x00\r\n.\n{}\r", 10));
  const std::string large = young("large", std::string(300'000, 'x'));
  Must(pair.elsewhere().ImportMail(kInbox, odd));
  Must(pair.elsewhere().ImportMail(kInbox, large));
  for (int i = 0; i < 50; ++i) Must(pair.elsewhere().ImportMail(kInbox, young("y" + std::to_string(i), "b")));
  pair.Arrive("old");
  const auto source = [&](const ItemId& id) {
    const Value value = pair.Of(id, "source");
    const auto* blob = std::get_if<BlobRef>(&value);
    if (blob == nullptr) return std::string("none");
    const auto view = pair.account().View();
    const auto reader = Must(BlobsOf(*view)->Open(*blob));
    std::string bytes(reader->size(), '\0');
    std::size_t at = 0;
    while (at < bytes.size())
      at += Must(reader->Read({reinterpret_cast<std::uint8_t*>(bytes.data()) + at, bytes.size() - at}));
    return bytes;
  };
  MustDo(pair.server().AddFault("drop-reply:mail.get:3"));
  MustDo(pair.server().AddFault("session-expired:mail.get:9"));
  pair.Settle();
  const ItemId mail = pair.Mail("E-Mail/INBOX", "odd"), old = pair.Mail("E-Mail/INBOX", "old");
  CHECK(source(mail) == odd);
  CHECK(source(pair.Mail("E-Mail/INBOX", "large")) == large);
  for (int i = 0; i < 50; ++i) CHECK(source(pair.Mail("E-Mail/INBOX", "y" + std::to_string(i))) != "none");
  CHECK(source(old) == "none");
  CHECK((pair.There(kInbox, "odd").flags & kSeen) == 0);  // fetching is not reading
  auto requests = pair.server().requests();
  pair.Sync();
  CHECK(pair.server().requests() - requests == 1);
  pair.Edit(old, "source_wanted", true);
  pair.Edit(mail, "seen", true);  // its row comes anew, and the source stays
  MustDo(pair.account().Move(mail, pair.FolderNamed("E-Mail/Drafts")));
  pair.Settle();
  CHECK(source(old) == MailText("old"));
  CHECK(source(mail) == odd);
  MustDo(pair.account().PutSettings({{{std::string(setting::kWindowDays), "0"}}}));
  Must(pair.elsewhere().ImportMail(kInbox, young("late", "b")));
  pair.Settle();
  CHECK(source(pair.Mail("E-Mail/INBOX", "late")) == "none");
  MustDo(pair.account().PutSettings({{{std::string(setting::kWindowDays), "30"}}}));
  pair.Settle();
  CHECK(source(pair.Mail("E-Mail/INBOX", "late")) == young("late", "b"));
  pair.CheckWhole();
}

TEST_CASE("mail: a folder that is deleted while its sources come is gone, but not over a mail that came into it",
          "[engine][mail][conflict]") {
  const bool delivered = GENERATE(false, true);
  INFO(delivered);
  MailPair pair;
  const std::string kept = Must(pair.elsewhere().CreateFolder(kInbox, "Kept", "mail"));
  const auto arrive = [&](const std::string& subject) {
    Must(pair.elsewhere().ImportMail(kept, "From: ada@example.org\r\nSubject: " + subject + "\r\nMessage-ID: <" +
                                               subject + "@test>\r\n\r\nHello\r\n"));
  };
  arrive("first");
  ItemId folder;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    const bool source =
        request.target.find("/mail") != std::string::npos && request.target.find("action=get") != std::string::npos;
    if (folder || !source) return;
    folder = pair.FolderNamed("E-Mail/INBOX/Kept");
    MustDo(pair.account().Delete(folder));
    if (delivered) arrive("second");
  };
  pair.Settle();
  pair.before_answer = nullptr;
  REQUIRE(folder);
  for (int i = 0; i < 2; ++i) pair.Settle();
  CHECK(pair.Item(folder).Visible() == delivered);
  CHECK(pair.Item(folder).losers.size() == (delivered ? 1 : 0));
  if (delivered) CHECK(pair.Subjects("E-Mail/INBOX/Kept") == "first second ");
  pair.CheckWhole();
}

TEST_CASE("mail: every mail of the corpus comes, and is here byte by byte", "[engine][mail]") {
  const auto corpus = Shared("corpus/mail");
  if (corpus.empty()) return;
  MailPair pair;
  MustDo(pair.account().PutSettings({{{std::string(setting::kWindowDays), "36500"}}}));
  const auto imported = Must(oxserver::Import(corpus, pair.elsewhere()));
  pair.Settle();
  std::multiset<std::string> here, there;
  const auto view = pair.account().View();
  MustDo(ForEachItem(*view, pair.FolderNamed("E-Mail/INBOX"), [&](const ItemState& item) {
    const Value value = item.HeadValue(MailField("source"));
    const auto* blob = std::get_if<BlobRef>(&value);
    if (blob == nullptr) {
      here.insert("none");
      return true;
    }
    const auto reader = Must(BlobsOf(*view)->Open(*blob));
    std::string bytes(reader->size(), '\0');
    std::size_t at = 0;
    while (at < bytes.size())
      at += Must(reader->Read({reinterpret_cast<std::uint8_t*>(bytes.data()) + at, bytes.size() - at}));
    here.insert(bytes);
    return true;
  }));
  for (const auto& mail : Must(pair.elsewhere().ListMails(kInbox)))
    there.insert(Must(pair.elsewhere().MailSource(kInbox, mail.id)));
  CHECK(here.size() == imported.mails);
  CHECK(here.count("none") == 0);
  CHECK(here == there);
  pair.CheckWhole();
}

TEST_CASE("mail: nothing is written here yet, and the server's part of a mail cannot be edited", "[engine][mail]") {
  MailPair pair;
  pair.Arrive("a");
  pair.Settle();
  const auto made = pair.account().Create(ItemType::kMail, pair.FolderNamed("E-Mail/Drafts"), {});
  REQUIRE_FALSE(made);
  CHECK(made.error().code == Code::kInvalid);
  const auto set = pair.account().Set(pair.Mail("E-Mail/INBOX", "a"), {{MailField("subject"), std::string("x")}});
  REQUIRE_FALSE(set);
  CHECK(set.error().code == Code::kInvalid);
}

TEST_CASE("mail: what is sent to a watched account is there without asking for it", "[engine][mail]") {
  MailPair pair;
  pair.Settle();
  std::atomic<bool> arrived{false};
  pair.account().Watch(std::chrono::hours(24), [&](const SyncReport&) {
    if (!pair.Here("E-Mail/INBOX").empty()) arrived = true;
  });
  std::uint64_t seen = 0;
  const auto await = [&](const std::function<bool()>& condition) {
    while (!condition()) seen = Must(pair.account().Progress(seen, Millis{50})).version;
  };
  await([&] { return pair.server().lines() == 1; });
  const auto sender = Must(oxserver::ApiClient::SignIn(
      [&](const oxserver::HttpRequest& request) { return pair.server().Handle(request); }, "bert", "secret"));
  Must(sender->SendMail("From: bert@example.com\r\nTo: anna@example.com\r\nSubject: now\r\n\r\nnow\r\n"));
  await([&] { return arrived.load(); });
  pair.account().StopWatching();
  CHECK(pair.Subjects("E-Mail/INBOX") == "now ");
}
