#pragma once
#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "tools/oxserver/logic.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver::test {

// A timestamp that is later than any change.
inline constexpr std::int64_t kFar = 9'000'000'000'000'000;

using Json = nlohmann::json;

// A server's logic with a clock that stands still until told, and the same random numbers every time.
struct Bench {
  explicit Bench(LogicOptions options = {}) {
    auto opened = Logic::Open(std::move(options), clock, random, NullLog());
    REQUIRE(opened);
    logic = std::move(opened).value();
  }
  ManualClock clock{Millis{1'700'000'000'000}};
  SeededRandom random{7};
  std::unique_ptr<Logic> logic;
};

// A client that keeps its cookies, as any browser does.
class Client {
 public:
  Client(Bench& bench, const std::string& user = "anna", const std::string& agent = "test")
      : bench_(bench), agent_(agent) {
    const auto answer = Raw("POST", "login?action=login&client=test", "name=" + user + "&password=secret",
                            "application/x-www-form-urlencoded");
    session = Json::parse(answer.body).value("session", "");
    for (const auto& [name, value] : answer.headers) {
      if (name == "Set-Cookie") cookies += (cookies.empty() ? "" : "; ") + value.substr(0, value.find(';'));
    }
  }

  HttpResponse Raw(const std::string& method, const std::string& target, const std::string& body = {},
                   const std::string& type = {}, const HandleOptions& how = {}) {
    HttpRequest request{method, prefix + target, {{"User-Agent", agent_}, {"Cookie", cookies}}, body};
    if (!type.empty()) request.headers.emplace_back("Content-Type", type);
    return bench_.logic->Handle(request, how);
  }
  // The parsed answer of a call with the session added.
  Json Get(const std::string& target, const HandleOptions& how = {}) {
    const auto answer =
        Raw("GET", target + (target.find('?') == std::string::npos ? "?" : "&") + "session=" + session, {}, {}, how);
    CHECK(answer.status == 200);
    return Json::parse(answer.body);
  }
  Json Put(const std::string& target, const Json& body, const HandleOptions& how = {}) {
    const auto answer = Raw("PUT", target + (target.find('?') == std::string::npos ? "?" : "&") + "session=" + session,
                            body.dump(), "application/json", how);
    CHECK(answer.status == 200);
    return Json::parse(answer.body);
  }

  std::string Folder() { return Get("config/folder/contacts")["data"]; }
  Json New(Json fields) {
    if (!fields.contains("folder_id")) fields["folder_id"] = Folder();
    return Put("contacts?action=new", fields);
  }
  Json Update(const std::string& id, std::int64_t timestamp, const Json& fields, const std::string& folder = {}) {
    return Put("contacts?action=update&id=" + id + "&folder=" + (folder.empty() ? Folder() : folder) +
                   "&timestamp=" + std::to_string(timestamp),
               fields);
  }
  Json Delete(std::int64_t timestamp, const Json& refs) {
    return Put("contacts?action=delete&timestamp=" + std::to_string(timestamp), refs);
  }
  Json Delta(std::int64_t since, const std::string& more = "&ignore=false", const std::string& folder = {}) {
    return Get("contacts?action=updates&columns=1,502&folder=" + (folder.empty() ? Folder() : folder) +
               "&timestamp=" + std::to_string(since) + more);
  }
  // Bert's rights in a folder of this user.
  Json Share(const std::string& folder, int user, std::int64_t bits) {
    Json list = Json::array({{{"entity", 3}, {"group", false}, {"bits", 403710016}}});
    if (bits != 0) list.push_back({{"entity", user}, {"group", false}, {"bits", bits}});
    return Put("folders?action=update&id=" + folder + "&timestamp=9000000000000000",
               {{"folder", {{"permissions", list}}}});
  }

  std::string session;
  std::string cookies;
  std::string prefix = "/ajax/";

 private:
  Bench& bench_;
  std::string agent_;
};

inline std::string CodeOf(const Json& envelope) { return envelope.value("code", ""); }

}  // namespace outpost::oxserver::test
