#include "engine/mail_parts.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>

namespace outpost {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
struct FreeString {
  void operator()(char* text) const { g_free(text); }
};
using Stream = std::unique_ptr<GMimeStream, Unref>;

constexpr int kDeepest = 32;                 // parts in parts
constexpr std::size_t kAttachedMax = 1'000;  // what a person would ever see

std::string Lower(const char* text) {
  std::string out = text != nullptr ? text : "";
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string BytesOf(GMimeStream* stream) {
  GByteArray* array = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream));
  return array != nullptr ? std::string(reinterpret_cast<const char*>(array->data), array->len) : std::string();
}

std::string Decoded(GMimePart* part) {
  GMimeDataWrapper* content = g_mime_part_get_content(part);
  if (content == nullptr) return {};
  const Stream out(g_mime_stream_mem_new());
  g_mime_data_wrapper_write_to_stream(content, out.get());
  return BytesOf(out.get());
}

std::string SourceOf(GMimeMessagePart* part) {
  GMimeMessage* message = g_mime_message_part_get_message(part);
  if (message == nullptr) return {};
  const Stream out(g_mime_stream_mem_new());
  g_mime_object_write_to_stream(GMIME_OBJECT(message), nullptr, out.get());
  return BytesOf(out.get());
}

class Walk {
 public:
  explicit Walk(std::optional<std::size_t> wanted) : wanted_(wanted) {}

  void At(GMimeObject* object, int depth, bool related) {
    if (object == nullptr || depth > kDeepest) return;
    if (GMIME_IS_MULTIPART(object)) {
      GMimeContentType* type = g_mime_object_get_content_type(object);
      const bool is_related = type != nullptr && g_mime_content_type_is_type(type, "multipart", "related");
      const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
      for (int i = 0; i < count; ++i)
        At(g_mime_multipart_get_part(GMIME_MULTIPART(object), i), depth + 1, related || is_related);
    } else if (GMIME_IS_MESSAGE_PART(object)) {
      MailPart part = Described(object);
      part.mail = true;
      GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
      if (const char* subject = inner != nullptr ? g_mime_message_get_subject(inner) : nullptr; part.name.empty())
        part.name = subject != nullptr ? subject : "";
      Add(std::move(part), [object] { return SourceOf(GMIME_MESSAGE_PART(object)); });
    } else if (GMIME_IS_PART(object)) {
      if (TakeText(object)) return;
      MailPart part = Described(object);
      const char* name = g_mime_part_get_filename(GMIME_PART(object));
      part.name = name != nullptr ? name : "";
      part.within = related && !part.content_id.empty();
      Add(std::move(part), [object] { return Decoded(GMIME_PART(object)); });
    }
  }

  MailParts parts;
  std::optional<std::string> content;  // of the wanted one

 private:
  static MailPart Described(GMimeObject* object) {
    MailPart part;
    GMimeContentType* type = g_mime_object_get_content_type(object);
    if (type != nullptr) {
      const std::unique_ptr<char, FreeString> text(g_mime_content_type_get_mime_type(type));
      part.type = Lower(text.get());
    }
    const char* id = g_mime_object_get_content_id(object);
    part.content_id = id != nullptr ? id : "";
    return part;
  }

  bool TakeText(GMimeObject* object) {
    if (!GMIME_IS_TEXT_PART(object) || g_mime_part_is_attachment(GMIME_PART(object))) return false;
    GMimeContentType* type = g_mime_object_get_content_type(object);
    const bool html = type != nullptr && g_mime_content_type_is_type(type, "text", "html");
    const bool plain = type == nullptr || g_mime_content_type_is_type(type, "text", "plain");
    std::string& place = html ? parts.html : parts.text;
    bool& taken = html ? html_taken_ : text_taken_;
    if ((!html && !plain) || taken) return false;
    taken = true;
    const std::unique_ptr<char, FreeString> text(g_mime_text_part_get_text(GMIME_TEXT_PART(object)));
    if (text) place = text.get();
    return true;
  }

  template <class Content>
  void Add(MailPart part, Content read) {
    if (parts.attached.size() >= kAttachedMax) return;
    const bool is_wanted = wanted_ && *wanted_ == parts.attached.size();
    if (!wanted_ || is_wanted) {
      std::string bytes = read();
      part.size = bytes.size();
      if (is_wanted) content = std::move(bytes);
    }
    parts.attached.push_back(std::move(part));
  }

  const std::optional<std::size_t> wanted_;
  bool text_taken_ = false, html_taken_ = false;
};

Walk Taken(std::string_view source, std::optional<std::size_t> wanted) {
  [[maybe_unused]] static const bool begun = (g_mime_init(), true);
  Walk walk(wanted);
  const Stream stream(g_mime_stream_mem_new_with_buffer(source.data(), source.size()));
  const std::unique_ptr<GMimeParser, Unref> parser(g_mime_parser_new_with_stream(stream.get()));
  const std::unique_ptr<GMimeMessage, Unref> message(g_mime_parser_construct_message(parser.get(), nullptr));
  if (message) walk.At(g_mime_message_get_mime_part(message.get()), 0, false);
  return walk;
}

}  // namespace

MailParts ReadMailParts(std::string_view source) {
  MailParts parts = Taken(source, {}).parts;
  for (const std::string_view end : {std::string_view("\r\n\r\n"), std::string_view("\n\n")})
    if (const auto at = source.find(end); at != std::string_view::npos && parts.header.empty())
      parts.header = source.substr(0, at + end.size() / 2);
  return parts;
}

std::optional<std::string> ContentOfPart(std::string_view source, std::size_t place) {
  return Taken(source, place).content;
}

}  // namespace outpost
