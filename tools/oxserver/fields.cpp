#include "tools/oxserver/fields.h"

#include "tools/oxserver/columns.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

void AppendTyped(std::string& out, const std::string& name, const std::string& value) {
  const int position = ContactColumns().ByName(name);
  const Kind kind = position < 0 ? Kind::kText : ContactColumns().At(position).kind;
  const bool literal = kind == Kind::kArray ||
                       ((kind == Kind::kNumber || kind == Kind::kDate || kind == Kind::kTime) && ParseNumber(value)) ||
                       (kind == Kind::kBoolean && (value == "true" || value == "false"));
  if (value.empty())
    out += "null";
  else if (literal)
    out += value;
  else
    AppendQuoted(out, value);
}

}  // namespace

std::string FieldsToJson(const FieldMap& fields) {
  std::string out = "{";
  for (const auto& [name, value] : fields) {
    if (out.size() > 1) out += ',';
    AppendQuoted(out, name);
    out += ':';
    AppendTyped(out, name, value);
  }
  return out + '}';
}

}  // namespace outpost::oxserver
