// Files at items, photos, and lists of people: both ways, told once, and what a person attached is not lost.
#include <nlohmann/json.hpp>

#include "base/system/crypto.h"
#include "base/system/files.h"
#include "engine/parked.h"
#include "engine/rich_text.h"
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
  std::string Bytes(const ItemId& id) { return Bytes(pair.Item(id).HeadValue(field::kAttachmentContent)); }
  std::string Bytes(const Value& content) {
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

// A contact whose photo is looked after; counts the uploads that the server took.
class Photos : public Files {
 public:
  explicit Photos(oxserver::ServerOptions options = {}) : Files(std::move(options)) {
    pair.before_answer = [this](const oxserver::HttpRequest& request) { uploads += request.method == "POST" ? 1 : 0; };
  }
  static std::string Image(const std::string& what) { return "\x89PNG\r\n\x1A\n" + what; }
  void Take(const std::string& what) {
    MustDo(pair.account().SetPhoto(contact, File("p" + std::to_string(++files) + ".png", Image(what))));
  }
  void TakeElsewhere(const std::string& what) {
    MustDo(pair.elsewhere().UpdateContact(
        pair.remote_folder, remote,
        {{"image1", what.empty() ? "" : Base64Of(AsBytes(Image(what)))}, {"image1_content_type", "image/png"}}));
  }
  std::string HereNow() {
    const Value photo = pair.Item(contact).HeadValue(field::kContactPhoto);
    return IsNull(photo) ? std::string() : Bytes(photo);
  }
  std::string ThereNow() {
    const auto fields = Must(pair.elsewhere().GetContact(pair.remote_folder, remote));
    const auto image = fields.find("image1");
    return image != fields.end() ? FromBase64(image->second).value() : std::string();
  }
  int uploads = 0;
  int files = 0;
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

TEST_CASE("attachments: one replaced just when the server lists it for the first time is gone there too",
          "[engine][attachments]") {
  Files files;
  const ItemId first = files.Attach("first.txt", "1");
  bool replaced = false;
  files.pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (request.target.find("attachment?action=all") == std::string::npos || std::exchange(replaced, true)) return;
    files.Attach("second.txt", "22");
    MustDo(files.pair.account().Delete(first));
  };
  files.pair.Settle();
  files.pair.before_answer = nullptr;
  REQUIRE(replaced);
  files.pair.Settle();
  CHECK(files.There() == std::vector<std::string>{"second.txt"});
  CHECK(files.Here() == Seen{{"second.txt", "synced"}});
  CHECK(Must(files.pair.account().Status()).conflicts == 0);
  files.pair.CheckWhole();
}

TEST_CASE("attachments: one takes the place of another in one append", "[engine][attachments]") {
  Files files;
  const ItemId old = files.Attach("plan.txt", "one");
  files.pair.Settle();
  const auto bytes = Must(files.pair.account().journal().blobs().Put(AsBytes("other")));
  const auto before = files.pair.account().journal().stats().appends;
  const ItemId now = Must(files.pair.account().AttachContent(files.contact, {{}, "plan.txt", ""}, bytes, {}, old));
  CHECK(files.pair.account().journal().stats().appends == before + 1);
  CHECK_FALSE(files.pair.Item(old).Visible());
  CHECK(files.pair.Item(now).Visible());
  files.pair.Settle();
  CHECK(files.There() == std::vector<std::string>{"plan.txt"});
  CHECK(files.Bytes(now) == "other");
  // What is gone already needs no deletion.
  Must(files.pair.account().AttachContent(files.contact, {{}, "more.txt", ""}, bytes, {}, old));
  files.pair.Settle();
  CHECK(files.There().size() == 2);
}

TEST_CASE("attachments: an item deleted just when a file of it has come to the server is deleted there too",
          "[engine][attachments]") {
  for (const char* fault : {"", "drop-reply:attachment.attach:1"}) {
    INFO(fault);
    oxserver::ServerOptions options;
    if (*fault != '\0') options.faults = {fault};
    Files files(std::move(options));
    files.Attach("a.txt", "a");
    bool deleted = false;
    files.pair.before_answer = [&](const oxserver::HttpRequest& request) {
      if (request.target.find("attachment?action=attach") == std::string::npos || std::exchange(deleted, true)) return;
      MustDo(files.pair.account().Delete(files.contact));
    };
    files.pair.Settle();
    files.pair.before_answer = nullptr;
    REQUIRE(deleted);
    files.pair.Settle();
    CHECK(files.pair.ServerNames().empty());
    CHECK_FALSE(files.pair.Item(files.contact).Visible());
    CHECK(Must(files.pair.account().Status()).conflicts == 0);
    files.pair.CheckWhole();
  }
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

TEST_CASE("photos: from here to the server and to another PC, changed and taken away on either side",
          "[engine][photos]") {
  Photos photos;
  Pair& pair = photos.pair;
  photos.Take("one");
  pair.Set(photos.contact, "note", std::string("with it"));
  CHECK(photos.HereNow() == Photos::Image("one"));
  pair.Settle();
  CHECK(photos.ThereNow() == Photos::Image("one"));
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, photos.remote)).at("image1_content_type") == "image/png");
  CHECK(photos.uploads == 1);
  const auto events = pair.account().View()->last();
  CHECK(pair.Sync().requests == 1);  // neither sent nor fetched again
  CHECK(pair.account().View()->last() == events);

  {
    const auto other = pair.OtherAccount();
    Must(other->Sync({}));
    const auto there = Must(FindByRemoteId(*other->View(), ItemType::kContact, photos.remote));
    REQUIRE(there);
    CHECK(Must(LoadItem(*other->View(), *there))->HeadValue(field::kContactPhoto) ==
          pair.Item(photos.contact).HeadValue(field::kContactPhoto));
    MustDo(other->Set(*there, {{field::kContactPhoto, Blob{Photos::Image("two")}}}));
    CHECK(Must(other->Sync({})).pending == 0);
  }
  pair.Settle();
  CHECK(photos.HereNow() == Photos::Image("two"));
  photos.TakeElsewhere("");
  pair.Settle();
  CHECK(photos.HereNow().empty());
  photos.TakeElsewhere("three");
  pair.Settle();
  CHECK(photos.HereNow() == Photos::Image("three"));
  MustDo(pair.account().Set(photos.contact, {{field::kContactPhoto, Value{}}}));
  pair.Settle();
  CHECK(photos.ThereNow().empty());
  CHECK(Must(pair.account().Status()).conflicts == 0);

  // An item that comes back has its photo, also one that was never sent before.
  photos.Take("four");
  pair.Settle();
  MustDo(pair.account().Delete(photos.contact));  // our own upload is no news that it would be in conflict with
  pair.Settle();
  CHECK(pair.ServerNames().empty());
  MustDo(pair.account().Restore(photos.contact, {}));
  pair.Settle();
  photos.remote = pair.Item(photos.contact).remote_id;
  CHECK(photos.ThereNow() == Photos::Image("four"));
  CHECK(photos.HereNow() == Photos::Image("four"));
  CHECK(Must(pair.account().Status()).conflicts == 0);
  const ItemId made = pair.CreateLocally("With", {{field::kContactPhoto, Blob{Photos::Image("new")}}});
  pair.Settle();
  photos.remote = pair.Item(made).remote_id;
  CHECK(photos.ThereNow() == Photos::Image("new"));
  CHECK_FALSE(PhotoIsDue(pair.Item(made)));
  pair.CheckWhole();
}

