#include <algorithm>
#include <charconv>

#include "replicator/ox/rules.h"
#include "replicator/ox/server_error.h"
#include "schemas/folders.h"
#include "schemas/rule_words.h"

namespace outpost {
namespace {

const Value* InRule(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? &at->second : nullptr;
}

std::string TextIn(const FieldMap& fields, FieldId id) {
  const Value* value = InRule(fields, id);
  const auto* text = value != nullptr ? std::get_if<std::string>(value) : nullptr;
  return text != nullptr ? *text : std::string();
}

std::vector<std::string> TextsIn(const FieldMap& fields, FieldId id) {
  const Value* value = InRule(fields, id);
  const auto* texts = value != nullptr ? std::get_if<std::vector<std::string>>(value) : nullptr;
  return texts != nullptr ? *texts : std::vector<std::string>{};
}

std::optional<std::int64_t> NumberIn(const FieldMap& fields, FieldId id) {
  const Value* value = InRule(fields, id);
  const auto* number = value != nullptr ? std::get_if<std::int64_t>(value) : nullptr;
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

bool IsTrueInRule(const FieldMap& fields, FieldId id) {
  const Value* value = InRule(fields, id);
  return value != nullptr && *value == Value(true);
}

// Writes one rule's test and actions, and notes the first thing that the server does not offer.
class RuleWriter {
 public:
  RuleWriter(JsonWriter& json, const FilterOffer& offer) : json_(json), offer_(offer) {}

  void Test(const FieldMap& fields) {
    if (TextIn(fields, field::kRuleKind) == kVacationRule) return Period(fields);
    const auto conditions = TextsIn(fields, field::kRuleConditions);
    const std::string match = TextIn(fields, field::kRuleMatch);
    if (match == kMatchAlways || conditions.empty()) return Always();
    if (conditions.size() == 1) return Condition(conditions.front());
    const char* join = match == kMatchAny ? "anyof" : "allof";
    Need(join, "");
    json_.BeginObject().Pair("id", join).Key("tests").BeginArray();
    for (const std::string& condition : conditions) Condition(condition);
    json_.EndArray().EndObject();
  }

  void Actions(const FieldMap& fields) {
    json_.BeginArray();
    if (TextIn(fields, field::kRuleKind) == kVacationRule)
      Notice(fields);
    else
      for (const std::string& action : TextsIn(fields, field::kRuleActions)) Action(action);
    if (IsTrueInRule(fields, field::kRuleStop)) Begin("stop").EndObject();
    json_.EndArray();
  }

  const std::string& missing() const { return missing_; }

 private:
  void Miss(const std::string& what) {
    if (missing_.empty()) missing_ = what;
  }
  void Need(const std::string& test, const std::string& comparison) {
    const auto offered = offer_.tests.find(test);
    if (offered == offer_.tests.end()) return Miss("the test " + test);
    const auto& comparisons = offered->second;
    if (!comparison.empty() && std::find(comparisons.begin(), comparisons.end(), comparison) == comparisons.end())
      Miss("the test " + test + " by " + comparison);
  }
  JsonWriter& Begin(const char* action) {
    if (std::find(offer_.actions.begin(), offer_.actions.end(), action) == offer_.actions.end())
      Miss(std::string("the action ") + action);
    return json_.BeginObject().Pair("id", action);
  }

  void Always() {
    Need("true", "");
    json_.BeginObject().Pair("id", "true").EndObject();
  }

  void Condition(const std::string& text) {
    const auto condition = ParseRuleCondition(text);
    if (!condition) {
      Miss("a condition that is none");
      return Always();
    }
    if (condition->negated) {
      Need("not", "");
      json_.BeginObject().Pair("id", "not").Key("test");
    }
    const auto colon = condition->what.find(':');
    const std::string name = colon == std::string::npos ? "" : condition->what.substr(colon + 1);
    if (condition->what == "size") {
      Need("size", condition->relation);
      std::int64_t bytes = 0;
      std::from_chars(condition->value.data(), condition->value.data() + condition->value.size(), bytes);
      json_.BeginObject().Pair("id", "size").Pair("comparison", condition->relation).Key("size").Int(bytes).EndObject();
    } else if (condition->relation == "exists") {
      Need("exists", "");
      json_.BeginObject().Pair("id", "exists").Key("headers").BeginArray().Text(name).EndArray().EndObject();
    } else if (condition->what == "body") {
      Need("body", condition->relation);
      json_.BeginObject().Pair("id", "body").Pair("comparison", condition->relation).Pair("extensionskey", "text");
      json_.Key("values").BeginArray().Text(condition->value).EndArray().EndObject();
    } else {
      const std::string test = colon == std::string::npos ? "header" : condition->what.substr(0, colon);
      std::string header = name;
      if (header.empty()) {
        header = condition->what;
        header[0] = static_cast<char>(header[0] - 'a' + 'A');
      }
      Need(test, condition->relation);
      json_.BeginObject().Pair("id", test).Pair("comparison", condition->relation);
      json_.Key("headers").BeginArray().Text(header).EndArray();
      json_.Key("values").BeginArray().Text(condition->value).EndArray().EndObject();
    }
    if (condition->negated) json_.EndObject();
  }

  void Action(const std::string& text) {
    const auto action = ParseRuleAction(text);
    if (!action) return Miss("an action that is none");
    const std::string& verb = action->verb;
    if (verb == "move" || verb == "copy") {
      Begin("move").Pair("into", action->argument);
      if (verb == "copy") json_.Key("copy").Bool(true);
    } else if (verb == "forward" || verb == "forward-copy") {
      Begin("redirect").Pair("to", action->argument);
      if (verb == "forward-copy") json_.Key("copy").Bool(true);
    } else if (verb == "reject") {
      Begin("reject").Pair("text", action->argument);
    } else if (verb == "mark") {
      Begin("addflags").Key("flags").BeginArray();
      std::string_view rest = action->argument;
      for (;;) {
        const auto comma = rest.find(',');
        json_.Text(Flag(rest.substr(0, comma)));
        if (comma == std::string_view::npos) break;
        rest.remove_prefix(comma + 1);
      }
      json_.EndArray();
    } else {
      Begin(verb == "keep" ? "keep" : "discard");
    }
    json_.EndObject();
  }

  static std::string Flag(std::string_view mark) {
    constexpr std::string_view kColor = "color:";
    if (mark.substr(0, kColor.size()) == kColor) return "$cl_" + std::string(mark.substr(kColor.size()));
    return mark[0] == '$' ? std::string(mark) : "\\" + std::string(mark);
  }

  void PeriodEnd(const char* comparison, std::int64_t day) {
    Need("currentdate", comparison);
    json_.BeginObject().Pair("id", "currentdate").Pair("comparison", comparison).Pair("datepart", "date");
    json_.Key("datevalue").BeginArray().Int(day).EndArray().EndObject();
  }

  void Period(const FieldMap& fields) {
    const auto first = NumberIn(fields, field::kRuleFirstDay), last = NumberIn(fields, field::kRuleLastDay);
    if (!first && !last) return Always();
    if (first && last) {
      Need("allof", "");
      json_.BeginObject().Pair("id", "allof").Key("tests").BeginArray();
    }
    if (first) PeriodEnd("ge", *first);
    if (last) PeriodEnd("le", *last);
    if (first && last) json_.EndArray().EndObject();
  }

  void Notice(const FieldMap& fields) {
    Begin("vacation");
    json_.Key("days").Int(NumberIn(fields, field::kRuleDays).value_or(7));
    json_.Key("addresses").BeginArray();
    for (const std::string& address : TextsIn(fields, field::kRuleAddresses)) json_.Text(address);
    json_.EndArray();
    if (const std::string sender = TextIn(fields, field::kRuleSender); !sender.empty()) {
      const auto open = sender.rfind(" <");
      json_.Key("from").BeginArray();
      if (open != std::string::npos && sender.back() == '>')
        json_.Text(sender.substr(0, open)).Text(sender.substr(open + 2, sender.size() - open - 3));
      else
        json_.Text(sender);
      json_.EndArray();
    }
    json_.Pair("subject", TextIn(fields, field::kRuleSubject)).Pair("text", TextIn(fields, field::kRuleText));
    json_.EndObject();
  }

  JsonWriter& json_;
  const FilterOffer& offer_;
  std::string missing_;
};

bool HasAny(const FieldMap& fields, std::initializer_list<FieldId> ids) {
  return std::any_of(ids.begin(), ids.end(), [&](FieldId id) { return fields.contains(id); });
}

}  // namespace

bool IsAboutRules(const Ask& ask) { return TypeOf(ask) == ItemType::kRule; }
bool IsRuleWrite(const Ask& ask) { return IsAboutRules(ask) && IsWrite(ask); }

bool WriteRuleElement(JsonWriter& json, const char* module, const Ask& ask) {
  const bool offer = module == std::string_view(kRulesModule) && TypeOf(ask) == ItemType::kFolder;
  if (!offer && !IsAboutRules(ask)) return false;
  json.BeginObject().Pair("module", kRulesModule).Pair("action", offer ? "config" : "list").EndObject();
  return true;
}

std::optional<std::int64_t> RuleNumber(std::string_view remote_id) {
  if (remote_id.substr(0, kRulesFolder.size()) != kRulesFolder) return std::nullopt;
  remote_id.remove_prefix(std::min(remote_id.size(), kRulesFolder.size() + 1));
  std::int64_t number = 0;
  const auto end = std::from_chars(remote_id.data(), remote_id.data() + remote_id.size(), number);
  if (remote_id.empty() || end.ec != std::errc{} || end.ptr != remote_id.data() + remote_id.size()) return std::nullopt;
  return number;
}

std::string WriteRule(const FieldMap& fields, const StoredRule* stored, const FilterOffer& offer, Answer& refused) {
  FieldMap whole = stored != nullptr ? stored->fields : FieldMap{};
  for (const auto& [id, value] : fields) {
    if (IsNull(value))
      whole.erase(id);
    else
      whole[id] = value;
  }
  const bool is_new = stored == nullptr;
  const bool tests =
      is_new || HasAny(fields, {field::kRuleMatch, field::kRuleConditions, field::kRuleFirstDay, field::kRuleLastDay});
  const bool acts =
      is_new || HasAny(fields, {field::kRuleActions, field::kRuleStop, field::kRuleSubject, field::kRuleText,
                                field::kRuleDays, field::kRuleAddresses, field::kRuleSender});
  JsonWriter json;
  RuleWriter writer(json, offer);
  json.BeginObject();
  if (!is_new) json.Key("id").Int(stored->id);
  if (is_new || fields.contains(field::kRuleName)) json.Pair("rulename", TextIn(whole, field::kRuleName));
  if (is_new || fields.contains(field::kRuleActive)) json.Key("active").Bool(IsTrueInRule(whole, field::kRuleActive));
  if (const std::string kind = TextIn(whole, field::kRuleKind); is_new && !kind.empty())
    json.Key("flags").BeginArray().Text(kind).EndArray();
  if (tests) {
    json.Key("test");
    writer.Test(whole);
  }
  if (acts) {
    json.Key("actioncmds");
    writer.Actions(whole);
  }
  if (const auto position = NumberIn(whole, field::kRulePosition); is_new && position)
    json.Key("position").Int(*position);
  json.EndObject();
  std::string why = writer.missing();
  std::string code = "not_offered";
  if (why.empty() && whole.contains(field::kRuleVerbatim) && (tests || acts)) {
    code = "not_understood";
    why = "what the rule does now";
  }
  if (!why.empty()) {
    refused.status = AnswerStatus::kRefused;
    refused.code = code;
    refused.text = code == "not_offered" ? "this server's mail filters do not have " + why
                                         : "the rule says more than this version can, so its conditions and actions "
                                           "stay as they are";
  }
  return json.Take();
}

RemoteRow RulesFolderRow() {
  RemoteRow row;
  row.remote_id = kRulesFolder;
  row.folder = kRemotePrivateRoot;
  row.version = kRulesState;
  row.type = ItemType::kFolder;
  row.fields[field::kFolderTitle] = std::string("Mail rules");
  row.fields[field::kFolderModule] = std::string(ItemTypeName(ItemType::kRule));
  row.fields[field::kFolderType] = kFolderPrivate;
  return row;
}

}  // namespace outpost
