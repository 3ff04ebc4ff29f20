#include <atomic>
#include <set>

#include "replicator/tuning.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::size_t kItems = 400;  // in each folder
constexpr std::size_t kPage = 5;
constexpr std::size_t kRequest = kPage * tuning::kPagesPerRequest;
constexpr std::size_t kOnTheWay = kRequest * tuning::kInFlightRequests;  // whose answers may overtake one another

// Four known folders of contacts that are all to be read in full.
struct Unread : Pair {
  Unread() {
    std::vector<std::string> remote{remote_folder};
    for (const char* name : {"A", "B", "C"}) remote.push_back(Must(elsewhere().CreateFolder(remote_folder, name)));
    Settle();
    for (const auto& folder : remote) {
      std::vector<oxserver::FieldMap> contacts;
      for (std::size_t i = 0; i < kItems; ++i) contacts.push_back({{"last_name", folder + " " + std::to_string(i)}});
      Must(elsewhere().CreateContacts(folder, contacts));
    }
    MustDo(account().PutSettings(
        {{{std::string(setting::kPage), std::to_string(kPage)}, {std::string(setting::kResync), "1"}}}));
  }
  ItemId Named(const std::string& path) { return Must(FindFolder(*account().View(), path)).id; }

  // The folders of the contacts that came into these four, in the order in which they were stored.
  std::vector<ItemId> Arrived() {
    std::vector<ItemId> folders;
    const std::set<ItemId> ours{Contacts(), Named("Contacts/A"), Named("Contacts/B"), Named("Contacts/C")};
    const auto view = account().View();
    MustDo(view->Scan(1, view->last(), [&](const Event& event) {
      if (event.header.kind != Kind::kRemoteCreated || event.header.item_type != ItemType::kContact) return true;
      const FieldMap patch = DecodeChange(event.body).value().patch;
      const auto folder = std::get<ItemId>(patch.at(field::FolderOf(ItemType::kContact)));
      if (ours.contains(folder)) folders.push_back(folder);
      return true;
    }));
    return folders;
  }
};

// How many of `order` come before the last of `folder` and are not its own.
std::size_t OthersBefore(const std::vector<ItemId>& order, const ItemId& folder) {
  const auto last = std::find(order.rbegin(), order.rend(), folder).base();
  return static_cast<std::size_t>(last - order.begin() - std::count(order.begin(), last, folder));
}

}  // namespace

TEST_CASE("reading: the visible folder comes first, then the others in turn, page by page", "[engine][reading]") {
  Unread pair;
  const ItemId visible = pair.Named("Contacts/B");
  Must(pair.account().Sync({visible}));
  const auto order = pair.Arrived();
  REQUIRE(order.size() == 4 * kItems);
  CHECK(OthersBefore(order, visible) <= kOnTheWay);
  std::map<ItemId, std::size_t> came;
  std::size_t furthest_apart = 0;
  for (const ItemId& folder : order) {
    if (folder == visible) continue;
    ++came[folder];
    const auto by_count = [](const auto& a, const auto& b) { return a.second < b.second; };
    const auto [least, most] = std::minmax_element(came.begin(), came.end(), by_count);
    if (came.size() == 3) furthest_apart = std::max(furthest_apart, most->second - least->second);
  }
  CHECK(came.size() == 3);
  CHECK(furthest_apart > 0);
  CHECK(furthest_apart <= kOnTheWay);
  pair.CheckWhole();
}

TEST_CASE("reading: a folder that is opened meanwhile goes on before the others", "[engine][reading]") {
  Unread pair;
  const ItemId first = pair.Named("Contacts/A"), opened = pair.Named("Contacts/C");
  std::atomic<int> pages{0};
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (request.body.find("\"list\"") != std::string::npos && ++pages == 2)
      pair.account().SyncAsync({opened}, nullptr, [](const SyncReport&) {});
  };
  Must(pair.account().Sync({first}));
  pair.before_answer = nullptr;
  const auto order = pair.Arrived();
  REQUIRE(order.size() == 4 * kItems);
  // Beside its own, what the first folder had got by then, and what was on its way.
  CHECK(OthersBefore(order, opened) <= 2 * kRequest + 2 * kOnTheWay);
  CHECK(OthersBefore(order, first) >= kItems);
  pair.CheckWhole();
}

TEST_CASE("reading: in a long first sync an edit is sent long before all is read, and the reading goes on after it",
          "[engine][reading]") {
  Pair pair;
  constexpr std::size_t kMany = 3 * tuning::kReadingRequests * kRequest;
  std::vector<oxserver::FieldMap> contacts;
  for (std::size_t i = 0; i < kMany; ++i) contacts.push_back({{"last_name", "n" + std::to_string(i)}});
  Must(pair.elsewhere().CreateContacts(pair.remote_folder, contacts));
  MustDo(pair.account().PutSettings({{{std::string(setting::kPage), std::to_string(kPage)}}}));
  std::size_t lists = 0, lists_before = 0;
  bool typed = false;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    const auto has = [&](const char* action) { return request.body.find(action) != std::string::npos; };
    if (has("\"action\":\"list\"") && ++lists == 5 && !std::exchange(typed, true))
      pair.CreateLocally("typed meanwhile");
    if (has("\"action\":\"new\"")) lists_before = lists;
  };
  const auto report = pair.Settle();
  CHECK(report.pending == 0);
  CHECK(lists_before >= 5);
  CHECK(lists_before <= tuning::kReadingRequests + tuning::kInFlightRequests + 1);
  CHECK(lists > 2 * tuning::kReadingRequests);
  CHECK(lists < 4 * tuning::kReadingRequests);  // nothing was fetched twice
  CHECK(pair.ClientNames().size() == kMany + 1);
  pair.CheckWhole();
}
