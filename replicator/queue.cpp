#include "replicator/queue.h"

#include <algorithm>
#include <unordered_set>

#include "replicator/rows.h"

namespace outpost {
namespace {

Error BadRow(const char* what) { return {Code::kCorrupt, Retry::kNever, std::string("replication state: ") + what}; }

Result<std::optional<ItemId>> IdInIndex(const StateReader& state, Table table, std::string_view key) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(table, key));
  if (!row) return std::optional<ItemId>{};
  const auto id = ItemId::FromView(*row);
  if (!id) return BadRow("an index row holds no id");
  return id;
}

// A row of an index may name an item that is forgotten: until a checkpoint says the index again.
Result<std::optional<ItemId>> LoadId(const StateReader& state, Table table, std::string_view key) {
  OUTPOST_TRY(const std::optional<ItemId> id, IdInIndex(state, table, key));
  if (!id) return id;
  OUTPOST_TRY(const auto item, state.Get(kItemsTable, id->View()));
  return item ? id : std::optional<ItemId>{};
}

}  // namespace

std::string EncodeOpenBatch(Sequence seq, std::string_view body) {
  std::string row;
  AppendBe64(row, seq);
  row.append(body);
  return row;
}

Result<std::vector<OpenBatch>> LoadOpenBatches(const StateReader& state) {
  std::vector<OpenBatch> batches;
  Result<void> parsed = Ok();
  OUTPOST_TRYV(state.Scan(kOpenBatches, "", "", [&](std::string_view, std::string_view row) {
    if (row.size() < 8) {
      parsed = BadRow("an open batch is cut off");
      return false;
    }
    auto body = DecodeBatchOpened(row.substr(8));
    if (!body) {
      parsed = body.error();
      return false;
    }
    batches.push_back({ReadBe64(row), std::move(body).assume_value()});
    return true;
  }));
  OUTPOST_TRYV(parsed);
  return batches;
}

Result<std::optional<ItemId>> FindByRemoteId(const StateReader& state, ItemType type, std::string_view remote_id) {
  return LoadId(state, kRemoteIndex, RemoteKey(type, remote_id));
}

Result<std::optional<ItemState>> LoadByRemoteId(const StateReader& state, ItemType type, std::string_view remote_id) {
  OUTPOST_TRY(const std::optional<ItemId> id, IdInIndex(state, kRemoteIndex, RemoteKey(type, remote_id)));
  return id ? LoadItem(state, *id) : Result<std::optional<ItemState>>(std::nullopt);
}

Result<std::optional<ItemId>> IdOfRemoteId(const StateReader& state, ItemType type, std::string_view remote_id) {
  return IdInIndex(state, kRemoteIndex, RemoteKey(type, remote_id));
}

void ExpectItems(const StateReader& state, std::span<const ItemId> items) {
  std::vector<std::string_view> keys;
  for (const ItemId& item : items) keys.push_back(item.View());
  if (!keys.empty()) state.Expect(kItemsTable, keys, nullptr);
}

void ExpectByRemoteId(const StateReader& state, ItemType type, std::span<const std::string_view> remote_ids) {
  std::vector<std::string> keys;
  for (const std::string_view id : remote_ids) keys.push_back(RemoteKey(type, id));
  if (keys.empty()) return;
  const std::vector<std::string_view> views(keys.begin(), keys.end());
  state.Expect(kRemoteIndex, views, nullptr);
  std::vector<ItemId> items;
  for (const std::string_view id : remote_ids)
    if (const auto item = IdOfRemoteId(state, type, id); item && item.value()) items.push_back(*item.value());
  ExpectItems(state, items);
}

Result<std::optional<ItemId>> FindByUid(const StateReader& state, std::string_view uid) {
  return LoadId(state, kUidIndex, uid);
}

Result<std::optional<CursorMovedBody>> LoadCursor(const StateReader& state, const ItemId& folder) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kCursors, folder.View()));
  if (!row) return std::optional<CursorMovedBody>{};
  OUTPOST_TRY(CursorMovedBody body, DecodeCursorMoved(*row));
  return std::optional<CursorMovedBody>(body);
}

Result<std::vector<ItemId>> FoldersOnServerEver(const StateReader& state) {
  std::vector<ItemId> folders;
  OUTPOST_TRYV(
      state.Scan(kRemoteIndex, RemotePrefix(ItemType::kFolder), "", [&](std::string_view, std::string_view row) {
        if (const auto id = ItemId::FromView(row)) folders.push_back(*id);
        return true;
      }));
  return folders;
}

