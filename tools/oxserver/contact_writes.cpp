// The changing half of the contacts module (http-api.md 1.5, 1.8 and 4).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/oxserver/contacts.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

// What a body asks of a contact, checked: literals by column position (empty: remove), and the fields kept apart.
struct Changes {
  std::vector<std::pair<int, std::string>> fields;
  std::optional<std::int64_t> folder;
  std::optional<std::string> uid;
  std::optional<bool> is_private;
};

struct TooLong {
  int id;
  std::size_t length;
  std::size_t limit;
};

ApiError TruncationError(const std::vector<TooLong>& values) {
  ApiError error{"CON-0154", Category::kUserInput, "Some values are too long.", {}, "[", "["};
  for (const auto& value : values) {
    const std::string comma = error.truncated.size() > 1 ? "," : "";
    error.problematic += comma + "{\"id\":" + std::to_string(value.id) + ",\"length\":" + std::to_string(value.length) +
                         ",\"max_size\":" + std::to_string(value.limit) + "}";
    error.truncated += comma + std::to_string(value.id);
  }
  error.problematic += ']';
  error.truncated += ']';
  return error;
}

// Parsing faults name the field instead of the column.
ApiError ParseError(const char* field) {
  ApiError error{"CON-0157", Category::kUserInput, "A field cannot be read.", {field}, {}, {}};
  error.problematic = "[{\"name\":" + Quoted(field) + "}]";
  return error;
}

bool HasFourByteCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0; });
}

// An address with exactly one '@' between two parts without blanks.
bool IsMailAddress(std::string_view text) {
  const auto at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find_first_of(" \t\r\n<>,;") == std::string_view::npos && text.find('@') == at;
}

Api<std::string> TextLiteral(const World& world, const Column& column, const Json& value,
                             std::vector<TooLong>& too_long) {
  if (!value.is_string()) return ParseError(column.name);
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty()) return std::string();
  if (!world.options.four_byte_characters && HasFourByteCharacter(text)) {
    ApiError error{"CON-0168", Category::kUserInput, "A character cannot be stored.", {column.name}, {}, {}};
    error.problematic = "[{\"id\":" + std::to_string(column.id) + "}]";
    return error;
  }
  const auto length = world.options.length_unit == LengthUnit::kBytes ? text.size() : CountCharacters(text);
  if (column.max_characters != 0 && length > column.max_characters)
    too_long.push_back({column.id, length, column.max_characters});
  const bool mail = column.id == kColEmail1 || column.id == kColEmail2 || column.id == kColEmail3;
  if (mail && !IsMailAddress(text))
    return ApiError{"CON-0100", Category::kUserInput, "A mail address is invalid.", {column.name}, {}, {}};
  return Quoted(text);
}

