#include "mapi-adapter/codec/recurrence.h"

#include <algorithm>

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

constexpr std::uint16_t kVersion = 0x3004;
constexpr std::uint32_t kReaderVersion2 = 0x3006;
constexpr std::uint32_t kHighlightSince = 0x3009;
constexpr std::size_t kExceptionLeast = 14;  // bytes of an exception that says nothing but its times

enum Override : std::uint16_t {
  kSubject = 0x0001,
  kMeetingType = 0x0002,
  kReminderDelta = 0x0004,
  kReminder = 0x0008,
  kLocation = 0x0010,
  kBusyStatus = 0x0020,
  kAttachment = 0x0040,
  kAllDay = 0x0080,
  kColor = 0x0100,
  kBody = 0x0200
};

bool HasDays(RecurPattern pattern) {
  return pattern == RecurPattern::kWeek || pattern == RecurPattern::kMonthNth || pattern == RecurPattern::kHjMonthNth;
}
bool HasDay(RecurPattern pattern) { return pattern != RecurPattern::kDay && pattern != RecurPattern::kWeek; }
bool IsKnown(RecurPattern pattern) {
  return pattern <= RecurPattern::kMonthEnd ||
         (pattern >= RecurPattern::kHjMonth && pattern <= RecurPattern::kHjMonthEnd);
}

std::vector<LocalMinutes> ReadDates(BlobReader& in, const char* name) {
  const std::uint32_t count = in.U32(name);
  std::vector<LocalMinutes> dates(in.Bounded(count, sizeof(LocalMinutes), name));
  for (LocalMinutes& date : dates) date = in.U32(name);
  return dates;
}

void AppendDates(std::string& out, const std::vector<LocalMinutes>& dates) {
  AppendU32(out, dates.size());
  for (const LocalMinutes date : dates) AppendU32(out, date);
}

RecurrencePattern ReadPattern(BlobReader& in) {
  RecurrencePattern out;
  for (const char* name : {"ReaderVersion", "WriterVersion"}) {
    const std::uint16_t version = in.U16(name);
    in.Require(version == kVersion, name, version);
  }
  out.frequency = static_cast<RecurFrequency>(in.U16("RecurFrequency"));
  in.Require(out.frequency >= RecurFrequency::kDaily && out.frequency <= RecurFrequency::kYearly, "RecurFrequency",
             static_cast<std::uint16_t>(out.frequency));
  out.pattern = static_cast<RecurPattern>(in.U16("PatternType"));
  in.Require(IsKnown(out.pattern), "PatternType", static_cast<std::uint16_t>(out.pattern));
  out.calendar = in.U16("CalendarType");
  out.first = in.U32("FirstDateTime");
  out.period = in.U32("Period");
  out.sliding = in.U32("SlidingFlag") != 0;
  if (HasDays(out.pattern)) out.days = in.U32("DayMask");
  if (HasDay(out.pattern)) out.day = in.U32("Day");
  const std::uint32_t end = in.U32("EndType");
  out.end = end == 0xFFFFFFFF ? RecurEnd::kNever : static_cast<RecurEnd>(end);  // some writers' word for never
  in.Require(out.end >= RecurEnd::kByDate && out.end <= RecurEnd::kNever, "EndType", end);
  out.count = in.U32("OccurrenceCount");
  out.first_day_of_week = in.U32("FirstDOW");
  in.Require(out.first_day_of_week < 7, "FirstDOW", out.first_day_of_week);
  out.deleted = ReadDates(in, "DeletedInstanceDates");
  out.modified = ReadDates(in, "ModifiedInstanceDates");
  out.start = in.U32("StartDate");
  out.until = in.U32("EndDate");
  return out;
}

std::string ReadAnsi(BlobReader& in, const char* name) {
  in.U16(name);  // with a NUL that is not there
  return std::string(in.Take(in.U16(name), name));
}
std::string ReadWide(BlobReader& in, const char* name) {
  return std::string(in.Take(std::size_t{2} * in.U16(name), name));
}

