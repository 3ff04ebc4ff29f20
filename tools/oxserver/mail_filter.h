#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tools/oxserver/world.h"

// Mail filters (http-api.md 11): rules that run when a mail arrives, one list for each user. Threads: one.
namespace outpost::oxserver {

// The module `mailfilter/v2`.
Api<Answer> HandleMailFilter(World& world, const Request& request);

// What a user's rules make of a mail that is about to arrive.
struct MailFate {
  struct Leaving {
    std::string to;
    std::string bytes;
  };
  std::vector<const Folder*> folders;  // each gets one; none: it arrives nowhere
  int flags = 0;
  int color = 0;
  std::vector<Leaving> leaving;  // mails that follow from it: sent on, refused, or answered in absence
};
// `sender` is whom the mail is from by its envelope; `loops`: how often it was sent on already.
MailFate ApplyRules(World& world, const Account& account, const MailSource& mail, const std::string& sender, int loops);

// Whether a mail fits the `test` of a rule; for what is stored, so never malformed.
bool MatchesRule(World& world, const Account& account, const nlohmann::json& test, const MailSource& mail,
                 const std::string& sender);

// The rules of a user as they are stored; empty: he has none.
nlohmann::json RulesOf(const World& world, int user);
std::shared_ptr<const MailSource> MakeMailSource(std::string bytes);

}  // namespace outpost::oxserver
