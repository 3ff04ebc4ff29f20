// The calendar module (http-api.md 6): rules over one appointment, and which call does what.
#include "tools/oxserver/calendar.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/participants.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDaily = 1, kWeekly = 2, kMonthly = 3, kYearly = 4;
constexpr std::int64_t kNoAlarm = -1;

ApiError Refused(const char* code, const char* text, const Object& appointment) {
  return ObjectError(code, Category::kUserInput, text, appointment.id);
}

std::string MailOf(const World& world, int user) {
  const Account* account = world.state.FindAccount(user);
  return account == nullptr ? std::string() : account->name + "@example.com";
}

const Zone& ZoneOf(const World& world, const Object& appointment) {
  return world.zones.Find(Unquoted(LiteralOf(appointment, kColTimezone)));
}

RecurrenceRule RuleOf(const Object& appointment) {
  const auto number = [&](int column) { return NumberOf(appointment, column); };
  return {.type = number(kColRecurrenceType).value_or(0),
          .interval = number(kColInterval).value_or(1),
          .days = number(kColDays),
          .day_in_month = number(kColDayInMonth),
          .month = number(kColMonth),
          .until = number(kColUntil),
          .occurrences = number(kColOccurrences)};
}

Api<void> SettleTimes(const World& world, int user, Object& appointment) {
  const auto start = NumberOf(appointment, kColStartDate);
  auto end = NumberOf(appointment, kColEndDate);
  if (!start || !end) return Refused("CAL-4220", "An appointment needs its start and its end.", appointment);
  if (IsFullTime(CalendarModule(), appointment) && *end == *start)
    SetNumber(appointment, kColEndDate, *(end = *start + kDayMs));
  if (*end < *start) return Refused("CAL-4221", "The appointment ends before its start.", appointment);
  // A name that is not known becomes the zone of the user: what is stored may differ from what was sent (7).
  const std::string zone = Unquoted(LiteralOf(appointment, kColTimezone));
  if (zone.empty() || world.zones.Find(zone).name() != zone)
    SetLiteral(appointment, kColTimezone, Quoted(world.state.FindAccount(user)->timezone));
  return Ok();
}

// A series has the fields that its type needs, and no others, and starts with its first occurrence.
Api<void> SettleRecurrence(const World& world, Object& appointment) {
  const auto drop = [&](std::initializer_list<int> columns) {
    for (const int column : columns) SetLiteral(appointment, column, "");
  };
  const RecurrenceRule rule = RuleOf(appointment);
  if (rule.type == 0 || IsException(appointment)) {
    drop({kColRecurrenceType, kColDays, kColDayInMonth, kColMonth, kColInterval, kColUntil, kColOccurrences,
          kColRecurrenceStart, kColChangeExceptions, kColDeleteExceptions});
    return Ok();
  }
  const auto within = [](std::optional<std::int64_t> number, std::int64_t least, std::int64_t most) {
    return number && *number >= least && *number <= most;
  };
  const bool complete = within(rule.type, kDaily, kYearly) && within(NumberOf(appointment, kColInterval), 1, 10'000) &&
                        (rule.type < kWeekly || !rule.days || within(rule.days, 1, 127)) &&
                        (rule.type < kMonthly || within(rule.day_in_month, 1, 31)) &&
                        (rule.type != kYearly || (within(rule.month, 0, 11) && rule.interval == 1)) &&
                        !(rule.until && rule.occurrences) && (!rule.occurrences || *rule.occurrences > 0);
  if (!complete) return Refused("CAL-4223", "The rule of recurrence is not supported.", appointment);
  if (rule.type < kWeekly) drop({kColDays});
  if (rule.type < kMonthly) drop({kColDayInMonth});
  if (rule.type < kYearly) drop({kColMonth});
  const auto first = SeriesOf(world, appointment).At(1);
  if (!first) return Refused("CAL-4223", "The series has no occurrence.", appointment);
  SetNumber(appointment, kColStartDate, first->time.start);
  SetNumber(appointment, kColEndDate, first->time.end);
  SetNumber(appointment, kColRecurrenceStart, first->date);
  return Ok();
}

bool SameColumns(const Object& a, const Object& b, std::initializer_list<int> columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](int column) { return LiteralOf(a, column) == LiteralOf(b, column); });
}

