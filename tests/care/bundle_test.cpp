#include "care/bundle.h"

#include <set>

#include "care/redact.h"
#include "engine/run_record.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "engine/trace_ring.h"
#include "schemas/checkpoint.h"
#include "tests/care/care.h"

using namespace outpost;
using namespace outpost::test;

namespace {

namespace fs = std::filesystem;

// Not ASCII alone, so that each encoding writes it in a way of its own.
const std::string kCanary = "Zqk\u00fcrbisgeist";
constexpr const char* kPasswordCanary = "Pw-Canary-81723";

std::string Lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string Wide(std::string_view utf8, bool big_endian) {
  std::string out;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[at++]);
    unsigned character = lead;
    if (lead >= 0xc0) character = ((lead & 0x1fu) << 6) | (static_cast<unsigned char>(utf8[at++]) & 0x3fu);
    const char high = static_cast<char>(character >> 8), low = static_cast<char>(character);
    out += big_endian ? std::string{high, low} : std::string{low, high};
  }
  return out;
}

// The part of the base64 of `text` that does not depend on what stands around it, for text at this offset of three.
std::string Base64At(const std::string& text, std::size_t offset) {
  const std::string all = Base64Of(AsBytes(std::string(offset, 'x') + text + "xxx"));
  const std::size_t from = offset == 0 ? 0 : offset + 1;
  return all.substr(from, (text.size() + offset) * 8 / 6 - from);
}

std::string Escaped(const std::string& text, const char* before) {
  std::string out;
  for (const char c : text) out += (c & 0x80) != 0 ? before + ToHex(AsBytes(std::string(1, c))) : std::string(1, c);
  return out;
}

// The canary as it may be written, in lower case where the case of the text around it does not count.
std::vector<std::pair<std::string, std::string>> Needles(const std::string& canary) {
  std::string latin = canary;
  if (const auto at = latin.find("\u00fc"); at != std::string::npos) latin.replace(at, 2, "\xfc");
  std::vector<std::pair<std::string, std::string>> needles{{"UTF-8", canary},
                                                           {"ISO 8859-1", latin},
                                                           {"UTF-16LE", Wide(canary, false)},
                                                           {"UTF-16BE", Wide(canary, true)},
                                                           {"hex", ToHex(AsBytes(canary))},
                                                           {"hex of UTF-16LE", ToHex(AsBytes(Wide(canary, false)))},
                                                           {"percent", Escaped(canary, "%")},
                                                           {"quoted-printable", Escaped(canary, "=")},
                                                           {"its second half", canary.substr(canary.size() - 8)}};
  for (auto& needle : needles) needle.second = Lower(needle.second);
  for (std::size_t offset = 0; offset < 3; ++offset) {
    needles.emplace_back("base64 at " + std::to_string(offset), Base64At(canary, offset));
    needles.emplace_back("base64 of UTF-16LE at " + std::to_string(offset), Base64At(Wide(canary, false), offset));
  }
  return needles;
}

// Where `canary` is in `text`, by the name of its encoding; empty: nowhere.
std::string FoundIn(const std::string& text, const std::string& canary) {
  const std::string lower = Lower(text);
  for (const auto& [name, needle] : Needles(canary))
    if ((name.starts_with("base64") ? text : lower).find(needle) != std::string::npos) return name;
  return {};
}

