#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

const std::string kRules = "mailfilter/v2?action=";

// A user who has rules, and one who writes to him.
struct FilterBench {
  explicit FilterBench(LogicOptions options = {}) : bench(std::move(options)), anna(bench), bert(bench, "bert") {}
  Json Rules(const std::string& more = {}) { return anna.Get(kRules + "list" + more)["data"]; }
  std::string Names() {
    std::string names;
    for (const auto& rule : Rules()) names += rule["rulename"].get<std::string>() + " ";
    return names;
  }
  Json New(const std::string& name, const Json& test, const Json& actions, Json more = Json::object()) {
    more.update({{"rulename", name}, {"test", test}, {"actioncmds", actions}});
    return anna.Put(kRules + "new", more);
  }
  void Write(const std::string& subject, const std::string& more = {}, const std::string& body = "Hello\r\n") {
    const std::string bytes = "From: Bert <bert@example.com>\r\nTo: anna@example.com\r\nSubject: " + subject +
                              "\r\nMessage-ID: <" + subject + "@t>\r\n" + more + "\r\n" + body;
    const auto answer =
        Json::parse(bert.Raw("PUT", "mail?action=new&session=" + bert.session, bytes, "text/plain").body);
    REQUIRE_FALSE(answer.contains("error"));
  }
  static std::string Subjects(Client& client, const std::string& folder, const std::string& columns = "607") {
    return client.Get("mail?action=all&folder=" + folder + "&columns=" + columns + "&sort=600&order=asc")["data"]
        .dump();
  }
  Bench bench;
  Client anna, bert;
};

Json Header(const char* name, const char* comparison, const char* value) {
  return {{"id", "header"}, {"comparison", comparison}, {"headers", {name}}, {"values", {value}}};
}

}  // namespace

TEST_CASE("mail filters: made, changed, put in order and deleted, and malformed ones refused", "[oxserver][mail]") {
  FilterBench filters;
  const Json subject = Header("Subject", "contains", "x"), keep = Json::array({{{"id", "keep"}}});
  const Json offer = filters.anna.Get(kRules + "config")["data"];
  CHECK(offer["tests"].size() == 11);
  CHECK(offer["options"]["allowNestedTests"] == true);
  CHECK(filters.Rules() == Json::array());
  CHECK(filters.New("a", subject, keep)["data"] == 1);
  CHECK(filters.New("b", subject, keep, {{"flags", {"vacation"}}})["data"] == 2);
  CHECK(filters.New("c", subject, keep, {{"position", 0}, {"active", false}})["data"] == 3);
  CHECK(filters.Names() == "c a b ");
  CHECK(filters.Rules()[0] == Json{{"id", 3},
                                   {"position", 0},
                                   {"rulename", "c"},
                                   {"active", false},
                                   {"flags", Json::array()},
                                   {"test", subject},
                                   {"actioncmds", keep}});
  CHECK(filters.Rules("&flag=vacation").size() == 1);
  filters.anna.Put(kRules + "update", {{"id", 1}, {"rulename", "A"}, {"active", false}});
  CHECK(filters.Rules()[1]["rulename"] == "A");
  CHECK(filters.Rules()[1]["test"] == subject);
  filters.anna.Put(kRules + "reorder", Json::array({2, 1, 3}));
  CHECK(filters.Names() == "b A c ");
  filters.anna.Put(kRules + "update", {{"id", 2}, {"position", 2}});
  CHECK(filters.Names() == "A c b ");
  filters.anna.Put(kRules + "delete", {{"id", 3}});
  CHECK(filters.Names() == "A b ");
  CHECK(filters.New("again", subject, keep)["data"] == 4);  // no number is given twice
  CHECK(filters.bert.Get(kRules + "list")["data"] == Json::array());

  const auto code = [](const Json& answer) { return answer.value("code", ""); };
  CHECK(code(filters.anna.Put(kRules + "delete", {{"id", 3}})) == "MAIL_FILTER-0011");
  CHECK(code(filters.anna.Put(kRules + "update", {{"id", 9}, {"active", true}})) == "MAIL_FILTER-0011");
  CHECK(code(filters.anna.Put(kRules + "reorder", Json::array({9}))) == "MAIL_FILTER-0011");
  CHECK(code(filters.New("n\nm", subject, keep)) == "MAIL_FILTER-0003");
  CHECK(code(filters.New("f", subject, keep, {{"flags", {"no_flag"}}})) == "MAIL_FILTER-0003");
  CHECK(code(filters.New("p", subject, keep, {{"position", 9}})) == "MAIL_FILTER-0009");
  CHECK(code(filters.New("t", {{"id", "duplicate"}}, keep)) == "MAIL_FILTER-0004");
  CHECK(code(filters.New("t", Header("Subject", "over", "x"), keep)) == "MAIL_FILTER-0005");
  CHECK(code(filters.New("t", {{"id", "allof"}, {"tests", Json::array()}}, keep)) == "MAIL_FILTER-0005");
  CHECK(code(filters.New("a", subject, Json::array({{{"id", "pgp"}}}))) == "MAIL_FILTER-0006");
  CHECK(code(filters.New("a", subject, Json::array({{{"id", "move"}}}))) == "MAIL_FILTER-0007");
  CHECK(code(filters.New("a", subject, Json::array({{{"id", "redirect"}, {"to", "nobody"}}}))) == "MAIL_FILTER-0010");
  CHECK(code(filters.anna.Put(kRules + "new", {{"rulename", "x"}, {"test", subject}})) == "SVL-0002");
  LogicOptions none;
  none.mail_filters = false;
  CHECK(code(FilterBench(none).anna.Get(kRules + "config")) == "SVL-0007");
}

