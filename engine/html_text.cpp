#include "engine/html_text.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>

namespace outpost {
namespace {

struct FreeParser {
  void operator()(htmlParserCtxtPtr parser) const { htmlFreeParserCtxt(parser); }
};

// Elements part words but for those that only say how letters look.
void PartWords(std::string& text, const xmlChar* element) {
  constexpr std::array<std::string_view, 9> kInline{"b", "i", "u", "em", "strong", "span", "font", "a", "wbr"};
  const std::string_view name(reinterpret_cast<const char*>(element));
  if (text.ends_with(' ') || std::find(kInline.begin(), kInline.end(), name) != kInline.end()) return;
  text += ' ';
}

// What a script or a style holds comes as a block of its own, which nobody takes.
htmlSAXHandler TextOnly() {
  htmlSAXHandler handler{};
  handler.startElement = [](void* text, const xmlChar* name, const xmlChar**) {
    PartWords(*static_cast<std::string*>(text), name);
  };
  handler.endElement = [](void* text, const xmlChar* name) { PartWords(*static_cast<std::string*>(text), name); };
  handler.characters = handler.ignorableWhitespace = [](void* text, const xmlChar* bytes, int size) {
    static_cast<std::string*>(text)->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  };
  handler.cdataBlock = [](void*, const xmlChar*, int) {};
  return handler;
}

}  // namespace

std::string TextOfHtml(std::string_view html) {
  [[maybe_unused]] static const bool begun = (xmlInitParser(), true);
  std::string text;
  html = html.substr(0, std::numeric_limits<int>::max());
  const std::unique_ptr<htmlParserCtxt, FreeParser> parser(
      htmlCreateMemoryParserCtxt(html.data(), static_cast<int>(html.size())));
  if (!parser) return text;  // of an empty text
  *parser->sax = TextOnly();
  parser->userData = &text;
  htmlCtxtUseOptions(parser.get(),
                     HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
  xmlSwitchEncoding(parser.get(), XML_CHAR_ENCODING_UTF8);
  htmlParseDocument(parser.get());
  return text;
}

}  // namespace outpost
