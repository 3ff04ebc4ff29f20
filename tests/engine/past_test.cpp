// Items brought back to how they were, against the real server.
#include <algorithm>

#include "engine/past_restore.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

struct Lived : Pair {
  Lived() { Settle(); }
  Sequence Now() { return account().View()->last(); }
  Result<Restored> Back(const ItemId& item, Sequence at, std::optional<GroupId> group = std::nullopt) {
    const auto view = account().View();
    const Past past = Must(Past::Open(*view, at));
    return RestoreItem(account(), *view, past, item, group);
  }
  GroupId Group(const std::string& field) { return FindField(Field(field))->group; }
};

}  // namespace

TEST_CASE("past: an item's fields come back, here and on the server; what was typed meanwhile is history", "[engine]") {
  Lived lived;
  const ItemId item = lived.CreateLocally(
      "Adler", {{lived.Field("company"), std::string("First")}, {lived.Field("note"), std::string("n")}});
  lived.Settle();
  const Sequence then = lived.Now();
  const std::string remote = lived.Item(item).remote_id;
  MustDo(lived.elsewhere().UpdateContact(lived.remote_folder, remote, {{"company", "Second"}, {"city_home", "Bonn"}}));
  lived.Settle();
  lived.Set(item, "note", Value{});
  CHECK(Must(lived.Back(item, then, lived.Group("note"))) == Restored::kChanged);
  CHECK(lived.HeadText(item, "note") == "n");
  CHECK(lived.HeadText(item, "company") == "Second");
  CHECK(Must(lived.Back(item, then)) == Restored::kChanged);
  CHECK(Must(lived.Back(item, then)) == Restored::kUnchanged);
  CHECK(lived.HeadText(item, "company") == "First");
  CHECK(lived.HeadText(item, "city_home") == "");
  lived.Settle();
  const auto there = Must(lived.elsewhere().GetContact(lived.remote_folder, remote));
  CHECK(there.at("company") == "First");
  CHECK(there.count("city_home") == 0);
  CHECK(there.at("note") == "n");
  lived.CheckWhole();
}

TEST_CASE("past: an item that was deleted, here or there, is made again once", "[engine]") {
  const bool here = GENERATE(true, false);
  const bool learned = GENERATE(true, false);  // whether the server knew of the deletion when it was taken back
  Lived lived;
  const ItemId item = lived.CreateLocally("Adler", {{lived.Field("company"), std::string("First")}});
  lived.Settle();
  const Sequence then = lived.Now();
  lived.Set(item, "company", std::string("Second"));
  lived.Settle();
  if (here)
    MustDo(lived.account().Delete(item));
  else
    MustDo(lived.elsewhere().DeleteContact(lived.remote_folder, lived.Item(item).remote_id));
  if (learned || !here) lived.Settle();
  CHECK(lived.ClientNames().empty());
  CHECK(lived.Back(item, then, lived.Group("company")).error().code == Code::kInvalid);
  CHECK(Must(lived.Back(item, then)) == Restored::kMadeAgain);
  CHECK(lived.HeadText(item, "company") == "First");
  lived.Settle();
  CHECK(lived.ServerNames() == std::vector<std::string>{"Adler"});
  CHECK(Must(lived.elsewhere().GetContact(lived.remote_folder, lived.Item(item).remote_id)).at("company") == "First");
  lived.CheckWhole();
}

TEST_CASE("past: what was not there then, or stood in a folder that is gone, is refused and left as it is",
          "[engine]") {
  Lived lived;
  const Sequence before = lived.Now();
  const std::string other = Must(lived.elsewhere().CreateFolder(lived.remote_folder, "Other"));
  const std::string remote = Must(lived.elsewhere().CreateContact(other, {{"last_name", "Adler"}}));
  lived.Settle();
  const ItemId item = *lived.ByRemoteId(remote);
  const Sequence then = lived.Now();
  CHECK(lived.Back(item, before).error().code == Code::kNotFound);
  MustDo(lived.account().Move(item, lived.Contacts()));
  lived.Settle();
  MustDo(lived.elsewhere().DeleteFolder(other));
  lived.Settle();
  CHECK(lived.Back(item, then).error().code == Code::kNotFound);
  CHECK(lived.Item(item).Folder() == lived.Contacts());
  lived.CheckWhole();
}

