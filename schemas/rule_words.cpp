#include "schemas/rule_words.h"

#include <algorithm>
#include <charconv>

namespace outpost {
namespace {

constexpr std::string_view kPlain[] = {"from", "to", "cc", "subject", "body"};
constexpr std::string_view kNamed[] = {"header:", "address:", "envelope:"};
constexpr std::string_view kRelations[] = {"contains", "is", "matches", "regex"};
constexpr std::string_view kBare[] = {"keep", "discard"};
constexpr std::string_view kWithArgument[] = {"move", "copy", "forward", "forward-copy", "reject", "mark"};
constexpr std::string_view kMarks[] = {"seen", "answered", "flagged", "deleted", "draft"};
constexpr int kMarkColors = 10;

template <class List>
bool IsAmong(const List& list, std::string_view wanted) {
  return std::find(std::begin(list), std::end(list), wanted) != std::end(list);
}

bool IsCount(std::string_view text) {
  std::uint64_t number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && end.ec == std::errc{} && end.ptr == text.data() + text.size();
}

// The word that `text` begins with, which goes from it with the space behind it.
std::string_view TakeWord(std::string_view& text) {
  const auto space = text.find(' ');
  const std::string_view word = text.substr(0, space);
  text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  return word;
}

bool IsNamed(std::string_view what) {
  return std::any_of(std::begin(kNamed), std::end(kNamed), [&](std::string_view prefix) {
    return what.substr(0, prefix.size()) == prefix && what.size() > prefix.size();
  });
}

bool IsMark(std::string_view mark) {
  constexpr std::string_view kColor = "color:";
  if (IsAmong(kMarks, mark)) return true;
  if (mark.substr(0, kColor.size()) == kColor) {
    int color = 0;
    const std::string_view digits = mark.substr(kColor.size());
    const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), color);
    return end.ec == std::errc{} && end.ptr == digits.data() + digits.size() && color >= 1 && color <= kMarkColors;
  }
  const auto stands = [](char c) {
    return c > ' ' && c <= '~' && std::string_view("\"%()*\\]{,").find(c) == std::string_view::npos;
  };
  return mark.size() > 1 && mark[0] == '$' && std::all_of(mark.begin(), mark.end(), stands);
}

bool AreMarks(std::string_view marks) {
  for (;;) {
    const auto comma = marks.find(',');
    if (!IsMark(marks.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    marks.remove_prefix(comma + 1);
  }
}

}  // namespace

std::optional<RuleCondition> ParseRuleCondition(std::string_view text) {
  RuleCondition condition;
  std::string_view word = TakeWord(text);
  if (word == "not") {
    condition.negated = true;
    word = TakeWord(text);
  }
  condition.what = word;
  const bool size = word == "size", named = IsNamed(word);
  if (!size && !named && !IsAmong(kPlain, word)) return std::nullopt;
  condition.relation = TakeWord(text);
  condition.value = text;
  if (condition.relation == "exists")
    return named && word.substr(0, 7) == "header:" && text.empty() ? std::optional(condition) : std::nullopt;
  const bool fits = size ? (condition.relation == "over" || condition.relation == "under") && IsCount(text)
                         : IsAmong(kRelations, condition.relation) && !text.empty();
  return fits ? std::optional(condition) : std::nullopt;
}

std::string RuleConditionText(const RuleCondition& condition) {
  std::string text = condition.negated ? "not " : "";
  text += condition.what + " " + condition.relation;
  return condition.value.empty() ? text : text + " " + condition.value;
}

std::optional<RuleAction> ParseRuleAction(std::string_view text) {
  RuleAction action;
  action.verb = TakeWord(text);
  action.argument = text;
  if (IsAmong(kBare, action.verb)) return text.empty() ? std::optional(action) : std::nullopt;
  if (!IsAmong(kWithArgument, action.verb) || text.empty()) return std::nullopt;
  if (action.verb == "mark" && !AreMarks(text)) return std::nullopt;
  return action;
}

std::string RuleActionText(const RuleAction& action) {
  return action.argument.empty() ? action.verb : action.verb + " " + action.argument;
}

}  // namespace outpost
