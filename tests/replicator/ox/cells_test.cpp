#include "replicator/ox/cells.h"

#include <catch2/catch.hpp>

#include "replicator/ox/columns.h"
#include "replicator/ox/json_writer.h"
#include "replicator/ox/requests.h"

namespace outpost::test {
namespace {

std::string Escaped(std::string_view text) {
  std::string out;
  AppendJsonText(out, text);
  return out;
}

Value Read(std::string_view token, FieldKind kind) {
  Value value = std::string("untouched");
  REQUIRE(ReadValue(token, kind, value));
  return value;
}

}  // namespace

TEST_CASE("json writer: what is written reads back the same", "[ox]") {
  for (const std::string text :
       {"", "plain", "a \"quoted\" \\ back\\slash", "line\nbreak\r\ttab", "Grüße 日本語 😀", "\x01\x1f\x7f"}) {
    std::string back;
    REQUIRE(ReadText(Escaped(text), back));
    CHECK(back == text);
  }
  CHECK(Escaped(std::string_view("\0", 1)) == "\"\\u0000\"");
  CHECK(Escaped("\n\x1f") == "\"\\n\\u001f\"");
}

TEST_CASE("json writer: bytes that are no UTF-8 become the replacement character", "[ox]") {
  const std::string replaced = "\xEF\xBF\xBD";
  for (const std::string bad :
       {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF"}) {
    const std::string out = Escaped("a" + bad + "b");
    CHECK(out.find(replaced) != std::string::npos);
    CHECK(out.find(bad) == std::string::npos);
    CHECK(out.substr(0, 2) == "\"a");
    CHECK(out.substr(out.size() - 2) == "b\"");
  }
}

TEST_CASE("json writer: commas stand where they belong", "[ox]") {
  JsonWriter json;
  json.BeginArray().BeginObject().Pair("a", "1").Key("b").BeginArray().EndArray().Key("c").Null().EndObject();
  json.BeginObject().EndObject().Int(-5).Bool(true).EndArray();
  CHECK(json.text() == R"([{"a":"1","b":[],"c":null},{},-5,true])");
}

TEST_CASE("cells: null, empty text and no category are nothing", "[ox]") {
  for (const FieldKind kind :
       {FieldKind::kText, FieldKind::kInt, FieldKind::kBool, FieldKind::kDate, FieldKind::kTime, FieldKind::kTexts}) {
    CHECK(IsNull(Read("null", kind)));
    CHECK(IsNull(Read("\"\"", kind)));
  }
  CHECK(IsNull(Read("\" , ,\"", FieldKind::kTexts)));
}

TEST_CASE("cells: numbers come as numbers and as texts", "[ox]") {
  CHECK(Read("42", FieldKind::kInt) == Value(std::int64_t{42}));
  CHECK(Read("\"42\"", FieldKind::kInt) == Value(std::int64_t{42}));
  CHECK(Read("-86400000", FieldKind::kDate) == Value(std::int64_t{-86400000}));
  CHECK(Read("1700000000000", FieldKind::kTime) == Value(std::int64_t{1700000000000}));
  CHECK(Read("17", FieldKind::kText) == Value(std::string("17")));
  CHECK(Read("true", FieldKind::kBool) == Value(true));
  CHECK(Read("\"false\"", FieldKind::kBool) == Value(false));
  CHECK(Read("\"work, friends ,golf\"", FieldKind::kTexts) ==
        Value(std::vector<std::string>{"work", "friends", "golf"}));
}

TEST_CASE("cells: what does not fit is refused", "[ox]") {
  Value value;
  CHECK_FALSE(ReadValue("\"soon\"", FieldKind::kDate, value));
  CHECK_FALSE(ReadValue("1.5", FieldKind::kInt, value));
  CHECK_FALSE(ReadValue("99999999999999999999", FieldKind::kInt, value));
  CHECK_FALSE(ReadValue("2", FieldKind::kBool, value));
  CHECK_FALSE(ReadValue("[", FieldKind::kText, value));
  CHECK_FALSE(ReadValue("{", FieldKind::kTexts, value));
  CHECK_FALSE(ReadValue("", FieldKind::kText, value));
  CHECK_FALSE(ReadValue("\"\\x\"", FieldKind::kText, value));
  CHECK_FALSE(ReadValue("\"\\u12\"", FieldKind::kText, value));
}

TEST_CASE("cells: escapes, pairs and half pairs", "[ox]") {
  std::string text;
  REQUIRE(ReadText(R"("a\"\\\/\b\f\n\r\tz")", text));
  CHECK(text == "a\"\\/\b\f\n\r\tz");
  REQUIRE(ReadText(R"("\u00e9\u20ac\ud83d\ude00")", text));
  CHECK(text == "é€😀");
  REQUIRE(ReadText(R"("x\ud83dy\ude00\ud83d\u0041")", text));
  CHECK(text ==
        "x\xEF\xBF\xBDy\xEF\xBF\xBD\xEF\xBF\xBD"
        "A");
}

TEST_CASE("columns: a contact row asks for every field that travels, in field order", "[ox]") {
  const RowColumns& columns = *ColumnsOf(ItemType::kContact);
  CHECK(columns.list.find("1,20,6,505,501,503,502,") == 0);
  FieldId last = 0;
  std::size_t travelling = 0;
  for (const OxColumn& column : columns.fields) {
    CHECK(column.field > last);
    last = column.field;
    CHECK(FindField(column.field)->sync != Sync::kLocal);
    if (FindField(column.field)->sync == Sync::kBoth) ++travelling;
  }
  // Of what only the server says, how many files and photos there are and since when.
  CHECK(columns.fields.size() == travelling + 4);
  for (const Field& field : AllFields())
    if (field.type == ItemType::kContact && field.sync == Sync::kBoth && field.id != field::kContactFolder &&
        field.id != field::kContactPhoto)
      --travelling;
  CHECK(travelling == 0);
  CHECK(ColumnsOf(ItemType::kFolder)->list == "1,20,6,300,301,302,305,306,308,316");
  CHECK(ColumnsOf(ItemType::kMail) == nullptr);
  CHECK(FieldOfColumn(ItemType::kContact, 501) == FindField(ItemType::kContact, "first_name")->id);
  CHECK(FieldOfColumn(ItemType::kContact, 300) == 0);
  CHECK(FieldOfName(ItemType::kContact, "note") == FindField(ItemType::kContact, "note")->id);
}

TEST_CASE("requests: every call says UTC, and updates ask for deletions", "[ox]") {
  const std::vector<Ask> asks{ask::FolderChanges{7}, ask::Changes{"31", ItemType::kContact, 9}};
  const std::string body = WriteMultiple(asks, PlanElements(asks));
  CHECK(body.find(R"([{"module":"folders","action":"updates","timezone":"UTC","tree":"0","parent":"0",)") == 0);
  CHECK(
      body.find(
          R"("timestamp":7,"ignore":"false"},{"module":"contacts","action":"updates","timezone":"UTC","folder":"31",)") !=
      std::string::npos);
  CHECK(body.find(R"("timestamp":9,"ignore":"false"}])") != std::string::npos);
}

TEST_CASE("requests: a change clears with null, and leaves out what does not travel", "[ox]") {
  const auto id = [](const char* name) { return FindField(ItemType::kContact, name)->id; };
  FieldMap fields;
  fields[id("first_name")] = std::string("Ada");
  fields[id("last_name")] = std::monostate{};
  fields[id("note")] = std::string();
  fields[id("categories")] = std::vector<std::string>{"a", "b"};
  fields[id("birthday")] = std::int64_t{-86400000};
  fields[id("private_flag")] = true;
  fields[id("uid")] = std::string("u-1");
  fields[id("message_class")] = std::string("IPM.Contact.Custom");
  fields[id("creation_date")] = std::int64_t{5};
  const std::vector<Ask> change{ask::Update{"31", "32", "7", ItemType::kContact, 9, fields}};
  CHECK(
      WriteMultiple(change, PlanElements(change)) ==
      R"([{"module":"contacts","action":"update","timezone":"UTC","folder":"31","id":"7","timestamp":9,"data":{"folder_id":"32",)"
      R"("first_name":"Ada","last_name":null,"note":null,"categories":"a,b","private_flag":true,"birthday":-86400000}}])");
  const std::vector<Ask> create{ask::Create{"31", ItemType::kContact, fields}};
  CHECK(WriteMultiple(create, PlanElements(create)) ==
        R"([{"module":"contacts","action":"new","timezone":"UTC","data":{"folder_id":"31",)"
        R"("first_name":"Ada","categories":"a,b","private_flag":true,"birthday":-86400000,"uid":"u-1"}}])");
}

TEST_CASE("requests: form values are percent-encoded", "[ox]") {
  std::string form;
  AppendFormPair(form, "name", "anna");
  AppendFormPair(form, "password", "a&b=c d+é%");
  CHECK(form == "name=anna&password=a%26b%3Dc%20d%2B%C3%A9%25");
}

}  // namespace outpost::test
