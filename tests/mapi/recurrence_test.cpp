#include <catch2/catch.hpp>

#include "mapi-adapter/codec/blob.h"
#include "mapi-adapter/codec/recurrence_rule.h"
#include "mapi-adapter/codec/series_blob.h"
#include "schemas/series.h"
#include "tests/mapi/vectors.h"

using namespace outpost;
using namespace outpost::mapi;
using namespace outpost::test;

namespace {

constexpr std::int64_t kHour = 3'600'000;

std::int64_t At(const char* day, std::int64_t hours = 0) { return *DayFromText(day) + hours * kHour; }

// Berlin in the spring of 2024: an hour ahead, from the 31st of March two.
SeriesClock Berlin() {
  static const std::int64_t change = At("2024-03-31", 1);
  return {[](std::int64_t utc) { return utc + (utc < change ? 1 : 2) * kHour; },
          [](std::int64_t local) { return local - (local < change + kHour ? 1 : 2) * kHour; }};
}

std::string DateOfMinutes(LocalMinutes at) { return at == kNoEnd ? "0x5AE980DF" : DayText(DayOf(at)); }

FieldId AppointmentField(const char* name) { return FindField(ItemType::kAppointment, name)->id; }

// Of the words that recurrence-vectors.tsv has for a blob, those that this one decodes to.
std::vector<std::string> MeaningOf(const RecurrencePattern& pattern) {
  char frequency[32];
  std::snprintf(frequency, sizeof frequency, "RecurFrequency=0x%04X", static_cast<unsigned>(pattern.frequency));
  return {frequency,
          "PatternType=" + std::to_string(static_cast<unsigned>(pattern.pattern)) + "(",
          "CalendarType=" + std::to_string(pattern.calendar) + ";",
          "FirstDateTime=" + std::to_string(pattern.first) + ";",
          "Period=" + std::to_string(pattern.period) + " ",
          "OccurrenceCount=" + std::to_string(pattern.count) + ";",
          "Deleted(" + std::to_string(pattern.deleted.size()) + ")",
          "Modified(" + std::to_string(pattern.modified.size()) + ")",
          "StartDate=" + DateOfMinutes(pattern.start),
          "EndDate=" + DateOfMinutes(pattern.until)};
}

std::vector<std::string> MeaningOf(const AppointmentRecurrence& blob) {
  std::vector<std::string> words = MeaningOf(blob.pattern);
  words.push_back("StartTimeOffset=" + std::to_string(blob.start_offset) + "(");
  words.push_back("EndTimeOffset=" + std::to_string(blob.end_offset) + "(");
  words.push_back("ExceptionCount=" + std::to_string(blob.exceptions.size()));
  for (const RecurException& exception : blob.exceptions) {
    words.push_back("original=" + DayText(DayOf(exception.original)));
    if (exception.subject) words.push_back("subject=\"" + Utf8FromWide(*exception.subject) + "\"");
    if (exception.location) words.push_back("location=\"" + Utf8FromWide(*exception.location) + "\"");
    if (exception.busy_status) words.push_back("BusyStatus=" + std::to_string(*exception.busy_status));
    if (exception.reminder_delta) words.push_back("ReminderDelta=" + std::to_string(*exception.reminder_delta));
  }
  return words;
}

// The rule of a blob gives the blob's own numbers again.
void CheckRule(const RecurrencePattern& pattern) {
  const auto rule = RuleOf(pattern);
  REQUIRE(rule);
  const RecurrencePattern again = PatternOf(rule.value(), DayOf(pattern.start), pattern.first_day_of_week);
  CHECK(again.first == pattern.first);
  CHECK(again.period == pattern.period);
  CHECK(again.days == pattern.days);
  CHECK(again.end == pattern.end);
  CHECK(again.count == pattern.count);
  CHECK(again.start == pattern.start);
  CHECK(again.until == pattern.until);
  CHECK(RuleFromText(RuleText(rule.value())) == rule.value());
  for (const ItemType type : {ItemType::kAppointment, ItemType::kTask})
    CHECK(RuleIn(FieldsOf(rule.value(), type), type) == rule.value());
}

}  // namespace

