// The module attachment (http-api.md 8.1): files at contacts, tasks and appointments.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "tools/oxserver/folder_view.h"
#include "tools/oxserver/multipart.h"
#include "tools/oxserver/objects.h"
#include "tools/oxserver/zones.h"

namespace outpost::oxserver {
namespace {

constexpr std::size_t kNameCharactersMax = 255;
constexpr int kColFilename = 803;

// The object that a call names, and what it is one of.
struct Place {
  const ObjectModule* module = nullptr;
  int number = 0;  // by which the calls name the module
  std::string folder;
  const Object* object = nullptr;
};

ApiError Refused(const char* code, Category category, const char* text, std::int64_t id = 0) {
  return {code, category, text, {std::to_string(id)}, {}, {}};
}

Api<Place> PlaceAt(const World& world, const Request& request, std::int64_t number, std::string_view folder,
                   std::string_view object) {
  Place place;
  place.number = static_cast<int>(number);
  if (number == 1) place.module = &CalendarModule();
  if (number == 4) place.module = &TasksModule();
  if (number == 7) place.module = &ContactsModule();
  if (place.module == nullptr) return InvalidParameter("module", std::to_string(number));
  if (IsClosed(world, place.module->holds)) return NotForTheUser("attachment");
  place.folder = folder;
  OUTPOST_TRY(place.object, ReadableObject(*place.module, world, request, folder, object));
  return place;
}

Api<Place> PlaceOf(const World& world, const Request& request) {
  OUTPOST_TRY(const auto attached, request.params.Need("attached"));
  OUTPOST_TRY(const auto folder, request.params.Need("folder"));
  OUTPOST_TRY(const auto number, request.params.NeedNumber("module"));
  return PlaceAt(world, request, number, folder, attached);
}

std::string Cell(const Place& place, const Attachment& attachment, int column, const Zone& zone) {
  switch (column) {
    case 1:
      return std::to_string(attachment.id);
    case 2:
    case 3:
      return std::to_string(attachment.created_by);
    case 4:
    case 5:
      return std::to_string(zone.ToTime(attachment.created));
    case 6:
      return std::to_string(attachment.created);
    case 20:
    case 800:
      return place.folder;
    case 801:
      return std::to_string(attachment.object);
    case 802:
      return std::to_string(place.number);
    case kColFilename:
      return Quoted(attachment.filename);
    case 804:
      return std::to_string(attachment.bytes->size());
    case 805:
      return Quoted(attachment.mimetype);
    case 806:
      return attachment.rich_text ? "true" : "false";
    default:
      return "null";
  }
}

Api<std::vector<int>> Columns(const Request& request) {
  OUTPOST_TRYV(request.params.Need("columns"));
  return ParseColumns(request.params);
}

std::string Row(const Place& place, const Attachment& attachment, const std::vector<int>& columns, const Zone& zone) {
  std::string row = "[";
  for (std::size_t i = 0; i < columns.size(); ++i)
    row += (i > 0 ? "," : "") + Cell(place, attachment, columns[i], zone);
  return row + "]";
}

Api<const Attachment*> Find(const World& world, const Place& place, std::string_view id) {
  const auto& there = world.state.ShelfOf(place.module->holds, place.object->id).there;
  const auto number = ParseNumber(id);
  const auto found = number ? there.find(*number) : there.end();
  if (found == there.end())
    return Refused("ATT-0405", Category::kError, "There is no such attachment.", number.value_or(0));
  return &found->second;
}

Api<Answer> All(const World& world, const Request& request) {
  OUTPOST_TRY(const Place place, PlaceOf(world, request));
  OUTPOST_TRY(const auto columns, Columns(request));
  Answer answer{"[", 0, {}};
  for (const auto& [id, attachment] : world.state.ShelfOf(place.module->holds, place.object->id).there) {
    answer.data += (answer.data.size() > 1 ? "," : "") + Row(place, attachment, columns, *request.zone);
    answer.timestamp = std::max(*answer.timestamp, attachment.created);
  }
  answer.data += ']';
  return answer;
}

Api<Answer> List(const World& world, const Request& request) {
  OUTPOST_TRY(const Place place, PlaceOf(world, request));
  OUTPOST_TRY(const auto columns, Columns(request));
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  Answer answer{"[", 0, {}};
  for (const auto& element : *ids) {
    const auto id = ScalarText(element);
    if (!id) return BadJson();
    OUTPOST_TRY(const Attachment* attachment, Find(world, place, *id));
    answer.data += (answer.data.size() > 1 ? "," : "") + Row(place, *attachment, columns, *request.zone);
    answer.timestamp = std::max(*answer.timestamp, attachment->created);
  }
  answer.data += ']';
  return answer;
}

Api<Answer> Get(const World& world, const Request& request) {
  OUTPOST_TRY(const Place place, PlaceOf(world, request));
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const Attachment* attachment, Find(world, place, id));
  constexpr struct {
    const char* name;
    int column;
  } kMembers[] = {{"created_by", 2},  {"modified_by", 3},     {"creation_date", 4}, {"last_modified", 5},
                  {"folder", 800},    {"attached", 801},      {"module", 802},      {"filename", 803},
                  {"file_size", 804}, {"file_mimetype", 805}, {"rft_flag", 806}};
  std::string data = "{\"id\":" + Quoted(std::to_string(attachment->id));
  for (const auto& member : kMembers)
    data += ",\"" + std::string(member.name) + "\":" + Cell(place, *attachment, member.column, *request.zone);
  return Answer{data + "}", attachment->created, {}};
}

Api<Answer> Updates(const World& world, const Request& request) {
  OUTPOST_TRY(const Place place, PlaceOf(world, request));
  OUTPOST_TRY(const auto columns, Columns(request));
  OUTPOST_TRY(const auto since, request.params.FindNumber("timestamp"));
  const std::int64_t from = since.value_or(0) + (world.options.boundary == Boundary::kFrom ? 0 : 1);
  const auto& shelf = world.state.ShelfOf(place.module->holds, place.object->id);
  Answer answer{"[", since.value_or(0), {}};
  const auto add = [&](const std::string& element, std::int64_t stamp) {
    answer.data += (answer.data.size() > 1 ? "," : "") + element;
    answer.timestamp = std::max(*answer.timestamp, stamp);
  };
  for (const auto& [id, attachment] : shelf.there)
    if (attachment.created >= from) add(Row(place, attachment, columns, *request.zone), attachment.created);
  const std::int64_t forgotten = world.stamps.Now() - world.options.tombstone_retention.count();
  if (request.params.Find("ignore").value_or("") != "deleted")
    for (const auto& [time, id] : shelf.deleted)
      if (time >= from && time >= forgotten) add(std::to_string(id), time);
  answer.data += ']';
  return answer;
}

// What is at an object shows in the object, and is a change of it.
std::int64_t TellObject(World& world, int user, const Place& place) {
  Object object = *place.object;
  const auto& there = world.state.ShelfOf(object.module, object.id).there;
  std::int64_t newest = 0;
  for (const auto& [id, attachment] : there) newest = std::max(newest, attachment.created);
  const ColumnTable& columns = *place.module->columns;
  object.fields.Set(columns.ById(kColAttachments), there.empty() ? "" : std::to_string(there.size()));
  object.fields.Set(columns.ById(kColNewestAttachment), there.empty() ? "" : std::to_string(newest));
  const auto folder = object.folder;
  return StoreChange(world, user, folder, std::move(object));
}

std::int64_t BytesOf(const World& world, int user) {
  std::int64_t bytes = 0;
  for (const auto& [key, shelf] : world.state.shelves())
    for (const auto& [id, attachment] : shelf.there)
      if (attachment.created_by == user) bytes += static_cast<std::int64_t>(attachment.bytes->size());
  return bytes;
}

struct Draft {
  Place place;
  Attachment attachment;
};

Api<Draft> DraftOf(const World& world, const Request& request, const Json& json, FormPart&& file, std::int64_t used) {
  if (!json.is_object()) return BadJson();
  const auto member = [&](const char* name) -> Api<std::string> {
    const auto text = json.contains(name) ? ScalarText(json[name]) : std::nullopt;
    if (!text) return MissingParameter(name);
    return *text;
  };
  OUTPOST_TRY(const auto folder, member("folder"));
  OUTPOST_TRY(const auto attached, member("attached"));
  OUTPOST_TRY(const auto number, member("module"));
  Draft draft;
  OUTPOST_TRY(draft.place, PlaceAt(world, request, ParseNumber(number).value_or(0), folder, attached));
  OUTPOST_TRYV(CheckWritable(*draft.place.module, world, request, *draft.place.object, INT64_MAX));
  Attachment& one = draft.attachment;
  one.module = draft.place.module->holds;
  one.object = draft.place.object->id;
  one.created_by = request.user;
  one.filename =
      json.contains("filename") && json["filename"].is_string() ? json["filename"].get<std::string>() : file.filename;
  if (one.filename.empty()) return MissingParameter("filename");
  if (const auto length = CountCharacters(one.filename); length > kNameCharactersMax) {
    ApiError error = Refused("ATT-0011", Category::kTruncated, "The name of the file is too long.");
    error.problematic = "[{\"id\":" + std::to_string(kColFilename) + ",\"length\":" + std::to_string(length) +
                        ",\"max_size\":" + std::to_string(kNameCharactersMax) + "}]";
    error.truncated = "[" + std::to_string(kColFilename) + "]";
    return error;
  }
  one.mimetype = file.type.empty() ? "application/octet-stream" : file.type;
  for (const char* flag : {"rft_flag", "rtf_flag"})
    if (json.contains(flag) && json[flag].is_boolean()) one.rich_text = json[flag].get<bool>();
  const auto size = static_cast<std::int64_t>(file.content.size());
  if (world.options.attachment_size_max > 0 && size > world.options.attachment_size_max)
    return Refused("ATT-0403", Category::kCapacity, "The file is larger than attachments may be.", size);
  if (world.options.attachment_quota > 0 && used + size > world.options.attachment_quota)
    return Refused("ATT-0404", Category::kCapacity, "There is no room left for attachments.", used);
  one.bytes = std::make_shared<const std::string>(std::move(file.content));
  return draft;
}

// All of them, or none.
Api<Answer> Attach(World& world, const Request& request, const HttpRequest& http) {
  std::map<std::string, FormPart> parts;
  for (FormPart& part : ParseMultipart(FindHeader(http.headers, "Content-Type"), http.body)) {
    std::string name = part.name;
    parts[std::move(name)] = std::move(part);
  }
  std::vector<Draft> drafts;
  std::int64_t used = BytesOf(world, request.user);
  for (int i = 0;; ++i) {
    const auto json = parts.find("json_" + std::to_string(i)), file = parts.find("file_" + std::to_string(i));
    if (json == parts.end() && i > 0) break;
    if (json == parts.end()) return MissingParameter("json_0");
    if (file == parts.end()) return Refused("ATT-0400", Category::kUserInput, "No file was uploaded.", i);
    const Json parsed = Json::parse(json->second.content, nullptr, false);
    OUTPOST_TRY(Draft draft, DraftOf(world, request, parsed, std::move(file->second), used));
    used += static_cast<std::int64_t>(draft.attachment.bytes->size());
    drafts.push_back(std::move(draft));
  }
  Answer answer{"[", 0, {}};
  for (Draft& draft : drafts) {
    draft.attachment.id = world.state.NextId(FolderModule::kSystem);
    draft.attachment.created = world.stamps.Next();
    answer.data += (answer.data.size() > 1 ? "," : "") + std::to_string(draft.attachment.id);
    const std::int64_t object = draft.attachment.object;
    world.state.PutAttachment(std::move(draft.attachment));
    draft.place.object =
        world.state.FindObject(draft.place.module->holds, object);  // the one before may be of the past
    answer.timestamp = TellObject(world, request.user, draft.place);
  }
  answer.data += ']';
  return answer;
}

Api<Answer> Detach(World& world, const Request& request) {
  OUTPOST_TRY(Place place, PlaceOf(world, request));
  OUTPOST_TRY(const Json* ids, NeedArray(request));
  OUTPOST_TRYV(CheckWritable(*place.module, world, request, *place.object, INT64_MAX));
  std::vector<std::int64_t> gone;
  for (const auto& element : *ids) {
    const auto id = ScalarText(element);
    if (!id) return BadJson();
    OUTPOST_TRY(const Attachment* attachment, Find(world, place, *id));
    gone.push_back(attachment->id);
  }
  for (const auto id : gone)
    world.state.RemoveAttachment(place.module->holds, place.object->id, id, world.stamps.Next());
  return Answer{{}, TellObject(world, request.user, place), {}};
}

Api<HttpResponse> Document(const World& world, const Request& request) {
  OUTPOST_TRY(const Place place, PlaceOf(world, request));
  OUTPOST_TRY(const auto id, request.params.Need("id"));
  OUTPOST_TRY(const Attachment* attachment, Find(world, place, id));
  const std::string type(request.params.Find("content_type").value_or(attachment->mimetype));
  return HttpResponse{200, {{"Content-Type", type}}, *attachment->bytes};
}

Api<Answer> Run(World& world, const Request& request) {
  if (request.action == "all") return All(world, request);
  if (request.action == "list") return List(world, request);
  if (request.action == "get") return Get(world, request);
  if (request.action == "updates") return Updates(world, request);
  if (request.action == "detach") return Detach(world, request);
  return UnknownAction("attachment", request.action);
}

}  // namespace

HttpResponse HandleAttachments(World& world, const Request& request, const HttpRequest& http,
                               std::string_view error_id) {
  if (request.action == "attach")
    return {200,
            {{"Content-Type", "text/html; charset=UTF-8"}},
            CallbackPage("attach", Attach(world, request, http), error_id)};
  std::string body;
  if (request.action == "document") {
    auto document = Document(world, request);
    if (document) return std::move(document).value();
    AppendEnvelope(body, Api<Answer>(document.error()), error_id);
  } else {
    AppendEnvelope(body, Run(world, request), error_id);
  }
  return {200, {{"Content-Type", "application/json; charset=UTF-8"}}, std::move(body)};
}

}  // namespace outpost::oxserver
