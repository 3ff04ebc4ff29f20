#include <algorithm>

#include "journal/item_fold.h"
#include "replicator/facts.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {
namespace {

constexpr FieldId kBusyFields[] = {field::kPersonBusyFrom, field::kPersonBusyUntil, field::kPersonBusyAsked,
                                   field::kPersonBusy, field::kPersonBusyRefused};

std::optional<Millis> TimeIn(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* number = at != fields.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
  return number != nullptr ? std::optional(Millis(*number)) : std::nullopt;
}

}  // namespace

// With what the round asks anyway. What does not fit into it is asked by the next.
Result<void> Replicator::AskBusy(const JournalView& view, std::vector<Ask>& asks, std::vector<PullAsk>& asked) {
  std::vector<ItemId> wanted;
  OUTPOST_TRYV(view.Scan(kSources, std::string_view(&kBusyWanted, 1), "", [&](std::string_view key, std::string_view) {
    const auto place = ReadSourceKey(key);
    if (place && !busy_put_off_.contains(place->item)) wanted.push_back(place->item);
    return wanted.size() < tuning::kPageItems;
  }));
  if (wanted.size() >= tuning::kPageItems) ++news_in_round_;
  for (const ItemId& id : wanted) {
    OUTPOST_TRY(const std::optional<ItemState> person, LoadItem(view, id));
    if (!person) continue;
    const auto from = TimeIn(person->base, field::kPersonBusyWantedFrom),
               until = TimeIn(person->base, field::kPersonBusyWantedUntil);
    if (!from || !until) continue;
    asks.push_back(ask::Busy{person->remote_id, *from, *until});
    asked.push_back({{}, PullAsk::Look::kBusy, {{id, person->remote_id}}, {}, *from, *until});
  }
  return Ok();
}

// Whatever the server answers ends the wish, but for what may pass: it is asked again by the next run.
void Replicator::ReceiveBusy(const PullAsk& asked, Answer answer, std::vector<Incoming>& incoming) {
  if (answer.status == AnswerStatus::kTryLater) {
    busy_put_off_.insert(asked.items.front().first);
    return;
  }
  const bool told = answer.status == AnswerStatus::kDone && !answer.rows.empty();
  RemoteRow row;
  if (told) row = std::move(answer.rows.front());
  row.remote_id = asked.items.front().second;
  row.type = ItemType::kPerson;
  row.fields[field::kPersonBusyFrom] = asked.from.count();
  row.fields[field::kPersonBusyUntil] = asked.until.count();
  row.fields[field::kPersonBusyAsked] = clock_.WallNow().count();
  if (!told) row.fields[field::kPersonBusyRefused] = answer.code.empty() ? std::string("not_told") : answer.code;
  Answer one;
  one.rows.push_back(std::move(row));
  incoming.push_back({{}, std::move(one), {}, {}, {}, true});
}

void Replicator::KeepBusy(const ItemState& person, FieldMap& row_fields) {
  for (const FieldId id : kBusyFields)
    if (const auto at = person.base.find(id); at != person.base.end()) row_fields[id] = at->second;
}

// It leaves what else is known of him, and ends the wish that it answers: one for another time stays.
Result<bool> Replicator::DraftBusy(const JournalView& view, const std::set<Sequence>& in_flight, const RemoteRow& row,
                                   Draft& draft) {
  OUTPOST_TRY(const std::optional<ItemId> id, FindByRemoteId(view, ItemType::kPerson, row.remote_id));
  if (!id) return true;
  if (draft.touched.contains(*id)) return false;
  OUTPOST_TRY(const std::optional<ItemState> person, LoadItem(view, *id));
  if (!person || !person->on_server) return true;
  FieldMap fields = row.fields;
  for (const auto& [field, value] : person->base) {
    const Field* known = FindField(field);
    const bool told = std::ranges::find(kBusyFields, field) != std::end(kBusyFields);
    if (!told && known != nullptr && known->sync != Sync::kLocal) fields[field] = value;
  }
  const bool answered =
      TimeIn(person->base, field::kPersonBusyWantedFrom) == TimeIn(row.fields, field::kPersonBusyFrom) &&
      TimeIn(person->base, field::kPersonBusyWantedUntil) == TimeIn(row.fields, field::kPersonBusyUntil);
  if (answered)
    for (const FieldId wish : {field::kPersonBusyWantedFrom, field::kPersonBusyWantedUntil}) fields[wish] = Value{};
  const RemoteRow whole{person->remote_id, {}, person->version, person->type, {}};
  const ItemFacts facts = MakeItemFacts(*id, person->type, &*person, in_flight, &fields);
  const auto plan =
      planner_.Row(facts, MakeRowFacts(&*person, whole, fields), settings_.policy, [this] { return NewOperation(); });
  DraftPlan(plan, facts, &*person, &fields, draft);
  return true;
}

}  // namespace outpost
