// The fold of item state keeps items decoded between the events of one group; folding again from the bytes must give
// the same rows.
#include "journal/item_fold.h"

#include <array>

#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::array kTitles{Table{0x73}};

// Item -> what its field was before and is after the newest event; refuses the text "refuse".
class TitleRows final : public ItemRows {
 public:
  std::span<const Table> tables() const override { return kTitles; }
  Result<void> Rows(const ItemState* before, const ItemState& after, const Event&, StateWriter& state) override {
    const std::string now = Text(after);
    if (now == "refuse") return Error{Code::kRejected, Retry::kNever, "asked to refuse"};
    state.Put(kTitles[0], after.id.View(), (before != nullptr ? Text(*before) : "none") + " > " + now);
    return Ok();
  }
  Result<void> AccountRows(const Event&, StateWriter&) override { return Ok(); }

 private:
  static std::string Text(const ItemState& item) {
    const Value value = item.HeadValue(FieldId{1});
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : "nothing";
  }
};

struct Items {
  Folder folder;
  ManualClock clock{Millis(1'700'000'000'000)};
  TitleRows titles, titles_again;
  ItemFold fold{1, {&titles}}, again{1, {&titles_again}};
  std::unique_ptr<Journal> journal;

  Items() {
    JournalOptions options;
    options.folder = folder.path();
    auto opened = Journal::Open(options, {&fold}, fold, clock, NullLog());
    REQUIRE(opened);
    journal = std::move(opened).value();
  }
  void Append(Batch batch, bool& ok) {
    journal->Append(std::move(batch), {}, Durability::kSynced,
                    [&ok](const Result<Appended>& answer) { ok = answer.has_value(); });
  }
  std::string Title(std::uint64_t item) const {
    return journal->View()->Get(kTitles[0], Item(item).View()).value().value_or("none");
  }
  RebuildReport Rebuild() { return VerifyRebuild(*journal->View(), {&again}).value(); }
};

NewEvent Forgotten(std::uint64_t item) {
  return {Kind::kItemForgotten, Origin::kEngine, ItemType::kContact, Item(item), {}, Encode(ChangeBody{})};
}

NewEvent Remote(std::uint64_t item, const std::string& text) { return Change(Item(item), text, Kind::kRemoteChanged); }

}  // namespace

TEST_CASE("item fold: many events of one item in one group give the rows of a rebuild", "[journal][fold]") {
  Items items;
  std::array<bool, 3> ok{};
  {
    HeldWriter held(*items.journal);
    items.Append({Remote(1, "a"), Remote(2, "x"), Remote(1, "b")}, ok[0]);
    items.Append({Remote(1, "c"), Change(Item(1), "typed"), Remote(1, "d")}, ok[1]);
    items.Append({Remote(2, "y"), Remote(1, "e")}, ok[2]);
    held.Release();
    REQUIRE(items.journal->Flush());
  }
  CHECK(ok == std::array{true, true, true});
  CHECK(items.Title(2) == "x > y");
  CHECK(items.fold.HeadOf(Item(1), *items.journal->View()).value() == 9);
  CHECK(items.Rebuild().equal());
}

TEST_CASE("item fold: an append that fails leaves its items as the one before it left them", "[journal][fold]") {
  Items items;
  std::array<bool, 4> ok{};
  {
    HeldWriter held(*items.journal);
    items.Append({Remote(1, "a")}, ok[0]);
    items.Append({Remote(1, "lost"), Remote(2, "lost"), Remote(1, "refuse")}, ok[1]);
    items.Append({Remote(1, "b"), Remote(2, "x")}, ok[2]);
    items.Append({Remote(3, "lost"), Remote(2, "refuse")}, ok[3]);
    held.Release();
    REQUIRE(items.journal->Flush());
  }
  CHECK(ok == std::array{true, false, true, false});
  CHECK(items.Title(1) == "a > b");
  CHECK(items.Title(2) == "none > x");
  CHECK(items.Title(3) == "none");
  CHECK(items.journal->View()->last() == 4);
  CHECK(items.Rebuild().equal());
  CHECK(VerifyEvents(*items.journal->View()).value().chain_ok);
}

TEST_CASE("item fold: since when an item is gone, and that nothing of it is left when it is forgotten",
          "[journal][fold]") {
  Items items;
  const auto append = [&](NewEvent event) {
    items.clock.Advance(Millis(5));
    REQUIRE(items.journal->AppendAndWait({std::move(event)}, {}, Durability::kSynced));
  };
  const auto state = [&](std::uint64_t item) { return LoadItem(*items.journal->View(), Item(item)).value(); };
  append(Forgotten(1));
  CHECK_FALSE(state(1));
  append(Change(Item(1), "a", Kind::kRemoteCreated));
  CHECK_FALSE(state(1)->Gone());
  append(Change(Item(1), "", Kind::kRemoteDeleted));
  const Millis gone = items.clock.WallNow();
  append(Remote(1, "told once more"));
  CHECK(state(1)->Gone());
  CHECK(state(1)->gone_since == gone);
  const FieldMap typed{{FindField(ItemType::kContact, "note")->id, std::string("typed")}};
  append({Kind::kLocalChanged, Origin::kUser, ItemType::kContact, Item(1), OpId{}, Encode(ChangeBody{typed, {}, 0})});
  CHECK_FALSE(state(1)->Gone());
  CHECK(state(1)->gone_since == Millis(0));
  append(Change(Item(2), "alive still", Kind::kRemoteCreated));
  for (const std::uint64_t item : {1, 2}) {
    append(Forgotten(item));
    CHECK_FALSE(state(item));
    CHECK(items.fold.HeadOf(Item(item), *items.journal->View()).value() == 0);
  }
  append(Change(Item(1), "anew", Kind::kRemoteCreated));
  CHECK(items.Title(1) == "none > anew");
  CHECK(state(1)->born_seq == items.journal->View()->last());
  CHECK(items.Rebuild().equal());
}
