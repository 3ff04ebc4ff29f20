#include "tools/outpost/where.h"

#include <charconv>
#include <utility>

#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

using What = Restriction::Kind;
using Relation = Restriction::Relation;

struct Token {
  enum class Is { kWord, kText, kColumn, kSign, kEnd } is = Is::kEnd;
  std::string text;
  std::size_t at = 0;  // in the condition
};

struct Sign {
  std::string_view text;
  What what;
  Relation relation = Relation::kEqual;
  bool negated = false;
  bool exact = false;
};
// Longer ones first.
constexpr Sign kSigns[] = {{"==", What::kCompare, Relation::kEqual, false, true},
                           {"!=", What::kCompare, Relation::kEqual, true},
                           {"<=", What::kCompare, Relation::kLessOrEqual},
                           {">=", What::kCompare, Relation::kGreaterOrEqual},
                           {"^=", What::kPrefix},
                           {"~=", What::kPart},
                           {"=", What::kCompare},
                           {"<", What::kCompare, Relation::kLess},
                           {">", What::kCompare, Relation::kGreater},
                           {"&", What::kBits}};
constexpr const char* kSignNames = "= == != < <= > >= ^= (begins with) ~= (contains) & (bits)";

const Sign* FindSign(std::string_view text) {
  for (const Sign& sign : kSigns)
    if (text.starts_with(sign.text)) return &sign;
  return nullptr;
}

class Parser {
 public:
  Parser(ItemType content, std::string_view text) : content_(content), text_(text) {}

  Result<Restriction> All() {
    OUTPOST_TRYV(Next());
    OUTPOST_TRY(Restriction all, Or(0));
    if (token_.is != Token::Is::kEnd) return Wrong("\"and\", \"or\" or the end");
    return all;
  }

 private:
  Error Bad(std::size_t at, const std::string& what) const {
    return {Code::kInvalid, Retry::kNever, "--where, at character " + std::to_string(at + 1) + ": " + what};
  }
  Error Wrong(const std::string& fits) const {
    const bool end = token_.is == Token::Is::kEnd;
    return Bad(token_.at, (end ? "it ends" : "\"" + token_.text + "\"") + " where " + fits + " should be");
  }
  bool Is(std::string_view word) const {
    return (token_.is == Token::Is::kWord || token_.is == Token::Is::kSign) && token_.text == word;
  }

