// contacts?action=search and advancedSearch (http-api.md 4).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/contacts.h"

namespace outpost::oxserver {
namespace {

constexpr int kFilterDepthMax = 32;

ApiError BadFilter() { return {"CON-0155", Category::kUserInput, "The search cannot be understood.", {}, {}, {}}; }

// The value as folded text, and as a number where it is one. Nothing for null.
struct Operand {
  bool set = false;
  std::string text;
  std::optional<std::int64_t> number;
};

Operand FieldOperand(const World& world, const Object& contact, int position) {
  static const Zone kUtc("UTC", {});
  std::string literal;
  AppendValue(literal, ContactsModule(), world, contact, position, kUtc);
  if (literal == "null") return {};
  std::string text = literal.front() == '"' ? Unquoted(literal) : literal;
  const auto number = ParseNumber(text);
  return {true, Folded(text), number};
}

// One comparison of a filter, parsed.
class Filter {
 public:
  // Errors: CON-0155.
  static Api<Filter> Parse(const Json& json, int depth = 0);
  bool Matches(const World& world, const Object& contact) const;
  // The uid that every match has, where the filter says so.
  std::optional<std::string> Uid() const;

 private:
  static Api<Filter> ParseComparison(const std::string& op, const Json& json);
  bool Compare(const Operand& field) const;

  std::string op_;
  std::vector<Filter> parts_;  // of and, or, not
  int position_ = -1;
  bool reversed_ = false;  // the constant stands on the left
  Operand constant_;
  std::string exact_;  // the constant as sent
};

Api<Filter> Filter::Parse(const Json& json, int depth) {
  if (!json.is_array() || json.empty() || !json[0].is_string() || depth > kFilterDepthMax) return BadFilter();
  const std::string op = Lower(json[0].get<std::string>());
  if (op != "and" && op != "or" && op != "not") return ParseComparison(op, json);
  if (json.size() < 2 || (op == "not" && json.size() != 2)) return BadFilter();
  Filter filter;
  filter.op_ = op;
  for (std::size_t i = 1; i < json.size(); ++i) {
    OUTPOST_TRY(auto part, Parse(json[i], depth + 1));
    filter.parts_.push_back(std::move(part));
  }
  return filter;
}

Api<Filter> Filter::ParseComparison(const std::string& op, const Json& json) {
  static constexpr std::string_view kOperators[] = {"=", "<", ">", "<=", ">=", "<>"};
  if (json.size() != 3 || std::find(std::begin(kOperators), std::end(kOperators), op) == std::end(kOperators))
    return BadFilter();
  Filter filter;
  filter.op_ = op;
  filter.reversed_ = !json[1].is_object();
  const Json& field = json[filter.reversed_ ? 2 : 1];
  const Json& constant = json[filter.reversed_ ? 1 : 2];
  if (!field.is_object() || !field.contains("field") || !field["field"].is_string()) return BadFilter();
  filter.position_ = ContactColumns().ByName(field["field"].get<std::string>());
  const auto text = constant.is_boolean() ? std::optional<std::string>(constant.get<bool>() ? "true" : "false")
                                          : ScalarText(constant);
  if (filter.position_ < 0 || !text) return BadFilter();
  filter.exact_ = *text;
  filter.constant_ = {true, Folded(*text), ParseNumber(*text)};
  return filter;
}

bool Filter::Compare(const Operand& field) const {
  if (!field.set) return op_ == "<>";
  const bool wild = constant_.text.find_first_of("*?") != std::string::npos;
  const bool equal = wild ? WildcardMatch(constant_.text, field.text) : constant_.text == field.text;
  if (op_ == "=") return equal;
  if (op_ == "<>") return !equal;
  int order = field.text.compare(constant_.text);
  if (field.number && constant_.number)
    order = *field.number < *constant_.number ? -1 : *field.number > *constant_.number ? 1 : 0;
  if (reversed_) order = -order;
  if (op_ == "<") return order < 0;
  if (op_ == ">") return order > 0;
  return op_ == "<=" ? order <= 0 : order >= 0;
}

bool Filter::Matches(const World& world, const Object& contact) const {
  const auto matches = [&](const Filter& part) { return part.Matches(world, contact); };
  if (op_ == "and") return std::all_of(parts_.begin(), parts_.end(), matches);
  if (op_ == "or") return std::any_of(parts_.begin(), parts_.end(), matches);
  if (op_ == "not") return !parts_.front().Matches(world, contact);
  return Compare(FieldOperand(world, contact, position_));
}

std::optional<std::string> Filter::Uid() const {
  if (op_ == "and") {
    for (const auto& part : parts_) {
      if (auto uid = part.Uid()) return uid;
    }
  }
  const bool plain =
      op_ == "=" && position_ == ContactColumns().ById(kColUid) && exact_.find_first_of("*?") == std::string::npos;
  // The index knows exact spellings only; comparison folds case, so letters need the scan unless the uid is in lower
  // case.
  if (plain && Folded(exact_) == exact_) return exact_;
  return std::nullopt;
}

std::vector<std::int64_t> FolderList(const Json& body, const char* name) {
  std::vector<std::int64_t> folders;
  if (!body.contains(name)) return folders;
  const Json& value = body[name];
  if (const auto single = ScalarNumber(value)) folders.push_back(*single);
  if (value.is_array()) {
    for (const auto& entry : value) {
      if (const auto number = ScalarNumber(entry)) folders.push_back(*number);
    }
  }
  return folders;
}

// The search object of `search`: field patterns, joined by and or or.
class Search {
 public:
  static Api<Search> Parse(const Json& body);
  bool Matches(const World& world, const Object& contact) const;

