#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace outpost::oxserver {

struct FormPart {
  std::string name;
  std::string content;
  std::string filename = {};  // empty: none was told
  std::string type = {};      // likewise
};

// The parts of a multipart/form-data body (RFC 7578); empty where the type or the body is not one.
std::vector<FormPart> ParseMultipart(std::string_view content_type, std::string_view body);

}  // namespace outpost::oxserver
