#include "inspect/event_filter.h"

#include <algorithm>

#include "journal/item_fold.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

constexpr std::size_t kFoldersKnownMost = 65'536;

bool TextIn(const Value& value, const std::string& folded) {
  if (const auto* text = std::get_if<std::string>(&value)) return FoldText(*text).find(folded) != std::string::npos;
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  return texts != nullptr && std::any_of(texts->begin(), texts->end(), [&](const std::string& text) {
           return FoldText(text).find(folded) != std::string::npos;
         });
}

bool TextIn(const FieldMap& fields, const std::string& folded) {
  return std::any_of(fields.begin(), fields.end(), [&](const auto& entry) { return TextIn(entry.second, folded); });
}

}  // namespace

Result<ItemId> FolderOfEvent(const StateReader& state, const Event& event) {
  if (!event.header.item) return ItemId{};
  if (event.header.item_type == ItemType::kFolder) return event.header.item;
  OUTPOST_TRY(const auto item, LoadItem(state, event.header.item));
  if (!item) return ItemId{};
  return item->type == ItemType::kFolder ? item->id : item->Folder();
}

Result<ItemId> EventFolders::Of(const Event& event) {
  if (!event.header.item) return ItemId{};
  const auto at = known_.find(event.header.item);
  if (at != known_.end()) return at->second;
  OUTPOST_TRY(const ItemId folder, FolderOfEvent(state_, event));
  if (known_.size() >= kFoldersKnownMost) known_.clear();
  known_.emplace(event.header.item, folder);
  return folder;
}

Result<EventSieve> EventSieve::Make(const JournalView& view, EventFilter filter, Sequence from) {
  EventSieve sieve(std::move(filter));
  sieve.folded_ = FoldText(sieve.filter_.text);
  if (!sieve.filter_.batch) return sieve;
  OUTPOST_TRYV(view.Scan(from, view.last(), [&](const Event& event) {
    if (event.header.kind != Kind::kBatchOpened) return true;
    const auto body = DecodeBatchOpened(event.body);
    if (!body || body.value().batch != *sieve.filter_.batch) return true;
    for (const BatchEntry& entry : body.value().entries)
      sieve.intents_.insert(entry.intents.begin(), entry.intents.end());
    return false;
  }));
  return sieve;
}

bool EventSieve::IsOfBatch(const Event& event) const {
  const auto same = [&](const auto& body) { return body && body.value().batch == *filter_.batch; };
  switch (event.header.kind) {
    case Kind::kBatchOpened:
      return same(DecodeBatchOpened(event.body));
    case Kind::kBatchClosed:
      return same(DecodeBatchClosed(event.body));
    case Kind::kOutcome:
    case Kind::kOverruled:
      return same(DecodeOutcomes(event.body));
    default:
      return intents_.contains(event.seq);
  }
}

bool EventSieve::HasText(const Event& event) const {
  const Kind kind = event.header.kind;
  if (IsLocalChange(kind) || IsRemoteChange(kind)) {
    const auto body = DecodeChange(event.body);
    return body && TextIn(body.value().patch, folded_);
  }
  if (kind == Kind::kItemRestated) {
    const auto item = DecodeItem(event.header.item, event.body);
    return item && TextIn(item.value().Head(), folded_);
  }
  if (kind == Kind::kOutcome) {
    const auto body = DecodeOutcomes(event.body);
    return body && std::any_of(body.value().refusals.begin(), body.value().refusals.end(), [&](const Refusal& refusal) {
             return FoldText(refusal.text).find(folded_) != std::string::npos;
           });
  }
  if (kind == Kind::kAccountSet) {
    const auto body = DecodeSettings(event.body);
    return body && std::any_of(body.value().settings.begin(), body.value().settings.end(), [&](const auto& one) {
             return FoldText(one.second).find(folded_) != std::string::npos;
           });
  }
  return false;
}

Result<bool> EventSieve::Has(const Event& event, EventFolders& folders) const {
  if (!filter_.kinds.empty() && !filter_.kinds.contains(event.header.kind)) return false;
  if (!filter_.origins.empty() && !filter_.origins.contains(event.header.origin)) return false;
  if (filter_.items && !filter_.items->contains(event.header.item)) return false;
  if (filter_.batch && !IsOfBatch(event)) return false;
  if (!filter_.text.empty() && !HasText(event)) return false;
  if (!filter_.folder) return true;
  OUTPOST_TRY(const ItemId folder, folders.Of(event));
  return folder == *filter_.folder;
}

Result<LastOnes> FindLast(const JournalView& view, const EventSieve& sieve, EventFolders& folders, Sequence from,
                          Sequence to, std::uint64_t count) {
  if (sieve.wants_all()) return LastOnes{to >= count ? std::max(from, to - count + 1) : from, 0};
  std::uint64_t found = 0;
  Sequence begin = to + 1;
  for (Sequence piece = 1'000; begin > from && found < count; piece *= 2) {
    const Sequence end = begin - 1;
    begin = end - from >= piece ? end - piece + 1 : from;
    Result<void> read = Ok();
    OUTPOST_TRYV(view.Scan(begin, end, [&](const Event& event) {
      const auto has = sieve.Has(event, folders);
      if (!has) {
        read = has.error();
        return false;
      }
      found += has.value() ? 1 : 0;
      return true;
    }));
    OUTPOST_TRYV(read);
  }
  return LastOnes{begin, found > count ? found - count : 0};
}

Result<std::optional<std::vector<Sequence>>> SequencesOf(const JournalView& view, const std::set<ItemId>& items) {
  std::vector<Sequence> sequences;
  for (const ItemId& id : items) {
    OUTPOST_TRY(const auto item, LoadItem(view, id));
    if (!item) return std::optional<std::vector<Sequence>>{};
    OUTPOST_TRYV(view.History(item->head_seq, [&](const Event& event) {
      sequences.push_back(event.seq);
      return true;
    }));
  }
  std::sort(sequences.begin(), sequences.end());
  return std::optional(std::move(sequences));
}

}  // namespace outpost
