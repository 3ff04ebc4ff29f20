// Appointments from one PC to the server and on to another, field by field, series and whole days among them.
#include <algorithm>
#include <cstdlib>
#include <set>

#include "engine/occurrence.h"
#include "tests/engine/pair.h"
#include "tests/support/shared.h"
#include "tools/oxserver/import.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::int64_t kHour = 3'600'000;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kJune = 1'717'200'000'000;       // 2024-06-01, a Saturday
constexpr std::int64_t kMarch = 1'711'353'600'000;      // 2024-03-25 09:00 in Berlin, a Monday
constexpr std::int64_t kMarchDay = kMarch - 8 * kHour;  // its midnight UTC
using Texts = std::vector<std::string>;

FieldId DateField(const std::string& name) {
  const Field* field = FindField(ItemType::kAppointment, name);
  INFO(name);
  REQUIRE(field != nullptr);
  return field->id;
}

FieldMap Dated(std::initializer_list<std::pair<const char*, Value>> named) {
  FieldMap fields;
  for (const auto& [name, value] : named) fields[DateField(name)] = value;
  return fields;
}
Value N(std::int64_t number) { return Value(number); }
Value T(const char* text) { return Value(std::string(text)); }

// Every weekday at nine in Berlin, from before the clocks change.
FieldMap Workdays() {
  return Dated({{"title", T("stand-up")},
                {"start_date", N(kMarch)},
                {"end_date", N(kMarch + kHour)},
                {"timezone", T("Europe/Berlin")},
                {"recurrence_type", N(2)},
                {"days", N(62)},
                {"interval", N(1)},
                {"occurrences", N(20)}});
}

struct Trip {
  const char* name;
  Value first;
  Value second;     // what the other PC makes of it
  FieldMap with{};  // fields without which the server would not take it
};

// Every field of an appointment that travels, but folder, uid and the day that an exception replaces.
std::vector<Trip> DatedTrips() {
  const FieldMap daily = Dated({{"recurrence_type", N(1)}, {"interval", N(1)}});
  const FieldMap yearly =
      Dated({{"recurrence_type", N(4)}, {"interval", N(1)}, {"month", N(5)}, {"day_in_month", N(1)}});
  return {
      {"title", T("Lunch"), T("Mittag 🥗")},
      {"start_date", N(kJune + kHour), N(-kDay)},
      {"end_date", N(kJune + 9 * kHour), N(kJune + 9 * kDay)},
      {"full_time", true, Value{}},
      {"timezone", T("America/New_York"), T("Pacific/Auckland")},
      {"recurrence_type", N(1), N(2), Dated({{"interval", N(1)}})},
      {"days", N(127), N(127 - 2), Dated({{"recurrence_type", N(2)}, {"interval", N(1)}})},
      {"day_in_month", N(1), N(2), yearly},
      {"month", N(5), N(6), yearly},
      {"interval", N(2), N(3), daily},
      {"until", N(kJune + 60 * kDay), N(kJune + 90 * kDay), daily},
      {"occurrences", N(5), N(7), daily},
      {"location", T("Room 7"), T("Raum 8")},
      {"shown_as", N(4), N(3)},
      {"alarm", N(15), N(0)},
      {"note", T("one\ntwo"), T("three")},
      {"categories", Texts{"red", "blue"}, Texts{"blue", "green"}},
      {"private_flag", true, Value{}},
      {"color_label", N(3), N(10)},
      {"participants", Texts{"user:3", "Ada <ada@example.org>"}, Texts{"user:3", "user:4", "resource:9"}},
      {"organizer", T("anna@example.com"), T("anna@example.com")},
      {"sequence", N(4), N(9)},
      {"confirmation", N(2), N(3)},
      {"confirm_message", T("sorry"), T("maybe")},
  };
}

class DatePair : public Pair {
 public:
  explicit DatePair(oxserver::ServerOptions options = {}) : Pair(std::move(options)) {
    remote_calendar = Must(elsewhere().OwnFolder("calendar"));
    Settle();
    calendar = Must(FindFolder(*account().View(), "Calendar")).id;
  }
  ItemId Make(FieldMap fields) { return Must(account().Create(ItemType::kAppointment, calendar, std::move(fields))); }
  ItemId Simple(const std::string& title, std::int64_t start = kJune) {
    return Make({{field::kAppointmentTitle, title}, {field::kAppointmentStart, start}});
  }
  static std::optional<ItemId> Same(Account& there, const Value& uid) {
    return Must(FindByUid(*there.View(), std::get<std::string>(uid)));
  }
  std::optional<ItemId> ByDateId(const std::string& remote_id) {
    return Must(FindByRemoteId(*account().View(), ItemType::kAppointment, remote_id));
  }
  ItemId Except(const ItemId& series, std::int64_t day, const FieldMap& patch) {
    return Must(account().Create(ItemType::kAppointment, calendar, Must(ExceptionFields(Item(series), day, patch))));
  }
  void Drop(const ItemId& series, std::int64_t day) {
    MustDo(account().Set(series, Must(DroppedDay(Item(series), day))));
  }
  Value HeadOf(const ItemId& item, const char* name) { return Item(item).HeadValue(DateField(name)); }
  void SetDate(const ItemId& item, const std::string& name, const Value& value) {
    MustDo(account().Set(item, {{DateField(name), value}}));
  }
  oxserver::FieldMap There(const std::string& remote_id) {
    return Must(elsewhere().Get("calendar", remote_calendar, remote_id));
  }
  oxserver::FieldMap There(const ItemId& item) { return There(Item(item).remote_id); }