TEST_CASE("recurrence: blobs of Outlook's decode to what they mean, and encode to the same bytes", "[mapi]") {
  std::size_t rules = 0;
  for (const Vector& vector : SharedVectors()) {
    const bool appointment = vector.kind == "arp";
    if (!appointment && vector.kind != "rp") continue;
    INFO(vector.name);
    RecurrencePattern pattern;
    std::vector<std::string> words;
    std::string again;
    if (appointment) {
      const auto blob = DecodeAppointmentRecurrence(vector.bytes);
      REQUIRE(blob);
      pattern = blob.value().pattern;
      words = MeaningOf(blob.value());
      again = Encode(blob.value());
    } else {
      const auto blob = DecodeTaskRecurrence(vector.bytes);
      REQUIRE(blob);
      pattern = blob.value();
      words = MeaningOf(pattern);
      again = Encode(pattern);
    }
    for (const std::string& word : words) CHECK_THAT(vector.meaning, Catch::Contains(word));
    const bool stale = vector.meaning.find("TRAILING") != std::string::npos;
    CHECK(again == (stale ? vector.bytes.substr(0, 80) : vector.bytes));
    if (pattern.calendar == 0) CheckRule(pattern), ++rules;
  }
  CHECK((rules == 0 || rules == 8));
}

TEST_CASE("recurrence: a lunar calendar is refused by name", "[mapi]") {
  RecurrencePattern hebrew;
  hebrew.frequency = RecurFrequency::kYearly;
  hebrew.pattern = RecurPattern::kMonth;
  hebrew.calendar = 8;
  hebrew.period = 12;
  const auto rule = RuleOf(hebrew);
  REQUIRE_FALSE(rule);
  CHECK(rule.error().code == Code::kRejected);
  CHECK_THAT(rule.error().context, Catch::Contains("calendar 8"));
  hebrew.calendar = 0;
  hebrew.period = 0;
  CHECK(RuleOf(hebrew).error().code == Code::kCorrupt);
  hebrew.period = 13;
  CHECK(RuleOf(hebrew).error().code == Code::kCorrupt);
}

TEST_CASE("recurrence: our own vectors, made by another encoder, are rules and come back byte by byte", "[mapi]") {
  std::size_t met = 0;
  for (const Vector& vector : OwnVectors()) {
    const bool appointment = vector.kind == "appointment";
    if (!appointment && vector.kind != "task") continue;
    INFO(vector.name);
    ++met;
    RecurrencePattern pattern;
    if (appointment) {
      const auto blob = DecodeAppointmentRecurrence(vector.bytes);
      REQUIRE(blob);
      pattern = blob.value().pattern;
      CHECK(Encode(blob.value()) == vector.bytes);
    } else {
      pattern = DecodeTaskRecurrence(vector.bytes).value();
      CHECK(Encode(pattern) == vector.bytes);
    }
    CHECK(RuleText(RuleOf(pattern).value()) + " from " + DayText(DayOf(pattern.start)) == vector.meaning);
    CheckRule(pattern);
  }
  CHECK(met == 13);
}

TEST_CASE("recurrence: what is cut off or counts what is not there is named", "[mapi]") {
  const std::string whole = Encode(AppointmentRecurrence{});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = DecodeAppointmentRecurrence(whole.substr(0, size));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == Code::kCorrupt);
  }
  std::string lying = whole;
  lying.replace(34, 4, "\xFF\xFF\xFF\xFF");
  CHECK(DecodeAppointmentRecurrence(lying).error().context ==
        "appointment recurrence, DeletedInstanceDates at byte 38: 4294967295 entries, room for 9");
  std::string strange = whole;
  strange[4] = 9;
  CHECK_THAT(DecodeAppointmentRecurrence(strange).error().context, Catch::Contains("RecurFrequency at byte 6"));
}