  // Reads one token into token_. Errors: kInvalid (a text or column without its end).
  Result<void> Next() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n')) ++at_;
    token_ = {Token::Is::kEnd, {}, at_};
    if (at_ == text_.size()) return Ok();
    const char first = text_[at_];
    if (first == '"' || first == '\'') return Quoted(first);
    if (first == '[') {
      const auto end = text_.find(']', at_);
      if (end == std::string_view::npos) return Bad(at_, "a column in [ ] without its end");
      token_ = {Token::Is::kColumn, std::string(text_.substr(at_ + 1, end - at_ - 1)), at_};
      at_ = end + 1;
      return Ok();
    }
    const Sign* sign = FindSign(text_.substr(at_));
    if (sign != nullptr || first == '(' || first == ')') {
      token_ = {Token::Is::kSign, std::string(sign != nullptr ? sign->text : text_.substr(at_, 1)), at_};
      at_ += token_.text.size();
      return Ok();
    }
    std::size_t end = at_;
    while (end < text_.size() && std::string_view(" \t\n()[]\"'").find(text_[end]) == std::string_view::npos &&
           FindSign(text_.substr(end)) == nullptr)
      ++end;
    if (end == at_) ++end;  // a sign of no meaning, such as ]
    token_ = {Token::Is::kWord, std::string(text_.substr(at_, end - at_)), at_};
    at_ = end;
    return Ok();
  }

  Result<void> Quoted(char quote) {
    const std::size_t begin = at_++;
    std::string text;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      text += text_[at_];
    }
    if (at_ == text_.size()) return Bad(begin, "a text in quotes without its end");
    ++at_;
    token_ = {Token::Is::kText, std::move(text), begin};
    return Ok();
  }

  Result<Restriction> Or(std::size_t depth) {
    if (depth > kRestrictionDepthMax) return Bad(token_.at, "more than " + std::to_string(depth - 1) + " levels");
    return List("or", depth, &Parser::And, Restriction::Or);
  }
  Result<Restriction> And(std::size_t depth) { return List("and", depth, &Parser::Not, Restriction::And); }

  Result<Restriction> List(std::string_view word, std::size_t depth, Result<Restriction> (Parser::*part)(std::size_t),
                           Restriction (*join)(std::vector<Restriction>)) {
    std::vector<Restriction> parts;
    while (true) {
      OUTPOST_TRY(Restriction one, (this->*part)(depth + 1));
      parts.push_back(std::move(one));
      if (!Is(word)) break;
      OUTPOST_TRYV(Next());
    }
    return parts.size() == 1 ? std::move(parts.front()) : join(std::move(parts));
  }

  Result<Restriction> Not(std::size_t depth) {
    if (depth > kRestrictionDepthMax) return Bad(token_.at, "more than " + std::to_string(depth - 1) + " levels");
    if (Is("not")) {
      OUTPOST_TRYV(Next());
      OUTPOST_TRY(Restriction part, Not(depth + 1));
      return Restriction::Not(std::move(part));
    }
    if (Is("(")) {
      OUTPOST_TRYV(Next());
      OUTPOST_TRY(Restriction inner, Or(depth + 1));
      if (!Is(")")) return Wrong("\")\"");
      OUTPOST_TRYV(Next());
      return inner;
    }
    return Leaf(depth);
  }

  // file(CONDITION), of the columns of files.
  Result<Restriction> File(std::size_t depth) {
    const std::size_t at = token_.at;
    OUTPOST_TRYV(Next());
    if (!Is("(")) return Wrong("\"(\" and a condition on a file at the item");
    OUTPOST_TRYV(Next());
    const ItemType outside = std::exchange(content_, ItemType::kAttachment);
    OUTPOST_TRY(Restriction part, Or(depth + 1));
    content_ = outside;
    if (!Is(")")) return Wrong("\")\"");
    OUTPOST_TRYV(Next());
    Restriction file = Restriction::File(std::move(part));
    std::vector<ColumnId> columns;
    if (const auto made = Matcher::Make(file, content_, columns); !made) return Bad(at, made.error().context);
    return file;
  }

  // The column that the token names; goes on to the next.
  Result<Column> TakeColumn() {
    if (token_.is != Token::Is::kWord && token_.is != Token::Is::kColumn) return Wrong("a column");
    const auto column = FindColumn(content_, token_.text);
    if (!column) return Bad(token_.at, column.error().context);
    OUTPOST_TRYV(Next());
    return column.value();
  }

  // NAME or size(NAME). A column may be called size, too.
  Result<Column> Subject(bool& of_size) {
    if (!Is("size")) return TakeColumn();
    const std::size_t at = token_.at;
    OUTPOST_TRYV(Next());
    of_size = Is("(");
    if (!of_size) {
      const auto column = FindColumn(content_, "size");
      return column ? column : Bad(at, column.error().context);
    }
    OUTPOST_TRYV(Next());
    OUTPOST_TRY(const Column column, TakeColumn());
    if (!Is(")")) return Wrong("\")\"");
    OUTPOST_TRYV(Next());
    return column;
  }

  Result<Restriction> Leaf(std::size_t depth) {
    if (Is("has")) {
      OUTPOST_TRYV(Next());
      OUTPOST_TRY(const Column column, TakeColumn());
      return Restriction::Leaf(What::kExists, column.id, {});
    }
    if (Is("search")) {
      OUTPOST_TRYV(Next());
      if (token_.is != Token::Is::kWord && token_.is != Token::Is::kText) return Wrong("the words to look for");
      Restriction words = SearchFor(token_.text);
      OUTPOST_TRYV(Next());
      return words;
    }
    if (Is("file")) return File(depth);
    bool of_size = false;
    OUTPOST_TRY(const Column column, Subject(of_size));
    const Sign* sign = token_.is == Token::Is::kSign ? FindSign(token_.text) : nullptr;
    if (sign == nullptr) return Wrong(std::string("one of ") + kSignNames);
    const std::size_t sign_at = token_.at;
    OUTPOST_TRYV(Next());
    Restriction leaf = Restriction::Leaf(sign->what, column.id, {}, sign->relation);
    leaf.exact = sign->exact;
    if (of_size && sign->what != What::kCompare) return Bad(sign_at, "a size is compared with = != < <= > >= only");
    OUTPOST_TRYV(of_size ? Number(leaf) : Operand(leaf, column));
    if (of_size) leaf.kind = What::kSize;
    // What is wrong is said here, where the place is known.
    std::vector<ColumnId> columns;
    if (const auto made = Matcher::Make(leaf, content_, columns); !made) return Bad(sign_at, made.error().context);
    return sign->negated ? Restriction::Not(std::move(leaf)) : std::move(leaf);
  }

  Result<void> Number(Restriction& leaf) {
    const char* begin = token_.text.data();
    const char* end = begin + token_.text.size();
    const auto read = std::from_chars(begin, end, leaf.number);
    if (token_.is != Token::Is::kWord || read.ec != std::errc() || read.ptr != end) return Wrong("a whole number");
    return Next();
  }

  Result<void> Operand(Restriction& leaf, const Column& column) {
    if (leaf.kind == What::kBits) return Number(leaf);
    if (token_.is == Token::Is::kColumn && leaf.kind == What::kCompare) {
      OUTPOST_TRY(const Column other, TakeColumn());
      leaf.kind = What::kColumns;
      leaf.other = other.id;
      return Ok();
    }
    if (token_.is != Token::Is::kWord && token_.is != Token::Is::kText) return Wrong("a value");
    const bool of_text = leaf.kind != What::kCompare;
    const auto value = ParseValueOf(of_text ? FieldKind::kText : column.kind, std::string(column.name), token_.text);
    if (!value) return Bad(token_.at, value.error().context);
    leaf.value = value.value();
    return Next();
  }

  ItemType content_;
  std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
};

}  // namespace

Result<Restriction> ParseWhere(ItemType content, std::string_view text) { return Parser(content, text).All(); }

}  // namespace outpost::cli