// All that an account with canaries in everything that a person may write has; some of it pending, parked or lost.
struct Marked : BackedUp {
  Marked() {
    const auto text = [](const char* what) { return kCanary + " " + what; };
    MustDo(StoreSecret(account_folder(), kPasswordCanary));
    const auto remote =
        Must(elsewhere().CreateContact(remote_folder, {{"last_name", text("there")}, {"note", text("n")}}));
    const std::string odd = Must(elsewhere().CreateFolder(remote_folder, text("folder")));
    Must(elsewhere().CreateContact(odd, {{"first_name", text("below")}, {"email1", kCanary + "@example.com"}}));
    Must(elsewhere().Create("tasks", Must(elsewhere().OwnFolder("tasks")),
                            {{"title", text("task")}, {"note", text("t")}}));
    Must(elsewhere().Attach("contacts", remote_folder, remote, kCanary + ".txt", text("in a file")));
    Must(elsewhere().ImportMail(
        "default0/INBOX", "From: " + std::string("anna@example.com") + "\r\nTo: bert@example.com\r\nSubject: " +
                              text("subject") + "\r\nMessage-Id: <1@example.com>\r\n\r\n" + text("body") + "\r\n"));
    Settle();
    synced = CreateLocally(text("made here"),
                           {{Field("department"), text("d")}, {Field("birthday"), std::int64_t{86400000}}});
    Set(synced, "note", text("changed"));
    const fs::path file = folder() / (kCanary + ".bin");
    MustDo(WriteFileDurably(file, text("attached")));
    AttachFile attached;
    attached.path = file;
    attached.name = kCanary + ".bin";
    attached.type = "application/octet-stream";
    Must(account().Attach(synced, attached));
    CreateLocally(text("long"), {{Field("department"), std::string(300, 'd') + kCanary}});  // the server takes 128
    Settle();
    // Both sides change the same: one loses.
    MustDo(elsewhere().UpdateContact(remote_folder, remote, {{"note", text("theirs")}}));
    Set(*ByRemoteId(remote), "note", text("ours"));
    Settle();
    CreateLocally(text("waiting"));
    MustDo(WriteFileDurably(account_folder() / "outpost.log",
                            "2026-11-30T08:00:00.000Z warning replicator: cannot read \"" + text("quoted") +
                                "\" of /home/x/" + kCanary + ".txt: " + kCanary + " refused by http://" + kCanary +
                                "/ajax\n"));
    RunRecord run;
    run.state = "online";
    run.last_error = "the server said " + kCanary;
    MustDo(SaveRunRecord(account_folder(), run));
  }
  fs::path account_folder() const { return folder() / "account"; }
  fs::path bundle() const { return folder() / "out" / "case.bundle"; }
  BundleReport Bundle(bool content = false) {
    MustDo(MakeFolder(bundle().parent_path()));
    const SystemClock clock;
    BundleOptions options{account_folder(), "anna@server.example", bundle(), "1.0", content, Existing::kReplace};
    return Must(PackBundle(*account().View(), options, clock, nullptr));
  }
  ItemId synced;
};

// A bundle, unpacked, and its journal as any reader has it.
struct Opened {
  explicit Opened(const Marked& marked) : folder(marked.folder() / "opened"), scratch(marked.folder() / "scratch") {
    MustDo(MakeFolder(folder));
    MustDo(MakeFolder(scratch));
    manifest = Must(UnpackBundle(marked.bundle(), folder, nullptr));
    follower = Must(JournalFollower::Open(folder / "journal", scratch));
    view = Must(follower->View());
  }
  ~Opened() {
    view.reset();
    follower.reset();
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    fs::remove_all(scratch, ignored);
  }
  // All that is in it, decompressed: files, events, rows of every table, blobs.
  std::map<std::string, std::string> Everything() {
    std::map<std::string, std::string> all = Contents(folder);
    MustDo(view->Scan(1, view->last(), [&](const Event& event) {
      all["event " + std::to_string(event.seq)] = event.body + event.header.item.Hex();
      return true;
    }));
    for (int table = 0; table < 256; ++table)
      MustDo(view->Scan(static_cast<Table>(table), "", "", [&](std::string_view key, std::string_view row) {
        all["table " + std::to_string(table)].append(key).append(row);
        return true;
      }));
    return all;
  }
  fs::path folder, scratch;
  BackupManifest manifest;
  std::unique_ptr<JournalFollower> follower;
  std::unique_ptr<JournalView> view;
};

}  // namespace

