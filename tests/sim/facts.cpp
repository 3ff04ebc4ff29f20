#include "tests/sim/facts.h"

#include "base/check.h"
#include "tools/oxserver/columns.h"
#include "tools/oxserver/state.h"

namespace outpost::sim {

std::span<const Group> Groups() {
  static const std::vector<Group> kGroups = {
      {"nickname", {"nickname"}},
      {"company", {"company"}},
      {"address_home", {"street_home", "city_home"}},
      {"note", {"note"}},
  };
  return kGroups;
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

Values ValuesOf(const oxserver::Object& contact) {
  const auto text = [&](std::string_view column) {
    const auto literal = contact.fields.Get(oxserver::ContactColumns().ByName(column));
    // What people type here needs no escapes.
    return literal && literal->size() >= 2 ? std::string(literal->substr(1, literal->size() - 2)) : std::string();
  };
  Values values;
  for (const Group& group : Groups()) {
    std::vector<std::string> parts;
    for (const auto field : group.fields) parts.push_back(text(field));
    values[std::string(group.name)] = Join(parts);
  }
  values[std::string(kTags)] = text(kTags);
  values[std::string(kFolder)] = std::to_string(contact.folder);
  return values;
}

FieldId ContactField(std::string_view name) {
  const Field* field = FindField(ItemType::kContact, name);
  OUTPOST_CHECK(field != nullptr);
  return field->id;
}

Values ValuesOf(const FieldMap& fields, const std::string& folder) {
  const auto text = [&](std::string_view name) {
    const auto at = fields.find(ContactField(name));
    if (at == fields.end() || IsNull(at->second)) return std::string();
    return std::get<std::string>(at->second);
  };
  Values values;
  for (const Group& group : Groups()) {
    std::vector<std::string> parts;
    for (const auto field : group.fields) parts.push_back(text(field));
    values[std::string(group.name)] = Join(parts);
  }
  std::string tags;
  if (const auto at = fields.find(ContactField(kTags)); at != fields.end() && !IsNull(at->second))
    for (const std::string& tag : std::get<std::vector<std::string>>(at->second))
      tags += (tags.empty() ? "" : ",") + tag;
  values[std::string(kTags)] = tags;
  values[std::string(kFolder)] = folder;
  return values;
}

}  // namespace outpost::sim
