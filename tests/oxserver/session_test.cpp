#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

TEST_CASE("login: the answer carries its fields without data, and cookies that are HttpOnly", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto answer =
      client.Raw("POST", "login?action=login", "name=bert&password=secret", "application/x-www-form-urlencoded");
  const Json body = Json::parse(answer.body);
  CHECK(body["session"].get<std::string>().size() == 32);
  CHECK(body["user_id"] == 4);
  CHECK_FALSE(body.contains("data"));
  CHECK(FindHeader(answer.headers, "Set-Cookie").find("open-xchange-secret-") == 0);
  CHECK(FindHeader(answer.headers, "Set-Cookie").find("HttpOnly") != std::string_view::npos);
}

TEST_CASE("login: wrong credentials, a password in the URL and a missing field are refused", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto code = [&](const std::string& target, const std::string& form) {
    return CodeOf(Json::parse(client.Raw("POST", target, form, "application/x-www-form-urlencoded").body));
  };
  CHECK(code("login?action=login", "name=anna&password=wrong") == "LGI-0006");
  CHECK(code("login?action=login", "name=nobody&password=secret") == "LGI-0006");
  CHECK(code("login?action=login&name=anna&password=secret", "") == "SVL-0018");
  CHECK(code("login?action=login", "name=anna") == "SVL-0002");
}

TEST_CASE("session: id and secret cookie must belong together", "[oxserver]") {
  Bench bench;
  Client anna(bench), bert(bench, "bert");
  CHECK(CodeOf(Json::parse(anna.Raw("GET", "user/me").body)) == "SES-0201");
  CHECK(CodeOf(Json::parse(anna.Raw("GET", "user/me?session=unknown").body)) == "SES-0203");
  CHECK(CodeOf(Json::parse(anna.Raw("GET", "user/me?session=" + bert.session).body)) == "SES-0206");
  anna.cookies.clear();
  CHECK(CodeOf(anna.Get("user/me")) == "SES-0206");
}

TEST_CASE("session: the cookie's name varies with User-Agent and client", "[oxserver]") {
  Bench bench;
  Client one(bench, "anna", "agent one"), two(bench, "anna", "agent two");
  CHECK(one.cookies.substr(0, one.cookies.find('=')) != two.cookies.substr(0, two.cookies.find('=')));
  Client other(bench, "anna", "agent two");
  other.session = one.session;
  other.cookies = one.cookies;
  CHECK(CodeOf(other.Get("user/me")) == "SES-0206");
}

TEST_CASE("session: it expires when idle, and each use keeps it", "[oxserver]") {
  Bench bench;
  Client client(bench);
  bench.clock.Advance(std::chrono::minutes(59));
  CHECK(client.Get("user/me").contains("data"));
  bench.clock.Advance(std::chrono::minutes(59));
  CHECK(client.Get("user/me").contains("data"));
  bench.clock.Advance(std::chrono::minutes(61));
  CHECK(CodeOf(client.Get("user/me")) == "SES-0203");
}

TEST_CASE("session: logout answers nothing, expires the cookies and ends it", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const auto answer = client.Raw("GET", "login?action=logout&session=" + client.session);
  CHECK(answer.body.empty());
  CHECK(FindHeader(answer.headers, "Set-Cookie").find("Max-Age=0") != std::string_view::npos);
  CHECK(CodeOf(client.Get("user/me")) == "SES-0203");
  CHECK(client.Raw("GET", "login?action=logout&session=" + client.session).status == 403);
}

TEST_CASE("session: store gives the cookie with which autologin finds it again", "[oxserver]") {
  Bench bench;
  Client client(bench);
  CHECK(CodeOf(Json::parse(client.Raw("GET", "login?action=autologin&client=test").body)) == "SES-0203");
  const auto stored = client.Raw("GET", "login?action=store&session=" + client.session);
  client.cookies.clear();
  for (const auto& [name, value] : stored.headers) {
    if (name == "Set-Cookie") client.cookies += value.substr(0, value.find(';')) + "; ";
  }
  CHECK(Json::parse(client.Raw("GET", "login?action=autologin&client=test").body)["session"] == client.session);
}

