// Tasks from one PC to the server and on to another, field by field, and what happens when both sides change them.
#include <algorithm>
#include <set>

#include "tests/engine/pair.h"
#include "tests/support/shared.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr std::int64_t kDay = 86'400'000;
constexpr std::int64_t kJune = 1'717'200'000'000;  // 2024-06-01
using Texts = std::vector<std::string>;

FieldId TaskField(const std::string& name) {
  const Field* field = FindField(ItemType::kTask, name);
  INFO(name);
  REQUIRE(field != nullptr);
  return field->id;
}

struct Trip {
  const char* name;
  Value first;
  Value second;     // what the other PC makes of it
  FieldMap with{};  // fields without which the server would not take it
};

// Every field of a task that travels, but folder and uid.
std::vector<Trip> Trips() {
  const auto n = [](std::int64_t number) { return Value(number); };
  const auto t = [](const char* text) { return Value(std::string(text)); };
  const auto id = TaskField;
  const FieldMap weekly{{id("recurrence_type"), n(2)}, {id("start_time"), n(kJune)}, {id("interval"), n(1)}};
  const FieldMap yearly{{id("recurrence_type"), n(4)},
                        {id("start_time"), n(kJune)},
                        {id("interval"), n(1)},
                        {id("month"), n(5)},
                        {id("day_in_month"), n(1)}};
  const FieldMap asked{{id("participants"), std::vector<std::string>{"user:3"}}};
  const FieldMap busy{{id("status"), n(2)}};
  return {
      {"confirmation", n(2), n(3), asked},
      {"confirm_message", t("sorry"), t("maybe"), asked},
      {"title", t("Buy milk"), t("Käse & Brot 🧀")},
      {"start_time", n(kJune + 3'600'000), n(-kDay)},
      {"end_time", n(kJune + 7'200'000), n(kJune + 9 * kDay)},
      {"full_time", true, Value{}},
      {"recurrence_type", n(1), n(2), {{id("start_time"), n(kJune)}, {id("interval"), n(1)}}},
      {"days", n(62), n(65), weekly},
      {"day_in_month", n(1), n(5), yearly},
      {"month", n(0), n(11), yearly},
      {"interval", n(2), n(3), weekly},
      {"until", n(kJune + 60 * kDay), n(kJune + 90 * kDay), weekly},
      {"occurrences", n(5), n(7), weekly},
      {"status", n(4), n(5)},
      {"percent_completed", n(30), n(60), busy},
      {"date_completed", n(kJune + 5), n(kJune + 6)},
      {"priority", n(1), n(3)},
      {"alarm", n(kJune + 1), n(kJune + 2)},
      {"note", t("one\ntwo"), t("three")},
      {"categories", Texts{"red", "blue"}, Texts{"blue", "green"}},
      {"private_flag", true, Value{}},
      {"target_duration", n(480), n(60)},
      {"actual_duration", n(1), n(90)},
      {"companies", t("ACME; Initech"), t("ACME")},
      {"trip_meter", t("12 km"), t("13 km")},
      {"billing_information", t("to me"), t("to you")},
      {"color_label", n(3), n(10)},
      {"target_costs", n(1250), n(999'999'999'999)},
      {"actual_costs", n(-1), n(100)},
      {"currency", t("EUR"), t("CHF")},
      {"participants", Texts{"user:3", "Ada <ada@example.org>"}, Texts{"user:4"}},
  };
}

class TaskPair : public Pair {
 public:
  explicit TaskPair(oxserver::ServerOptions options = {}) : Pair(std::move(options)) {
    remote_tasks = Must(elsewhere().OwnFolder("tasks"));
    Settle();
    tasks = Must(FindFolder(*account().View(), "Tasks")).id;
  }
  ItemId Make(FieldMap fields) { return Must(account().Create(ItemType::kTask, tasks, std::move(fields))); }
  ItemId Make(const std::string& title) { return Make({{field::kTaskTitle, title}}); }
  // The item on another account, by its uid.
  static std::optional<ItemId> Same(Account& there, const Value& uid) {
    return Must(FindByUid(*there.View(), std::get<std::string>(uid)));
  }
  std::optional<ItemId> ByTaskId(const std::string& remote_id) {
    return Must(FindByRemoteId(*account().View(), ItemType::kTask, remote_id));
  }
  std::string Title(const ItemId& item) {
    const Value title = Item(item).HeadValue(field::kTaskTitle);
    return IsNull(title) ? "" : std::get<std::string>(title);
  }
  void SetTask(const ItemId& item, const std::string& name, const Value& value) {
    MustDo(account().Set(item, {{TaskField(name), value}}));
  }

  std::string remote_tasks;
  ItemId tasks{};
};

}  // namespace

TEST_CASE("tasks: every field goes to the server, to another PC, is edited there and comes back", "[engine][tasks]") {
  TaskPair pair;
  const auto other = pair.OtherAccount();
  std::vector<std::pair<Trip, ItemId>> trips;
  std::set<FieldId> covered{field::kTaskFolder, field::kTaskUid};
  for (const Trip& trip : Trips()) {
    FieldMap fields = trip.with;
    fields[TaskField(trip.name)] = trip.first;
    covered.insert(TaskField(trip.name));
    trips.emplace_back(trip, pair.Make(std::move(fields)));
  }
  for (const Field& field : AllFields()) {
    INFO(field.name);
    if (field.type == ItemType::kTask && field.sync == Sync::kBoth) CHECK(covered.contains(field.id));
  }
  pair.Settle();
  Must(other->Sync({}));
  const auto travelling = [](const FieldMap& fields) {
    FieldMap kept;
    for (const auto& [id, value] : fields)
      if (FindField(id)->sync == Sync::kBoth && id != field::kTaskFolder && !IsEmpty(value)) kept[id] = value;
    return kept;
  };
  for (const auto& [trip, item] : trips) {
    INFO(trip.name);
    const ItemState here = pair.Item(item);
    CHECK(here.parked.empty());
    CHECK(SameValue(here.HeadValue(TaskField(trip.name)), trip.first));
    const auto there = TaskPair::Same(*other, here.HeadValue(field::kTaskUid));
    REQUIRE(there);
    CHECK(travelling(Must(LoadItem(*other->View(), *there))->Head()) == travelling(here.Head()));
    MustDo(other->Set(*there, {{TaskField(trip.name), trip.second}}));
  }
  Must(other->Sync({}));
  pair.Settle();
  for (const auto& [trip, item] : trips) {
    INFO(trip.name);
    const ItemState here = pair.Item(item);
    CHECK(SameValue(here.HeadValue(TaskField(trip.name)), trip.second));
    const auto there = TaskPair::Same(*other, here.HeadValue(field::kTaskUid));
    CHECK(travelling(Must(LoadItem(*other->View(), *there))->Head()) == travelling(here.Head()));
  }
  CHECK(pair.Sync().pulled == 0);  // nothing of it echoes
  pair.CheckWhole();
}

TEST_CASE("tasks: a task and a contact with one id are two items, also when one goes", "[engine][tasks]") {
  TaskPair pair;
  std::string contact, task;
  do contact = Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "Adler"}}));
  while (std::stoll(contact) < 30);
  do task = Must(pair.elsewhere().Create("tasks", pair.remote_tasks, {{"title", "call"}}));
  while (std::stoll(task) < std::stoll(contact));
  REQUIRE(task == contact);
  pair.Settle();
  const ItemId here = *pair.ByTaskId(task), person = *pair.ByRemoteId(contact);
  REQUIRE(here != person);
  CHECK(pair.Title(here) == "call");
  MustDo(pair.elsewhere().Delete("tasks", pair.remote_tasks, task));
  pair.Settle();
  CHECK_FALSE(pair.Item(here).Visible());
  CHECK(pair.HeadText(person, "last_name") == "Adler");
  MustDo(pair.account().PutSettings({{{std::string(setting::kResync), "1"}}}));
  pair.Settle();
  CHECK(pair.HeadText(person, "last_name") == "Adler");
  pair.CheckWhole();
}

