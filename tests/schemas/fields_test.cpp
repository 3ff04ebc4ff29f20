#include "schemas/fields.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "base/system/files.h"
#include "schemas/folders.h"
#include "tests/support/shared.h"

using namespace outpost;
using namespace std::string_literals;

namespace {

std::vector<std::map<std::string, std::string>> ReadTable(const std::filesystem::path& path) {
  std::istringstream lines(ReadFile(path).value());
  std::vector<std::string> names;
  std::vector<std::map<std::string, std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, '\t');) cells.push_back(cell);
    if (names.empty()) {
      names = cells;
      continue;
    }
    REQUIRE(cells.size() == names.size());
    rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) rows.back()[names[i]] = cells[i];
  }
  return rows;
}

}  // namespace

TEST_CASE("fields: ids ascend, names are used once within a type", "[schemas][fields]") {
  std::set<std::pair<ItemType, std::string_view>> names;
  FieldId before = kExistence;
  for (const Field& field : AllFields()) {
    INFO(field.name);
    CHECK(field.id > before);
    before = field.id;
    CHECK(names.emplace(field.type, field.name).second);
    CHECK(FindField(field.id) == &field);
    CHECK(FindField(field.type, field.name) == &field);
  }
  CHECK(FindField(FieldId{0}) == nullptr);
  CHECK(FindField(FieldId{65535}) == nullptr);
  CHECK(FindField(ItemType::kContact, "no_such_field") == nullptr);
  CHECK(FindField(kExistence) == nullptr);
}