TEST_CASE("session: too many of one user, and a login attempt made twice, are refused", "[oxserver]") {
  LogicOptions options;
  options.sessions_per_user = 2;
  Bench bench(options);
  Client one(bench), two(bench), three(bench);
  CHECK(three.session.empty());
  const auto login = [&] {
    return Json::parse(
        one.Raw("POST", "login?action=login&authId=x", "name=bert&password=secret", "application/x-www-form-urlencoded")
            .body);
  };
  CHECK(login().contains("session"));
  CHECK(CodeOf(login()) == "SES-0008");
}

TEST_CASE("rate limit: 429 with Retry-After, for requests and for logins; not in process", "[oxserver]") {
  LogicOptions options;
  options.requests_per_window = 5;
  options.logins_per_window = 2;
  Bench bench(options);
  Client client(bench);
  HttpResponse answer;
  for (int i = 0; i < 6; ++i) answer = client.Raw("GET", "user/me?session=" + client.session);
  CHECK(answer.status == 429);
  CHECK(FindHeader(answer.headers, "Content-Type").find("text/plain") == 0);
  CHECK(ParseNumber(FindHeader(answer.headers, "Retry-After")).value_or(0) > 0);
  HandleOptions inside;
  inside.origin = Origin::kInProcess;
  CHECK(client.Get("user/me", inside).contains("data"));
  bench.clock.Advance(std::chrono::minutes(5) + std::chrono::seconds(1));
  CHECK(client.Get("user/me").contains("data"));
  Client second(bench);
  Client third(bench);
  CHECK(third.Raw("POST", "login?action=login", "name=bert&password=secret", "application/x-www-form-urlencoded")
            .status == 429);
}

TEST_CASE("envelope: both prefixes, an unknown module, action, body and parameter are told as errors", "[oxserver]") {
  Bench bench;
  Client client(bench);
  CHECK(CodeOf(client.Get("nope?action=all")) == "SVL-0007");
  CHECK(CodeOf(client.Get("contacts?action=nope")) == "SVL-0001");
  CHECK(CodeOf(client.Get("contacts?action=all&columns=1")) == "SVL-0002");
  CHECK(CodeOf(client.Get("contacts?action=all&columns=x&folder=" + client.Folder())) == "SVL-0010");
  CHECK(CodeOf(Json::parse(client.Raw("PUT", "contacts?action=new&session=" + client.session, "{\"a\":").body)) ==
        "SVL-0012");
  CHECK(CodeOf(client.Get("contacts?action=new")) == "SVL-0014");
  const Json error = client.Get("contacts?action=nope");
  for (const char* field : {"error", "error_params", "error_id", "error_desc", "code", "categories", "category"})
    CHECK(error.contains(field));
  CHECK(error["categories"].is_string());
  client.prefix = "/appsuite/api/";
  CHECK(client.Get("user/me")["data"]["user_id"] == 3);
  client.prefix = "/elsewhere/";
  CHECK(client.Raw("GET", "user/me?session=" + client.session).status == 404);
}

TEST_CASE("config: nodes, and what may not be written", "[oxserver]") {
  Bench bench;
  Client client(bench);
  CHECK(client.Get("config/identifier")["data"] == 3);
  CHECK(client.Get("config/currentTime")["data"] == 1'700'000'000'000);
  CHECK(client.Get("config/tombstoneCleanup/timespan")["data"] == 7'257'600'000);
  CHECK(client.Put("config/gui", {{"data", {{"theme", "x"}}}}).contains("error") == false);
  CHECK(client.Get("config/gui")["data"]["theme"] == "x");
  CHECK(CodeOf(client.Put("config/identifier", {{"data", 9}})) == "USS-0002");
  CHECK(CodeOf(client.Get("config/none")) == "USS-0001");
}

TEST_CASE("user: 610 to 613 are not the yomi columns of contacts", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const Json rows = client.Get("user?action=all&columns=1,500,611,612")["data"];
  CHECK(rows == Json::parse(R"([[3,"Anna","Europe/Berlin","en_US"],[4,"Bert","Europe/Berlin","en_US"]])"));
  CHECK(client.Put("user?action=list&columns=1", Json::array({nullptr, 4}))["data"] == Json::parse("[[3],[4]]"));
  CHECK(client.Get("user?action=get&id=4")["data"]["login_info"] == "bert");
}
