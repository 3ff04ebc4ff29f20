// Files at items, and lists of people: both ways, told once, and what a person attached is not lost.
#include <nlohmann/json.hpp>

#include "base/system/files.h"
#include "engine/parked.h"
#include "journal/blobs.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

class Files {
 public:
  explicit Files(oxserver::ServerOptions options = {}) : pair(std::move(options)) {
    pair.Settle();
    contact = pair.CreateLocally("Files");
    pair.Settle();
    remote = pair.Item(contact).remote_id;
  }
  std::filesystem::path File(const std::string& name, const std::string& bytes) {
    const auto path = pair.folder() / name;
    MustDo(WriteFileDurably(path, bytes));
    return path;
  }
  ItemId Attach(const std::string& name, const std::string& bytes) {
    return Must(pair.account().Attach(contact, {File(name, bytes), "", ""}));
  }
  struct Seen {
    std::string name;
    std::string state;
    bool operator==(const Seen&) const = default;
  };
  std::vector<Seen> Here(Account& account, const ItemId& item) {
    std::vector<Seen> all;
    MustDo(ForEachItem(*account.View(), item, [&](const ItemState& attachment) {
      all.push_back({std::get<std::string>(attachment.HeadValue(field::kAttachmentName)), ItemStateName(attachment)});
      return true;
    }));
    return all;
  }
  std::vector<Seen> Here() { return Here(pair.account(), contact); }
  // Names on the server, by ascending id.
  std::vector<std::string> There() {
    const auto data = nlohmann::json::parse(Must(pair.elsewhere().Do(
        "attachment", "all",
        {{"module", "7"}, {"folder", pair.remote_folder}, {"attached", remote}, {"columns", "803"}})));
    std::vector<std::string> names;
    for (const auto& row : data) names.push_back(row[0]);
    return names;
  }
  std::string Bytes(const ItemId& id) {
    const Value content = pair.Item(id).HeadValue(field::kAttachmentContent);
    REQUIRE(std::holds_alternative<BlobRef>(content));
    const auto reader = Must(pair.account().journal().blobs().Open(std::get<BlobRef>(content)));
    std::string bytes(reader->size(), '\0');
    REQUIRE(Must(reader->Read({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()})) == bytes.size());
    return bytes;
  }
  Pair pair;
  ItemId contact{};
  std::string remote;
};

using Seen = std::vector<Files::Seen>;
constexpr std::size_t kLarge = 300'000;  // several chunks, and a file of its own in the store

std::string Pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

}  // namespace

TEST_CASE("attachments: from here to the server and to another PC, byte by byte, and away again",
          "[engine][attachments]") {
  Files files;
  const std::string bytes = Pattern(kLarge);
  const ItemId id = files.Attach("large \"one\"; n.pdf", bytes);
  CHECK(files.Here() == Seen{{"large \"one\"; n.pdf", "pending"}});
  files.pair.Settle();
  CHECK(files.There() == std::vector<std::string>{"large \"one\"; n.pdf"});
  const auto remote_id = files.pair.Item(id).remote_id;
  CHECK(Must(files.pair.elsewhere().Document("contacts", files.pair.remote_folder, files.remote, remote_id)) == bytes);
  CHECK(files.pair.Item(id).HeadValue(field::kAttachmentType) == Value(std::string("application/pdf")));
  CHECK(files.Here() == Seen{{"large \"one\"; n.pdf", "synced"}});
  CHECK(Must(files.pair.account().Status()).conflicts == 0);
  const auto events = files.pair.account().View()->last();
  CHECK(files.pair.Sync().requests == 1);  // it is quiet, and nothing of it is listed again
  CHECK(files.pair.account().View()->last() == events);

  {
    const auto other = files.pair.OtherAccount();
    Must(other->Sync({}));
    const auto there = Must(FindByRemoteId(*other->View(), ItemType::kAttachment, remote_id));
    REQUIRE(there);
    CHECK(IsNull(Must(LoadItem(*other->View(), *there))->HeadValue(field::kAttachmentContent)));
    MustDo(other->Set(*there, {{field::kAttachmentWanted, true}}));
    Must(other->Sync({}));
    const auto fetched = Must(LoadItem(*other->View(), *there)).value();
    CHECK(fetched.HeadValue(field::kAttachmentContent) == files.pair.Item(id).HeadValue(field::kAttachmentContent));
    MustDo(other->Delete(*there));
    CHECK(Must(other->Sync({})).pending == 0);
  }
  CHECK(files.There().empty());
  files.pair.Settle();
  CHECK(files.Here().empty());
  CHECK_FALSE(files.pair.Item(id).Visible());
  files.pair.CheckWhole();
}

