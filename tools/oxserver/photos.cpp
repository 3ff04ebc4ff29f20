#include "tools/oxserver/photos.h"

#include <nlohmann/json.hpp>

#include "base/system/crypto.h"
#include "tools/oxserver/multipart.h"
#include "tools/oxserver/objects.h"

namespace outpost::oxserver {
namespace {

struct ImageKind {
  std::string_view begins;
  std::string_view type;
};
constexpr ImageKind kImageKinds[] = {
    {"\xFF\xD8\xFF", "image/jpeg"}, {"\x89PNG\r\n\x1A\n", "image/png"}, {"GIF8", "image/gif"}, {"BM", "image/bmp"}};

std::string FieldText(const Object& contact, int column) {
  return Unquoted(contact.fields.Get(ContactColumns().ById(column)).value_or(std::string_view()));
}

Api<Json> UploadedContact(const HttpRequest& http) {
  std::optional<FormPart> json, file;
  for (FormPart& part : ParseMultipart(FindHeader(http.headers, "Content-Type"), http.body)) {
    if (part.name == "json") json = std::move(part);
    if (part.name == "file") file = std::move(part);
  }
  if (!json) return MissingParameter("json");
  if (!file) return MissingParameter("file");
  Json contact = Json::parse(json->content, nullptr, false);
  if (!contact.is_object()) return BadJson();
  contact["image1"] = Base64Of(AsBytes(file->content));
  contact["image1_content_type"] = file->type;
  return contact;
}

Api<Answer> Upload(World& world, Request& request, const HttpRequest& http) {
  OUTPOST_TRY(const Json contact, UploadedContact(http));
  request.body = &contact;
  return HandleContacts(world, request);
}

}  // namespace

std::optional<std::string_view> ImageTypeOf(std::string_view bytes) {
  for (const ImageKind& kind : kImageKinds)
    if (bytes.starts_with(kind.begins)) return kind.type;
  return std::nullopt;
}

Api<void> CheckPhoto(const World& world, std::string_view photo, std::string_view type) {
  const auto bytes = FromBase64(Unquoted(photo));
  if (!bytes) return ApiError{"CON-0136", Category::kUserInput, "The image is broken.", {}, {}, {}};
  const auto size = static_cast<std::int64_t>(bytes->size()), most = world.options.photo_size_max;
  if (most > 0 && size > most)
    return ApiError{
        "CON-0101",
        Category::kUserInput,
        "The image is too large: " + std::to_string(size) + " bytes where " + std::to_string(most) + " are allowed.",
        {std::to_string(size), std::to_string(most)},
        {},
        {}};
  const std::string told = type.empty() ? "image/jpeg" : Lower(Unquoted(type));
  bool known = told == "image/jpg" || told == "image/pjpeg" || told == "image/x-png";
  for (const ImageKind& kind : kImageKinds) known = known || told == kind.type;
  if (!known)
    return ApiError{"CON-0158", Category::kUserInput, "The file is no image of a kind that is taken.", {}, {}, {}};
  if (!ImageTypeOf(*bytes)) return ApiError{"CON-0136", Category::kUserInput, "The image is broken.", {}, {}, {}};
  return Ok();
}

bool IsContactUpload(const Request& request, const HttpRequest& http) {
  return request.module == "contacts" && (request.action == "new" || request.action == "update") &&
         http.method == "POST" &&
         EqualNoCase(FindHeader(http.headers, "Content-Type").substr(0, 19), "multipart/form-data");
}

HttpResponse HandleContactUpload(World& world, Request request, const HttpRequest& http, std::string_view error_id) {
  return {200,
          {{"Content-Type", "text/html; charset=UTF-8"}},
          CallbackPage(request.action, Upload(world, request, http), error_id)};
}

HttpResponse HandleImage(const World& world, const Request& request) {
  const HttpResponse none{404, {{"Content-Type", "text/html; charset=UTF-8"}}, "<html><body>Not found</body></html>\n"};
  const auto folder = request.params.Find("folder"), id = request.params.Find("id");
  if (request.action != "contact/picture" || !folder || !id) return none;
  const auto contact = ReadableObject(ContactsModule(), world, request, *folder, *id);
  if (!contact) return none;
  const auto bytes = FromBase64(FieldText(*contact.value(), kColImage1));
  if (!bytes || bytes->empty()) return none;
  return {200, {{"Content-Type", FieldText(*contact.value(), kColImageType)}}, *bytes};
}

}  // namespace outpost::oxserver