  std::string remote_calendar;
  ItemId calendar{};
};

FieldMap Travelling(const FieldMap& fields) {
  FieldMap kept;
  for (const auto& [id, value] : fields)
    if (FindField(id)->sync == Sync::kBoth && id != field::kAppointmentFolder && !IsEmpty(value)) kept[id] = value;
  return kept;
}

}  // namespace

TEST_CASE("appointments: every field goes to the server, to another PC, is edited there and comes back",
          "[engine][appointments]") {
  DatePair pair;
  const auto other = pair.OtherAccount();
  std::vector<std::pair<Trip, ItemId>> trips;
  std::set<FieldId> covered{field::kAppointmentFolder, field::kAppointmentUid, field::kAppointmentDatePosition,
                            field::kAppointmentDeleted};  // the last two have tests of their own
  for (const Trip& trip : DatedTrips()) {
    FieldMap fields = trip.with;
    fields.try_emplace(field::kAppointmentStart, kJune);
    fields[DateField(trip.name)] = trip.first;
    covered.insert(DateField(trip.name));
    trips.emplace_back(trip, pair.Make(std::move(fields)));
  }
  for (const Field& field : AllFields()) {
    INFO(field.name);
    if (field.type == ItemType::kAppointment && field.sync == Sync::kBoth) CHECK(covered.contains(field.id));
  }
  pair.Settle();
  Must(other->Sync({}));
  for (const auto& [trip, item] : trips) {
    INFO(trip.name);
    const ItemState here = pair.Item(item);
    CHECK(here.parked.empty());
    CHECK(here.losers.empty());
    CHECK(SameValue(here.HeadValue(DateField(trip.name)), trip.first));
    const auto there = DatePair::Same(*other, here.HeadValue(field::kAppointmentUid));
    REQUIRE(there);
    CHECK(Travelling(Must(LoadItem(*other->View(), *there))->Head()) == Travelling(here.Head()));
    MustDo(other->Set(*there, {{DateField(trip.name), trip.second}}));
  }
  Must(other->Sync({}));
  pair.Settle();
  for (const auto& [trip, item] : trips) {
    INFO(trip.name);
    const ItemState here = pair.Item(item);
    CHECK(SameValue(here.HeadValue(DateField(trip.name)), trip.second));
    const auto there = DatePair::Same(*other, here.HeadValue(field::kAppointmentUid));
    CHECK(Travelling(Must(LoadItem(*other->View(), *there))->Head()) == Travelling(here.Head()));
  }
  CHECK(pair.Sync().pulled == 0);  // nothing of it echoes
  pair.CheckWhole();
}

TEST_CASE("appointments: whole days are days in every zone, of the server and of this machine",
          "[engine][appointments]") {
  struct ZoneSet {
    explicit ZoneSet(const char* name) {
      if (const char* old = std::getenv("TZ")) before = old;
      ::setenv("TZ", name, 1);
      ::tzset();
    }
    ~ZoneSet() {
      if (before)
        ::setenv("TZ", before->c_str(), 1);
      else
        ::unsetenv("TZ");
      ::tzset();
    }
    std::optional<std::string> before;
  };
  for (const char* zone : {"Pacific/Auckland", "America/Los_Angeles", "Europe/Berlin"}) {
    INFO(zone);
    const ZoneSet machine(zone);
    oxserver::ServerOptions options;
    options.logic.timezone = zone;
    DatePair pair(std::move(options));
    const ItemId day = pair.Make(Dated({{"start_date", N(kJune)}, {"full_time", true}}));
    // One day of a series on each side of both changes of the clocks.
    FieldMap series = Workdays();
    series.erase(DateField("occurrences"));
    const ItemId nine = pair.Make(series);
    const auto trip = Must(pair.elsewhere().Create("calendar", pair.remote_calendar,
                                                   {{"start_date", std::to_string(kJune)},
                                                    {"end_date", std::to_string(kJune + 2 * kDay)},
                                                    {"full_time", "true"}}));
    pair.Settle();
    CHECK(pair.There(day).at("start_date") == std::to_string(kJune));
    CHECK(pair.There(day).at("end_date") == std::to_string(kJune + kDay));
    CHECK(pair.HeadOf(*pair.ByDateId(trip), "start_date") == N(kJune));
    CHECK(pair.HeadOf(*pair.ByDateId(trip), "end_date") == N(kJune + 2 * kDay));
    CHECK(pair.HeadOf(nine, "start_date") == N(kMarch));
    CHECK(pair.HeadOf(nine, "timezone") == T("Europe/Berlin"));
    pair.CheckWhole();
  }
}