// What others have answered no longer holds: 6.4.
bool IsRescheduled(const Object& before, const Object& after) {
  return SpanOf(after).start < SpanOf(before).start || SpanOf(after).end > SpanOf(before).end ||
         !SameColumns(
             before, after,
             {kColRecurrenceType, kColDays, kColDayInMonth, kColMonth, kColInterval, kColUntil, kColOccurrences});
}

// External participants with what they have answered.
std::string ConfirmationsLiteral(std::string_view participants, std::string_view before) {
  const Json known = before.empty() ? Json::array() : Json::parse(before);
  Json list = Json::array();
  for (const auto& participant : Json::parse(participants)) {
    if (participant["type"] != kExternalType) continue;
    Json entry = {{"type", kExternalType}, {"mail", participant["mail"]}, {"status", 0}};
    for (const auto& old : known)
      if (old["mail"] == participant["mail"]) entry = old;
    if (participant.contains("display_name")) entry["display_name"] = participant["display_name"];
    list.push_back(std::move(entry));
  }
  return list.empty() ? std::string() : list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void SettlePeople(const World& world, int user, const Object* before, Object& appointment) {
  const Folder& folder = *world.state.FindFolder(appointment.folder);
  // Without participants it is that of the folder's owner; in a public folder of who makes it.
  const int owner = folder.type == 1 ? folder.owner : user;
  if (LiteralOf(appointment, kColParticipants).empty()) {
    SetLiteral(appointment, kColParticipants,
               "[{\"type\":" + std::to_string(kUserType) + ",\"id\":" + std::to_string(owner) + "}]");
  }
  const auto participants = LiteralOf(appointment, kColParticipants);
  Json users = Json::parse("[]");
  if (const auto literal = UsersLiteral(world, participants, LiteralOf(appointment, kColUsers)); !literal.empty())
    users = Json::parse(literal);
  Json answers = Json::parse("[]");
  if (const auto literal = ConfirmationsLiteral(participants, LiteralOf(appointment, kColConfirmations));
      !literal.empty())
    answers = Json::parse(literal);
  const bool reset = before != nullptr && IsRescheduled(*before, appointment);
  for (auto& entry : users) {
    if (before == nullptr && entry["id"] == user) entry["confirm"] = static_cast<std::int64_t>(Confirmation::kAccepted);
    if (reset && entry["id"] != user) entry["confirm"] = static_cast<std::int64_t>(Confirmation::kNone);
  }
  if (reset)
    for (auto& entry : answers) entry["status"] = 0;
  SetLiteral(appointment, kColUsers, users.empty() ? std::string() : users.dump());
  std::vector<std::int64_t> folders;  // a meeting lies in each one's own calendar too
  for (const std::int64_t id : UsersIn(appointment)) {
    const Folder* theirs = DefaultFolder(world, static_cast<int>(id), FolderModule::kCalendar);
    if (theirs != nullptr && !(folder.type == 1 && folder.owner == id)) folders.push_back(theirs->id);
  }
  ShowAlsoIn(appointment, folders);
  SetLiteral(appointment, kColConfirmations, answers.empty() ? std::string() : answers.dump());
  if (before != nullptr) return;
  if (LiteralOf(appointment, kColOrganizer).empty())
    SetLiteral(appointment, kColOrganizer, Quoted(MailOf(world, user)));
  SetNumber(appointment, kColOrganizerId, user);
  if (owner == user) return;
  SetLiteral(appointment, kColPrincipal, Quoted(MailOf(world, owner)));
  SetNumber(appointment, kColPrincipalId, owner);
}

Api<void> Settle(const World& world, int user, const Object* before, Object& appointment) {
  OUTPOST_TRYV(SettleTimes(world, user, appointment));
  const auto shown = NumberOf(appointment, kColShownAs);
  if (!shown)
    SetNumber(appointment, kColShownAs, static_cast<std::int64_t>(ShownAs::kReserved));
  else if (*shown < static_cast<std::int64_t>(ShownAs::kReserved) || *shown > static_cast<std::int64_t>(ShownAs::kFree))
    return Refused("CAL-4228", "That is no way to show an appointment.", appointment);
  if (NumberOf(appointment, kColAlarm) == kNoAlarm) SetLiteral(appointment, kColAlarm, "");
  OUTPOST_TRYV(SettleRecurrence(world, appointment));
  SettlePeople(world, user, before, appointment);
  const auto people = Json::parse(LiteralOf(appointment, kColParticipants)).size();
  if (appointment.is_private && people > 1 && !world.options.private_participants)
    return Refused("APP-0023", "A private appointment has no participants.", appointment);
  const auto sequence = NumberOf(appointment, kColSequence);
  if (before == nullptr)
    SetNumber(appointment, kColSequence, sequence.value_or(0));
  else if (sequence == NumberOf(*before, kColSequence))
    SetNumber(appointment, kColSequence, sequence.value_or(0) + 1);
  return Ok();
}

Api<std::string> Array(const World& world, const Column& column, const Json& value) {
  if (column.id != kColParticipants) return std::string();
  return ParticipantsLiteral(world, {.no_mail = "CAL-4220", .unreadable = "CAL-4229"}, value);
}

bool Derived(std::string& out, const World&, const Object& appointment, int column, const Zone&) {
  if (column == kColRecurrenceType) {
    out += '0';
    return true;
  }
  if (column != kColRecurrenceId || !IsSeries(appointment)) return false;
  AppendNumber(out, appointment.id);
  return true;
}

std::vector<std::int64_t> Ids(std::string_view literal, std::optional<std::int64_t> type) {
  std::vector<std::int64_t> ids;
  if (literal.empty()) return ids;
  for (const auto& entry : Json::parse(literal))
    if (!type || entry["type"] == *type) ids.push_back(entry["id"].get<std::int64_t>());
  return ids;
}

}  // namespace

