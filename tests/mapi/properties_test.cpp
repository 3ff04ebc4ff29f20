#include <catch2/catch.hpp>

#include "mapi-adapter/codec/entry_ids.h"
#include "mapi-adapter/codec/item_properties.h"
#include "mapi-adapter/codec/recurrence.h"
#include "mapi-adapter/codec/tags.h"
#include "schemas/series.h"

using namespace outpost;
using namespace outpost::mapi;

namespace {

FieldId ContactField(const char* name) { return FindField(ItemType::kContact, name)->id; }

// A value for every field of a contact that is one of a person's.
FieldMap WholeContact() {
  FieldMap fields;
  for (const Field& field : AllFields()) {
    if (field.type != ItemType::kContact || field.sync == Sync::kServer) continue;
    const std::string text(field.name);
    switch (field.kind) {
      case FieldKind::kText:
        fields[field.id] = text;
        break;
      case FieldKind::kInt:
        fields[field.id] = std::int64_t{field.id};
        break;
      case FieldKind::kBool:
        fields[field.id] = true;
        break;
      case FieldKind::kDate:
        fields[field.id] = *DayFromText("1815-12-10");
        break;
      case FieldKind::kTexts:
        fields[field.id] = std::vector<std::string>{text, "Ω"};
        break;
      default:
        break;
    }
  }
  return fields;
}

std::string TextOf(ItemType type, const FieldMap& fields, PropTag tag) {
  const auto prop = PropOf(type, fields, tag);
  return prop ? std::get<std::string>(prop->value) : "(none)";
}

PropTag AddressTag(std::uint32_t number, PropType type) {
  const std::uint16_t id = IdOfName({PropSet::kAddress, number, {}});
  REQUIRE(id != 0);
  return TagOf(id, type);
}

}  // namespace

TEST_CASE("properties: every field of a contact that Outlook has a place for goes there and comes back", "[mapi]") {
  const FieldMap contact = WholeContact();
  std::vector<Prop> props = PropsOf(ItemType::kContact, contact);
  CHECK(props.size() > 90);
  const PropEdit edit = EditOfProps(ItemType::kContact, props, {});
  for (const auto& [id, value] : edit.patch) {
    INFO(FindField(id)->name);
    const auto at = contact.find(id);
    if (at != contact.end()) CHECK(value == at->second);
  }
  // What has no place in Outlook, or has it elsewhere: in the store's own properties, as an attachment, as members.
  std::vector<std::string> missing;
  for (const auto& [id, value] : contact)
    if (!edit.patch.contains(id)) missing.emplace_back(FindField(id)->name);
  CHECK(missing == std::vector<std::string>{"color_label", "uid", "attachment_contact_photo", "cellular_telephone2",
                                            "instant_messenger2", "telephone_ip", "rft_flag",
                                            "mark_as_distributionlist", "distribution_list"});
}

TEST_CASE("properties: a contact says what Outlook expects of one", "[mapi]") {
  const FieldMap ada{{field::kContactDisplayName, std::string("Ada")},
                     {ContactField("email2"), std::string("ada@example.org")},
                     {ContactField("note"), std::string("one\ntwo")},
                     {ContactField("private_flag"), true},
                     {ContactField("birthday"), *DayFromText("1815-12-10")}};
  CHECK(TextOf(ItemType::kContact, ada, tag::kMessageClass) == "IPM.Contact");
  CHECK(TextOf(ItemType::kList, ada, tag::kMessageClass) == "IPM.DistList");
  CHECK(TextOf(ItemType::kContact, ada, tag::kSubject) == "Ada");
  CHECK(TextOf(ItemType::kContact, ada, tag::kBody) == "one\r\ntwo");
  CHECK(TextOf(ItemType::kContact, ada, AddressTag(0x8090, PropType::kUnicode)) == "Ada (ada@example.org)");
  CHECK(TextOf(ItemType::kContact, ada, AddressTag(0x8092, PropType::kUnspecified)) == "SMTP");
  CHECK(TextOf(ItemType::kContact, ada, AddressTag(0x8082, PropType::kUnicode)) == "(none)");
  const auto one_off = PropOf(ItemType::kContact, ada, AddressTag(0x8095, PropType::kBinary));
  REQUIRE(one_off);
  CHECK(DecodeOneOffId(std::get<Blob>(one_off->value).bytes).value().address == "ada@example.org");
  CHECK(PropOf(ItemType::kContact, ada, AddressTag(0x8028, PropType::kMvLong))->value ==
        PropValue(std::vector<std::int32_t>{1}));
  CHECK(PropOf(ItemType::kContact, ada, AddressTag(0x8029, PropType::kLong))->value == PropValue(std::int32_t{2}));
  CHECK(PropOf(ItemType::kContact, ada, tag::kSensitivity)->value == PropValue(std::int32_t{2}));
  CHECK(PropOf(ItemType::kContact, {}, tag::kSensitivity)->value == PropValue(std::int32_t{0}));
  CHECK_FALSE(PropOf(ItemType::kContact, ada, TagOf(IdOf(tag::kSubject), PropType::kLong)));
  CHECK(TextOf(ItemType::kMail, {{field::kMailSubject, std::string("Plan")}}, tag::kSubject) == "Plan");
  CHECK_FALSE(PropOf(ItemType::kTask, {}, tag::kBody));
  for (const PropTag tag : {tag::kSubject, tag::kBody, AddressTag(0x8090, PropType::kUnicode)}) {
    FieldMap seen;
    for (const FieldId field : FieldsBehind(ItemType::kContact, tag))
      if (ada.contains(field)) seen[field] = ada.at(field);
    CHECK(PropOf(ItemType::kContact, seen, tag) == PropOf(ItemType::kContact, ada, tag));
  }
}