std::uint16_t FlagsOf(const RecurException& exception) {
  unsigned flags = 0;
  if (exception.subject) flags |= kSubject;
  if (exception.meeting_type) flags |= kMeetingType;
  if (exception.reminder_delta) flags |= kReminderDelta;
  if (exception.reminder_set) flags |= kReminder;
  if (exception.location) flags |= kLocation;
  if (exception.busy_status) flags |= kBusyStatus;
  if (exception.has_attachment) flags |= kAttachment;
  if (exception.all_day) flags |= kAllDay;
  if (exception.color) flags |= kColor;
  if (exception.has_body) flags |= kBody;
  return static_cast<std::uint16_t>(flags);
}

RecurException ReadException(BlobReader& in) {
  RecurException out;
  out.start = in.U32("exception StartDateTime");
  out.end = in.U32("exception EndDateTime");
  out.original = in.U32("exception OriginalStartDate");
  const std::uint16_t flags = in.U16("OverrideFlags");
  in.Require((flags & ~0x03FF) == 0, "OverrideFlags", flags);
  const auto number = [&in, flags](Override flag, std::optional<std::uint32_t>& value, const char* name) {
    if ((flags & flag) != 0) value = in.U32(name);
  };
  if ((flags & kSubject) != 0) {
    out.subject_ansi = ReadAnsi(in, "Subject");
    out.subject.emplace();
  }
  number(kMeetingType, out.meeting_type, "MeetingType");
  number(kReminderDelta, out.reminder_delta, "ReminderDelta");
  number(kReminder, out.reminder_set, "ReminderSet");
  if ((flags & kLocation) != 0) {
    out.location_ansi = ReadAnsi(in, "Location");
    out.location.emplace();
  }
  number(kBusyStatus, out.busy_status, "BusyStatus");
  number(kAttachment, out.has_attachment, "Attachment");
  number(kAllDay, out.all_day, "SubType");
  number(kColor, out.color, "AppointmentColor");
  out.has_body = (flags & kBody) != 0;
  return out;
}

void AppendAnsi(std::string& out, const std::string& text) {
  const std::string_view kept = std::string_view(text).substr(0, 0xFFFE);
  AppendU16(out, kept.size() + 1);
  AppendU16(out, kept.size());
  out += kept;
}

void AppendException(std::string& out, const RecurException& exception) {
  AppendU32(out, exception.start);
  AppendU32(out, exception.end);
  AppendU32(out, exception.original);
  AppendU16(out, FlagsOf(exception));
  const auto number = [&out](const std::optional<std::uint32_t>& value) {
    if (value) AppendU32(out, *value);
  };
  if (exception.subject) AppendAnsi(out, exception.subject_ansi);
  number(exception.meeting_type);
  number(exception.reminder_delta);
  number(exception.reminder_set);
  if (exception.location) AppendAnsi(out, exception.location_ansi);
  number(exception.busy_status);
  number(exception.has_attachment);
  number(exception.all_day);
  number(exception.color);
}

void SkipReserved(BlobReader& in, const char* name) { in.Take(in.U32(name), name); }

void ReadExtended(BlobReader& in, std::uint32_t writer, RecurException& exception) {
  if (writer >= kHighlightSince) {
    const std::uint32_t size = in.U32("ChangeHighlightSize");
    std::string_view block = in.Take(size, "ChangeHighlight");
    in.Require(size == 0 || size >= 4, "ChangeHighlightSize", size);
    if (in.ok() && size != 0) exception.change_highlight = BlobReader(block, "").U32("ChangeHighlightValue");
  }
  SkipReserved(in, "ReservedBlockEE1");
  if (!exception.subject && !exception.location) return;
  in.Take(12, "extended times");  // as those before
  if (exception.subject) exception.subject = ReadWide(in, "WideCharSubject");
  if (exception.location) exception.location = ReadWide(in, "WideCharLocation");
  SkipReserved(in, "ReservedBlockEE2");
}

