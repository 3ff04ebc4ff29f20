#include "tests/oxserver/fuzz_bodies.h"

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "tools/oxserver/logic.h"
#include "tools/oxserver/text.h"
#include "tools/oxserver/vcard_contact.h"

namespace outpost::oxserver::test {
namespace {

// One server for all inputs of a process; its clock stands still and nothing limits the rate.
struct Target {
  Target() {
    LogicOptions options;
    options.requests_per_window = options.logins_per_window = 0;
    logic = std::move(Logic::Open(options, clock, random, NullLog())).value();
    const auto answer = logic->Handle({"POST",
                                       "/ajax/login?action=login",
                                       {{"Content-Type", "application/x-www-form-urlencoded"}},
                                       "name=anna&password=secret"});
    session = nlohmann::json::parse(answer.body)["session"];
    for (const auto& [name, value] : answer.headers) {
      if (name == "Set-Cookie") cookies += value.substr(0, value.find(';')) + "; ";
    }
  }
  ManualClock clock{Millis{1'700'000'000'000}};
  SeededRandom random{1};
  std::unique_ptr<Logic> logic;
  std::string session;
  std::string cookies;
};

}  // namespace

void FuzzVcard(std::string_view input) {
  const CardFile file = ReadCards(input);
  for (const auto& card : file.cards) {
    const auto draft = ToContact(card);
    for (const auto& [name, value] : draft.fields) OUTPOST_CHECK(IsUtf8(value));
    OUTPOST_CHECK(nlohmann::json::accept(FieldsToJson(ContactColumns(), draft.fields)));
  }
  for (const auto& failure : file.failures) OUTPOST_CHECK(failure.line > 0);
}

void FuzzRequest(std::string_view input) {
  static Target target;
  const auto line = input.substr(0, input.find('\n'));
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos || line.find("action=logout") != std::string_view::npos) return;
  HttpRequest request{
      std::string(line.substr(0, blank)), std::string(line.substr(blank + 1)), {{"Cookie", target.cookies}}, {}};
  request.target += (request.target.find('?') == std::string::npos ? "?session=" : "&session=") + target.session;
  if (line.size() < input.size()) request.body = input.substr(line.size() + 1);
  if (request.target.find("/import") != std::string::npos)
    request.headers.emplace_back("Content-Type", "multipart/form-data; boundary=x");
  const auto answer = target.logic->Handle(request);
  const auto type = FindHeader(answer.headers, "Content-Type");
  OUTPOST_CHECK(answer.status == 200 || answer.status == 400 || answer.status == 403 || answer.status == 404 ||
                answer.status == 405);
  if (type.find("javascript") != std::string_view::npos && !answer.body.empty())
    OUTPOST_CHECK(nlohmann::json::accept(answer.body));
}

}  // namespace outpost::oxserver::test
