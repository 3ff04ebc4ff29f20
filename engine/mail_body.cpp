#include "engine/mail_body.h"

#include <gmime/gmime.h>

#include <memory>

#include "engine/html_text.h"

namespace outpost {
namespace {

struct UnrefPart {
  void operator()(void* object) const { g_object_unref(object); }
};
struct FreeText {
  void operator()(char* text) const { g_free(text); }
};

// A mail in a mail in a mail.
constexpr int kPartsDeep = 32;
constexpr std::size_t kBodyBytesMax = 256u << 10;  // of the text that is looked into

void AddPart(GMimeObject* part, int depth, std::string& out) {
  if (part == nullptr || depth > kPartsDeep || out.size() > kBodyBytesMax) return;
  if (GMIME_IS_MULTIPART(part)) {
    const int count = g_mime_multipart_get_count(GMIME_MULTIPART(part));
    for (int i = 0; i < count; ++i) AddPart(g_mime_multipart_get_part(GMIME_MULTIPART(part), i), depth + 1, out);
  } else if (GMIME_IS_MESSAGE_PART(part)) {
    GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(part));
    if (inner != nullptr) AddPart(g_mime_message_get_mime_part(inner), depth + 1, out);
  } else if (GMIME_IS_TEXT_PART(part) && !g_mime_part_is_attachment(GMIME_PART(part))) {
    const std::unique_ptr<char, FreeText> text(g_mime_text_part_get_text(GMIME_TEXT_PART(part)));
    if (!text) return;
    GMimeContentType* type = g_mime_object_get_content_type(part);
    const bool html = type != nullptr && g_mime_content_type_is_type(type, "text", "html");
    out += html ? TextOfHtml(text.get()) : std::string(text.get());
    out += '\n';
  }
}

}  // namespace

std::string ReadMailBody(std::string_view source) {
  [[maybe_unused]] static const bool begun = (g_mime_init(), true);
  const std::unique_ptr<GMimeStream, UnrefPart> stream(g_mime_stream_mem_new_with_buffer(source.data(), source.size()));
  const std::unique_ptr<GMimeParser, UnrefPart> parser(g_mime_parser_new_with_stream(stream.get()));
  const std::unique_ptr<GMimeMessage, UnrefPart> message(g_mime_parser_construct_message(parser.get(), nullptr));
  std::string text;
  if (message) AddPart(g_mime_message_get_mime_part(message.get()), 0, text);
  if (text.size() > kBodyBytesMax) text.resize(kBodyBytesMax);
  return text;
}

std::shared_ptr<const MailBodies> BodiesOfMails() {
  static const auto bodies = std::make_shared<const MailBodies>(ReadMailBody);
  return bodies;
}

}  // namespace outpost
