#pragma once
#include <functional>
#include <utility>

#include "tools/oxserver/contact_rows.h"

namespace outpost::oxserver {

// Errors of the contacts module; `id` names the object or folder.
ApiError ContactError(const char* code, Category category, const char* text, std::int64_t id);

// A folder of contacts in which the one who asks may see something. Errors: CON-0103, CON-0104.
Api<const Folder*> ReadableFolder(const World& world, const Request& request, std::string_view id);
// A contact that he may read, in that folder. Errors: CON-0125, CON-0174, CON-0104, and those of ReadableFolder.
Api<const Contact*> ReadableContact(const World& world, const Request& request, std::string_view folder,
                                    std::string_view id);

struct ContactRef {
  std::string id;
  std::string folder;
};
// The elements `{"id","folder"}` of a body: an array, or a single object.
Api<std::vector<ContactRef>> ParseRefs(const Request& request);

// Orders by the parameters `sort` and `order`; as they are where there is no `sort`.
Api<void> SortContacts(const Request& request, std::vector<const Contact*>& contacts);
// The rows of `contacts`, with the timestamp of the newest.
Api<Answer> ContactRowsAnswer(const World& world, const Request& request, std::vector<const Contact*> contacts);

Api<Answer> NewContact(World& world, const Request& request);
Api<Answer> UpdateContact(World& world, const Request& request);
Api<Answer> DeleteContacts(World& world, const Request& request);
Api<Answer> SearchContacts(const World& world, const Request& request);
Api<Answer> AdvancedSearch(const World& world, const Request& request);

// Creates one contact from a JSON object; also for import. Errors: as contacts?action=new.
Api<std::int64_t> CreateContact(World& world, int user, const Json& fields);

}  // namespace outpost::oxserver
