#include "tests/sim/facts.h"

#include "base/check.h"
#include "tools/oxserver/columns.h"
#include "tools/oxserver/state.h"

namespace outpost::sim {

namespace {

constexpr std::int64_t kKindShift = std::int64_t{1} << 40;

const oxserver::ColumnTable& ColumnsOf(ItemType type) {
  switch (type) {
    case ItemType::kTask:
      return oxserver::TaskColumns();
    case ItemType::kAppointment:
      return oxserver::CalendarColumns();
    default:
      return oxserver::ContactColumns();
  }
}

std::string TextOf(const Value& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "";
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : "";
}

// What people type here needs no escapes. What is not so is as good as not said.
std::string TextOf(std::string_view literal) {
  if (literal == "false") return "";
  return std::string(literal.starts_with('"') ? literal.substr(1, literal.size() - 2) : literal);
}

template <class TextOfField>
Values Gather(ItemType type, TextOfField text) {
  Values values;
  for (const Group& group : Groups(type)) {
    std::vector<std::string> parts;
    for (const auto field : group.fields) parts.push_back(text(field));
    values[std::string(group.name)] = Join(parts);
  }
  return values;
}

}  // namespace

std::span<const Group> Groups(ItemType type) {
  static const std::vector<Group> kContact = {
      {"nickname", {"nickname"}},
      {"company", {"company"}},
      {"address_home", {"street_home", "city_home"}},
      {"note", {"note"}},
  };
  static const std::vector<Group> kTask = {
      {"title", {"title"}},
      {"companies", {"companies"}},
      {"time", {"start_time", "end_time", "full_time"}, 2, true},
      {"note", {"note"}},
  };
  static const std::vector<Group> kAppointment = {
      {"title", {"title"}},
      {"location", {"location"}},
      {"time", {"start_date", "end_date", "full_time", "timezone"}, 2, true},
      {"note", {"note"}},
  };
  return type == ItemType::kTask ? kTask : type == ItemType::kAppointment ? kAppointment : kContact;
}

std::int64_t ObjectKey(ItemType type, std::int64_t id) {
  return type == ItemType::kContact ? id : static_cast<std::int64_t>(type) * kKindShift + id;
}
std::int64_t IdOf(std::int64_t key) { return key % kKindShift; }
ItemType TypeOf(std::int64_t key) {
  return key < kKindShift ? ItemType::kContact : static_cast<ItemType>(key / kKindShift);
}
ItemType TypeOf(const oxserver::Object& object) {
  switch (object.module) {
    case oxserver::FolderModule::kTasks:
      return ItemType::kTask;
    case oxserver::FolderModule::kCalendar:
      return ItemType::kAppointment;
    default:
      return ItemType::kContact;
  }
}
std::string_view ModuleOf(ItemType type) {
  return type == ItemType::kTask ? "tasks" : type == ItemType::kAppointment ? "calendar" : "contacts";
}

std::int64_t DayFor(int writer, std::uint64_t count) {
  constexpr std::int64_t kFirstDay = 20'000;  // in 2024
  return (kFirstDay + (writer * 1'000 + static_cast<std::int64_t>(count % 1'000)) * 2) * kDayMs;
}

std::string Join(const std::vector<std::string>& parts) {
  std::string joined;
  bool any = false;
  for (const std::string& part : parts) {
    if (&part != &parts.front()) joined += '|';
    joined += part;
    any = any || !part.empty();
  }
  return any ? joined : "";
}

Values ValuesOf(const oxserver::Object& object) {
  const ItemType type = TypeOf(object);
  const auto text = [&](std::string_view column) {
    const auto literal = object.fields.Get(ColumnsOf(type).ByName(column));
    return literal ? TextOf(*literal) : std::string();
  };
  Values values = Gather(type, text);
  values[std::string(kTags)] = text(kTags);
  values[std::string(kFolder)] = std::to_string(object.folder);
  return values;
}

FieldId FieldOf(ItemType type, std::string_view name) {
  const Field* field = FindField(type, name);
  OUTPOST_CHECK(field != nullptr);
  return field->id;
}

Values ValuesOf(ItemType type, const FieldMap& fields, const std::string& folder) {
  Values values = Gather(type, [&](std::string_view name) {
    const auto at = fields.find(FieldOf(type, name));
    return at != fields.end() ? TextOf(at->second) : std::string();
  });
  std::string tags;
  if (const auto at = fields.find(FieldOf(type, kTags)); at != fields.end() && !IsNull(at->second))
    for (const std::string& tag : std::get<std::vector<std::string>>(at->second))
      tags += (tags.empty() ? "" : ",") + tag;
  values[std::string(kTags)] = tags;
  values[std::string(kFolder)] = folder;
  return values;
}

}  // namespace outpost::sim
