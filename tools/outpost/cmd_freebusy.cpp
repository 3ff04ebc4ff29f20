#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "engine/busy.h"
#include "engine/people.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

constexpr std::chrono::hours kDay{24};
// A run that was under way when the wish was made may end without having seen it.
constexpr int kRunsMost = 2;

struct FreeBusyArguments {
  std::vector<std::string> who;
  std::string from, to;
  std::int64_t max_age_seconds = 300;
  bool cached = false;
  bool password_stdin = false;
};

struct AskedTime {
  Millis first{0}, last{0};
};

Result<Millis> MomentOf(const char* name, const std::string& text) {
  OUTPOST_TRY(const Value value, ParseValueOf(FieldKind::kTime, name, text));
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr) return Error{Code::kInvalid, Retry::kNever, std::string(name) + ": a day or a time"};
  return Millis(*number);
}

Result<AskedTime> TimeOf(const FreeBusyArguments& arguments, Millis now) {
  AskedTime time{now - now % Millis(kDay), {}};
  if (!arguments.from.empty()) {
    OUTPOST_TRY(time.first, MomentOf("--from", arguments.from));
  }
  time.last = time.first + 7 * kDay;
  if (!arguments.to.empty()) {
    OUTPOST_TRY(time.last, MomentOf("--to", arguments.to));
  }
  if (time.last <= time.first || time.last - time.first > kBusyMost)
    return Error{Code::kInvalid, Retry::kNever, "--to is after --from, and a year at most"};
  return time;
}

Result<std::vector<ItemId>> PeopleCalled(const StateReader& view, const std::vector<std::string>& names) {
  std::vector<ItemId> ids;
  for (const std::string& name : names) {
    OUTPOST_TRY(const auto people, FindPeople(view, name));
    for (const ItemState& person : people)
      if (std::find(ids.begin(), ids.end(), person.id) == ids.end()) ids.push_back(person.id);
  }
  return ids;
}

Result<std::vector<ItemState>> LoadPeople(const StateReader& view, const std::vector<ItemId>& ids) {
  std::vector<ItemState> people;
  for (const ItemId& id : ids) {
    OUTPOST_TRY(auto person, LoadItem(view, id));
    if (person && person->Visible()) people.push_back(std::move(*person));
  }
  return people;
}

// Of whom nothing is known of that time, or nothing so young.
std::vector<ItemState> Outdated(const std::vector<ItemState>& people, const AskedTime& time, Millis oldest) {
  std::vector<ItemState> outdated;
  for (const ItemState& person : people) {
    const auto known = KnownBusy(person);
    if (!known || !known->Covers(time.first, time.last) || known->asked < oldest) outdated.push_back(person);
  }
  return outdated;
}

// Asks the server for those that are outdated; what became of it shows in the state afterwards.
Result<SyncReport> AskServer(WriteAccess& access, const std::vector<ItemId>& ids, const AskedTime& time,
                             Millis oldest) {
  OUTPOST_TRY(const auto before, access.View());
  OUTPOST_TRY(const auto people, LoadPeople(*before, ids));
  SyncReport report;
  const auto outdated = Outdated(people, time, oldest);
  if (outdated.empty()) return report;
  for (const ItemState& person : outdated) {
    OUTPOST_TRY(FieldMap wish, WishForBusy(person, time.first, time.last));
    OUTPOST_TRYV(access.commands().Set(person.id, std::move(wish)));
  }
  for (int run = 0; run < kRunsMost; ++run) {
    OUTPOST_TRY(report, access.commands().Sync({}));
    OUTPOST_TRY(const auto now, access.View());
    OUTPOST_TRY(const auto after, LoadPeople(*now, ids));
    if (report.link != LinkState::kOnline || std::none_of(after.begin(), after.end(), BusyIsWanted)) break;
  }
  return report;
}

Json::Object TimeJson(const BusyTime& time) {
  return {{"from", time.from.count()},
          {"until", time.until.count()},
          {"as", AvailabilityName(time.availability)},
          {"whole_days", time.whole_days}};
}

Json::Object PersonBusyJson(const ItemState& person, const AskedTime& time, Millis now) {
  const auto known = KnownBusy(person);
  const bool covers = known && known->Covers(time.first, time.last);
  Json::Array busy;
  if (covers)
    for (const BusyTime& one : BusyIn(*known, time.first, time.last)) busy.emplace_back(TimeJson(one));
  return {{"who", person.remote_id},
          {"name", ToJson(person.HeadValue(field::kPersonDisplayName))},
          {"from", time.first.count()},
          {"until", time.last.count()},
          {"known", covers},
          {"asked", known ? Json(known->asked.count()) : Json()},
          {"age_seconds", known ? Json(std::max<std::int64_t>(0, (now - known->asked).count() / 1000)) : Json()},
          {"refused", known ? TextOrNull(known->refused) : Json()},
          {"busy", std::move(busy)}};
}

