#include "engine/status.h"

#include "engine/search_file.h"
#include "engine/settings.h"
#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/folders.h"
#include "projection/folds.h"
#include "projection/items.h"
#include "projection/tables.h"
#include "replicator/queue.h"

namespace outpost {
namespace {

constexpr OutcomeKind kOutcomeKinds[] = {OutcomeKind::kAcknowledged, OutcomeKind::kMerged, OutcomeKind::kSuperseded,
                                         OutcomeKind::kParked, OutcomeKind::kLoser};

// What waits, in edits and in pairs.
struct Waiting {
  std::uint64_t edits = 0;
  std::uint64_t pairs = 0;
};

Result<Waiting> CountWaiting(const StateReader& state) {
  Waiting waiting;
  Sequence first = 0;
  OUTPOST_TRY(const std::vector<ItemId> items, QueuedItems(state, first, ~std::size_t{0}, first));
  for (const ItemId& id : items) {
    OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, id));
    if (!item) return Error{Code::kCorrupt, Retry::kNever, "the queue names item " + id.Hex() + ", which is not there"};
    waiting.edits += item->pending.size();
    for (const PendingEdit& edit : item->pending) waiting.pairs += edit.groups.size();
  }
  return waiting;
}

Result<std::uint64_t> CountLost(const StateReader& state, std::uint64_t pending_pairs) {
  OUTPOST_TRY(const std::uint64_t made, ReadTotal(state, total::kPairs));
  std::uint64_t known = pending_pairs;
  for (const OutcomeKind kind : kOutcomeKinds) {
    OUTPOST_TRY(const std::uint64_t decided, ReadTotal(state, std::string(total::kOutcomes) + OutcomeName(kind)));
    known += decided;
  }
  return made > known ? made - known : 0;
}

// When the folder's cursor last moved: its newest such event is among its newest.
Result<Millis> TokenTime(const JournalView& view, const ItemId& folder) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(view, folder));
  Millis time{0};
  if (!item) return time;
  OUTPOST_TRYV(view.History(item->head_seq, [&](const Event& event) {
    if (event.header.kind == Kind::kCursorMoved) time = event.header.time;
    return event.header.kind != Kind::kCursorMoved;
  }));
  return time;
}

}  // namespace

Result<AccountStatus> ReadStatus(const JournalView& view, const std::filesystem::path& account) {
  AccountStatus status;
  status.run = LoadRunRecord(account);
  status.audit = LoadAuditSummary(account);
  OUTPOST_TRY(const auto version, view.FoldVersion("items"));
  status.rows_behind = version && *version != kAccountFoldsVersion;
  OUTPOST_TRY(const auto paused, ReadSetting(view, setting::kPaused));
  if (status.run) status.state = status.run->state;
  if (paused && *paused == "true") status.state = "paused";
  OUTPOST_TRY(const Waiting waiting, CountWaiting(view));
  status.pending = waiting.edits;
  OUTPOST_TRY(status.lost, CountLost(view, waiting.pairs));
  OUTPOST_TRY(const Attention attention, ItemsNeedingAttention(view));
  status.parked = attention.parked.size();
  status.conflicts = attention.conflicts.size();
  OUTPOST_TRY(const std::vector<OpenBatch> open, LoadOpenBatches(view));
  status.open_batches = open.size();
  OUTPOST_TRY(const std::vector<ItemId> asked, FoldersAskedAbout(view));
  for (const ItemId& folder : asked) {
    OUTPOST_TRY(const std::optional<ConsentBody> consent, WaitingConsent(view, folder));
    if (consent) status.held_deletions += consent->count;
  }
  OUTPOST_TRY(const auto folders, ListFolders(view));
  for (const auto& folder : folders) {
    if (folder.type == ItemType::kNone) continue;  // it holds folders only
    OUTPOST_TRY(const std::optional<CursorMovedBody> cursor, LoadCursor(view, folder.id));
    FolderStatus one;
    one.id = folder.id;
    one.content = folder.type;
    if (cursor) {
      one.token = cursor->cursor;
      one.complete = cursor->complete;
      OUTPOST_TRY(one.token_time, TokenTime(view, folder.id));
    }
    status.folders.push_back(std::move(one));
  }
  return status;
}

std::optional<std::uint64_t> ReadSearchBehind(const JournalView& view, const std::filesystem::path& account) {
  const auto index = OpenSearch(account);
  return index && index->Knows(view) ? std::optional(view.last() - index->applied()) : std::nullopt;
}

}  // namespace outpost
