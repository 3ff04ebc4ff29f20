// What goes over the wire: how often, and in the words of OX's own document.
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/engine/pair.h"
#include "tests/support/shared.h"

using namespace outpost;
using namespace outpost::test;

namespace {

oxserver::ServerOptions Recorded(const std::filesystem::path& record) {
  oxserver::ServerOptions options;
  options.record_file = record.string();
  return options;
}

std::vector<nlohmann::json> Exchanges(const std::filesystem::path& record) {
  std::vector<nlohmann::json> lines;
  std::ifstream in(record);
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("a round without news over 40 folders is one request", "[engine][wire]") {
  const auto scratch = Must(MakeTemporaryFolder("outpost-wire-"));
  const auto record = scratch / "traffic.ndjson";
  {
    Pair pair(Recorded(record));
    for (int i = 0; i < 39; ++i) {
      const auto folder = Must(pair.elsewhere().CreateFolder(pair.remote_folder, "F" + std::to_string(i)));
      Must(pair.elsewhere().CreateContact(folder, {{"last_name", "in " + std::to_string(i)}}));
    }
    pair.Settle();
    const auto before = Exchanges(record).size();
    const auto events = pair.account().View()->last();
    CHECK(pair.Sync().requests == 1);
    const auto after = Exchanges(record);
    REQUIRE(after.size() == before + 1);
    const auto asked = nlohmann::json::parse(after.back().at("request_body").get<std::string>());
    CHECK(asked.size() >= 41);  // the folder tree, 40 folders of one's own, the global address book
    CHECK(pair.account().View()->last() == events);
  }
  std::filesystem::remove_all(scratch);
}

TEST_CASE("first sync takes at most one request for 500 items", "[engine][wire]") {
  Pair pair;
  std::vector<oxserver::FieldMap> contacts;
  for (int i = 0; i < 3000; ++i) contacts.push_back({{"last_name", "n" + std::to_string(i)}});
  Must(pair.elsewhere().CreateContacts(pair.remote_folder, contacts));
  const auto report = pair.Settle();
  CHECK(report.pulled >= 3000);
  // Beside the pages: base, sign-in and the four it asks, the folders alone first, a listing each, and the quiet round
  // at the end.
  const std::size_t folders =
      Must(ListFolders(*pair.account().View())).size();  // contacts, address book, calendar, tasks, mail
  CHECK(folders == 10);
  CHECK(report.requests <= 3000 / 500 + 9 + folders);
}

TEST_CASE("shipping takes at most one request for 50 edits", "[engine][wire]") {
  Pair pair;
  pair.Settle();
  for (int i = 0; i < 200; ++i) pair.CreateLocally("n" + std::to_string(i));
  const auto report = pair.Sync();
  CHECK(report.batches == 4);
  CHECK(report.requests <= 4 + 2);  // and the changes before, and after
}

TEST_CASE("all traffic of a sync both ways keeps to OX's API document", "[engine][wire][contract]") {
  const auto check = Shared("tools/ox-contract-check");
  if (check.empty()) return;
  const auto scratch = Must(MakeTemporaryFolder("outpost-wire-"));
  const auto record = scratch / "traffic.ndjson";
  {
    Pair pair(Recorded(record));
    SeededRandom random(7);
    oxserver::GenerateSpec spec;
    spec.contacts = 120;
    spec.folders = 3;
    const auto generated = Must(oxserver::Generate(spec, random, pair.elsewhere()));
    pair.Settle();
    std::vector<ItemId> items;
    MustDo(ForEachItem(*pair.account().View(), pair.Contacts(), [&](const ItemState& item) {
      items.push_back(item.id);
      return true;
    }));
    REQUIRE(items.size() >= 30);
    // Every field that travels, once; then deletions, a move, a clash, a refusal and answers that never came.
    FieldMap all;
    for (const Field& field : AllFields()) {
      if (field.type != ItemType::kContact || field.sync != Sync::kBoth || field.merge == Merge::kOnce) continue;
      if (field.kind == FieldKind::kText)
        all[field.id] = field.name == "email1" ? std::string("a@example.org") : std::string("v");
      if (field.kind == FieldKind::kDate) all[field.id] = std::int64_t{86'400'000};
      if (field.kind == FieldKind::kBool) all[field.id] = true;
      if (field.kind == FieldKind::kInt) all[field.id] = std::int64_t{1};
      if (field.kind == FieldKind::kTexts) all[field.id] = std::vector<std::string>{"red", "blue"};
    }
    MustDo(pair.account().Set(items[0], all));
    MustDo(pair.account().Set(items[8], {{field::kContactPhoto, Blob{"GIF89a"}}}));
    for (std::size_t i = 1; i < 5; ++i) MustDo(pair.account().Delete(items[i]));
    for (int i = 0; i < 60; ++i) pair.CreateLocally("made" + std::to_string(i));
    MustDo(pair.account().Move(items[5],
                               *Must(FindByRemoteId(*pair.account().View(), ItemType::kFolder, generated.folders[1]))));
    pair.Set(items[6], "company", std::string("ours"));
    MustDo(pair.elsewhere().UpdateContact(pair.remote_folder, pair.Item(items[6]).remote_id, {{"company", "theirs"}}));
    pair.Set(items[7], "nickname", std::string(300, 'y'));
    const std::string mail =
        "From: a@example.org\r\nTo: anna@example.com\r\nSubject: s\r\nMessage-ID: <1@x>\r\n\r\nb\r\n";
    for (int i = 0; i < 2; ++i) Must(pair.elsewhere().ImportMail("default0/INBOX", mail));
    pair.Settle();
    MustDo(ForEachItem(
        *pair.account().View(), Must(FindFolder(*pair.account().View(), "E-Mail/INBOX")).id,
        [&](const ItemState& item) {
          MustDo(pair.account().Set(item.id, {{field::kMailSeen, true}, {field::kMailColor, std::int64_t{3}}}));
          MustDo(pair.account().Delete(item.id));
          return true;
        }));
    MustDo(pair.server().AddFault("drop-reply:contacts.new:1"));
    MustDo(pair.server().AddFault("session-expired:*.*:3"));
    pair.Settle();
    const auto here = pair.Head(items[0], "categories");
    CHECK(here == Value(std::vector<std::string>{"red", "blue"}));
    pair.Reopen();
    pair.Settle();
  }
  const std::string allow = std::string(OUTPOST_SOURCE) + "/tests/contract/allow.txt";
  CHECK(std::system(("python3 " + check.string() + " --allow " + allow + " " + record.string() + " >&2").c_str()) == 0);
  for (const auto& line : Exchanges(record)) CHECK(line.dump().find("secret") == std::string::npos);
  std::filesystem::remove_all(scratch);
}
