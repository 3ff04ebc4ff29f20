// The changing half of what the modules of objects share (http-api.md 1.5 and 1.8).
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "tools/oxserver/objects.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::int64_t DayOf(std::int64_t ms) { return ms - ((ms % kDayMs) + kDayMs) % kDayMs; }

// What a body asks of an object, checked: literals by column position (empty: remove), and the fields kept apart.
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

// Reads the bodies of one module.
class BodyReader {
 public:
  BodyReader(const ObjectModule& module, const World& world) : module_(module), world_(world) {}
  Api<Changes> Read(const Json& body);

 private:
  Api<bool> TakeApart(const Column& column, const Json& value, Changes& changes) const;
  Api<std::string> Literal(const Column& column, const Json& value);
  Api<std::string> TextLiteral(const Column& column, const Json& value);
  ApiError TooLongError() const;
  // Parsing faults name the field instead of the column.
  ApiError Unreadable(const char* field) const {
    ApiError error{module_.codes.unreadable, Category::kUserInput, "A field cannot be read.", {field}, {}, {}};
    error.problematic = "[{\"name\":" + Quoted(field) + "}]";
    return error;
  }

  const ObjectModule& module_;
  const World& world_;
  std::vector<TooLong> too_long_;
};

bool HasFourByteCharacter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xF0; });
}

Api<Changes> BodyReader::Read(const Json& body) {
  Changes changes;
  Json translated;
  if (module_.translate != nullptr) module_.translate(translated = body);
  const Json& read = module_.translate != nullptr ? translated : body;
  for (const auto& [name, value] : read.items()) {
    const int position = module_.columns->ByName(name);
    if (position < 0) continue;
    const Column& column = module_.columns->At(position);
    OUTPOST_TRY(const bool apart, TakeApart(column, value, changes));
    if (apart && !(column.id == kColUid && changes.uid)) continue;
    OUTPOST_TRY(auto literal, Literal(column, value));
    if (!apart) changes.fields.emplace_back(position, std::move(literal));
  }
  if (!too_long_.empty()) return TooLongError();
  return changes;
}

Api<bool> BodyReader::TakeApart(const Column& column, const Json& value, Changes& changes) const {
  if (column.id == kColFolder) {
    changes.folder = ScalarNumber(value);
    if (!changes.folder) return Unreadable(column.name);
    return true;
  }
  if (column.id == kColPrivateFlag) {
    if (!value.is_boolean() && !value.is_null()) return Unreadable(column.name);
    changes.is_private = value.is_boolean() && value.get<bool>();
    return true;
  }
  if (column.id == kColUid && value.is_string()) changes.uid = value.get<std::string>();
  return column.id == kColUid || column.access == Access::kServer;  // what the server keeps is ignored
}

Api<std::string> BodyReader::TextLiteral(const Column& column, const Json& value) {
  if (!value.is_string()) return Unreadable(column.name);
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty()) return std::string();
  if (!world_.options.four_byte_characters && HasFourByteCharacter(text)) {
    ApiError error{
        module_.codes.bad_character, Category::kUserInput, "A character cannot be stored.", {column.name}, {}, {}};
    error.problematic = "[{\"id\":" + std::to_string(column.id) + "}]";
    return error;
  }
  const auto length = world_.options.length_unit == LengthUnit::kBytes ? text.size() : CountCharacters(text);
  if (column.max_characters != 0 && length > column.max_characters)
    too_long_.push_back({column.id, length, column.max_characters});
  return Quoted(text);
}