TEST_CASE("fields: the ones the engine knows by meaning are the ones it means", "[schemas][fields]") {
  const std::pair<FieldId, std::pair<ItemType, const char*>> known[] = {
      {field::kFolderParent, {ItemType::kFolder, "folder_id"}},
      {field::kFolderTitle, {ItemType::kFolder, "title"}},
      {field::kFolderModule, {ItemType::kFolder, "module"}},
      {field::kFolderType, {ItemType::kFolder, "type"}},
      {field::kFolderOwnRights, {ItemType::kFolder, "own_rights"}},
      {field::kFolderPermissions, {ItemType::kFolder, "permissions"}},
      {field::kFolderStandard, {ItemType::kFolder, "standard_folder"}},
      {field::kContactFolder, {ItemType::kContact, "folder_id"}},
      {field::kContactUid, {ItemType::kContact, "uid"}},
      {field::kContactDisplayName, {ItemType::kContact, "display_name"}},
      {field::kContactPhoto, {ItemType::kContact, "image1"}},
      {field::kContactPhotos, {ItemType::kContact, "number_of_images"}},
      {field::kContactPhotoStamp, {ItemType::kContact, "image_last_modified"}},
      {field::kContactPhotoOf, {ItemType::kContact, "photo_of"}},
      {field::kFolderStandardType, {ItemType::kFolder, "standard_folder_type"}},
      {field::kTaskTitle, {ItemType::kTask, "title"}},
      {field::kTaskStart, {ItemType::kTask, "start_time"}},
      {field::kTaskEnd, {ItemType::kTask, "end_time"}},
      {field::kTaskFullTime, {ItemType::kTask, "full_time"}},
      {field::kTaskRecurrenceType, {ItemType::kTask, "recurrence_type"}},
      {field::kTaskDays, {ItemType::kTask, "days"}},
      {field::kTaskDayInMonth, {ItemType::kTask, "day_in_month"}},
      {field::kTaskMonth, {ItemType::kTask, "month"}},
      {field::kTaskInterval, {ItemType::kTask, "interval"}},
      {field::kTaskUntil, {ItemType::kTask, "until"}},
      {field::kTaskOccurrences, {ItemType::kTask, "occurrences"}},
      {field::kTaskStatus, {ItemType::kTask, "status"}},
      {field::kTaskPercent, {ItemType::kTask, "percent_completed"}},
      {field::kTaskUsers, {ItemType::kTask, "users"}},
      {field::kTaskFolder, {ItemType::kTask, "folder_id"}},
      {field::kTaskUid, {ItemType::kTask, "uid"}},
      {field::kTaskLocalRecurrence, {ItemType::kTask, "local_recurrence"}},
      {field::kAppointmentTitle, {ItemType::kAppointment, "title"}},
      {field::kAppointmentStart, {ItemType::kAppointment, "start_date"}},
      {field::kAppointmentEnd, {ItemType::kAppointment, "end_date"}},
      {field::kAppointmentFullTime, {ItemType::kAppointment, "full_time"}},
      {field::kAppointmentRecurrenceType, {ItemType::kAppointment, "recurrence_type"}},
      {field::kAppointmentDays, {ItemType::kAppointment, "days"}},
      {field::kAppointmentDayInMonth, {ItemType::kAppointment, "day_in_month"}},
      {field::kAppointmentMonth, {ItemType::kAppointment, "month"}},
      {field::kAppointmentInterval, {ItemType::kAppointment, "interval"}},
      {field::kAppointmentUntil, {ItemType::kAppointment, "until"}},
      {field::kAppointmentOccurrences, {ItemType::kAppointment, "occurrences"}},
      {field::kAppointmentDeleted, {ItemType::kAppointment, "delete_exceptions"}},
      {field::kAppointmentShownAs, {ItemType::kAppointment, "shown_as"}},
      {field::kAppointmentZone, {ItemType::kAppointment, "timezone"}},
      {field::kAppointmentSequence, {ItemType::kAppointment, "sequence"}},
      {field::kAppointmentUsers, {ItemType::kAppointment, "users"}},
      {field::kAppointmentConfirmations, {ItemType::kAppointment, "confirmations"}},
      {field::kAppointmentFolder, {ItemType::kAppointment, "folder_id"}},
      {field::kAppointmentUid, {ItemType::kAppointment, "uid"}},
      {field::kAppointmentDatePosition, {ItemType::kAppointment, "recurrence_date_position"}},
      {field::kAppointmentSeriesId, {ItemType::kAppointment, "recurrence_id"}},
      {field::kAppointmentPosition, {ItemType::kAppointment, "recurrence_position"}},
      {field::kAppointmentChanged, {ItemType::kAppointment, "change_exceptions"}},
      {field::kAppointmentLocalRecurrence, {ItemType::kAppointment, "local_recurrence"}},
      {field::kAppointmentAnswersDay, {ItemType::kAppointment, "answers_day"}},
      {field::kTaskCompleted, {ItemType::kTask, "date_completed"}},
      {field::kTaskAlarm, {ItemType::kTask, "alarm"}},
      {field::kAppointmentMovedTo, {ItemType::kAppointment, "moved_to"}},
      {field::kMailSubject, {ItemType::kMail, "subject"}},
      {field::kMailFrom, {ItemType::kMail, "from"}},
      {field::kMailTo, {ItemType::kMail, "to"}},
      {field::kMailCc, {ItemType::kMail, "cc"}},
      {field::kMailBcc, {ItemType::kMail, "bcc"}},
      {field::kMailSent, {ItemType::kMail, "sent_date"}},
      {field::kMailReceived, {ItemType::kMail, "received_date"}},
      {field::kMailSize, {ItemType::kMail, "size"}},
      {field::kMailAttachment, {ItemType::kMail, "attachment"}},
      {field::kMailPriority, {ItemType::kMail, "priority"}},
      {field::kMailReceiptTo, {ItemType::kMail, "disp_notification_to"}},
      {field::kMailMessageId, {ItemType::kMail, "message_id"}},
      {field::kMailReferences, {ItemType::kMail, "references"}},
      {field::kMailInReplyTo, {ItemType::kMail, "in_reply_to"}},
      {field::kMailFolder, {ItemType::kMail, "folder_id"}},
      {field::kMailSeen, {ItemType::kMail, "seen"}},
      {field::kMailAnswered, {ItemType::kMail, "answered"}},
      {field::kMailFlagged, {ItemType::kMail, "flagged"}},
      {field::kMailForwarded, {ItemType::kMail, "forwarded"}},
      {field::kMailSpam, {ItemType::kMail, "spam"}},
      {field::kMailDraft, {ItemType::kMail, "draft"}},
      {field::kMailDeleted, {ItemType::kMail, "deleted"}},
      {field::kMailReceiptSent, {ItemType::kMail, "receipt_sent"}},
      {field::kMailColor, {ItemType::kMail, "color_label"}},
      {field::kMailSource, {ItemType::kMail, "source"}},
      {field::kMailSourceWanted, {ItemType::kMail, "source_wanted"}}};
  for (const auto& [id, name] : known) {
    const Field* field = FindField(id);
    REQUIRE(field != nullptr);
    CHECK(field->type == name.first);
    CHECK(field->name == name.second);
  }
  for (const ItemType type : {ItemType::kFolder, ItemType::kContact, ItemType::kList, ItemType::kTask,
                              ItemType::kAppointment, ItemType::kMail}) {
    CHECK(FindField(field::FolderOf(type))->kind == FieldKind::kId);
    CHECK(FindField(field::LabelOf(type))->kind == FieldKind::kText);
  }
  CHECK(FindField(field::UidOf(ItemType::kContact))->merge == Merge::kOnce);
  CHECK(field::UidOf(ItemType::kFolder) == 0);
}