TEST_CASE("appointments: a series is one item, whose rule is edited without losing its organiser's zone",
          "[engine][appointments]") {
  DatePair pair;
  const ItemId item = pair.Make(Workdays());
  pair.Settle();
  CHECK(pair.Item(item).parked.empty());
  CHECK(pair.There(item).at("recurrence_type") == "2");
  for (const std::int64_t hour : {1, 2, 3}) {  // the edits after the first sync that other tools lose
    pair.SetDate(item, "start_date", N(kMarch + hour * kHour));
    pair.Settle();
    CHECK(pair.There(item).at("start_date") == std::to_string(kMarch + hour * kHour));
    CHECK(pair.There(item).at("end_date") == std::to_string(kMarch + (hour + 1) * kHour));
    CHECK(pair.There(item).at("timezone") == "Europe/Berlin");
    CHECK(pair.There(item).at("occurrences") == "20");
  }
  pair.SetDate(item, "recurrence_type", Value{});
  pair.Settle();
  const auto single = pair.There(item);
  for (const char* name : {"days", "interval", "occurrences"}) CHECK_FALSE(single.contains(name));
  CHECK(IsNull(pair.HeadOf(item, "days")));
  pair.CheckWhole();
}

TEST_CASE("appointments: a changed occurrence comes as an item of its own, beside its series",
          "[engine][appointments]") {
  DatePair pair;
  const auto series = Must(pair.elsewhere().Create("calendar", pair.remote_calendar,
                                                   {{"title", "stand-up"},
                                                    {"uid", "u1"},
                                                    {"start_date", std::to_string(kMarch)},
                                                    {"end_date", std::to_string(kMarch + kHour)},
                                                    {"timezone", "Europe/Berlin"},
                                                    {"recurrence_type", "1"},
                                                    {"interval", "1"}}));
  const auto moved = Must(pair.elsewhere().ChangeOccurrence(pair.remote_calendar, series, kMarchDay + kDay,
                                                            {{"title", "moved"},
                                                             {"start_date", std::to_string(kMarch + kDay + kHour)},
                                                             {"end_date", std::to_string(kMarch + kDay + 2 * kHour)}}));
  MustDo(pair.elsewhere().DeleteOccurrence(pair.remote_calendar, series, kMarchDay + 2 * kDay));
  pair.Settle();
  const ItemId master = *pair.ByDateId(series), one = *pair.ByDateId(moved);
  CHECK(pair.HeadOf(master, "delete_exceptions") == Value(Texts{"2024-03-27"}));
  CHECK(pair.HeadOf(master, "change_exceptions") == Value(Texts{"2024-03-26"}));
  CHECK(IsNull(pair.HeadOf(master, "recurrence_id")));
  CHECK(pair.HeadOf(one, "recurrence_id") == Value(series));
  CHECK(pair.HeadOf(one, "recurrence_date_position") == N(kMarchDay + kDay));
  CHECK(pair.HeadOf(one, "uid") == T("u1#20240326"));
  CHECK(pair.HeadOf(master, "uid") == T("u1"));
  // It is edited here like any other, and a whole comparison finds both.
  pair.SetDate(one, "location", T("outside"));
  pair.Settle();
  CHECK(pair.There(moved).at("location") == "outside");
  CHECK_FALSE(pair.There(series).contains("location"));
  MustDo(pair.account().PutSettings({{{std::string(setting::kResync), "1"}}}));
  CHECK(pair.Settle().pulled == 0);
  // Deleting it here takes the day out of the series there.
  MustDo(pair.account().Delete(one));
  pair.Settle();
  CHECK(pair.HeadOf(master, "delete_exceptions") == Value(Texts{"2024-03-26", "2024-03-27"}));
  CHECK(IsNull(pair.HeadOf(master, "change_exceptions")));
  CHECK_FALSE(pair.Item(one).Visible());
  pair.CheckWhole();
}

TEST_CASE("appointments: two groups changed on two sides meet, one group is a conflict whose loser is kept",
          "[engine][appointments]") {
  DatePair pair;
  const ItemId item = pair.Simple("t");
  pair.Settle();
  const auto remote = pair.Item(item).remote_id;
  pair.SetDate(item, "location", T("here"));
  MustDo(pair.elsewhere().Update("calendar", pair.remote_calendar, remote, {{"title", "theirs"}}));
  CHECK(pair.Settle().conflicts == 0);
  CHECK(pair.There(remote).at("location") == "here");
  CHECK(pair.HeadOf(item, "title") == T("theirs"));
  // Start, end and rule make sense only together.
  pair.SetDate(item, "end_date", N(kJune + 5 * kHour));
  MustDo(pair.elsewhere().Update("calendar", pair.remote_calendar, remote,
                                 {{"start_date", std::to_string(kJune - kHour)}}));
  CHECK(pair.Settle().conflicts == 1);
  CHECK(pair.HeadOf(item, "start_date") == N(kJune - kHour));
  CHECK(pair.HeadOf(item, "end_date") == N(kJune + kHour / 2));
  Must(pair.account().UndoConflict({item, 0, 0}, false));
  pair.Settle();
  CHECK(pair.There(remote).at("end_date") == std::to_string(kJune + 5 * kHour));
  pair.CheckWhole();
}

TEST_CASE("appointments: a create whose answer was lost is there once", "[engine][appointments]") {
  DatePair pair;
  MustDo(pair.server().AddFault("drop-reply:calendar.new:1"));
  const ItemId item = pair.Make(Workdays());
  pair.Settle();
  CHECK(pair.Item(item).on_server);
  CHECK(pair.Item(item).parked.empty());
  const auto listed = Must(pair.elsewhere().ListFolders("1"));
  const auto found = std::find_if(listed.begin(), listed.end(), [&](const oxserver::FolderInfo& folder) {
    return folder.id == pair.remote_calendar;
  });
  REQUIRE(found != listed.end());
  CHECK(found->total == 1);
  pair.CheckWhole();
}