TEST_CASE("photos: taken on both sides, one wins and the other is kept; what else was edited goes out",
          "[engine][photos]") {
  for (const Policy policy : {Policy::kServerWins, Policy::kClientWins}) {
    Photos photos;
    Pair& pair = photos.pair;
    const bool server = policy == Policy::kServerWins;
    if (!server) MustDo(pair.account().PutSettings({{{std::string(setting::kPolicy), "client-wins"}}}));
    photos.Take("before");
    pair.Settle();
    photos.Take("ours");
    pair.Set(photos.contact, "note", std::string("typed"));
    photos.TakeElsewhere("theirs");
    pair.Settle();
    const std::string winner = Photos::Image(server ? "theirs" : "ours");
    CHECK(photos.HereNow() == winner);
    CHECK(photos.ThereNow() == winner);
    CHECK(pair.HeadText(photos.contact, "note") == "typed");
    const auto item = pair.Item(photos.contact);
    REQUIRE(item.losers.size() == 1);
    CHECK(item.losers.front().group == FindField(field::kContactPhoto)->group);
    CHECK(item.losers.front().server_lost == !server);
    if (server) {
      Must(pair.account().UndoConflict({photos.contact, item.losers.front().seq, item.losers.front().group}, false));
      pair.Settle();
      CHECK(photos.ThereNow() == Photos::Image("ours"));
    }
    // The same on both sides is no conflict.
    photos.Take("same");
    photos.TakeElsewhere("same");
    pair.Settle();
    CHECK(photos.HereNow() == Photos::Image("same"));
    CHECK(pair.Item(photos.contact).losers.size() == (server ? 0 : 1));
    pair.CheckWhole();
  }
}

