#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outpost {

// What is attached to a mail, or shown within its HTML.
struct MailPart {
  std::string name;        // by which a person knows it; may be empty
  std::string type;        // "image/png", in lower case
  std::string content_id;  // without brackets; empty: none
  bool within = false;     // its HTML refers to it: nobody looks for it among the files
  bool mail = false;       // a mail of its own: its bytes are a source
  std::uint64_t size = 0;  // bytes of the content, decoded
};

// A mail taken apart, its texts in UTF-8. Of several texts and HTMLs the first ones count; a further one is attached.
struct MailParts {
  std::string header;  // as it stands in the source, up to the empty line
  std::string text;    // empty: none
  std::string html;    // empty: none
  std::vector<MailPart> attached;
};

// What `source` is made of. Pure, total. Source: RFC 2045 to 2049, RFC 2387, as GMime takes them.
MailParts ReadMailParts(std::string_view source);

// The decoded content of one of `attached`, by its place there; nullopt where there is none. Pure.
std::optional<std::string> ContentOfPart(std::string_view source, std::size_t place);

}  // namespace outpost
