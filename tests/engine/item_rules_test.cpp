// What an edit of one field of a task or an appointment brings with it.
#include "engine/item_rules.h"

#include <catch2/catch.hpp>
#include <map>

using namespace outpost;

namespace {

constexpr std::int64_t kDay = 86'400'000;

// By name, so that the cases read as a person types.
using Named = std::map<std::string, Value>;

FieldMap ById(const Named& named, ItemType type) {
  FieldMap fields;
  for (const auto& [name, value] : named) fields[FindField(type, name)->id] = value;
  return fields;
}

Named Completed(const Named& head, const Named& patch, ItemType type = ItemType::kTask) {
  FieldMap fields = ById(patch, type);
  CompletePatch(type, ById(head, type), fields);
  Named named;
  for (const auto& [id, value] : fields) named[std::string(FindField(id)->name)] = value;
  return named;
}

Value N(std::int64_t number) { return number; }
const Value kNone;

}  // namespace

TEST_CASE("item rules: status and percentage follow one another", "[engine][rules]") {
  const auto progress = [](std::int64_t status, std::int64_t percent) {
    return Named{{"status", N(status)}, {"percent_completed", N(percent)}};
  };
  CHECK(Completed(progress(2, 40), {{"status", N(3)}}) == progress(3, 100));
  CHECK(Completed(progress(2, 40), {{"status", N(1)}}) == progress(1, 0));
  CHECK(Completed(progress(2, 40), {{"status", N(4)}}) == Named{{"status", N(4)}});
  CHECK(Completed(progress(2, 40), {{"percent_completed", N(100)}}) == progress(3, 100));
  CHECK(Completed(progress(3, 100), {{"percent_completed", N(50)}}) == progress(2, 50));
  CHECK(Completed(progress(3, 100), {{"percent_completed", N(0)}}) == progress(1, 0));
  CHECK(Completed(progress(1, 0), {{"percent_completed", N(10)}}) == progress(2, 10));
  CHECK(Completed(progress(5, 10), {{"percent_completed", N(20)}}) == Named{{"percent_completed", N(20)}});
  CHECK(Completed({}, progress(3, 20)) == progress(3, 100));  // of two that contradict one another the status counts
  CHECK(Completed({}, {{"status", N(1)}}) == Named{{"status", N(1)}});
}

TEST_CASE("item rules: an end moves with its start, a start gives way to its end", "[engine][rules]") {
  const Named week{{"start_time", N(kDay)}, {"end_time", N(8 * kDay)}};
  CHECK(Completed(week, {{"start_time", N(10 * kDay)}}) ==
        Named{{"start_time", N(10 * kDay)}, {"end_time", N(17 * kDay)}});
  CHECK(Completed(week, {{"start_time", N(2 * kDay)}}) == Named{{"start_time", N(2 * kDay)}});
  CHECK(Completed(week, {{"end_time", N(0)}}) == Named{{"start_time", N(0)}, {"end_time", N(0)}});
  const Named turned{{"start_time", N(9)}, {"end_time", N(5)}};
  CHECK(Completed({}, turned) == turned);  // a person said so: the server may refuse it
  CHECK(Completed(week, {{"end_time", kNone}}) == Named{{"end_time", kNone}});
}

TEST_CASE("item rules: whole days begin at midnight, before 1970 too", "[engine][rules]") {
  CHECK(Completed({{"start_time", N(kDay + 5)}}, {{"full_time", true}, {"end_time", N(3 * kDay - 1)}}) ==
        Named{{"start_time", N(kDay)}, {"end_time", N(2 * kDay)}, {"full_time", true}});
  CHECK(Completed({}, {{"full_time", true}, {"start_time", N(-1)}}) ==
        Named{{"full_time", true}, {"start_time", N(-kDay)}});
}

