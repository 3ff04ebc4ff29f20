#include "tools/oxserver/mail_filter.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/oxserver/mail.h"

namespace outpost::oxserver {
namespace {

constexpr std::size_t kDeepestTest = 8;

struct OfferedTest {
  const char* id;
  std::vector<std::string> comparisons;
};
const std::vector<OfferedTest>& OfferedTests() {
  static const std::vector<std::string> texts{"is", "contains", "matches", "regex"};
  static const std::vector<OfferedTest> offered{{"address", texts},
                                                {"envelope", texts},
                                                {"header", texts},
                                                {"body", {"is", "contains", "matches"}},
                                                {"size", {"over", "under"}},
                                                {"currentdate", {"is", "ge", "le"}},
                                                {"exists", {}},
                                                {"true", {}},
                                                {"not", {}},
                                                {"allof", {}},
                                                {"anyof", {}}};
  return offered;
}
constexpr const char* kOfferedActions[] = {"keep",   "discard",  "stop",     "redirect", "move",
                                           "reject", "addflags", "setflags", "vacation"};

ApiError FilterError(const char* code, const std::string& text, const std::string& what) {
  return {code, Category::kUserInput, text, {what}, {}, {}};
}

bool IsTexts(const Json& value) {
  return value.is_array() && !value.empty() &&
         std::all_of(value.begin(), value.end(), [](const Json& one) { return one.is_string(); });
}

bool HasTexts(const Json& object, const char* name) { return object.contains(name) && IsTexts(object[name]); }

std::string IdOf(const Json& object) {
  return object.is_object() && object.contains("id") && object["id"].is_string() ? object["id"].get<std::string>() : "";
}

Api<void> CheckTest(const Json& test, std::size_t depth) {
  const std::string id = IdOf(test);
  const auto bad = [&] { return FilterError("MAIL_FILTER-0005", "The test cannot be read: " + id, id); };
  const auto offered =
      std::find_if(OfferedTests().begin(), OfferedTests().end(), [&](const OfferedTest& one) { return one.id == id; });
  if (offered == OfferedTests().end() || depth > kDeepestTest)
    return FilterError("MAIL_FILTER-0004", "The test is not supported: " + id, id);
  if (id == "allof" || id == "anyof") {
    const auto tests = test.find("tests");
    if (tests == test.end() || !tests->is_array() || tests->empty()) return bad();
    for (const auto& one : *tests) OUTPOST_TRYV(CheckTest(one, depth + 1));
    return Ok();
  }
  if (id == "not") {
    if (!test.contains("test")) return bad();
    return CheckTest(test["test"], depth + 1);
  }
  if (!offered->comparisons.empty()) {
    const auto comparison = test.find("comparison");
    const auto& known = offered->comparisons;
    if (comparison == test.end() || !comparison->is_string() ||
        std::find(known.begin(), known.end(), comparison->get<std::string>()) == known.end())
      return bad();
  }
  bool whole = true;
  if (id == "header" || id == "address" || id == "envelope")
    whole = HasTexts(test, "headers") && HasTexts(test, "values");
  else if (id == "exists")
    whole = HasTexts(test, "headers");
  else if (id == "body")
    whole = HasTexts(test, "values") && test.value("extensionskey", Json()).is_string();
  else if (id == "size")
    whole = test.contains("size") && test["size"].is_number_integer();
  else if (id == "currentdate")
    whole = test.contains("datevalue") && test["datevalue"].is_array() && test["datevalue"].size() == 1 &&
            test["datevalue"][0].is_number_integer() &&
            (test.value("datepart", Json()) == "date" || test.value("datepart", Json()) == "weekday");
  if (!whole) return bad();
  return Ok();
}

Api<void> CheckAction(const Json& action) {
  const std::string id = IdOf(action);
  if (std::find(std::begin(kOfferedActions), std::end(kOfferedActions), id) == std::end(kOfferedActions))
    return FilterError("MAIL_FILTER-0006", "The action is not supported: " + id, id);
  const auto has_text = [&](const char* name) {
    return action.contains(name) && action[name].is_string() && !action[name].get_ref<const std::string&>().empty();
  };
  bool whole = true;
  if (id == "redirect") {
    whole = has_text("to");
    if (whole && action["to"].get_ref<const std::string&>().find('@') == std::string::npos)
      return FilterError("MAIL_FILTER-0010", "The address to redirect to is invalid.", "");
  } else if (id == "move") {
    whole = has_text("into");
  } else if (id == "reject") {
    whole = has_text("text");
  } else if (id == "addflags" || id == "setflags") {
    whole = HasTexts(action, "flags");
  } else if (id == "vacation") {
    const Json days = action.value("days", Json());
    whole = ScalarNumber(days).value_or(0) > 0 && has_text("text");
  }
  if (!whole) return FilterError("MAIL_FILTER-0007", "The action cannot be read: " + id, id);
  return Ok();
}

bool IsFlag(const Json& flag) {
  if (!flag.is_string()) return false;
  const auto& text = flag.get_ref<const std::string&>();
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '1' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

// The members that a body has, each of the form that the document gives; others are ignored.
Api<void> Take(const Json& body, Json& rule) {
  const auto bad = [](const char* name) {
    return FilterError("MAIL_FILTER-0003", std::string("A field of the rule is invalid: ") + name, name);
  };
  if (const auto name = body.find("rulename"); name != body.end()) {
    if (!name->is_string() || name->get_ref<const std::string&>().find_first_of("\r\n") != std::string::npos)
      return bad("rulename");
    rule["rulename"] = *name;
  }
  if (const auto active = body.find("active"); active != body.end()) {
    if (!active->is_boolean()) return bad("active");
    rule["active"] = *active;
  }
  if (const auto flags = body.find("flags"); flags != body.end()) {
    if (!flags->is_array() || !std::all_of(flags->begin(), flags->end(), IsFlag)) return bad("flags");
    rule["flags"] = *flags;
  }
  if (const auto test = body.find("test"); test != body.end()) {
    OUTPOST_TRYV(CheckTest(*test, 0));
    rule["test"] = *test;
  }
  if (const auto actions = body.find("actioncmds"); actions != body.end()) {
    if (!actions->is_array() || actions->empty()) return bad("actioncmds");
    for (const auto& action : *actions) OUTPOST_TRYV(CheckAction(action));
    rule["actioncmds"] = *actions;
    for (auto& action : rule["actioncmds"])  // as texts, whatever came
      if (action.contains("days")) action["days"] = std::to_string(*ScalarNumber(action["days"]));
  }
  return Ok();
}

std::string PathOf(int user) { return "mailfilter/" + std::to_string(user); }

void Store(World& world, int user, const Json& all) {
  world.state.PutSetting(0, PathOf(user), all.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Json Load(const World& world, int user) {
  const auto stored = world.state.FindSetting(0, PathOf(user));
  return stored ? Json::parse(*stored) : Json{{"next", 1}, {"rules", Json::array()}};
}

Json::iterator Find(Json& rules, const Json& id) {
  const auto number = ScalarNumber(id);
  return std::find_if(rules.begin(), rules.end(), [&](const Json& rule) { return number && rule["id"] == *number; });
}

ApiError NoSuchRule(const Json& id) {
  return FilterError("MAIL_FILTER-0011", "There is no rule with this id.", ScalarText(id).value_or(""));
}

Api<std::optional<std::size_t>> PlaceIn(const Json& body, std::size_t most) {
  const auto place = body.find("position");
  if (place == body.end()) return std::optional<std::size_t>();
  const auto number = ScalarNumber(*place);
  if (!number || *number < 0 || static_cast<std::size_t>(*number) > most)
    return FilterError("MAIL_FILTER-0009", "The position is not among those of the rules.", "position");
  return std::optional<std::size_t>(static_cast<std::size_t>(*number));
}

void Insert(Json& rules, std::optional<std::size_t> place, Json rule) {
  auto& list = rules.get_ref<Json::array_t&>();
  list.insert(list.begin() + static_cast<std::ptrdiff_t>(std::min(place.value_or(list.size()), list.size())),
              std::move(rule));
}

Api<Answer> Config() {
  Json tests = Json::array(), actions = Json::array();
  for (const OfferedTest& test : OfferedTests()) tests.push_back({{"id", test.id}, {"comparisons", test.comparisons}});
  for (const char* action : kOfferedActions) actions.push_back({{"id", action}});
  return Answer{Json{{"tests", tests}, {"actioncmds", actions}, {"options", {{"allowNestedTests", true}}}}.dump(),
                std::nullopt,
                {}};
}

Api<Answer> List(World& world, const Request& request) {
  Json rules = RulesOf(world, request.user);
  const auto flag = request.params.Find("flag");
  Json shown = Json::array();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    rules[i]["position"] = i;
    const Json flags = rules[i].value("flags", Json::array());
    if (!flag || std::find(flags.begin(), flags.end(), *flag) != flags.end()) shown.push_back(rules[i]);
  }
  return Answer{shown.dump(-1, ' ', false, Json::error_handler_t::replace), std::nullopt, {}};
}

Api<Answer> New(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  Json all = Load(world, request.user);
  OUTPOST_TRY(const auto place, PlaceIn(*body, all["rules"].size()));
  Json rule{{"rulename", ""}, {"active", true}, {"flags", Json::array()}};
  OUTPOST_TRYV(Take(*body, rule));
  for (const char* needed : {"test", "actioncmds"})
    if (!rule.contains(needed)) return MissingParameter(needed);
  const auto id = all["next"].get<std::int64_t>();
  rule["id"] = id;
  all["next"] = id + 1;
  Insert(all["rules"], place, std::move(rule));
  Store(world, request.user, all);
  return Answer{std::to_string(id), std::nullopt, {}};
}

Api<Answer> Update(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  if (!body->contains("id")) return MissingParameter("id");
  Json all = Load(world, request.user);
  Json& rules = all["rules"];
  const auto found = Find(rules, (*body)["id"]);
  if (found == rules.end()) return NoSuchRule((*body)["id"]);
  OUTPOST_TRY(const auto place, PlaceIn(*body, rules.size() - 1));
  Json rule = *found;
  OUTPOST_TRYV(Take(*body, rule));
  if (place) {
    rules.erase(found);
    Insert(rules, place, std::move(rule));
  } else {
    *found = std::move(rule);
  }
  Store(world, request.user, all);
  return Answer{};
}

Api<Answer> Delete(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  if (!body->contains("id")) return MissingParameter("id");
  Json all = Load(world, request.user);
  const auto found = Find(all["rules"], (*body)["id"]);
  if (found == all["rules"].end()) return NoSuchRule((*body)["id"]);
  all["rules"].erase(found);
  Store(world, request.user, all);
  return Answer{};
}

// Those that are not named keep their order, behind the others.
Api<Answer> Reorder(World& world, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  Json all = Load(world, request.user);
  Json before = all["rules"], after = Json::array();
  for (const auto& id : *ids) {
    const auto found = Find(before, id);
    if (found == before.end()) return NoSuchRule(id);
    after.push_back(*found);
    before.erase(found);
  }
  for (auto& rule : before) after.push_back(std::move(rule));
  all["rules"] = std::move(after);
  Store(world, request.user, all);
  return Answer{};
}

}  // namespace

Json RulesOf(const World& world, int user) { return Load(world, user)["rules"]; }

Api<Answer> HandleMailFilter(World& world, const Request& request) {
  const std::string& action = request.action;
  if (action == "config") return Config();
  if (action == "list") return List(world, request);
  if (action == "new") return New(world, request);
  if (action == "update") return Update(world, request);
  if (action == "delete") return Delete(world, request);
  if (action == "reorder") return Reorder(world, request);
  if (action == "deletescript") {
    Json all = Load(world, request.user);
    all["rules"] = Json::array();
    Store(world, request.user, all);
    return Answer{};
  }
  return UnknownAction("mailfilter/v2", action);
}

}  // namespace outpost::oxserver
