#include <algorithm>
#include <filesystem>
#include <unordered_map>

#include "engine/search_file.h"
#include "inspect/event_filter.h"
#include "journal/item_fold.h"
#include "journal/stats.h"
#include "projection/account.h"
#include "projection/items.h"
#include "projection/tables.h"
#include "replicator/queue.h"
#include "replicator/tables.h"
#include "tools/outpost/access.h"
#include "tools/outpost/describe.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {
namespace {

constexpr std::size_t kDays = 14;
constexpr std::int64_t kDayMillis = 24LL * 60 * 60 * 1000;
// Items whose folder is remembered; then all are forgotten, so that memory does not grow with the journal.
constexpr std::size_t kRememberedMax = 1u << 16;

// Sums events by the folder their items are in now.
class ByFolder {
 public:
  explicit ByFolder(const JournalView& view) : view_(view) {}

  Result<void> Add(const Event& event, std::uint64_t bytes) {
    OUTPOST_TRY(const ItemId folder, FolderOf(event));
    sums_[folder].Add(bytes);
    return Ok();
  }

  Json::Array Show(const Describer& describer) const {
    std::vector<std::pair<ItemId, Tally>> rows(sums_.begin(), sums_.end());
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.second.bytes > b.second.bytes; });
    Json::Array out;
    for (const auto& [folder, tally] : rows)
      out.emplace_back(
          Json::Object{{"folder", describer.Folder(folder)}, {"events", tally.events}, {"bytes", tally.bytes}});
    return out;
  }

 private:
  Result<ItemId> FolderOf(const Event& event) {
    if (const auto known = remembered_.find(event.header.item); known != remembered_.end()) return known->second;
    OUTPOST_TRY(const ItemId folder, FolderOfEvent(view_, event));
    if (remembered_.size() >= kRememberedMax) remembered_.clear();
    remembered_.emplace(event.header.item, folder);
    return folder;
  }

  const JournalView& view_;
  std::map<ItemId, Tally> sums_;
  std::unordered_map<ItemId, ItemId> remembered_;
};

Json::Object TallyJson(const Tally& tally) { return {{"events", tally.events}, {"bytes", tally.bytes}}; }

Json::Object KindsJson(const EventStats& stats) {
  Json::Object out;
  for (const auto& [kind, tally] : stats.by_kind) {
    const std::string name = KindName(kind);
    const bool known = name != "unknown";
    out.emplace_back(known ? name : "kind " + std::to_string(static_cast<unsigned>(kind)), TallyJson(tally));
  }
  return out;
}

Json::Object OriginsJson(const EventStats& stats) {
  Json::Object out;
  for (const auto& [origin, tally] : stats.by_origin) out.emplace_back(OriginName(origin), TallyJson(tally));
  return out;
}

Json::Array DaysJson(const EventStats& stats) {
  Json::Array out;
  for (const auto& [day, tally] : stats.by_day)
    out.emplace_back(Json::Object{
        {"day", TimeText(day * kDayMillis).substr(0, 10)}, {"events", tally.events}, {"bytes", tally.bytes}});
  return out;
}

Json::Object DiskJson(const StorageStats& disk) {
  return {{"events", disk.events}, {"state", disk.state}, {"meta", disk.meta},   {"blob_rows", disk.blob_rows},
          {"log", disk.log},       {"blobs", disk.blobs}, {"other", disk.other}, {"all", disk.all}};
}

Json::Object HistoryJson(const EventStats& stats) {
  return {{"events", stats.all.events},
          {"bytes", stats.all.bytes},
          {"oldest", stats.oldest == 0 ? Json() : Json(stats.oldest)},
          {"oldest_time", stats.oldest == 0 ? Json() : Json(stats.oldest_time.count())},
          {"newest_time", stats.oldest == 0 ? Json() : Json(stats.newest_time.count())},
          {"holes", stats.holes},
          {"missing", stats.missing},
          {"unknown_kinds", stats.unknown_kinds}};
}