TEST_CASE("item rules: a rule that servers cannot hold stays here, whole", "[engine][rules]") {
  const Named yearly{{"recurrence_type", N(4)}, {"interval", N(2)}, {"month", N(1)}, {"day_in_month", N(29)}};
  const auto kept = [](const char* rule) {
    return Named{{"recurrence_type", kNone},
                 {"interval", kNone},
                 {"month", kNone},
                 {"day_in_month", kNone},
                 {"local_recurrence", std::string(rule)}};
  };
  CHECK(Completed({}, yearly) == kept("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29"));
  Named last_friday = yearly;
  last_friday["day_in_month"] = N(5);
  last_friday["days"] = N(32);
  last_friday["until"] = N(20'000 * kDay);
  Named wanted = kept("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYDAY=FR;BYSETPOS=-1;UNTIL=20241004");
  wanted["days"] = kNone;
  wanted["until"] = kNone;
  CHECK(Completed({}, last_friday) == wanted);
}

TEST_CASE("item rules: there is one rule of recurrence, here or there", "[engine][rules]") {
  const Named daily{{"recurrence_type", N(1)}, {"interval", N(3)}, {"occurrences", N(4)}};
  const std::string after = "FREQ=DAILY;X-AFTER-COMPLETION=TRUE";
  CHECK(Completed(daily, {{"local_recurrence", after}}) ==
        Named{{"local_recurrence", after}, {"recurrence_type", kNone}, {"interval", kNone}, {"occurrences", kNone}});
  CHECK(Completed({{"local_recurrence", after}}, {{"recurrence_type", N(1)}}) ==
        Named{{"local_recurrence", kNone}, {"recurrence_type", N(1)}, {"interval", N(1)}});
  CHECK(Completed(daily, {{"recurrence_type", kNone}}) ==
        Named{{"recurrence_type", kNone}, {"interval", kNone}, {"occurrences", kNone}});
}

TEST_CASE("item rules: other fields and other types are left alone", "[engine][rules]") {
  CHECK(Completed({{"status", N(3)}}, {{"title", std::string("t")}}) == Named{{"title", std::string("t")}});
  FieldMap contact{{FindField(ItemType::kContact, "note")->id, std::string("n")}};
  const FieldMap before = contact;
  CompletePatch(ItemType::kContact, {}, contact);
  CHECK(contact == before);
}

TEST_CASE("item rules: an appointment keeps its length, has an end and takes a day at least", "[engine][rules]") {
  const auto completed = [](const Named& head, const Named& patch) {
    return Completed(head, patch, ItemType::kAppointment);
  };
  constexpr std::int64_t kHour = 3'600'000;
  const auto span = [](std::int64_t start, std::int64_t end) {
    return Named{{"start_date", N(start)}, {"end_date", N(end)}};
  };
  const auto with = [](Named fields, const char* name, const Value& value) {
    fields[name] = value;
    return fields;
  };
  CHECK(completed({}, {{"start_date", N(5 * kDay)}}) == with(span(5 * kDay, 5 * kDay + kHour / 2), "shown_as", N(1)));
  CHECK(completed(span(0, kHour), {{"start_date", N(kDay)}}) == span(kDay, kDay + kHour));
  CHECK(completed(span(0, kHour), {{"start_date", N(-kDay)}}) == span(-kDay, -kDay + kHour));  // earlier as well
  CHECK(completed(span(kDay, kDay + kHour), {{"end_date", N(0)}}) == span(0, 0));
  CHECK(completed(span(0, kHour), {{"end_date", N(kDay)}}) == Named{{"end_date", N(kDay)}});
  CHECK(completed(span(kHour, 2 * kHour), {{"full_time", true}}) == with(span(0, kDay), "full_time", true));
  CHECK(completed(with(span(0, 2 * kDay), "full_time", true), {{"start_date", N(5 * kDay + kHour)}}) ==
        span(5 * kDay, 7 * kDay));
  CHECK(completed(span(0, kHour), {{"title", std::string("t")}}) == Named{{"title", std::string("t")}});
  CHECK(completed(span(0, kHour), {{"recurrence_type", N(2)}}) == Named{{"recurrence_type", N(2)}, {"interval", N(1)}});
}
