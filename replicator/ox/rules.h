#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "replicator/dialect.h"
#include "replicator/ox/json_writer.h"

// Mail filters (http-api.md 11). They lie in no folder, and nobody tells of changes: the dialect makes a folder of them
// that is followed as those of mails are, so that whatever holds for items holds for them. A rule whose test or actions
// say more than the words of schemas/rule_words.h is told whole (field::kRuleVerbatim), and these are never written.
// Threads: any.
namespace outpost {

// The id of that folder; ids of rules begin with it: "mailfilter:17".
inline constexpr std::string_view kRulesFolder = "mailfilter";
inline constexpr const char* kRulesModule = "mailfilter/v2";
// What ask::Examine tells of it, always: only a listing says what is other.
inline constexpr std::int64_t kRulesState = 1;

// What a server takes in rules: comparisons by test, and actions.
struct FilterOffer {
  std::map<std::string, std::vector<std::string>, std::less<>> tests;
  std::vector<std::string> actions;
};

// A rule as the server has it.
struct StoredRule {
  std::int64_t id = 0;
  std::int64_t version = 0;  // of all it says, and its place
  FieldMap fields;
};
// Whether two versions are of a rule that says the same, wherever it stands.
bool SaysTheSame(std::int64_t version, std::int64_t other);

bool IsAboutRules(const Ask& ask);
bool IsRuleWrite(const Ask& ask);
// Writes one element of `multiple`; false where the ask is not one about rules. A Folders ask gets the element that
// tells whether there are any (`module` is theirs).
bool WriteRuleElement(JsonWriter& json, const char* module, const Ask& ask);
// The server's number of a rule; nullopt for an id that is none.
std::optional<std::int64_t> RuleNumber(std::string_view remote_id);

// The body of `new`, or of `update` of the rule `stored`, where `fields` are what changes. `refused`: why there is
// none, since this server does not take what it says. Not the place.
std::string WriteRule(const FieldMap& fields, const StoredRule* stored, const FilterOffer& offer, Answer& refused);

// Reads the `data` of list and of config, as text. False where it is of another shape.
bool ReadRules(std::string_view data, std::vector<StoredRule>& rules);
bool ReadOffer(std::string_view data, FilterOffer& offer);
// The same of whole answers.
bool ReadRuleList(std::string_view envelope, std::vector<StoredRule>& rules);
bool ReadOfferIn(std::string_view envelope, FilterOffer& offer);
// What a list means for a Listing or a Fetch.
bool ReadRuleData(std::string_view data, const Ask& ask, Answer& answer);
// The row of the folder of rules.
RemoteRow RulesFolderRow();

}  // namespace outpost