TEST_CASE("properties: what is set is an edit of fields, the rest is said", "[mapi]") {
  const FileTime by_berlin = FileTimeOf(*DayFromText("1985-07-04") - 2 * 3'600'000);
  const PropTag birthday = TagOf(0x3A42, PropType::kSysTime), unknown = TagOf(0x6999, PropType::kLong);
  const std::vector<Prop> set{{birthday, by_berlin},
                              {tag::kBody, std::string("a\r\nb\rc")},
                              {TagOf(0x3A06, PropType::kUnicode), std::string()},
                              {TagOf(0x3A11, PropType::kUnicode), std::int32_t{3}},
                              {tag::kSensitivity, std::int32_t{3}},
                              {tag::kCreationTime, by_berlin},
                              {unknown, std::int32_t{1}}};
  const PropTag cleared[] = {TagOf(0x3A17, PropType::kUnicode), tag::kEntryId};
  const PropEdit edit = EditOfProps(ItemType::kContact, set, cleared);
  CHECK(edit.patch == FieldMap{{ContactField("birthday"), *DayFromText("1985-07-04")},
                               {ContactField("note"), std::string("a\nb\rc")},
                               {ContactField("first_name"), Value()},
                               {ContactField("private_flag"), true},
                               {ContactField("position"), Value()}});
  CHECK(edit.rest == std::vector<PropTag>{TagOf(0x3A11, PropType::kUnicode), tag::kCreationTime, tag::kEntryId});
  CHECK(edit.others == std::vector<PropTag>{unknown});
}

