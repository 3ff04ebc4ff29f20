#include "engine/parked.h"

#include <map>

#include "engine/settings.h"
#include "journal/item_fold.h"
#include "projection/account.h"
#include "projection/items.h"

namespace outpost {
namespace {

// The newest limit told for each field.
std::map<FieldId, std::int64_t> NewestLimits(const std::vector<ParkedEntry>& parked) {
  std::map<FieldId, std::pair<Sequence, std::int64_t>> newest;
  for (const ParkedEntry& entry : parked) {
    const Refusal& refusal = entry.parked.refusal;
    if (refusal.field == 0 || refusal.limit == 0) continue;
    auto& known = newest[refusal.field];
    if (entry.parked.seq >= known.first) known = {entry.parked.seq, refusal.limit};
  }
  std::map<FieldId, std::int64_t> limits;
  for (const auto& [field, known] : newest) limits[field] = known.second;
  return limits;
}

Result<bool> OnServer(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, id));
  return item && item->on_server;
}

}  // namespace

std::string_view EngineVersion() { return OUTPOST_VERSION; }

const char* HopeName(Hope hope) {
  switch (hope) {
    case Hope::kFolderThere:
      return "folder_on_server";
    case Hope::kItemThere:
      return "item_on_server";
    case Hope::kLimitRaised:
      return "limit_raised";
    case Hope::kNewEngine:
      return "new_engine";
  }
  return "unknown";
}

Result<std::vector<ParkedHope>> ParkedWithHopes(const StateReader& state, std::string_view version) {
  std::vector<ParkedHope> all;
  OUTPOST_TRY(auto attention, ItemsNeedingAttention(state));
  if (attention.parked.empty()) return all;
  OUTPOST_TRY(const auto parked_by, ReadSetting(state, setting::kParkedBy));
  const bool new_engine = !parked_by || *parked_by != version;
  const std::map<FieldId, std::int64_t> limits = NewestLimits(attention.parked);
  for (ParkedEntry& entry : attention.parked) {
    const Refusal& refusal = entry.parked.refusal;
    std::optional<Hope> hope;
    if (refusal.code == "folder_not_on_server") {
      OUTPOST_TRY(const std::optional<ItemState> item, LoadItem(state, entry.item));
      OUTPOST_TRY(const bool there, OnServer(state, item ? item->Folder() : ItemId{}));
      if (there) hope = Hope::kFolderThere;
    } else if (refusal.code == "item_not_on_server") {
      OUTPOST_TRY(const bool there, OnServer(state, entry.item));
      if (there) hope = Hope::kItemThere;
    } else if (const auto limit = limits.find(refusal.field); limit != limits.end() && refusal.length > 0) {
      if (refusal.length <= limit->second) hope = Hope::kLimitRaised;
    }
    if (!hope && new_engine) hope = Hope::kNewEngine;
    all.push_back({entry.item, std::move(entry.parked), hope});
  }
  return all;
}

}  // namespace outpost