// The server fills in the zone and the organiser, and nothing of that is somebody's change.
TEST_CASE("appointments: what the server filled in where a create's answer was lost is no conflict",
          "[engine][appointments]") {
  DatePair pair;
  bool met = false;
  std::function<void()> meanwhile;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (met || !meanwhile || request.body.find("\"new\"") == std::string::npos) return;
    met = true;
    meanwhile();
  };
  const auto make = [&](const char* title, std::function<void(const ItemId&)> then) {
    const ItemId item = pair.Simple(title);
    MustDo(pair.server().AddFault("drop-reply:calendar.new:1"));
    met = false;
    meanwhile = [&, item] { then(item); };
    CHECK(pair.Settle().conflicts == 0);
    meanwhile = nullptr;
    CHECK(met);
    CHECK(pair.Item(item).parked.empty());
    CHECK(pair.Item(item).losers.empty());
    return item;
  };
  SECTION("nothing is done meanwhile") {
    const ItemId item = make("t", [](const ItemId&) {});
    CHECK(pair.HeadOf(item, "timezone") == T("Europe/Berlin"));
  }
  SECTION("it is moved to another time") {
    const ItemId item = make("t", [&](const ItemId& made) { pair.SetDate(made, "start_date", N(kJune + kDay)); });
    CHECK(pair.There(item).at("start_date") == std::to_string(kJune + kDay));
    CHECK(pair.There(item).at("timezone") == "Europe/Berlin");
  }
  SECTION("it is deleted") {
    const ItemId item = make("t", [&](const ItemId& made) { MustDo(pair.account().Delete(made)); });
    CHECK_FALSE(pair.Item(item).Visible());
    CHECK_FALSE(pair.Item(item).on_server);
  }
  SECTION("somebody makes a series of it: his rule is on top of our time") {
    const ItemId item = make("t", [&](const ItemId&) {
      const auto all = Must(pair.elsewhere().Do(
          "calendar", "all",
          {{"folder", pair.remote_calendar}, {"columns", "1"}, {"start", "0"}, {"end", std::to_string(kJune + kDay)}}));
      const auto from = all.find_first_of("0123456789");
      const auto remote = all.substr(from, all.find_first_not_of("0123456789", from) - from);
      MustDo(pair.elsewhere().Update("calendar", pair.remote_calendar, remote,
                                     {{"recurrence_type", "1"}, {"interval", "1"}}));
    });
    CHECK(pair.HeadOf(item, "recurrence_type") == N(1));
    CHECK(pair.HeadOf(item, "start_date") == N(kJune));
  }
  pair.before_answer = nullptr;
  pair.CheckWhole();
}

TEST_CASE("appointments: what the server filled in is no conflict with what is done before the first row comes",
          "[engine][appointments]") {
  const bool changed_before = GENERATE(false, true);  // then the server has counted one change more
  const bool deleted = GENERATE(false, true);
  INFO(changed_before << deleted);
  DatePair pair;
  const ItemId item = pair.Simple("t");
  if (changed_before) {
    for (int i = 0; i < 2; ++i) pair.Settle();
    pair.SetDate(item, "title", T("u"));
  }
  bool met = false;
  pair.before_answer = [&](const oxserver::HttpRequest&) {
    const auto state = Must(LoadItem(*pair.account().View(), item));
    if (met || !state->on_server || !state->pending.empty()) return;
    met = true;
    if (deleted)
      MustDo(pair.account().Delete(item));
    else
      pair.SetDate(item, "start_date", N(kJune + kDay));
  };
  CHECK(pair.Settle().conflicts == 0);
  pair.before_answer = nullptr;
  REQUIRE(met);
  for (int i = 0; i < 2; ++i) pair.Settle();
  CHECK(pair.Item(item).losers.empty());
  CHECK(pair.Item(item).Visible() != deleted);
  if (!deleted) CHECK(pair.There(item).at("start_date") == std::to_string(kJune + kDay));
  pair.CheckWhole();
}

TEST_CASE("appointments: times that clash are taken, but a room that is booked is said", "[engine][appointments]") {
  DatePair pair;
  const Texts room{"user:3", "resource:9"};
  const ItemId first = pair.Make(Dated({{"title", T("first")}, {"start_date", N(kJune)}, {"participants", room}}));
  const ItemId soft = pair.Simple("at the same time");
  pair.Settle();
  CHECK(pair.Item(first).on_server);
  CHECK(pair.Item(soft).on_server);
  const ItemId hard = pair.Make(Dated({{"title", T("second")}, {"start_date", N(kJune)}, {"participants", room}}));
  pair.SetDate(soft, "participants", room);
  CHECK(pair.Settle().parked > 0);
  for (const ItemId& item : {hard, soft}) {
    REQUIRE_FALSE(pair.Item(item).parked.empty());
    CHECK(pair.Item(item).parked[0].refusal.code == "time_conflict");
    CHECK(pair.Item(item).parked[0].refusal.text == "at that time there is \"first\"");
  }
  CHECK_FALSE(pair.Item(hard).on_server);
  pair.SetDate(hard, "start_date", N(kJune + kDay));
  pair.Settle();
  CHECK(pair.Item(hard).on_server);
  CHECK(pair.Item(hard).parked.empty());
  pair.CheckWhole();
}