TEST_CASE("fields: what travels has a group, what the server alone writes has none", "[schemas][fields]") {
  for (const Field& field : AllFields()) {
    INFO(field.name);
    // It was to travel once; its group is on disk.
    if (field.name == "number_of_attachments") continue;
    CHECK((field.group == 0) == (field.merge == Merge::kServer));
    if (field.sync == Sync::kBoth) CHECK(field.group != 0);
    CHECK((field.merge == Merge::kServer) == (field.sync == Sync::kServer));
  }
}

TEST_CASE("fields: a group is named after its first field and belongs to one type", "[schemas][fields]") {
  std::map<GroupId, std::vector<const Field*>> groups;
  for (const Field& field : AllFields())
    if (field.group != 0) groups[field.group].push_back(&field);
  for (const auto& [group, fields] : groups) {
    INFO(fields[0]->group_name);
    CHECK(fields[0]->id == group);
    CHECK(GroupName(group) == fields[0]->group_name);
    CHECK(FindGroup(fields[0]->type, fields[0]->group_name) == group);
    for (const Field* field : fields) {
      CHECK(field->type == fields[0]->type);
      CHECK(field->group_name == fields[0]->group_name);
    }
  }
  CHECK(GroupName(kExistence) == "existence");
  CHECK(FindGroup(ItemType::kContact, "existence") == kExistence);
  CHECK(GroupName(9999) == "unknown");
  CHECK_FALSE(FindGroup(ItemType::kContact, "no_such_group"));
  CHECK_FALSE(FindGroup(ItemType::kContact, "-"));
}

TEST_CASE("fields: one postal address is one group, three addresses are three", "[schemas][fields]") {
  const auto group = [](const char* name) { return FindField(ItemType::kContact, name)->group; };
  CHECK(group("street_home") == group("country_home"));
  CHECK(group("street_home") != group("street_business"));
  CHECK(group("street_business") != group("street_other"));
  CHECK(group("first_name") == group("display_name"));
  CHECK(group("email1") != group("email2"));
}

TEST_CASE("fields: lists have the fields of contacts", "[schemas][fields]") {
  for (const Field& field : AllFields())
    if (field.type == ItemType::kContact) CHECK(FindField(ItemType::kList, field.name) == &field);
  CHECK(FindGroup(ItemType::kList, "name") == FindGroup(ItemType::kContact, "name"));
  CHECK(field::FolderOf(ItemType::kList) == field::kContactFolder);
}

TEST_CASE("fields: the groups of a patch are those of its travelling fields, ascending, each once",
          "[schemas][fields]") {
  const GroupId name = *FindGroup(ItemType::kContact, "name"), note = *FindGroup(ItemType::kContact, "note");
  const auto id = [](const char* field) { return FindField(ItemType::kContact, field)->id; };
  CHECK(GroupsOf({{id("note"), "n"s}, {id("first_name"), "a"s}, {id("last_name"), Value{}}}) ==
        std::vector<GroupId>{name, note});
  CHECK(GroupsOf({{id("subject"), "stays here"s}}).empty());
  CHECK(GroupsOf({{id("creation_date"), std::int64_t{1}}}).empty());
  CHECK(GroupsOf({{65000, "of a later version"s}}).empty());
  CHECK(GroupsOf({}).empty());
}

TEST_CASE("fields: item types have names and come back from them", "[schemas][fields]") {
  for (const char* name : {"folder", "contact", "list", "appointment", "task", "mail", "person", "attachment"})
    CHECK(ItemTypeName(ItemTypeFromName(name).value()) == std::string(name));
  CHECK(ItemTypeName(ItemType::kNone) == "none"s);
  CHECK_FALSE(ItemTypeFromName("none"));
  CHECK_FALSE(ItemTypeFromName("Contact"));
}

TEST_CASE("fields.tsv: every row is in the generated table", "[schemas][fields]") {
  const auto rows = ReadTable(std::filesystem::path(OUTPOST_SOURCE) / "schemas" / "fields.tsv");
  std::set<int> ids;
  for (const auto& row : rows) {
    const int id = std::stoi(row.at("id"));
    INFO(id);
    ids.insert(id);
    const Field* field = FindField(static_cast<FieldId>(id));
    REQUIRE(field != nullptr);
    CHECK(field->name == row.at("name"));
    CHECK(ItemTypeName(field->type) == row.at("type"));
    CHECK((row.at("group") == "-") == (field->group == 0));
  }
  CHECK(ids.size() == AllFields().size());
}

