#include "inspect/life.h"

#include <map>
#include <optional>

#include "journal/item_fold.h"
#include "projection/history.h"

namespace outpost {
namespace {

constexpr std::size_t kStatesMost = 256;

ToldEvent Told(const Event& event, const ItemState* before, const Narrator& narrator, Narrator::Length length) {
  ToldEvent told;
  told.seq = told.last = event.seq;
  told.time = event.header.time;
  told.kind = event.header.kind;
  told.origin = event.header.origin;
  told.item = event.header.item;
  told.type = event.header.item_type;
  told.key = narrator.KeyOf(event, before);
  told.sentence = narrator.Sentence(event, before, length);
  return told;
}

// The items of a span as each stood before its next event: loaded once, and folded on from there.
class StatesAlong {
 public:
  explicit StatesAlong(const JournalView& view) : view_(view) {}

  // Null for an item that was not there before.
  Result<const ItemState*> Before(const Event& event) {
    const ItemId& id = event.header.item;
    if (!id) return nullptr;
    const auto known = states_.find(id);
    if (known != states_.end()) return known->second ? &*known->second : nullptr;
    if (states_.size() >= kStatesMost) states_.clear();
    std::optional<ItemState> state;
    if (event.header.back != 0) {
      OUTPOST_TRY(const auto history, ItemHistory::Load(view_, event.seq));
      OUTPOST_TRY(state, history.At(event.seq - 1));
    }
    const auto& kept = states_.emplace(id, std::move(state)).first->second;
    return kept ? &*kept : nullptr;
  }

  // The item after it; null for an event of the account, and where its body cannot be read.
  const ItemState* After(const Event& event) {
    if (!event.header.item) return nullptr;
    auto& state = states_[event.header.item];
    if (!state) state.emplace();
    if (!Reduce(*state, event)) {
      states_.erase(event.header.item);
      return nullptr;
    }
    return &*state;
  }

 private:
  const JournalView& view_;
  std::map<ItemId, std::optional<ItemState>> states_;
};

// Joins `next` to the run that `told` is; false where it is another thing.
bool Joined(std::optional<ToldEvent>& told, const ToldEvent& next, const Narrator& narrator) {
  if (!told || told->key != next.key || told->type != next.type || told->sentence != next.sentence) return false;
  told->last = next.seq;
  ++told->count;
  if (told->item != next.item) {
    told->item = {};
    told->topic = narrator.Topic(told->type, {}, {});
  }
  return true;
}

void EndRun(ToldEvent& told, const Narrator& narrator) {
  if (told.count == 1) return;
  told.sentence = narrator.Say("run", {{"sentence", told.sentence},
                                       {"count", std::to_string(told.count)},
                                       {"first", std::to_string(told.seq)},
                                       {"last", std::to_string(told.last)}});
}

// The newest event of an item; 0 where none is there.
Result<Sequence> NewestOf(const JournalView& view, const ItemId& id) {
  OUTPOST_TRY(const auto item, LoadItem(view, id));
  if (item) return item->head_seq;
  Sequence newest = 0;
  OUTPOST_TRYV(view.Scan(view.first(), view.last(), [&](const Event& event) {
    if (event.header.item == id) newest = event.seq;
    return true;
  }));
  return newest;
}

}  // namespace

Result<std::vector<ToldEvent>> TellItem(const JournalView& view, const ItemId& id, const Narrator& narrator) {
  OUTPOST_TRY(const Sequence newest, NewestOf(view, id));
  if (newest == 0) return Error{Code::kNotFound, Retry::kNever, "no event of item " + id.Hex() + " is there"};
  OUTPOST_TRY(const auto history, ItemHistory::Load(view, newest));
  std::vector<ToldEvent> life;
  ItemState state;
  for (const Event& event : history.events()) {
    const bool first = life.empty() && event.header.back == 0;
    ToldEvent told = Told(event, first ? nullptr : &state, narrator, Narrator::Length::kFull);
    OUTPOST_TRYV(Reduce(state, event));
    told.topic = narrator.Topic(told.type, id, NameOf(state));
    life.push_back(std::move(told));
  }
  return life;
}

Result<void> TellSpan(const JournalView& view, Sequence from, Sequence to, const Narrator& narrator,
                      const ToldFn& visit) {
  StatesAlong states(view);
  std::optional<ToldEvent> run;
  bool wanted = true;
  Result<void> read = Ok();
  const auto give = [&] {
    if (!run) return;
    EndRun(*run, narrator);
    wanted = visit(*run);
    run.reset();
  };
  OUTPOST_TRYV(view.Scan(from, to, [&](const Event& event) {
    const auto before = states.Before(event);
    if (!before) {
      read = before.error();
      return false;
    }
    ToldEvent told = Told(event, before.value(), narrator, Narrator::Length::kBrief);
    const ItemState* after = states.After(event);
    if (event.header.item) told.topic = narrator.Topic(told.type, told.item, after != nullptr ? NameOf(*after) : "");
    if (Joined(run, told, narrator)) return true;
    give();
    run = std::move(told);
    return wanted;
  }));
  OUTPOST_TRYV(read);
  if (wanted) give();
  return Ok();
}

}  // namespace outpost
