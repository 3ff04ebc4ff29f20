#include <catch2/catch.hpp>
#include <filesystem>

#include "base/random.h"
#include "journal/journal.h"
#include "projection/audit.h"
#include "projection/folds.h"
#include "replicator/rows.h"
#include "tests/journal/scratch.h"
#include "tests/projection/memory_account.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr int kEditsAMonth = 20;  // of each item
constexpr std::size_t kBatch = 50;
// What an event takes beside its body, its share of the append's mark included.
constexpr std::uint64_t kEventOverheadBytes = 64;

std::uint64_t BytesBelow(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder))
    if (file.is_regular_file()) bytes += file.file_size();
  return bytes;
}

// People who change the same items again and again, each change taken by the server.
class Office {
 public:
  explicit Office(std::size_t items) {
    JournalOptions options;
    options.folder = scratch_.path() / "journal";
    options.reserve_bytes = 0;
    journal_ = Journal::Open(std::move(options), folds_.all(), folds_.items, clock_, NullLog()).value();
    for (std::size_t i = 0; i < items; ++i) items_.push_back(MakeId<ItemId>(clock_.WallNow(), random_));
    InBatches([&](const ItemId& item, Batch& batch) {
      batch.push_back({Kind::kRemoteCreated, Origin::kServer, ItemType::kContact, item, {}, Card(0)});
    });
  }
  Office(const Office&) = delete;
  Office& operator=(const Office&) = delete;

  void Month(int month) {
    for (int edit = 0; edit < kEditsAMonth; ++edit) {
      clock_.Advance(std::chrono::hours(24 * 30) / kEditsAMonth);
      InBatches([&](const ItemId& item, Batch& batch) {
        const auto op = MakeId<OpId>(clock_.WallNow(), random_);
        const auto note = FieldOf(ItemType::kContact, "note");
        batch.push_back({Kind::kLocalChanged, Origin::kUser, ItemType::kContact, item, op,
                         Encode(ChangeBody{{{note, Text(month * kEditsAMonth + edit)}}, {}, 0})});
        OutcomesBody taken{{{GroupOf(ItemType::kContact, "note"), OutcomeKind::kAcknowledged}}, {}, {}, 1, {}, 0};
        batch.push_back({Kind::kOutcome, Origin::kServer, ItemType::kContact, item, op, Encode(taken)});
      });
      const auto report = journal_->Retain({}, [] { return false; });
      REQUIRE(report);
      dropped_ += report.value().dropped;
      checkpoints_ += report.value().checkpoint ? 1 : 0;
    }
  }

  // Stored bytes of all events for each of those of the live items.
  double Ratio() {
    const auto view = journal_->View();
    std::uint64_t history = 0, live = 0;
    REQUIRE(view->Scan(1, view->last(),
                       [&](const Event& event) { return history += event.body.size() + kEventOverheadBytes, true; }));
    REQUIRE(view->Scan(kItemsTable, {}, {}, [&](std::string_view key, std::string_view row) {
      return live += key.size() + row.size() + kEventOverheadBytes, true;
    }));
    return static_cast<double>(history) / static_cast<double>(live);
  }

  void Check(int months) {
    CHECK(VerifyEvents(*journal_->View()).value().problem == "");
    CHECK(VerifyRebuild(*journal_->View(), folds_.all()).value().first_difference == "");
    CHECK(Audit(*journal_->View()).value().sound());
    CHECK(dropped_ > 0);
    REQUIRE(journal_->Compact());
    std::printf(
        "%zu items, %d months: %llu events, %llu checkpoints, %llu events dropped, %.2f bytes for each live "
        "one, %llu bytes on disk\n",
        items_.size(), months, static_cast<unsigned long long>(journal_->View()->last()),
        static_cast<unsigned long long>(checkpoints_), static_cast<unsigned long long>(dropped_), Ratio(),
        static_cast<unsigned long long>(BytesBelow(scratch_.path())));
  }

 private:
  template <class Add>
  void InBatches(Add add) {
    Batch batch;
    const auto append = [&] {
      if (!batch.empty()) REQUIRE(journal_->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
      batch.clear();
    };
    for (const ItemId& item : items_) {
      add(item, batch);
      if (batch.size() >= kBatch) append();
    }
    append();
  }

  static std::string Text(int number) {
    return "What was said in talk " + std::to_string(number) + std::string(100, 'x');
  }
  std::string Card(int number) {
    FieldMap fields{{FieldOf(ItemType::kContact, "note"), Text(number)}};
    for (const char* name : {"first_name", "last_name", "company", "email1", "street_business", "city_business"})
      if (const Field* field = FindField(ItemType::kContact, name))
        fields[field->id] = std::string(name) + " of a person";
    return Encode(ChangeBody{std::move(fields), std::to_string(++remote_), 1});
  }

  const ScratchFolder scratch_;
  SeededRandom random_{5};
  ManualClock clock_{Millis{1'700'000'000'000}};
  ReplicationRows replication_;
  AccountFolds folds_{{&replication_}};
  std::unique_ptr<Journal> journal_;
  std::vector<ItemId> items_;
  int remote_ = 0;
  std::uint64_t dropped_ = 0, checkpoints_ = 0;
};

void Live(std::size_t items, int months) {
  Office office(items);
  for (int month = 0; month < months; ++month) {
    office.Month(month);
    INFO("after month " << month + 1);
    CHECK(office.Ratio() <= 3.0);
  }
  office.Check(months);
}

}  // namespace

TEST_CASE("retention: months of edits of the same items settle at three times the live bytes", "[retention][year]") {
  Live(200, 2);
}

TEST_CASE("retention: a year of edits of the same 1,000 items settles there too", "[.long][retention][year]") {
  Live(1'000, 12);
}
