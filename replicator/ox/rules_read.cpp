#include <simdjson.h>

#include <algorithm>
#include <utility>

#include "replicator/ox/rules.h"
#include "schemas/folders.h"
#include "schemas/rule_words.h"

namespace outpost {
namespace {

namespace dom = simdjson::dom;

constexpr std::int64_t kDayMs = 86'400'000;
constexpr int kPlaceBits = 10;

std::optional<std::string> TextOf(const dom::object& object, std::string_view name) {
  std::string_view text;
  if (object[name].get(text)) return std::nullopt;
  return std::string(text);
}

// Servers write some numbers as texts.
std::optional<std::int64_t> NumberOf(const dom::element& element) {
  std::int64_t number = 0;
  if (!element.get(number)) return number;
  std::string_view text;
  if (element.get(text) || text.empty()) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9' || number > 1'000'000'000'000) return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::optional<std::vector<std::string>> TextsOf(const dom::object& object, std::string_view name) {
  dom::array array;
  if (object[name].get(array)) return std::nullopt;
  std::vector<std::string> texts;
  for (const dom::element each : array) {
    std::string_view text;
    if (each.get(text)) return std::nullopt;
    texts.emplace_back(text);
  }
  return texts;
}

std::optional<std::string> OnlyTextOf(const dom::object& object, std::string_view name) {
  const auto texts = TextsOf(object, name);
  return texts && texts->size() == 1 ? std::optional(texts->front()) : std::nullopt;
}

// Whether the object has members that are not among `known`: what they mean would be lost.
bool HasOthers(const dom::object& object, std::initializer_list<std::string_view> known) {
  for (const auto [key, value] : object)
    if (std::find(known.begin(), known.end(), key) == known.end()) return true;
  return false;
}

std::string ShortName(std::string_view test, const std::string& header) {
  constexpr std::pair<const char*, const char*> kHeaders[] = {
      {"From", "from"}, {"To", "to"}, {"Cc", "cc"}, {"Subject", "subject"}};
  if (test == "header")
    for (const auto& [name, word] : kHeaders)
      if (header == name) return word;
  return std::string(test) + ":" + header;
}

std::optional<RuleCondition> ConditionOf(const dom::object& test) {
  const std::string id = TextOf(test, "id").value_or("");
  RuleCondition condition;
  if (id == "not") {
    dom::object inner;
    if (HasOthers(test, {"id", "test"}) || test["test"].get(inner)) return std::nullopt;
    auto negated = ConditionOf(inner);
    if (!negated || negated->negated) return std::nullopt;
    negated->negated = true;
    return negated;
  }
  condition.relation = TextOf(test, "comparison").value_or("");
  if (id == "header" || id == "address" || id == "envelope") {
    const auto header = OnlyTextOf(test, "headers"), value = OnlyTextOf(test, "values");
    if (!header || !value || HasOthers(test, {"id", "comparison", "headers", "values"})) return std::nullopt;
    condition.what = ShortName(id, *header);
    condition.value = *value;
  } else if (id == "exists") {
    const auto header = OnlyTextOf(test, "headers");
    if (!header || HasOthers(test, {"id", "headers"})) return std::nullopt;
    condition.what = "header:" + *header;
    condition.relation = "exists";
  } else if (id == "body") {
    const auto value = OnlyTextOf(test, "values");
    if (!value || TextOf(test, "extensionskey") != "text" ||
        HasOthers(test, {"id", "comparison", "values", "extensionskey"}))
      return std::nullopt;
    condition.what = "body";
    condition.value = *value;
  } else if (id == "size") {
    dom::element size;
    if (test["size"].get(size) || HasOthers(test, {"id", "comparison", "size"})) return std::nullopt;
    const auto bytes = NumberOf(size);
    if (!bytes || *bytes < 0) return std::nullopt;
    condition.what = "size";
    condition.value = std::to_string(*bytes);
  } else {
    return std::nullopt;
  }
  // As a person would have to type it.
  return ParseRuleCondition(RuleConditionText(condition)) ? std::optional(condition) : std::nullopt;
}

bool ReadConditions(const dom::object& test, FieldMap& fields) {
  const std::string id = TextOf(test, "id").value_or("");
  std::vector<std::string> texts;
  if (id == "true") {
    fields[field::kRuleMatch] = std::string(kMatchAlways);
    return !HasOthers(test, {"id"});
  }
  const bool joins = id == "allof" || id == "anyof";
  const auto take = [&](const dom::object& one) {
    const auto condition = ConditionOf(one);
    if (condition) texts.push_back(RuleConditionText(*condition));
    return condition.has_value();
  };
  if (joins) {
    dom::array tests;
    if (HasOthers(test, {"id", "tests"}) || test["tests"].get(tests)) return false;
    for (const dom::element each : tests) {
      dom::object one;
      if (each.get(one) || !take(one)) return false;
    }
  } else if (!take(test)) {
    return false;
  }
  if (texts.empty()) return false;
  fields[field::kRuleMatch] = std::string(id == "anyof" ? kMatchAny : kMatchAll);
  fields[field::kRuleConditions] = std::move(texts);
  return true;
}

std::optional<std::string> MarksOf(const dom::object& action) {
  const auto flags = TextsOf(action, "flags");
  if (!flags || flags->empty()) return std::nullopt;
  std::string marks;
  for (std::string flag : *flags) {
    if (flag.size() > 1 && flag[0] == '\\')
      flag.erase(0, 1);
    else if (flag.substr(0, 4) == "$cl_")
      flag = "color:" + flag.substr(4);
    marks += (marks.empty() ? "" : ",") + flag;
  }
  return marks;
}

std::optional<RuleAction> ActionOf(const dom::object& action) {
  const std::string id = TextOf(action, "id").value_or("");
  bool copies = false;
  if (dom::element copy; !action["copy"].get(copy) && copy.get(copies)) return std::nullopt;
  const auto with = [&](const char* verb, const char* name) -> std::optional<RuleAction> {
    const auto argument = TextOf(action, name);
    if (!argument || HasOthers(action, {"id", name, "copy"})) return std::nullopt;
    return RuleAction{verb, *argument};
  };
  std::optional<RuleAction> found;
  if (id == "keep" || id == "discard")
    found = HasOthers(action, {"id"}) ? std::nullopt : std::optional(RuleAction{id, ""});
  else if (id == "move")
    found = with(copies ? "copy" : "move", "into");
  else if (id == "redirect")
    found = with(copies ? "forward-copy" : "forward", "to");
  else if (id == "reject" && !copies)
    found = with("reject", "text");
  else if (id == "addflags" && !HasOthers(action, {"id", "flags"}))
    found = RuleAction{"mark", MarksOf(action).value_or("")};
  return found && ParseRuleAction(RuleActionText(*found)) ? found : std::nullopt;
}

bool ReadActions(const dom::array& actions, FieldMap& fields) {
  std::vector<std::string> texts;
  bool stops = false;
  for (const dom::element each : actions) {
    dom::object action;
    if (stops || each.get(action)) return false;  // what follows a stop is never done, and yet there
    if (TextOf(action, "id") == "stop" && !HasOthers(action, {"id"})) {
      stops = true;
      continue;
    }
    const auto found = ActionOf(action);
    if (!found) return false;
    texts.push_back(RuleActionText(*found));
  }
  if (!texts.empty()) fields[field::kRuleActions] = std::move(texts);
  if (stops) fields[field::kRuleStop] = true;
  return true;
}

// One end of a period: currentdate ge or le a day.
bool ReadPeriodEnd(const dom::object& test, FieldMap& fields) {
  dom::array values;
  const auto comparison = TextOf(test, "comparison");
  if (TextOf(test, "id") != "currentdate" || TextOf(test, "datepart") != "date" ||
      HasOthers(test, {"id", "comparison", "datepart", "datevalue"}) || test["datevalue"].get(values) ||
      values.size() != 1)
    return false;
  const auto day = NumberOf(values.at(0).value_unsafe());
  if (!day || *day % kDayMs != 0 || (comparison != "ge" && comparison != "le")) return false;
  return fields.emplace(comparison == "ge" ? field::kRuleFirstDay : field::kRuleLastDay, *day).second;
}

bool ReadPeriod(const dom::object& test, FieldMap& fields) {
  const auto id = TextOf(test, "id");
  if (id == "true") return !HasOthers(test, {"id"});
  if (id == "currentdate") return ReadPeriodEnd(test, fields);
  dom::array tests;
  if (id != "allof" || HasOthers(test, {"id", "tests"}) || test["tests"].get(tests) || tests.size() != 2) return false;
  for (const dom::element each : tests) {
    dom::object one;
    if (each.get(one) || !ReadPeriodEnd(one, fields)) return false;
  }
  return true;
}

// "Name <address>", or the address alone.
bool ReadSender(const dom::object& action, FieldMap& fields) {
  dom::element there;
  if (action["from"].get(there) || there.is_null()) return true;
  const auto parts = TextsOf(action, "from");
  if (!parts || parts->empty() || parts->size() > 2) return false;
  fields[field::kRuleSender] = parts->size() == 1 ? parts->front() : parts->front() + " <" + parts->back() + ">";
  return true;
}

bool ReadNotice(const dom::array& actions, FieldMap& fields) {
  dom::object action;
  if (actions.size() != 1 || actions.at(0).get(action) || TextOf(action, "id") != "vacation" ||
      HasOthers(action, {"id", "days", "addresses", "from", "subject", "text"}) || !ReadSender(action, fields))
    return false;
  if (dom::element days; !action["days"].get(days)) {
    const auto number = NumberOf(days);
    if (!number) return false;
    fields[field::kRuleDays] = *number;
  }
  for (const auto& [name, id] : {std::pair{"subject", field::kRuleSubject}, std::pair{"text", field::kRuleText}}) {
    auto text = TextOf(action, name);
    if (text && !text->empty()) fields[id] = std::move(*text);
  }
  auto addresses = TextsOf(action, "addresses");
  if (addresses && !addresses->empty()) fields[field::kRuleAddresses] = std::move(*addresses);
  return true;
}

std::uint64_t Digest(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return (hash ^ 0xFF) * 1099511628211u;
}

bool ReadRule(const dom::object& object, StoredRule& rule) {
  std::int64_t position = 0;
  bool active = false;
  std::uint64_t digest = 14695981039346656037u;  // FNV-1a
  std::string verbatim;
  dom::object test;
  dom::array actions;
  bool has_test = false, has_actions = false;
  std::string kind;
  for (const auto [key, value] : object) {
    if (key == "id") {
      const auto id = NumberOf(value);
      if (!id) return false;
      rule.id = *id;
      continue;
    }
    if (key == "position") {
      position = NumberOf(value).value_or(0);
      continue;
    }
    const std::string literal = simdjson::minify(value);
    digest = Digest(Digest(digest, key), literal);
    if (key == "active") {
      if (value.get(active)) return false;
    } else if (key == "rulename" && !value.is_null()) {
      std::string_view name;
      if (value.get(name)) return false;
      if (!name.empty()) rule.fields[field::kRuleName] = std::string(name);
    } else if (key == "flags") {
      for (const std::string& flag : TextsOf(object, "flags").value_or(std::vector<std::string>{}))
        kind += (kind.empty() ? "" : ",") + flag;
    } else if (key == "errormsg" && !value.is_null()) {
      rule.fields[field::kRuleProblem] = TextOf(object, "errormsg").value_or("");
    } else if (key == "test") {
      has_test = !value.get(test);
    } else if (key == "actioncmds") {
      has_actions = !value.get(actions);
    }
    if (key == "test" || key == "actioncmds" || key == "text")
      verbatim += (verbatim.empty() ? "{\"" : ",\"") + std::string(key) + "\":" + literal;
  }
  if (rule.id == 0 && object["id"].error()) return false;
  if (active) rule.fields[field::kRuleActive] = true;
  rule.fields[field::kRulePosition] = position;
  if (!kind.empty()) rule.fields[field::kRuleKind] = kind;
  FieldMap understood;
  const bool plain = has_test && has_actions && !rule.fields.contains(field::kRuleProblem) &&
                     (kind == kVacationRule ? ReadPeriod(test, understood) && ReadNotice(actions, understood)
                                            : ReadConditions(test, understood) && ReadActions(actions, understood));
  if (!plain)
    rule.fields[field::kRuleVerbatim] = verbatim.empty() ? "{}" : verbatim + "}";
  else
    for (auto& [id, value] : understood) rule.fields[id] = std::move(value);
  rule.version = static_cast<std::int64_t>((digest >> 12 << kPlaceBits) |
                                           (static_cast<std::uint64_t>(position) & ((1u << kPlaceBits) - 1)));
  return true;
}

bool TakeRules(const dom::element& data, std::vector<StoredRule>& rules) {
  dom::array list;
  if (data.get(list)) return false;
  for (const dom::element each : list) {
    dom::object object;
    if (each.get(object) || !ReadRule(object, rules.emplace_back())) return false;
  }
  return true;
}

bool TakeOffer(const dom::element& data, FilterOffer& offer) {
  dom::array tests, actions;
  if (data["tests"].get(tests)) return false;
  if (data["actioncmds"].get(actions) && data["actioncommands"].get(actions)) return false;
  for (const dom::element each : tests) {
    dom::object test;
    if (each.get(test)) return false;
    const auto name = TextOf(test, "id") ? TextOf(test, "id") : TextOf(test, "test");
    if (!name) return false;
    offer.tests[*name] = TextsOf(test, "comparisons")
                             ? *TextsOf(test, "comparisons")
                             : TextsOf(test, "comparison").value_or(std::vector<std::string>{});
  }
  for (const dom::element each : actions) {
    std::string_view name;
    dom::object action;
    if (!each.get(name))
      offer.actions.emplace_back(name);
    else if (!each.get(action))
      offer.actions.push_back(TextOf(action, "id") ? *TextOf(action, "id") : TextOf(action, "action").value_or(""));
    else
      return false;
  }
  return true;
}

// `take` gets what `text` is, or its `data`.
template <class Take>
bool Parsed(std::string_view text, bool envelope, Take take) {
  dom::parser parser;
  dom::element root, data;
  if (parser.parse(text.data(), text.size()).get(root)) return false;
  if (!envelope) return take(root);
  return !root["data"].get(data) && take(data);
}

}  // namespace

bool SaysTheSame(std::int64_t version, std::int64_t other) { return version >> kPlaceBits == other >> kPlaceBits; }

bool ReadRules(std::string_view data, std::vector<StoredRule>& rules) {
  return Parsed(data, false, [&](const dom::element& root) { return TakeRules(root, rules); });
}
bool ReadOffer(std::string_view data, FilterOffer& offer) {
  return Parsed(data, false, [&](const dom::element& root) { return TakeOffer(root, offer); });
}
bool ReadRuleList(std::string_view envelope, std::vector<StoredRule>& rules) {
  return Parsed(envelope, true, [&](const dom::element& data) { return TakeRules(data, rules); });
}
bool ReadOfferIn(std::string_view envelope, FilterOffer& offer) {
  return Parsed(envelope, true, [&](const dom::element& data) { return TakeOffer(data, offer); });
}

bool ReadRuleData(std::string_view data, const Ask& ask, Answer& answer) {
  std::vector<StoredRule> rules;
  if (!ReadRules(data, rules)) return false;
  const auto* fetch = std::get_if<ask::Fetch>(&ask);
  for (StoredRule& rule : rules) {
    std::string id = std::string(kRulesFolder) + ":" + std::to_string(rule.id);
    if (fetch == nullptr) {
      answer.heads.push_back({std::move(id), rule.version, {}});
    } else if (std::find(fetch->remote_ids.begin(), fetch->remote_ids.end(), id) != fetch->remote_ids.end()) {
      answer.rows.push_back(
          {std::move(id), std::string(kRulesFolder), rule.version, ItemType::kRule, std::move(rule.fields)});
    }
  }
  answer.cursor = kRulesState;
  return true;
}

}  // namespace outpost
