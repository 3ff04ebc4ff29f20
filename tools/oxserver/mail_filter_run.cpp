// What rules do with a mail that arrives, as Sieve (RFC 5228, 5230) has it.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>

#include "tools/oxserver/mail.h"
#include "tools/oxserver/mail_filter.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDayOfMs = 86'400'000;
constexpr std::size_t kRegexMax = 200, kRegexTextMax = 2'000;  // longer ones take for ever
constexpr int kLoopsMax = 5;

std::string OwnAddress(const Account& account) { return account.name + "@example.com"; }

bool Compares(const std::string& comparison, const std::string& wanted, std::string_view text) {
  const std::string value = Folded(text), pattern = Folded(wanted);
  if (comparison == "contains") return value.find(pattern) != std::string::npos;
  if (comparison == "is") return value == pattern;
  if (comparison == "matches") return WildcardMatch(pattern, value);
  if (wanted.size() > kRegexMax || text.size() > kRegexTextMax) return false;
  try {
    return std::regex_search(std::string(text), std::regex(wanted, std::regex::icase | std::regex::extended));
  } catch (const std::regex_error&) {
    return false;
  }
}

bool AnyCompares(const Json& test, const std::vector<std::string>& texts) {
  const std::string comparison = test["comparison"];
  for (const auto& wanted : test["values"])
    for (const auto& text : texts)
      if (Compares(comparison, wanted.get_ref<const std::string&>(), text)) return true;
  return false;
}

std::string Shown(const MailAddress& address) {
  return address.name.empty() ? address.mail : address.name + " <" + address.mail + ">";
}

// The texts of all headers that the test names.
std::vector<std::string> HeadersIn(const Json& test, const MailFacts& facts, bool addresses_only) {
  std::vector<std::string> texts;
  for (const auto& each : test["headers"]) {
    const auto& name = each.get_ref<const std::string&>();
    const auto* list = EqualNoCase(name, "From") ? &facts.from
                       : EqualNoCase(name, "To") ? &facts.to
                       : EqualNoCase(name, "Cc") ? &facts.cc
                                                 : nullptr;
    if (list != nullptr) {
      for (const auto& address : *list) texts.push_back(addresses_only ? address.mail : Shown(address));
    } else if (EqualNoCase(name, "Subject") && !addresses_only) {
      texts.push_back(facts.subject);
    } else if (!addresses_only) {
      for (const auto& [header, value] : facts.headers)
        if (EqualNoCase(header, name)) texts.push_back(value);
    }
  }
  return texts;
}

std::int64_t DayIn(const Zone& zone, std::int64_t now) {
  const std::int64_t local = zone.ToTime(now);
  return local - local % kDayOfMs;
}

bool IsDay(World& world, const Account& account, const Json& test) {
  const std::int64_t wanted = test["datevalue"][0].get<std::int64_t>();
  std::int64_t today = DayIn(world.zones.Find(account.timezone), world.stamps.Now());
  if (test["datepart"] == "weekday") today = (today / kDayOfMs + 4) % 7;  // 1970 began on a Thursday
  const std::string comparison = test["comparison"];
  return comparison == "ge" ? today >= wanted : comparison == "le" ? today <= wanted : today == wanted;
}

std::vector<std::string> Recipients(const MailFacts& facts) {
  std::vector<std::string> all;
  for (const auto* list : {&facts.to, &facts.cc})
    for (const auto& address : *list) all.push_back(address.mail);
  return all;
}

void TakeFlags(const Json& action, MailFate& fate) {
  constexpr std::pair<const char*, int> kNames[] = {{"\\seen", kSeen},
                                                    {"\\answered", kAnswered},
                                                    {"\\flagged", kFlagged},
                                                    {"\\deleted", kDeleted},
                                                    {"\\draft", kDraft}};
  if (action["id"] == "setflags") fate.flags = fate.color = 0;
  for (const auto& each : action["flags"]) {
    const std::string flag = Lower(each.get_ref<const std::string&>());
    for (const auto& [name, bit] : kNames)
      if (flag == name) fate.flags |= bit;
    if (flag.substr(0, 4) == "$cl_") fate.color = static_cast<int>(ParseNumber(flag.substr(4)).value_or(0));
  }
}

std::string HeaderText(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\r' || c == '\n'; }, ' ');
  return line;
}

MailFate::Leaving Reply(World& world, const std::string& from, const std::string& to, const std::string& subject,
                        const MailFacts& about, const std::string& text) {
  std::string bytes = "From: " + HeaderText(from) + "\r\nTo: " + to + "\r\nSubject: " + HeaderText(subject) +
                      "\r\nMessage-ID: <" + MakeUuid(world.random) +
                      "@example.com>\r\nIn-Reply-To: " + about.message_id + "\r\nReferences: " + about.message_id +
                      "\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
                      "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
                      text + "\r\n";
  return {to, std::move(bytes)};
}

// Whom an absent person does not answer (RFC 5230, 4.5 and 4.6).
bool MayAnswer(const Account& account, const Json& action, const MailFacts& facts, const std::string& sender) {
  const std::string own = OwnAddress(account);
  const auto automatic = facts.Header("Auto-Submitted");
  if (sender.empty() || EqualNoCase(sender, own) || (automatic && !EqualNoCase(*automatic, "no")) ||
      facts.Header("List-Id") || facts.Header("Precedence"))
    return false;
  for (const std::string& to : Recipients(facts)) {
    if (EqualNoCase(to, own)) return true;
    for (const auto& address : action.value("addresses", Json::array()))
      if (address.is_string() && EqualNoCase(address.get_ref<const std::string&>(), to)) return true;
  }
  return false;
}

