#include "tests/oxserver/harness.h"

using namespace outpost;
using namespace outpost::oxserver;
using namespace outpost::oxserver::test;

namespace {

HttpResponse Multiple(Client& client, const std::string& body) {
  return client.Raw("PUT", "multiple?session=" + client.session, body, "application/json");
}

}  // namespace

TEST_CASE("multiple: a bare array, each element by itself", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const std::string folder = client.Folder();
  const Json answers = client.Put(
      "multiple", {{{"module", "contacts"}, {"action", "new"}, {"data", {{"folder_id", folder}, {"last_name", "a"}}}},
                   {{"module", "contacts"}, {"action", "nope"}},
                   {{"module", "login"}, {"action", "login"}},
                   {{"module", "folders"}, {"action", "get"}, {"id", std::stoi(folder)}},
                   {{"module", "contacts"}, {"action", "new"}, {"data", {{"folder_id", folder}, {"last_name", "b"}}}}});
  REQUIRE(answers.is_array());
  REQUIRE(answers.size() == 5);
  CHECK(answers[0].contains("data"));
  CHECK(CodeOf(answers[1]) == "SVL-0001");
  CHECK(CodeOf(answers[2]) == "SVL-0007");
  CHECK(answers[3]["data"]["id"] == folder);
  CHECK(answers[4]["timestamp"] > answers[0]["timestamp"]);
}

TEST_CASE("multiple: no session, broken JSON and a missing module are an HTTP 400 page", "[oxserver]") {
  Bench bench;
  Client client(bench);
  CHECK(Multiple(client, "[{]").status == 400);
  CHECK(Multiple(client, "{}").status == 400);
  CHECK(Multiple(client, R"([{"module":"user","action":"me"},{"action":"me"}])").status == 400);
  CHECK(Multiple(client, "[]").body == "[]");
  client.session = "gone";
  const auto page = Multiple(client, "[]");
  CHECK(page.status == 400);
  CHECK(FindHeader(page.headers, "Content-Type").find("text/html") == 0);
}

TEST_CASE("multiple: writes run in order; reads run anywhere between them", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const std::string folder = client.Folder();
  Json batch = Json::array();
  for (int i = 0; i < 8; ++i) {
    batch.push_back({{"module", "contacts"}, {"action", "new"}, {"data", {{"folder_id", folder}, {"last_name", "x"}}}});
    batch.push_back({{"module", "contacts"}, {"action", "all"}, {"folder", folder}, {"columns", "1"}});
  }
  const Json answers = client.Put("multiple", batch);
  std::vector<std::size_t> seen;
  for (std::size_t i = 0; i < 16; i += 2) {
    if (i > 0) CHECK(answers[i]["timestamp"] > answers[i - 2]["timestamp"]);
    seen.push_back(answers[i + 1]["data"].size());
  }
  CHECK_FALSE(std::is_sorted(seen.begin(), seen.end()));
}

TEST_CASE("multiple: a refused element is not applied, the others are", "[oxserver]") {
  Bench bench;
  Client client(bench);
  const std::string folder = client.Folder();
  HandleOptions how;
  how.refused.push_back({0, Refusal::kServiceDown});
  const Json create = {
      {"module", "contacts"}, {"action", "new"}, {"data", {{"folder_id", folder}, {"last_name", "x"}}}};
  const Json answers = client.Put("multiple", {create, create}, how);
  CHECK(answers[0]["category"] == 5);
  CHECK(answers[1].contains("data"));
  CHECK(client.Get("contacts?action=all&columns=1&folder=" + folder)["data"].size() == 1);
}
