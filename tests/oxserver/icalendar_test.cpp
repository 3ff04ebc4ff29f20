// Calendars (RFC 5545) into the embedded server: pairs of files, where NAME.json is what the server shows of NAME.ics
// and what the import said of it, and the corpus.
#include "tools/oxserver/icalendar.h"

#include <filesystem>

#include "base/system/files.h"
#include "tests/oxserver/calendar_client.h"
#include "tests/support/shared.h"
#include "tools/oxserver/ical_rule.h"
#include "tools/oxserver/import.h"
#include "tools/oxserver/recurrence.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;
namespace fs = std::filesystem;

namespace {

Json ProblemsJson(const std::vector<ImportProblem>& problems) {
  Json list = Json::array();
  for (const auto& problem : problems) list.push_back(std::to_string(problem.line) + ": " + problem.reason);
  return list;
}

// All appointments, series as such, in the order of their starts; without what differs from server to server.
Json ShownBy(Calendar& client) {
  Json all = Json::array();
  const Json rows =
      client.Get("calendar?action=all&columns=1&recurrence_master=true&start=0&end=" + std::to_string(kFar))["data"];
  for (const auto& row : rows) {
    Json appointment = client.Appointment(row[0].get<std::string>());
    for (const char* name : {"id", "folder_id", "creation_date", "last_modified", "last_modified_utc", "recurrence_id"})
      appointment.erase(name);
    all.push_back(std::move(appointment));
  }
  return all;
}

// All tasks in the order of their titles, without what differs from server to server.
Json TasksOf(Calendar& client) {
  const std::string folder = client.Get("config/folder/tasks")["data"];
  std::map<std::string, Json> by_title;
  const Json ids = client.Get("tasks?action=all&columns=1&folder=" + folder)["data"];
  for (const auto& row : ids) {
    Json task =
        client.Get("tasks?action=get&timezone=UTC&folder=" + folder + "&id=" + row[0].get<std::string>())["data"];
    for (const char* name : {"id", "folder_id", "creation_date", "last_modified", "last_modified_utc"})
      task.erase(name);
    const std::string title = task.value("title", "");
    by_title[title] = std::move(task);
  }
  Json all = Json::array();
  for (const auto& [title, task] : by_title) all.push_back(task);
  return all;
}

std::unique_ptr<ApiClient> Anna(Bench& bench) {
  return ApiClient::SignIn([&bench](const HttpRequest& request) { return bench.logic->Handle(request); }, "anna",
                           "secret")
      .value();
}

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kDaysCompared = 40;

// Any rule of RFC 5545 that a calendar program may write, and some that none would.
std::string AnyRule(SeededRandom& random) {
  const auto one_of = [&](std::vector<const char*> parts) { return std::string(parts[random.Below(parts.size())]); };
  const std::string frequency = one_of({"DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY", "YEARLY", "YEARLY"});
  std::string rule = "FREQ=" + frequency + one_of({"", "", ";INTERVAL=2", ";INTERVAL=3"});
  rule += one_of({"", "", "", ";WKST=SU", ";WKST=MO"});
  if (frequency != "DAILY" && random.Chance(1, 2))
    rule += frequency == "WEEKLY"
                ? one_of({";BYDAY=MO", ";BYDAY=SU,MO", ";BYDAY=TU,TH,SA", ";BYDAY=FR"})
                : one_of({";BYDAY=MO", ";BYDAY=2TU", ";BYDAY=-1FR", ";BYDAY=1MO,3MO", ";BYDAY=SA,SU"});
  if (frequency == "MONTHLY" || frequency == "YEARLY") {
    rule += one_of({"", "", "", ";BYMONTHDAY=1", ";BYMONTHDAY=15", ";BYMONTHDAY=31", ";BYMONTHDAY=-1"});
    rule += one_of({"", "", ";BYMONTH=2", ";BYMONTH=7", ";BYMONTH=3,9"});
    rule += one_of({"", "", "", ";BYSETPOS=1", ";BYSETPOS=-1", ";BYSETPOS=2"});
  }
  return rule + one_of({"", "", ";COUNT=7", ";UNTIL=20280501T235959"});
}

std::vector<std::int64_t> DaysOf(const std::string& text, icaltimetype at) {
  std::vector<std::int64_t> days;
  icalrecur_iterator* all = icalrecur_iterator_new(icalrecurrencetype_from_string(text.c_str()), at);
  while (all != nullptr && days.size() < kDaysCompared) {
    const icaltimetype next = icalrecur_iterator_next(all);
    if (icaltime_is_null_time(next) != 0) break;
    days.push_back(static_cast<std::int64_t>(icaltime_as_timet(next)) * 1000 / kDayMs * kDayMs);
  }
  if (all != nullptr) icalrecur_iterator_free(all);
  return days;
}

std::vector<std::int64_t> DaysOf(const FieldMap& fields, std::int64_t day) {
  const auto number = [&](const char* name) -> std::optional<std::int64_t> {
    const auto at = fields.find(name);
    return at != fields.end() ? std::optional<std::int64_t>(std::stoll(at->second)) : std::nullopt;
  };
  const RecurrenceRule rule{number("recurrence_type").value(),
                            number("interval").value(),
                            number("days"),
                            number("day_in_month"),
                            number("month"),
                            number("until"),
                            number("occurrences")};
  std::vector<std::int64_t> days;
  const Zone utc("UTC", {});
  Series(rule, {day, day + kDayMs}, true, utc).ForEach([&](const Occurrence& each) {
    days.push_back(each.date);
    return days.size() < kDaysCompared;
  });
  return days;
}

}  // namespace