TEST_CASE("properties: a task goes to Outlook's words and comes back", "[mapi]") {
  const auto field = [](const char* name) { return FindField(ItemType::kTask, name)->id; };
  const FieldMap task{{field::kTaskTitle, std::string("Plan")},
                      {field::kTaskStart, *DayFromText("2024-03-01")},
                      {field::kTaskEnd, *DayFromText("2024-03-08")},
                      {field::kTaskFullTime, true},
                      {field::kTaskRecurrenceType, std::int64_t{2}},
                      {field::kTaskDays, std::int64_t{32}},
                      {field::kTaskInterval, std::int64_t{2}},
                      {field::kTaskOccurrences, std::int64_t{5}},
                      {field::kTaskStatus, std::int64_t{2}},
                      {field::kTaskPercent, std::int64_t{35}},
                      {field("priority"), std::int64_t{3}},
                      {field("alarm"), std::int64_t{1'709'200'000'000}},
                      {field("note"), std::string("a\nb")},
                      {field("categories"), std::vector<std::string>{"x", "y"}},
                      {field("private_flag"), true},
                      {field("target_duration"), std::int64_t{480}},
                      {field("companies"), std::string("Acme; Contoso")},
                      {field("ownership"), std::int64_t{1}}};
  const std::vector<Prop> props = PropsOf(ItemType::kTask, task);
  const auto value = [&](PropSet set, std::uint32_t number, PropType type) {
    return PropOf(ItemType::kTask, task, TagOf(IdOfName({set, number, {}}), type)).value().value;
  };
  CHECK(value(PropSet::kTask, 0x8101, PropType::kLong) == PropValue(std::int32_t{1}));
  CHECK(value(PropSet::kTask, 0x8102, PropType::kDouble) == PropValue(0.35));
  CHECK(value(PropSet::kTask, 0x811C, PropType::kBoolean) == PropValue(false));
  CHECK(value(PropSet::kTask, 0x8104, PropType::kSysTime) == PropValue(FileTimeOf(*DayFromText("2024-03-01"))));
  CHECK(value(PropSet::kCommon, 0x8503, PropType::kBoolean) == PropValue(true));
  CHECK(value(PropSet::kCommon, 0x8539, PropType::kMvUnicode) ==
        PropValue(std::vector<std::string>{"Acme", "Contoso"}));
  CHECK(PropOf(ItemType::kTask, task, tag::kImportance)->value == PropValue(std::int32_t{2}));
  const Blob blob = std::get<Blob>(value(PropSet::kTask, 0x8116, PropType::kBinary));
  CHECK(DecodeTaskRecurrence(blob.bytes).value().count == 5);

  const PropEdit edit = EditOfProps(ItemType::kTask, props, {});
  for (const auto& [id, was] : task) {
    INFO(FindField(id)->name);
    REQUIRE(edit.patch.contains(id));
    CHECK(SameValue(edit.patch.at(id), was));
  }
  const std::vector<Prop> bad{{TagOf(IdOfName({PropSet::kTask, 0x8116, {}}), PropType::kBinary), Blob{"rubbish"}}};
  CHECK(EditOfProps(ItemType::kTask, bad, {}).rest.size() == 1);
}

TEST_CASE("properties: an appointment has Outlook's times, id and series, and single ones come back", "[mapi]") {
  constexpr std::int64_t kHour = 3'600'000;
  const PropContext context{
      {[](std::int64_t utc) { return utc + 2 * kHour; }, [](std::int64_t local) { return local - 2 * kHour; }}};
  const auto value = [&](const FieldMap& item, PropSet set, std::uint32_t number, PropType type) {
    return PropOf(ItemType::kAppointment, item, TagOf(IdOfName({set, number, {}}), type), context).value().value;
  };
  FieldMap trip{{field::kAppointmentTitle, std::string("Trip")},
                {field::kAppointmentStart, *DayFromText("2024-07-01")},
                {field::kAppointmentEnd, *DayFromText("2024-07-03")},
                {field::kAppointmentFullTime, true},
                {field::kAppointmentShownAs, std::int64_t{3}},
                {field::kAppointmentUid, std::string("u1@example.org")},
                {FindField(ItemType::kAppointment, "alarm")->id, std::int64_t{30}},
                {FindField(ItemType::kAppointment, "location")->id, std::string("Köln")}};
  CHECK(value(trip, PropSet::kAppointment, 0x820D, PropType::kSysTime) ==
        PropValue(FileTimeOf(*DayFromText("2024-07-01") - 2 * kHour)));
  CHECK(value(trip, PropSet::kAppointment, 0x8205, PropType::kLong) == PropValue(std::int32_t{3}));
  CHECK(value(trip, PropSet::kAppointment, 0x8213, PropType::kLong) == PropValue(std::int32_t{2 * 1440}));
  CHECK(value(trip, PropSet::kAppointment, 0x8223, PropType::kBoolean) == PropValue(false));
  CHECK(value(trip, PropSet::kCommon, 0x8560, PropType::kSysTime) ==
        PropValue(FileTimeOf(*DayFromText("2024-07-01") - 2 * kHour - 1'800'000)));
  PropEdit edit = EditOfProps(ItemType::kAppointment, PropsOf(ItemType::kAppointment, trip, context), {}, {}, context);
  for (const auto& [id, was] : trip) {
    INFO(FindField(id)->name);
    REQUIRE(edit.patch.contains(id));
    CHECK(SameValue(edit.patch.at(id), was));
  }

  trip[field::kAppointmentRecurrenceType] = std::int64_t{3};
  trip[field::kAppointmentDayInMonth] = std::int64_t{1};
  trip[field::kAppointmentDeleted] = std::vector<std::string>{"2024-08-01"};
  CHECK(value(trip, PropSet::kAppointment, 0x8231, PropType::kLong) == PropValue(std::int32_t{3}));
  const auto blob =
      DecodeAppointmentRecurrence(std::get<Blob>(value(trip, PropSet::kAppointment, 0x8216, PropType::kBinary)).bytes);
  CHECK(blob.value().pattern.deleted.size() == 1);
  CHECK(blob.value().end_offset == 2 * 1440);
  edit = EditOfProps(ItemType::kAppointment, PropsOf(ItemType::kAppointment, trip, context), {}, trip, context);
  CHECK_FALSE(edit.patch.contains(field::kAppointmentRecurrenceType));  // a series is several items: not by one edit
  CHECK(std::count(edit.rest.begin(), edit.rest.end(),
                   TagOf(IdOfName({PropSet::kAppointment, 0x8216, {}}), PropType::kBinary)) == 1);
}