TEST_CASE("attachments: one at an item that is on its way waits for it; one of tasks and appointments is kept too",
          "[engine][attachments]") {
  Files files;
  const ItemId fresh = files.pair.CreateLocally("Fresh");
  Must(files.pair.account().Attach(fresh, {files.File("a.txt", "a"), "", ""}));
  for (const auto& [folder, type] : {std::pair{"Tasks", ItemType::kTask}, {"Calendar", ItemType::kAppointment}}) {
    const auto place = Must(FindFolder(*files.pair.account().View(), folder)).id;
    FieldMap fields{{type == ItemType::kTask ? field::kTaskTitle : field::kAppointmentTitle, std::string("t")}};
    if (type == ItemType::kAppointment) {
      fields[field::kAppointmentStart] = std::int64_t{1'800'000'000'000};
      fields[field::kAppointmentEnd] = std::int64_t{1'800'003'600'000};
    }
    const ItemId item = Must(files.pair.account().Create(type, place, fields));
    Must(files.pair.account().Attach(item, {files.File("b.txt", "b"), "", ""}));
    files.pair.Settle();
    CHECK(files.Here(files.pair.account(), item) == Seen{{"b.txt", "synced"}});
    const auto count = field::AttachmentsOf(type).count;
    CHECK(files.pair.Item(item).HeadValue(count) == Value(std::int64_t{1}));
  }
  CHECK(files.Here(files.pair.account(), fresh) == Seen{{"a.txt", "synced"}});
  CHECK(files.pair.account().Attach(files.pair.Contacts(), {files.File("c", "c"), "", ""}).error().code ==
        Code::kInvalid);
  files.pair.CheckWhole();
}

TEST_CASE("attachments: an upload whose answer is lost is found, and never sent twice", "[engine][attachments]") {
  for (const char* fault : {"drop-reply:attachment.attach:1", "cut:attachment.attach:1", "truncate:attachment.attach:1",
                            "503:attachment.attach:1", "drop-request:attachment.attach:1",
                            "try-again:attachment.attach:1", "session-expired:attachment.attach:1"}) {
    INFO(fault);
    oxserver::ServerOptions options;
    options.faults = {fault};
    Files files(std::move(options));
    files.Attach("same.txt", "one");
    files.Attach("same.txt", "two");  // the same name and size
    files.pair.Settle();
    files.pair.Settle();
    CHECK(files.There().size() == 2);
    CHECK(files.Here() == Seen{{"same.txt", "synced"}, {"same.txt", "synced"}});
    CHECK(Must(files.pair.account().Status()).conflicts == 0);
    files.pair.CheckWhole();
  }
}

TEST_CASE("attachments: a process that dies between an upload and its answer sends nothing twice",
          "[engine][attachments]") {
  Files files;
  files.Attach("x.txt", "x");
  bool stored = false;
  files.pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (request.target.find("action=attach") == std::string::npos || std::exchange(stored, true)) return;
    // What a killed process leaves: the journal as it is at this moment.
    std::filesystem::copy(files.pair.folder() / "account", files.pair.folder() / "killed",
                          std::filesystem::copy_options::recursive);
  };
  files.pair.Settle();
  files.pair.before_answer = nullptr;
  REQUIRE(stored);
  files.pair.Close();
  std::filesystem::rename(files.pair.folder() / "account", files.pair.folder() / "lived");
  std::filesystem::rename(files.pair.folder() / "killed", files.pair.folder() / "account");
  files.pair.Reopen();
  files.pair.Settle();
  CHECK(files.There() == std::vector<std::string>{"x.txt"});
  CHECK(files.Here() == Seen{{"x.txt", "synced"}});
  files.pair.CheckWhole();
}

TEST_CASE("attachments: an edit and a deletion of the item meet no conflict by our own attaching",
          "[engine][attachments]") {
  Files files;
  files.Attach("a.txt", "a");
  files.pair.Set(files.contact, "note", std::string("typed meanwhile"));
  files.pair.Settle();
  CHECK(files.pair.HeadText(files.contact, "note") == "typed meanwhile");
  CHECK(Must(files.pair.account().Status()).conflicts == 0);
  files.Attach("b.txt", "b");
  MustDo(files.pair.account().Delete(files.contact));
  files.pair.Settle();
  files.pair.Settle();
  CHECK(Must(files.pair.account().Status()).conflicts == 0);
  CHECK_FALSE(files.pair.Item(files.contact).Visible());
  CHECK(files.Here().empty());
  CHECK(files.pair.ServerNames().empty());
  files.pair.CheckWhole();
}