void Vacation(World& world, const Account& account, const Json& action, const MailSource& mail,
              const std::string& sender, MailFate& fate) {
  if (!MayAnswer(account, action, mail.facts, sender)) return;
  const std::string path = "vacation/" + std::to_string(account.id);
  const auto stored = world.state.FindSetting(0, path);
  Json answered = stored ? Json::parse(*stored) : Json::object();
  // Another text is another answer.
  const std::string key =
      Lower(sender) + " " +
      std::to_string(std::hash<std::string>()(action.value("subject", "") + action.value("text", "")));
  const std::int64_t now = world.stamps.Now();
  const std::int64_t days = ScalarNumber(action["days"]).value_or(1);
  if (answered.contains(key) && now < answered[key].get<std::int64_t>() + days * kDayOfMs) return;
  answered[key] = now;
  world.state.PutSetting(0, path, answered.dump());
  std::string from = OwnAddress(account);
  if (const auto given = action.find("from"); given != action.end() && given->is_array() && !given->empty())
    from = given->size() == 1 ? (*given)[0].get<std::string>()
                              : (*given)[0].get<std::string>() + " <" + (*given)[1].get<std::string>() + ">";
  const std::string subject = action.value("subject", "");
  fate.leaving.push_back(Reply(world, from, sender, subject.empty() ? "Re: " + mail.facts.subject : subject, mail.facts,
                               action["text"].get<std::string>()));
}

}  // namespace

std::shared_ptr<const MailSource> MakeMailSource(std::string bytes) {
  auto source = std::make_shared<MailSource>();
  source->facts = ReadMailFacts(bytes);
  source->bytes = std::move(bytes);
  return source;
}

bool MatchesRule(World& world, const Account& account, const Json& test, const MailSource& mail,
                 const std::string& sender) {
  const std::string id = test["id"];
  const auto matches = [&](const Json& one) { return MatchesRule(world, account, one, mail, sender); };
  if (id == "true") return true;
  if (id == "not") return !matches(test["test"]);
  if (id == "allof") return std::all_of(test["tests"].begin(), test["tests"].end(), matches);
  if (id == "anyof") return std::any_of(test["tests"].begin(), test["tests"].end(), matches);
  if (id == "header") return AnyCompares(test, HeadersIn(test, mail.facts, false));
  if (id == "address") return AnyCompares(test, HeadersIn(test, mail.facts, true));
  if (id == "envelope") {
    std::vector<std::string> texts;
    for (const auto& part : test["headers"]) {
      if (EqualNoCase(part.get_ref<const std::string&>(), "from")) texts.push_back(sender);
      if (EqualNoCase(part.get_ref<const std::string&>(), "to")) texts.push_back(OwnAddress(account));
    }
    return AnyCompares(test, texts);
  }
  if (id == "exists")
    return std::all_of(test["headers"].begin(), test["headers"].end(), [&](const Json& name) {
      return mail.facts.Header(name.get_ref<const std::string&>()).has_value();
    });
  if (id == "body") {
    std::vector<std::string> texts;
    for (const MailPart& part : ReadMailParts(mail.bytes))
      if (part.is_text) texts.push_back(part.content);
    return AnyCompares(test, texts);
  }
  if (id == "size") {
    const auto size = static_cast<std::int64_t>(mail.bytes.size());
    return test["comparison"] == "over" ? size > test["size"].get<std::int64_t>()
                                        : size < test["size"].get<std::int64_t>();
  }
  return id == "currentdate" && IsDay(world, account, test);
}

MailFate ApplyRules(World& world, const Account& account, const MailSource& mail, const std::string& sender,
                    int loops) {
  MailFate fate;
  bool keeps = true;   // as long as nothing else was done with it
  bool asked = false;  // to be kept
  bool stops = false;
  const Folder* inbox = SpecialFolder(world, account.id, "INBOX");
  for (const auto& rule : RulesOf(world, account.id)) {
    if (stops || !rule.value("active", false) || !MatchesRule(world, account, rule["test"], mail, sender)) continue;
    for (const auto& action : rule["actioncmds"]) {
      const std::string id = action["id"];
      const bool copies = action.value("copy", false);
      if (id == "stop") {
        stops = true;
        break;
      }
      if (id == "keep") asked = true;
      if (id == "discard") keeps = false;
      if (id == "addflags" || id == "setflags") TakeFlags(action, fate);
      if (id == "move") {
        const auto folder = FindMailFolder(world, account.id, action["into"].get<std::string>());
        if (!folder) continue;  // it stays where it would be
        if (std::find(fate.folders.begin(), fate.folders.end(), folder.value()) == fate.folders.end())
          fate.folders.push_back(folder.value());
        keeps = keeps && copies;
      }
      if (id == "redirect" && loops < kLoopsMax) {
        fate.leaving.push_back({action["to"].get<std::string>(), mail.bytes});
        keeps = keeps && copies;
      }
      if (id == "reject") {
        if (!sender.empty())
          fate.leaving.push_back(Reply(world, OwnAddress(account), sender, "Rejected: " + mail.facts.subject,
                                       mail.facts, action["text"].get<std::string>()));
        keeps = false;
      }
      if (id == "vacation") Vacation(world, account, action, mail, sender, fate);
    }
  }
  if ((keeps || asked) && inbox != nullptr &&
      std::find(fate.folders.begin(), fate.folders.end(), inbox) == fate.folders.end())
    fate.folders.push_back(inbox);
  return fate;
}

}  // namespace outpost::oxserver
