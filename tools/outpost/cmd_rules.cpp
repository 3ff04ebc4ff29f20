#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>

#include "engine/rules.h"
#include "projection/folders.h"
#include "schemas/rule_words.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct RuleArguments {
  std::string rule;  // its name or id
  std::string name;
  std::vector<std::string> conditions, actions;
  bool any = false, all = false, stop = false, goes_on = false, on = false, off = false;
  std::int64_t place = -1;  // below 0: not given
};

Error NoRules() {
  return {Code::kNotFound, Retry::kNever,
          "no mail rules are known of this account's server: it has none, or \"outpost sync\" was not done yet"};
}

// In actions folders go by their paths; for the server by its ids.
class RuleFolders {
 public:
  static Result<RuleFolders> Load(const StateReader& state) {
    RuleFolders folders;
    OUTPOST_TRY(folders.nodes_, ListFolders(state));
    return folders;
  }
  std::string Shown(const std::string& text) const {
    auto action = ParseRuleAction(text);
    if (!action || !NamesFolder(*action)) return text;
    for (const FolderNode& node : nodes_)
      if (node.type == ItemType::kMail && node.remote_id == action->argument) action->argument = node.path;
    return RuleActionText(*action);
  }
  Result<std::string> Typed(const StateReader& state, const std::string& text) const {
    auto action = ParseRuleAction(text);
    if (!action || !NamesFolder(*action)) return text;
    for (const FolderNode& node : nodes_)
      if (node.remote_id == action->argument) return text;
    OUTPOST_TRY(const FolderNode folder, FindFolder(state, action->argument));
    if (folder.type != ItemType::kMail || folder.remote_id.empty())
      return Error{Code::kInvalid, Retry::kNever,
                   "folder " + folder.path + " is none for mails that the server knows by now"};
    action->argument = folder.remote_id;
    return RuleActionText(*action);
  }

 private:
  static bool NamesFolder(const RuleAction& action) { return action.verb == "move" || action.verb == "copy"; }
  std::vector<FolderNode> nodes_;
};

Json TextsJson(const Value& value, const RuleFolders* folders) {
  Json::Array texts;
  if (const auto* all = std::get_if<std::vector<std::string>>(&value))
    for (const std::string& text : *all) texts.emplace_back(folders != nullptr ? folders->Shown(text) : text);
  return texts;
}

Json::Object RuleJson(const ItemState& rule, std::size_t place, const RuleFolders& folders) {
  return {{"id", rule.id.Hex()},
          {"position", static_cast<std::int64_t>(place)},
          {"name", ToJson(rule.HeadValue(field::kRuleName))},
          {"kind", ToJson(rule.HeadValue(field::kRuleKind))},
          {"active", rule.HeadValue(field::kRuleActive) == Value(true)},
          {"match", ToJson(rule.HeadValue(field::kRuleMatch))},
          {"conditions", TextsJson(rule.HeadValue(field::kRuleConditions), nullptr)},
          {"actions", TextsJson(rule.HeadValue(field::kRuleActions), &folders)},
          {"stop", rule.HeadValue(field::kRuleStop) == Value(true)},
          {"verbatim", ToJson(rule.HeadValue(field::kRuleVerbatim))},
          {"problem", ToJson(rule.HeadValue(field::kRuleProblem))},
          {"state", ItemStateName(rule)},
          {"remote_id", TextOrNull(rule.remote_id)}};
}

Result<int> ListRules(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto folders, RuleFolders::Load(*view));
  OUTPOST_TRY(const auto rules, RulesInOrder(*view));
  ListOutput list(common.form(), {"position", "name", "active", "match", "conditions", "actions", "stop", "state"});
  for (std::size_t i = 0; i < rules.size(); ++i) list.Row(RuleJson(rules[i], i, folders));
  list.End("rules");
  return kExitDone;
}

Result<ItemState> FindRule(const StateReader& view, const std::string& name_or_id) {
  OUTPOST_TRY(auto rules, RulesInOrder(view));
  std::vector<ItemState*> found;
  for (ItemState& rule : rules)
    if (rule.id.Hex() == name_or_id || rule.HeadValue(field::kRuleName) == Value(name_or_id)) found.push_back(&rule);
  if (found.size() == 1) return std::move(*found.front());
  return Error{found.empty() ? Code::kNotFound : Code::kInvalid, Retry::kNever,
               found.empty() ? "there is no rule '" + name_or_id + "' (see \"outpost rules list\")"
                             : "several rules are named '" + name_or_id + "': take the id"};
}

