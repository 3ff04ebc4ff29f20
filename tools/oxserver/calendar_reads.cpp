// The reading half of the calendar module (http-api.md 6 and 6.1).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/calendar.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDaysAskedMax = 3660;  // of `has`

// All calendar folders, or that of the parameter `folder`.
Api<std::vector<const Folder*>> FoldersAsked(const World& world, const Request& request) {
  const auto id = request.params.Find("folder");
  if (!id || id->empty()) return SearchFolders(CalendarModule(), world, request.user, {});
  OUTPOST_TRY(const Folder* folder, ReadableFolder(CalendarModule(), world, request, *id));
  return std::vector<const Folder*>{folder};
}

// The occurrence that recurrence_position or recurrence_date_position name; null where neither is given.
Api<std::optional<Occurrence>> OccurrenceAsked(const World& world, const Object& appointment,
                                               std::optional<std::int64_t> position, std::optional<std::int64_t> date) {
  if (!IsSeries(appointment) || (!position && !date)) return std::optional<Occurrence>();
  const Series series = SeriesOf(world, appointment);
  auto found = position ? series.At(*position) : series.On(*date);
  if (!found || Contains(DaysOf(appointment, kColDeleteExceptions), found->date)) {
    return ObjectError("CAL-4042", Category::kError, "The series has no such occurrence.", appointment.id);
  }
  return found;
}

// What somebody without access to a private appointment may know of it.
Object Anonymised(const Object& appointment) {
  Object bare = appointment;
  bare.fields = {};
  for (const int column :
       std::initializer_list<int>{kColStartDate, kColEndDate, kColFullTime, kColShownAs, kColTimezone})
    SetLiteral(bare, column, LiteralOf(appointment, column));
  SetLiteral(bare, kColTitle, "\"Private\"");
  return bare;
}

}  // namespace

Api<View> ParseView(const Request& request, Bounds bounds) {
  View view;
  view.masters = request.params.IsTrue("recurrence_master");
  view.anonymised = request.params.IsTrue("showPrivate");
  OUTPOST_TRY(const auto start, request.params.FindNumber("start"));
  OUTPOST_TRY(const auto end, request.params.FindNumber("end"));
  if (!start && bounds == Bounds::kNeeded) return MissingParameter("start");
  if (!end && bounds == Bounds::kNeeded) return MissingParameter("end");
  view.once = request.params.Find("folder").value_or("").empty();
  if (start || end) view.range.emplace(*request.zone, start.value_or(INT64_MIN / 2), end.value_or(INT64_MAX / 2));
  return view;
}

namespace {

// One's own calendar before that in which it was made.
bool IsMainFolder(const World& world, const Object& appointment, const Folder& folder, int user) {
  for (const std::int64_t id : FoldersOf(appointment)) {
    const Folder* each = world.state.FindFolder(id);
    if (each != nullptr && each->owner == user) return id == folder.id;
  }
  return appointment.folder == folder.id;
}

}  // namespace

void Shown::Add(const Folder& folder, const Object& appointment) {
  if (view_.once && !IsMainFolder(world_, appointment, folder, request_.user)) return;
  const Rights rights = RightsOf(world_, folder, request_.user);
  const bool readable = MayRead(folder, rights, appointment, request_.user);
  if (!readable) {
    const bool anonymous = view_.anonymised && appointment.is_private && Allows(rights.read, false);
    if (!anonymous || IsSeries(appointment)) return;
    made_.push_back(Anonymised(appointment));
  } else if (appointment.folder != folder.id) {
    made_.push_back(SeenIn(appointment, folder.id));
  }
  const bool stored = readable && appointment.folder == folder.id;
  if (readable && IsSeries(appointment)) return AddSeries(stored ? appointment : made_.back(), folder.id);
  const Object& shown = stored ? appointment : made_.back();
  if (!view_.range || view_.range->Touches(SpanOf(shown), IsFullTime(CalendarModule(), shown))) rows_.push_back(&shown);
}

void Shown::AddSeries(const Object& master, std::int64_t folder) {
  const bool full_time = IsFullTime(CalendarModule(), master);
  if (view_.masters && !view_.range) return rows_.push_back(&master);
  auto gone = DaysOf(master, kColDeleteExceptions);
  const auto changed = DaysOf(master, kColChangeExceptions);
  gone.insert(gone.end(), changed.begin(), changed.end());
  SeriesOf(world_, master).ForEach([&](const Occurrence& each) {
    if (view_.range && view_.range->IsPast(each.time, full_time)) return false;
    if (Contains(gone, each.date) || (view_.range && !view_.range->Touches(each.time, full_time))) return true;
    if (view_.masters) {
      rows_.push_back(&master);
      return false;
    }
    AddOccurrence(master, each, folder);
    return view_.range.has_value();
  });
}

void Shown::AddOccurrence(const Object& master, const Occurrence& occurrence, std::int64_t folder) {
  made_.push_back(SeenIn(OccurrenceOf(master, occurrence), folder));
  rows_.push_back(&made_.back());
}

