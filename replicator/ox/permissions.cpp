#include "replicator/ox/permissions.h"

#include <algorithm>
#include <vector>

#include "replicator/ox/cells.h"
#include "replicator/ox/permissions_read.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

struct Entry {
  std::int64_t entity = 0;
  std::int64_t bits = -1;
  bool group = false;
  bool more = false;  // it has members beyond these
  std::string type;
};

bool ReadMembers(od::object& members, Entry& entry) {
  for (auto member : members) {
    std::string_view key;
    od::value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return false;
    const std::string_view token = TokenOf(value);
    if (key == "entity") {
      if (!ReadInt(token, entry.entity)) return false;
    } else if (key == "bits") {
      if (!ReadInt(token, entry.bits)) return false;
    } else if (key == "group") {
      if (!ReadBool(token, entry.group)) return false;
    } else {
      entry.more = true;
      if (key == "type" && !ReadText(token, entry.type)) return false;
    }
  }
  return entry.bits >= 0 && entry.entity >= 0;
}

// Who it is about. A kind of entry that is not known keeps its name, so that none passes for a user.
std::string WhoOf(const Entry& entry) {
  std::string who = entry.type.empty() ? (entry.group ? "group" : "user") : entry.type;
  std::replace(who.begin(), who.end(), ' ', '_');
  return who + ":" + std::to_string(entry.entity);
}

}  // namespace

bool ReadPermissions(od::value cell, Value& out) {
  od::array entries;
  if (cell.get_array().get(entries)) return false;
  std::vector<std::string> texts;
  for (auto each : entries) {
    od::object members;
    Entry entry;
    if (each.get_object().get(members) || !ReadMembers(members, entry)) return false;
    RightsEntry rights{WhoOf(entry), entry.bits};
    if (entry.more) {
      std::string_view raw;
      if (members.reset().error() || members.raw_json().get(raw)) return false;
      rights.rest = raw;  // what lies between its members may break the line, nothing in them does
      std::replace(rights.rest.begin(), rights.rest.end(), '\n', ' ');
    }
    texts.push_back(RightsText(rights));
  }
  out = RightsField(std::move(texts));
  return true;
}

void WritePermissions(JsonWriter& json, const Value& field) {
  json.BeginArray();
  for (const std::string& line : RightsLines(field)) {
    const auto entry = ParseRights(line);
    if (!entry) continue;
    if (!entry->rest.empty()) {
      json.Raw(entry->rest);
      continue;
    }
    const std::string_view who = entry->who;
    const auto colon = who.find(':');
    std::int64_t entity = 0;
    if (colon == std::string_view::npos || !ReadInt(who.substr(colon + 1), entity)) continue;
    json.BeginObject().Key("bits").Int(entry->bits).Key("entity").Int(entity);
    json.Key("group").Bool(who.substr(0, colon) == "group").EndObject();
  }
  json.EndArray();
}

}  // namespace outpost