TEST_CASE("recurrence: a series and its changed days become one blob and come back", "[mapi]") {
  const FieldId location = AppointmentField("location"), alarm = AppointmentField("alarm");
  FieldMap series{{field::kAppointmentTitle, std::string("Jour fixe")},
                  {field::kAppointmentStart, At("2024-03-18", 8)},
                  {field::kAppointmentEnd, At("2024-03-18", 9)},
                  {field::kAppointmentRecurrenceType, std::int64_t{2}},
                  {field::kAppointmentDays, std::int64_t{2}},
                  {field::kAppointmentInterval, std::int64_t{1}},
                  {field::kAppointmentOccurrences, std::int64_t{4}},
                  {field::kAppointmentDeleted, std::vector<std::string>{"2024-03-25"}},
                  {field::kAppointmentShownAs, std::int64_t{1}},
                  {alarm, std::int64_t{15}}};
  FieldMap moved = series;
  moved[field::kAppointmentStart] = At("2024-04-02", 12);
  moved[field::kAppointmentEnd] = At("2024-04-02", 14);
  moved[field::kAppointmentTitle] = std::string("Jour fixe → Dienstag");
  moved[location] = std::string("Köln");
  moved[field::kAppointmentShownAs] = std::int64_t{3};
  moved[alarm] = Value();

  const auto blob = SeriesTo(series, {{At("2024-04-01"), moved}}, Berlin());
  REQUIRE(blob);
  CHECK(blob.value().start_offset == 9 * 60);
  CHECK(blob.value().end_offset == 10 * 60);
  CHECK(blob.value().pattern.deleted.size() == 2);
  CHECK(blob.value().pattern.modified == std::vector<LocalMinutes>{MidnightOf(At("2024-04-02"))});
  REQUIRE(blob.value().exceptions.size() == 1);
  const RecurException& exception = blob.value().exceptions[0];
  CHECK(exception.original == MidnightOf(At("2024-04-01")) + 9 * 60);  // by the clock, in summer too
  CHECK(exception.start == MidnightOf(At("2024-04-02")) + 14 * 60);
  CHECK(exception.subject_ansi == "Jour fixe ? Dienstag");
  CHECK(exception.location_ansi == "K\xF6ln");
  CHECK(exception.reminder_set == 0U);
  CHECK_FALSE(exception.all_day);

  const auto stored = DecodeAppointmentRecurrence(Encode(blob.value()));
  REQUIRE(stored);
  CHECK(stored.value() == blob.value());
  const auto back = SeriesFrom(stored.value(), false, Berlin());
  REQUIRE(back);
  for (const auto& [id, value] : back.value().series) {
    INFO(FindField(id)->name);
    CHECK(SameValue(value, series[id]));
  }
  REQUIRE(back.value().changed.size() == 1);
  CHECK(back.value().changed[0].day == At("2024-04-01"));
  CHECK(back.value().changed[0].fields.size() == 6);  // what is otherwise, and its times
  for (const auto& [id, value] : back.value().changed[0].fields) {
    INFO(FindField(id)->name);
    CHECK(SameValue(value, moved[id]));
  }
}

TEST_CASE("recurrence: series of whole days are days in every zone", "[mapi]") {
  const FieldMap series{{field::kAppointmentStart, At("2024-03-30")},
                        {field::kAppointmentEnd, At("2024-04-01")},
                        {field::kAppointmentFullTime, true},
                        {field::kAppointmentRecurrenceType, std::int64_t{4}}};
  const auto blob = SeriesTo(series, {}, Berlin());
  REQUIRE(blob);
  CHECK(blob.value().start_offset == 0);
  CHECK(blob.value().end_offset == 2 * kMinutesPerDay);
  CHECK(blob.value().pattern.day == 30);
  const FieldMap back = SeriesFrom(blob.value(), true, Berlin()).value().series;
  CHECK(back.at(field::kAppointmentStart) == Value(At("2024-03-30")));
  CHECK(back.at(field::kAppointmentEnd) == Value(At("2024-04-01")));
  CHECK(back.at(field::kAppointmentMonth) == Value(std::int64_t{2}));
  CHECK_FALSE(SeriesTo({{field::kAppointmentStart, At("2024-03-30")}}, {}, Berlin()));
}

TEST_CASE("recurrence: a task made anew when it is done is a rule that stays here", "[mapi]") {
  SeriesRule rule;
  rule.interval = 3;
  rule.after_completion = true;
  const FieldMap fields = FieldsOf(rule, ItemType::kTask);
  CHECK(fields.at(field::kTaskLocalRecurrence) == Value(std::string("FREQ=DAILY;INTERVAL=3;X-AFTER-COMPLETION=TRUE")));
  CHECK(IsNull(fields.at(field::kTaskRecurrenceType)));
  CHECK(PatternOf(*RuleIn(fields, ItemType::kTask), At("2024-03-30")).sliding);
  CHECK_FALSE(RuleIn({}, ItemType::kTask));
  for (const char* bad : {"", "FREQ=HOURLY", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;UNTIL=2024", "FREQ=WEEKLY;BYDAY=XX",
                          "INTERVAL=2", "FREQ=DAILY;BYHOUR=3", "FREQ=DAILY;INTERVAL=99999999999999999999"})
    CHECK_FALSE(RuleFromText(bad));
}

TEST_CASE("recurrence: words for how time is shown go both ways", "[mapi]") {
  for (const std::int64_t shown_as : {1, 2, 3, 4}) CHECK(ShownAsOf(BusyStatusOf(shown_as)) == shown_as);
  CHECK(BusyStatusOf(4) == 0);
  CHECK(ShownAsOf(4) == 1);  // working elsewhere has no word here
}
