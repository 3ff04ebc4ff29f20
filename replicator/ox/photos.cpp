#include "replicator/ox/photos.h"

#include <algorithm>
#include <array>
#include <utility>

#include "replicator/ox/multipart.h"
#include "replicator/ox/requests.h"

namespace outpost {
namespace {

constexpr std::string_view kUnknownImage = "application/octet-stream";

struct ImageKind {
  std::string_view begins;
  std::string_view type;
};
// The kinds that the server takes.
constexpr std::array<ImageKind, 4> kImageKinds{
    {{"\xFF\xD8\xFF", "image/jpeg"}, {"\x89PNG\r\n\x1A\n", "image/png"}, {"GIF8", "image/gif"}, {"BM", "image/bmp"}}};

std::string_view ImageTypeOf(std::string_view bytes) {
  for (const ImageKind& kind : kImageKinds)
    if (bytes.starts_with(kind.begins)) return kind.type;
  return kUnknownImage;
}

const std::function<std::shared_ptr<BodySource>()>* PhotoOf(const Ask& ask) {
  if (const auto* create = std::get_if<ask::Create>(&ask)) return &create->photo;
  const auto* update = std::get_if<ask::Update>(&ask);
  return update != nullptr ? &update->photo : nullptr;
}

}  // namespace

bool HasPhoto(const Ask& ask) {
  const auto* photo = PhotoOf(ask);
  return photo != nullptr && *photo;
}

bool WritePhotoRequest(const Ask& ask, std::string_view session, HttpRequest& request) {
  const auto& open = *PhotoOf(ask);
  const auto first = open();
  request.stream = open();
  std::array<char, 8> head{};
  const auto read = first != nullptr ? first->Read(head) : -1;
  if (read < 0 || request.stream == nullptr) return false;
  const std::string_view type = ImageTypeOf({head.data(), static_cast<std::size_t>(read)});
  std::string query;
  const auto* update = std::get_if<ask::Update>(&ask);
  AppendFormPair(query, "action", update != nullptr ? "update" : "new");
  AppendFormPair(query, "session", session);
  AppendFormPair(query, "timezone", "UTC");
  if (update != nullptr) {
    AppendFormPair(query, "folder", update->folder);
    AppendFormPair(query, "id", update->remote_id);
    AppendFormPair(query, "timestamp", std::to_string(update->version));
  }
  const std::string boundary = FormBoundary(session);
  request.method = "POST";
  request.url = "/contacts?" + query;
  request.headers.emplace_back("Content-Type", "multipart/form-data; boundary=" + boundary);
  request.body =
      "--" + boundary + "\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n" + ContactBody(ask) + "\r\n--" +
      boundary +
      "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"photo\"\r\nContent-Type: " + std::string(type) +
      "\r\n\r\n";
  request.tail = "\r\n--" + boundary + "--\r\n";
  return true;
}

std::string PhotoUrl(const SourceAsk& ask, std::string_view session) {
  std::string query;
  AppendFormPair(query, "folder", ask.folder);
  AppendFormPair(query, "id", ask.remote_id);
  AppendFormPair(query, "session", session);
  return "/image/contact/picture?" + query;
}

bool IsPhoto(std::string_view bytes) { return ImageTypeOf(bytes) != kUnknownImage; }

void BlamePhoto(Answer& answer) {
  if (answer.status == AnswerStatus::kRefused && answer.problems.empty())
    answer.problems.push_back({field::kContactPhoto, 0, 0});
}

}  // namespace outpost