void Shown::SortByStart() {
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const Object* a, const Object* b) { return SpanOf(*a).start < SpanOf(*b).start; });
}

Api<Answer> AllAppointments(const World& world, const Request& request) {
  OUTPOST_TRY(const View view, ParseView(request, Bounds::kNeeded));
  OUTPOST_TRY(const auto folders, FoldersAsked(world, request));
  Shown shown(world, request, view);
  for (const Folder* folder : folders)
    for (const auto& [id, appointment] : world.state.ContentsOf(folder->id).by_id) shown.Add(*folder, *appointment);
  shown.SortByStart();
  return RowsAnswer(CalendarModule(), world, request, std::move(shown.rows()));
}

// What is not there is left out.
Api<Answer> ListAppointments(const World& world, const Request& request) {
  OUTPOST_TRY(View view, ParseView(request, Bounds::kOptional));
  view.once = false;
  OUTPOST_TRY(const auto refs, ParseRefs(CalendarModule(), request));
  const Json single = request.body->is_object() ? Json::array({*request.body}) : Json();
  const Json& list = request.body->is_object() ? single : *request.body;
  Shown shown(world, request, view);
  for (std::size_t i = 0; i < refs.size(); ++i) {
    const auto appointment = ReadableObject(CalendarModule(), world, request, refs[i].folder, refs[i].id);
    if (!appointment) {
      const auto& code = appointment.error().code;
      if (code == CalendarModule().codes.not_found || code == CalendarModule().codes.elsewhere) continue;
      return appointment.error();
    }
    const auto number = [&](const char* name) {
      return list[i].contains(name) ? ScalarNumber(list[i][name]) : std::nullopt;
    };
    const auto occurrence =
        OccurrenceAsked(world, *appointment.value(), number("recurrence_position"), number("recurrence_date_position"));
    if (!occurrence) continue;
    const Folder& folder = *world.state.FindFolder(ParseNumber(refs[i].folder).value_or(0));
    if (occurrence.value())
      shown.AddOccurrence(*appointment.value(), *occurrence.value(), folder.id);
    else
      shown.Add(folder, *appointment.value());
  }
  return RowsAnswer(CalendarModule(), world, request, std::move(shown.rows()));
}

Api<Answer> GetAppointment(const World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const auto position, request.params.FindNumber("recurrence_position"));
  OUTPOST_TRY(const Object* appointment, ReadableObject(CalendarModule(), world, request, folder, id));
  OUTPOST_TRY(const auto occurrence, OccurrenceAsked(world, *appointment, position, std::nullopt));
  const Object seen = SeenIn(*appointment, ParseNumber(folder).value_or(appointment->folder));
  if (!occurrence) return ObjectAnswer(CalendarModule(), world, request, seen);
  return ObjectAnswer(CalendarModule(), world, request, OccurrenceOf(seen, *occurrence));
}

namespace {

struct Delta {
  const World& world;
  const Request& request;
  const View& view;
  const ObjectRows& rows;
  std::int64_t since;
  Answer answer;

  void Comma() { answer.data += answer.data.size() > 1 ? "," : ""; }
  auto First(const std::set<std::pair<std::int64_t, std::int64_t>>& set) const {
    const std::int64_t edge = world.options.boundary == Boundary::kFrom ? 0 : 1;
    return set.lower_bound({since > INT64_MAX - edge ? since : since + edge, INT64_MIN});
  }

  void AddChanged(const Folder& folder, const State::Contents& contents) {
    Shown shown(world, request, view);
    for (auto it = First(contents.by_modified); it != contents.by_modified.end(); ++it)
      shown.Add(folder, *contents.by_id.at(it->second));
    for (const Object* object : shown.rows()) {
      Comma();
      rows.AppendRow(answer.data, *object);
      answer.timestamp = std::max(*answer.timestamp, object->modified);
    }
  }
  void AddDeleted(const State::Contents& contents) {
    for (auto it = First(contents.deleted); it != contents.deleted.end(); ++it) {
      if (contents.by_id.count(it->second) != 0) continue;  // moved back meanwhile
      Comma();
      AppendId(answer.data, world, it->second);
      answer.timestamp = std::max(*answer.timestamp, it->first);
    }
  }
};

}  // namespace

// Without a folder: all calendars, but then a range is needed and deletions are not told.
Api<Answer> AppointmentUpdates(const World& world, const Request& request) {
  OUTPOST_TRY(const auto since, request.params.NeedNumber("timestamp"));
  const auto ignore = request.params.Find("ignore").value_or("");
  const bool no_deleted = ignore.find("deleted") != std::string_view::npos;
  const bool no_changed = ignore.find("changed") != std::string_view::npos;
  const bool everywhere = request.params.Find("folder").value_or("").empty();
  OUTPOST_TRY(const View view, ParseView(request, everywhere ? Bounds::kNeeded : Bounds::kOptional));
  if (everywhere && !no_deleted) return MissingParameter("folder");
  OUTPOST_TRY(const auto rows, ObjectRows::Make(CalendarModule(), world, request));
  OUTPOST_TRY(const auto folders, FoldersAsked(world, request));
  Delta delta{world, request, view, rows, since, {"[", since, {}}};
  for (const Folder* folder : folders) {
    const auto& contents = world.state.ContentsOf(folder->id);
    if (!no_changed) delta.AddChanged(*folder, contents);
    if (!no_deleted) delta.AddDeleted(contents);
  }
  delta.answer.data += ']';
  return std::move(delta.answer);
}