 private:
  struct Term {
    int position;
    std::string pattern;  // folded, with wildcards
  };
  std::vector<Term> terms_;
  bool any_ = false;
};

Api<Search> Search::Parse(const Json& body) {
  Search search;
  search.any_ = body.value("orSearch", Json(false)) == true || body.value("emailAutoComplete", Json(false)) == true;
  const bool exact = body.value("exactMatch", Json(false)) == true;
  const auto add = [&](int column, std::string pattern, bool prefix) {
    pattern = Folded(pattern);
    const bool wild = pattern.find_first_of("*?") != std::string::npos;
    if (!exact && !wild) pattern = prefix ? pattern + '*' : '*' + pattern + '*';
    search.terms_.push_back({ContactColumns().ById(column), std::move(pattern)});
  };
  if (const auto pattern = body.find("pattern"); pattern != body.end()) {
    if (!pattern->is_string()) return BadFilter();
    const bool start = body.contains("startletter") && body["startletter"] != false;
    add(start ? kColLastName : kColDisplayName, pattern->get<std::string>(), start);
  }
  for (const char* name :
       {"last_name", "first_name", "display_name", "email1", "email2", "email3", "company", "categories"}) {
    const auto value = body.find(name);
    if (value == body.end()) continue;
    if (!value->is_string()) return BadFilter();
    add(ContactColumns().At(ContactColumns().ByName(name)).id, value->get<std::string>(), true);
  }
  return search;
}

bool Search::Matches(const World& world, const Object& contact) const {
  const auto hit = [&](const Term& term) {
    const Operand value = FieldOperand(world, contact, term.position);
    return WildcardMatch(term.pattern, value.text);
  };
  if (terms_.empty()) return true;
  return any_ ? std::any_of(terms_.begin(), terms_.end(), hit) : std::all_of(terms_.begin(), terms_.end(), hit);
}

}  // namespace

Api<Answer> SearchContacts(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const auto search, Search::Parse(*body));
  const auto excluded = FolderList(*body, "exclude_folders");
  std::vector<const Object*> found;
  for (const Folder* folder : SearchFolders(ContactsModule(), world, request.user, FolderList(*body, "folder"))) {
    if (std::find(excluded.begin(), excluded.end(), folder->id) != excluded.end()) continue;
    const Rights rights = RightsOf(world, *folder, request.user);
    for (const auto& [id, contact] : world.state.ContentsOf(folder->id).by_id) {
      if (MayRead(*folder, rights, *contact, request.user) && search.Matches(world, *contact)) found.push_back(contact);
    }
  }
  return RowsAnswer(ContactsModule(), world, request, std::move(found));
}

Api<Answer> AdvancedSearch(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  if (!body->contains("filter")) return MissingParameter("filter");
  OUTPOST_TRY(const auto filter, Filter::Parse((*body)["filter"]));
  std::vector<const Object*> found;
  const auto consider = [&](const Folder& folder, const Object& contact) {
    const Rights rights = RightsOf(world, folder, request.user);
    if (MayRead(folder, rights, contact, request.user) && filter.Matches(world, contact)) found.push_back(&contact);
  };
  if (const auto uid = filter.Uid()) {
    for (const Object* contact : world.state.FindByUid(FolderModule::kContacts, *uid))
      consider(*world.state.FindFolder(contact->folder), *contact);
  } else {
    for (const Folder* folder : SearchFolders(ContactsModule(), world, request.user, {})) {
      for (const auto& [id, contact] : world.state.ContentsOf(folder->id).by_id) consider(*folder, *contact);
    }
  }
  return RowsAnswer(ContactsModule(), world, request, std::move(found));
}

}  // namespace outpost::oxserver