TEST_CASE("appointments: what the server refuses waits with its code, the rest goes out", "[engine][appointments]") {
  oxserver::ServerOptions options;
  options.logic.private_participants = false;
  DatePair pair(std::move(options));
  const ItemId item = pair.Simple("t");
  pair.Settle();
  MustDo(pair.account().Set(item, Dated({{"location", Value(std::string(256, 'x'))}, {"alarm", N(5)}})));
  CHECK(pair.Settle().parked == 1);
  REQUIRE(pair.Item(item).parked.size() == 1);
  CHECK(pair.Item(item).parked[0].refusal.code == "CAL-5070");
  CHECK(pair.Item(item).parked[0].refusal.field == DateField("location"));
  CHECK(pair.Item(item).parked[0].refusal.limit == 255);
  CHECK(pair.There(item).at("alarm") == "5");
  pair.SetDate(item, "alarm", Value{});
  pair.Settle();
  CHECK_FALSE(pair.There(item).contains("alarm"));
  const ItemId secret =
      pair.Make(Dated({{"start_date", N(kJune)}, {"private_flag", true}, {"participants", Texts{"user:3", "user:4"}}}));
  pair.Settle();
  REQUIRE_FALSE(pair.Item(secret).parked.empty());
  CHECK(pair.Item(secret).parked[0].refusal.code == "APP-0023");
  CHECK(pair.Item(secret).Visible());
  pair.CheckWhole();
}

TEST_CASE("appointments: people's answers come, and go when it moves", "[engine][appointments]") {
  DatePair pair;
  const ItemId item = pair.Make(Dated({{"title", T("meet")},
                                       {"start_date", N(kJune)},
                                       {"participants", Texts{"user:3", "user:4", "C <c@example.org>"}}}));
  pair.Settle();
  CHECK(pair.HeadOf(item, "users") == Value(Texts{"user:3 accepted", "user:4 none"}));
  CHECK(pair.HeadOf(item, "confirmations") == Value(Texts{"c@example.org none"}));
  CHECK(pair.HeadOf(item, "organizer") == T("anna@example.com"));
  pair.CheckWhole();
}

TEST_CASE("appointments: a yearly interval stays on this PC, the occurrence at hand travels",
          "[engine][appointments]") {
  DatePair pair;
  const ItemId item = pair.Make(Dated({{"title", T("anniversary")},
                                       {"start_date", N(kJune)},
                                       {"full_time", true},
                                       {"recurrence_type", N(4)},
                                       {"interval", N(5)},
                                       {"month", N(5)},
                                       {"day_in_month", N(1)}}));
  pair.Settle();
  CHECK(pair.HeadOf(item, "local_recurrence") == T("FREQ=YEARLY;INTERVAL=5;BYMONTH=6;BYMONTHDAY=1"));
  CHECK(pair.There(item).at("recurrence_type") == "0");
  pair.CheckWhole();
}

TEST_CASE("appointments: occurrences are changed and dropped here, offline, before the series is known there",
          "[engine][appointments]") {
  DatePair pair;
  const auto other = pair.OtherAccount();
  const ItemId series = pair.Make(Workdays());
  const std::int64_t tuesday = kMarchDay + kDay, summer = kMarchDay + 7 * kDay;  // the Monday after the clocks change
  const ItemId moved =
      pair.Except(series, tuesday, Dated({{"title", T("moved")}, {"start_date", N(kMarch + 30 * kHour)}}));
  const ItemId same_time = pair.Except(series, summer, Dated({{"location", T("outside")}}));
  CHECK(pair.HeadOf(same_time, "start_date") == N(kMarch + 7 * kDay - kHour));  // nine o'clock all the same
  CHECK(pair.HeadOf(same_time, "title") == T("stand-up"));
  CHECK(pair.HeadOf(moved, "end_date") == N(kMarch + 31 * kHour));
  CHECK(IsNull(pair.HeadOf(moved, "recurrence_type")));
  pair.Drop(series, kMarchDay + 2 * kDay);
  pair.Drop(series, kMarchDay + 3 * kDay);
  const auto report = pair.Sync();  // one is enough
  CHECK(report.parked == 0);
  CHECK(report.pending == 0);
  CHECK(pair.Item(series).parked.empty());
  const auto there = pair.There(series);
  CHECK(there.at("change_exceptions") == "[" + std::to_string(tuesday) + "," + std::to_string(summer) + "]");
  CHECK(there.at("delete_exceptions") ==
        "[" + std::to_string(kMarchDay + 2 * kDay) + "," + std::to_string(kMarchDay + 3 * kDay) + "]");
  CHECK(pair.There(moved).at("title") == "moved");
  CHECK(pair.There(moved).at("recurrence_id") == pair.Item(series).remote_id);
  CHECK(pair.There(same_time).at("start_date") == std::to_string(kMarch + 7 * kDay - kHour));
  // The other PC has all of it, and its changes come back.
  Must(other->Sync({}));
  for (const ItemId& item : {series, moved, same_time}) {
    const auto copy = DatePair::Same(*other, pair.HeadOf(item, "uid"));
    REQUIRE(copy);
    CHECK(Travelling(Must(LoadItem(*other->View(), *copy))->Head()) == Travelling(pair.Item(item).Head()));
    MustDo(other->Set(*copy, Dated({{"note", T("seen")}})));
  }
  Must(other->Sync({}));
  pair.Settle();
  for (const ItemId& item : {series, moved, same_time}) CHECK(pair.HeadOf(item, "note") == T("seen"));
  CHECK(pair.Sync().pulled == 0);
  pair.CheckWhole();
}

