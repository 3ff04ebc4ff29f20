#include "inspect/csv.h"

#include "inspect/narrator.h"

namespace outpost {
namespace {

// Spreadsheets run what begins so: somebody else's mail or name would be a formula in the reader's hands. Phone numbers
// and other numbers stay as they are.
bool IsFormula(std::string_view text) {
  if (text.empty()) return false;
  const bool sign = text[0] == '+' || text[0] == '-';
  if (sign) return text.find_first_not_of("0123456789+-()/., ") != std::string_view::npos;
  return text[0] == '=' || text[0] == '@' || text[0] == '\t' || text[0] == '\r';
}

std::string Quoted(std::string_view text) {
  const bool formula = IsFormula(text);
  if (!formula && text.find_first_of("\",\r\n") == std::string_view::npos) return std::string(text);
  std::string out = formula ? "\"'" : "\"";
  for (const char c : text) {
    out += c;
    if (c == '"') out += c;
  }
  return out + "\"";
}

std::string Cell(const Field& field, const Value& value) {
  switch (KindOf(value)) {
    case ValueKind::kNull:
      return {};
    case ValueKind::kText:
      return std::get<std::string>(value);
    case ValueKind::kInt: {
      const std::int64_t number = std::get<std::int64_t>(value);
      std::string moment = MomentText(Millis(number));
      if (field.kind == FieldKind::kDate) return moment.substr(0, 10);
      moment[10] = 'T';
      return field.kind == FieldKind::kTime ? moment + "Z" : std::to_string(number);
    }
    case ValueKind::kBool:
      return std::get<bool>(value) ? "true" : "false";
    case ValueKind::kTexts: {
      std::string out;
      for (const std::string& one : std::get<std::vector<std::string>>(value)) out += (out.empty() ? "" : "; ") + one;
      return out;
    }
    case ValueKind::kBytes:
      return std::to_string(std::get<Blob>(value).bytes.size());
    case ValueKind::kId:
      return std::get<ItemId>(value).Hex();
    case ValueKind::kBlob:
      return std::to_string(std::get<BlobRef>(value).size);
  }
  return {};
}

// Calls `visit` for each field that is a column.
template <class Visit>
void EachColumn(ItemType type, Visit visit) {
  const ItemType owner = FieldOwner(type);
  for (const Field& field : AllFields())
    if (field.type == owner && field.id != field::FolderOf(owner) && field.sync != Sync::kServer) visit(field);
}

}  // namespace

std::string CsvHeader(ItemType type) {
  std::string out = "id,folder,type,state";
  EachColumn(type, [&](const Field& field) { out += "," + std::string(field.name); });
  return out + "\r\n";
}

std::string CsvRow(const ItemState& item, std::string_view folder) {
  std::string out = item.id.Hex() + "," + Quoted(folder) + "," + ItemTypeName(item.type) + "," + ItemStateName(item);
  const FieldMap head = item.Head();
  EachColumn(item.type, [&](const Field& field) {
    const auto at = head.find(field.id);
    out += "," + (at != head.end() ? Quoted(Cell(field, at->second)) : std::string());
  });
  return out + "\r\n";
}

}  // namespace outpost