Result<std::optional<ConsentBody>> LoadConsent(const StateReader& state, const ItemId& folder, bool own) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kConsents, ConsentKey(folder, own)));
  if (!row) return std::optional<ConsentBody>{};
  OUTPOST_TRY(ConsentBody body, DecodeConsent(*row));
  return std::optional<ConsentBody>(std::move(body));
}

bool IsDeletionPending(const ItemState& item) {
  const PendingEdit* last = item.LastPending(kExistence);
  return item.on_server && last != nullptr && last->kind == Kind::kLocalDeleted;
}

Result<std::optional<ConsentBody>> WaitingConsent(const StateReader& state, const ItemId& folder) {
  for (const bool own : {false, true}) {
    OUTPOST_TRY(std::optional<ConsentBody> consent, LoadConsent(state, folder, own));
    if (!consent || consent->answer != ConsentAnswer::kAsked) continue;
    std::vector<ItemId> still;
    for (const ItemId& id : consent->items) {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, id));
      if (item && (own ? IsDeletionPending(*item) : item->on_server)) still.push_back(id);
    }
    if (still.empty()) continue;
    const std::size_t settled = consent->items.size() - still.size();
    consent->count = static_cast<std::uint32_t>(
        std::max(still.size(), consent->count - std::min<std::size_t>(settled, consent->count)));
    consent->items = std::move(still);
    return consent;
  }
  return std::optional<ConsentBody>{};
}

Result<std::vector<ItemId>> FoldersAskedAbout(const StateReader& state) {
  std::vector<ItemId> known, asked;
  OUTPOST_TRYV(state.Scan(kConsents, "", "", [&](std::string_view key, std::string_view) {
    const auto id = ItemId::FromView(key.substr(0, ItemId{}.View().size()));
    if (id && (known.empty() || known.back() != *id)) known.push_back(*id);
    return true;
  }));
  for (const ItemId& id : known) {
    OUTPOST_TRY(const std::optional<ConsentBody> waiting, WaitingConsent(state, id));
    if (waiting) asked.push_back(id);
  }
  return asked;
}

Missing SortMissing(const std::optional<ConsentBody>& consent, const std::vector<ItemId>& missing) {
  Missing sorted;
  std::unordered_set<ItemId> asked;
  if (consent && consent->answer != ConsentAnswer::kAsked) asked.insert(consent->items.begin(), consent->items.end());
  const bool given = consent && consent->answer == ConsentAnswer::kGiven;
  const bool all = consent && consent->answer == ConsentAnswer::kRefused && consent->count > consent->items.size();
  for (const ItemId& id : missing)
    (!all && !asked.contains(id) ? sorted.unasked : given ? sorted.confirmed : sorted.refused).push_back(id);
  return sorted;
}

std::vector<ItemId> OneQuestion(std::vector<ItemId> items, std::size_t most) {
  if (items.size() > most) items.resize(most);
  return items;
}

Result<std::vector<ItemId>> QueuedItems(const StateReader& state, Sequence from, std::size_t most, Sequence& first) {
  std::vector<ItemId> items;
  std::unordered_set<ItemId> seen;
  std::string from_key;
  AppendBe64(from_key, from);
  first = from;
  OUTPOST_TRYV(state.Scan(kQueue, "", from_key, [&](std::string_view key, std::string_view row) {
    if (items.empty() && key.size() == 8) first = ReadBe64(key);
    const auto id = ItemId::FromView(row);
    if (id && seen.insert(*id).second) items.push_back(*id);
    return items.size() < most;
  }));
  return items;
}

Result<std::uint64_t> CountWishes(const StateReader& state) {
  std::uint64_t count = 0;
  for (const char kind : {kSourceWanted, kBusyWanted})
    OUTPOST_TRYV(state.Scan(kSources, std::string_view(&kind, 1), "", [&](std::string_view, std::string_view) {
      ++count;
      return true;
    }));
  return count;
}

Result<std::uint64_t> CountQueue(const StateReader& state) {
  std::uint64_t count = 0;
  OUTPOST_TRYV(state.Scan(kQueue, "", "", [&](std::string_view, std::string_view) {
    ++count;
    return true;
  }));
  return count;
}

}  // namespace outpost
