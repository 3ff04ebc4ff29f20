#include "replicator/ox/members.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "replicator/ox/cells.h"
#include "replicator/ox/members_read.h"

namespace outpost {
namespace {

constexpr std::string_view kContact = "contact:";

struct Member {
  std::string id;
  std::string folder;
  std::string name;
  std::string sort_name;
  std::string mail;
  std::int64_t mail_field = 0;
};

bool ReadMember(od::value cell, Member& member) {
  return EachMember(cell, [&](std::string_view key, od::value value) {
    const std::string_view token = TokenOf(value);
    if (IsNullToken(token)) return true;
    if (key == "id") return ReadText(token, member.id);
    if (key == "folder_id") return ReadText(token, member.folder);
    if (key == "display_name") return ReadText(token, member.name);
    if (key == "sort_name") return ReadText(token, member.sort_name);
    if (key == "mail") return ReadText(token, member.mail);
    if (key == "mail_field") return ReadInt(token, member.mail_field);
    return true;
  });
}

// A line must stay one.
std::string Flat(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return text;
}

std::string LineOf(const Member& member) {
  std::string line;
  if (!member.id.empty()) {
    line = std::string(kContact) + member.id;
    if (!member.folder.empty()) line += "@" + member.folder;
    line += "/" + std::to_string(member.mail_field);
  }
  const auto add = [&](const std::string& word) {
    if (word.empty()) return;
    if (!line.empty()) line += ' ';
    line += word;
  };
  add(Flat(member.name));
  if (!member.mail.empty()) add(member.name.empty() && member.id.empty() ? member.mail : "<" + Flat(member.mail) + ">");
  if (!member.sort_name.empty() && member.sort_name != member.name) line += "\t" + Flat(member.sort_name);
  return line;
}

Member MemberOf(std::string_view line) {
  Member member;
  if (const auto tab = line.find('\t'); tab != std::string_view::npos) {
    member.sort_name = line.substr(tab + 1);
    line = line.substr(0, tab);
  }
  if (line.starts_with(kContact)) {
    const auto end = std::min(line.find(' '), line.size());
    std::string_view place = line.substr(kContact.size(), end - kContact.size());
    line = line.substr(std::min(end + 1, line.size()));
    member.mail_field = 1;
    if (const auto slash = place.rfind('/'); slash != std::string_view::npos) {
      ReadInt(place.substr(slash + 1), member.mail_field);
      place = place.substr(0, slash);
    }
    const auto at = place.find('@');
    member.id = place.substr(0, at);
    if (at != std::string_view::npos) member.folder = place.substr(at + 1);
  }
  const auto bracket = line.rfind('<');
  if (bracket != std::string_view::npos && line.back() == '>') {
    member.mail = line.substr(bracket + 1, line.size() - bracket - 2);
    line = line.substr(0, bracket);
    while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
    member.name = line;
  } else if (member.id.empty()) {
    member.mail = line;
  } else {
    member.name = line;
  }
  return member;
}

}  // namespace

bool ReadMembers(od::value& cell, Value& out) {
  od::array members;
  if (cell.get_array().get(members)) return false;
  std::string text;
  for (auto each : members) {
    od::value value;
    Member member;
    if (each.get(value) || !ReadMember(value, member)) return false;
    if (!text.empty()) text += '\n';
    text += LineOf(member);
  }
  if (text.empty())
    out = {};
  else
    out = std::move(text);
  return true;
}

void WriteMembers(JsonWriter& json, const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || text->empty()) {
    json.Null();
    return;
  }
  json.BeginArray();
  for (std::string_view rest = *text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest = rest.substr(std::min(end + 1, rest.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    const Member member = MemberOf(line);
    json.BeginObject();
    if (!member.id.empty()) json.Pair("id", member.id);
    if (!member.folder.empty()) json.Pair("folder_id", member.folder);
    if (!member.name.empty()) json.Pair("display_name", member.name);
    if (!member.sort_name.empty()) json.Pair("sort_name", member.sort_name);
    if (!member.mail.empty()) json.Pair("mail", member.mail);
    json.Key("mail_field").Int(member.mail_field).EndObject();
  }
  json.EndArray();
}

}  // namespace outpost