Api<std::string> MembersLiteral(const Column& column, const Json& value) {
  if (!value.is_array()) return ParseError(column.name);
  Json members = Json::array();
  for (const auto& entry : value) {
    if (!entry.is_object()) return ParseError(column.name);
    Json member = Json::object();
    for (const char* key : {"id", "folder_id", "display_name", "sort_name", "mail"}) {
      const auto text = entry.contains(key) ? ScalarText(entry[key]) : std::nullopt;
      if (text && !text->empty()) member[key] = *text;
    }
    const auto field = entry.contains("mail_field") ? ScalarNumber(entry["mail_field"]).value_or(0) : 0;
    member["mail_field"] = field;
    if (field == 0 && !member.contains("mail")) {
      return ApiError{"CON-0177", Category::kUserInput, "An external member needs a mail address.", {}, {}, {}};
    }
    members.push_back(std::move(member));
  }
  return members.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Api<std::string> Literal(const World& world, const Column& column, const Json& value, std::vector<TooLong>& too_long) {
  if (value.is_null()) return std::string();
  switch (column.kind) {
    case Kind::kText:
      return TextLiteral(world, column, value, too_long);
    case Kind::kArray:
      return MembersLiteral(column, value);
    case Kind::kBoolean:
      if (!value.is_boolean()) return ParseError(column.name);
      return std::string(value.get<bool>() ? "true" : "false");
    default:
      break;
  }
  if (value.is_string() && value.get_ref<const std::string&>().empty()) return std::string();
  const auto number = ScalarNumber(value);
  if (!number) return ParseError(column.name);
  // A Date is midnight UTC of its day; the time of day that a client left in is cut off.
  const auto day = *number - ((*number % kDayMs) + kDayMs) % kDayMs;
  return std::to_string(column.kind == Kind::kDate ? day : *number);
}

Api<bool> ParseApart(const Column& column, const Json& value, Changes& changes) {
  if (column.id == kColFolder) {
    changes.folder = ScalarNumber(value);
    if (!changes.folder) return ParseError(column.name);
    return true;
  }
  if (column.id == kColPrivateFlag) {
    if (!value.is_boolean() && !value.is_null()) return ParseError(column.name);
    changes.is_private = value.is_boolean() && value.get<bool>();
    return true;
  }
  if (column.id == kColUid && value.is_string()) changes.uid = value.get<std::string>();
  return column.id == kColUid || column.access == Access::kServer;  // what the server keeps is ignored
}

Api<Changes> ParseChanges(const World& world, const Json& body) {
  Changes changes;
  std::vector<TooLong> too_long;
  for (const auto& [name, value] : body.items()) {
    const int position = ContactColumnByName(name);
    if (position < 0) continue;
    const Column& column = ContactColumns()[static_cast<std::size_t>(position)];
    OUTPOST_TRY(const bool apart, ParseApart(column, value, changes));
    if (apart && !(column.id == kColUid && changes.uid)) continue;
    OUTPOST_TRY(auto literal, Literal(world, column, value, too_long));
    if (!apart) changes.fields.emplace_back(position, std::move(literal));
  }
  if (!too_long.empty()) return TruncationError(too_long);
  return changes;
}

// Counters that follow from other fields.
void Derive(Contact& contact, std::int64_t stamp) {
  const auto members = contact.fields.Get(ContactColumnById(kColDistributionList));
  std::size_t count = 0;
  if (members) count = Json::parse(*members).size();
  contact.fields.Set(ContactColumnById(kColDistributionCount), count > 0 ? std::to_string(count) : "");
  const bool image = contact.fields.Get(ContactColumnById(kColImage1)).has_value();
  contact.fields.Set(ContactColumnById(kColImages), image ? "1" : "");
  if (!image)
    contact.fields.Set(ContactColumnById(kColImageModified), "");
  else if (!contact.fields.Get(ContactColumnById(kColImageModified))) {
    contact.fields.Set(ContactColumnById(kColImageModified), std::to_string(stamp));
  }
}

// True where a field differed.
bool Apply(const Changes& changes, Contact& contact) {
  bool changed = false;
  for (const auto& [position, literal] : changes.fields) {
    if (contact.fields.Get(position).value_or("") == literal) continue;
    contact.fields.Set(position, literal);
    if (ContactColumns()[static_cast<std::size_t>(position)].id == kColImage1)
      contact.fields.Set(ContactColumnById(kColImageModified), "");
    changed = true;
  }
  if (changes.is_private && *changes.is_private != contact.is_private) {
    contact.is_private = *changes.is_private;
    changed = true;
  }
  return changed;
}

bool IsPublic(const Folder& folder, int user) { return TypeFor(folder, user) != 1; }

Api<const Folder*> CreatableFolder(const World& world, int user, std::int64_t id) {
  const Folder* folder = world.state.FindFolder(id);
  if (folder != nullptr && folder->module != FolderModule::kContacts) {
    return ContactError("CON-0103", Category::kUserInput, "The folder is no folder of contacts.", id);
  }
  if (folder == nullptr || !RightsOf(*folder, user).Visible()) {
    return ContactError("CON-0104", Category::kPermissionDenied, "You have no access to the folder.", id);
  }
  if (!RightsOf(*folder, user).MayCreateObjects()) {
    return ContactError("CON-0112", Category::kPermissionDenied, "You may not create objects in the folder.", id);
  }
  return folder;
}

Api<void> CheckMove(const World& world, const Request& request, const Contact& contact, const Changes& changes) {
  OUTPOST_TRY(const Folder* target, CreatableFolder(world, request.user, *changes.folder));
  const Folder& source = *world.state.FindFolder(contact.folder);
  if (source.id == kGlobalAddressBook ||
      !Allows(RightsOf(source, request.user).remove, contact.created_by == request.user)) {
    return ContactError("CON-0169", Category::kPermissionDenied, "You may not take objects out of the folder.",
                        source.id);
  }
  if (changes.is_private.value_or(contact.is_private) && IsPublic(*target, request.user)) {
    return ContactError("CON-0165", Category::kUserInput, "A private contact cannot move to that folder.", contact.id);
  }
  return Ok();
}

Api<void> CheckUpdate(const World& world, const Request& request, const Contact& contact, const Changes& changes,
                      std::int64_t seen) {
  const Folder& folder = *world.state.FindFolder(contact.folder);
  if (!Allows(RightsOf(folder, request.user).write, contact.created_by == request.user)) {
    return ContactError("CON-0176", Category::kPermissionDenied, "You may not change the contact.", contact.id);
  }
  if (contact.modified > seen) {
    return ContactError("CON-0119", Category::kConflict, "The contact was changed meanwhile.", contact.id);
  }
  if (changes.is_private.value_or(false) && !changes.folder && IsPublic(folder, request.user)) {
    return ContactError("CON-0171", Category::kUserInput, "Contacts of this folder cannot be private.", contact.id);
  }
  const int email = ContactColumnById(kColEmail1);
  for (const auto& [position, literal] : changes.fields) {
    if (contact.user != 0 && position == email && literal != contact.fields.Get(email).value_or("")) {
      return ContactError("CON-0173", Category::kUserInput, "The primary mail address of a user cannot be changed.",
                          contact.id);
    }
  }
  return Ok();
}

Api<void> DeleteOne(World& world, const Request& request, const ContactRef& ref, std::int64_t seen) {
  OUTPOST_TRY(const Contact* contact, ReadableContact(world, request, ref.folder, ref.id));
  const Folder& folder = *world.state.FindFolder(contact->folder);
  if (folder.id == kGlobalAddressBook) {
    return ContactError("CON-0260", Category::kPermissionDenied,
                        "Entries of the global address book cannot be deleted.", contact->id);
  }
  if (!Allows(RightsOf(folder, request.user).remove, contact->created_by == request.user)) {
    return ContactError("CON-0169", Category::kPermissionDenied, "You may not delete the contact.", contact->id);
  }
  if (contact->modified > seen) {
    return ContactError("CON-0119", Category::kConflict, "The contact was changed meanwhile.", contact->id);
  }
  const auto id = contact->id;
  world.state.RemoveContact(id);
  world.state.AddTombstone(folder.id, id, world.stamps.Next());
  return Ok();
}

}  // namespace

