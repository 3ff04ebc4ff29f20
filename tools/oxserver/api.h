#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {

using Json = nlohmann::json;

// Numbers and names of http-api.md 1.2.
enum class Category : std::uint8_t {
  kUserInput = 1,
  kConfiguration = 2,
  kPermissionDenied = 3,
  kTryAgain = 4,
  kServiceDown = 5,
  kConnectivity = 6,
  kError = 8,
  kConflict = 9,
  kCapacity = 11,
  kTruncated = 12,
  kWarning = 13,
};

// What an envelope says of a failure. `problematic` and `truncated` are JSON arrays as text, or empty.
struct ApiError {
  std::string code;
  Category category = Category::kError;
  std::string text;
  std::vector<std::string> params;
  std::string problematic;
  std::string truncated;
};

template <class T>
using Api = BOOST_OUTCOME_V2_NAMESPACE::basic_result<T, ApiError, ThrowsViolation>;

// The success of one call. `data` is JSON text; empty means that the envelope has none.
struct Answer {
  std::string data;
  std::optional<std::int64_t> timestamp;
  std::vector<ApiError> warnings;
};

// Appends the envelope of http-api.md 1.2. `error_id` is unique per occurrence.
void AppendEnvelope(std::string& out, const Api<Answer>& answer, std::string_view error_id);
// Only the error fields `"error":…,"code":…`, without braces: for answers that carry them at another level.
void AppendErrorFields(std::string& out, const ApiError& error, std::string_view error_id);

// The parameters of one call, from the query or from an element of `multiple`.
class Params {
 public:
  Params() = default;
  explicit Params(Pairs pairs) : pairs_(std::move(pairs)) {}
  std::optional<std::string_view> Find(std::string_view name) const;
  // An empty value counts as missing.
  Api<std::string_view> Need(std::string_view name) const;
  Api<std::int64_t> NeedNumber(std::string_view name) const;
  // nullopt where absent; an error where it is no number.
  Api<std::optional<std::int64_t>> FindNumber(std::string_view name) const;
  bool IsTrue(std::string_view name) const;
  void Add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }

 private:
  Pairs pairs_;
};

class Zone;

// One call of one module by a signed-in user.
struct Request {
  std::string module;
  std::string action;
  Params params;
  const Json* body = nullptr;  // null: none was sent
  std::string_view raw = {};   // the body of a call that takes no JSON; empty: none
  int user = 0;
  const Zone* zone = nullptr;  // the reading of Time values: the parameter `timezone`, else the user's
};

ApiError UnknownAction(std::string_view module, std::string_view action);
ApiError UnknownModule(std::string_view module);
ApiError MissingParameter(std::string_view name);
ApiError InvalidParameter(std::string_view name, std::string_view value);
ApiError BadJson();
ApiError MissingBody();
// The body, which must be an array / an object.
Api<const Json*> NeedArray(const Request& request);
Api<const Json*> NeedObject(const Request& request);
// The text of a JSON string or number (ids come as both); nullopt for anything else.
std::optional<std::string> ScalarText(const Json& value);
std::optional<std::int64_t> ScalarNumber(const Json& value);

}  // namespace outpost::oxserver
