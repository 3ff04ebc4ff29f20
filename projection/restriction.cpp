#include "projection/restriction.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "projection/search_index.h"
#include "projection/sort_key.h"
#include "projection/tables.h"

namespace outpost {
namespace {

using What = Restriction::Kind;
using Relation = Restriction::Relation;

Error Invalid(std::string text) { return {Code::kInvalid, Retry::kNever, std::move(text)}; }

bool IsText(FieldKind kind) { return kind == FieldKind::kText || kind == FieldKind::kTexts; }
bool IsNumber(FieldKind kind) {
  return kind == FieldKind::kInt || kind == FieldKind::kDate || kind == FieldKind::kTime || kind == FieldKind::kDecimal;
}

template <class T>
bool Holds(Relation relation, const T& a, const T& b) {
  switch (relation) {
    case Relation::kEqual:
      return a == b;
    case Relation::kLess:
      return a < b;
    case Relation::kLessOrEqual:
      return !(b < a);
    case Relation::kGreater:
      return b < a;
    case Relation::kGreaterOrEqual:
      return !(a < b);
  }
  return false;
}

// Calls `test` with each text of the value until it answers true.
template <class Test>
bool AnyText(const Value& value, bool exact, Test test) {
  const auto one = [&](const std::string& text) { return exact ? test(text) : test(FoldText(text)); };
  if (const auto* text = std::get_if<std::string>(&value)) return one(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
    return std::any_of(texts->begin(), texts->end(), one);
  return false;
}

bool IsWordByte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

// A character of three bytes and more, of a script without spaces: a word of its own.
bool StandsAlone(char first) { return static_cast<unsigned char>(first) >= 0xe0; }

bool BeginsWord(std::string_view text, std::size_t at) {
  if (at == 0 || !IsWordByte(text[at - 1])) return true;
  std::size_t before = at - 1;
  while (before > 0 && (static_cast<unsigned char>(text[before]) & 0xc0) == 0x80) --before;
  return StandsAlone(text[before]);
}

bool HasWord(std::string_view text, std::string_view begin) {
  const bool anywhere = !begin.empty() && StandsAlone(begin.front());
  for (std::size_t at = text.find(begin); at != std::string_view::npos; at = text.find(begin, at + 1))
    if (anywhere || BeginsWord(text, at)) return true;
  return false;
}

std::int64_t SizeOf(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return static_cast<std::int64_t>(text->size());
  if (const auto* blob = std::get_if<Blob>(&value)) return static_cast<std::int64_t>(blob->bytes.size());
  if (const auto* ref = std::get_if<BlobRef>(&value)) return static_cast<std::int64_t>(ref->size);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    std::size_t bytes = 0;
    for (const std::string& text : *texts) bytes += text.size();
    return static_cast<std::int64_t>(bytes);
  }
  if (std::holds_alternative<std::int64_t>(value)) return 8;
  if (std::holds_alternative<ItemId>(value)) return 16;
  return std::holds_alternative<bool>(value) ? 1 : 0;
}

// The value as a column of `kind` is compared with; nullopt where it is of another kind.
std::optional<Value> Fitting(FieldKind kind, const Value& value, bool exact) {
  const auto* text = std::get_if<std::string>(&value);
  if (IsNull(value) || (text != nullptr && text->empty())) return Value{};
  if (IsText(kind) && text != nullptr) return Value(exact ? *text : FoldText(*text));
  if (IsNumber(kind) && std::holds_alternative<std::int64_t>(value)) return value;
  if (kind == FieldKind::kBool && std::holds_alternative<bool>(value)) return value;
  if (kind == FieldKind::kId && std::holds_alternative<ItemId>(value)) return value;
  return std::nullopt;
}

bool Compare(FieldKind kind, Relation relation, const Value& row, const Value& with, bool exact) {
  if (kind == FieldKind::kBool) return Holds(relation, !IsEmpty(row), !IsEmpty(with));
  if (IsEmpty(with)) return relation == Relation::kEqual && IsEmpty(row);
  if (const auto* text = std::get_if<std::string>(&with))
    return !IsEmpty(row) && AnyText(row, exact, [&](const std::string& mine) { return Holds(relation, mine, *text); });
  if (row.index() != with.index()) return false;
  if (const auto* number = std::get_if<std::int64_t>(&with))
    return Holds(relation, std::get<std::int64_t>(row), *number);
  return relation == Relation::kEqual && row == with;
}

bool CompareColumns(FieldKind kind, Relation relation, const Value& a, const Value& b, bool exact) {
  if (kind == FieldKind::kBool) return Holds(relation, !IsEmpty(a), !IsEmpty(b));
  if (IsEmpty(a) || IsEmpty(b)) return false;
  if (IsText(kind))
    return AnyText(b, exact, [&](const std::string& text) {
      return AnyText(a, exact, [&](const std::string& mine) { return Holds(relation, mine, text); });
    });
  return Compare(kind, relation, a, b, exact);
}

bool IsOfText(What kind) { return kind == What::kPrefix || kind == What::kWord || kind == What::kPart; }
bool ComparesValue(What kind) { return kind == What::kCompare || IsOfText(kind); }

// The column that a condition is about, where it can be.
Result<Column> CheckedColumn(const Restriction& from, ItemType content) {
  const auto known = [&](ColumnId id) {
    const Field* field = FindField(id);
    return field == nullptr || field->type == FieldOwner(content) ? ColumnOf(id) : std::nullopt;
  };
  const std::optional<Column> column = known(from.column);
  if (!column)
    return Invalid("a " + std::string(ItemTypeName(content)) + " has no column " + std::to_string(from.column));
  const std::string name(column->name);
  if (IsOfText(from.kind) && !IsText(column->kind)) return Invalid(name + ": is no text that could be looked into");
  if (from.kind == What::kBits && column->kind != FieldKind::kInt) return Invalid(name + ": is no number with bits");
  if (from.kind != What::kCompare && from.kind != What::kColumns) return *column;
  if (column->kind == FieldKind::kBytes) return Invalid(name + ": bytes are not compared");
  if (column->kind == FieldKind::kId && from.relation != Relation::kEqual)
    return Invalid(name + ": an id is equal to another or not, it has no order");
  if (from.kind == What::kCompare) return *column;
  const std::optional<Column> other = known(from.other);
  const bool alike = other && (other->kind == column->kind || (IsText(other->kind) && IsText(column->kind)) ||
                               (IsNumber(other->kind) && IsNumber(column->kind)));
  if (!alike) return Invalid(name + ": cannot be compared with a column of another kind");
  return *column;
}

}  // namespace

Restriction SearchFor(std::string_view text) {
  const std::string folded = FoldText(text);
  Restriction all;
  for (std::size_t at = 0; at < folded.size();) {
    const std::size_t end = std::min(folded.find_first_of(" \t\n", at), folded.size());
    if (end > at) all.parts.push_back(Restriction::Leaf(What::kWord, 0, folded.substr(at, end - at)));
    at = end + 1;
  }
  return all;
}

Result<Matcher> Matcher::Make(const Restriction& restriction, ItemType content, std::vector<ColumnId>& columns) {
  Matcher matcher;
  OUTPOST_TRY(matcher.root_, matcher.MakeNode(restriction, content, columns, 0));
  return matcher;
}

Result<Matcher::Node> Matcher::MakeNode(const Restriction& from, ItemType content, std::vector<ColumnId>& columns,
                                        std::size_t depth) {
  if (depth > kRestrictionDepthMax)
    return Invalid("a condition of more than " + std::to_string(kRestrictionDepthMax) + " levels");
  Node node;
  node.kind = from.kind;
  node.relation = from.relation;
  node.exact = from.exact;
  node.number = from.number;
  node.column = from.column;
  node.other = from.kind == What::kColumns ? from.other : ColumnId{0};
  const bool of_file = from.kind == What::kFile;
  if ((from.kind == What::kNot || of_file) && from.parts.size() != 1)
    return Invalid(of_file ? "\"file\" is of one condition" : "\"not\" is of one condition");
  if (of_file && field::AttachmentsOf(content).count == 0)
    return Invalid("a " + std::string(ItemTypeName(content)) + " has no files that could be looked at one by one");
  for (const Restriction& part : from.parts) {
    OUTPOST_TRY(Node made, MakeNode(part, of_file ? ItemType::kAttachment : content,
                                    of_file ? node.file_columns : columns, depth + 1));
    node.parts.push_back(std::move(made));
  }
  if (of_file) {
    looks_at_files_ = true;
    std::sort(node.file_columns.begin(), node.file_columns.end());
    node.file_columns.erase(std::unique(node.file_columns.begin(), node.file_columns.end()), node.file_columns.end());
    BindNode(node.parts.front(), RowReader(node.file_columns));
  }
  if (from.IsOfParts()) return node;
  std::string name = "the search";
  if (from.kind == What::kWord && from.column == 0) {
    node.type = FieldKind::kText;
    for (const Field& field : AllFields())
      if (field.type == FieldOwner(content) && IsSearched(field)) node.anywhere_columns.push_back(field.id);
    columns.insert(columns.end(), node.anywhere_columns.begin(), node.anywhere_columns.end());
    if (content == ItemType::kMail) node.source = field::SourceOf(content)->source;
    if (node.source != 0) columns.push_back(node.source);
    looks_at_sources_ = looks_at_sources_ || node.source != 0;
  } else {
    OUTPOST_TRY(const Column column, CheckedColumn(from, content));
    name = column.name;
    node.type = column.kind;
    columns.push_back(node.column);
    if (node.other != 0) columns.push_back(node.other);
  }
  if (!ComparesValue(from.kind)) return node;
  std::optional<Value> value = Fitting(node.type, from.value, from.exact);
  if (!value) return Invalid(name + ": compared with a value of another kind");
  node.value = *std::move(value);
  if (IsNull(node.value) && from.kind != What::kCompare) node.value = std::string();
  return node;
}

void Matcher::Bind(const RowReader& reader) { BindNode(root_, reader); }

void Matcher::BindNode(Node& node, const RowReader& reader) {
  if (node.column != 0) node.at = reader.IndexOf(node.column);
  if (node.other != 0) node.other_at = reader.IndexOf(node.other);
  if (node.kind == What::kFile) return;  // its part is of other rows
  node.anywhere.clear();
  if (node.source != 0) node.source_at = reader.IndexOf(node.source);
  for (const ColumnId column : node.anywhere_columns) node.anywhere.push_back(reader.IndexOf(column));
  for (Node& part : node.parts) BindNode(part, reader);
}

Result<bool> Matcher::Matches(std::span<const Value> row, const ItemId& item, const JournalView& view,
                              std::span<const std::string> sure) const {
  Looked looked{bodies_.get(), view, item, sure};
  const bool matches = Matches(root_, row, looked);
  OUTPOST_TRYV(std::move(looked.read));
  return matches;
}

Result<bool> Matcher::FileMatches(const Node& node, Looked& looked) {
  RowReader reader(node.file_columns);
  bool found = false;
  Result<void> read = Ok();
  const auto look = [&](const ItemId& file) -> Result<void> {
    OUTPOST_TRY(const std::optional<std::string> row, looked.view.Get(kItemsTable, file.View()));
    if (!row) return Error{Code::kCorrupt, Retry::kNever, "the listed file " + file.Hex() + " has no row"};
    OUTPOST_TRYV(reader.Read(file, *row));
    if (!reader.visible()) return Ok();
    Looked inner{nullptr, looked.view, file, {}};
    found = Matches(node.parts.front(), reader.values(), inner);
    return Ok();
  };
  OUTPOST_TRYV(looked.view.Scan(kFolderItemsTable, looked.item.View(), {}, [&](std::string_view key, std::string_view) {
    const auto file = ItemOfFolderKey(key);
    read = file ? look(*file) : Result<void>(Error{Code::kCorrupt, Retry::kNever, "a row of the files of an item"});
    return read && !found;
  }));
  OUTPOST_TRYV(std::move(read));
  return found;
}

bool Matcher::Matches(const Node& node, std::span<const Value> row, Looked& looked) {
  const auto part_matches = [&](const Node& part) { return Matches(part, row, looked); };
  const auto text = [&](auto test) {
    const std::string& wanted = std::get<std::string>(node.value);
    if (wanted.empty()) return true;
    return AnyText(row[node.at], node.exact, [&](std::string_view mine) { return test(mine, wanted); });
  };
  switch (node.kind) {
    case What::kAnd:
      return std::all_of(node.parts.begin(), node.parts.end(), part_matches);
    case What::kOr:
      return std::any_of(node.parts.begin(), node.parts.end(), part_matches);
    case What::kNot:
      return !part_matches(node.parts.front());
    case What::kCompare:
      return Compare(node.type, node.relation, row[node.at], node.value, node.exact);
    case What::kColumns:
      return CompareColumns(node.type, node.relation, row[node.at], row[node.other_at], node.exact);
    case What::kPrefix:
      return text([](std::string_view mine, std::string_view wanted) { return mine.starts_with(wanted); });
    case What::kPart:
      return text([](std::string_view mine, std::string_view wanted) { return mine.find(wanted) != mine.npos; });
    case What::kWord:
      if (node.column != 0) return text(HasWord);
      if (!node.exact &&
          std::find(looked.sure.begin(), looked.sure.end(), std::get<std::string>(node.value)) != looked.sure.end())
        return true;
      if (std::any_of(node.anywhere.begin(), node.anywhere.end(), [&](std::size_t at) {
            return AnyText(row[at], node.exact,
                           [&](std::string_view mine) { return HasWord(mine, std::get<std::string>(node.value)); });
          }))
        return true;
      return node.source != 0 && looked.bodies != nullptr &&
             HasWord(looked.Body(row[node.source_at]), std::get<std::string>(node.value));
    case What::kExists:
      return !IsEmpty(row[node.at]);
    case What::kBits: {
      const auto* number = std::get_if<std::int64_t>(&row[node.at]);
      return number != nullptr && (*number & node.number) != 0;
    }
    case What::kSize:
      return Holds(node.relation, IsEmpty(row[node.at]) ? std::int64_t{0} : SizeOf(row[node.at]), node.number);
    case What::kFile: {
      const auto found = FileMatches(node, looked);
      if (!found) looked.read = found.as_failure();
      return found && found.value();
    }
  }
  return false;
}

}  // namespace outpost
