// The reading half of the contacts module (http-api.md 4 and 1.9).
#include "tools/oxserver/contacts.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace outpost::oxserver {
namespace {

constexpr int kSortAddressBookFirst = 609;

Api<Answer> All(const World& world, const Request& request) {
  OUTPOST_TRY(const auto folder_id, request.params.Need("folder"));
  OUTPOST_TRY(const Folder* folder, ReadableFolder(world, request, folder_id));
  const Rights rights = RightsOf(*folder, request.user);
  std::vector<const Contact*> contacts;
  const auto& contents = world.state.ContentsOf(folder->id).by_id;
  contacts.reserve(contents.size());
  for (const auto& [id, contact] : contents) {
    if (MayRead(*folder, rights, *contact, request.user)) contacts.push_back(contact);
  }
  return ContactRowsAnswer(world, request, std::move(contacts));
}

// What is not there is left out: the answer may have fewer rows than were asked for.
Api<Answer> List(const World& world, const Request& request) {
  OUTPOST_TRY(const auto refs, ParseRefs(request));
  std::vector<const Contact*> contacts;
  for (const auto& ref : refs) {
    const auto contact = ReadableContact(world, request, ref.folder, ref.id);
    if (contact)
      contacts.push_back(contact.value());
    else if (contact.error().code != "CON-0125" && contact.error().code != "CON-0174")
      return contact.error();
  }
  return ContactRowsAnswer(world, request, std::move(contacts));
}

const Contact* AddressBookEntry(const World& world, std::int64_t user) {
  for (const auto& [id, contact] : world.state.ContentsOf(kGlobalAddressBook).by_id) {
    if (contact->user == user) return contact;
  }
  return nullptr;
}

Api<Answer> ListUser(const World& world, const Request& request) {
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  std::vector<const Contact*> contacts;
  for (const auto& element : *ids) {
    const auto user = ScalarNumber(element);
    if (!user) return BadJson();
    if (const Contact* contact = AddressBookEntry(world, *user)) contacts.push_back(contact);
  }
  return ContactRowsAnswer(world, request, std::move(contacts));
}

Api<Answer> ObjectAnswer(const World& world, const Request& request, const Contact& contact) {
  Answer answer;
  AppendContactObject(answer.data, world, contact, *request.zone);
  answer.timestamp = contact.modified;
  return answer;
}

Api<Answer> Get(const World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const Contact* contact, ReadableContact(world, request, folder, id));
  return ObjectAnswer(world, request, *contact);
}

Api<Answer> GetUser(const World& world, const Request& request) {
  OUTPOST_TRY(const auto user, request.params.NeedNumber("id"));
  const Contact* contact = AddressBookEntry(world, user);
  if (contact == nullptr) return ContactError("CON-0125", Category::kError, "The contact was not found.", user);
  return ObjectAnswer(world, request, *contact);
}

// Deletions are told only where the call asks for them by an `ignore` that is not "deleted".
bool WantsDeletions(const Params& params) {
  const auto ignore = params.Find("ignore");
  return ignore && !ignore->empty() && ignore->find("deleted") == std::string_view::npos;
}

Api<Answer> Updates(const World& world, const Request& request) {
  OUTPOST_TRY(const auto folder_id, request.params.Need("folder"));
  OUTPOST_TRY(const auto since, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const auto rows, ContactRows::Make(world, request));
  OUTPOST_TRY(const Folder* folder, ReadableFolder(world, request, folder_id));
  const Rights rights = RightsOf(*folder, request.user);
  const auto& contents = world.state.ContentsOf(folder->id);
  const bool older = world.options.older_contacts_path;
  const std::int64_t edge = world.options.boundary == Boundary::kFrom ? 0 : 1;
  // The newer path starts at 0, so that an empty delta answers 0; the older one at the timestamp asked for.
  std::int64_t newest = older ? since : 0;
  Answer answer;
  answer.data = "[";
  const auto comma = [&] { answer.data += answer.data.size() > 1 ? "," : ""; };
  const auto first = [&](const auto& set, std::int64_t stamp) {
    return set.lower_bound({stamp > INT64_MAX - edge ? stamp : stamp + edge, INT64_MIN});
  };
  for (auto it = first(contents.by_modified, since); it != contents.by_modified.end(); ++it) {
    const Contact& contact = *contents.by_id.at(it->second);
    if (!MayRead(*folder, rights, contact, request.user)) continue;
    comma();
    rows.AppendRow(answer.data, contact);
    newest = std::max(newest, contact.modified);
  }
  if (WantsDeletions(request.params)) {
    for (auto it = first(contents.deleted, older ? newest : since); it != contents.deleted.end(); ++it) {
      if (contents.by_id.count(it->second) != 0) continue;  // moved back meanwhile
      comma();
      AppendContactId(answer.data, world, it->second);
      newest = std::max(newest, it->first);
    }
  }
  answer.data += ']';
  answer.timestamp = newest;
  return answer;
}

}  // namespace

ApiError ContactError(const char* code, Category category, const char* text, std::int64_t id) {
  return {code, category, text, {std::to_string(id)}, {}, {}};
}