void AppendWide(std::string& out, const std::string& wide) {
  const std::size_t count = std::min<std::size_t>(wide.size() / 2, 0xFFFF);
  AppendU16(out, count);
  out.append(wide, 0, 2 * count);
}

void AppendExtended(std::string& out, std::uint32_t writer, const RecurException& exception) {
  if (writer >= kHighlightSince) {
    AppendU32(out, 4);
    AppendU32(out, exception.change_highlight);
  }
  AppendU32(out, 0);
  if (!exception.subject && !exception.location) return;
  AppendU32(out, exception.start);
  AppendU32(out, exception.end);
  AppendU32(out, exception.original);
  if (exception.subject) AppendWide(out, *exception.subject);
  if (exception.location) AppendWide(out, *exception.location);
  AppendU32(out, 0);
}

}  // namespace

Result<RecurrencePattern> DecodeTaskRecurrence(std::string_view bytes) {
  BlobReader in(bytes, "task recurrence");
  RecurrencePattern pattern = ReadPattern(in);
  if (!in.ok()) return in.error();
  return pattern;
}

Result<AppointmentRecurrence> DecodeAppointmentRecurrence(std::string_view bytes) {
  BlobReader in(bytes, "appointment recurrence");
  AppointmentRecurrence out;
  out.pattern = ReadPattern(in);
  const std::uint32_t reader = in.U32("ReaderVersion2");
  in.Require(reader == kReaderVersion2, "ReaderVersion2", reader);
  out.writer_version = in.U32("WriterVersion2");
  out.start_offset = in.U32("StartTimeOffset");
  out.end_offset = in.U32("EndTimeOffset");
  const std::uint16_t count = in.U16("ExceptionCount");
  out.exceptions.resize(in.Bounded(count, kExceptionLeast, "ExceptionCount"));
  for (RecurException& exception : out.exceptions) exception = ReadException(in);
  SkipReserved(in, "ReservedBlock1");
  for (RecurException& exception : out.exceptions) ReadExtended(in, out.writer_version, exception);
  SkipReserved(in, "ReservedBlock2");
  if (!in.ok()) return in.error();
  return out;
}

std::string Encode(const RecurrencePattern& pattern) {
  std::string out;
  AppendU16(out, kVersion);
  AppendU16(out, kVersion);
  AppendU16(out, static_cast<std::uint16_t>(pattern.frequency));
  AppendU16(out, static_cast<std::uint16_t>(pattern.pattern));
  AppendU16(out, pattern.calendar);
  AppendU32(out, pattern.first);
  AppendU32(out, pattern.period);
  AppendU32(out, pattern.sliding ? 1 : 0);
  if (HasDays(pattern.pattern)) AppendU32(out, pattern.days);
  if (HasDay(pattern.pattern)) AppendU32(out, pattern.day);
  AppendU32(out, static_cast<std::uint32_t>(pattern.end));
  AppendU32(out, pattern.count);
  AppendU32(out, pattern.first_day_of_week);
  AppendDates(out, pattern.deleted);
  AppendDates(out, pattern.modified);
  AppendU32(out, pattern.start);
  AppendU32(out, pattern.until);
  return out;
}

std::string Encode(const AppointmentRecurrence& recurrence) {
  std::string out = Encode(recurrence.pattern);
  AppendU32(out, kReaderVersion2);
  AppendU32(out, recurrence.writer_version);
  AppendU32(out, recurrence.start_offset);
  AppendU32(out, recurrence.end_offset);
  const std::size_t count = std::min<std::size_t>(recurrence.exceptions.size(), 0xFFFF);
  AppendU16(out, count);
  for (std::size_t i = 0; i < count; ++i) AppendException(out, recurrence.exceptions[i]);
  AppendU32(out, 0);
  for (std::size_t i = 0; i < count; ++i) AppendExtended(out, recurrence.writer_version, recurrence.exceptions[i]);
  AppendU32(out, 0);
  return out;
}

}  // namespace outpost::mapi
