// The changing half of the calendar module (http-api.md 6.3 to 6.6).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/calendar.h"
#include "tools/oxserver/participants.h"

namespace outpost::oxserver {
namespace {

void AddDay(Object& master, int column, std::int64_t day) {
  auto days = DaysOf(master, column);
  if (Contains(days, day)) return;
  days.insert(std::upper_bound(days.begin(), days.end(), day), day);
  SetDays(master, column, days);
}
void DropDay(Object& master, int column, std::int64_t day) {
  auto days = DaysOf(master, column);
  std::erase(days, day);
  SetDays(master, column, days);
}

std::optional<std::int64_t> Member(const Json& body, const char* name) {
  return body.contains(name) ? ScalarNumber(body[name]) : std::nullopt;
}
bool Flag(const Json& body, const char* name) {
  const auto found = body.find(name);
  return found != body.end() && (*found == Json(true) || *found == Json("true"));
}

ApiError NoOccurrence(const Object& master) {
  return ObjectError("CAL-4061", Category::kUserInput, "The series has no such occurrence.", master.id);
}

// The occurrence that a body or an element names; nullopt where it names none.
Api<std::optional<Occurrence>> OccurrenceNamed(const World& world, const Object& master, const Json& body) {
  auto position = Member(body, "recurrence_position");
  if (!position) position = Member(body, "pos");
  const auto date = Member(body, "recurrence_date_position");
  if (!position && !date) return std::optional<Occurrence>();
  const Series series = SeriesOf(world, master);
  const auto found = position && *position > 0 ? series.At(*position) : date ? series.On(*date) : std::nullopt;
  if (!found || Contains(DaysOf(master, kColDeleteExceptions), found->date)) return NoOccurrence(master);
  return found;
}

const Object* ExceptionOn(const World& world, const Object& master, std::int64_t date) {
  for (const Object* each : ExceptionsOf(world, master))
    if (NumberOf(*each, kColRecurrenceDatePosition) == date) return each;
  return nullptr;
}

std::string IdObject(const World& world, std::int64_t id) {
  std::string out = "{\"id\":";
  AppendId(out, world, id);
  return out + '}';
}

Answer Conflicts(const std::string& list) {
  Answer answer;
  answer.data = "{\"conflicts\":" + list + '}';
  return answer;
}

// The occurrence as an appointment of its own, which no pattern repeats.
Object ExceptionFrom(const Object& master, const Occurrence& occurrence) {
  Object one = OccurrenceOf(master, occurrence);
  for (const int column :
       {kColRecurrenceType, kColDays, kColDayInMonth, kColMonth, kColInterval, kColUntil, kColOccurrences})
    SetLiteral(one, column, "");
  for (const int column : {kColRecurrenceStart, kColChangeExceptions, kColDeleteExceptions})
    SetLiteral(one, column, "");
  SetNumber(one, kColRecurrenceId, master.id);
  return one;
}

// Stores a changed appointment, and tells the calendars that it is no longer shown in.
std::int64_t StoreAppointment(World& world, int user, Object changed) {
  const Object& stored = *world.state.FindObject(FolderModule::kCalendar, changed.id);
  const auto before = FoldersOf(stored), after = FoldersOf(changed);
  const auto id = changed.id, home = stored.folder;
  const auto stamp = StoreChange(world, user, home, std::move(changed));
  for (const auto folder : before)
    if (folder != home && std::find(after.begin(), after.end(), folder) == after.end())
      world.state.AddTombstone(folder, id, stamp);
  return stamp;
}

// What the changed series no longer says: exceptions of days that it has no more, or all of them (6.4).
void SettleExceptions(World& world, const Object& before, std::int64_t id) {
  Object master = *world.state.FindObject(FolderModule::kCalendar, id);
  const auto same = [&](int column) { return LiteralOf(before, column) == LiteralOf(master, column); };
  const bool same_times = same(kColStartDate) && same(kColEndDate) && same(kColFullTime) && same(kColTimezone) &&
                          same(kColRecurrenceType) && same(kColDays) && same(kColDayInMonth) && same(kColMonth) &&
                          same(kColInterval) && same(kColUntil) && same(kColOccurrences);
  if (same_times) return;
  const auto holds = [&](std::int64_t day) {
    return IsSeries(master) && world.options.keep_exceptions && SeriesOf(world, master).On(day).has_value();
  };
  auto changed = DaysOf(before, kColChangeExceptions), deleted = DaysOf(before, kColDeleteExceptions);
  for (const Object* each : ExceptionsOf(world, before)) {
    const auto day = NumberOf(*each, kColRecurrenceDatePosition).value_or(0);
    if (holds(day)) continue;
    std::erase(changed, day);
    RemoveAndTell(world, *each);
  }
  std::erase_if(deleted, [&](std::int64_t day) { return !holds(day); });
  SetDays(master, kColChangeExceptions, changed);
  SetDays(master, kColDeleteExceptions, deleted);
  world.state.PutObject(std::move(master));
}

// A new appointment for one occurrence of a series, which the series counts among its exceptions.
Api<Answer> ChangeOccurrence(World& world, const Request& request, const Object& master, const Occurrence& occurrence,
                             std::int64_t seen, const Json& body) {
  if (const Object* existing = ExceptionOn(world, master, occurrence.date)) {
    OUTPOST_TRY(auto draft, DraftChange(CalendarModule(), world, request, *existing, seen, body));
    const auto id = draft.id;
    const auto stamp = StoreAppointment(world, request.user, std::move(draft));
    return Answer{IdObject(world, id), stamp, {}};
  }
  const Object one = ExceptionFrom(master, occurrence);
  OUTPOST_TRY(auto draft, DraftChange(CalendarModule(), world, request, one, seen, body));
  if (draft.folder != master.folder)
    return ObjectError("CAL-4225", Category::kUserInput, "One occurrence cannot move to another folder.", master.id);
  if (const auto list = ConflictsOf(world, request, draft, master.id, !Flag(body, "ignore_conflicts")); !list.empty())
    return Conflicts(list);
  Object changed = master;
  AddDay(changed, kColChangeExceptions, occurrence.date);
  draft.modified_by = request.user;
  const auto id = StoreNew(world, std::move(draft));
  StoreAppointment(world, request.user, std::move(changed));
  return Answer{IdObject(world, id), world.state.FindObject(FolderModule::kCalendar, id)->modified, {}};
}

// The series without one occurrence; the series goes with its last one.
std::int64_t DeleteOccurrence(World& world, int user, const Object& master, std::int64_t date) {
  Object changed = master;
  if (const Object* exception = ExceptionOn(world, master, date)) RemoveAndTell(world, *exception);
  DropDay(changed, kColChangeExceptions, date);
  AddDay(changed, kColDeleteExceptions, date);
  bool left = !DaysOf(changed, kColChangeExceptions).empty();
  const auto deleted = DaysOf(changed, kColDeleteExceptions);
  SeriesOf(world, changed).ForEach([&](const Occurrence& each) {
    left = left || !Contains(deleted, each.date);
    return !left;
  });
  if (!left) return RemoveAndTell(world, *world.state.FindObject(FolderModule::kCalendar, master.id));
  return StoreAppointment(world, user, std::move(changed));
}

// The appointment without somebody who took part; he has it no longer.
Object WithoutUser(const World& world, Object appointment, std::int64_t user) {
  for (const int column : {kColParticipants, kColUsers}) {
    const auto literal = LiteralOf(appointment, column);
    Json list = literal.empty() ? Json::array() : Json::parse(literal);
    Json kept = Json::array();
    for (auto& entry : list) {
      const bool him = entry.value("id", Json()) == user && (column == kColUsers || entry["type"] == kUserType);
      if (!him) kept.push_back(std::move(entry));
    }
    SetLiteral(appointment, column,
               kept.empty() ? std::string() : kept.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  auto folders = FoldersOf(appointment);
  if (const Folder* his = DefaultFolder(world, static_cast<int>(user), FolderModule::kCalendar))
    std::erase(folders, his->id);
  ShowAlsoIn(appointment, folders);
  return appointment;
}

// Somebody deletes a meeting that others made: he takes part no more, in all of it or on one day.
Api<std::int64_t> Leave(World& world, const Request& request, const ObjectRef& ref, const Json& element,
                        std::int64_t seen) {
  OUTPOST_TRY(const Object* found, ReadableObject(CalendarModule(), world, request, ref.folder, ref.id));
  const Folder& folder = *world.state.FindFolder(ParseNumber(ref.folder).value_or(0));
  const Object meeting = *found;
  if (!Allows(RightsOf(world, folder, request.user).remove, meeting.created_by == request.user))
    return ObjectError("CAL-4032", Category::kPermissionDenied, "You may not delete the appointment.", meeting.id);
  if (meeting.modified > seen)
    return ObjectError("CAL-4120", Category::kConflict, "The appointment was changed meanwhile.", meeting.id);
  if (IsSeries(meeting)) {
    OUTPOST_TRY(const auto occurrence, OccurrenceNamed(world, meeting, element));
    if (occurrence) {
      if (const Object* existing = ExceptionOn(world, meeting, occurrence->date))
        return StoreAppointment(world, request.user, WithoutUser(world, *existing, folder.owner));
      StoreNew(world, WithoutUser(world, ExceptionFrom(meeting, *occurrence), folder.owner));
      Object master = meeting;
      AddDay(master, kColChangeExceptions, occurrence->date);
      return StoreAppointment(world, request.user, std::move(master));
    }
    for (const Object* each : ExceptionsOf(world, meeting))
      StoreAppointment(world, request.user, WithoutUser(world, *each, folder.owner));
  }
  return StoreAppointment(world, request.user, WithoutUser(world, meeting, folder.owner));
}

std::int64_t DeleteWhole(World& world, int user, const Object& appointment) {
  if (IsException(appointment)) {
    const auto date = NumberOf(appointment, kColRecurrenceDatePosition).value_or(0);
    const auto* master =
        world.state.FindObject(FolderModule::kCalendar, NumberOf(appointment, kColRecurrenceId).value_or(0));
    if (master != nullptr) return DeleteOccurrence(world, user, Object(*master), date);
  }
  if (IsSeries(appointment))
    for (const Object* each : ExceptionsOf(world, appointment)) RemoveAndTell(world, *each);
  return RemoveAndTell(world, appointment);
}

Api<std::int64_t> DeleteOne(World& world, const Request& request, const ObjectRef& ref, const Json& element,
                            std::int64_t seen) {
  OUTPOST_TRY(const Object* known, ReadableObject(CalendarModule(), world, request, ref.folder, ref.id));
  if (std::to_string(known->folder) != ref.folder) return Leave(world, request, ref, element, seen);
  OUTPOST_TRY(const Object* appointment, DeletableObject(CalendarModule(), world, request, ref, seen));
  if (IsSeries(*appointment)) {
    OUTPOST_TRY(const auto occurrence, OccurrenceNamed(world, *appointment, element));
    if (occurrence) return DeleteOccurrence(world, request.user, Object(*appointment), occurrence->date);
  }
  return DeleteWhole(world, request.user, *appointment);
}

struct Reply {
  std::int64_t confirmation = 0;
  std::string message;
};

// An answer to one occurrence makes an exception of it.
Answer ConfirmOccurrence(World& world, int user, const Object& master, const Occurrence& occurrence,
                         const Reply& reply) {
  const auto answered = [&](Object one) {
    if (const auto users = Confirmed(LiteralOf(one, kColUsers), user, reply.confirmation, reply.message))
      SetLiteral(one, kColUsers, *users);
    return one;
  };
  if (const Object* existing = ExceptionOn(world, master, occurrence.date))
    return Answer{{}, StoreAppointment(world, user, answered(*existing)), {}};
  StoreNew(world, answered(ExceptionFrom(master, occurrence)));
  Object changed = master;
  AddDay(changed, kColChangeExceptions, occurrence.date);
  return Answer{{}, StoreAppointment(world, user, std::move(changed)), {}};
}

Api<Answer> Store(World& world, const Request& request, Object draft, bool ignore_conflicts) {
  if (!draft.uid.empty() && !world.state.FindByUid(FolderModule::kCalendar, draft.uid).empty())
    return ApiError{"CAL-4090", Category::kConflict, "An appointment with that uid is there.", {draft.uid}, {}, {}};
  if (const auto list = ConflictsOf(world, request, draft, 0, !ignore_conflicts); !list.empty()) return Conflicts(list);
  const auto id = StoreNew(world, std::move(draft));
  return Answer{IdObject(world, id), world.state.FindObject(FolderModule::kCalendar, id)->modified, {}};
}

}  // namespace

Api<Answer> NewAppointment(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(auto draft, DraftObject(CalendarModule(), world, request.user, *request.zone, *body));
  return Store(world, request, std::move(draft), Flag(*body, "ignore_conflicts"));
}

Api<Answer> CopyAppointment(World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRYV(request.params.Need("ignore_conflicts"));
  OUTPOST_TRYV(request.params.Need("timezone"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Object* original, ReadableObject(CalendarModule(), world, request, folder, id));
  const auto target = Member(*body, "folder_id");
  if (!target) return MissingParameter("folder_id");
  std::string fields;
  AppendObject(fields, CalendarModule(), world, *original, *request.zone);
  Json copy = Json::parse(fields);
  copy["folder_id"] = *target;
  copy.erase("uid");
  OUTPOST_TRY(auto draft, DraftObject(CalendarModule(), world, request.user, *request.zone, copy));
  return Store(world, request, std::move(draft), request.params.IsTrue("ignore_conflicts"));
}

Api<Answer> UpdateAppointment(World& world, const Request& request) {
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Object* found, ReadableObject(CalendarModule(), world, request, folder, id));
  const Object old = *found;
  if (ParseNumber(folder) != old.folder)
    return ObjectError("CAL-4038", Category::kPermissionDenied, "Only the organizer may change the appointment.",
                       old.id);
  if (IsSeries(old)) {
    OUTPOST_TRY(const auto occurrence, OccurrenceNamed(world, old, *body));
    if (occurrence) return ChangeOccurrence(world, request, old, *occurrence, seen, *body);
  }
  OUTPOST_TRY(auto draft, DraftChange(CalendarModule(), world, request, old, seen, *body));
  if (draft.folder != old.folder && (IsSeries(old) || IsException(old))) {
    return ObjectError(IsSeries(old) ? "CAL-4224" : "CAL-4225", Category::kUserInput,
                       "A series, or one of its occurrences, cannot move to another folder.", old.id);
  }
  const auto self = NumberOf(old, kColRecurrenceId).value_or(old.id);
  if (const auto list = ConflictsOf(world, request, draft, self, !Flag(*body, "ignore_conflicts")); !list.empty())
    return Conflicts(list);
  const auto stamp = StoreAppointment(world, request.user, std::move(draft));
  if (IsSeries(old)) SettleExceptions(world, old, old.id);
  return Answer{IdObject(world, old.id), stamp, {}};
}

// One by one, until the first refusal: what was deleted before it stays deleted.
Api<Answer> DeleteAppointments(World& world, const Request& request) {
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const auto refs, ParseRefs(CalendarModule(), request));
  const Json single = request.body->is_object() ? Json::array({*request.body}) : Json();
  const Json& list = request.body->is_object() ? single : *request.body;
  std::int64_t last = seen;
  for (std::size_t i = 0; i < refs.size(); ++i) {
    OUTPOST_TRY(last, DeleteOne(world, request, refs[i], list[i], seen));
  }
  return Answer{"[]", last, {}};
}

Api<Answer> ConfirmAppointment(World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const auto position, request.params.FindNumber("occurrence"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Object* old, ReadableObject(CalendarModule(), world, request, folder, id));
  const auto confirmation = Member(*body, "confirmation");
  if (!confirmation || *confirmation < 0 || *confirmation > static_cast<std::int64_t>(Confirmation::kTentative))
    return MissingParameter("confirmation");
  if (Member(*body, "id").value_or(request.user) != request.user)
    return ObjectError("CAL-4035", Category::kPermissionDenied, "Everybody answers for himself.", old->id);
  if (old->modified > seen)
    return ObjectError("CAL-4120", Category::kConflict, "The appointment was changed meanwhile.", old->id);
  const auto users =
      Confirmed(LiteralOf(*old, kColUsers), request.user, *confirmation, body->value("confirmmessage", std::string()));
  if (!users) return ObjectError("CAL-4037", Category::kPermissionDenied, "You do not take part.", old->id);
  if (position && IsSeries(*old)) {
    const Object master = *old;
    const auto occurrence = SeriesOf(world, master).At(*position);
    if (!occurrence || Contains(DaysOf(master, kColDeleteExceptions), occurrence->date)) return NoOccurrence(master);
    return ConfirmOccurrence(world, request.user, master, *occurrence,
                             {*confirmation, body->value("confirmmessage", std::string())});
  }
  Object changed = *old;
  SetLiteral(changed, kColUsers, *users);
  return Answer{{}, StoreAppointment(world, request.user, std::move(changed)), {}};
}

}  // namespace outpost::oxserver
