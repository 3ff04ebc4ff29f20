#include "tools/oxserver/api.h"

#include <nlohmann/json.hpp>

namespace outpost::oxserver {
namespace {

const char* CategoryName(Category category) {
  switch (category) {
    case Category::kUserInput:
      return "USER_INPUT";
    case Category::kConfiguration:
      return "CONFIGURATION";
    case Category::kPermissionDenied:
      return "PERMISSION_DENIED";
    case Category::kTryAgain:
      return "TRY_AGAIN";
    case Category::kServiceDown:
      return "SERVICE_DOWN";
    case Category::kConnectivity:
      return "CONNECTIVITY";
    case Category::kError:
      return "ERROR";
    case Category::kConflict:
      return "CONFLICT";
    case Category::kCapacity:
      return "CAPACITY";
    case Category::kTruncated:
      return "TRUNCATED";
    case Category::kWarning:
      return "WARNING";
  }
  return "ERROR";
}

void AppendWarnings(std::string& out, const std::vector<ApiError>& warnings, std::string_view error_id) {
  out += ",\"warnings\":";
  if (warnings.size() > 1) out += '[';
  for (std::size_t i = 0; i < warnings.size(); ++i) {
    if (i > 0) out += ',';
    out += '{';
    AppendErrorFields(out, warnings[i], error_id);
    out += '}';
  }
  if (warnings.size() > 1) out += ']';
}

}  // namespace

void AppendErrorFields(std::string& out, const ApiError& error, std::string_view error_id) {
  out += "\"error\":";
  AppendQuoted(out, error.text);
  out += ",\"error_params\":[";
  for (std::size_t i = 0; i < error.params.size(); ++i) {
    if (i > 0) out += ',';
    AppendQuoted(out, error.params[i]);
  }
  out += "],\"categories\":";
  AppendQuoted(out, CategoryName(error.category));
  out += ",\"category\":";
  AppendNumber(out, static_cast<int>(error.category));
  out += ",\"code\":";
  AppendQuoted(out, error.code);
  out += ",\"error_id\":";
  AppendQuoted(out, error_id);
  out += ",\"error_desc\":";
  AppendQuoted(out, error.text);
  if (!error.problematic.empty()) out += ",\"problematic\":" + error.problematic;
  if (!error.truncated.empty()) out += ",\"truncated\":" + error.truncated;
}

void AppendEnvelope(std::string& out, const Api<Answer>& answer, std::string_view error_id) {
  out += '{';
  if (!answer) {
    AppendErrorFields(out, answer.error(), error_id);
    out += '}';
    return;
  }
  const Answer& value = answer.value();
  const std::size_t start = out.size();
  if (!value.data.empty()) out.append("\"data\":").append(value.data);
  if (value.timestamp) {
    if (out.size() > start) out += ',';
    out += "\"timestamp\":";
    AppendNumber(out, *value.timestamp);
  }
  if (!value.warnings.empty()) {
    if (out.size() > start) out += ',';
    AppendErrorFields(out, value.warnings.front(), error_id);
    AppendWarnings(out, value.warnings, error_id);
  }
  out += '}';
}

std::optional<std::string_view> Params::Find(std::string_view name) const {
  for (const auto& [key, value] : pairs_) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Api<std::string_view> Params::Need(std::string_view name) const {
  const auto value = Find(name);
  if (!value || value->empty()) return MissingParameter(name);
  return *value;
}

Api<std::int64_t> Params::NeedNumber(std::string_view name) const {
  OUTPOST_TRY(const auto text, Need(name));
  const auto number = ParseNumber(text);
  if (!number) return InvalidParameter(name, text);
  return *number;
}

Api<std::optional<std::int64_t>> Params::FindNumber(std::string_view name) const {
  const auto text = Find(name);
  if (!text || text->empty()) return std::optional<std::int64_t>();
  const auto number = ParseNumber(*text);
  if (!number) return InvalidParameter(name, *text);
  return number;
}

bool Params::IsTrue(std::string_view name) const {
  const auto value = Find(name);
  return value && (EqualNoCase(*value, "true") || *value == "1");
}

ApiError UnknownAction(std::string_view module, std::string_view action) {
  return {"SVL-0001", Category::kError, "Unknown action in the module.", {std::string(module), std::string(action)}, {},
          {}};
}
ApiError UnknownModule(std::string_view module) {
  return {"SVL-0007", Category::kError, "Unknown module.", {std::string(module)}, {}, {}};
}
ApiError MissingParameter(std::string_view name) {
  const std::string field(name);
  return {"SVL-0002", Category::kError, "A request parameter is missing: " + field, {field}, {}, {}};
}
ApiError InvalidParameter(std::string_view name, std::string_view value) {
  const std::string field(name);
  return {
      "SVL-0010", Category::kUserInput, "A parameter has an invalid value: " + field, {field, std::string(value)}, {},
      {}};
}
ApiError BadJson() {
  return {"SVL-0012", Category::kError, "The request body is no valid JSON of the expected shape.", {}, {}, {}};
}
ApiError MissingBody() { return {"SVL-0014", Category::kError, "The request has no body.", {}, {}, {}}; }

Api<const Json*> NeedArray(const Request& request) {
  if (request.body == nullptr) return MissingBody();
  if (!request.body->is_array()) return BadJson();
  return request.body;
}

Api<const Json*> NeedObject(const Request& request) {
  if (request.body == nullptr) return MissingBody();
  if (!request.body->is_object()) return BadJson();
  return request.body;
}

std::optional<std::string> ScalarText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  return std::nullopt;
}

std::optional<std::int64_t> ScalarNumber(const Json& value) {
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_string()) return ParseNumber(value.get_ref<const std::string&>());
  return std::nullopt;
}

}  // namespace outpost::oxserver