// What the options say, as fields.
Result<FieldMap> FieldsOf(const StateReader& view, const RuleArguments& arguments) {
  if ((arguments.any && arguments.all) || (arguments.stop && arguments.goes_on) || (arguments.on && arguments.off))
    return Error{Code::kInvalid, Retry::kNever, "of --any and --all, --stop and --go-on, --on and --off only one"};
  FieldMap fields;
  if (!arguments.name.empty()) fields[field::kRuleName] = arguments.name;
  if (!arguments.conditions.empty()) fields[field::kRuleConditions] = arguments.conditions;
  if (arguments.any || arguments.all) fields[field::kRuleMatch] = std::string(arguments.any ? kMatchAny : kMatchAll);
  if (!arguments.actions.empty()) {
    OUTPOST_TRY(const auto folders, RuleFolders::Load(view));
    std::vector<std::string> actions;
    for (const std::string& text : arguments.actions) {
      OUTPOST_TRY(actions.emplace_back(), folders.Typed(view, text));
    }
    fields[field::kRuleActions] = std::move(actions);
  }
  if (arguments.stop || arguments.goes_on) fields[field::kRuleStop] = arguments.stop;
  if (arguments.on || arguments.off) fields[field::kRuleActive] = arguments.on;
  if (arguments.place >= 0) fields[field::kRulePosition] = arguments.place;
  return fields;
}

Result<int> ShowRule(const Common& common, WriteAccess& access, const ItemId& id) {
  OUTPOST_TRY(const auto view, access.View());
  OUTPOST_TRY(const auto folders, RuleFolders::Load(*view));
  OUTPOST_TRY(const auto rules, RulesInOrder(*view));
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (rules[i].id == id) ShowReport(common.form(), RuleJson(rules[i], i, folders));
  return kExitDone;
}

Result<int> NewRule(const Common& common, const RuleArguments& arguments) {
  if (arguments.actions.empty() && !arguments.stop)
    return Error{Code::kInvalid, Retry::kNever, "a rule does something: --do, or --stop"};
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const std::optional<ItemId> folder, RulesFolder(*view));
  if (!folder) return NoRules();
  OUTPOST_TRY(const FieldMap fields, FieldsOf(*view, arguments));
  OUTPOST_TRY(const ItemId id, access->commands().Create(ItemType::kRule, *folder, fields));
  return ShowRule(common, *access, id);
}

Result<int> SetRule(const Common& common, const RuleArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const ItemState rule, FindRule(*view, arguments.rule));
  OUTPOST_TRY(const FieldMap fields, FieldsOf(*view, arguments));
  if (fields.empty()) return Error{Code::kInvalid, Retry::kNever, "nothing is said of what is to change"};
  OUTPOST_TRYV(access->commands().Set(rule.id, fields));
  return ShowRule(common, *access, rule.id);
}

Result<int> DeleteRule(const Common& common, const RuleArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const ItemState rule, FindRule(*view, arguments.rule));
  OUTPOST_TRYV(access->commands().Delete(rule.id));
  ShowReport(common.form(), {{"id", rule.id.Hex()}, {"deleted", true}});
  return kExitDone;
}

struct VacationArguments {
  std::string subject, text, sender, first_day, last_day;
  std::vector<std::string> addresses;
  std::int64_t days = 0;
};

Result<std::optional<ItemState>> FindVacation(const StateReader& view) {
  OUTPOST_TRY(auto rules, RulesInOrder(view));
  for (ItemState& rule : rules)
    if (rule.HeadValue(field::kRuleKind) == Value(std::string(kVacationRule))) return std::optional(std::move(rule));
  return std::optional<ItemState>{};
}

Json::Object VacationJson(const std::optional<ItemState>& rule) {
  const auto value = [&](FieldId id) { return rule ? ToJson(rule->HeadValue(id)) : Json(); };
  return {{"id", rule ? Json(rule->id.Hex()) : Json()},
          {"active", rule && rule->HeadValue(field::kRuleActive) == Value(true)},
          {"subject", value(field::kRuleSubject)},
          {"text", value(field::kRuleText)},
          {"days", value(field::kRuleDays)},
          {"addresses", rule ? TextsJson(rule->HeadValue(field::kRuleAddresses), nullptr) : Json(Json::Array{})},
          {"sender", value(field::kRuleSender)},
          {"first_day", value(field::kRuleFirstDay)},
          {"last_day", value(field::kRuleLastDay)},
          {"verbatim", value(field::kRuleVerbatim)},
          {"state", rule ? Json(ItemStateName(*rule)) : Json()}};
}

Result<int> ShowVacation(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto rule, FindVacation(*view));
  ShowReport(common.form(), VacationJson(rule));
  return kExitDone;
}

Result<int> ChangeVacation(const Common& common, const FieldMap& fields, bool makes) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const std::optional<ItemId> folder, RulesFolder(*view));
  if (!folder) return NoRules();
  OUTPOST_TRY(const auto known, FindVacation(*view));
  if (known) {
    OUTPOST_TRYV(access->commands().Set(known->id, fields));
  } else if (makes) {
    FieldMap all = fields;
    if (!all.contains(field::kRuleText))
      return Error{Code::kInvalid, Retry::kNever, "a notice of absence says something: --text"};
    all[field::kRuleKind] = std::string(kVacationRule);
    all[field::kRuleName] = std::string(kVacationRule);
    all[field::kRulePosition] = std::int64_t{0};  // before one that ends the others
    if (!all.contains(field::kRuleDays)) all[field::kRuleDays] = std::int64_t{7};
    OUTPOST_TRYV(access->commands().Create(ItemType::kRule, *folder, all));
  }
  OUTPOST_TRY(const auto now, access->View());
  OUTPOST_TRY(const auto rule, FindVacation(*now));
  ShowReport(common.form(), VacationJson(rule));
  return kExitDone;
}

