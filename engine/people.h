#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "journal/state.h"
#include "schemas/item_state.h"

namespace outpost {

// The server's directory as it was last told: users, groups and resources, each an item of type person whose remote id
// names it as rights and participants do ("user:4", "group:0", "resource:7"). It works offline. Threads: any.

struct PeopleQuery {
  std::string prefix;  // of a word of a name, of an address or of the name to sign in by; letter case and accents make
                       // no difference; empty: everybody
  std::string kind;    // "user", "group" or "resource"; empty: all of them
};
// Calls `visit` for each person that fits, in the order of their names, until it answers false. Errors: kCorrupt,
// kUnavailable.
Result<void> ForEachPerson(const StateReader& state, const PeopleQuery& query,
                           const std::function<bool(const ItemState&)>& visit);

// Whom `who` names: an id ("user:4"), or a display name, an address or a name to sign in by, whole, where letter case
// and accents make no difference. Of a group its members. Errors: kNotFound, kInvalid (several), those of
// ForEachPerson.
Result<std::vector<ItemState>> FindPeople(const StateReader& state, const std::string& who);

// Names by who they are of. Loads them all at once.
class PeopleNames {
 public:
  // Errors: those of ForEachPerson.
  static Result<PeopleNames> Load(const StateReader& state);
  // Empty where nobody is known by it, or he has no name.
  std::string_view Of(std::string_view who) const;
  // "user:4" of "user:4 accepted"; empty for a text that is not about somebody of the server.
  static std::string_view WhoIn(std::string_view text);

 private:
  std::map<std::string, std::string, std::less<>> names_;
};

}  // namespace outpost
