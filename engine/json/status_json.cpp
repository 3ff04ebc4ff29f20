#include "engine/json/status_json.h"

#include <algorithm>

#include "engine/json/item_json.h"
#include "engine/settings.h"
#include "engine/status.h"
#include "projection/account.h"
#include "projection/items.h"

namespace outpost {
namespace {

Json SettingJson(const std::map<std::string, std::string>& settings, std::string_view name) {
  const auto found = settings.find(std::string(name));
  return found != settings.end() ? Json(found->second) : Json();
}

Json TimeOrNull(std::int64_t time) { return time == 0 ? Json() : Json(time); }

// `now` 0: without the ages, which change by themselves.
Json FolderStatusJson(const FolderStatus& folder, std::int64_t now) {
  const std::int64_t stored = folder.token_time.count();
  Json::Object out{{"id", folder.id.Hex()},
                   {"type", ItemTypeName(folder.content)},
                   {"complete", folder.complete},
                   {"token", folder.token ? Json(*folder.token) : Json()},
                   {"token_time", TimeOrNull(stored)}};
  if (now != 0) out.emplace_back("age", stored == 0 ? Json() : Json(std::max<std::int64_t>(0, now - stored)));
  return out;
}

Json LastErrorJson(const RunRecord& run) {
  if (run.last_error.empty()) return {};
  return Json::Object{{"text", run.last_error}, {"time", run.last_error_time}};
}

Json AuditJson(const std::optional<AuditSummary>& audit) {
  if (!audit) return {};
  return Json::Object{
      {"seq", audit->at}, {"edits_without_outcome", audit->edits_without_outcome}, {"sound", audit->sound}};
}

}  // namespace

Result<Json::Object> StatusJson(const AccountPlace& place, const JournalView& view, std::int64_t now,
                                const Holder& holder) {
  OUTPOST_TRY(const auto settings, ReadSettings(view));
  OUTPOST_TRY(const auto visible, CountVisible(view));
  OUTPOST_TRY(const auto status, ReadStatus(view, place.folder));
  const RunRecord run = status.run.value_or(RunRecord{});
  Json::Object items;
  for (const auto& [type, count] : visible)
    if (type != ItemType::kFolder && type != ItemType::kPerson) items.emplace_back(ItemTypeName(type), count);
  Json::Array folders;
  for (const auto& folder : status.folders) folders.push_back(FolderStatusJson(folder, now));
  const auto search_behind = ReadSearchBehind(view, place.folder);
  const Json policy = SettingJson(settings, setting::kPolicy);
  return Json::Object{{"account", place.name},
                      {"server", SettingJson(settings, setting::kServer)},
                      {"user", SettingJson(settings, setting::kUser)},
                      {"policy", policy.null() ? Json("server-wins") : policy},
                      {"state", status.state},
                      {"since", TimeOrNull(run.since)},
                      {"last_run", TimeOrNull(run.last_run)},
                      {"last_success", TimeOrNull(run.last_success)},
                      {"next_try", TimeOrNull(run.next_try)},
                      {"last_error", LastErrorJson(run)},
                      {"paused", status.state == "paused"},
                      {"held", holder.held},
                      {"progress", holder.progress},
                      {"items", std::move(items)},
                      {"pending", status.pending},
                      {"parked", status.parked},
                      {"conflicts", status.conflicts},
                      {"held_deletions", status.held_deletions},
                      {"lost", status.lost},
                      {"audit", AuditJson(status.audit)},
                      {"rows_behind", status.rows_behind},
                      {"search_behind", search_behind ? Json(*search_behind) : Json()},
                      {"open_batches", status.open_batches},
                      {"events", view.last()},
                      {"folders", std::move(folders)}};
}

}  // namespace outpost