Api<std::string> BodyReader::Literal(const Column& column, const Json& value) {
  if (value.is_null()) return std::string();
  switch (column.kind) {
    case Kind::kText:
      return TextLiteral(column, value);
    case Kind::kArray:
      if (module_.array == nullptr) return std::string();
      return module_.array(world_, column, value);
    case Kind::kBoolean:
      if (!value.is_boolean()) return Unreadable(column.name);
      return std::string(value.get<bool>() ? "true" : "false");
    default:
      break;
  }
  if (value.is_string() && value.get_ref<const std::string&>().empty()) return std::string();
  if (column.kind == Kind::kDecimal && value.is_number()) return value.dump();
  const auto number = ScalarNumber(value);
  if (column.kind == Kind::kDigits) {
    if (number && *number >= 0) return Quoted(std::to_string(*number));
    return ApiError{module_.codes.not_digits, Category::kUserInput, "A number is expected.", {column.name}, {}, {}};
  }
  if (!number) return Unreadable(column.name);
  // A Date is midnight UTC of its day; the time of day that a client left in is cut off.
  return std::to_string(column.kind == Kind::kDate ? DayOf(*number) : *number);
}

ApiError BodyReader::TooLongError() const {
  ApiError error{module_.codes.too_long, module_.too_long_category, "Some values are too long.", {}, "[", "["};
  for (const auto& value : too_long_) {
    const std::string comma = error.truncated.size() > 1 ? "," : "";
    error.problematic += comma + "{\"id\":" + std::to_string(value.id) + ",\"length\":" + std::to_string(value.length) +
                         ",\"max_size\":" + std::to_string(value.limit) + "}";
    error.truncated += comma + std::to_string(value.id);
  }
  error.problematic += ']';
  error.truncated += ']';
  return error;
}

// Instants as the client reads them become UTC; whole days lose their time of day. Once all fields are in: what a time
// is depends on full_time.
void SettleTimes(const ObjectModule& module, const Changes& changes, const Zone& zone, Object& object) {
  const bool full_time = IsFullTime(module, object);
  for (const auto& [position, literal] : changes.fields) {
    const Kind kind = module.columns->At(position).kind;
    const auto number = ParseNumber(literal);
    if (number && (kind == Kind::kTime || (kind == Kind::kDateOrTime && !full_time)))
      object.fields.Set(position, std::to_string(zone.ToUtc(*number)));
  }
  if (!full_time) return;
  for (const Column& column : *module.columns) {
    const int position = module.columns->ById(column.id);
    const auto literal = column.kind == Kind::kDateOrTime ? object.fields.Get(position) : std::nullopt;
    if (const auto number = literal ? ParseNumber(*literal) : std::nullopt)
      object.fields.Set(position, std::to_string(DayOf(*number)));
  }
}

void Apply(const ObjectModule& module, const Changes& changes, const Zone& zone, Object& object) {
  for (const auto& [position, literal] : changes.fields) object.fields.Set(position, literal);
  SettleTimes(module, changes, zone, object);
  if (changes.is_private) object.is_private = *changes.is_private;
}

// By column, whatever order they were set in.
bool SameFields(const FieldSet& a, const FieldSet& b) {
  std::map<int, std::string_view> left, right;
  a.ForEach([&](int position, std::string_view literal) { left[position] = literal; });
  b.ForEach([&](int position, std::string_view literal) { right[position] = literal; });
  return left == right;
}

// One's own folder is the only kind that holds private objects.
bool IsOwn(const Folder& folder, int user) { return TypeFor(folder, user) == 1; }

Api<const Folder*> CreatableFolder(const ObjectModule& module, const World& world, int user, std::int64_t id) {
  const Folder* folder = world.state.FindFolder(id);
  if (folder != nullptr && folder->module != module.holds) {
    return ObjectError(module.codes.wrong_module, Category::kUserInput,
                       "The folder holds no " + std::string(module.name) + ".", id);
  }
  if (folder == nullptr || !RightsOf(world, *folder, user).Visible()) {
    return ObjectError(module.codes.no_folder, Category::kPermissionDenied, "You have no access to the folder.", id);
  }
  if (!RightsOf(world, *folder, user).MayCreateObjects()) {
    return ObjectError(module.codes.no_create, Category::kPermissionDenied, "You may not create objects in the folder.",
                       id);
  }
  return folder;
}

bool IsSomebodyElses(const Folder& folder, int user) { return TypeFor(folder, user) == 3; }

