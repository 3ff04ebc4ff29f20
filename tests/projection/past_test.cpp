#include "projection/past.h"

#include "tests/projection/life.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// What all folders showed at one moment: the items in their order, and their fields.
using Shown = std::vector<std::pair<ItemId, FieldMap>>;

struct Snapshot {
  Sequence last = 0;
  Millis time{0};
  std::vector<Shown> folders;
};

Snapshot Look(const Life& life) {
  const auto view = life.journal->View();
  Snapshot snapshot{view->last(), life.clock().WallNow(), {}};
  for (const ItemId& folder : life.folders()) {
    auto& shown = snapshot.folders.emplace_back();
    REQUIRE(ForEachItem(*view, folder,
                        [&](const ItemState& item) { return shown.emplace_back(item.id, item.Head()), true; }));
  }
  return snapshot;
}

Snapshot LookBack(const Life& life, const Snapshot& then) {
  const auto view = life.journal->View();
  Snapshot snapshot{then.last, then.time, {}};
  const auto past = Past::Open(*view, then.last);
  REQUIRE(past);
  for (std::size_t i = 0; i < then.folders.size(); ++i) {
    auto& shown = snapshot.folders.emplace_back();
    REQUIRE(past.value().ForEachItem(
        life.folders()[i], [&](const ItemState& item) { return shown.emplace_back(item.id, item.Head()), true; }));
  }
  return snapshot;
}

FieldId Name() { return FieldOf(ItemType::kContact, "display_name"); }

}  // namespace

TEST_CASE("past: every folder is seen as it was seen then, however much history was dropped since", "[past]") {
  const auto seed = GENERATE(range(1u, 7u));
  Life life(seed);
  SeededRandom random(seed * 31);
  std::vector<Snapshot> snapshots;
  std::size_t compared = 0, forgotten = 0;
  for (int round = 0; round < 12; ++round) {
    for (int look = 0; look < 8; ++look) {
      life.Live(1 + static_cast<int>(random.Below(15)));
      snapshots.push_back(Look(life));
    }
    if (random.Chance(1, 3)) life.Retain({std::chrono::hours(24 * 5), 1.0});
    for (const Snapshot& then : snapshots) {
      INFO("seed " << seed << ", round " << round << ", event " << then.last);
      if (then.last + 1 < life.journal->View()->first()) {
        CHECK(Past::Open(*life.journal->View(), then.last).error().code == Code::kNotFound);
        ++forgotten;
        continue;
      }
      REQUIRE(LookBack(life, then).folders == then.folders);
      ++compared;
    }
  }
  CHECK(compared > 50);
  CHECK(forgotten > 20);
}

TEST_CASE("past: a difference tells of exactly the items that look otherwise, and of each field", "[past]") {
  const auto seed = GENERATE(range(11u, 15u));
  Life life(seed);
  SeededRandom random(seed);
  std::vector<Snapshot> snapshots;
  for (int look = 0; look < 40; ++look) {
    life.Live(1 + static_cast<int>(random.Below(15)));
    snapshots.push_back(Look(life));
  }
  for (int pair = 0; pair < 60; ++pair) {
    const std::size_t first = random.Below(snapshots.size()), second = random.Below(snapshots.size());
    const Snapshot &before = snapshots[std::min(first, second)], &after = snapshots[std::max(first, second)];
    std::map<ItemId, FieldMap> was, is;  // of items in folders
    for (const auto& folder : before.folders) was.insert(folder.begin(), folder.end());
    for (const auto& folder : after.folders) is.insert(folder.begin(), folder.end());
    std::map<ItemId, FieldMap> expected = was;
    REQUIRE(ForEachDifference(*life.journal->View(), before.last, after.last, [&](const ItemDifference& difference) {
      if (difference.type == ItemType::kFolder) return true;
      if (difference.before && was.contains(difference.id)) {
        CHECK(difference.before->Head() == was.at(difference.id));
        expected.erase(difference.id);
      }
      if (!difference.after) return true;
      FieldMap fields = difference.before ? difference.before->Head() : FieldMap{};
      CHECK((!difference.before || !difference.changed.empty()));
      for (const auto& [field, value] : difference.changed) {
        CHECK(!(fields.contains(field) && SameValue(fields.at(field), value)));
        fields[field] = value;
      }
      for (auto at = fields.begin(); at != fields.end();) at = IsNull(at->second) ? fields.erase(at) : at + 1;
      FieldMap head = difference.after->Head();
      for (auto at = head.begin(); at != head.end();) at = IsNull(at->second) ? head.erase(at) : at + 1;
      CHECK(fields == head);
      if (is.contains(difference.id)) expected[difference.id] = difference.after->Head();
      return true;
    }));
    CHECK(expected == is);
  }
}

TEST_CASE("past: a moment is the last event that is not later", "[past]") {
  Life life(3);
  std::vector<Snapshot> snapshots;
  for (int look = 0; look < 30; ++look) {
    life.Live(3);
    snapshots.push_back(Look(life));
  }
  const auto view = life.journal->View();
  for (const Snapshot& then : snapshots) {
    const auto found = SequenceAt(*view, then.time);
    REQUIRE(found);
    CHECK(found.value() >= then.last);
    CHECK(view->Read(found.value()).value().header.time <= then.time);
    if (found.value() < view->last()) CHECK(view->Read(found.value() + 1).value().header.time > then.time);
  }
  CHECK(SequenceAt(*view, view->Read(1).value().header.time - Millis(1)).error().code == Code::kNotFound);
}

TEST_CASE("past: a moment that is not kept, or not yet, is an error that says what can be asked for", "[past]") {
  MemoryAccount account;
  account.Folder("f", "Contacts");
  account.RemoteNew(ItemType::kContact, "a", account.Contact("Ada", "f"));
  const Sequence second = account.RemoteSet("a", {{Name(), std::string("Ada L")}});
  const auto later = Past::Open(account, second + 1);
  REQUIRE(!later);
  CHECK(later.error().context == "there is no event 4 yet; the last is 3");
  CHECK(Past::Open(account, ~Sequence{0}).error().code == Code::kNotFound);
  CHECK(ForEachDifference(account, 3, 2, [](const ItemDifference&) { return true; }).error().code == Code::kInvalid);
  const auto start = Past::Open(account, 0);
  REQUIRE(start);
  CHECK(!start.value().Item(account.Id("a")).value());
  const auto middle = Past::Open(account, 2).value().Item(account.Id("a")).value();
  REQUIRE(middle);
  CHECK(middle->HeadValue(Name()) == Value(std::string("Ada")));
}
