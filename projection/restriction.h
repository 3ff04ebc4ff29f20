#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "projection/columns.h"
#include "projection/mail_bodies.h"

namespace outpost {

// Which items a table shows: a tree, as MAPI's SRestriction has it. Texts are compared as a person reads them, case and
// accents folded (FoldText), unless `exact`. A column of several texts holds a condition where one of them does. A
// truth value that was never set is false. Source: docs/projections.md, "Restrictions".
struct Restriction {
  enum class Kind : std::uint8_t {
    kAnd,      // all of `parts`; of none: true
    kOr,       // any of `parts`; of none: false
    kNot,      // not its one part
    kCompare,  // column `relation` value. Null or empty text: equal to a column that holds nothing, in no other
               // relation
    kColumns,  // column `relation` other, both of one kind; false where one of them holds nothing
    kPrefix,   // a text column begins with value
    kWord,     // a word of a text column begins with value; column 0: of any text of the item, or of a mail's body
               // where bodies are read (Matcher::ReadBodies)
    kPart,     // a text column contains value
    kExists,   // column holds something (not IsEmpty())
    kBits,     // column & number is not 0
    kSize,     // bytes that the column's value takes `relation` number; one that holds nothing takes 0
    kFile      // a file at the item (ItemType::kAttachment) for which its one part holds, a condition on columns of
               // files; not of mails, whose files are parts of their source
  };
  enum class Relation : std::uint8_t { kEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

  Kind kind = Kind::kAnd;
  ColumnId column = 0;
  ColumnId other = 0;
  Relation relation = Relation::kEqual;
  Value value;
  std::int64_t number = 0;
  bool exact = false;
  std::vector<Restriction> parts;

  static Restriction And(std::vector<Restriction> parts) { return Group(Kind::kAnd, std::move(parts)); }
  static Restriction Or(std::vector<Restriction> parts) { return Group(Kind::kOr, std::move(parts)); }
  static Restriction Not(Restriction part) {
    std::vector<Restriction> parts;
    parts.push_back(std::move(part));
    return Group(Kind::kNot, std::move(parts));
  }
  static Restriction File(Restriction part) {
    std::vector<Restriction> parts;
    parts.push_back(std::move(part));
    return Group(Kind::kFile, std::move(parts));
  }
  // Whether it is of `parts`, and of nothing else.
  bool IsOfParts() const { return kind <= Kind::kNot || kind == Kind::kFile; }
  static Restriction Leaf(Kind kind, ColumnId column, Value value, Relation relation = Relation::kEqual) {
    Restriction leaf;
    leaf.kind = kind;
    leaf.column = column;
    leaf.value = std::move(value);
    leaf.relation = relation;
    return leaf;
  }

 private:
  static Restriction Group(Kind kind, std::vector<Restriction> parts) {
    Restriction group;
    group.kind = kind;
    group.parts = std::move(parts);
    return group;
  }
};

// Deeper trees are refused: each level is a level of the stack.
inline constexpr std::size_t kRestrictionDepthMax = 64;

// Items that have every word of `text`, each at the beginning of a word of any of their texts.
Restriction SearchFor(std::string_view text);

// What an index of words knows of a search.
struct SearchHits {
  std::vector<ItemId> items;       // ascending: the search finds no others
  std::vector<ItemId> touched;     // ascending: those of them that may be others than the index knows
  std::vector<std::string> words;  // folded: all others of them have these in their texts or bodies
};

// A restriction made ready for many rows. Threads: one.
class Matcher {
 public:
  // Adds to `columns` (any order, more than once) what it will look at. `content` is what the folder holds. Errors:
  // kInvalid: a column that is none, a condition or value that its kind cannot have, a tree that is too deep; names the
  // column.
  static Result<Matcher> Make(const Restriction& restriction, ItemType content, std::vector<ColumnId>& columns);
  // Once, before the first row: `reader` reads at least these columns.
  void Bind(const RowReader& reader);
  // From now on words are also looked for in the bodies of mails, where their columns do not have them.
  void ReadBodies(std::shared_ptr<const MailBodies> bodies) { bodies_ = std::move(bodies); }
  // Whether what it says of an item may also change with the files at the item.
  bool LooksAtFiles() const { return looks_at_files_; }
  // Whether Matches looks at more of the view than at the row: at files, at the bodies of mails.
  bool ReadsMore() const { return looks_at_files_ || (looks_at_sources_ && bodies_ != nullptr); }
  // `row` is of `item`, as `view` shows it. `sure`: words (folded) that are known to be in its texts or its body, which
  // are not looked into for them. Errors: kCorrupt, kUnavailable (of the files at it).
  Result<bool> Matches(std::span<const Value> row, const ItemId& item, const JournalView& view,
                       std::span<const std::string> sure = {}) const;

 private:
  // The item whose row is looked at, and what is read of it only where a condition asks for it.
  struct Looked {
    const MailBodies* bodies;  // null: none are read
    const JournalView& view;
    const ItemId& item;
    std::span<const std::string> sure;  // words it has
    std::optional<std::string> body = std::nullopt;
    Result<void> read = Ok();
    const std::string& Body(const Value& source) {
      if (!body) body = bodies->FoldedText(view, source);
      return *body;
    }
  };
  struct Node {
    Restriction::Kind kind{};
    Restriction::Relation relation{};
    bool exact = false;
    FieldKind type{};  // of the column
    std::int64_t number = 0;
    Value value;  // texts folded unless exact
    ColumnId column = 0, other = 0;
    std::size_t at = 0, other_at = 0;   // in the row
    std::vector<std::size_t> anywhere;  // all text columns, of a word in any text
    std::vector<ColumnId> anywhere_columns;
    ColumnId source = 0;  // of mails, of a word in any text
    std::size_t source_at = 0;
    std::vector<ColumnId> file_columns;  // that the part looks at, where it is of files
    std::vector<Node> parts;
  };
  Result<Node> MakeNode(const Restriction& restriction, ItemType content, std::vector<ColumnId>& columns,
                        std::size_t depth);
  static void BindNode(Node& node, const RowReader& reader);
  static bool Matches(const Node& node, std::span<const Value> row, Looked& looked);
  static Result<bool> FileMatches(const Node& node, Looked& looked);

  Node root_;
  bool looks_at_files_ = false;
  bool looks_at_sources_ = false;
  std::shared_ptr<const MailBodies> bodies_;
};

}  // namespace outpost
