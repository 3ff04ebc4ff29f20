#include "engine/doubt.h"

#include <charconv>
#include <set>

#include "base/system/files.h"
#include "engine/data_dir.h"
#include "engine/settings.h"
#include "journal/item_fold.h"
#include "projection/account.h"
#include "replicator/facts.h"
#include "replicator/queue.h"

namespace outpost {
namespace {

// Entries in one kBatchOpened: some 60 KiB.
constexpr std::size_t kEntriesPerBatch = 500;

Result<NewEvent> ResyncEvent(const StateReader& state) {
  OUTPOST_TRY(const auto before, ReadSetting(state, setting::kResync));
  std::uint64_t number = 0;
  if (before) std::from_chars(before->data(), before->data() + before->size(), number);
  const SettingsBody settings{{{std::string(setting::kResync), std::to_string(number + 1)}}};
  return NewEvent{Kind::kAccountSet, Origin::kRestore, ItemType::kNone, {}, {}, Encode(settings)};
}

NewEvent OpenedEvent(BatchOpenedBody& body, const Clock& clock, Random& random) {
  body.batch = MakeId<BatchId>(clock.WallNow(), random);
  NewEvent event{Kind::kBatchOpened, Origin::kRestore, ItemType::kNone, {}, {}, Encode(body)};
  body.entries.clear();
  return event;
}

// Items of batches that are open anyway.
Result<std::set<ItemId>> Unanswered(const StateReader& state) {
  std::set<ItemId> items;
  OUTPOST_TRY(const auto open, LoadOpenBatches(state));
  for (const OpenBatch& batch : open)
    for (const BatchEntry& entry : batch.body.entries) items.insert(entry.item);
  return items;
}

}  // namespace

Result<Batch> DoubtEvents(const JournalView& view, const Clock& clock, Random& random) {
  Batch events;
  OUTPOST_TRY(auto resync, ResyncEvent(view));
  events.push_back(std::move(resync));
  OUTPOST_TRY(const auto unanswered, Unanswered(view));
  Sequence first = 0;
  OUTPOST_TRY(const auto queued, QueuedItems(view, 0, ~std::size_t{0}, first));
  BatchOpenedBody body;
  for (const ItemId& id : queued) {
    if (unanswered.contains(id)) continue;
    OUTPOST_TRY(const auto item, LoadItem(view, id));
    if (!item) return Error{Code::kCorrupt, Retry::kNever, "the queue names item " + id.Hex() + ", which is not there"};
    // What would be sent next; an item of which nothing would be is in no doubt.
    const EntryPlan plan = PlanEntry(MakeItemFacts(id, item->type, &*item, {}, nullptr));
    if (plan.entry) body.entries.push_back(*plan.entry);
    if (body.entries.size() == kEntriesPerBatch) events.push_back(OpenedEvent(body, clock, random));
  }
  if (!body.entries.empty()) events.push_back(OpenedEvent(body, clock, random));
  return events;
}

Result<void> NoticeCopy(const std::filesystem::path& folder, Journal& journal, const Clock& clock, Random& random) {
  const std::filesystem::path file = folder / "place";
  OUTPOST_TRY(const std::string here, FolderIdentity(JournalFolder(folder)));
  const auto home = ReadFile(file);
  if (home && home.assume_value() == here) return Ok();
  if (!home && home.assume_error().code != Code::kNotFound) return home.assume_error();
  if (home) {
    OUTPOST_TRY(Batch doubts, DoubtEvents(*journal.View(), clock, random));
    OUTPOST_TRYV(journal.AppendAndWait(std::move(doubts), {}, Durability::kSynced));
  }
  return WriteFileDurably(file, here);
}

}  // namespace outpost
