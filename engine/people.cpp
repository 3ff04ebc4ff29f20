#include "engine/people.h"

#include <algorithm>

#include "projection/items.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

// Searched word by word.
constexpr FieldId kNames[] = {field::kPersonDisplayName, field::kPersonFirstName, field::kPersonLastName,
                              field::kPersonName,        field::kPersonMail,      field::kPersonAliases};

bool HasWord(std::string_view text, const std::string& wanted) {
  for (std::size_t at = 0; at < text.size();) {
    if (SortKey(text.substr(at)).starts_with(wanted)) return true;
    at = text.find_first_of(" -.,", at);
    if (at == std::string_view::npos) return false;
    ++at;
  }
  return false;
}

bool Fits(const ItemState& person, const std::string& wanted) {
  return std::any_of(std::begin(kNames), std::end(kNames), [&](FieldId field) {
    const Value value = person.HeadValue(field);
    if (const auto* text = std::get_if<std::string>(&value)) return HasWord(*text, wanted);
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    return texts != nullptr &&
           std::any_of(texts->begin(), texts->end(), [&](const std::string& text) { return HasWord(text, wanted); });
  });
}

bool IsCalled(const ItemState& person, const std::string& wanted) {
  return std::any_of(std::begin(kNames), std::end(kNames), [&](FieldId field) {
    const Value value = person.HeadValue(field);
    if (field == field::kPersonFirstName || field == field::kPersonLastName) return false;
    if (const auto* text = std::get_if<std::string>(&value)) return SortKey(*text) == wanted;
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    return texts != nullptr &&
           std::any_of(texts->begin(), texts->end(), [&](const std::string& text) { return SortKey(text) == wanted; });
  });
}

}  // namespace

Result<void> ForEachPerson(const StateReader& state, const PeopleQuery& query,
                           const std::function<bool(const ItemState&)>& visit) {
  const std::string wanted = query.prefix.empty() ? std::string() : SortKey(query.prefix);
  // They are in no folder.
  return ForEachItem(state, ItemId{}, [&](const ItemState& item) {
    if (item.type != ItemType::kPerson) return true;
    if (!query.kind.empty() && item.HeadValue(field::kPersonKind) != Value(query.kind)) return true;
    return (!wanted.empty() && !Fits(item, wanted)) || visit(item);
  });
}

Result<std::vector<ItemState>> FindPeople(const StateReader& state, const std::string& who) {
  std::vector<ItemState> all, found;
  OUTPOST_TRYV(ForEachPerson(state, {}, [&](const ItemState& person) {
    all.push_back(person);
    return true;
  }));
  const std::string wanted = SortKey(who);
  for (const ItemState& person : all)
    if (person.remote_id == who || (!who.empty() && IsCalled(person, wanted))) found.push_back(person);
  if (found.empty())
    return Error{Code::kNotFound, Retry::kNever, "nobody is called '" + who + "' (see \"outpost people\")"};
  if (found.size() > 1)
    return Error{Code::kInvalid, Retry::kNever,
                 "several are called '" + who + "', such as " + found[0].remote_id + " and " + found[1].remote_id};
  if (found.front().HeadValue(field::kPersonKind) != Value(std::string("group"))) return found;
  const Value members = found.front().HeadValue(field::kPersonMembers);
  const auto* ids = std::get_if<std::vector<std::string>>(&members);
  std::vector<ItemState> inside;
  for (const ItemState& person : all)
    if (ids != nullptr && std::count(ids->begin(), ids->end(), person.remote_id) > 0) inside.push_back(person);
  return inside;
}

Result<PeopleNames> PeopleNames::Load(const StateReader& state) {
  PeopleNames people;
  OUTPOST_TRYV(ForEachPerson(state, {}, [&](const ItemState& person) {
    const Value name = person.HeadValue(field::kPersonDisplayName);
    if (const auto* text = std::get_if<std::string>(&name)) people.names_.emplace(person.remote_id, *text);
    return true;
  }));
  return people;
}

std::string_view PeopleNames::Of(std::string_view who) const {
  const auto found = names_.find(who);
  return found != names_.end() ? std::string_view(found->second) : std::string_view();
}

std::string_view PeopleNames::WhoIn(std::string_view text) {
  const std::string_view who = text.substr(0, text.find(' '));
  for (const std::string_view kind : {"user:", "group:", "resource:"})
    if (who.starts_with(kind) && who.find_first_not_of("0123456789", kind.size()) == std::string_view::npos) return who;
  return {};
}

}  // namespace outpost
