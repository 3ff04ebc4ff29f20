#include "tools/outpost/item_calendar.h"

#include "journal/item_fold.h"
#include "projection/calendar.h"
#include "tools/outpost/output.h"

namespace outpost::cli {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

Error Invalid(std::string text) { return {Code::kInvalid, Retry::kNever, std::move(text)}; }

// A day begins where the viewer is; as an end it belongs to the time.
Result<std::int64_t> Instant(const char* flag, const std::string& text, const Zone& viewer, bool end) {
  if (text.empty()) return Invalid(std::string(flag) + " is missing: --from and --to go together");
  if (text.size() == 10)
    if (const auto day = ParseDate(text)) return viewer.ToUtc(*day + (end ? kDayMs : 0));
  if (const auto time = ParseTime(text)) return *time;
  return Invalid(std::string(flag) + ": \"" + text + "\" is neither YYYY-MM-DD nor YYYY-MM-DDThh:mm[:ss]Z");
}

Json Moment(Form form, std::int64_t ms, const Zone& viewer) {
  return form == Form::kJson ? Json(ms) : Json(TimeText(viewer.ToLocal(ms)));
}

}  // namespace

Result<void> ShowCalendar(const Common& common, const StateReader& state, const FolderNode& folder,
                          const FolderPaths& paths, const CalendarArguments& arguments) {
  if (folder.type != ItemType::kAppointment)
    return Invalid("--from and --to are of a calendar; folder " + folder.path + " is none");
  const auto viewer = Zone::Find(arguments.zone);
  if (!viewer)
    return Invalid("--zone: no zone \"" + arguments.zone + "\" is installed; names are such as Europe/Berlin");
  OUTPOST_TRY(const std::int64_t from, Instant("--from", arguments.from, *viewer, false));
  OUTPOST_TRY(const std::int64_t to, Instant("--to", arguments.to, *viewer, true));
  if (to < from) return Invalid("--to is before --from");
  OUTPOST_TRY(const auto entries, CalendarRange(state, folder.id, from, to, *viewer));
  ListOutput list(common.form(), {"id", "state", "start", "end", "label", "location"});
  for (const CalendarEntry& entry : entries) {
    OUTPOST_TRY(const auto item, LoadItem(state, entry.item));
    if (!item) continue;
    Json::Object row{{"start", Moment(common.form(), entry.start, *viewer)},
                     {"end", Moment(common.form(), entry.end, *viewer)},
                     {"whole_days", entry.whole_days},
                     {"day", entry.day ? Json(*entry.day) : Json()}};
    for (auto& member : ItemJson(*item, paths)) row.push_back(std::move(member));
    if (!common.json)
      for (const char* shown : {"title", "location"})
        row.emplace_back(shown == std::string_view("title") ? "label" : shown,
                         ToJson(item->HeadValue(FindField(ItemType::kAppointment, shown)->id)));
    list.Row(std::move(row));
  }
  list.End("appointments in that time");
  return Ok();
}

}  // namespace outpost::cli