TEST_CASE("tasks: two groups changed on two sides meet, one group is a conflict whose loser is kept",
          "[engine][tasks]") {
  TaskPair pair;
  const auto remote = Must(pair.elsewhere().Create("tasks", pair.remote_tasks,
                                                   {{"title", "t"}, {"status", "2"}, {"percent_completed", "5"}}));
  pair.Settle();
  const ItemId item = *pair.ByTaskId(remote);
  pair.SetTask(item, "priority", std::int64_t{3});
  MustDo(pair.elsewhere().Update("tasks", pair.remote_tasks, remote, {{"title", "theirs"}}));
  CHECK(pair.Settle().conflicts == 0);
  CHECK(pair.Title(item) == "theirs");
  CHECK(Must(pair.elsewhere().Get("tasks", pair.remote_tasks, remote))["priority"] == "3");
  pair.SetTask(item, "percent_completed", std::int64_t{100});  // and done with it
  MustDo(pair.elsewhere().Update("tasks", pair.remote_tasks, remote, {{"percent_completed", "50"}}));
  CHECK(pair.Settle().conflicts == 1);
  CHECK(pair.Item(item).HeadValue(field::kTaskPercent) == Value(std::int64_t{50}));
  CHECK(pair.Item(item).HeadValue(field::kTaskStatus) == Value(std::int64_t{2}));
  Must(pair.account().UndoConflict({item, 0, 0}, false));
  pair.Settle();
  const auto there = Must(pair.elsewhere().Get("tasks", pair.remote_tasks, remote));
  CHECK(there.at("status") == "3");
  CHECK(there.at("percent_completed") == "100");
  pair.CheckWhole();
}