Api<std::int64_t> CreateContact(World& world, int user, const Json& fields) {
  OUTPOST_TRY(auto changes, ParseChanges(world, fields));
  if (!changes.folder) return MissingParameter("folder_id");
  OUTPOST_TRY(const Folder* folder, CreatableFolder(world, user, *changes.folder));
  if (changes.is_private.value_or(false) && IsPublic(*folder, user)) {
    return ContactError("CON-0171", Category::kUserInput, "Contacts of this folder cannot be private.", folder->id);
  }
  Contact contact;
  contact.id = world.state.NextId();
  contact.folder = folder->id;
  contact.created_by = contact.modified_by = user;
  contact.created = contact.modified = world.stamps.Next();
  contact.uid = changes.uid && !changes.uid->empty() ? *changes.uid : MakeUuid(world.random);
  contact.is_private = changes.is_private.value_or(false);
  for (const auto& [position, literal] : changes.fields) {
    if (!literal.empty()) contact.fields.Set(position, literal);
  }
  Derive(contact, contact.modified);
  const auto id = contact.id;
  world.state.PutContact(std::move(contact));
  return id;
}

Api<Answer> NewContact(World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const auto id, CreateContact(world, request.user, *body));
  Answer answer;
  answer.data = "{\"id\":";
  AppendContactId(answer.data, world, id);
  answer.data += '}';
  answer.timestamp = world.state.FindContact(id)->modified;
  return answer;
}

Api<Answer> UpdateContact(World& world, const Request& request) {
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Contact* old, ReadableContact(world, request, folder, id));
  OUTPOST_TRY(auto changes, ParseChanges(world, *body));
  if (changes.folder == old->folder) changes.folder.reset();
  OUTPOST_TRYV(CheckUpdate(world, request, *old, changes, seen));
  if (changes.folder) OUTPOST_TRYV(CheckMove(world, request, *old, changes));
  Contact contact = *old;
  const bool changed = Apply(changes, contact);
  if (!changed && !changes.folder) {
    return ContactError("CON-0122", Category::kUserInput, "Nothing was changed.", contact.id);
  }
  contact.modified = world.stamps.Next();
  contact.modified_by = request.user;
  Derive(contact, contact.modified);
  if (changes.folder) {
    if (world.options.move_tombstones) world.state.AddTombstone(contact.folder, contact.id, contact.modified);
    contact.folder = *changes.folder;
  }
  Answer answer{"{}", contact.modified, {}};
  world.state.PutContact(std::move(contact));
  return answer;
}

// One by one, until the first refusal: what was deleted before it stays deleted.
Api<Answer> DeleteContacts(World& world, const Request& request) {
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const auto refs, ParseRefs(request));
  for (const auto& ref : refs) OUTPOST_TRYV(DeleteOne(world, request, ref, seen));
  return Answer{"{}", seen, {}};
}

}  // namespace outpost::oxserver