std::string_view LiteralOf(const Object& appointment, int column) {
  return appointment.fields.Get(CalendarColumns().ById(column)).value_or(std::string_view());
}
std::optional<std::int64_t> NumberOf(const Object& appointment, int column) {
  return ParseNumber(LiteralOf(appointment, column));
}
void SetLiteral(Object& appointment, int column, std::string_view literal) {
  appointment.fields.Set(CalendarColumns().ById(column), literal);
}
void SetNumber(Object& appointment, int column, std::int64_t number) {
  SetLiteral(appointment, column, std::to_string(number));
}

std::vector<std::int64_t> DaysOf(const Object& appointment, int column) {
  const auto literal = LiteralOf(appointment, column);
  return literal.empty() ? std::vector<std::int64_t>() : Json::parse(literal).get<std::vector<std::int64_t>>();
}

bool Contains(const std::vector<std::int64_t>& days, std::int64_t day) {
  return std::find(days.begin(), days.end(), day) != days.end();
}

void SetDays(Object& appointment, int column, const std::vector<std::int64_t>& days) {
  SetLiteral(appointment, column, days.empty() ? std::string() : Json(days).dump());
}

Span SpanOf(const Object& appointment) {
  return {NumberOf(appointment, kColStartDate).value_or(0), NumberOf(appointment, kColEndDate).value_or(0)};
}

bool IsSeries(const Object& appointment) { return NumberOf(appointment, kColRecurrenceType).value_or(0) > 0; }
bool IsException(const Object& appointment) { return NumberOf(appointment, kColRecurrenceId).has_value(); }

Series SeriesOf(const World& world, const Object& master) {
  return {RuleOf(master), SpanOf(master), IsFullTime(CalendarModule(), master), ZoneOf(world, master)};
}