// For people: a line for each time.
void ShowTimes(const std::vector<ItemState>& people, const AskedTime& time) {
  ListOutput list(Form::kText, {"who", "name", "from", "until", "as"});
  for (const ItemState& person : people) {
    const auto known = KnownBusy(person);
    Json::Object row{{"who", person.remote_id}, {"name", ToJson(person.HeadValue(field::kPersonDisplayName))}};
    const auto with = [&](const std::string& from, const std::string& until, const std::string& as) {
      Json::Object line = row;
      line.insert(line.end(), {{"from", TextOrNull(from)}, {"until", TextOrNull(until)}, {"as", as}});
      list.Row(std::move(line));
    };
    if (!known || !known->Covers(time.first, time.last)) {
      with("", "", known && !known->refused.empty() ? "refused: " + known->refused : "not known");
      continue;
    }
    const auto times = BusyIn(*known, time.first, time.last);
    const std::string since = " (as of " + TimeText(known->asked.count()) + ")";
    if (times.empty()) with("", "", "nothing" + since);
    for (const BusyTime& one : times)
      with(TimeText(one.from.count()), TimeText(one.until.count()), AvailabilityName(one.availability) + since);
  }
  list.End("people");
}

int Show(const Common& common, const std::vector<ItemState>& people, const AskedTime& time, Millis now,
         const SyncReport& report) {
  if (common.json) {
    ListOutput list(Form::kJson, {});
    for (const ItemState& person : people) list.Row(PersonBusyJson(person, time, now));
    list.End("people");
  } else {
    ShowTimes(people, time);
  }
  const bool all_known = std::all_of(people.begin(), people.end(), [&](const ItemState& person) {
    const auto known = KnownBusy(person);
    return known && (!known->refused.empty() || known->Covers(time.first, time.last));
  });
  if (!report.problem.empty()) ShowError(report.problem);
  return all_known ? kExitDone : ExitCodeOf(report);
}

Result<int> FreeBusy(const Common& common, const FreeBusyArguments& arguments) {
  const SystemClock clock;
  OUTPOST_TRY(const AskedTime time, TimeOf(arguments, clock.WallNow()));
  if (arguments.cached) {
    OUTPOST_TRY(const auto access, ReadAccess::Open(common));
    OUTPOST_TRY(const auto view, access->View());
    OUTPOST_TRY(const auto ids, PeopleCalled(*view, arguments.who));
    OUTPOST_TRY(const auto people, LoadPeople(*view, ids));
    return Show(common, people, time, clock.WallNow(), {});
  }
  OUTPOST_TRY(const auto place, PlaceOf(common));
  WriteAccess::Options options;
  options.network = WriteAccess::Network::kUsed;
  OUTPOST_TRY(options.password, GivenPassword(arguments.password_stdin));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, std::move(options)));
  OUTPOST_TRY(const auto before, access->View());
  OUTPOST_TRY(const auto ids, PeopleCalled(*before, arguments.who));
  const Millis oldest = clock.WallNow() - std::chrono::seconds(arguments.max_age_seconds);
  OUTPOST_TRY(const SyncReport report, AskServer(*access, ids, time, oldest));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto people, LoadPeople(*view, ids));
  return Show(common, people, time, clock.WallNow(), report);
}

}  // namespace

void AddFreeBusy(Program& program, CLI::App& app) {
  auto arguments = std::make_shared<FreeBusyArguments>();
  CLI::App& verb = AddVerb(program, app, "freebusy", "When users and resources are busy; offline what was told last",
                           [arguments](const Common& common) { return FreeBusy(common, *arguments); });
  verb.add_option("WHO", arguments->who,
                  "Users, resources or groups: an id of \"outpost people\", a name or an address")
      ->required();
  verb.add_option("--from", arguments->from, "From then on; today unless given")->type_name("DAY|TIME");
  verb.add_option("--to", arguments->to, "Until then; a week unless given")->type_name("DAY|TIME");
  auto* age = verb.add_option("--max-age", arguments->max_age_seconds, "An answer so old is asked for again (300)")
                  ->type_name("SECONDS")
                  ->check(CLI::NonNegativeNumber);
  auto* cached = verb.add_flag("--cached", arguments->cached, "Only what is known here; no server is asked");
  cached->excludes(age);
  verb.add_flag("--password-stdin", arguments->password_stdin,
                "Read the password from the first line of standard input");
}

}  // namespace outpost::cli