TEST_CASE("appointments: both sides drop days of one series, which is no conflict", "[engine][appointments]") {
  DatePair pair;
  const ItemId series = pair.Make(Workdays());
  pair.Settle();
  const auto remote = pair.Item(series).remote_id;
  pair.Drop(series, kMarchDay + 3 * kDay);
  pair.Drop(series, kMarchDay + kDay);
  MustDo(pair.elsewhere().DeleteOccurrence(pair.remote_calendar, remote, kMarchDay + kDay));  // the same one
  MustDo(pair.elsewhere().DeleteOccurrence(pair.remote_calendar, remote, kMarchDay + 2 * kDay));
  const auto report = pair.Settle();
  CHECK(report.conflicts == 0);
  CHECK(report.parked == 0);
  CHECK(pair.HeadOf(series, "delete_exceptions") == Value(Texts{"2024-03-26", "2024-03-27", "2024-03-28"}));
  // With other fields of the series in one edit.
  FieldMap patch = Must(DroppedDay(pair.Item(series), kMarchDay + 4 * kDay));
  patch[DateField("title")] = T("renamed");
  MustDo(pair.account().Set(series, patch));
  pair.Settle();
  CHECK(pair.There(remote).at("title") == "renamed");
  CHECK(pair.HeadOf(series, "delete_exceptions") ==
        Value(Texts{"2024-03-26", "2024-03-27", "2024-03-28", "2024-03-29"}));
  pair.CheckWhole();
}

TEST_CASE("appointments: both sides change one occurrence", "[engine][appointments]") {
  DatePair pair;
  const ItemId series = pair.Make(Workdays());
  pair.Settle();
  const auto remote = pair.Item(series).remote_id;
  const ItemId mine = pair.Except(series, kMarchDay + kDay, Dated({{"location", T("here")}}));
  const auto theirs =
      Must(pair.elsewhere().ChangeOccurrence(pair.remote_calendar, remote, kMarchDay + kDay, {{"location", "there"}}));
  pair.Settle();
  // It is one item, the server's value won, and what was typed here is kept.
  CHECK(pair.Item(mine).remote_id == theirs);
  CHECK(pair.HeadOf(mine, "location") == T("there"));
  CHECK_FALSE(pair.Item(mine).losers.empty());
  // Changed there first, and not seen here before the edit left.
  const ItemId late = pair.Except(series, kMarchDay + 2 * kDay, Dated({{"location", T("here")}}));
  bool done = false;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    if (done || request.body.find("\"updates\"") == std::string::npos) return;
    done = true;
    Must(pair.elsewhere().ChangeOccurrence(pair.remote_calendar, remote, kMarchDay + 3 * kDay, {{"title", "theirs"}}));
  };
  pair.Settle();
  pair.before_answer = nullptr;
  CHECK(done);
  CHECK(pair.Item(late).on_server);
  CHECK(pair.There(late).at("location") == "here");
  pair.CheckWhole();
}

TEST_CASE("appointments: an exception whose answer was lost is there once, as is a day that was dropped",
          "[engine][appointments]") {
  DatePair pair;
  const ItemId series = pair.Make(Workdays());
  pair.Settle();
  MustDo(pair.server().AddFault("drop-reply:calendar.update:1"));
  const ItemId one = pair.Except(series, kMarchDay + kDay, Dated({{"title", T("once")}}));
  pair.Settle();
  CHECK(pair.Item(one).on_server);
  CHECK(pair.Item(one).parked.empty());
  MustDo(pair.server().AddFault("drop-reply:calendar.delete:1"));
  pair.Drop(series, kMarchDay + 2 * kDay);
  pair.Settle();
  CHECK(pair.Item(series).parked.empty());
  CHECK(pair.HeadOf(series, "delete_exceptions") == Value(Texts{"2024-03-27"}));
  CHECK(pair.There(series).at("change_exceptions") == "[" + std::to_string(kMarchDay + kDay) + "]");
  pair.CheckWhole();
}

TEST_CASE("appointments: an exception of a series that is gone waits with its reason", "[engine][appointments]") {
  DatePair pair;
  const ItemId series = pair.Make(Workdays());
  pair.Settle();
  const ItemId one = pair.Except(series, kMarchDay + kDay, Dated({{"title", T("left behind")}}));
  const ItemId never = pair.Except(series, kMarchDay + 5 * kDay, Dated({{"title", T("on a Saturday")}}));
  MustDo(pair.elsewhere().Delete("calendar", pair.remote_calendar, pair.Item(series).remote_id));
  pair.Settle();
  REQUIRE_FALSE(pair.Item(one).parked.empty());
  CHECK(pair.Item(one).parked[0].refusal.code == "series_not_on_server");
  CHECK(pair.Item(one).Visible());
  const ItemId again = pair.Make(Workdays());
  const ItemId saturday = pair.Except(again, kMarchDay + 5 * kDay, Dated({{"title", T("no such day")}}));
  pair.Settle();
  REQUIRE_FALSE(pair.Item(saturday).parked.empty());
  CHECK(pair.Item(saturday).parked[0].refusal.code == "CAL-4061");
  CHECK_FALSE(pair.Item(never).on_server);
  pair.CheckWhole();
}

