// Who is where at the same time: conflicts of appointments and free/busy (http-api.md 6.5 and 8.3).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/calendar.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kYearMs = std::int64_t{366} * 86'400'000;
// Of a series, this many occurrences of its first year are compared.
constexpr std::size_t kComparedMax = 400;

bool IsFree(const Object& appointment) {
  return NumberOf(appointment, kColShownAs) == static_cast<std::int64_t>(ShownAs::kFree);
}

bool Meet(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b) {
  return std::any_of(a.begin(), a.end(), [&](std::int64_t id) { return std::find(b.begin(), b.end(), id) != b.end(); });
}

// The instants an appointment takes: whole days in the zone of who asks.
Span Instants(const Zone& zone, const Span& span, bool full_time) {
  return full_time ? Span{zone.ToUtc(span.start), zone.ToUtc(span.end)} : span;
}

bool Overlap(const Span& a, const Span& b) { return a.start < b.end && b.start < a.end; }

// The times that an appointment takes within a span, deleted and changed occurrences left out.
std::vector<Span> TimesOf(const World& world, const Zone& zone, const Object& appointment, const Span& within) {
  const bool full_time = IsFullTime(CalendarModule(), appointment);
  std::vector<Span> times;
  if (!IsSeries(appointment)) {
    const Span time = Instants(zone, SpanOf(appointment), full_time);
    if (Overlap(time, within)) times.push_back(time);
    return times;
  }
  auto gone = DaysOf(appointment, kColDeleteExceptions);
  const auto changed = DaysOf(appointment, kColChangeExceptions);
  gone.insert(gone.end(), changed.begin(), changed.end());
  SeriesOf(world, appointment).ForEach([&](const Occurrence& each) {
    const Span time = Instants(zone, each.time, full_time);
    if (time.start >= within.end || times.size() >= kComparedMax) return false;
    if (Overlap(time, within) && std::find(gone.begin(), gone.end(), each.date) == gone.end()) times.push_back(time);
    return true;
  });
  return times;
}

bool MayReadIt(const World& world, int user, const Object& appointment) {
  const Folder& folder = *world.state.FindFolder(appointment.folder);
  return MayRead(folder, RightsOf(world, folder, user), appointment, user);
}

// One appointment in the way: all of it, or what anybody may know.
Json ConflictJson(const World& world, const Request& request, const Object& other, bool hard) {
  Json entry;
  if (MayReadIt(world, request.user, other)) {
    std::string object;
    AppendObject(object, CalendarModule(), world, other, *request.zone);
    entry = Json::parse(object);
  } else {
    const bool full_time = IsFullTime(CalendarModule(), other);
    const Span span = SpanOf(other);
    entry = {{"id", std::to_string(other.id)},
             {"start_date", full_time ? span.start : request.zone->ToTime(span.start)},
             {"end_date", full_time ? span.end : request.zone->ToTime(span.end)},
             {"shown_as", NumberOf(other, kColShownAs).value_or(1)},
             {"participants", Json::parse(LiteralOf(other, kColParticipants))}};
  }
  if (hard) entry["hard_conflict"] = true;
  return entry;
}

bool Clash(const World& world, const Zone& zone, const std::vector<Span>& times, const Object& other,
           const Span& within) {
  for (const Span& theirs : TimesOf(world, zone, other, within))
    if (std::any_of(times.begin(), times.end(), [&](const Span& mine) { return Overlap(mine, theirs); })) return true;
  return false;
}

}  // namespace

std::string ConflictsOf(const World& world, const Request& request, const Object& draft, std::int64_t self, bool soft) {
  const auto users = UsersIn(draft), resources = ResourcesIn(draft);
  if (IsFree(draft)) soft = false;
  if (!soft && resources.empty()) return {};
  const Zone& zone = *request.zone;
  const Span first = Instants(zone, SpanOf(draft), IsFullTime(CalendarModule(), draft));
  const auto times = TimesOf(world, zone, draft, {first.start, IsSeries(draft) ? first.start + kYearMs : first.end});
  if (times.empty()) return {};
  const Span within{times.front().start, times.back().end};
  Json conflicts = Json::array();
  for (const auto& [id, folder] : world.state.folders()) {
    if (folder.module != FolderModule::kCalendar) continue;
    for (const auto& [other_id, other] : world.state.ContentsOf(id).by_id) {
      if (other->folder != id) continue;  // it is counted where it was made
      if (self != 0 && (other_id == self || NumberOf(*other, kColRecurrenceId) == self)) continue;
      const bool hard = Meet(resources, ResourcesIn(*other));
      if (!hard && (!soft || IsFree(*other) || !Meet(users, UsersIn(*other)))) continue;
      if (Clash(world, zone, times, *other, within)) conflicts.push_back(ConflictJson(world, request, *other, hard));
    }
  }
  return conflicts.empty() ? std::string() : conflicts.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What is asked about somebody else tells of his time, and more only where his calendar may be read.
Api<Answer> FreeBusy(const World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.NeedNumber("id"));
  OUTPOST_TRY(const auto start, request.params.NeedNumber("start"));
  OUTPOST_TRY(const auto end, request.params.NeedNumber("end"));
  OUTPOST_TRY(const auto type, request.params.NeedNumber("type"));
  if (type != kUserType && type != kResourceType) return InvalidParameter("type", std::to_string(type));
  const Range range(*request.zone, start, end);
  Json busy = Json::array();
  const auto add = [&](const Object& appointment, const Span& span) {
    const bool full_time = IsFullTime(CalendarModule(), appointment);
    Json entry = {{"start_date", full_time ? span.start : request.zone->ToTime(span.start)},
                  {"end_date", full_time ? span.end : request.zone->ToTime(span.end)},
                  {"shown_as", NumberOf(appointment, kColShownAs).value_or(1)},
                  {"full_time", full_time}};
    if (const auto title = LiteralOf(appointment, kColTitle);
        !title.empty() && MayReadIt(world, request.user, appointment))
      entry["title"] = Unquoted(title);
    busy.push_back(std::move(entry));
  };
  for (const auto& [folder_id, folder] : world.state.folders()) {
    if (folder.module != FolderModule::kCalendar) continue;
    for (const auto& [object_id, appointment] : world.state.ContentsOf(folder_id).by_id) {
      if (appointment->folder != folder_id) continue;  // it is counted where it was made
      const auto who = type == kUserType ? UsersIn(*appointment) : ResourcesIn(*appointment);
      if (std::find(who.begin(), who.end(), id) == who.end()) continue;
      const bool full_time = IsFullTime(CalendarModule(), *appointment);
      if (!IsSeries(*appointment)) {
        if (range.Touches(SpanOf(*appointment), full_time)) add(*appointment, SpanOf(*appointment));
        continue;
      }
      auto gone = DaysOf(*appointment, kColDeleteExceptions);
      const auto changed = DaysOf(*appointment, kColChangeExceptions);
      gone.insert(gone.end(), changed.begin(), changed.end());
      SeriesOf(world, *appointment).ForEach([&, found = appointment](const Occurrence& each) {
        if (range.IsPast(each.time, full_time)) return false;
        if (range.Touches(each.time, full_time) && std::find(gone.begin(), gone.end(), each.date) == gone.end())
          add(*found, each.time);
        return true;
      });
    }
  }
  std::stable_sort(busy.begin(), busy.end(),
                   [](const Json& a, const Json& b) { return a["start_date"] < b["start_date"]; });
  Answer answer;
  answer.data = busy.dump(-1, ' ', false, Json::error_handler_t::replace);
  return answer;
}

}  // namespace outpost::oxserver
