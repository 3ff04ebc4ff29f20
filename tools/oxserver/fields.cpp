#include "tools/oxserver/fields.h"

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

bool IsLiteral(Kind kind, const std::string& value) {
  switch (kind) {
    case Kind::kArray:
    case Kind::kDecimal:
      return true;
    case Kind::kNumber:
    case Kind::kDate:
    case Kind::kTime:
    case Kind::kDateOrTime:
      return ParseNumber(value).has_value();
    case Kind::kBoolean:
      return value == "true" || value == "false";
    default:
      return false;
  }
}

void AppendTyped(std::string& out, const ColumnTable& columns, const std::string& name, const std::string& value) {
  const int position = columns.ByName(name);
  const bool literal = position >= 0 && IsLiteral(columns.At(position).kind, value);
  if (value.empty())
    out += "null";
  else if (literal)
    out += value;
  else
    AppendQuoted(out, value);
}

}  // namespace

std::string FieldsToJson(const ColumnTable& columns, const FieldMap& fields) {
  std::string out = "{";
  for (const auto& [name, value] : fields) {
    if (out.size() > 1) out += ',';
    AppendQuoted(out, name);
    out += ':';
    AppendTyped(out, columns, name, value);
  }
  return out + '}';
}

}  // namespace outpost::oxserver
