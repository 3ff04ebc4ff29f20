// Tasks on the wire: each form that is not a contact's, both ways, as texts.
#include <catch2/catch.hpp>

#include "replicator/ox/answers.h"
#include "replicator/ox/cells.h"
#include "replicator/ox/json_writer.h"
#include "replicator/ox/kinds.h"
#include "tests/replicator/ox/rows.h"

namespace outpost::test {
namespace {

using Texts = std::vector<std::string>;

FieldId TaskField(const char* name) { return FindField(ItemType::kTask, name)->id; }

// The body of a change of one field.
std::string Written(const char* name, const Value& value) {
  const std::vector<Ask> asks{ask::Update{"31", "", "7", ItemType::kTask, 9, {{TaskField(name), value}}}};
  const std::string body = WriteMultiple(asks, PlanElements(asks));
  const auto data = body.find("\"data\":");
  REQUIRE(data != std::string::npos);
  return body.substr(data + 7, body.size() - data - 9);
}

// The fields of a row with one cell; nullopt where the answer is refused.
std::optional<FieldMap> ReadCell(const char* name, const std::string& cell) {
  const std::vector<Ask> asks{ask::Fetch{"31", ItemType::kTask, {"7"}}};
  std::string body = R"([{"data":[)" + RowText(ItemType::kTask, R"("7",31,150)", {{name, cell}}) + "]}]";
  AnswerReader reader({ItemType::kTask});
  auto reply = reader.ReadMultiple(body, asks, PlanElements(asks));
  if (!reply) return std::nullopt;
  return reply.value().elements.at(0).answer.rows.at(0).fields;
}

// A value goes out as `data` and comes back from `cell`.
void CheckPair(const char* name, const Value& value, const std::string& data, const std::string& cell) {
  INFO(name);
  CHECK(Written(name, value) == data);
  CHECK(ReadCell(name, cell) == FieldMap{{TaskField(name), value}});
}

}  // namespace

TEST_CASE("ox tasks: each form of a value goes out and comes back", "[ox][tasks]") {
  CheckPair("title", std::string("Ü\""), R"({"title":"Ü\""})", R"("Ü\"")");
  CheckPair("start_time", std::int64_t{-86400000}, R"({"start_time":-86400000})", "-86400000");
  CheckPair("full_time", true, R"({"full_time":true})", "true");
  CheckPair("status", std::int64_t{2}, R"({"status":2})", "2");
  CheckPair("alarm", std::int64_t{1700000000000}, R"({"alarm":1700000000000})", "1700000000000");
  CheckPair("target_duration", std::int64_t{90}, R"({"target_duration":"90"})", R"("90")");
  CheckPair("categories", Texts{"b", "a"}, R"({"categories":"b,a"})", R"("b,a")");
  CheckPair("actual_costs", std::int64_t{1250}, R"({"actual_costs":12.5})", "12.5");
  CheckPair("actual_costs", std::int64_t{-1}, R"({"actual_costs":-0.01})", "-0.01");
  CheckPair("target_costs", std::int64_t{999999999999}, R"({"target_costs":9999999999.99})", "9.99999999999E9");
  CheckPair("participants",
            Texts{"user:3", "group:0", "resource:4", "resource_group:5", "ada@example.org", "Ada L. <a@example.org>"},
            R"({"participants":[{"type":1,"id":3},{"type":2,"id":0},{"type":3,"id":4},{"type":4,"id":5},)"
            R"({"type":5,"mail":"ada@example.org"},{"type":5,"mail":"a@example.org","display_name":"Ada L."}]})",
            R"([{"id":3,"type":1},{"type":2,"id":"0"},{"type":3,"id":4},{"type":4,"id":5,"confirmation":0},)"
            R"({"mail":"ada@example.org","type":5},{"type":5,"display_name":"Ada L.","mail":"a@example.org"}])");
}

