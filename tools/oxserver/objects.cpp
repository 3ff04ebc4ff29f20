// The reading half of what the modules of objects share (http-api.md 1.9 and 4).
#include "tools/oxserver/objects.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace outpost::oxserver {
namespace {

constexpr int kSortAddressBookFirst = 609;

// Deletions are told only where the call asks for them by an `ignore` that is not "deleted", or, in some modules, has
// no `ignore` at all.
bool WantsDeletions(const ObjectModule& module, const Params& params) {
  const auto ignore = params.Find("ignore");
  if (!ignore || ignore->empty()) return module.deletions_unasked;
  return ignore->find("deleted") == std::string_view::npos;
}

// Orders by the parameters `sort` and `order`; as they are where there is no `sort`.
Api<void> SortObjects(const ObjectModule& module, const Request& request, std::vector<const Object*>& objects) {
  const auto sort = request.params.Find("sort");
  if (!sort || sort->empty()) return Ok();
  OUTPOST_TRY(const auto column, request.params.NeedNumber("sort"));
  OUTPOST_TRY(const auto order, request.params.Need("order"));
  if (!EqualNoCase(order, "asc") && !EqualNoCase(order, "desc")) return InvalidParameter("order", order);
  const bool book_first = module.holds == FolderModule::kContacts && column == kSortAddressBookFirst;
  const int position = module.columns->ById(book_first ? static_cast<int>(kColDisplayName)
                                                       : static_cast<int>(std::clamp<std::int64_t>(column, 0, 2000)));
  if (position < 0) return InvalidParameter("sort", *sort);
  struct Keyed {
    bool later;
    std::int64_t number;
    std::string text;
    const Object* object;
  };
  std::vector<Keyed> keyed;
  for (const Object* o : objects) {
    std::string text;
    std::int64_t number = 0;
    if (const auto literal = o->fields.Get(position)) {
      number = ParseNumber(*literal).value_or(0);
      text = Folded(Unquoted(*literal));
    }
    if (column == kColLastModified || column == kColLastModifiedUtc) number = o->modified;
    if (column == kColCreationDate) number = o->created;
    if (column == kColId) number = o->id;
    keyed.push_back({book_first && o->folder != kGlobalAddressBook, number, std::move(text), o});
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    return std::tie(a.later, a.number, a.text) < std::tie(b.later, b.number, b.text);
  });
  if (EqualNoCase(order, "desc")) std::reverse(keyed.begin(), keyed.end());
  for (std::size_t i = 0; i < keyed.size(); ++i) objects[i] = keyed[i].object;
  return Ok();
}

}  // namespace

ApiError ObjectError(const char* code, Category category, const std::string& text, std::int64_t id) {
  return {code, category, text, {std::to_string(id)}, {}, {}};
}

Api<const Folder*> ReadableFolder(const ObjectModule& module, const World& world, const Request& request,
                                  std::string_view id) {
  const auto number = ParseNumber(id);
  if (!number) return InvalidParameter("folder", id);
  const Folder* folder = world.state.FindFolder(*number);
  if (folder != nullptr && folder->module != module.holds) {
    return ObjectError(module.codes.wrong_module, Category::kUserInput,
                       "The folder holds no " + std::string(module.name) + ".", *number);
  }
  if (folder == nullptr || RightsOf(world, *folder, request.user).read == 0) {
    return ObjectError(module.codes.no_folder, Category::kPermissionDenied, "You have no access to the folder.",
                       *number);
  }
  return folder;
}

Api<const Object*> ReadableObject(const ObjectModule& module, const World& world, const Request& request,
                                  std::string_view folder_id, std::string_view id) {
  const auto number = ParseNumber(id);
  if (!number) return InvalidParameter("id", id);
  OUTPOST_TRY(const Folder* folder, ReadableFolder(module, world, request, folder_id));
  const Object* object = world.state.FindObject(module.holds, *number);
  const std::string the = "The " + std::string(module.one);
  if (object == nullptr) return ObjectError(module.codes.not_found, Category::kError, the + " was not found.", *number);
  if (!IsShownIn(*object, folder->id))
    return ObjectError(module.codes.elsewhere, Category::kError, the + " is not in that folder.", *number);
  if (!MayRead(*folder, RightsOf(world, *folder, request.user), *object, request.user)) {
    return ObjectError(module.codes.hidden, Category::kPermissionDenied,
                       "You have no access to the " + std::string(module.one) + ".", *number);
  }
  return object;
}

std::vector<const Folder*> SearchFolders(const ObjectModule& module, const World& world, int user,
                                         const std::vector<std::int64_t>& wanted) {
  std::vector<const Folder*> folders;
  for (const auto& [id, folder] : world.state.folders()) {
    const bool asked = wanted.empty() || std::find(wanted.begin(), wanted.end(), id) != wanted.end();
    if (asked && folder.module == module.holds && RightsOf(world, folder, user).read > 0) folders.push_back(&folder);
  }
  return folders;
}