TEST_CASE("tasks: deleted here, deleted there, deleted there while edited here", "[engine][tasks]") {
  TaskPair pair;
  std::vector<std::string> remote;
  for (const char* title : {"a", "b", "c"})
    remote.push_back(Must(pair.elsewhere().Create("tasks", pair.remote_tasks, {{"title", title}})));
  pair.Settle();
  const ItemId a = *pair.ByTaskId(remote[0]), b = *pair.ByTaskId(remote[1]), c = *pair.ByTaskId(remote[2]);
  MustDo(pair.account().Delete(a));
  pair.SetTask(c, "title", std::string("mine"));
  for (const auto i : {1u, 2u}) MustDo(pair.elsewhere().Delete("tasks", pair.remote_tasks, remote[i]));
  pair.Settle();
  CHECK_FALSE(pair.elsewhere().Get("tasks", pair.remote_tasks, remote[0]));
  CHECK_FALSE(pair.Item(b).Visible());
  CHECK_FALSE(pair.Item(c).Visible());
  CHECK_FALSE(pair.Item(c).losers.empty());
  pair.CheckWhole();
}

TEST_CASE("tasks: a create whose answer was lost is there once", "[engine][tasks]") {
  TaskPair pair;
  MustDo(pair.server().AddFault("drop-reply:tasks.new:1"));
  const ItemId item = pair.Make("once");
  pair.Settle();
  CHECK(pair.Item(item).on_server);
  const auto listed = Must(pair.elsewhere().ListFolders("1"));
  const auto found = std::find_if(listed.begin(), listed.end(),
                                  [&](const oxserver::FolderInfo& folder) { return folder.id == pair.remote_tasks; });
  REQUIRE(found != listed.end());
  CHECK(found->total == 1);
  pair.CheckWhole();
}

TEST_CASE("tasks: what the server refuses waits with its code, the rest goes out", "[engine][tasks]") {
  TaskPair pair;
  const ItemId item = pair.Make("t");
  pair.Settle();
  MustDo(pair.account().Set(item,
                            {{TaskField("currency"), std::string(11, 'x')}, {TaskField("priority"), std::int64_t{1}}}));
  CHECK(pair.Settle().parked == 1);
  REQUIRE(pair.Item(item).parked.size() == 1);
  const Refusal refusal = pair.Item(item).parked[0].refusal;
  CHECK(refusal.code == "TSK-0041");
  CHECK(refusal.field == TaskField("currency"));
  CHECK(refusal.limit == 10);
  CHECK(Must(pair.elsewhere().Get("tasks", pair.remote_tasks, pair.Item(item).remote_id)).at("priority") == "1");
  // Private with participants: OX of this generation takes no such task.
  const ItemId secret = pair.Make({{TaskField("private_flag"), true}, {TaskField("participants"), Texts{"user:4"}}});
  pair.Settle();
  REQUIRE_FALSE(pair.Item(secret).parked.empty());
  CHECK(pair.Item(secret).parked[0].refusal.code == "TSK-0028");
  CHECK(pair.Item(secret).Visible());
  pair.CheckWhole();
}