TEST_CASE("fields.tsv: a released field keeps its id, name, kind and group", "[schemas][fields]") {
  const char* kinds[] = {"text", "int", "bool", "date", "time", "texts", "bytes", "id", "decimal"};
  for (const auto& row : ReadTable(std::filesystem::path(OUTPOST_SOURCE) / "schemas" / "released" / "fields.tsv")) {
    INFO(row.at("name"));
    const Field* field = FindField(static_cast<FieldId>(std::stoi(row.at("id"))));
    REQUIRE(field != nullptr);
    CHECK(field->name == row.at("name"));
    CHECK(ItemTypeName(field->type) == row.at("type"));
    CHECK(kinds[static_cast<int>(field->kind)] == row.at("kind"));
    CHECK(std::to_string(field->group) == row.at("group"));  // stored outcomes name groups by number
  }
}

TEST_CASE("fields.tsv: a column of the server is the same for every row of a field", "[schemas][fields]") {
  std::map<std::string, std::string> column_of;
  for (const auto& row : ReadTable(std::filesystem::path(OUTPOST_SOURCE) / "schemas" / "fields.tsv")) {
    if (row.at("ox_column") == "-") continue;
    const auto [at, is_new] = column_of.emplace(row.at("id"), row.at("ox_column"));
    INFO(row.at("name"));
    CHECK((is_new || at->second == row.at("ox_column")));
  }
}

TEST_CASE("fields.tsv: every field of contacts, tasks and appointments that the server has is here",
          "[schemas][fields]") {
  const auto map = test::Shared("mapi/field-map.tsv");
  if (map.empty()) return;
  // Of these the server keeps nothing of its own: the days of a task's start_time and end_time, what it never stores,
  // and members of other columns.
  const std::set<std::string> others{"start_date",
                                     "end_date",
                                     "after_complete",
                                     "users[].confirmation",
                                     "users[].confirmmessage",
                                     "users / created_by",
                                     "notification",
                                     "ignore_conflicts",
                                     "participants[].type",
                                     "participants[].display_name",
                                     "participants[].mail",
                                     "users[own].confirmation",
                                     "users[].confirmation / confirmations[].status",
                                     "users[].confirmmessage / confirmations[].message"};
  std::vector<std::string> missing;
  for (const auto& row : ReadTable(map)) {
    const auto type = ItemTypeFromName(row.at("item_type"));
    const bool one_of_them = type == ItemType::kContact || type == ItemType::kTask || type == ItemType::kAppointment;
    if (!one_of_them || row.at("ox_field") == "-") continue;
    if (FindField(*type, row.at("ox_field")) == nullptr && !others.contains(row.at("ox_field")))
      missing.push_back(row.at("ox_field"));
  }
  CHECK(missing == std::vector<std::string>{});
}

TEST_CASE("folders: rights as bits, as levels and as texts, each way", "[schemas][fields]") {
  const std::pair<const char*, std::int64_t> levels[] = {{"none", 0},         {"contributor", 2},
                                                         {"reviewer", 257},   {"author-without-edit", 258},
                                                         {"author", 2113794}, {"publishing-author", 2113796},
                                                         {"editor", 4227330}, {"publishing-editor", 4227332},
                                                         {"owner", 403710016}};
  REQUIRE(RightsLevels().size() == std::size(levels));
  for (const auto& [name, bits] : levels) {
    INFO(name);
    CHECK(BitsFromText(name) == bits);
    CHECK(std::string(LevelName(bits)) == name);
    CHECK(BitsOfRights(RightsFromBits(bits)) == bits);
  }
  CHECK(BitsFromText("4,2,2,2,1") == 272662788);
  CHECK(BitsFromText("272662788") == 272662788);
  CHECK(std::string(LevelName(272662788)) == "custom");
  for (const char* text :
       {"", "boss", "4,2,2,2", "4,2,2,2,1,0", "3,0,0,0,0", "1,4,0,0,0", "1,0,0,0,2", "3", "-1", "1,", "99999999999"})
    CHECK_FALSE(BitsFromText(text));

  const auto guest = ParseRights("guest:7 257 {\"email_address\": \"a b\"}");
  REQUIRE(guest);
  CHECK((guest->who == "guest:7" && guest->bits == 257 && guest->rest == "{\"email_address\": \"a b\"}"));
  CHECK(RightsText(*guest) == "guest:7 257 {\"email_address\": \"a b\"}");
  CHECK(RightsText({"user:3", 2}) == "user:3 2");
  for (const char* text : {"", "user:3", "user:3 ", "user:3 x", " 3"}) CHECK_FALSE(ParseRights(text));
}