Api<std::vector<ObjectRef>> ParseRefs(const ObjectModule& module, const Request& request) {
  if (request.body == nullptr) return MissingBody();
  const Json single = request.body->is_object() ? Json::array({*request.body}) : Json();
  const Json& list = request.body->is_object() ? single : *request.body;
  if (!list.is_array()) return BadJson();
  std::vector<ObjectRef> refs;
  for (const auto& element : list) {
    if (!element.is_object()) return BadJson();
    const auto id = element.find("id"), folder = element.find("folder");
    if (id == element.end()) return MissingParameter("id");
    if (folder == element.end()) return MissingParameter("folder");
    if (module.ids_are_numbers && !(id->is_number_integer() && folder->is_number_integer())) return BadJson();
    auto id_text = ScalarText(*id), folder_text = ScalarText(*folder);
    if (!id_text || !folder_text) return BadJson();
    refs.push_back({std::move(*id_text), std::move(*folder_text)});
  }
  return refs;
}

Api<Answer> RowsAnswer(const ObjectModule& module, const World& world, const Request& request,
                       std::vector<const Object*> objects) {
  OUTPOST_TRY(const auto rows, ObjectRows::Make(module, world, request));
  OUTPOST_TRYV(SortObjects(module, request, objects));
  Answer answer;
  std::int64_t newest = 0;
  answer.data = "[";
  for (const Object* object : objects) {
    if (answer.data.size() > 1) answer.data += ',';
    rows.AppendRow(answer.data, *object);
    newest = std::max(newest, object->modified);
  }
  answer.data += ']';
  answer.timestamp = newest;
  return answer;
}

Answer ObjectAnswer(const ObjectModule& module, const World& world, const Request& request, const Object& object) {
  Answer answer;
  AppendObject(answer.data, module, world, object, *request.zone);
  answer.timestamp = object.modified;
  return answer;
}

Api<Answer> AllObjects(const ObjectModule& module, const World& world, const Request& request) {
  OUTPOST_TRY(const auto folder_id, request.params.Need("folder"));
  OUTPOST_TRY(const Folder* folder, ReadableFolder(module, world, request, folder_id));
  const Rights rights = RightsOf(world, *folder, request.user);
  std::vector<const Object*> objects;
  const auto& contents = world.state.ContentsOf(folder->id).by_id;
  objects.reserve(contents.size());
  for (const auto& [id, object] : contents) {
    if (MayRead(*folder, rights, *object, request.user)) objects.push_back(object);
  }
  return RowsAnswer(module, world, request, std::move(objects));
}

// What is not there is left out: the answer may have fewer rows than were asked for.
Api<Answer> ListObjects(const ObjectModule& module, const World& world, const Request& request) {
  OUTPOST_TRY(const auto refs, ParseRefs(module, request));
  std::vector<const Object*> objects;
  for (const auto& ref : refs) {
    const auto object = ReadableObject(module, world, request, ref.folder, ref.id);
    if (object)
      objects.push_back(object.value());
    else if (object.error().code != module.codes.not_found && object.error().code != module.codes.elsewhere)
      return object.error();
  }
  return RowsAnswer(module, world, request, std::move(objects));
}

Api<Answer> GetObject(const ObjectModule& module, const World& world, const Request& request) {
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const Object* object, ReadableObject(module, world, request, folder, id));
  return ObjectAnswer(module, world, request, *object);
}

Api<Answer> ObjectUpdates(const ObjectModule& module, const World& world, const Request& request) {
  OUTPOST_TRY(const auto folder_id, request.params.Need("folder"));
  OUTPOST_TRY(const auto since, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const auto rows, ObjectRows::Make(module, world, request));
  OUTPOST_TRY(const Folder* folder, ReadableFolder(module, world, request, folder_id));
  const Rights rights = RightsOf(world, *folder, request.user);
  const auto& contents = world.state.ContentsOf(folder->id);
  const bool from_zero = module.delta_start == DeltaStart::kZero;
  const bool older = from_zero && world.options.older_contacts_path;
  const std::int64_t edge = world.options.boundary == Boundary::kFrom ? 0 : 1;
  std::int64_t newest = from_zero && !older ? 0 : since;
  Answer answer;
  answer.data = "[";
  const auto comma = [&] { answer.data += answer.data.size() > 1 ? "," : ""; };
  const auto first = [&](const auto& set, std::int64_t stamp) {
    return set.lower_bound({stamp > INT64_MAX - edge ? stamp : stamp + edge, INT64_MIN});
  };
  for (auto it = first(contents.by_modified, since); it != contents.by_modified.end(); ++it) {
    const Object& object = *contents.by_id.at(it->second);
    if (!MayRead(*folder, rights, object, request.user)) continue;
    comma();
    rows.AppendRow(answer.data, object);
    newest = std::max(newest, object.modified);
  }
  if (WantsDeletions(module, request.params)) {
    for (auto it = first(contents.deleted, older ? newest : since); it != contents.deleted.end(); ++it) {
      if (contents.by_id.count(it->second) != 0) continue;  // moved back meanwhile
      comma();
      AppendId(answer.data, world, it->second);
      newest = std::max(newest, it->first);
    }
  }
  answer.data += ']';
  answer.timestamp = newest;
  return answer;
}

}  // namespace outpost::oxserver