Api<Answer> HasAppointments(const World& world, const Request& request) {
  OUTPOST_TRY(const auto start, request.params.NeedNumber("start"));
  OUTPOST_TRY(const auto end, request.params.NeedNumber("end"));
  if (end < start || (end - start) / kDayMs > kDaysAskedMax) return InvalidParameter("end", std::to_string(end));
  View view;
  view.once = true;
  view.range.emplace(*request.zone, start, end);
  Shown shown(world, request, view);
  for (const Folder* folder : SearchFolders(CalendarModule(), world, request.user, {}))
    for (const auto& [id, appointment] : world.state.ContentsOf(folder->id).by_id) shown.Add(*folder, *appointment);
  Answer answer;
  answer.data = "[";
  for (std::int64_t day = start; day < end; day += kDayMs) {
    const Range one(*request.zone, day, std::min(day + kDayMs, end));
    const bool any = std::any_of(shown.rows().begin(), shown.rows().end(), [&](const Object* each) {
      return one.Touches(SpanOf(*each), IsFullTime(CalendarModule(), *each));
    });
    answer.data += std::string(day > start ? "," : "") + (any ? "true" : "false");
  }
  answer.data += ']';
  return answer;
}

Api<Answer> NewestAppointments(const World& world, const Request& request) {
  OUTPOST_TRY(const auto limit, request.params.NeedNumber("limit"));
  if (limit < 0) return InvalidParameter("limit", std::to_string(limit));
  OUTPOST_TRY(View view, ParseView(request, Bounds::kNeeded));
  view.masters = false;
  Shown shown(world, request, view);
  for (const Folder* folder : SearchFolders(CalendarModule(), world, request.user, {}))
    for (const auto& [id, appointment] : world.state.ContentsOf(folder->id).by_id) shown.Add(*folder, *appointment);
  shown.SortByStart();
  if (shown.rows().size() > static_cast<std::size_t>(limit)) shown.rows().resize(static_cast<std::size_t>(limit));
  return RowsAnswer(CalendarModule(), world, request, std::move(shown.rows()));
}

Api<Answer> SearchAppointments(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  const auto text = [&](const char* name) {
    return body->contains(name) && (*body)[name].is_string() ? (*body)[name].get<std::string>() : std::string();
  };
  const std::string letter = text("startletter");
  if (letter.empty() && !body->contains("pattern")) return MissingParameter("pattern");
  const std::string pattern = letter.empty() ? "*" + Folded(text("pattern")) + "*" : Folded(letter) + "*";
  const auto folder = body->contains("folder") ? ScalarNumber((*body)["folder"]) : std::nullopt;
  View view;
  view.masters = true;
  view.once = true;
  Shown shown(world, request, view);
  const auto wanted = folder ? std::vector<std::int64_t>{*folder} : std::vector<std::int64_t>{};
  for (const Folder* each : SearchFolders(CalendarModule(), world, request.user, wanted)) {
    for (const auto& [id, appointment] : world.state.ContentsOf(each->id).by_id) {
      const auto matches = [&, found = appointment](int column) {
        return WildcardMatch(pattern, Folded(Unquoted(LiteralOf(*found, column))));
      };
      if (matches(kColTitle) || (letter.empty() && matches(kColNote))) shown.Add(*each, *appointment);
    }
  }
  return RowsAnswer(CalendarModule(), world, request, std::move(shown.rows()));
}

Api<Answer> ResolveUid(const World& world, const Request& request) {
  OUTPOST_TRY(const auto uid, request.params.Need("uid"));
  for (const Object* each : world.state.FindByUid(FolderModule::kCalendar, uid)) {
    const Folder& folder = *world.state.FindFolder(each->folder);
    if (IsException(*each) || !MayRead(folder, RightsOf(world, folder, request.user), *each, request.user)) continue;
    Answer answer;
    answer.data = "{\"id\":";
    AppendId(answer.data, world, each->id);
    answer.data += '}';
    return answer;
  }
  return ApiError{"CAL-4043", Category::kError, "There is no appointment with that uid.", {}, {}, {}};
}

Api<Answer> ChangeExceptions(const World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const Object* master, ReadableObject(CalendarModule(), world, request, folder, id));
  return RowsAnswer(CalendarModule(), world, request, ExceptionsOf(world, *master));
}

}  // namespace outpost::oxserver