std::vector<const Object*> ExceptionsOf(const World& world, const Object& master) {
  std::vector<const Object*> found;
  for (const Object* each : world.state.FindByUid(FolderModule::kCalendar, master.uid))
    if (NumberOf(*each, kColRecurrenceId) == master.id) found.push_back(each);
  return found;
}

Object SeenIn(const Object& appointment, std::int64_t folder) {
  Object seen = appointment;
  seen.folder = folder;
  return seen;
}

Object OccurrenceOf(const Object& master, const Occurrence& occurrence) {
  Object one = master;
  SetNumber(one, kColStartDate, occurrence.time.start);
  SetNumber(one, kColEndDate, occurrence.time.end);
  SetNumber(one, kColRecurrencePosition, occurrence.position);
  SetNumber(one, kColRecurrenceDatePosition, occurrence.date);
  return one;
}

std::vector<std::int64_t> UsersIn(const Object& appointment) {
  return Ids(LiteralOf(appointment, kColUsers), std::nullopt);
}
std::vector<std::int64_t> ResourcesIn(const Object& appointment) {
  return Ids(LiteralOf(appointment, kColParticipants), kResourceType);
}

Range::Range(const Zone& zone, std::int64_t start, std::int64_t end)
    : times_{zone.ToUtc(start), zone.ToUtc(end)}, days_{start, end} {}

bool Range::Touches(const Span& span, bool full_time) const {
  const Span& range = full_time ? days_ : times_;
  return span.start < range.end && (span.end > range.start || span.start >= range.start);
}

bool Range::IsPast(const Span& span, bool full_time) const { return span.start >= (full_time ? days_ : times_).end; }

const ObjectModule& CalendarModule() {
  static const ObjectModule kModule{
      .holds = FolderModule::kCalendar,
      .name = "appointments",
      .one = "appointment",
      .columns = &CalendarColumns(),
      .codes = {.wrong_module = "CAL-4060",
                .no_folder = "CAL-4030",
                .not_found = "CAL-4040",
                .elsewhere = "CAL-4041",
                .hidden = "CAL-4030",
                .no_create = "CAL-4031",
                .no_write = "CAL-4031",
                .no_delete = "CAL-4032",
                .conflict = "CAL-4120",
                .unchanged = nullptr,
                .too_long = "CAL-5070",
                .unreadable = "CAL-4229",
                .not_digits = "CAL-4229",
                .bad_character = "CAL-5071",
                .uid_change = "CAL-4035",
                .private_outside = "CAL-4222",
                .private_move = "CAL-4226",
                .shared_move = nullptr},
      .too_long_category = Category::kTruncated,
      .delta_start = DeltaStart::kAsked,
      .deletions_unasked = true,
      .ids_are_numbers = false,
      .deleted_data = "[]",
      .array = Array,
      .translate = nullptr,
      .settle = Settle,
      .derived = Derived,
      .kept = nullptr,
  };
  return kModule;
}

Api<Answer> HandleCalendar(World& world, const Request& request) {
  const auto& action = request.action;
  if (action == "all") return AllAppointments(world, request);
  if (action == "list") return ListAppointments(world, request);
  if (action == "get") return GetAppointment(world, request);
  if (action == "updates") return AppointmentUpdates(world, request);
  if (action == "has") return HasAppointments(world, request);
  if (action == "newappointments") return NewestAppointments(world, request);
  if (action == "search") return SearchAppointments(world, request);
  if (action == "freebusy") return FreeBusy(world, request);
  if (action == "resolveuid") return ResolveUid(world, request);
  if (action == "getChangeExceptions") return ChangeExceptions(world, request);
  if (action == "new") return NewAppointment(world, request);
  if (action == "copy") return CopyAppointment(world, request);
  if (action == "update") return UpdateAppointment(world, request);
  if (action == "delete") return DeleteAppointments(world, request);
  if (action == "confirm") return ConfirmAppointment(world, request);
  return UnknownAction("calendar", action);
}

}  // namespace outpost::oxserver
