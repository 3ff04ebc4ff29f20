#include "projection/search_folder.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "projection/account.h"
#include "projection/nearest.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

using What = Restriction::Kind;

// The names are on disk for good.
constexpr std::array<std::string_view, 12> kWhats{"and",  "or",   "not",    "compare", "columns", "prefix",
                                                  "word", "part", "exists", "bits",    "size",    "file"};
constexpr std::array<std::string_view, 5> kRelations{"eq", "lt", "le", "gt", "ge"};
constexpr std::string_view kVersion = "1";

Error CannotBe(std::string text) { return {Code::kInvalid, Retry::kNever, std::move(text)}; }
Error NotRead() { return CannotBe("a search folder's definition that this version cannot read"); }

// Tokens between single spaces. A text token has "%XX" for '%', space and control characters, and is never empty: a
// letter stands before it.
class DefinitionWriter {
 public:
  void Word(std::string_view word) { (text_ += text_.empty() ? "" : " ") += word; }
  void Number(std::int64_t number) { Word(std::to_string(number)); }
  void Text(std::string_view text) {
    Word("t");
    for (const char c : text) {
      const auto byte = static_cast<std::uint8_t>(c);
      if (byte <= 0x20 || byte == 0x7f || c == '%')
        text_ += "%" + ToHex(std::span(&byte, 1));
      else
        text_ += c;
    }
  }
  Result<void> Put(const Value& value) {
    if (IsNull(value)) return Word("-"), Ok();
    if (const auto* text = std::get_if<std::string>(&value)) return Text(*text), Ok();
    if (const auto* number = std::get_if<std::int64_t>(&value)) return Word("i" + std::to_string(*number)), Ok();
    if (const auto* truth = std::get_if<bool>(&value)) return Word(*truth ? "b1" : "b0"), Ok();
    if (const auto* id = std::get_if<ItemId>(&value)) return Word("x" + id->Hex()), Ok();
    return CannotBe("a condition with a value that none can have");
  }
  Result<void> Put(const Restriction& from) {
    Word(kWhats[static_cast<std::size_t>(from.kind)]);
    if (from.IsOfParts()) {
      Number(static_cast<std::int64_t>(from.parts.size()));
      for (const Restriction& part : from.parts) OUTPOST_TRYV(Put(part));
      return Ok();
    }
    Number(from.column);
    Number(from.other);
    Word(kRelations[static_cast<std::size_t>(from.relation)]);
    Word(from.exact ? "exact" : "folded");
    Number(from.number);
    return Put(from.value);
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
};

class DefinitionReader {
 public:
  explicit DefinitionReader(std::string_view text) : rest_(text) {}

  bool AtEnd() const { return rest_.empty(); }
  std::string_view Word() {
    const auto end = std::min(rest_.find(' '), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return word;
  }
  template <class Number>
  Result<Number> NumberOf(std::string_view word) const {
    Number number = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), number);
    if (read.ec != std::errc() || read.ptr != word.data() + word.size()) return NotRead();
    return number;
  }
  Result<std::string> TextOf(std::string_view word) const {
    if (!word.starts_with('t')) return NotRead();
    std::string text;
    for (std::size_t at = 1; at < word.size(); ++at) {
      if (word[at] != '%') {
        text += word[at];
        continue;
      }
      const auto byte = ParseHex(word.substr(at + 1, 2));
      if (!byte || byte->size() != 1) return NotRead();
      text += *byte;
      at += 2;
    }
    return text;
  }
  Result<Value> ReadValue() {
    const std::string_view word = Word();
    if (word == "-") return Value{};
    if (word == "b0" || word == "b1") return Value(word == "b1");
    if (word.starts_with('i')) {
      OUTPOST_TRY(const auto number, NumberOf<std::int64_t>(word.substr(1)));
      return Value(number);
    }
    if (word.starts_with('x')) {
      const auto id = ItemId::FromHex(word.substr(1));
      return id ? Result<Value>(Value(*id)) : NotRead();
    }
    OUTPOST_TRY(std::string text, TextOf(word));
    return Value(std::move(text));
  }
  template <std::size_t size>
  Result<std::size_t> OneOf(const std::array<std::string_view, size>& names) {
    const auto found = std::find(names.begin(), names.end(), Word());
    if (found == names.end()) return NotRead();
    return static_cast<std::size_t>(found - names.begin());
  }
  Result<Restriction> ReadRestriction(std::size_t depth) {
    if (depth > kRestrictionDepthMax) return NotRead();
    Restriction made;
    OUTPOST_TRY(const std::size_t what, OneOf(kWhats));
    made.kind = static_cast<What>(what);
    if (made.IsOfParts()) {
      OUTPOST_TRY(const auto parts, NumberOf<std::uint16_t>(Word()));
      for (int i = 0; i < parts; ++i) {
        OUTPOST_TRY(Restriction part, ReadRestriction(depth + 1));
        made.parts.push_back(std::move(part));
      }
      return made;
    }
    OUTPOST_TRY(made.column, NumberOf<ColumnId>(Word()));
    OUTPOST_TRY(made.other, NumberOf<ColumnId>(Word()));
    OUTPOST_TRY(const std::size_t relation, OneOf(kRelations));
    made.relation = static_cast<Restriction::Relation>(relation);
    const std::string_view exact = Word();
    if (exact != "exact" && exact != "folded") return NotRead();
    made.exact = exact == "exact";
    OUTPOST_TRY(made.number, NumberOf<std::int64_t>(Word()));
    OUTPOST_TRY(made.value, ReadValue());
    return made;
  }