TEST_CASE("ox tasks: what is cleared goes out as null, and nothing comes back for none", "[ox][tasks]") {
  for (const OxColumn& column : ColumnsOf(ItemType::kTask)->fields) {
    INFO(column.name);
    CHECK(ReadCell(std::string(column.name).c_str(), "null") == FieldMap{});
    if (column.field == field::kTaskUsers || column.field == field::kTaskUid) continue;
    if (FindField(column.field)->sync == Sync::kServer) {  // what only the server says never goes out
      CHECK(Written(std::string(column.name).c_str(), Value{}) == "{}");
      continue;
    }
    CHECK(Written(std::string(column.name).c_str(), Value{}) == "{\"" + std::string(column.name) + "\":null}");
  }
  CHECK(ReadCell("recurrence_type", "0") == FieldMap{});
  CHECK(ReadCell("color_label", "0") == FieldMap{});
  CHECK(ReadCell("participants", "[]") == FieldMap{});
  CHECK(ReadCell("percent_completed", "0") == FieldMap{{TaskField("percent_completed"), std::int64_t{0}}});
}

TEST_CASE("ox tasks: users come with their answers, and never go out", "[ox][tasks]") {
  CHECK(ReadCell("users", R"([{"id":3,"confirm":0},{"id":4,"display_name":"b","confirm":2,"confirmmessage":"no"}])") ==
        FieldMap{{field::kTaskUsers, Texts{"user:3 none", "user:4 declined no"}}});
  CHECK(Written("users", Texts{"user:3 none"}) == "{}");
}

TEST_CASE("ox tasks: cells of another shape make the answer worth nothing", "[ox][tasks]") {
  for (const auto& [name, cell] :
       {std::pair("participants", "5"), std::pair("participants", R"([{"type":9,"id":1}])"),
        std::pair("participants", R"([{"type":5}])"), std::pair("participants", R"(["user:3"])"),
        std::pair("users", R"([{"id":3,"confirm":7}])"), std::pair("users", "{}"), std::pair("status", "1.5"),
        std::pair("target_costs", "\"dear\""), std::pair("target_costs", "1e300"), std::pair("start_time", "true")}) {
    INFO(name << " " << cell);
    CHECK_FALSE(ReadCell(name, cell));
  }
}

TEST_CASE("ox tasks: ids in bodies are numbers where they are some", "[ox][tasks]") {
  const auto body = [](const Ask& one) {
    const std::vector<Ask> asks{one};
    return WriteMultiple(asks, PlanElements(asks));
  };
  CHECK(body(ask::Delete{"31", "7", ItemType::kTask, 9}) ==
        R"([{"module":"tasks","action":"delete","timezone":"UTC","timestamp":9,"data":[{"id":7,"folder":31}]}])");
  CHECK(body(ask::Create{"31", ItemType::kTask, {{field::kTaskTitle, std::string("t")}}}) ==
        R"([{"module":"tasks","action":"new","timezone":"UTC","data":{"folder_id":31,"title":"t"}}])");
  CHECK(
      body(ask::Update{"31", "tasks/9", "7", ItemType::kTask, 9, {}}) ==
      R"([{"module":"tasks","action":"update","timezone":"UTC","folder":"31","id":"7","timestamp":9,"data":{"folder_id":"tasks/9"}}])");
}

TEST_CASE("ox tasks: every kind is asked for its folders, and has a module of its own", "[ox][tasks]") {
  const std::vector<Ask> asks{ask::Folders{{ItemType::kTask, ItemType::kContact, ItemType::kList}}};
  const auto elements = PlanElements(asks);
  REQUIRE(elements.size() == 2);
  CHECK(std::string(elements[0].module) == "contacts");
  CHECK(std::string(elements[1].module) == "tasks");
  for (const OxKind& kind : AllKinds()) {
    CHECK(KindOf(kind.type) == &kind);
    CHECK(KindOfModule(kind.module) == &kind);
    CHECK(field::FolderOf(kind.type) != 0);
    CHECK((field::UidOf(kind.type) != 0) == !kind.is_setting);  // the server gives rules and signatures none
    CHECK(field::LabelOf(kind.type) != 0);
  }
  CHECK(KindOfModule("folders") == nullptr);
}

}  // namespace outpost::test