TEST_CASE("mail filters: what a mail fits is done with it, in order, until one says stop", "[oxserver][mail]") {
  FilterBench filters;
  const auto make = [&](const Json& test, const Json& actions) {
    REQUIRE_FALSE(filters.New("r", test, actions).contains("error"));
  };
  const Json to_trash{{"id", "move"}, {"into", "default0/Trash"}}, stop{{"id", "stop"}};
  make({{"id", "anyof"}, {"tests", {Header("Subject", "is", "move"), Header("X-Kind", "matches", "ne?s*")}}},
       {{{"id", "addflags"}, {"flags", {"\\seen", "$cl_3"}}}, to_trash, stop});
  make({{"id", "not"}, {"test", {{"id", "size"}, {"comparison", "under"}, {"size", 2000}}}},
       Json::array({{{"id", "discard"}}}));
  make({{"id", "body"}, {"comparison", "contains"}, {"extensionskey", "text"}, {"values", {"for both"}}},
       {{{"id", "move"}, {"into", "default0/Drafts"}, {"copy", true}},
        {{"id", "redirect"}, {"to", "bert@example.com"}, {"copy", true}}});
  make({{"id", "allof"}, {"tests", {Header("From", "regex", "^bert"), Header("Subject", "contains", "REFUSE")}}},
       Json::array({{{"id", "reject"}, {"text", "no thanks"}}}));
  make({{"id", "true"}}, Json::array({{{"id", "setflags"}, {"flags", {"\\flagged"}}}}));
  make(Header("Subject", "is", "lost"), Json::array({{{"id", "move"}, {"into", "default0/Nowhere"}}}));
  filters.Write("move");
  filters.Write("news", "X-Kind: News today\r\n");
  filters.Write("large", "", std::string(3000, 'x') + "\r\n");
  filters.Write("copy", "", "this is for both\r\n");
  filters.Write("please refuse");
  filters.Write("lost");
  CHECK(FilterBench::Subjects(filters.anna, "default0/Trash", "607,611,102") == R"([["move",112,3],["news",112,3]])");
  CHECK(FilterBench::Subjects(filters.anna, "default0/INBOX", "607,611") == R"([["copy",24],["lost",24]])");
  CHECK(FilterBench::Subjects(filters.anna, "default0/Drafts") == R"([["copy"]])");
  CHECK(FilterBench::Subjects(filters.bert, "default0/INBOX") == R"([["copy"],["Rejected: please refuse"]])");
}

TEST_CASE("mail filters: an absent user answers each sender once in so many days, in his period", "[oxserver][mail]") {
  LogicOptions options;
  options.session_idle = Millis{100'000'000'000};
  FilterBench filters(options);
  const auto day = [&](std::int64_t days) {
    return (filters.bench.clock.WallNow().count() / 86'400'000 + days) * 86'400'000;
  };
  const auto bound = [&](const char* comparison, std::int64_t days) {
    return Json{{"id", "currentdate"}, {"comparison", comparison}, {"datepart", "date"}, {"datevalue", {day(days)}}};
  };
  const Json notice{
      {"id", "vacation"}, {"days", 3}, {"addresses", Json::array()}, {"subject", "Away"}, {"text", "Back soon"}};
  const Json made = filters.New("v", {{"id", "allof"}, {"tests", {bound("ge", 1), bound("le", 9)}}},
                                Json::array({notice}), {{"flags", {"vacation"}}});
  REQUIRE_FALSE(made.contains("error"));
  CHECK(filters.Rules()[0]["actioncmds"][0]["days"] == "3");
  const auto answers = [&] { return FilterBench::Subjects(filters.bert, "default0/INBOX"); };
  filters.Write("early");
  CHECK(answers() == "[]");
  filters.bench.clock.Advance(Millis{86'400'000});
  filters.Write("one");
  filters.Write("two");
  CHECK(answers() == R"([["Away"]])");
  CHECK(FilterBench::Subjects(filters.anna, "default0/INBOX") == R"([["early"],["one"],["two"]])");
  filters.bench.clock.Advance(Millis{3 * 86'400'000});
  filters.Write("list", "List-Id: <l.example.org>\r\n");
  filters.Write("machine", "Auto-Submitted: auto-generated\r\n");
  CHECK(answers() == R"([["Away"]])");
  filters.Write("three");
  CHECK(answers() == R"([["Away"],["Away"]])");
  filters.anna.Put(kRules + "update", {{"id", made["data"]}, {"active", false}});
  filters.bench.clock.Advance(Millis{4 * 86'400'000});
  filters.Write("off");
  CHECK(answers() == R"([["Away"],["Away"]])");
}