TEST_CASE("tasks: what no server holds stays on this PC, and is no edit for it", "[engine][tasks]") {
  TaskPair pair;
  const ItemId item = pair.Make({{field::kTaskTitle, std::string("anniversary")},
                                 {TaskField("start_time"), kJune},
                                 {TaskField("recurrence_type"), std::int64_t{4}},
                                 {TaskField("interval"), std::int64_t{5}},
                                 {TaskField("month"), std::int64_t{5}},
                                 {TaskField("day_in_month"), std::int64_t{1}}});
  pair.Settle();
  CHECK(pair.Item(item).HeadValue(field::kTaskLocalRecurrence) ==
        Value(std::string("FREQ=YEARLY;INTERVAL=5;BYMONTH=6;BYMONTHDAY=1")));
  const auto there = Must(pair.elsewhere().Get("tasks", pair.remote_tasks, pair.Item(item).remote_id));
  CHECK(there.at("start_time") == std::to_string(kJune));
  CHECK_FALSE(there.contains("recurrence_type"));
  pair.SetTask(item, "local_recurrence", std::string("FREQ=DAILY;X-AFTER-COMPLETION=TRUE"));
  pair.SetTask(item, "linked_contacts", Texts{"Ada"});
  CHECK(pair.Sync().pushed == 0);
  MustDo(pair.elsewhere().Update("tasks", pair.remote_tasks, pair.Item(item).remote_id, {{"title", "theirs"}}));
  pair.Settle();
  CHECK(pair.Title(item) == "theirs");
  CHECK(pair.Item(item).HeadValue(field::kTaskLocalRecurrence) ==
        Value(std::string("FREQ=DAILY;X-AFTER-COMPLETION=TRUE")));
  pair.CheckWhole();
}

TEST_CASE("tasks: one that is done with a rule that no server holds gives it to the next, which is made at once",
          "[engine][tasks]") {
  TaskPair pair;
  const FieldId rule = field::kTaskLocalRecurrence, status = TaskField("status");
  const auto others = [&](const ItemId& than) {
    std::vector<ItemState> found;
    MustDo(ForEachItem(*pair.account().View(), pair.tasks, [&](const ItemState& item) {
      if (item.id != than) found.push_back(item);
      return true;
    }));
    return found;
  };
  const ItemId water = pair.Make({{field::kTaskTitle, std::string("water the flowers")},
                                  {TaskField("start_time"), kJune},
                                  {TaskField("end_time"), kJune + kDay},
                                  {TaskField("full_time"), true},
                                  {TaskField("alarm"), kJune - 3'600'000},
                                  {TaskField("note"), std::string("all of them")},
                                  {rule, std::string("FREQ=WEEKLY;INTERVAL=2;COUNT=2;X-AFTER-COMPLETION=TRUE")}});
  pair.Settle();
  MustDo(pair.account().Set(water, {{TaskField("percent_completed"), std::int64_t{100}},
                                    {TaskField("date_completed"), kJune + 3 * kDay + 5}}));
  const auto next = others(water);
  REQUIRE(next.size() == 1);
  const auto head = [](const ItemState& item, const char* name) { return item.HeadValue(TaskField(name)); };
  CHECK(head(next[0], "end_time") == Value(kJune + 17 * kDay));
  CHECK(head(next[0], "start_time") == Value(kJune + 16 * kDay));
  CHECK(head(next[0], "alarm") == Value(kJune + 16 * kDay - 3'600'000));
  CHECK(head(next[0], "note") == Value(std::string("all of them")));
  CHECK(head(next[0], "status") == Value(std::int64_t{1}));
  CHECK(IsNull(head(next[0], "date_completed")));
  CHECK(next[0].HeadValue(rule) == Value(std::string("FREQ=WEEKLY;INTERVAL=2;COUNT=1;X-AFTER-COMPLETION=TRUE")));
  CHECK(IsNull(pair.Item(water).HeadValue(rule)));
  pair.Settle();
  const auto there = Must(pair.elsewhere().Get("tasks", pair.remote_tasks, pair.Item(next[0].id).remote_id));
  CHECK(there.at("end_time") == std::to_string(kJune + 17 * kDay));
  CHECK_FALSE(there.contains("recurrence_type"));
  // It was the last; and what is done is not done again.
  MustDo(pair.account().Set(next[0].id, {{status, std::int64_t{3}}}));
  MustDo(pair.account().Set(water, {{status, std::int64_t{1}}}));
  MustDo(pair.account().Set(water, {{status, std::int64_t{3}}}));
  CHECK(others(water).size() == 1);

  // A number as nobody else writes it.
  const ItemId odd = pair.Make({{field::kTaskTitle, std::string("odd")},
                                {TaskField("end_time"), kJune},
                                {rule, std::string("FREQ=DAILY;COUNT=003;X-AFTER-COMPLETION=TRUE")}});
  MustDo(pair.account().Set(odd, {{status, std::int64_t{3}}}));
  const auto rest = others(odd);
  CHECK(std::count_if(rest.begin(), rest.end(), [&](const ItemState& item) {
          return item.HeadValue(rule) == Value(std::string("FREQ=DAILY;COUNT=2;X-AFTER-COMPLETION=TRUE"));
        }) == 1);

  // A year with an interval: from the day at hand on, whenever it was done.
  const ItemId feast = pair.Make({{field::kTaskTitle, std::string("anniversary")},
                                  {TaskField("start_time"), kJune},
                                  {TaskField("recurrence_type"), std::int64_t{4}},
                                  {TaskField("interval"), std::int64_t{5}},
                                  {TaskField("month"), std::int64_t{5}},
                                  {TaskField("day_in_month"), std::int64_t{1}}});
  MustDo(pair.account().Set(feast, {{status, std::int64_t{3}}}));
  std::int64_t start = 0;
  for (const ItemState& item : others(feast))
    if (item.HeadValue(field::kTaskTitle) == Value(std::string("anniversary")))
      start = std::get<std::int64_t>(head(item, "start_time"));
  CHECK(start == kJune + (5 * 365 + 1) * kDay);
  pair.Settle();
  pair.CheckWhole();
}

