#include "tools/oxserver/multipart.h"

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

// The value of `name` among the parameters of a header such as `form-data; name="file"`.
std::string Parameter(std::string_view header, std::string_view name) {
  for (const auto piece : Split(header, ';')) {
    const auto pair = Trimmed(piece);
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos || !EqualNoCase(Trimmed(pair.substr(0, equals)), name)) continue;
    auto value = Trimmed(pair.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return {};
}

std::string PartName(std::string_view head) {
  for (const auto line : Split(head, '\n')) {
    const auto colon = line.find(':');
    if (colon != std::string_view::npos && EqualNoCase(Trimmed(line.substr(0, colon)), "Content-Disposition")) {
      return Parameter(line.substr(colon + 1), "name");
    }
  }
  return {};
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
    if (blank != std::string_view::npos)
      parts.push_back({PartName(part.substr(0, blank)), std::string(part.substr(blank + 4))});
    at = end + 2;
  }
  return parts;
}

}  // namespace outpost::oxserver