 private:
  std::string_view rest_;
};

Result<SearchFolder> ParseWithId(const ItemId& id, std::string_view value) {
  OUTPOST_TRY(SearchFolder folder, ParseSearchFolder(value));
  folder.id = id;
  return folder;
}

}  // namespace

std::string SearchFolderSetting(const ItemId& id) { return std::string(kSearchFolderSettings) + id.Hex(); }

Result<std::string> WriteSearchFolder(const SearchFolder& folder) {
  if (folder.name.find_first_not_of(' ') == std::string::npos) return CannotBe("a search folder needs a name");
  const Restriction where = folder.spec.where.value_or(Restriction());
  std::vector<ColumnId> columns;
  OUTPOST_TRYV(Matcher::Make(where, folder.spec.content, columns));
  DefinitionWriter out;
  out.Word(kVersion);
  out.Text(folder.name);
  out.Word(ItemTypeName(folder.spec.content));
  out.Text(folder.typed);
  out.Word(folder.spec.below ? "below" : "flat");
  out.Number(static_cast<std::int64_t>(folder.spec.also.size()));
  out.Word(folder.spec.folder.Hex());
  for (const ItemId& more : folder.spec.also) out.Word(more.Hex());
  OUTPOST_TRYV(out.Put(where));
  std::string text = out.Take();
  if (text.size() > kSearchFolderBytesMax)
    return CannotBe("a search folder of " + std::to_string(text.size()) + " bytes; " +
                    std::to_string(kSearchFolderBytesMax) + " at most");
  return text;
}

Result<SearchFolder> ParseSearchFolder(std::string_view value) {
  DefinitionReader in(value);
  if (value.size() > kSearchFolderBytesMax || in.Word() != kVersion) return NotRead();
  SearchFolder folder;
  OUTPOST_TRY(folder.name, in.TextOf(in.Word()));
  const auto content = ItemTypeFromName(in.Word());
  if (!content || folder.name.empty()) return NotRead();
  folder.spec.content = *content;
  OUTPOST_TRY(folder.typed, in.TextOf(in.Word()));
  const std::string_view below = in.Word();
  if (below != "below" && below != "flat") return NotRead();
  folder.spec.below = below == "below";
  OUTPOST_TRY(const auto more, in.NumberOf<std::uint16_t>(in.Word()));
  for (int i = 0; i <= more; ++i) {
    const auto id = ItemId::FromHex(in.Word());
    if (!id) return NotRead();
    if (i == 0)
      folder.spec.folder = *id;
    else
      folder.spec.also.push_back(*id);
  }
  OUTPOST_TRY(folder.spec.where, in.ReadRestriction(0));
  std::vector<ColumnId> columns;
  OUTPOST_TRYV(Matcher::Make(*folder.spec.where, folder.spec.content, columns));
  if (!in.AtEnd()) return NotRead();
  return folder;
}

Result<std::vector<SearchFolder>> ListSearchFolders(const StateReader& state) {
  OUTPOST_TRY(const auto settings, ReadSettings(state));
  std::vector<SearchFolder> folders;
  for (auto at = settings.lower_bound(std::string(kSearchFolderSettings)); at != settings.end(); ++at) {
    if (!at->first.starts_with(kSearchFolderSettings)) break;
    const auto id = ItemId::FromHex(std::string_view(at->first).substr(kSearchFolderSettings.size()));
    if (!id) continue;
    auto folder = ParseWithId(*id, at->second);
    if (folder)
      folders.push_back(std::move(folder).value());
    else
      folders.push_back({*id, id->Hex(), {}, {}, folder.error().context});
  }
  std::stable_sort(folders.begin(), folders.end(),
                   [](const SearchFolder& a, const SearchFolder& b) { return SortKey(a.name) < SortKey(b.name); });
  return folders;
}

Result<SearchFolder> LoadSearchFolder(const StateReader& state, const ItemId& id) {
  OUTPOST_TRY(const auto value, ReadSetting(state, SearchFolderSetting(id)));
  if (!value) return Error{Code::kNotFound, Retry::kNever, "there is no search folder " + id.Hex()};
  return ParseWithId(id, *value);
}

Result<SearchFolder> FindSearchFolder(const StateReader& state, std::string_view name_or_id) {
  if (const auto id = ItemId::FromHex(name_or_id)) return LoadSearchFolder(state, *id);
  OUTPOST_TRY(std::vector<SearchFolder> all, ListSearchFolders(state));
  const std::string wanted = SortKey(name_or_id);
  std::vector<std::string_view> names;
  for (SearchFolder& folder : all) {
    if (folder.wrong.empty() && SortKey(folder.name) == wanted) return std::move(folder);
    names.push_back(folder.name);
  }
  std::string text = "there is no search folder '" + std::string(name_or_id) + "'";
  if (const std::string nearest = NearestNames(name_or_id, names); !nearest.empty())
    text += "; the nearest are " + nearest;
  return Error{Code::kNotFound, Retry::kNever, std::move(text)};
}

}  // namespace outpost