TEST_CASE("past: an item that is gone with its folder comes back in the standard one", "[engine]") {
  Lived lived;
  const std::string other = Must(lived.elsewhere().CreateFolder(lived.remote_folder, "Other"));
  const std::string remote = Must(lived.elsewhere().CreateContact(other, {{"last_name", "Adler"}}));
  lived.Settle();
  const ItemId item = *lived.ByRemoteId(remote);
  const Sequence then = lived.Now();
  MustDo(lived.elsewhere().DeleteFolder(other));
  lived.Settle();
  REQUIRE_FALSE(lived.Item(item).Visible());
  CHECK(Must(lived.Back(item, then)) == Restored::kMadeAgain);
  lived.Settle();
  CHECK(lived.Item(item).Folder() == lived.Contacts());
  CHECK(lived.ServerNames() == std::vector<std::string>{"Adler"});
  lived.CheckWhole();
}

TEST_CASE("past: a folder comes back: changed, moved away and deleted items; newer ones stay", "[engine]") {
  Lived lived;
  const std::string other = Must(lived.elsewhere().CreateFolder(lived.remote_folder, "Other"));
  std::vector<ItemId> items;
  for (const char* name : {"Ada", "Bob", "Cem", "Dan"}) items.push_back(lived.CreateLocally(name));
  lived.Settle();
  const Sequence then = lived.Now();
  const auto view = lived.account().View();
  lived.Set(items[0], "last_name", std::string("Changed"));
  MustDo(lived.account().Move(items[1], Must(FindFolder(*view, "Contacts/Other")).id));
  MustDo(lived.account().Delete(items[2]));
  lived.CreateLocally("Newer");
  lived.Settle();
  const auto now = lived.account().View();
  const Past past = Must(Past::Open(*now, then));
  const FolderRestored done = Must(RestoreFolder(lived.account(), *now, past, lived.Contacts()));
  CHECK(done.unchanged == 1);
  CHECK(done.changed == 2);
  CHECK(done.made_again == 1);
  CHECK(done.newer == 1);
  lived.Settle();
  CHECK(lived.ServerNames() == std::vector<std::string>{"Ada", "Bob", "Cem", "Dan", "Newer"});
  lived.CheckWhole();
}

TEST_CASE("trash: deleted items of each kind are made again once, and nobody is invited anew", "[engine]") {
  const bool learned = GENERATE(true, false);  // whether the server knew of the deletions when they were taken back
  Lived lived;
  const auto bert = Must(oxserver::ApiClient::SignIn(
      [&lived](const auto& request) { return lived.server().Handle(request); }, "bert", "secret"));
  const auto folder = [&](const char* path) { return Must(FindFolder(*lived.account().View(), path)).id; };
  const ItemId contact = lived.CreateLocally("Adler");
  const ItemId meeting = Must(lived.account().Create(
      ItemType::kAppointment, folder("Calendar"),
      {{field::kAppointmentTitle, std::string("Round")},
       {field::kAppointmentStart, std::int64_t{1'780'304'400'000}},
       {field::kAppointmentEnd, std::int64_t{1'780'308'000'000}},
       {FindField(ItemType::kAppointment, "participants")->id, std::vector<std::string>{"user:3", "user:4"}}}));
  const ItemId task =
      Must(lived.account().Create(ItemType::kTask, folder("Tasks"), {{field::kTaskTitle, std::string("Call")}}));
  lived.Settle();
  const auto mails = [&] { return Must(bert->ListMails("default0/INBOX")).size(); };
  const auto invited = mails();
  for (const ItemId& id : {contact, meeting, task}) MustDo(lived.account().Delete(id));
  if (learned) lived.Settle();
  std::vector<ItemId> trash;
  MustDo(ForEachInTrash(*lived.account().View(), [&](const ItemState& item) {
    trash.push_back(item.id);
    return true;
  }));
  std::vector<ItemId> deleted{contact, meeting, task};
  std::sort(deleted.begin(), deleted.end());
  CHECK(trash == deleted);
  const auto cancelled = mails();
  for (const ItemId& id : trash) MustDo(lived.account().Restore(id, {}));
  lived.Settle();
  CHECK(mails() == cancelled);
  CHECK(invited == 0);
  for (const ItemId& id : trash) {
    CHECK(lived.Item(id).Visible());
    CHECK(lived.Item(id).on_server);
    CHECK(lived.account().Restore(id, {}).error().code == Code::kInvalid);
  }
  const auto there = Must(bert->Get("calendar", Must(bert->OwnFolder("calendar")), lived.Item(meeting).remote_id));
  CHECK(there.at("title") == "Round");
  CHECK(lived.ServerNames() == std::vector<std::string>{"Adler"});
  trash.clear();
  MustDo(ForEachInTrash(*lived.account().View(), [&](const ItemState& item) {
    trash.push_back(item.id);
    return true;
  }));
  CHECK(trash.empty());
  lived.CheckWhole();
}