// Pain 21: invitations sent again by a sync.
TEST_CASE("appointments: no write asks the server to mail people, and none is sent twice", "[engine][appointments]") {
  DatePair pair;
  std::size_t made = 0, asked_to_notify = 0;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    for (auto at = request.body.find("\"action\":\"new\""); at != std::string::npos;
         at = request.body.find("\"action\":\"new\"", at + 1))
      ++made;
    asked_to_notify += request.body.find("notification") != std::string::npos ? 1 : 0;
  };
  MustDo(pair.server().AddFault("drop-reply:calendar.new:1"));
  const ItemId item = pair.Make(
      Dated({{"title", T("meet")}, {"start_date", N(kJune)}, {"participants", Texts{"user:3", "C <c@example.org>"}}}));
  pair.Settle();
  pair.Reopen();
  pair.Settle();
  MustDo(pair.account().PutSettings({{{std::string(setting::kResync), "1"}}}));
  pair.Settle();
  CHECK(pair.Item(item).on_server);
  CHECK(made == 1);
  CHECK(asked_to_notify == 0);
  pair.before_answer = nullptr;
  pair.CheckWhole();
}

// Pain 11: first syncs that take for ever; a sync without news costs one request, series or not.
TEST_CASE("appointments: a thousand appointments come by pages, and cost nothing afterwards",
          "[engine][appointments]") {
  DatePair pair;
  for (int i = 0; i < 1000; ++i) {
    oxserver::FieldMap fields{{"title", std::to_string(i)},
                              {"start_date", std::to_string(kJune + i * kHour)},
                              {"end_date", std::to_string(kJune + (i + 1) * kHour)}};
    if (i % 5 == 0) {
      fields["recurrence_type"] = "1";
      fields["interval"] = "1";
    }
    Must(pair.elsewhere().Create("calendar", pair.remote_calendar, fields));
  }
  const auto other = pair.OtherAccount();
  const auto first = Must(other->Sync({}));
  CHECK(first.pulled >= 1000);
  CHECK(first.requests <= 1000 / 500 + 13);
  const auto quiet = Must(other->Sync({}));
  CHECK(quiet.pulled == 0);
  CHECK(quiet.requests == 1);
}

TEST_CASE("appointments: the corpus comes to two PCs alike, is edited on both sides, and stays so",
          "[engine][appointments]") {
  const auto corpus = Shared("corpus/calendar");
  if (corpus.empty()) return;
  DatePair pair;
  const auto report = Must(oxserver::Import(corpus, pair.elsewhere()));
  CHECK(report.appointments > 1600);
  pair.Settle();
  std::vector<ItemId> items;
  MustDo(ForEachItem(*pair.account().View(), pair.calendar, [&](const ItemState& item) {
    items.push_back(item.id);
    return true;
  }));
  CHECK(items.size() + 1 >= report.appointments);  // one series is left out on the only day it has
  std::size_t series = 0, edited = 0;
  for (const ItemId& item : items) {
    series += IsNull(pair.HeadOf(item, "recurrence_type")) ? 0 : 1;
    if (++edited % 7 == 0) pair.SetDate(item, "note", T("edited here"));
    if (edited % 11 == 0)
      MustDo(pair.elsewhere().Update("calendar", pair.remote_calendar, pair.Item(item).remote_id,
                                     {{"location", "edited there"}}));
  }
  CHECK(series > 500);
  const auto settled = pair.Settle();
  CHECK(settled.conflicts == 0);
  CHECK(settled.parked == 0);
  const auto other = pair.OtherAccount();
  Must(other->Sync({}));
  for (const ItemId& item : items) {
    const auto there = DatePair::Same(*other, pair.HeadOf(item, "uid"));
    REQUIRE(there);
    CHECK(Travelling(Must(LoadItem(*other->View(), *there))->Head()) == Travelling(pair.Item(item).Head()));
  }
  pair.CheckWhole();
}

TEST_CASE("appointments: all traffic keeps to OX's API document", "[engine][appointments][contract]") {
  const auto check = Shared("tools/ox-contract-check");
  if (check.empty()) return;
  const auto scratch = Must(MakeTemporaryFolder("outpost-appointments-"));
  const auto record = scratch / "traffic.ndjson";
  {
    oxserver::ServerOptions options;
    options.record_file = record.string();
    DatePair pair(std::move(options));
    std::vector<ItemId> items;
    for (const Trip& trip : DatedTrips()) {
      FieldMap fields = trip.with;
      fields.try_emplace(field::kAppointmentStart, kJune);
      fields[DateField(trip.name)] = trip.first;
      items.push_back(pair.Make(std::move(fields)));
    }
    pair.Settle();
    const auto trips = DatedTrips();
    for (std::size_t i = 0; i < trips.size(); ++i) pair.SetDate(items[i], trips[i].name, trips[i].second);
    pair.Settle();
    for (std::size_t i = 0; i < 3; ++i) MustDo(pair.account().Delete(items[i]));
    const ItemId series = pair.Make(Workdays());
    pair.Except(series, kMarchDay + kDay, Dated({{"title", T("moved")}}));
    pair.Drop(series, kMarchDay + 2 * kDay);
    pair.Settle();
  }
  const std::string allow = std::string(OUTPOST_SOURCE) + "/tests/contract/allow.txt";
  CHECK(std::system(("python3 " + check.string() + " --allow " + allow + " " + record.string() + " >&2").c_str()) == 0);
  std::filesystem::remove_all(scratch);
}