Api<void> CheckMove(const ObjectModule& module, const World& world, int user, const Object& object,
                    std::int64_t folder) {
  OUTPOST_TRY(const Folder* target, CreatableFolder(module, world, user, folder));
  const Folder& source = *world.state.FindFolder(object.folder);
  if (object.user != 0 || !Allows(RightsOf(world, source, user).remove, object.created_by == user)) {
    return ObjectError(module.codes.no_delete, Category::kPermissionDenied,
                       "You may not take objects out of the folder.", source.id);
  }
  if (module.codes.shared_move != nullptr && (IsSomebodyElses(source, user) || IsSomebodyElses(*target, user))) {
    return ObjectError(module.codes.shared_move, Category::kPermissionDenied,
                       "Objects cannot move from or into somebody else's folder.", object.id);
  }
  if (object.is_private && !IsOwn(*target, user)) {
    return ObjectError(module.codes.private_move, Category::kUserInput, "A private object cannot move to that folder.",
                       object.id);
  }
  return Ok();
}

Api<void> DeleteOne(const ObjectModule& module, World& world, const Request& request, const ObjectRef& ref,
                    std::int64_t seen) {
  OUTPOST_TRY(const Object* object, DeletableObject(module, world, request, ref, seen));
  RemoveAndTell(world, *object);
  return Ok();
}

}  // namespace

Api<const Object*> DeletableObject(const ObjectModule& module, const World& world, const Request& request,
                                   const ObjectRef& ref, std::int64_t seen) {
  OUTPOST_TRY(const Object* object, ReadableObject(module, world, request, ref.folder, ref.id));
  const Folder& folder = *world.state.FindFolder(object->folder);
  if (const char* code = module.kept != nullptr ? module.kept(*object) : nullptr)
    return ObjectError(code, Category::kPermissionDenied, "This entry cannot be deleted.", object->id);
  if (!Allows(RightsOf(world, folder, request.user).remove, object->created_by == request.user)) {
    return ObjectError(module.codes.no_delete, Category::kPermissionDenied,
                       "You may not delete the " + std::string(module.one) + ".", object->id);
  }
  if (object->modified > seen) {
    return ObjectError(module.codes.conflict, Category::kConflict,
                       "The " + std::string(module.one) + " was changed meanwhile.", object->id);
  }
  return object;
}

std::int64_t RemoveAndTell(World& world, const Object& object) {
  const auto folders = FoldersOf(object);
  const auto id = object.id, stamp = world.stamps.Next();
  world.state.RemoveObject(object.module, id);
  for (const auto folder : folders) world.state.AddTombstone(folder, id, stamp);
  return stamp;
}

Api<void> CheckWritable(const ObjectModule& module, const World& world, const Request& request, const Object& object,
                        std::int64_t seen) {
  const Folder& folder = *world.state.FindFolder(object.folder);
  if (!Allows(RightsOf(world, folder, request.user).write, object.created_by == request.user)) {
    return ObjectError(module.codes.no_write, Category::kPermissionDenied,
                       "You may not change the " + std::string(module.one) + ".", object.id);
  }
  if (object.modified > seen) {
    return ObjectError(module.codes.conflict, Category::kConflict,
                       "The " + std::string(module.one) + " was changed meanwhile.", object.id);
  }
  return Ok();
}

Api<Object> DraftObject(const ObjectModule& module, const World& world, int user, const Zone& zone,
                        const Json& fields) {
  OUTPOST_TRY(auto changes, BodyReader(module, world).Read(fields));
  if (!changes.folder) return MissingParameter("folder_id");
  OUTPOST_TRY(const Folder* folder, CreatableFolder(module, world, user, *changes.folder));
  Object object;
  object.module = module.holds;
  object.folder = folder->id;
  object.created_by = object.modified_by = user;
  object.uid = changes.uid.value_or(std::string());
  Apply(module, changes, zone, object);
  if (object.is_private && !IsOwn(*folder, user)) {
    return ObjectError(module.codes.private_outside, Category::kUserInput, "Objects of this folder cannot be private.",
                       folder->id);
  }
  if (module.settle != nullptr) OUTPOST_TRYV(module.settle(world, user, nullptr, object));
  return object;
}