TEST_CASE("bundle: without --content no canary is in it, in any encoding, whatever it is packed in", "[care][bundle]") {
  Marked marked;
  marked.Bundle(true);
  {  // What would be found if it were there.
    Opened plain(marked);
    std::size_t found = 0;
    for (const auto& [name, content] : plain.Everything()) {
      if (!FoundIn(content, kCanary).empty()) ++found;
      CHECK(FoundIn(content, kPasswordCanary).empty());
    }
    CHECK(found > 10);
  }
  for (const std::string& text : {kCanary, Wide(kCanary, false), Wide(kCanary, true), ToHex(AsBytes(kCanary)),
                                  Base64Of(AsBytes("1" + kCanary)), Base64Of(AsBytes("22" + kCanary + "3")),
                                  Base64Of(AsBytes(kCanary)), Escaped(kCanary, "%"), Escaped(kCanary, "=")})
    CHECK_FALSE(FoundIn("before " + text + " behind", kCanary).empty());
  marked.Bundle();
  CHECK(FoundIn(Must(ReadFile(marked.bundle())), kCanary).empty());
  Opened redacted(marked);
  CHECK(redacted.manifest.account.find("server.example") == std::string::npos);
  for (const auto& [name, content] : redacted.Everything()) {
    INFO(name << " " << FoundIn(content, kCanary));
    CHECK(FoundIn(content, kCanary).empty());
    CHECK(FoundIn(content, kPasswordCanary).empty());
    CHECK(FoundIn(name, kCanary).empty());
  }
}

TEST_CASE("bundle: its journal has the same events at the same sequences, and is whole", "[care][bundle]") {
  Marked marked;
  const auto report = marked.Bundle();
  const auto view = marked.account().View();
  CHECK(report.manifest.last == view->last());
  Opened opened(marked);
  REQUIRE(opened.view->last() == view->last());
  for (Sequence seq = 1; seq <= view->last(); ++seq) {
    const Event there = Must(opened.view->Read(seq)), here = Must(view->Read(seq));
    CHECK(there.header.kind == here.header.kind);
    CHECK(there.header.item == here.header.item);
    CHECK(there.header.op == here.header.op);
    CHECK(there.header.time == here.header.time);
    CHECK(there.header.back == here.header.back);
    CHECK(there.header.origin == here.header.origin);
  }
  const auto proof = Must(VerifyEvents(*opened.view));
  INFO(proof.problem);
  CHECK(proof.problem.empty());
  CHECK(proof.chain_ok);
  CHECK(proof.root != Must(VerifyEvents(*view)).root);
  ReplicationRows rows;
  AccountFolds folds({&rows});
  const auto rebuilt = Must(VerifyRebuild(*opened.view, folds.all()));
  INFO(rebuilt.first_difference);
  CHECK(rebuilt.equal());
  const auto blobs = Must(VerifyBlobs(*opened.view, {}));
  CHECK(blobs.sound());
  CHECK(blobs.blobs > 0);
  const auto audit = Must(Audit(*opened.view)), mine = Must(Audit(*view));
  // Folders hold what they held, and items are where they were.
  CHECK(Must(LoadItem(*opened.view, marked.Contacts()))->HeadValue(field::kFolderModule) ==
        marked.Item(marked.Contacts()).HeadValue(field::kFolderModule));
  CHECK(Must(LoadItem(*opened.view, marked.synced))->Folder() == marked.Contacts());
  CHECK(audit.edits == mine.edits);
  CHECK(audit.pending_edits == mine.pending_edits);
  CHECK(audit.losers_listed == mine.losers_listed);
  CHECK(audit.parked_listed == mine.parked_listed);
  CHECK(audit.parked_listed > 0);
  CHECK(audit.losers_listed > 0);
  CHECK(audit.sound());
}

TEST_CASE("bundle: also of a journal that has dropped history", "[care][bundle]") {
  Marked marked;
  marked.Close();
  marked.Reopen();
  // A checkpoint, then a second one behind what the first one restated: what was before goes.
  RetentionPolicy nothing;
  nothing.keep = Millis{0};
  Must(marked.account().journal().Retain(nothing, [] { return false; }));
  marked.Set(marked.synced, "note", kCanary + " once more");
  Must(marked.account().journal().Retain(nothing, [] { return false; }));
  REQUIRE(marked.account().View()->first() > 1);
  marked.Bundle();
  Opened opened(marked);
  CHECK(opened.view->first() == marked.account().View()->first());
  const auto proof = Must(VerifyEvents(*opened.view));
  INFO(proof.problem);
  CHECK(proof.problem.empty());
  CHECK(proof.missing > 0);
  ReplicationRows rows;
  AccountFolds folds({&rows});
  const auto rebuilt = Must(VerifyRebuild(*opened.view, folds.all()));
  INFO(rebuilt.first_difference);
  CHECK(rebuilt.equal());
  for (const auto& [name, content] : opened.Everything()) {
    INFO(name << " " << FoundIn(content, kCanary));
    CHECK(FoundIn(content, kCanary).empty());
  }
  const auto item = Must(LoadItem(*opened.view, marked.synced));
  REQUIRE(item);
  CHECK(item->pending.size() == marked.Item(marked.synced).pending.size());
}