TEST_CASE("appointments: who need not come is kept here, and is no edit for the server", "[engine][appointments]") {
  DatePair pair;
  const ItemId item = pair.Make(Dated({{"title", T("Round")},
                                       {"start_date", N(kJune)},
                                       {"participants", Texts{"user:3", "user:4"}},
                                       {"optional_participants", Texts{"user:4"}}}));
  pair.Settle();
  MustDo(pair.account().Set(item, Dated({{"optional_participants", Texts{"user:4", "Ada <ada@example.org>"}}})));
  CHECK(pair.Sync().pushed == 0);
  MustDo(pair.elsewhere().Update("calendar", pair.remote_calendar, pair.Item(item).remote_id, {{"title", "theirs"}}));
  pair.Settle();
  CHECK(pair.Item(item).HeadValue(field::kAppointmentTitle) == T("theirs"));
  CHECK(pair.Item(item).HeadValue(field::kAppointmentOptional) == Value(Texts{"user:4", "Ada <ada@example.org>"}));
  pair.CheckWhole();
}

TEST_CASE("appointments: a series is taken to another folder by a copy, and goes when that is there; nobody is invited",
          "[engine][appointments]") {
  DatePair pair;
  const std::string remote_team = Must(pair.elsewhere().CreateFolder(pair.remote_calendar, "Team", "calendar"));
  FieldMap fields = Workdays();
  fields[DateField("participants")] = Texts{"user:3", "C <c@example.org>"};
  fields[DateField("optional_participants")] = Texts{"C <c@example.org>"};
  const ItemId series = pair.Make(std::move(fields));
  const ItemId changed = pair.Except(series, kMarchDay + kDay, Dated({{"title", T("moved")}}));
  pair.Drop(series, kMarchDay + 2 * kDay);
  MustDo(WriteFileDurably(pair.folder() / "a.txt", "agenda"));
  Must(pair.account().Attach(series, {pair.folder() / "a.txt", "", ""}));
  pair.Settle();
  const ItemId team = Must(FindFolder(*pair.account().View(), "Calendar/Team")).id;
  const std::string before = pair.Item(series).remote_id;
  const FieldMap was = Travelling(pair.Item(series).Head());
  std::size_t asked_to_notify = 0;
  pair.before_answer = [&](const oxserver::HttpRequest& request) {
    asked_to_notify += request.body.find("notification") != std::string::npos ? 1 : 0;
  };

  CHECK(pair.account().Move(series, team).error().code == Code::kInvalid);
  CHECK(pair.account().MoveSeries(changed, team).error().code == Code::kInvalid);
  CHECK(pair.account().MoveSeries(series, pair.calendar).error().code == Code::kInvalid);
  CHECK(pair.account().MoveSeries(series, pair.Contacts()).error().code == Code::kInvalid);
  const ItemId copy = Must(pair.account().MoveSeries(series, team));
  CHECK_FALSE(pair.Item(series).Visible());
  CHECK(pair.Item(copy).Folder() == team);

  // As long as the copy is not there the series stays there.
  MustDo(pair.server().AddFault("try-again:calendar.new"));
  for (int i = 0; i < 3; ++i) pair.Sync();
  CHECK_FALSE(pair.Item(copy).on_server);
  CHECK(pair.There(before).at("title") == "stand-up");
  CHECK(pair.Item(series).on_server);
  pair.server().ClearFaults();
  pair.Reopen();
  pair.Settle();
  CHECK_FALSE(pair.Item(series).on_server);
  CHECK_FALSE(pair.elsewhere().Get("calendar", pair.remote_calendar, before));
  REQUIRE(pair.Item(copy).on_server);
  FieldMap is = Travelling(pair.Item(copy).Head()), wanted = was;
  for (FieldMap* one : {&is, &wanted}) one->erase(field::kAppointmentUid);
  CHECK(is == wanted);
  CHECK(pair.HeadOf(copy, "optional_participants") == Value(Texts{"C <c@example.org>"}));
  const auto there = Must(pair.elsewhere().Get("calendar", remote_team, pair.Item(copy).remote_id));
  CHECK(there.at("change_exceptions") == "[" + std::to_string(kMarchDay + kDay) + "]");
  CHECK(there.at("delete_exceptions") == "[" + std::to_string(kMarchDay + 2 * kDay) + "]");
  CHECK(there.at("number_of_attachments") == "1");
  CHECK_FALSE(pair.Item(changed).on_server);
  std::size_t days = 0;
  MustDo(ForEachItem(*pair.account().View(), team, [&](const ItemState& item) {
    if (IsNull(item.HeadValue(field::kAppointmentDatePosition))) return true;
    ++days;
    CHECK(item.HeadValue(field::kAppointmentTitle) == T("moved"));
    return true;
  }));
  CHECK(days == 1);
  CHECK(asked_to_notify == 0);
  pair.before_answer = nullptr;
  pair.CheckWhole();
}
