#include "journal/item_restate.h"

#include "journal/item_fold.h"

// A restatement's cursor: 'i' and the id of the last item said, or 's', the number of the section (one byte) and the
// key it goes on from.
namespace outpost {
namespace {

constexpr char kItems = 'i';
constexpr char kSections = 's';

std::string SectionCursor(std::size_t section, std::string_view from) {
  return std::string{kSections, static_cast<char>(section)}.append(from);
}

bool IsToForget(const ItemState& item, Millis forget) {
  return item.type != ItemType::kFolder && item.gone_since != Millis{0} && item.gone_since <= forget;
}

Result<void> SayItems(const StateReader& state, std::string_view after, std::size_t bytes, Millis forget,
                      Restatement& said) {
  // The least key above `after`.
  const std::string from = after.empty() ? std::string() : std::string(after) + '\0';
  std::size_t size = 0;
  Result<void> read = Ok();
  std::string last;
  bool more = false;
  OUTPOST_TRYV(state.Scan(kItemsTable, {}, from, [&](std::string_view key, std::string_view row) {
    if ((more = size >= bytes)) return false;
    const auto id = ItemId::FromView(key);
    auto item = id ? DecodeItem(*id, row)
                   : Result<ItemState>(Error{Code::kCorrupt, Retry::kNever, "the key of an item row is not 16 bytes"});
    if (!item) {
      read = item.error();
      return false;
    }
    const bool goes = IsToForget(item.value(), forget);
    said.events.push_back({goes ? Kind::kItemForgotten : Kind::kItemRestated,
                           Origin::kEngine,
                           item.value().type,
                           *id,
                           {},
                           goes ? Encode(ChangeBody{}) : std::string(row)});
    size += row.size();
    last = key;
    return true;
  }));
  OUTPOST_TRYV(read);
  said.next = more ? kItems + last : SectionCursor(0, {});
  return Ok();
}

Result<bool> IsThere(const StateReader& state, std::string_view item) {
  OUTPOST_TRY(const auto row, state.Get(kItemsTable, item));
  return row.has_value();
}

Result<void> SaySection(const StateReader& state, std::span<const ItemRows::Section> sections, std::size_t number,
                        std::string_view from, std::size_t bytes, Restatement& said) {
  if (number >= sections.size()) return Ok();
  SectionBody body{std::string(sections[number].name), std::string(from), {}, {}};
  std::size_t size = 0;
  Result<bool> there = true;
  OUTPOST_TRYV(state.Scan(sections[number].table, {}, from, [&](std::string_view key, std::string_view value) {
    if (size >= bytes) {
      body.to = key;
      return false;
    }
    size += key.size() + value.size();
    if (sections[number].of_items && !(there = IsThere(state, value))) return false;
    if (!sections[number].of_items || there.value()) body.rows.emplace_back(key, value);
    return true;
  }));
  OUTPOST_TRYV(there);
  said.events.push_back({Kind::kAccountRestated, Origin::kEngine, ItemType::kNone, {}, {}, Encode(body)});
  if (!body.to.empty()) {
    said.next = SectionCursor(number, body.to);
  } else if (number + 1 < sections.size()) {
    said.next = SectionCursor(number + 1, {});
  }
  return Ok();
}

}  // namespace

Result<Restatement> ItemFold::Restate(const StateReader& state, std::string_view cursor, std::size_t bytes,
                                      Millis forget) const {
  Restatement said;
  if (cursor.empty() || cursor[0] == kItems) {
    OUTPOST_TRYV(SayItems(state, cursor.substr(std::min<std::size_t>(cursor.size(), 1)), bytes, forget, said));
    if (sections_.empty() && said.next[0] == kSections) said.next.clear();
    return said;
  }
  if (cursor[0] != kSections || cursor.size() < 2)
    return Error{Code::kCorrupt, Retry::kNever, "the cursor of a restatement is damaged"};
  OUTPOST_TRYV(SaySection(state, sections_, static_cast<std::uint8_t>(cursor[1]), cursor.substr(2), bytes, said));
  return said;
}

Result<std::vector<Sequence>> ItemFold::Needed(const StateReader& state) const {
  std::vector<Sequence> needed;
  Result<void> read = Ok();
  OUTPOST_TRYV(state.Scan(kItemsTable, {}, {}, [&](std::string_view key, std::string_view row) {
    const auto item = DecodeItem(ItemId::FromView(key).value_or(ItemId{}), row);
    if (!item) {
      read = item.error();
      return false;
    }
    for (const PendingEdit& edit : item.value().pending) needed.push_back(edit.seq);
    for (const ParkedGroup& parked : item.value().parked) needed.push_back(parked.seq);
    for (const LoserGroup& loser : item.value().losers) needed.push_back(loser.seq);
    return true;
  }));
  OUTPOST_TRYV(read);
  return needed;
}

Result<void> ReplaceRows(Table table, const SectionBody& body, StateWriter& state) {
  std::vector<std::string> gone;
  auto row = body.rows.begin();
  std::vector<const std::pair<std::string, std::string>*> fresh;
  const auto pass = [&](std::string_view below) {
    for (; row != body.rows.end() && row->first < below; ++row) fresh.push_back(&*row);
  };
  OUTPOST_TRYV(state.Scan(table, {}, body.from, [&](std::string_view key, std::string_view value) {
    if (!body.to.empty() && key >= body.to) return false;
    pass(key);
    if (row == body.rows.end() || row->first != key) {
      gone.emplace_back(key);
    } else if ((row++)->second != value) {
      fresh.push_back(&*std::prev(row));
    }
    return true;
  }));
  for (; row != body.rows.end(); ++row) fresh.push_back(&*row);
  for (const std::string& key : gone) state.Delete(table, key);
  for (const auto* put : fresh) state.Put(table, put->first, put->second);
  return Ok();
}

}  // namespace outpost
