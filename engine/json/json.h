#pragma once
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace outpost {

// What a verb reports, before it is known whether it is shown as JSON or as text: members stay in the order they were
// put in.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<std::pair<std::string, Json>>;
  using Number = std::int64_t;
  std::variant<std::monostate, bool, Number, double, std::string, Array, Object> value;

  Json() = default;
  Json(bool truth) : value(truth) {}
  template <std::integral Integer>
  requires(!std::same_as<Integer, bool>) Json(Integer number) : value(static_cast<Number>(number)) {}
  Json(double number) : value(number) {}
  Json(const char* text) : value(std::string(text)) {}
  Json(std::string_view text) : value(std::string(text)) {}
  Json(std::string text) : value(std::move(text)) {}
  Json(Array array) : value(std::move(array)) {}
  Json(Object object) : value(std::move(object)) {}

  bool null() const { return value.index() == 0; }
  const std::string* text() const { return std::get_if<std::string>(&value); }
  const Array* array() const { return std::get_if<Array>(&value); }
  const Object* object() const { return std::get_if<Object>(&value); }
};

// The member called `name`; null where there is none.
const Json* Find(const Json::Object& object, std::string_view name);

// One line of JSON. Bytes that are no UTF-8 become U+FFFD.
std::string ToLine(const Json& json);

}  // namespace outpost
