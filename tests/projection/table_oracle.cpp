#include "tests/projection/table_oracle.h"

#include <algorithm>
#include <array>

#include "journal/item_fold.h"
#include "projection/sort_key.h"
#include "schemas/folders.h"

namespace outpost::test {
namespace {

using K = Restriction::Kind;
using R = Restriction::Relation;

FieldId Of(const char* name) { return FieldOf(ItemType::kContact, name); }

// Few values, so that they meet; with and without accents, case, nothing, several.
constexpr std::array kWords{"", "a", "A", "ä", "ab", "b c", "b-c", "Zürich", "zurich", "山田", "  x", "aa aa"};

std::string AnyText(SeededRandom& random) { return kWords[random.Below(kWords.size())]; }

enum class Is { kText, kTexts, kNumber, kBool, kId };
struct Known {
  ColumnId id;
  Is is;
};
std::vector<Known> Columns() {
  return {{field::kContactDisplayName, Is::kText},
          {Of("company"), Is::kText},
          {Of("categories"), Is::kTexts},
          {Of("birthday"), Is::kNumber},
          {Of("color_label"), Is::kNumber},
          {Of("private_flag"), Is::kBool},
          {column::kState, Is::kText},
          {column::kId, Is::kId}};
}

Value ValueOf(const ItemState& item, ColumnId id) {
  if (id == column::kState) return std::string(ItemStateName(item));
  if (id == column::kId) return item.id;
  return item.HeadValue(id);
}

std::vector<std::string> TextsOf(const Value& value) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return *texts;
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && !text->empty() ? std::vector<std::string>{*text} : std::vector<std::string>{};
}

bool Related(R relation, int order) {
  switch (relation) {
    case R::kEqual:
      return order == 0;
    case R::kLess:
      return order < 0;
    case R::kLessOrEqual:
      return order <= 0;
    case R::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

template <class T>
int Order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

using Items = std::vector<ItemState>;

Items ItemsOf(const MemoryAccount& account) {
  Items items;
  for (const auto& [key, row] : account.state.rows)
    if (key.first == kItemsTable) items.push_back(DecodeItem(*ItemId::FromView(key.second), row).value());
  return items;
}

// `all`: of the account, for its files.
bool Test(const Items& all, const ItemState& item, const Restriction& r) {
  const Value value = ValueOf(item, r.column);
  const auto any = [&](auto test) {
    for (const std::string& text : TextsOf(value))
      if (test(r.exact ? text : FoldText(text))) return true;
    return false;
  };
  const auto* text = std::get_if<std::string>(&r.value);
  const std::string wanted = text == nullptr ? "" : r.exact ? *text : FoldText(*text);
  switch (r.kind) {
    case K::kAnd:
      for (const auto& part : r.parts)
        if (!Test(all, item, part)) return false;
      return true;
    case K::kOr:
      for (const auto& part : r.parts)
        if (Test(all, item, part)) return true;
      return false;
    case K::kNot:
      return !Test(all, item, r.parts[0]);
    case K::kExists:
      return !IsEmpty(value);
    case K::kPrefix:
      return wanted.empty() || any([&](const std::string& mine) { return mine.rfind(wanted, 0) == 0; });
    case K::kPart:
      return wanted.empty() || any([&](const std::string& mine) { return mine.find(wanted) != std::string::npos; });
    case K::kBits:
      return std::holds_alternative<std::int64_t>(value) && (std::get<std::int64_t>(value) & r.number) != 0;
    case K::kSize: {
      std::size_t size = std::holds_alternative<std::int64_t>(value) ? 8
                         : std::holds_alternative<ItemId>(value)     ? 16
                                                                     : 0;
      if (std::holds_alternative<bool>(value)) size = std::get<bool>(value) ? 1 : 0;
      for (const std::string& one : TextsOf(value)) size += one.size();
      return Related(r.relation, Order(static_cast<std::int64_t>(size), r.number));
    }
    case K::kCompare:
      if (std::holds_alternative<bool>(r.value) || FindField(r.column) == FindField(Of("private_flag")))
        return Related(r.relation, Order(!IsEmpty(value), !IsEmpty(r.value)));
      if (IsEmpty(r.value)) return r.relation == R::kEqual && IsEmpty(value);
      if (text != nullptr)
        return any([&](const std::string& mine) { return Related(r.relation, Order(mine, wanted)); });
      return value.index() == r.value.index() && Related(r.relation, Order(value, r.value));
    case K::kColumns: {
      const Value other = ValueOf(item, r.other);
      for (const std::string& a : TextsOf(value))
        for (const std::string& b : TextsOf(other))
          if (Related(r.relation, Order(FoldText(a), FoldText(b)))) return true;
      return false;
    }
    case K::kWord:
      return false;  // has tests of its own
    case K::kFile:
      return std::any_of(all.begin(), all.end(), [&](const ItemState& file) {
        const bool at_it = file.type == ItemType::kAttachment && file.Visible() && file.Folder() == item.id;
        return at_it && Test(all, file, r.parts[0]);
      });
  }
  return false;
}

// Below 0: a stands before b.
int OrderOf(const ItemState& a, const ItemState& b, const SortColumn& by) {
  const Value left = ValueOf(a, by.column), right = ValueOf(b, by.column);
  const auto joined = [](const Value& value) {
    std::string text;
    for (const std::string& one : TextsOf(value)) text += (text.empty() ? "" : ", ") + one;
    return SortKey(text);
  };
  const bool of_text = std::holds_alternative<std::string>(left) || std::holds_alternative<std::string>(right) ||
                       std::holds_alternative<std::vector<std::string>>(left) ||
                       std::holds_alternative<std::vector<std::string>>(right);
  if (by.column == Of("private_flag")) return Order(!IsEmpty(left), !IsEmpty(right)) * (by.descending ? -1 : 1);
  const bool no_left = of_text ? joined(left) == "\xff" : IsEmpty(left);
  const bool no_right = of_text ? joined(right) == "\xff" : IsEmpty(right);
  if (no_left || no_right) return Order(no_left, no_right);  // last, either way
  const int order = of_text ? Order(joined(left), joined(right)) : Order(left, right);
  return by.descending ? -order : order;
}

// Whether a folder is one that the table is about: itself, or one of those above it.
bool IsInScope(const MemoryAccount& account, const TableSpec& spec, ItemId folder) {
  const auto named = [&](const ItemId& id) {
    return id == spec.folder || std::find(spec.also.begin(), spec.also.end(), id) != spec.also.end();
  };
  if (named(folder)) return true;
  for (int depth = 0; spec.below && depth < 100; ++depth) {
    const auto state = LoadItem(account, folder).value();
    if (!state || !state->Visible()) return false;
    // The parent of one that is gone is the top.
    const auto parent = LoadItem(account, state->Folder()).value();
    folder = parent && parent->Visible() ? state->Folder() : root::kPrivate;
    if (named(folder)) return true;
    if (IsRoot(folder)) return false;
  }
  return false;
}

}  // namespace

TableOracle::TableOracle(const MemoryAccount& account) : folder_(account.Id("f")), other_(account.Id("g")) {}

FieldMap TableOracle::RandomFields(SeededRandom& random) const {
  FieldMap fields;
  if (random.Chance(3, 4)) fields[field::kContactDisplayName] = AnyText(random);
  if (random.Chance(1, 2)) fields[Of("company")] = random.Chance(1, 5) ? Value{} : Value(AnyText(random));
  if (random.Chance(1, 2)) {
    std::vector<std::string> categories;
    while (random.Chance(1, 2)) categories.push_back(kWords[1 + random.Below(kWords.size() - 1)]);
    fields[Of("categories")] = std::move(categories);
  }
  if (random.Chance(1, 2))
    fields[Of("birthday")] = (static_cast<std::int64_t>(random.Below(5)) - 2) * std::int64_t{86'400'000};
  if (random.Chance(1, 2)) fields[Of("color_label")] = static_cast<std::int64_t>(random.Below(8));
  if (random.Chance(1, 2)) fields[Of("private_flag")] = random.Chance(1, 2);
  return fields;
}

void TableOracle::StepOfFile(MemoryAccount& account, SeededRandom& random, const std::string& name) const {
  if (random.Chance(1, 2))
    account.RemoteSet(name, {{field::kAttachmentName, AnyText(random)}});
  else if (random.Chance(1, 2))
    account.RemoteDelete(name);
  else
    account.LocalDelete(name);
}

void TableOracle::Step(MemoryAccount& account, SeededRandom& random) const {
  const std::uint64_t made = account.last();
  const auto any = [&]() -> std::string { return std::to_string(3 + random.Below(made)); };
  const auto name = any();
  const bool known = account.Knows(name);
  const std::optional<ItemState> picked = known ? LoadItem(account, account.Id(name)).value() : std::nullopt;
  if (picked && picked->type == ItemType::kAttachment) return StepOfFile(account, random, name);
  if (picked && random.Chance(1, 6)) {
    FieldMap file{{field::kAttachmentParent, picked->id},
                  {field::kAttachmentName, AnyText(random)},
                  {field::kAttachmentSize, static_cast<std::int64_t>(random.Below(5))}};
    account.LocalNew(ItemType::kAttachment, std::to_string(made + 1), std::move(file));
    return;
  }
  if (!known || random.Chance(1, 3)) {
    FieldMap fields = RandomFields(random);
    fields[field::kContactFolder] = random.Chance(4, 5) ? folder_ : other_;
    const std::string next = std::to_string(made + 1);
    if (random.Chance(1, 2))
      account.RemoteNew(ItemType::kContact, next, std::move(fields));
    else
      account.LocalNew(random.Chance(1, 5) ? ItemType::kList : ItemType::kContact, next, std::move(fields));
    return;
  }
  FieldMap fields = RandomFields(random);
  if (random.Chance(1, 6)) fields[field::kContactFolder] = random.Chance(1, 2) ? folder_ : other_;
  switch (random.Below(6)) {
    case 0:
      account.LocalDelete(name);
      return;
    case 1:
      account.RemoteDelete(name);
      return;
    case 2:
    case 3:
      account.RemoteSet(name, std::move(fields));
      return;
    default:
      account.LocalSet(name, std::move(fields));
  }
}

std::vector<SortColumn> TableOracle::RandomSort(SeededRandom& random) const {
  std::vector<SortColumn> sort;
  const auto columns = Columns();
  for (std::size_t i = random.Below(5); i > 0; --i)
    sort.push_back({columns[random.Below(columns.size())].id, random.Chance(1, 2)});
  return sort;
}

Restriction TableOracle::RandomFileWhere(SeededRandom& random) const {
  Restriction name = Restriction::Leaf(K::kPart, field::kAttachmentName, AnyText(random));
  Restriction size = Restriction::Leaf(K::kCompare, field::kAttachmentSize, static_cast<std::int64_t>(random.Below(5)),
                                       static_cast<R>(random.Below(5)));
  if (random.Chance(1, 3)) return name;
  if (random.Chance(1, 3)) return Restriction::Not(std::move(size));
  std::vector<Restriction> both{std::move(name), std::move(size)};
  return Restriction::And(std::move(both));
}

Restriction TableOracle::RandomWhere(SeededRandom& random, int depth) const {
  if (depth > 0 && random.Chance(2, 3)) {
    std::vector<Restriction> parts;
    for (std::size_t i = random.Below(4); i > 0; --i) parts.push_back(RandomWhere(random, depth - 1));
    if (random.Chance(1, 3)) return Restriction::Not(RandomWhere(random, depth - 1));
    if (random.Chance(1, 4)) return Restriction::File(RandomFileWhere(random));
    return random.Chance(1, 2) ? Restriction::And(std::move(parts)) : Restriction::Or(std::move(parts));
  }
  const auto columns = Columns();
  const Known known = columns[random.Below(columns.size())];
  Restriction leaf = Restriction::Leaf(K::kExists, known.id, {}, static_cast<R>(random.Below(5)));
  leaf.exact = random.Chance(1, 4);
  const auto pick = random.Below(4);
  if (pick == 0) {
    leaf.kind = K::kSize;
    leaf.number = static_cast<std::int64_t>(random.Below(10));
  } else if (pick == 1 && (known.is == Is::kText || known.is == Is::kTexts)) {
    leaf.kind = random.Chance(1, 2) ? K::kPrefix : K::kPart;
    leaf.value = AnyText(random);
  } else if (pick == 1 && known.id == Of("color_label")) {
    leaf.kind = K::kBits;
    leaf.number = static_cast<std::int64_t>(random.Below(8));
  } else if (pick == 2 && known.is == Is::kText) {
    leaf.kind = K::kColumns;
    leaf.other = random.Chance(1, 2) ? Of("company") : Of("categories");
    leaf.exact = false;
  } else if (pick != 3) {
    leaf.kind = K::kCompare;
    if (known.is == Is::kText || known.is == Is::kTexts) leaf.value = AnyText(random);
    if (known.is == Is::kNumber) leaf.value = static_cast<std::int64_t>(random.Below(5));
    if (known.is == Is::kBool) leaf.value = random.Chance(1, 2);
    if (known.is == Is::kId) {
      leaf.value = folder_;
      leaf.relation = R::kEqual;
    }
  }
  return leaf;
}

std::vector<ItemId> TableOracle::Rows(const MemoryAccount& account, const TableSpec& spec) const {
  const Items all = ItemsOf(account);
  std::vector<ItemState> shown;
  for (const ItemState& item : all) {
    if (item.type == ItemType::kFolder || item.type == ItemType::kAttachment) continue;
    if (!item.Visible() || !IsInScope(account, spec, item.Folder())) continue;
    if (!spec.where || Test(all, item, *spec.where)) shown.push_back(item);
  }
  const std::vector<SortColumn> by_label{{field::kContactDisplayName, false}};
  const auto& sort = spec.sort.empty() ? by_label : spec.sort;
  std::sort(shown.begin(), shown.end(), [&](const ItemState& a, const ItemState& b) {
    for (const SortColumn& by : sort)
      if (const int order = OrderOf(a, b, by); order != 0) return order < 0;
    return a.id < b.id;
  });
  std::vector<ItemId> ids;
  for (const ItemState& item : shown) ids.push_back(item.id);
  return ids;
}

std::optional<std::size_t> TableOracle::Find(const MemoryAccount& account, const std::vector<ItemId>& rows,
                                             const Restriction& where, std::size_t from, bool forward) const {
  const Items all = ItemsOf(account);
  for (auto at = static_cast<std::ptrdiff_t>(from); at >= 0 && at < static_cast<std::ptrdiff_t>(rows.size());
       at += forward ? 1 : -1)
    if (Test(all, *LoadItem(account, rows[static_cast<std::size_t>(at)]).value(), where))
      return static_cast<std::size_t>(at);
  return std::nullopt;
}

}  // namespace outpost::test