TEST_CASE("bundle: the same text is the same token in it, and another one in the next", "[care][bundle]") {
  Marked marked;
  const ItemId other = marked.CreateLocally("same", {{Marked::Field("first_name"), std::string("other")}});
  const ItemId one = marked.CreateLocally("same");
  std::set<std::string> tokens;
  for (int i = 0; i < 2; ++i) {
    marked.Bundle();
    Opened opened(marked);
    const auto value = [&](const ItemId& id, const char* name) {
      return std::get<std::string>(Must(LoadItem(*opened.view, id))->HeadValue(Marked::Field(name)));
    };
    CHECK(value(one, "last_name") == value(other, "last_name"));
    CHECK(value(other, "last_name") != value(other, "first_name"));
    tokens.insert(value(one, "last_name"));
  }
  CHECK(tokens.size() == 2);
}

TEST_CASE("bundle: with --content it holds what people wrote, and files too", "[care][bundle]") {
  Marked marked;
  marked.Bundle(true);
  Opened opened(marked);
  CHECK(opened.manifest.account == "anna@server.example");
  CHECK(Must(VerifyBlobs(*opened.view, {})).sound());
  const auto item = Must(LoadItem(*opened.view, marked.synced));
  CHECK(item->HeadValue(Marked::Field("note")) == marked.Head(marked.synced, "note"));
  CHECK(Must(ReadFile(opened.folder / kBundleLog)).find(kCanary) != std::string::npos);
}

TEST_CASE("redactor: machines are hidden in lines, by whatever name they go; what a log says of itself stays",
          "[care][bundle]") {
  Redactor redactor(Secret(std::string_view("0123456789abcdef0123456789abcdef")));
  redactor.Name("al@box");
  SettingsBody settings;
  settings.settings = {{std::string(setting::kServer), "https://mail:8443"}, {std::string(setting::kUser), "al"}};
  Event event;
  event.header.kind = Kind::kAccountSet;
  event.body = Encode(settings);
  MustDo(redactor.Redact(event));
  const std::string time = "2026-11-30T08:00:00.000Z info net: ";
  for (const char* host : {"ox.abc.de", "10.1.2.3", "10.1.2.3:443", "mail.task.de", "fe80::1", "[::1]:80", "box", "al",
                           "AL", "mail", "mail:8443"})
    for (const char* around : {"signed in at %", "(%)", "no answer from %, again", "%: refused", "'%'."}) {
      std::string line(around);
      line.replace(line.find('%'), 1, host);
      const std::string shown = redactor.Line(time + line);
      INFO(line << " became " << shown);
      CHECK(shown.starts_with(time));
      CHECK((" " + shown.substr(time.size()) + " ").find(host) == std::string::npos);
    }
  const std::string plain = time + "read 4711 rows of 0.5 MB with RocksDB 7.8.3; the rest (12) follows.";
  CHECK(redactor.Line(plain) == plain);
}

TEST_CASE("redactor: of people's lines who it is and what he answered stays, and no word that he typed",
          "[care][bundle]") {
  Redactor redactor(Secret(std::string_view("0123456789abcdef0123456789abcdef")));
  const auto field = [](ItemType type, std::string_view name) { return FindField(type, name)->id; };
  const auto line = [&](FieldId id, const std::string& text) {
    return std::get<std::vector<std::string>>(redactor.Fields({{id, std::vector<std::string>{text}}}).at(id))[0];
  };
  const FieldId people = field(ItemType::kAppointment, "participants");
  CHECK(line(people, "user:3") == "user:3");
  CHECK(line(people, "4711 0815 user Kanarie <k@x.org>").find("4711") == std::string::npos);
  const FieldId users = field(ItemType::kAppointment, "users");
  CHECK(line(users, "user:3 declined") == "user:3 declined");
  const std::string told = line(users, "user:3 declined 4711 is the door code, all above");
  CHECK(told.starts_with("user:3 declined "));
  for (const char* word : {"4711", "all", "above"}) CHECK(told.find(word) == std::string::npos);
  const FieldId busy = field(ItemType::kPerson, "busy");
  CHECK(line(busy, "1780304400000 1780308000000 reserved") == "1780304400000 1780308000000 reserved");
  CHECK(line(busy, "1780304400000 all").find("1780304400000") == std::string::npos);
}