TEST_CASE("attachments: what the server refuses is parked by name, and goes when it may", "[engine][attachments]") {
  oxserver::ServerOptions options;
  options.logic.attachment_size_max = 10;
  Files files(std::move(options));
  const ItemId large = files.Attach("large", "12345678901");
  const ItemId good = files.Attach("good", "1");
  files.pair.Settle();
  CHECK(files.pair.Item(good).on_server);
  REQUIRE_FALSE(files.pair.Item(large).parked.empty());
  CHECK(files.pair.Item(large).parked.front().refusal.code == "ATT-0403");
  CHECK(files.Bytes(large) == "12345678901");
  CHECK(files.There() == std::vector<std::string>{"good"});
  // The item goes elsewhere: what was attached there goes with it, what waits stays to be seen.
  MustDo(files.pair.elsewhere().DeleteContact(files.pair.remote_folder, files.remote));
  files.pair.Settle();
  CHECK_FALSE(files.pair.Item(good).Visible());
  CHECK_FALSE(files.pair.Item(large).parked.empty());
  files.pair.CheckWhole();
}

TEST_CASE("attachments: elsewhere one comes, goes, or is replaced; bytes come when they are asked for",
          "[engine][attachments]") {
  Files files;
  auto& there = files.pair.elsewhere();
  const auto one = Must(there.Attach("contacts", files.pair.remote_folder, files.remote, "one", "1"));
  files.pair.Settle();
  CHECK(files.Here() == Seen{{"one", "synced"}});
  MustDo(there.Detach("contacts", files.pair.remote_folder, files.remote, one));
  // A file that looks like an error of the server is a file.
  const std::string sly = R"({"error":"no","code":"ATT-0405","category":8})";
  Must(there.Attach("contacts", files.pair.remote_folder, files.remote, "two", sly));
  files.pair.Settle();
  CHECK(files.Here() == Seen{{"two", "synced"}});
  const auto all = Must(FindByRemoteId(*files.pair.account().View(), ItemType::kContact, files.remote));
  REQUIRE(all);
  ItemId two;
  MustDo(ForEachItem(*files.pair.account().View(), files.contact, [&](const ItemState& attachment) {
    two = attachment.id;
    return true;
  }));
  MustDo(files.pair.account().Set(two, {{field::kAttachmentWanted, true}}));
  files.pair.Settle();
  CHECK(files.Bytes(two) == sly);
  CHECK(files.pair.account().Set(two, {{field::kAttachmentName, std::string("x")}}).error().code == Code::kInvalid);
  CHECK_FALSE(files.pair.account().Move(two, files.pair.Contacts()));
  files.pair.CheckWhole();
}

TEST_CASE("lists: free addresses and contacts, both ways, with what else the server keeps of them",
          "[engine][attachments]") {
  Files files;
  const auto members = [&](const ItemId& id) { return files.pair.HeadText(id, "distribution_list"); };
  const std::string text = "Ada <ada@example.org>\nbob@example.org\ncontact:" + files.remote + "@" +
                           files.pair.remote_folder + "/1 Files <files@example.org>";
  const ItemId list = Must(files.pair.account().Create(
      ItemType::kList, files.pair.Contacts(),
      {{Pair::Field("display_name"), std::string("Friends")}, {Pair::Field("distribution_list"), text}}));
  files.pair.Settle();
  CHECK(members(list) == text);
  const auto object =
      Must(files.pair.elsewhere().GetContact(files.pair.remote_folder, files.pair.Item(list).remote_id));
  CHECK(object.at("mark_as_distributionlist") == "true");
  const auto told = nlohmann::json::parse(object.at("distribution_list"));
  REQUIRE(told.size() == 3);
  CHECK(told[1] == nlohmann::json{{"mail", "bob@example.org"}, {"mail_field", 0}});
  CHECK(told[2]["id"] == files.remote);
  CHECK(told[2]["mail_field"] == 1);

  auto changed = told;
  changed[0]["sort_name"] = "Lovelace, Ada";
  changed.erase(1);
  MustDo(files.pair.elsewhere().UpdateContact(files.pair.remote_folder, files.pair.Item(list).remote_id,
                                              {{"distribution_list", changed.dump()}}));
  files.pair.Settle();
  const std::string now = members(list);
  CHECK(now.starts_with("Ada <ada@example.org>\tLovelace, Ada\ncontact:"));
  files.pair.Set(list, "distribution_list", now + "\nEve <eve@example.org>");
  files.pair.Settle();
  const auto after = nlohmann::json::parse(
      Must(files.pair.elsewhere().GetContact(files.pair.remote_folder, files.pair.Item(list).remote_id))
          .at("distribution_list"));
  REQUIRE(after.size() == 3);
  CHECK(after[0]["sort_name"] == "Lovelace, Ada");
  CHECK(after[2]["mail"] == "eve@example.org");
  files.pair.Set(list, "distribution_list", std::string("no address at all"));
  files.pair.Settle();
  CHECK(files.pair.Item(list).type == ItemType::kList);
  const auto other = files.pair.OtherAccount();
  Must(other->Sync({}));
  const auto there = Must(FindByRemoteId(*other->View(), ItemType::kContact, files.pair.Item(list).remote_id));
  REQUIRE(there);
  CHECK(Must(LoadItem(*other->View(), *there))->type == ItemType::kList);
  files.pair.CheckWhole();
}