Result<Json::Object> AccountJson(const JournalView& view) {
  OUTPOST_TRY(const auto totals, ReadTotals(view));
  OUTPOST_TRY(const auto visible, CountVisible(view));
  OUTPOST_TRY(const auto open, LoadOpenBatches(view));
  OUTPOST_TRY(const auto pending, CountQueue(view));
  Json::Object items;
  for (const auto& [type, count] : visible) items.emplace_back(ItemTypeName(type), count);
  Json::Object sums;
  for (const auto& [name, count] : totals) sums.emplace_back(name, count);
  return Json::Object{
      {"items", std::move(items)}, {"pending", pending}, {"open_batches", open.size()}, {"totals", std::move(sums)}};
}

// Rows of what is folded, and their bytes before compression, table by table.
Result<Json::Object> TablesJson(const StateReader& state) {
  constexpr std::pair<const char*, Table> kNamed[] = {{"items", kItemsTable},
                                                      {"folder_items", kFolderItemsTable},
                                                      {"folders", kFoldersTable},
                                                      {"folder_counts", kFolderCountsTable},
                                                      {"attention", kAttentionTable},
                                                      {"totals", kTotalsTable},
                                                      {"settings", kSettingsTable},
                                                      {"folder_newest", kFolderNewestTable},
                                                      {"remote_ids", kRemoteIndex},
                                                      {"uids", kUidIndex},
                                                      {"queue", kQueue},
                                                      {"sources", kSources}};
  Json::Object out;
  for (const auto& [name, table] : kNamed) {
    OUTPOST_TRY(const Tally tally, MeasureTable(state, table));
    out.emplace_back(name, Json::Object{{"rows", tally.events}, {"bytes", tally.bytes}});
  }
  return out;
}

}  // namespace

Result<int> JournalStatsVerb(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  OUTPOST_TRY(const auto describer, Describer::For(*view, arguments.content ? Contents::kShown : Contents::kHidden));
  ByFolder folders(*view);
  OUTPOST_TRY(const auto history, CountEvents(*view, kDays, [&](const Event& event, std::uint64_t bytes) {
                return folders.Add(event, bytes);
              }));
  OUTPOST_TRY(const auto live, MeasureTable(*view, kItemsTable));
  OUTPOST_TRY(const auto disk, MeasureStorage(*view, JournalFolder(access->place().folder)));
  Json::Object out{
      {"account", access->place().name}, {"first", view->first()}, {"last", view->last()}, {"bytes", disk.all}};
  OUTPOST_TRY(auto account, AccountJson(*view));
  for (auto& member : account) out.push_back(std::move(member));
  out.emplace_back("history", HistoryJson(history));
  out.emplace_back("by_kind", KindsJson(history));
  out.emplace_back("by_origin", OriginsJson(history));
  out.emplace_back("by_folder", folders.Show(describer));
  out.emplace_back("by_day", DaysJson(history));
  out.emplace_back("disk", DiskJson(disk));
  out.emplace_back("live", Json::Object{{"items", live.events}, {"bytes", live.bytes}});
  out.emplace_back(
      "history_per_live",
      live.bytes == 0 ? Json() : Json(static_cast<double>(history.all.bytes) / static_cast<double>(live.bytes)));
  OUTPOST_TRY(auto tables, TablesJson(*view));
  out.emplace_back("tables", std::move(tables));
  const auto index = OpenSearch(access->place().folder);
  std::error_code none;
  const auto size = std::filesystem::file_size(SearchFile(access->place().folder), none);
  const std::uint64_t index_bytes = none ? 0 : size;
  out.emplace_back("search", index && index->Knows(*view)
                                 ? Json(Json::Object{{"applied", index->applied()},
                                                     {"behind", view->last() - index->applied()},
                                                     {"bytes", index_bytes}})
                                 : Json());
  out.emplace_back("folded_per_events", disk.events == 0 ? Json()
                                                         : Json(static_cast<double>(disk.state + index_bytes) /
                                                                static_cast<double>(disk.events)));
  ShowReport(common.form(), out);
  return kExitDone;
}

}  // namespace outpost::cli
