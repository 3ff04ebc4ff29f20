// The contacts module (http-api.md 4): what it has beside what all modules of objects share.
#include "tools/oxserver/contacts.h"

#include <nlohmann/json.hpp>

#include "tools/oxserver/photos.h"

namespace outpost::oxserver {
namespace {

// An address with exactly one '@' between two parts without blanks.
bool IsMailAddress(std::string_view text) {
  const auto at = text.rfind('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find_first_of(" \t\r\n<>,;") == std::string_view::npos && text.find('@') == at;
}

Api<std::string> MembersLiteral(const World&, const Column& column, const Json& value) {
  const auto unreadable = [&] {
    ApiError error{"CON-0157", Category::kUserInput, "A field cannot be read.", {column.name}, {}, {}};
    error.problematic = "[{\"name\":" + Quoted(column.name) + "}]";
    return error;
  };
  if (!value.is_array()) return unreadable();
  Json members = Json::array();
  for (const auto& entry : value) {
    if (!entry.is_object()) return unreadable();
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

std::string_view Literal(const Object* contact, int column) {
  return contact == nullptr ? std::string_view()
                            : contact->fields.Get(ContactColumns().ById(column)).value_or(std::string_view());
}

// Counters that follow from other fields.
void Derive(const World& world, const Object* before, Object& contact) {
  const auto set = [&](int column, const std::string& literal) {
    contact.fields.Set(ContactColumns().ById(column), literal);
  };
  const auto members = Literal(&contact, kColDistributionList);
  const std::size_t count = members.empty() ? 0 : Json::parse(members).size();
  set(kColDistributionCount, count > 0 ? std::to_string(count) : "");
  const bool has_image = !Literal(&contact, kColImage1).empty();
  if (!has_image)
    for (const int column : {kColImageModified, kColImageType}) set(column, "");
  else if (Literal(&contact, kColImage1) != Literal(before, kColImage1))
    set(kColImageModified, std::to_string(world.stamps.Now()));
  if (has_image && Literal(&contact, kColImageType).empty()) set(kColImageType, "\"image/jpeg\"");
  set(kColImages, has_image ? "1" : "");
}

// Where a contact's photo is; another address with each photo.
bool AppendImageUrl(std::string& out, const World&, const Object& contact, int column, const Zone&) {
  if (column != kColImageUrl || Literal(&contact, kColImage1).empty()) return false;
  AppendQuoted(out, "/ajax/image/contact/picture?folder=" + std::to_string(contact.folder) + "&id=" +
                        std::to_string(contact.id) + "&timestamp=" + std::string(Literal(&contact, kColImageModified)));
  return true;
}

Api<void> Settle(const World& world, int, const Object* before, Object& after) {
  for (const int column : {kColEmail1, kColEmail2, kColEmail3}) {
    const auto literal = Literal(&after, column);
    if (!literal.empty() && !IsMailAddress(Unquoted(literal))) {
      const char* name = ContactColumns().At(ContactColumns().ById(column)).name;
      return ApiError{"CON-0100", Category::kUserInput, "A mail address is invalid.", {name}, {}, {}};
    }
  }
  if (after.user != 0 && Literal(&after, kColEmail1) != Literal(before, kColEmail1)) {
    return ObjectError("CON-0173", Category::kUserInput, "The primary mail address of a user cannot be changed.",
                       after.id);
  }
  const auto image = Literal(&after, kColImage1);
  if (!image.empty() && image != Literal(before, kColImage1))
    OUTPOST_TRYV(CheckPhoto(world, image, Literal(&after, kColImageType)));
  Derive(world, before, after);
  return Ok();
}

const char* Kept(const Object& contact) { return contact.user != 0 ? "CON-0260" : nullptr; }

const Object* AddressBookEntry(const World& world, std::int64_t user) {
  for (const auto& [id, contact] : world.state.ContentsOf(kGlobalAddressBook).by_id) {
    if (contact->user == user) return contact;
  }
  return nullptr;
}

Api<Answer> ListUser(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  std::vector<const Object*> contacts;
  for (const auto& element : *ids) {
    const auto user = ScalarNumber(element);
    if (!user) return BadJson();
    if (const Object* contact = AddressBookEntry(world, *user)) contacts.push_back(contact);
  }
  return RowsAnswer(ContactsModule(), world, request, std::move(contacts));
}

Api<Answer> GetUser(const World& world, const Request& request) {
  OUTPOST_TRY(const auto user, request.params.NeedNumber("id"));
  const Object* contact = AddressBookEntry(world, user);
  if (contact == nullptr) return ObjectError("CON-0125", Category::kError, "The contact was not found.", user);
  return ObjectAnswer(ContactsModule(), world, request, *contact);
}

}  // namespace

const ObjectModule& ContactsModule() {
  static const ObjectModule kModule{
      .holds = FolderModule::kContacts,
      .name = "contacts",
      .one = "contact",
      .columns = &ContactColumns(),
      .codes = {.wrong_module = "CON-0103",
                .no_folder = "CON-0104",
                .not_found = "CON-0125",
                .elsewhere = "CON-0174",
                .hidden = "CON-0104",
                .no_create = "CON-0112",
                .no_write = "CON-0176",
                .no_delete = "CON-0169",
                .conflict = "CON-0119",
                .unchanged = "CON-0122",
                .too_long = "CON-0154",
                .unreadable = "CON-0157",
                .not_digits = nullptr,
                .bad_character = "CON-0168",
                .uid_change = nullptr,
                .private_outside = "CON-0171",
                .private_move = "CON-0165",
                .shared_move = nullptr},
      .too_long_category = Category::kUserInput,
      .delta_start = DeltaStart::kZero,
      .deletions_unasked = false,
      .ids_are_numbers = false,
      .deleted_data = "{}",
      .array = MembersLiteral,
      .translate = nullptr,
      .settle = Settle,
      .derived = AppendImageUrl,
      .kept = Kept,
  };
  return kModule;
}

Api<Answer> HandleContacts(World& world, const Request& request) {
  const ObjectModule& module = ContactsModule();
  const auto& action = request.action;
  if (action == "all") return AllObjects(module, world, request);
  if (action == "list") return ListObjects(module, world, request);
  if (action == "listuser") return ListUser(world, request);
  if (action == "get") return GetObject(module, world, request);
  if (action == "getuser") return GetUser(world, request);
  if (action == "updates") return ObjectUpdates(module, world, request);
  if (action == "new") return NewObject(module, world, request);
  if (action == "update") return UpdateObject(module, world, request);
  if (action == "delete") return DeleteObjects(module, world, request);
  if (action == "search") return SearchContacts(world, request);
  if (action == "advancedSearch") return AdvancedSearch(world, request);
  return UnknownAction("contacts", action);
}

}  // namespace outpost::oxserver
