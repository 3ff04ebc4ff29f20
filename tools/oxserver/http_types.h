#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outpost::oxserver {

// One HTTP exchange without its transport. Header names compare without regard to case; `target` is path and query as
// sent.
struct HttpRequest {
  std::string method;
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct HttpResponse {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

// The first header of that name, or an empty view.
std::string_view FindHeader(const std::vector<std::pair<std::string, std::string>>& headers, std::string_view name);

}  // namespace outpost::oxserver
