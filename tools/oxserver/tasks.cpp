// The tasks module (http-api.md 5): what it has beside what all modules of objects share.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/objects.h"
#include "tools/oxserver/participants.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr double kCostsMax = 9'999'999'999.99;
constexpr std::int64_t kNotStarted = 1, kDone = 3, kDeferred = 5;
constexpr std::int64_t kWeekly = 2, kMonthly = 3, kYearly = 4;

std::string_view Literal(const Object& task, int column) {
  return task.fields.Get(TaskColumns().ById(column)).value_or(std::string_view());
}
std::optional<std::int64_t> Number(const Object& task, int column) { return ParseNumber(Literal(task, column)); }
void Set(Object& task, int column, std::string_view literal) { task.fields.Set(TaskColumns().ById(column), literal); }

ApiError Refused(const char* code, const char* text, const Object& task) {
  return ObjectError(code, Category::kUserInput, text, task.id);
}

// Clients from before 7.6.1 know whole days only.
void Translate(Json& body) {
  for (const auto& [old_name, name] : {std::pair("start_date", "start_time"), std::pair("end_date", "end_time")}) {
    const auto old = body.find(old_name);
    if (old == body.end() || body.contains(name)) continue;
    body[name] = *old;
    if (!old->is_null() && !body.contains("full_time")) body["full_time"] = true;
  }
}

Api<void> CheckProgress(const Object& task) {
  const auto status = Number(task, kColStatus);
  const auto percent = Number(task, kColPercent).value_or(0);
  if (status && (*status < kNotStarted || *status > kDeferred))
    return Refused("TSK-0056", "That is no status of a task.", task);
  if (percent < 0 || percent > 100) return Refused("TSK-0030", "Percent are from 0 to 100.", task);
  if (status == kNotStarted && percent != 0) return Refused("TSK-0031", "What is not started is done by 0 %.", task);
  if (status == kDone && percent != 100) return Refused("TSK-0038", "What is done is done by 100 %.", task);
  return Ok();
}

Api<void> CheckNumbers(const Object& task) {
  const auto priority = Number(task, kColPriority);
  if (priority && (*priority < 1 || *priority > 3)) return Refused("TSK-0057", "Priorities are from 1 to 3.", task);
  for (const int column : {kColActualCosts, kColTargetCosts}) {
    const auto literal = Literal(task, column);
    const double costs = literal.empty() ? 0 : Json::parse(literal).get<double>();
    if (costs > kCostsMax || costs < -kCostsMax) return Refused("TSK-0060", "Costs are out of range.", task);
  }
  return Ok();
}

// A series has the fields that its type needs, and no others.
Api<void> SettleRecurrence(Object& task) {
  const auto type = Number(task, kColRecurrenceType).value_or(0);
  const auto drop = [&](std::initializer_list<int> columns) {
    for (const int column : columns) Set(task, column, "");
  };
  if (type == 0) {
    drop({kColRecurrenceType, kColDays, kColDayInMonth, kColMonth, kColInterval, kColUntil, kColOccurrences});
    return Ok();
  }
  const auto day = Number(task, kColDayInMonth), interval = Number(task, kColInterval);
  const bool complete = type > 0 && type <= kYearly && Number(task, kColStartTime) && interval.value_or(0) >= 1 &&
                        (type < kMonthly || day.value_or(0) >= 1) && (type != kYearly || Number(task, kColMonth)) &&
                        (type != kYearly || interval == 1) &&
                        !(Number(task, kColUntil) && Number(task, kColOccurrences));
  if (!complete) return Refused("TSK-0061", "The recurrence is not complete.", task);
  if (type < kWeekly) drop({kColDays});
  if (type < kMonthly) drop({kColDayInMonth});
  if (type < kYearly) drop({kColMonth});
  return Ok();
}

Api<void> Settle(const World& world, int, const Object*, Object& task) {
  OUTPOST_TRYV(CheckProgress(task));
  OUTPOST_TRYV(CheckNumbers(task));
  const auto start = Number(task, kColStartTime), end = Number(task, kColEndTime);
  if (start && end && *start > *end) return Refused("TSK-0040", "The task starts after its end.", task);
  OUTPOST_TRYV(SettleRecurrence(task));
  const auto participants = Literal(task, kColParticipants);
  if (task.is_private && !participants.empty()) return Refused("TSK-0028", "A private task has no participants.", task);
  Set(task, kColUsers, UsersLiteral(world, participants, Literal(task, kColUsers)));
  return Ok();
}

Api<std::string> Array(const World& world, const Column&, const Json& value) {
  return ParticipantsLiteral(world, {.no_mail = "TSK-0044", .unreadable = "TSK-0062"}, value);
}

