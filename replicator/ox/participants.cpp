#include "replicator/ox/participants.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "replicator/ox/cells.h"
#include "replicator/ox/participants_read.h"

namespace outpost {
namespace {

constexpr std::int64_t kExternal = 5;
constexpr std::string_view kInside[] = {"", "user", "group", "resource", "resource_group"};  // by their type
constexpr std::string_view kConfirmations[] = {"none", "accepted", "declined", "tentative"};

struct Person {
  std::int64_t type = 0;
  std::int64_t id = 0;
  std::int64_t confirmation = 0;
  std::string mail;
  std::string name;
  std::string message;
};

bool ReadPerson(od::value cell, Person& person) {
  od::object members;
  if (cell.get_object().get(members)) return false;
  for (auto member : members) {
    std::string_view key;
    od::value value;
    if (member.unescaped_key().get(key) || member.value().get(value)) return false;
    const std::string_view token = TokenOf(value);
    if (IsNullToken(token)) continue;
    bool fits = true;
    if (key == "type") fits = ReadInt(token, person.type);
    if (key == "id") fits = ReadInt(token, person.id);
    if (key == "confirm" || key == "confirmation" || key == "status") fits = ReadInt(token, person.confirmation);
    if (key == "mail") fits = ReadText(token, person.mail);
    if (key == "display_name") fits = ReadText(token, person.name);
    if (key == "confirmmessage" || key == "message") fits = ReadText(token, person.message);
    if (!fits) return false;
  }
  return true;
}

// `text_of` gives the text of one person; nullopt where he is of another shape.
template <class TextOf>
bool ReadPeople(od::value cell, Value& out, TextOf text_of) {
  od::array people;
  if (cell.get_array().get(people)) return false;
  std::vector<std::string> texts;
  for (auto each : people) {
    od::value value;
    Person person;
    if (each.get(value) || !ReadPerson(value, person)) return false;
    std::optional<std::string> text = text_of(person);
    if (!text) return false;
    texts.push_back(std::move(*text));
  }
  if (texts.empty())
    out = {};
  else
    out = std::move(texts);
  return true;
}

std::optional<std::string> ParticipantText(const Person& person) {
  if (person.type == kExternal) {
    if (person.mail.empty()) return std::nullopt;
    return person.name.empty() ? person.mail : person.name + " <" + person.mail + ">";
  }
  if (person.type < 1 || person.type > kExternal) return std::nullopt;
  return std::string(kInside[person.type]) + ":" + std::to_string(person.id);
}

std::optional<std::string> Answered(std::string text, const Person& person) {
  if (person.confirmation < 0 || person.confirmation >= std::ssize(kConfirmations)) return std::nullopt;
  text += ' ';
  text += kConfirmations[person.confirmation];
  if (!person.message.empty()) text += " " + person.message;
  return text;
}

std::optional<std::string> UserText(const Person& person) {
  return Answered("user:" + std::to_string(person.id), person);
}
std::optional<std::string> ConfirmationText(const Person& person) { return Answered(person.mail, person); }

// nullopt for a text that names nobody inside.
std::optional<Person> Inside(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  for (std::int64_t type = 1; type < kExternal; ++type) {
    Person person;
    if (text.substr(0, colon) != kInside[type] || !ReadInt(text.substr(colon + 1), person.id)) continue;
    person.type = type;
    return person;
  }
  return std::nullopt;
}

Person Outside(std::string_view text) {
  Person person;
  person.type = kExternal;
  const auto bracket = text.rfind('<');
  if (bracket == std::string_view::npos || text.back() != '>') {
    person.mail = text;
    return person;
  }
  person.mail = text.substr(bracket + 1, text.size() - bracket - 2);
  const auto last = text.substr(0, bracket).find_last_not_of(' ');
  person.name = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return person;
}

}  // namespace

void NoteOwnAnswer(const std::string& user_id, RemoteRow& row) {
  const field::AnswerFields fields = field::AnswerOf(row.type);
  const auto users = row.fields.find(fields.users);
  const auto* texts =
      fields.users != 0 && users != row.fields.end() ? std::get_if<std::vector<std::string>>(&users->second) : nullptr;
  if (texts == nullptr || user_id.empty()) return;
  const std::string who = "user:" + user_id + " ";
  const auto own =
      std::find_if(texts->begin(), texts->end(), [&](const std::string& text) { return text.starts_with(who); });
  if (own == texts->end()) return;
  const std::string_view rest = std::string_view(*own).substr(who.size());
  const std::string_view word = rest.substr(0, rest.find(' '));
  std::string message(rest.substr(std::min(rest.size(), word.size() + 1)));
  for (std::int64_t answer = 1; answer < std::ssize(kConfirmations); ++answer)
    if (word == kConfirmations[answer]) row.fields[fields.answer] = answer;
  if (!message.empty()) row.fields[fields.message] = std::move(message);
}

bool ReadParticipants(od::value cell, Value& out) { return ReadPeople(cell, out, ParticipantText); }
bool ReadUsers(od::value cell, Value& out) { return ReadPeople(cell, out, UserText); }
bool ReadConfirmations(od::value cell, Value& out) { return ReadPeople(cell, out, ConfirmationText); }

void WriteParticipants(JsonWriter& json, const Value& texts) {
  const auto* people = std::get_if<std::vector<std::string>>(&texts);
  if (people == nullptr || people->empty()) {
    json.Null();
    return;
  }
  json.BeginArray();
  for (const std::string& text : *people) {
    const auto inside = Inside(text);
    const Person person = inside ? *inside : Outside(text);
    json.BeginObject().Key("type").Int(person.type);
    if (inside)
      json.Key("id").Int(person.id);
    else
      json.Pair("mail", person.mail);
    if (!person.name.empty()) json.Pair("display_name", person.name);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace outpost
