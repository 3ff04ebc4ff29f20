#pragma once
#include <vector>

#include "tools/oxserver/object_rows.h"

// The actions that all modules of objects have (http-api.md 1.5 to 1.9, 4 and 5). Threads: one.
namespace outpost::oxserver {

// An error of a module; `id` names the object or folder. A null code is a fault of the caller.
ApiError ObjectError(const char* code, Category category, const std::string& text, std::int64_t id);

// A folder of that module in which the one who asks may see something. Errors: wrong_module, no_folder.
Api<const Folder*> ReadableFolder(const ObjectModule& module, const World& world, const Request& request,
                                  std::string_view id);
// An object that he may read, in that folder. Errors: not_found, elsewhere, hidden, and those of ReadableFolder.
Api<const Object*> ReadableObject(const ObjectModule& module, const World& world, const Request& request,
                                  std::string_view folder, std::string_view id);
// Refuses a write of an object that he may not change, or that changed after `seen`. Errors: no_write, conflict.
Api<void> CheckWritable(const ObjectModule& module, const World& world, const Request& request, const Object& object,
                        std::int64_t seen);
// All folders of that module in which he may read something, of those wanted (empty: all).
std::vector<const Folder*> SearchFolders(const ObjectModule& module, const World& world, int user,
                                         const std::vector<std::int64_t>& wanted);

struct ObjectRef {
  std::string id;
  std::string folder;
};
// The elements `{"id","folder"}` of a body: an array, or a single object.
Api<std::vector<ObjectRef>> ParseRefs(const ObjectModule& module, const Request& request);

// The rows of `objects`, in the order of the parameters `sort` and `order` where given, with the newest timestamp.
Api<Answer> RowsAnswer(const ObjectModule& module, const World& world, const Request& request,
                       std::vector<const Object*> objects);
// One object with all its members.
Answer ObjectAnswer(const ObjectModule& module, const World& world, const Request& request, const Object& object);

Api<Answer> AllObjects(const ObjectModule& module, const World& world, const Request& request);
Api<Answer> ListObjects(const ObjectModule& module, const World& world, const Request& request);
Api<Answer> GetObject(const ObjectModule& module, const World& world, const Request& request);
Api<Answer> ObjectUpdates(const ObjectModule& module, const World& world, const Request& request);
Api<Answer> NewObject(const ObjectModule& module, World& world, const Request& request);
Api<Answer> UpdateObject(const ObjectModule& module, World& world, const Request& request);
Api<Answer> DeleteObjects(const ObjectModule& module, World& world, const Request& request);

// The halves of NewObject and UpdateObject, for modules with rules between them. A draft is checked and settled, and
// nothing is stored: a new one has no id yet (and no uid where the client gave none), a changed one may be in another
// folder than `old`. Errors: as NewObject and UpdateObject.
Api<Object> DraftObject(const ObjectModule& module, const World& world, int user, const Zone& zone, const Json& fields);
Api<Object> DraftChange(const ObjectModule& module, const World& world, const Request& request, const Object& old,
                        std::int64_t seen, const Json& body);
// Stores a draft. StoreNew returns the id it gave, StoreChange the new timestamp.
std::int64_t StoreNew(World& world, Object draft);
std::int64_t StoreChange(World& world, int user, std::int64_t old_folder, Object draft);
// An object that he may delete. Errors: of ReadableObject, kept, no_delete, conflict.
Api<const Object*> DeletableObject(const ObjectModule& module, const World& world, const Request& request,
                                   const ObjectRef& ref, std::int64_t seen);
// Deletes it, so that deltas tell; the time of the deletion. `object` is gone afterwards.
std::int64_t RemoveAndTell(World& world, const Object& object);

// Creates one object from a JSON object; also for import. Errors: as NewObject.
Api<std::int64_t> CreateObject(const ObjectModule& module, World& world, int user, const Zone& zone,
                               const Json& fields);

}  // namespace outpost::oxserver