TEST_CASE("tasks: a folder takes what it holds, and a task moves between folders of tasks", "[engine][tasks]") {
  TaskPair pair;
  const auto remote_other = Must(pair.elsewhere().CreateFolder(pair.remote_tasks, "Other", "tasks"));
  pair.Settle();
  const ItemId other = Must(FindFolder(*pair.account().View(), "Tasks/Other")).id;
  CHECK_FALSE(pair.account().Create(ItemType::kTask, pair.Contacts(), {}));
  CHECK_FALSE(pair.account().Create(ItemType::kContact, pair.tasks, {}));
  const ItemId item = pair.Make("moves");
  pair.Settle();
  CHECK_FALSE(pair.account().Move(item, pair.Contacts()));
  MustDo(pair.account().Move(item, other));
  pair.Settle();
  CHECK(Must(pair.elsewhere().Get("tasks", remote_other, pair.Item(item).remote_id)).at("title") == "moves");
  CHECK(pair.Item(item).Folder() == other);
  MustDo(pair.elsewhere().DeleteFolder(remote_other));
  pair.Settle();
  CHECK_FALSE(pair.Item(item).Visible());
  pair.CheckWhole();
}

TEST_CASE("tasks: all traffic keeps to OX's API document", "[engine][tasks][contract]") {
  const auto check = Shared("tools/ox-contract-check");
  if (check.empty()) return;
  const auto scratch = Must(MakeTemporaryFolder("outpost-tasks-"));
  const auto record = scratch / "traffic.ndjson";
  {
    oxserver::ServerOptions options;
    options.record_file = record.string();
    TaskPair pair(std::move(options));
    std::vector<ItemId> items;
    for (const Trip& trip : Trips()) {
      FieldMap fields = trip.with;
      fields[TaskField(trip.name)] = trip.first;
      items.push_back(pair.Make(std::move(fields)));
    }
    pair.Settle();
    const auto trips = Trips();
    for (std::size_t i = 0; i < trips.size(); ++i) pair.SetTask(items[i], trips[i].name, trips[i].second);
    MustDo(pair.account().Delete(pair.Make("goes before it came")));
    pair.Settle();
    for (std::size_t i = 0; i < 3; ++i) MustDo(pair.account().Delete(items[i]));
    pair.Settle();
  }
  const std::string allow = std::string(OUTPOST_SOURCE) + "/tests/contract/allow.txt";
  CHECK(std::system(("python3 " + check.string() + " --allow " + allow + " " + record.string() + " >&2").c_str()) == 0);
  std::filesystem::remove_all(scratch);
}
