#include "tools/oxserver/multipart.h"

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

// The value of `name` among the parameters of a header such as `form-data; name="file"`.
std::string Parameter(std::string_view header, std::string_view name) {
  for (std::size_t at = 0; at < header.size();) {
    // A semicolon within quotes ends nothing.
    bool quoted = false;
    std::size_t end = at;
    for (; end < header.size() && (quoted || header[end] != ';'); ++end) quoted = quoted != (header[end] == '"');
    const auto pair = Trimmed(header.substr(at, end - at));
    at = end + 1;
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !EqualNoCase(Trimmed(pair.substr(0, equals)), name)) continue;
    auto value = Trimmed(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

// Browsers write a quotation mark in a name so.
std::string Unescaped(std::string name) {
  for (std::size_t at = name.find("%22"); at != std::string::npos; at = name.find("%22", at + 1))
    name.replace(at, 3, "\"");
  return name;
}

void ReadHead(std::string_view head, FormPart& part) {
  for (const auto line : Split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const auto name = Trimmed(line.substr(0, colon)), value = Trimmed(line.substr(colon + 1));
    if (EqualNoCase(name, "Content-Disposition")) {
      part.name = Parameter(value, "name");
      part.filename = Unescaped(Parameter(value, "filename"));
    } else if (EqualNoCase(name, "Content-Type")) {
      part.type = value;
    }
  }
}

}  // namespace

std::vector<FormPart> ParseMultipart(std::string_view content_type, std::string_view body) {
  std::vector<FormPart> parts;
  const std::string boundary = Parameter(content_type, "boundary");
  if (!EqualNoCase(content_type.substr(0, 19), "multipart/form-data") || boundary.empty()) return parts;
  const std::string delimiter = "--" + boundary;
  std::size_t at = body.find(delimiter);
  while (at != std::string_view::npos) {
    at += delimiter.size();
    if (body.substr(at, 2) == "--") break;
    const auto start = body.find("\r\n", at);
    const auto end = start == std::string_view::npos ? start : body.find("\r\n" + delimiter, start);
    if (end == std::string_view::npos) break;
    const auto part = body.substr(start + 2, end - start - 2);
    const auto blank = part.find("\r\n\r\n");
    if (blank != std::string_view::npos) {
      parts.emplace_back();
      ReadHead(part.substr(0, blank), parts.back());
      parts.back().content = part.substr(blank + 4);
    }
    at = end + 2;
  }
  return parts;
}

}  // namespace outpost::oxserver
