#include "projection/address_book.h"

#include <algorithm>
#include <set>

#include "journal/item_fold.h"
#include "projection/sort_key.h"
#include "projection/tables.h"

namespace outpost {
namespace {

// Of what is typed no more counts.
constexpr std::size_t kWordBytes = 40;

// What an entry is found by and shown with, of the two kinds of items that are entries.
struct Naming {
  std::vector<ColumnId> columns;  // ascending
  std::vector<ColumnId> names;
  std::vector<ColumnId> addresses;
  ColumnId label = 0;
};

Naming NamingOf(ItemType type, std::initializer_list<const char*> names, std::initializer_list<const char*> addresses) {
  Naming naming;
  for (const char* name : names) naming.names.push_back(FindField(type, name)->id);
  for (const char* name : addresses) naming.addresses.push_back(FindField(type, name)->id);
  naming.label = FindField(type, "display_name")->id;
  naming.columns = naming.names;
  naming.columns.insert(naming.columns.end(), naming.addresses.begin(), naming.addresses.end());
  std::sort(naming.columns.begin(), naming.columns.end());
  return naming;
}

const Naming& OfContacts() {
  static const Naming naming = NamingOf(ItemType::kContact, {"display_name", "first_name", "last_name", "nickname"},
                                        {"email1", "email2", "email3"});
  return naming;
}
const Naming& OfPeople() {
  static const Naming naming =
      NamingOf(ItemType::kPerson, {"display_name", "first_name", "last_name", "name"}, {"mail", "aliases"});
  return naming;
}

bool IsInWord(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

// Reads entries out of stored rows. Threads: one.
class EntryReader {
 public:
  // False where the item is no entry, or not seen.
  Result<bool> Read(const ItemId& id, std::string_view row) {
    OUTPOST_TRYV(contacts_.Read(id, row));
    type_ = contacts_.type();
    if (!contacts_.visible()) return false;
    if (type_ == ItemType::kPerson) OUTPOST_TRYV(people_.Read(id, row));
    return type_ == ItemType::kContact || type_ == ItemType::kList || type_ == ItemType::kPerson;
  }
  // The keys of the entry read last: ascending, each once.
  std::set<std::string> Keys(const ItemId& id) const {
    std::set<std::string> keys;
    const auto add = [&](std::string_view word) {
      std::string key(word.substr(0, kWordBytes));
      (key += '\0') += id.View();
      keys.insert(std::move(key));
    };
    ForEachText(naming().names, [&](const std::string& text) {
      const std::string folded = FoldText(text);
      for (std::size_t at = 0; at < folded.size(); ++at)
        if (IsInWord(folded[at]) && (at == 0 || !IsInWord(folded[at - 1]))) add(std::string_view(folded).substr(at));
    });
    ForEachText(naming().addresses, [&](const std::string& text) { add(FoldText(text)); });
    return keys;
  }
  AddressEntry Entry(const ItemId& id) const {
    AddressEntry entry{id, type_, {}, {}};
    ForEachText({naming().label}, [&](const std::string& text) { entry.name = text; });
    ForEachText(naming().addresses, [&](const std::string& text) {
      const auto known = std::find(entry.addresses.begin(), entry.addresses.end(), text);
      if (known == entry.addresses.end()) entry.addresses.push_back(text);
    });
    return entry;
  }

 private:
  const Naming& naming() const { return type_ == ItemType::kPerson ? OfPeople() : OfContacts(); }
  template <class Visit>
  void ForEachText(const std::vector<ColumnId>& columns, Visit visit) const {
    const RowReader& reader = type_ == ItemType::kPerson ? people_ : contacts_;
    for (const ColumnId column : columns) {
      const Value& value = reader.values()[reader.IndexOf(column)];
      if (const auto* text = std::get_if<std::string>(&value); text != nullptr && !text->empty()) visit(*text);
      if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
        for (const std::string& one : *texts)
          if (!one.empty()) visit(one);
    }
  }

  RowReader contacts_{OfContacts().columns};
  RowReader people_{OfPeople().columns};
  ItemType type_{};
};

// The keys of an item, none where it is no entry.
Result<std::set<std::string>> KeysOf(EntryReader& reader, const StateReader& state, const ItemId& item) {
  OUTPOST_TRY(const auto row, state.Get(kItemsTable, item.View()));
  if (!row) return std::set<std::string>{};
  OUTPOST_TRY(const bool entry, reader.Read(item, *row));
  return entry ? reader.Keys(item) : std::set<std::string>{};
}

}  // namespace

Result<AddressBook> AddressBook::Open(std::shared_ptr<const JournalView> view) {
  AddressBook book(std::move(view));
  EntryReader reader;
  Result<void> done = Ok();
  OUTPOST_TRYV(book.view_->Scan(kItemsTable, {}, {}, [&](std::string_view key, std::string_view row) {
    const auto id = ItemId::FromView(key);
    if (!id) return true;
    const auto entry = reader.Read(*id, row);
    if (!entry) done = entry.error();
    if (entry && entry.value())
      for (const std::string& word : reader.Keys(*id)) book.words_.Add(word);
    return done.has_value();
  }));
  OUTPOST_TRYV(std::move(done));
  book.words_.Sort();
  return book;
}

Result<std::vector<AddressEntry>> AddressBook::Find(std::string_view prefix, std::size_t count) const {
  const std::string wanted = FoldText(prefix).substr(0, kWordBytes);
  std::vector<AddressEntry> found;
  std::set<ItemId> known;
  EntryReader reader;
  for (std::size_t at = words_.LowerBound(wanted); at < words_.size() && found.size() < count; ++at) {
    if (!words_.Key(at).starts_with(wanted)) break;
    const ItemId item = words_.Item(at);
    if (!known.insert(item).second) continue;
    OUTPOST_TRY(const auto row, view_->Get(kItemsTable, item.View()));
    if (row) {
      OUTPOST_TRY(const bool entry, reader.Read(item, *row));
      if (entry) found.push_back(reader.Entry(item));
    }
  }
  return found;
}

Result<std::vector<TableChange>> AddressBook::Advance(std::shared_ptr<const JournalView> now) {
  std::vector<TableChange> changes;
  const Sequence from = at();
  if (now->last() == from) return changes;
  // What was dropped meanwhile cannot be looked through.
  if (now->first() > from + 1 || now->last() - from > kTableEventsMax) {
    OUTPOST_TRY(*this, Open(std::move(now)));
    return std::vector<TableChange>{TableChange{}};
  }
  std::set<ItemId> items;
  OUTPOST_TRYV(now->Scan(from + 1, now->last(), [&](const Event& event) {
    const ItemType type = event.header.item_type;
    if (type == ItemType::kContact || type == ItemType::kList || type == ItemType::kPerson)
      items.insert(event.header.item);
    return true;
  }));
  EntryReader reader;
  std::vector<std::string> gone, come;
  bool changed = false;
  for (const ItemId& item : items) {
    OUTPOST_TRY(const auto before, KeysOf(reader, *view_, item));
    OUTPOST_TRY(const auto after, KeysOf(reader, *now, item));
    changed = changed || !before.empty() || !after.empty();
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::back_inserter(gone));
    std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(come));
  }
  std::sort(gone.begin(), gone.end());
  std::sort(come.begin(), come.end());
  if (!gone.empty() || !come.empty()) words_.Apply(gone, come);
  if (changed) changes.emplace_back();
  view_ = std::move(now);
  return changes;
}

}  // namespace outpost
