#include <catch2/catch.hpp>
#include <filesystem>

#include "base/system/files.h"
#include "journal/journal.h"
#include "projection/account.h"
#include "projection/audit.h"
#include "projection/folders.h"
#include "projection/folds.h"
#include "projection/items.h"
#include "projection/tables.h"
#include "tests/projection/memory_account.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A journal on disk under the account's folds.
struct RealAccount {
  std::filesystem::path path = MakeTemporaryFolder("outpost-projection-").value();
  ManualClock clock{Millis{1'700'000'000'000}};
  AccountFolds folds{{}};
  std::unique_ptr<Journal> journal = Open();

  RealAccount() = default;
  RealAccount(const RealAccount&) = delete;
  RealAccount& operator=(const RealAccount&) = delete;
  ~RealAccount() {
    journal.reset();
    std::filesystem::remove_all(path);
  }
  std::unique_ptr<Journal> Open() {
    JournalOptions options;
    options.folder = path / "journal";
    options.reserve_bytes = 0;
    auto opened = Journal::Open(std::move(options), folds.all(), folds.items, clock, NullLog());
    return std::move(opened).value();
  }
  // The events of `memory` once more, in appends of `size`.
  void Replay(const MemoryAccount& memory, std::size_t size) {
    Batch batch;
    const auto append = [&] {
      if (!batch.empty()) REQUIRE(journal->AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
      batch.clear();
    };
    for (const auto& [seq, event] : memory.events) {
      const EventHeader& h = event.header;
      batch.push_back({h.kind, h.origin, h.item_type, h.item, h.op, event.body});
      if (batch.size() == size) append();
    }
    append();
  }
};

// Some hundreds of events of all sorts over 20 contacts in 3 folders.
void LiveLong(MemoryAccount& memory, std::uint64_t seed) {
  SeededRandom random(seed);
  const GroupId name = GroupOf(ItemType::kContact, "name"), folder = GroupOf(ItemType::kContact, "folder");
  const FieldId note = FieldOf(ItemType::kContact, "note");
  for (const char* f : {"f0", "f1", "f2"}) memory.Folder(f, f);
  const auto contact = [&] { return std::to_string(random.Below(20)); };
  const auto place = [&] { return "f" + std::to_string(random.Below(3)); };
  for (int i = 0; i < 20; ++i) memory.RemoteNew(ItemType::kContact, std::to_string(i), memory.Contact("c", place()));
  std::vector<Sequence> edits{memory.LocalSet("0", {{note, std::string("x")}})};
  const OutcomeKind kinds[] = {OutcomeKind::kAcknowledged, OutcomeKind::kMerged, OutcomeKind::kParked,
                               OutcomeKind::kLoser, OutcomeKind::kSuperseded};
  for (int step = 0; step < 600; ++step) switch (random.Below(7)) {
      case 0:
        edits.push_back(memory.LocalSet(contact(), {{note, std::to_string(step)}}));
        break;
      case 1:
        edits.push_back(memory.LocalSet(contact(), memory.Contact(std::to_string(random.Below(50)), place())));
        break;
      case 2:
        edits.push_back(memory.LocalDelete(contact()));
        break;
      case 3:
        memory.RemoteSet(contact(), memory.Contact(std::to_string(random.Below(50)), place()));
        break;
      case 4:
        memory.RemoteDelete(contact());
        break;
      default: {
        const Sequence edit = edits[random.Below(edits.size())];
        const auto item = LoadItem(memory, memory.events.at(edit).header.item).value();
        const PendingEdit* pending = item->FindPending(memory.events.at(edit).header.op);
        if (pending != nullptr)
          memory.Outcome(edit, kinds[random.Below(5)], {pending->groups[random.Below(pending->groups.size())]});
      }
    }
  CHECK(name != folder);
}

}  // namespace

TEST_CASE("real journal: rows made in appends of any size are those of a rebuild and of single events",
          "[projection]") {
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, std::size_t{10'000}}) {
    INFO("appends of " << size);
    MemoryAccount memory;
    LiveLong(memory, 42);
    RealAccount real;
    real.Replay(memory, size);
    const auto view = real.journal->View();
    CHECK(view->last() == memory.last());
    for (const auto& [key, value] : memory.state.rows) {
      const auto stored = view->Get(key.first, key.second).value();
      REQUIRE(stored);
      // Behind the sequence stands the time, and the real journal has a clock of its own.
      const std::size_t alike = key.first == kFolderNewestTable ? 8 : std::string::npos;
      REQUIRE(stored->substr(0, alike) == value.substr(0, alike));
    }
    AccountFolds again{{}};
    const RebuildReport report = VerifyRebuild(*view, again.all()).value();
    INFO(report.first_difference);
    CHECK(report.equal());
    CHECK(report.rows_stored == memory.state.rows.size());
  }
}

TEST_CASE("real journal: audit, tree and contents read what is on disk, also after a reopening", "[projection]") {
  MemoryAccount memory;
  LiveLong(memory, 7);
  RealAccount real;
  real.Replay(memory, 50);
  real.journal.reset();
  real.journal = real.Open();
  const auto view = real.journal->View();
  const AuditReport report = Audit(*view).value();
  CHECK(report.sound());
  CHECK(report.edits == ReadTotal(*view, total::kEdits).value());
  CHECK(report.pending == Audit(memory).value().pending);
  std::uint64_t seen = 0;
  const auto folders = ListFolders(*view).value();
  REQUIRE(folders.size() == 3);
  for (const FolderNode& folder : folders) {
    std::uint64_t in_folder = 0;
    REQUIRE(ForEachItem(*view, folder.id, [&](const ItemState& item) {
      CHECK(item.Visible());
      CHECK(item.Folder() == folder.id);
      ++in_folder;
      return true;
    }));
    CHECK(in_folder == folder.counts.total);
    seen += in_folder;
  }
  CHECK(CountVisible(*view).value()[ItemType::kContact] == seen);
  CHECK(ItemsNeedingAttention(*view).value().conflicts.size() == report.losers_listed);
}

TEST_CASE("real journal: an outcome appended twice is found by its item's history", "[projection][audit]") {
  RealAccount real;
  MemoryAccount memory;
  memory.Folder("f", "Contacts");
  memory.RemoteNew(ItemType::kContact, "a", memory.Contact("Ada", "f"));
  const Sequence edit = memory.LocalSet("a", {{FieldOf(ItemType::kContact, "note"), std::string("x")}});
  memory.Outcome(edit, OutcomeKind::kAcknowledged, {GroupOf(ItemType::kContact, "note")});
  memory.Outcome(edit, OutcomeKind::kAcknowledged, {GroupOf(ItemType::kContact, "note")});
  real.Replay(memory, 2);
  const AuditReport report = Audit(*real.journal->View()).value();
  CHECK(report.twice_decided == 1);
  CHECK(report.findings.at(0).seq == edit);
}