TEST_CASE("photos: an upload whose answer is lost is looked for, and never sent twice", "[engine][photos]") {
  for (const char* fault :
       {"drop-reply:contacts.update:1", "cut:contacts.update:1", "503:contacts.update:1",
        "drop-request:contacts.update:1", "try-again:contacts.update:1", "session-expired:contacts.update:1",
        "drop-reply:contacts.new:2", "drop-reply:image.contact/picture:1", "truncate:image.contact/picture:1"}) {
    INFO(fault);
    oxserver::ServerOptions options;
    options.faults = {fault};
    Photos photos(std::move(options));
    photos.Take("one");
    const ItemId made = photos.pair.CreateLocally("New", {{field::kContactPhoto, Blob{Photos::Image("new")}}});
    photos.pair.Settle();
    photos.pair.Settle();
    CHECK(photos.ThereNow() == Photos::Image("one"));
    photos.remote = photos.pair.Item(made).remote_id;
    CHECK(photos.ThereNow() == Photos::Image("new"));
    CHECK(photos.pair.ServerNames().size() == 2);
    CHECK(Must(photos.pair.account().Status()).conflicts == 0);
    CHECK_FALSE(PhotoIsDue(photos.pair.Item(made)));
    photos.pair.CheckWhole();
  }
}

TEST_CASE("photos: what the server refuses is parked with its limit, the rest of the contact goes out",
          "[engine][photos]") {
  oxserver::ServerOptions options;
  options.logic.photo_size_max = 20;
  Photos photos(std::move(options));
  Pair& pair = photos.pair;
  photos.Take(std::string(30, 'x'));
  pair.Set(photos.contact, "note", std::string("typed"));
  pair.Settle();
  CHECK(Must(pair.elsewhere().GetContact(pair.remote_folder, photos.remote)).at("note") == "typed");
  auto item = pair.Item(photos.contact);
  REQUIRE(item.parked.size() == 1);
  CHECK(item.parked.front().refusal.code == "CON-0101");
  CHECK(item.parked.front().refusal.length == 38);
  CHECK(item.parked.front().refusal.limit == 20);
  CHECK(photos.HereNow().size() == 38);  // it stays what a person sees
  MustDo(pair.account().SetPhoto(photos.contact, photos.File("text.png", "no image")));
  pair.Settle();
  item = pair.Item(photos.contact);
  REQUIRE(item.parked.size() == 1);
  CHECK(item.parked.front().refusal.code == "CON-0158");
  photos.Take("ok");
  pair.Settle();
  CHECK(pair.Item(photos.contact).parked.empty());
  CHECK(photos.ThereNow() == Photos::Image("ok"));
  CHECK(pair.account().SetPhoto(pair.Contacts(), photos.File("x", "x")).error().code == Code::kInvalid);
  CHECK(pair.account().SetPhoto(photos.contact, pair.folder() / "none").error().code == Code::kNotFound);
  pair.CheckWhole();
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

TEST_CASE("rich text: goes with its item to another PC, and does not outlive an edit of the plain text",
          "[engine][attachments]") {
  Files files;
  const auto other = files.pair.OtherAccount();
  const auto in = [](Account& account, const Value& uid) {
    const auto id = Must(FindByUid(*account.View(), std::get<std::string>(uid)));
    REQUIRE(id);
    return Must(RichTextOf(*account.View(), *Must(LoadItem(*account.View(), *id))));
  };
  const Value uid = files.pair.Item(files.contact).HeadValue(field::UidOf(ItemType::kContact));
  const auto here = [&] { return in(files.pair.account(), uid); };
  files.pair.Set(files.contact, "note", std::string("one\r\ntwo\r\n"));
  CHECK_FALSE(here());
  const auto put = [&](const std::string& rtf) {
    return Must(files.pair.account().Attach(files.contact, {files.File("t.rtf", rtf), "", "", true}));
  };
  put("{\\rtf1 first}");
  const ItemId text = put("{\\rtf1 one two}");
  REQUIRE(here());
  CHECK(here()->id == text);
  files.pair.Settle();
  REQUIRE(here());
  CHECK(files.There() == std::vector<std::string>{RichTextName("one\ntwo")});
  const auto rows = nlohmann::json::parse(Must(files.pair.elsewhere().Do(
      "attachment", "all",
      {{"module", "7"}, {"folder", files.pair.remote_folder}, {"attached", files.remote}, {"columns", "803,806"}})));
  CHECK(rows[0][1] == true);

  Must(other->Sync({}));
  const auto there = in(*other, uid);
  REQUIRE(there);
  CHECK(there->HeadValue(field::kAttachmentRichText) == Value(true));
  MustDo(files.pair.elsewhere().UpdateContact(files.pair.remote_folder, files.remote, {{"note", "three"}}));
  Must(other->Sync({}));
  files.pair.Settle();
  CHECK_FALSE(in(*other, uid));
  CHECK_FALSE(here());
  // Another one for the new text takes its place.
  put("{\\rtf1 three}");
  files.pair.Settle();
  CHECK(files.There() == std::vector<std::string>{RichTextName("three")});
  CHECK(here());
  files.pair.CheckWhole();
}