std::int64_t StoreNew(World& world, Object object) {
  object.id = world.state.NextId(object.module);
  object.created = object.modified = world.stamps.Next();
  if (object.uid.empty()) object.uid = MakeUuid(world.random);
  const auto id = object.id;
  world.state.PutObject(std::move(object));
  return id;
}

Api<std::int64_t> CreateObject(const ObjectModule& module, World& world, int user, const Zone& zone,
                               const Json& fields) {
  OUTPOST_TRY(auto draft, DraftObject(module, world, user, zone, fields));
  return StoreNew(world, std::move(draft));
}

Api<Answer> NewObject(const ObjectModule& module, World& world, const Request& request) {
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const auto id, CreateObject(module, world, request.user, *request.zone, *body));
  Answer answer;
  answer.data = "{\"id\":";
  if (module.ids_are_numbers)
    AppendNumber(answer.data, id);
  else
    AppendId(answer.data, world, id);
  answer.data += '}';
  answer.timestamp = world.state.FindObject(module.holds, id)->modified;
  return answer;
}

Api<Object> DraftChange(const ObjectModule& module, const World& world, const Request& request, const Object& old,
                        std::int64_t seen, const Json& body) {
  OUTPOST_TRY(auto changes, BodyReader(module, world).Read(body));
  OUTPOST_TRYV(CheckWritable(module, world, request, old, seen));
  if (changes.uid && *changes.uid != old.uid && module.codes.uid_change != nullptr) {
    return ObjectError(module.codes.uid_change, Category::kUserInput, "A uid is given once.", old.id);
  }
  if (changes.folder == old.folder) changes.folder.reset();
  Object object = old;
  Apply(module, changes, *request.zone, object);
  if (changes.is_private.value_or(false) && !changes.folder &&
      !IsOwn(*world.state.FindFolder(old.folder), request.user)) {
    return ObjectError(module.codes.private_outside, Category::kUserInput, "Objects of this folder cannot be private.",
                       object.id);
  }
  if (module.settle != nullptr) OUTPOST_TRYV(module.settle(world, request.user, &old, object));
  if (changes.folder) OUTPOST_TRYV(CheckMove(module, world, request.user, object, *changes.folder));
  const bool changed = object.is_private != old.is_private || !SameFields(object.fields, old.fields);
  if (!changed && !changes.folder && module.codes.unchanged != nullptr) {
    return ObjectError(module.codes.unchanged, Category::kUserInput, "Nothing was changed.", object.id);
  }
  if (changes.folder) object.folder = *changes.folder;
  return object;
}

std::int64_t StoreChange(World& world, int user, std::int64_t old_folder, Object object) {
  object.modified = world.stamps.Next();
  object.modified_by = user;
  if (object.folder != old_folder && world.options.move_tombstones)
    world.state.AddTombstone(old_folder, object.id, object.modified);
  const auto stamp = object.modified;
  world.state.PutObject(std::move(object));
  return stamp;
}

Api<Answer> UpdateObject(const ObjectModule& module, World& world, const Request& request) {
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const Json* body, NeedObject(request));
  OUTPOST_TRY(const Object* old, ReadableObject(module, world, request, folder, id));
  OUTPOST_TRY(auto draft, DraftChange(module, world, request, *old, seen, *body));
  return Answer{"{}", StoreChange(world, request.user, old->folder, std::move(draft)), {}};
}

// One by one, until the first refusal: what was deleted before it stays deleted.
Api<Answer> DeleteObjects(const ObjectModule& module, World& world, const Request& request) {
  OUTPOST_TRY(const auto seen, request.params.NeedNumber("timestamp"));
  OUTPOST_TRY(const auto refs, ParseRefs(module, request));
  for (const auto& ref : refs) OUTPOST_TRYV(DeleteOne(module, world, request, ref, seen));
  return Answer{module.deleted_data, seen, {}};
}

}  // namespace outpost::oxserver
