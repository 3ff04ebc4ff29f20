#include "engine/mail_body.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

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

bool BeginsWith(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && g_ascii_strncasecmp(text.data(), word.data(), word.size()) == 0;
}

void AppendCodePoint(std::uint32_t code, std::string& out) {
  std::array<char, 6> bytes{};
  if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return;
  out.append(bytes.data(), static_cast<std::size_t>(g_unichar_to_utf8(code, bytes.data())));
}

// The character that "&...;" at the beginning of `text` stands for; how many bytes it takes, 0 where it is none.
std::size_t AppendEntity(std::string_view text, std::string& out) {
  constexpr std::size_t kEntityBytes = 12;
  constexpr std::array<std::pair<std::string_view, std::uint32_t>, 14> kNamed{{{"amp", '&'},
                                                                               {"lt", '<'},
                                                                               {"gt", '>'},
                                                                               {"quot", '"'},
                                                                               {"apos", 0x27},
                                                                               {"nbsp", ' '},
                                                                               {"auml", 0xe4},
                                                                               {"ouml", 0xf6},
                                                                               {"uuml", 0xfc},
                                                                               {"Auml", 0xc4},
                                                                               {"Ouml", 0xd6},
                                                                               {"Uuml", 0xdc},
                                                                               {"szlig", 0xdf},
                                                                               {"eacute", 0xe9}}};
  const auto end = text.substr(0, kEntityBytes).find(';');
  if (end == std::string_view::npos || end < 2) return 0;
  std::string_view name = text.substr(1, end - 1);
  std::uint32_t code = 0;
  if (name.front() == '#') {
    name.remove_prefix(1);
    const bool hex = !name.empty() && (name.front() == 'x' || name.front() == 'X');
    if (hex) name.remove_prefix(1);
    const auto read = std::from_chars(name.data(), name.data() + name.size(), code, hex ? 16 : 10);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return 0;
  } else {
    for (const auto& [known, meaning] : kNamed)
      if (known == name) code = meaning;
    if (code == 0) return 0;
  }
  AppendCodePoint(code == 0xa0 ? ' ' : code, out);
  return end + 1;
}

// Tags part words but for those that only say how letters look.
bool IsInline(std::string_view tag) {
  if (tag.starts_with('/')) tag.remove_prefix(1);
  const auto end = std::min(tag.find_first_of(" \t\r\n/>"), tag.size());
  constexpr std::array<std::string_view, 9> kInline{"b", "i", "u", "em", "strong", "span", "font", "a", "wbr"};
  return std::any_of(kInline.begin(), kInline.end(),
                     [&](std::string_view name) { return name.size() == end && BeginsWith(tag, name); });
}

// Where an element ends whose content nobody reads; `at` behind its "<".
std::size_t EndOfUnread(std::string_view html, std::size_t at) {
  for (const std::string_view name : {"script", "style"}) {
    if (!BeginsWith(html.substr(at), name)) continue;
    for (std::size_t close = html.find("</", at); close != std::string_view::npos; close = html.find("</", close + 2))
      if (BeginsWith(html.substr(close + 2), name)) return std::min(html.find('>', close), html.size());
    return html.size();
  }
  if (BeginsWith(html.substr(at), "!--")) return std::min(html.find("-->", at), html.size() - 2) + 2;
  return std::min(html.find('>', at), html.size());
}

std::string TextOfHtml(std::string_view html) {
  std::string out;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] == '<') {
      if (!IsInline(html.substr(at + 1))) out += ' ';
      at = EndOfUnread(html, at + 1) + 1;
      continue;
    }
    const std::size_t entity = html[at] == '&' ? AppendEntity(html.substr(at), out) : 0;
    if (entity == 0) out += html[at];
    at += std::max<std::size_t>(entity, 1);
  }
  return out;
}

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
