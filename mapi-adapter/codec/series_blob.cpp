#include "mapi-adapter/codec/series_blob.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "mapi-adapter/codec/blob.h"
#include "mapi-adapter/codec/recurrence_rule.h"
#include "schemas/series.h"

namespace outpost::mapi {
namespace {

// Fields that nobody but Outlook's side knows by meaning (schemas/fields.tsv).
constexpr FieldId kAppointmentLocation = 413, kAppointmentAlarm = 415, kAppointmentNote = 416;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMsPerDay = std::int64_t{kMinutesPerDay} * kMinuteMs;
constexpr std::uint32_t kFree = 0, kTentative = 1, kBusy = 2, kAway = 3;            // PidLidBusyStatus
constexpr std::int64_t kReserved = 1, kTemporary = 2, kAbsent = 3, kShownFree = 4;  // shown_as

std::int64_t Midnight(std::int64_t ms) { return ms - ((ms % kMsPerDay) + kMsPerDay) % kMsPerDay; }

const Value& ValueAt(const FieldMap& fields, FieldId id) {
  static const Value kNone;
  const auto at = fields.find(id);
  return at != fields.end() ? at->second : kNone;
}
std::optional<std::int64_t> NumberAt(const FieldMap& fields, FieldId id) {
  const auto* number = std::get_if<std::int64_t>(&ValueAt(fields, id));
  return number != nullptr ? std::optional(*number) : std::nullopt;
}
std::string TextAt(const FieldMap& fields, FieldId id) {
  const auto* text = std::get_if<std::string>(&ValueAt(fields, id));
  return text != nullptr ? *text : std::string();
}
bool IsFullTime(const FieldMap& fields) { return ValueAt(fields, field::kAppointmentFullTime) == Value(true); }

std::int64_t LocalMs(LocalMinutes at) { return DayOf(at) + std::int64_t{at % kMinutesPerDay} * kMinuteMs; }
LocalMinutes MinutesAt(std::int64_t local) {
  return MidnightOf(Midnight(local)) + static_cast<LocalMinutes>((local - Midnight(local)) / kMinuteMs);
}

// A field of an instant, from a local time of a blob, and back.
std::int64_t InstantOf(std::int64_t local, bool full_time, const SeriesClock& clock) {
  return full_time ? Midnight(local) : clock.to_utc(local);
}
std::int64_t LocalOf(std::int64_t instant, bool full_time, const SeriesClock& clock) {
  return full_time ? instant : clock.to_local(instant);
}

FieldMap EditOf(const RecurException& exception, bool series_full_time, const SeriesClock& clock) {
  FieldMap out;
  const bool full_time = exception.all_day ? *exception.all_day != 0 : series_full_time;
  if (exception.all_day) out[field::kAppointmentFullTime] = full_time;
  out[field::kAppointmentStart] = InstantOf(LocalMs(exception.start), full_time, clock);
  out[field::kAppointmentEnd] = InstantOf(LocalMs(exception.end), full_time, clock);
  if (exception.subject) out[field::kAppointmentTitle] = Utf8FromWide(*exception.subject);
  if (exception.location) out[kAppointmentLocation] = Utf8FromWide(*exception.location);
  if (exception.busy_status) out[field::kAppointmentShownAs] = ShownAsOf(*exception.busy_status);
  if (exception.reminder_set == 0U)
    out[kAppointmentAlarm] = Value();
  else if (exception.reminder_delta)
    out[kAppointmentAlarm] = std::int64_t{*exception.reminder_delta};
  return out;
}

// The text in the code page of Western Europe as far as it is that of Unicode.
std::string AnsiOf(const std::string& wide) {
  std::string out;
  for (std::size_t i = 0; i + 1 < wide.size(); i += 2) {
    const bool low = wide[i + 1] == 0;
    const auto c = static_cast<unsigned char>(wide[i]);
    out.push_back(low && (c < 0x80 || c >= 0xA0) ? wide[i] : '?');
  }
  return out;
}

struct Span {
  LocalMinutes start = 0, end = 0;
};

Span SpanOf(const FieldMap& fields, const SeriesClock& clock) {
  const std::int64_t start = NumberAt(fields, field::kAppointmentStart).value_or(0);
  const std::int64_t end = std::max(start, NumberAt(fields, field::kAppointmentEnd).value_or(start));
  const bool full_time = IsFullTime(fields);
  return {MinutesAt(LocalOf(start, full_time, clock)), MinutesAt(LocalOf(end, full_time, clock))};
}

RecurException ExceptionOf(const FieldMap& series, const ChangedDay& changed, std::uint32_t start_offset,
                           const SeriesClock& clock) {
  RecurException out;
  const FieldMap& item = changed.fields;
  const Span span = SpanOf(item, clock);
  out.start = span.start;
  out.end = span.end;
  out.original = MidnightOf(changed.day) + start_offset;
  const auto differs = [&](FieldId id) { return !SameValue(ValueAt(series, id), ValueAt(item, id)); };
  if (differs(field::kAppointmentTitle)) out.subject = WideFromUtf8(TextAt(item, field::kAppointmentTitle));
  if (differs(kAppointmentLocation)) out.location = WideFromUtf8(TextAt(item, kAppointmentLocation));
  if (out.subject) out.subject_ansi = AnsiOf(*out.subject);
  if (out.location) out.location_ansi = AnsiOf(*out.location);
  if (differs(field::kAppointmentShownAs))
    out.busy_status = BusyStatusOf(NumberAt(item, field::kAppointmentShownAs).value_or(kReserved));
  if (differs(kAppointmentAlarm)) {
    const auto alarm = NumberAt(item, kAppointmentAlarm);
    if (alarm.has_value() != NumberAt(series, kAppointmentAlarm).has_value()) out.reminder_set = alarm ? 1 : 0;
    if (alarm) out.reminder_delta = static_cast<std::uint32_t>(std::clamp<std::int64_t>(*alarm, 0, INT32_MAX));
  }
  if (differs(field::kAppointmentFullTime)) out.all_day = IsFullTime(item) ? 1 : 0;
  out.has_body = differs(kAppointmentNote);
  return out;
}

std::vector<LocalMinutes> Sorted(std::set<LocalMinutes> dates) { return {dates.begin(), dates.end()}; }

}  // namespace

SeriesClock UtcClock() {
  const auto same = [](std::int64_t moment) { return moment; };
  return {same, same};
}

std::uint32_t BusyStatusOf(std::int64_t shown_as) {
  return shown_as == kShownFree ? kFree : shown_as == kTemporary ? kTentative : shown_as == kAbsent ? kAway : kBusy;
}

std::int64_t ShownAsOf(std::uint32_t busy_status) {
  return busy_status == kFree        ? kShownFree
         : busy_status == kTentative ? kTemporary
         : busy_status == kAway      ? kAbsent
                                     : kReserved;
}

Result<SeriesEdit> SeriesFrom(const AppointmentRecurrence& blob, bool full_time, const SeriesClock& clock) {
  OUTPOST_TRY(const SeriesRule rule, RuleOf(blob.pattern));
  SeriesEdit out;
  out.series = FieldsOf(rule, ItemType::kAppointment);
  const std::int64_t first = DayOf(blob.pattern.start);
  out.series[field::kAppointmentStart] = InstantOf(first + blob.start_offset * kMinuteMs, full_time, clock);
  out.series[field::kAppointmentEnd] = InstantOf(first + blob.end_offset * kMinuteMs, full_time, clock);
  std::map<std::int64_t, FieldMap> changed;
  for (const RecurException& exception : blob.exceptions)
    changed[DayOf(exception.original)] = EditOf(exception, full_time, clock);
  std::set<std::int64_t> dropped;
  for (const LocalMinutes date : blob.pattern.deleted)
    if (!changed.contains(DayOf(date))) dropped.insert(DayOf(date));
  std::vector<std::string> days;
  for (const std::int64_t day : dropped) days.push_back(DayText(day));
  out.series[field::kAppointmentDeleted] = days.empty() ? Value() : Value(std::move(days));
  for (auto& [day, fields] : changed) out.changed.push_back({day, std::move(fields)});
  return out;
}

Result<AppointmentRecurrence> SeriesTo(const FieldMap& series, std::vector<ChangedDay> changed,
                                       const SeriesClock& clock, std::uint32_t weeks_from) {
  const auto rule = RuleIn(series, ItemType::kAppointment);
  if (!rule || !NumberAt(series, field::kAppointmentStart))
    return Error{Code::kInvalid, Retry::kNever, "an item without a rule or a start is no series"};
  const Span span = SpanOf(series, clock);
  AppointmentRecurrence out;
  out.pattern = PatternOf(*rule, DayOf(span.start), weeks_from);
  out.start_offset = span.start % kMinutesPerDay;
  out.end_offset = out.start_offset + (span.end - span.start);
  std::sort(changed.begin(), changed.end(), [](const ChangedDay& a, const ChangedDay& b) { return a.day < b.day; });
  std::set<LocalMinutes> deleted, modified;
  if (const auto* days = std::get_if<std::vector<std::string>>(&ValueAt(series, field::kAppointmentDeleted)))
    for (const std::string& text : *days)
      if (const auto day = DayFromText(text)) deleted.insert(MidnightOf(*day));
  for (const ChangedDay& day : changed) {
    out.exceptions.push_back(ExceptionOf(series, day, out.start_offset, clock));
    deleted.insert(MidnightOf(day.day));
    modified.insert(out.exceptions.back().start / kMinutesPerDay * kMinutesPerDay);
  }
  out.pattern.deleted = Sorted(std::move(deleted));
  out.pattern.modified = Sorted(std::move(modified));
  return out;
}

}  // namespace outpost::mapi
