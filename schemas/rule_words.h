#pragma once
#include <optional>
#include <string>
#include <string_view>

// What a rule asks of a mail and does with it, each a text of few words, so that it can be typed, listed and compared:
//   [not ]WHAT OPERATOR VALUE   from contains example.org, header:List-Id exists, size over 1000000
//   VERB[ ARGUMENT]             move default0/INBOX/Lists, mark seen,flagged, forward ada@example.org, discard
// Pure. Threads: any.
namespace outpost {

inline constexpr std::string_view kVacationRule = "vacation";  // field::kRuleKind of the notice of absence
inline constexpr std::string_view kMatchAll = "all", kMatchAny = "any", kMatchAlways = "always";

struct RuleCondition {
  bool negated = false;
  std::string what;      // from, to, cc, subject, body, size; header:NAME, address:NAME, envelope:NAME
  std::string relation;  // contains, is, matches, regex; exists (of a header); over, under (of size)
  std::string value;     // empty with exists; of size a number of bytes
};
// Nullopt for a text that is none.
std::optional<RuleCondition> ParseRuleCondition(std::string_view text);
std::string RuleConditionText(const RuleCondition& condition);

struct RuleAction {
  std::string verb;      // keep, discard; move, copy (the server's id of a folder); forward, forward-copy (an address);
                         // reject (a text); mark (seen, answered, flagged, deleted, draft, color:1 to color:10, $other)
  std::string argument;  // of mark: names with commas between them
};
std::optional<RuleAction> ParseRuleAction(std::string_view text);
std::string RuleActionText(const RuleAction& action);

}  // namespace outpost