TEST_CASE("properties: a mail has its people, flags and icon; of what is set only the flag is an edit", "[mapi]") {
  const FieldMap mail{{field::kMailSubject, std::string("AW: Plan")},
                      {field::kMailFrom, std::vector<std::string>{"Ada <ada@example.org>"}},
                      {field::kMailTo, std::vector<std::string>{"Bert <b@example.org>", "c@example.org"}},
                      {field::kMailSent, std::int64_t{1'700'000'000'000}},
                      {field::kMailPriority, std::int64_t{1}},
                      {field::kMailReceiptTo, std::string("ada@example.org")},
                      {field::kMailSeen, true},
                      {field::kMailAnswered, true},
                      {field::kMailAttachment, true}};
  const auto value = [&mail](PropTag tag) { return PropOf(ItemType::kMail, mail, tag).value().value; };
  CHECK(value(TagOf(0x003D, PropType::kUnicode)) == PropValue(std::string("AW: ")));
  CHECK(value(tag::kNormalizedSubject) == PropValue(std::string("Plan")));
  CHECK(value(tag::kSubject) == PropValue(std::string("AW: Plan")));
  CHECK(value(tag::kDisplayTo) == PropValue(std::string("Bert; c@example.org")));
  CHECK(value(TagOf(0x0C1F, PropType::kUnicode)) == PropValue(std::string("ada@example.org")));
  CHECK(value(TagOf(0x0039, PropType::kSysTime)) == PropValue(FileTimeOf(1'700'000'000'000)));
  CHECK(value(tag::kMessageFlags) == PropValue(std::int32_t{0x11}));
  CHECK(value(tag::kImportance) == PropValue(std::int32_t{2}));
  CHECK(value(tag::kIconIndex) == PropValue(std::int32_t{0x105}));
  CHECK(value(TagOf(0x0029, PropType::kBoolean)) == PropValue(true));
  CHECK(TextOf(ItemType::kMail, {{field::kMailSubject, std::string("24: x")}}, tag::kNormalizedSubject) == "24: x");
  const std::vector<Prop> set{{TagOf(0x1090, PropType::kLong), std::int32_t{2}}, {tag::kSubject, std::string("x")}};
  const PropEdit edit = EditOfProps(ItemType::kMail, set, {}, mail);
  CHECK(edit.patch == FieldMap{{field::kMailFlagged, true}});
  CHECK(edit.rest == std::vector<PropTag>{tag::kSubject});
}

TEST_CASE("properties: named ones have ids, times are Windows'", "[mapi]") {
  const auto names = KnownNames();
  REQUIRE(names.size() > 80);
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(IdOfName(names[i]) == kFirstNamedId + i);
    CHECK(PropSetOf(GuidOf(names[i].set)) == names[i].set);
  }
  CHECK(IdOfName({PropSet::kPublicStrings, 0, "Keywords"}) != 0);
  CHECK(IdOfName({PropSet::kAddress, 0x9999, {}}) == 0);
  CHECK(FileTimeOf(0).ticks == 116'444'736'000'000'000);
  CHECK(MsOf(FileTimeOf(-1)) == -1);
  CHECK(MsOf(FileTimeOf(INT64_MIN)) == -11'644'473'600'000);
  CHECK(FileTimeOf(INT64_MAX).ticks > 0);
}