Api<const Folder*> ReadableFolder(const World& world, const Request& request, std::string_view id) {
  const auto number = ParseNumber(id);
  if (!number) return InvalidParameter("folder", id);
  const Folder* folder = world.state.FindFolder(*number);
  if (folder != nullptr && folder->module != FolderModule::kContacts) {
    return ContactError("CON-0103", Category::kUserInput, "The folder is no folder of contacts.", *number);
  }
  if (folder == nullptr || RightsOf(*folder, request.user).read == 0) {
    return ContactError("CON-0104", Category::kPermissionDenied, "You have no access to the folder.", *number);
  }
  return folder;
}

Api<const Contact*> ReadableContact(const World& world, const Request& request, std::string_view folder_id,
                                    std::string_view id) {
  const auto number = ParseNumber(id);
  if (!number) return InvalidParameter("id", id);
  OUTPOST_TRY(const Folder* folder, ReadableFolder(world, request, folder_id));
  const Contact* contact = world.state.FindContact(*number);
  if (contact == nullptr) return ContactError("CON-0125", Category::kError, "The contact was not found.", *number);
  if (contact->folder != folder->id)
    return ContactError("CON-0174", Category::kError, "The contact is not in that folder.", *number);
  if (!MayRead(*folder, RightsOf(*folder, request.user), *contact, request.user)) {
    return ContactError("CON-0104", Category::kPermissionDenied, "You have no access to the contact.", *number);
  }
  return contact;
}

Api<std::vector<ContactRef>> ParseRefs(const Request& request) {
  if (request.body == nullptr) return MissingBody();
  const Json single = request.body->is_object() ? Json::array({*request.body}) : Json();
  const Json& list = request.body->is_object() ? single : *request.body;
  if (!list.is_array()) return BadJson();
  std::vector<ContactRef> refs;
  for (const auto& element : list) {
    if (!element.is_object()) return BadJson();
    const auto id = element.find("id"), folder = element.find("folder");
    if (id == element.end()) return MissingParameter("id");
    if (folder == element.end()) return MissingParameter("folder");
    auto id_text = ScalarText(*id), folder_text = ScalarText(*folder);
    if (!id_text || !folder_text) return BadJson();
    refs.push_back({std::move(*id_text), std::move(*folder_text)});
  }
  return refs;
}

Api<void> SortContacts(const Request& request, std::vector<const Contact*>& contacts) {
  const auto sort = request.params.Find("sort");
  if (!sort || sort->empty()) return Ok();
  OUTPOST_TRY(const auto column, request.params.NeedNumber("sort"));
  OUTPOST_TRY(const auto order, request.params.Need("order"));
  if (!EqualNoCase(order, "asc") && !EqualNoCase(order, "desc")) return InvalidParameter("order", order);
  const bool book_first = column == kSortAddressBookFirst;
  const int position = ContactColumnById(book_first ? static_cast<int>(kColDisplayName)
                                                    : static_cast<int>(std::clamp<std::int64_t>(column, 0, 2000)));
  if (position < 0) return InvalidParameter("sort", *sort);
  struct Keyed {
    bool later;
    std::int64_t number;
    std::string text;
    const Contact* contact;
  };
  std::vector<Keyed> keyed;
  for (const Contact* c : contacts) {
    std::string text;
    if (const auto literal = c->fields.Get(position)) text = Folded(Unquoted(*literal));
    const std::int64_t number = column == kColLastModified || column == kColLastModifiedUtc ? c->modified
                                : column == kColCreationDate                                ? c->created
                                : column == kColId                                          ? c->id
                                                                                            : 0;
    keyed.push_back({book_first && c->folder != kGlobalAddressBook, number, std::move(text), c});
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    return std::tie(a.later, a.number, a.text) < std::tie(b.later, b.number, b.text);
  });
  if (EqualNoCase(order, "desc")) std::reverse(keyed.begin(), keyed.end());
  for (std::size_t i = 0; i < keyed.size(); ++i) contacts[i] = keyed[i].contact;
  return Ok();
}

Api<Answer> ContactRowsAnswer(const World& world, const Request& request, std::vector<const Contact*> contacts) {
  OUTPOST_TRY(const auto rows, ContactRows::Make(world, request));
  OUTPOST_TRYV(SortContacts(request, contacts));
  Answer answer;
  std::int64_t newest = 0;
  answer.data = "[";
  for (const Contact* contact : contacts) {
    if (answer.data.size() > 1) answer.data += ',';
    rows.AppendRow(answer.data, *contact);
    newest = std::max(newest, contact->modified);
  }
  answer.data += ']';
  answer.timestamp = newest;
  return answer;
}

Api<Answer> HandleContacts(World& world, const Request& request) {
  const auto& action = request.action;
  if (action == "all") return All(world, request);
  if (action == "list") return List(world, request);
  if (action == "listuser") return ListUser(world, request);
  if (action == "get") return Get(world, request);
  if (action == "getuser") return GetUser(world, request);
  if (action == "updates") return Updates(world, request);
  if (action == "new") return NewContact(world, request);
  if (action == "update") return UpdateContact(world, request);
  if (action == "delete") return DeleteContacts(world, request);
  if (action == "search") return SearchContacts(world, request);
  if (action == "advancedSearch") return AdvancedSearch(world, request);
  return UnknownAction("contacts", action);
}

}  // namespace outpost::oxserver