TEST_CASE("bundle: what a person keeps beside it under a name like its own stays", "[care][bundle]") {
  BackedUp pair;
  pair.Settle();
  const SystemClock clock;
  const auto mine = pair.folder() / ".bundle-abcdef" / "file";
  MustDo(MakeFolder(mine.parent_path()));
  MustDo(WriteFileDurably(mine, "mine"));
  MustDo(MakeFolder(pair.folder() / ".bundle-holidays"));
  const auto left = pair.folder() / ".bundle-gone00";  // of a process that died
  MustDo(MakeFolder(left));
  MustDo(WriteFileDurably(left / "held", ""));
  BundleOptions options{pair.folder() / "account", "anna@test", pair.folder() / "b", "1", false, Existing::kRefuse};
  Must(PackBundle(*pair.account().View(), options, clock, nullptr));
  CHECK(fs::exists(mine));
  CHECK(fs::exists(pair.folder() / ".bundle-holidays"));
  CHECK_FALSE(fs::exists(left));
}

TEST_CASE("bundle: nothing is left of one that fails, and a backup is none", "[care][bundle]") {
  BackedUp pair;
  pair.Settle();
  const SystemClock clock;
  BundleOptions options{pair.folder() / "account", "anna@test", pair.folder() / "b", "1", false, Existing::kRefuse};
  Must(PackBundle(*pair.account().View(), options, clock, nullptr));
  const auto again = PackBundle(*pair.account().View(), options, clock, nullptr);
  REQUIRE_FALSE(again);
  CHECK(again.error().code == Code::kConflict);
  CHECK_FALSE(CheckBackup(options.file, nullptr));
  pair.Backup();
  MustDo(MakeFolder(pair.folder() / "into"));
  const auto none = UnpackBundle(pair.folder() / "none", pair.folder() / "into", nullptr);
  CHECK(none.error().code == Code::kNotFound);
  for (const auto& entry : fs::directory_iterator(pair.folder()))
    CHECK_FALSE(entry.path().filename().string().starts_with(".bundle-"));
}

TEST_CASE("tokens: script, class of length and equality stay, nothing else does", "[care][bundle]") {
  const Tokens tokens(Secret(std::string_view("0123456789abcdef0123456789abcdef")));
  CHECK(tokens.Text("").empty());
  CHECK(tokens.Text("Ada") == tokens.Text("Ada"));
  CHECK(tokens.Text("Ada") != tokens.Text("ada"));
  CHECK(tokens.Text("Ada").size() == kTokenLeast);
  CHECK(tokens.Text(std::string(100, 'a')).size() == LengthClass(100));
  CHECK(LengthClass(100) == 128);
  CHECK(LengthClass(13) == 16);
  CHECK(tokens.Text("+49 171 12345678").find_first_not_of("0123456789") == std::string::npos);
  CHECK((static_cast<unsigned char>(tokens.Text("\u0410\u0434\u0430")[0]) & 0xf0) == 0xd0);  // Cyrillic
  const std::string address = tokens.Text("ada@example.com");
  CHECK(address.substr(address.find('@')) ==
        tokens.Text("x@example.com").substr(tokens.Text("x@example.com").find('@')));
  CHECK(tokens.RemoteId("4711") == "4711");
  CHECK(tokens.RemoteId("user:4") == "user:4");
  const std::string folder = tokens.RemoteId("default0/Geheim");
  CHECK(tokens.RemoteId("default0/Geheim:17") == folder + ":17");
  CHECK(folder.find("Geheim") == std::string::npos);
  CHECK(tokens.RemoteId(std::string(1'000'000, ':')).size() < 10'000);
}