TEST_CASE("icalendar: a rule takes place on the same days in OX's words, or is refused",
          "[oxserver][calendar][icalendar]") {
  SeededRandom random(5);
  const Zone utc("UTC", {});
  int taken = 0, refused = 0;
  for (int round = 0; round < 60; ++round) {
    // Often a day that a rule may well begin on.
    const std::int64_t day = (19'800 + static_cast<std::int64_t>(random.Below(random.Chance(1, 2) ? 400 : 7))) * kDayMs;
    const std::string text = AnyRule(random);
    icaltimetype at = icaltime_from_timet_with_zone(static_cast<time_t>(day / 1000 + 36'000), 0, nullptr);
    const auto fields = FieldsOfRule(icalrecurrencetype_from_string(text.c_str()), at, day + 36'000'000, utc);
    ++(fields ? taken : refused);
    if (!fields) continue;
    INFO(text << " from day " << day / kDayMs);
    CHECK(DaysOf(*fields, day) == DaysOf(text, at));
  }
  CHECK(taken > 5);
  CHECK(refused > 5);
}

TEST_CASE("icalendar: what is imported is what the pair says", "[oxserver][calendar][icalendar]") {
  std::size_t pairs = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(OUTPOST_SOURCE) / "tests" / "oxserver" / "calendars")) {
    if (entry.path().extension() != ".ics") continue;
    INFO(entry.path().filename().string());
    const auto folder = MakeTemporaryFolder("oxserver-ics").value();
    fs::copy(entry.path(), folder / "file.ics");
    Bench bench;
    const auto report = Import(folder, *Anna(bench));
    REQUIRE(report);
    Calendar client(bench);
    const Json told = {{"appointments", ShownBy(client)},
                       {"tasks", TasksOf(client)},
                       {"failed", ProblemsJson(report.value().failed)},
                       {"skipped", ProblemsJson(report.value().skipped)},
                       {"left_out", ProblemsJson(report.value().left_out)}};
    fs::path wanted = entry.path();
    wanted.replace_extension(".json");
    if (std::getenv("OUTPOST_WRITE_GOLDEN") != nullptr)  // by hand, and read before it is believed
      REQUIRE(WriteFileDurably(wanted, told.dump(1) + "\n"));
    const auto text = ReadFile(wanted);
    REQUIRE(text);
    CHECK(told == Json::parse(text.value()));
    fs::remove_all(folder);
    ++pairs;
  }
  CHECK(pairs == 5);
}

TEST_CASE("icalendar: the corpus goes in, and what does not is named by its line", "[oxserver][calendar][icalendar]") {
  const auto corpus = outpost::test::Shared("corpus/calendar");
  if (corpus.empty()) return;
  LogicOptions options;
  options.requests_per_window = 0;
  Bench bench(options);
  auto client = Anna(bench);
  const auto report = Import(corpus, *client);
  REQUIRE(report);
  for (const auto& problem : report.value().failed) {
    UNSCOPED_INFO(problem.file << ":" << problem.line << " " << problem.reason);
    CHECK(problem.line > 0);
    CHECK_FALSE(problem.reason.empty());
  }
  CHECK(report.value().appointments > 1600);
  CHECK(report.value().failed.size() < 20);
  Calendar shown(bench);
  const Json rows =
      shown.Get("calendar?action=all&columns=1,200,209&recurrence_master=true&start=-62135596800000&end=" +
                std::to_string(kFar))["data"];
  // One is left out on the only day it has (Easter in Christian32Holidays.ics): such a series is there no more.
  CHECK(rows.size() + 1 >= report.value().appointments);
}

TEST_CASE("icalendar: components in one another without end cost their own event alone",
          "[oxserver][calendar][icalendar]") {
  std::string text = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:deep\r\nDTSTART:20260301T100000Z\r\n";
  for (int i = 0; i < 400'000; ++i) text += "BEGIN:VALARM\r\n";
  for (int i = 0; i < 400'000; ++i) text += "END:VALARM\r\n";
  text +=
      "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:sound\r\nSUMMARY:Lunch\r\nDTSTART:20260301T120000Z\r\n"
      "DTEND:20260301T130000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
  Zones zones("/usr/share/zoneinfo");
  const CalendarFile file = ReadCalendar(text, zones, "Europe/Berlin");
  CHECK(file.events.size() == 1);
  REQUIRE(!file.failures.empty());
  CHECK(file.failures[0].line == 20);
}

TEST_CASE("icalendar: whatever the bytes, nothing falls over", "[oxserver][calendar][icalendar]") {
  Zones zones("/usr/share/zoneinfo");
  const auto corpus = outpost::test::Shared("corpus/calendar");
  if (corpus.empty()) return;
  SeededRandom random(11);
  for (const auto& entry : fs::recursive_directory_iterator(corpus)) {
    if (!entry.is_regular_file() || entry.file_size() > 20'000) continue;
    std::string text = ReadFile(entry.path()).value();
    for (int round = 0; round < 8 && !text.empty(); ++round) {
      for (int i = 0; i < 12; ++i) text[random.Below(text.size())] = static_cast<char>(random.Below(256));
      const CalendarFile file = ReadCalendar(text, zones, "Europe/Berlin");
      for (const auto& event : file.events) CHECK(event.fields.contains("start_date"));
      for (const auto& task : file.tasks) CHECK(task.line > 0);
    }
  }
}