// The older columns tell the days of the newer.
bool Derived(std::string& out, const World&, const Object& task, int column, const Zone& zone) {
  if (column != kColStartDate && column != kColEndDate) return false;
  const auto stored = Number(task, column == kColStartDate ? kColStartTime : kColEndTime);
  if (!stored) return false;
  const auto local = IsFullTime(TasksModule(), task) ? *stored : zone.ToTime(*stored);
  AppendNumber(out, local - ((local % kDayMs) + kDayMs) % kDayMs);
  return true;
}

Api<Answer> Confirm(World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Object* old, ReadableObject(TasksModule(), world, request, folder, id));
  const auto confirmation = body->contains("confirmation") ? ScalarNumber((*body)["confirmation"]) : std::nullopt;
  if (!confirmation || *confirmation < 0 || *confirmation > 3) return MissingParameter("confirmation");
  if (old->modified > seen)
    return ObjectError("TSK-0007", Category::kConflict, "The task was changed meanwhile.", old->id);
  const auto users =
      Confirmed(Literal(*old, kColUsers), request.user, *confirmation, body->value("confirmmessage", std::string()));
  if (!users) return ObjectError("TSK-0063", Category::kPermissionDenied, "You do not take part.", old->id);
  Object task = *old;
  Set(task, kColUsers, *users);
  task.modified = world.stamps.Next();
  task.modified_by = request.user;
  Answer answer{{}, task.modified, {}};
  world.state.PutObject(std::move(task));
  return answer;
}

Api<Answer> Search(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  const auto text = body->find("pattern");
  if (text == body->end() || !text->is_string()) return MissingParameter("pattern");
  const std::string pattern = "*" + Folded(text->get<std::string>()) + "*";
  const auto bound = [&](const char* name) {
    return body->contains(name) ? ScalarNumber((*body)[name]) : std::optional<std::int64_t>();
  };
  const auto folder = bound("folder"), from = bound("start"), to = bound("end");
  const auto wanted = folder ? std::vector<std::int64_t>{*folder} : std::vector<std::int64_t>{};
  std::vector<const Object*> found;
  for (const Folder* each : SearchFolders(TasksModule(), world, request.user, wanted)) {
    const Rights rights = RightsOf(world, *each, request.user);
    for (const auto& [id, task] : world.state.ContentsOf(each->id).by_id) {
      if (!MayRead(*each, rights, *task, request.user)) continue;
      const auto end = Number(*task, kColEndTime);
      const bool in_range = !from || (end && *end >= *from && (!to || *end < *to));
      const auto matches = [&](int column) { return WildcardMatch(pattern, Folded(Unquoted(Literal(*task, column)))); };
      if (in_range && (matches(kColTitle) || matches(kColNote))) found.push_back(task);
    }
  }
  return RowsAnswer(TasksModule(), world, request, std::move(found));
}

}  // namespace

const ObjectModule& TasksModule() {
  static const ObjectModule kModule{
      .holds = FolderModule::kTasks,
      .name = "tasks",
      .one = "task",
      .columns = &TaskColumns(),
      .codes = {.wrong_module = "TSK-0059",
                .no_folder = "TSK-0023",
                .not_found = "TSK-0019",
                .elsewhere = "TSK-0048",
                .hidden = "TSK-0046",
                .no_create = "TSK-0025",
                .no_write = "TSK-0033",
                .no_delete = "TSK-0014",
                .conflict = "TSK-0007",
                .unchanged = nullptr,
                .too_long = "TSK-0041",
                .unreadable = "TSK-0062",
                .not_digits = "TSK-0055",
                .bad_character = "TSK-0058",
                .uid_change = "TSK-0053",
                .private_outside = "TSK-0008",
                .private_move = "TSK-0042",
                .shared_move = "TSK-0034"},
      .too_long_category = Category::kTruncated,
      .delta_start = DeltaStart::kAsked,
      .deletions_unasked = false,
      .ids_are_numbers = true,
      .deleted_data = "[]",
      .array = Array,
      .translate = Translate,
      .settle = Settle,
      .derived = Derived,
      .kept = nullptr,
  };
  return kModule;
}

Api<Answer> HandleTasks(World& world, const Request& request) {
  const ObjectModule& module = TasksModule();
  const auto& action = request.action;
  if (action == "all") return AllObjects(module, world, request);
  if (action == "list") return ListObjects(module, world, request);
  if (action == "get") return GetObject(module, world, request);
  if (action == "updates") return ObjectUpdates(module, world, request);
  if (action == "new") return NewObject(module, world, request);
  if (action == "update") return UpdateObject(module, world, request);
  if (action == "delete") return DeleteObjects(module, world, request);
  if (action == "search") return Search(world, request);
  if (action == "confirm") return Confirm(world, request);
  return UnknownAction("tasks", action);
}

}  // namespace outpost::oxserver
