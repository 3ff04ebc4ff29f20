#include "journal/item_fold.h"
#include "replicator/replicator.h"
#include "replicator/rows.h"

namespace outpost {

// Asked with what the round asks anyway, so that they cost no request.
void Replicator::AskPeople(std::vector<Ask>& asks, std::vector<PullAsk>& asked) const {
  const auto now = clock_.MonotonicNow();
  for (const PersonKind kind : kPersonKinds) {
    const auto age = people_ages_.find(kind);
    const bool known = age != people_ages_.end();
    if (known && now - age->second.asked < tuning::kPeopleEvery) continue;
    std::int64_t cursor = 0;
    if (known && now - age->second.in_full < tuning::kPeopleInFullEvery)
      cursor = std::max<std::int64_t>(0, age->second.cursor - tuning::kCursorOverlap.count());
    asks.push_back(ask::People{kind, cursor});
    asked.push_back({{}, PullAsk::Look::kPeople, {}, kind});
  }
}

// Who is missing where all were told is gone: nothing of a person's own is lost with an entry of the directory. An
// empty answer says nothing.
Result<void> Replicator::ReceivePeople(PersonKind kind, Answer answer, std::vector<Incoming>& incoming) const {
  if (answer.all && !answer.rows.empty()) {
    std::set<std::string> there;
    for (const RemoteRow& row : answer.rows) there.insert(row.remote_id);
    const std::string prefix = RemoteKey(ItemType::kPerson, std::string(PersonKindName(kind)) + ":");
    OUTPOST_TRYV(journal_.View()->Scan(kRemoteIndex, prefix, "", [&](std::string_view key, std::string_view) {
      std::string remote_id(key.substr(RemotePrefix(ItemType::kPerson).size()));
      if (!there.contains(remote_id)) answer.deleted.push_back(std::move(remote_id));
      return true;
    }));
  }
  Incoming part{{}, std::move(answer), {}, {}, {}, true, kind};
  incoming.push_back(std::move(part));
  return Ok();
}

// Only when it is stored: an answer that was dropped on the way is asked for again.
void Replicator::NotePeople(const Incoming& people) {
  const auto now = clock_.MonotonicNow();
  PeopleAge& age = people_ages_[*people.people];
  age.cursor = people.answer.cursor;
  age.asked = now;
  if (people.answer.all) age.in_full = now;
}

}  // namespace outpost
