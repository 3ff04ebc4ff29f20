#include "engine/json/fields_from_json.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/bytes.h"
#include "schemas/fields.h"

namespace outpost {
namespace {

using Tree = nlohmann::json;

constexpr std::int64_t kDayMs = 86'400'000;
// Above, a number of JSON does not hold hundredths exactly.
constexpr double kDecimalMost = 9e13;

Error Invalid(std::string text) { return {Code::kInvalid, Retry::kNever, std::move(text)}; }

std::optional<std::int64_t> Whole(const Tree& tree) {
  if (!tree.is_number_integer()) return std::nullopt;
  if (tree.is_number_unsigned() && tree.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max())
    return std::nullopt;
  return tree.get<std::int64_t>();
}

std::optional<std::int64_t> Hundredths(const Tree& tree) {
  if (!tree.is_number()) return std::nullopt;
  const double number = tree.get<double>();
  if (!(std::abs(number) <= kDecimalMost)) return std::nullopt;
  const double hundredths = std::round(number * 100);
  if (std::abs(hundredths - number * 100) > 1e-6 * std::max(1.0, std::abs(number))) return std::nullopt;
  return static_cast<std::int64_t>(hundredths);
}

std::optional<std::vector<std::string>> Texts(const Tree& tree) {
  if (!tree.is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const Tree& one : tree) {
    if (!one.is_string()) return std::nullopt;
    texts.push_back(one.get<std::string>());
  }
  return texts;
}

Result<Value> ValueOf(const Field& known, const Tree& tree) {
  const std::string name(known.name);
  if (tree.is_null()) return Value{};
  switch (known.kind) {
    case FieldKind::kText:
      if (tree.is_string()) return Value(tree.get<std::string>());
      return Invalid(name + ": must be a text");
    case FieldKind::kTexts:
      if (auto texts = Texts(tree)) return Value(*std::move(texts));
      return Invalid(name + ": must be an array of texts");
    case FieldKind::kBytes:
      if (tree.is_string())
        if (auto bytes = ParseHex(tree.get<std::string>())) return Value(Blob{*std::move(bytes)});
      return Invalid(name + ": must be bytes in hexadecimal");
    case FieldKind::kInt:
      if (const auto number = Whole(tree)) return Value(*number);
      return Invalid(name + ": must be a whole number");
    case FieldKind::kDecimal:
      if (const auto number = Hundredths(tree)) return Value(*number);
      return Invalid(name + ": must be a number with at most two places");
    case FieldKind::kBool:
      if (tree.is_boolean()) return Value(tree.get<bool>());
      return Invalid(name + ": must be true or false");
    case FieldKind::kDate:
      if (const auto date = Whole(tree); date && *date % kDayMs == 0) return Value(*date);
      return Invalid(name + ": must be a day, in milliseconds since 1970 of its midnight UTC");
    case FieldKind::kTime:
      if (const auto time = Whole(tree)) return Value(*time);
      return Invalid(name + ": must be a time, in milliseconds since 1970 UTC");
    case FieldKind::kId:
      break;
  }
  return Invalid(name + ": the folder of an item is changed by moving it");
}

}  // namespace

Result<FieldMap> FieldsFromJson(ItemType type, std::string_view json) {
  const Tree tree = Tree::parse(json, nullptr, false);
  if (!tree.is_object()) return Invalid("fields are an object of JSON");
  FieldMap fields;
  for (const auto& [name, value] : tree.items()) {
    const Field* known = FindField(type, name);
    if (known == nullptr) return Invalid("a " + std::string(ItemTypeName(type)) + " has no field called so");
    if (known->merge == Merge::kServer || known->sync == Sync::kServer)
      return Invalid(std::string(known->name) + ": the server alone sets this field");
    OUTPOST_TRY(auto set, ValueOf(*known, value));
    fields.emplace(known->id, std::move(set));
  }
  return fields;
}

}  // namespace outpost