Result<int> SetVacation(const Common& common, const VacationArguments& arguments) {
  FieldMap fields{{field::kRuleActive, true}};
  const auto day = [&](FieldId id, const std::string& text) -> Result<void> {
    if (text.empty()) return Ok();
    if (text == "none") {
      fields[id] = Value{};
      return Ok();
    }
    OUTPOST_TRY(fields[id], ParseValueOf(FieldKind::kDate, std::string(FieldName(id)), text));
    return Ok();
  };
  if (!arguments.subject.empty()) fields[field::kRuleSubject] = arguments.subject;
  if (!arguments.text.empty()) fields[field::kRuleText] = arguments.text;
  if (!arguments.sender.empty()) fields[field::kRuleSender] = arguments.sender;
  if (!arguments.addresses.empty()) fields[field::kRuleAddresses] = arguments.addresses;
  if (arguments.days != 0) fields[field::kRuleDays] = arguments.days;
  OUTPOST_TRYV(day(field::kRuleFirstDay, arguments.first_day));
  OUTPOST_TRYV(day(field::kRuleLastDay, arguments.last_day));
  return ChangeVacation(common, fields, true);
}

void AddRuleOptions(CLI::App& verb, const std::shared_ptr<RuleArguments>& arguments) {
  verb.add_option("--if", arguments->conditions, "A condition, such as \"subject contains offer\"; may be repeated")
      ->type_name("CONDITION");
  verb.add_option("--do", arguments->actions, "An action, such as \"move Lists\"; may be repeated")
      ->type_name("ACTION");
  verb.add_flag("--any", arguments->any, "One of the conditions suffices");
  verb.add_flag("--stop", arguments->stop, "No rule after this one runs on such a mail");
  verb.add_flag("--off", arguments->off, "It does not run");
}

}  // namespace

void AddRules(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "rules", "What the server does with mails that arrive, also offline");
  AddVerb(program, group, "list", "All rules, in their order", ListRules, Shows::kMuch);
  const auto arguments = std::make_shared<RuleArguments>();
  CLI::App& made = AddVerb(program, group, "new", "Make a rule; it is at work at once",
                           [arguments](const Common& common) { return NewRule(common, *arguments); });
  made.add_option("NAME", arguments->name, "Its name")->required();
  AddRuleOptions(made, arguments);
  made.add_option("--at", arguments->place, "Its place, from 0; the last unless given")->type_name("N");
  CLI::App& set = AddVerb(program, group, "set", "Change a rule",
                          [arguments](const Common& common) { return SetRule(common, *arguments); });
  set.add_option("RULE", arguments->rule, "Its name or id")->required();
  AddRuleOptions(set, arguments);
  set.add_option("--name", arguments->name, "Another name")->type_name("NAME");
  set.add_flag("--all", arguments->all, "All of the conditions must hold");
  set.add_flag("--go-on", arguments->goes_on, "Rules after this one run");
  set.add_flag("--on", arguments->on, "It runs");
  CLI::App& moved = AddVerb(program, group, "move", "Another place for a rule",
                            [arguments](const Common& common) { return SetRule(common, *arguments); });
  moved.add_option("RULE", arguments->rule, "Its name or id")->required();
  moved.add_option("PLACE", arguments->place, "From 0")->required()->check(CLI::NonNegativeNumber);
  CLI::App& gone = AddVerb(program, group, "delete", "Delete a rule",
                           [arguments](const Common& common) { return DeleteRule(common, *arguments); });
  gone.add_option("RULE", arguments->rule, "Its name or id")->required();
}

void AddVacation(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "vacation", "The notice of absence, also offline");
  AddVerb(program, group, "show", "What it says, and whether it is on", ShowVacation);
  const auto arguments = std::make_shared<VacationArguments>();
  CLI::App& set = AddVerb(program, group, "set", "Change it and turn it on",
                          [arguments](const Common& common) { return SetVacation(common, *arguments); });
  set.add_option("--subject", arguments->subject, "Subject of the answer; that of the mail unless given");
  set.add_option("--text", arguments->text, "The answer");
  set.add_option("--days", arguments->days, "Days until the same sender is answered again")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  set.add_option("--address", arguments->addresses, "A further address of one's own that it answers for");
  set.add_option("--from", arguments->sender, "Whom the answer is from");
  set.add_option("--first", arguments->first_day, "From this day on; none: at once")->type_name("DAY");
  set.add_option("--last", arguments->last_day, "To this day; none: without end")->type_name("DAY");
  AddVerb(program, group, "off", "Turn it off; what it says is kept", [](const Common& common) {
    return ChangeVacation(common, {{field::kRuleActive, false}}, false);
  });
}

}  // namespace outpost::cli
