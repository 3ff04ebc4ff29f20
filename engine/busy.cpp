#include "engine/busy.h"

#include <algorithm>

namespace outpost {
namespace {

std::optional<Millis> TimeOf(const ItemState& person, FieldId id) {
  const Value value = person.HeadValue(id);
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::optional(Millis(*number)) : std::nullopt;
}

}  // namespace

std::optional<BusyAnswer> KnownBusy(const ItemState& person) {
  const auto from = TimeOf(person, field::kPersonBusyFrom), until = TimeOf(person, field::kPersonBusyUntil),
             asked = TimeOf(person, field::kPersonBusyAsked);
  if (!from || !until || !asked) return std::nullopt;
  BusyAnswer answer{*from, *until, *asked, {}, {}};
  const Value refused = person.HeadValue(field::kPersonBusyRefused), times = person.HeadValue(field::kPersonBusy);
  if (const auto* code = std::get_if<std::string>(&refused)) answer.refused = *code;
  if (const auto* texts = std::get_if<std::vector<std::string>>(&times))
    for (const std::string& text : *texts)
      if (const auto time = ParseBusyText(text)) answer.times.push_back(*time);
  return answer;
}

std::vector<BusyTime> BusyIn(const BusyAnswer& answer, Millis first, Millis last) {
  std::vector<BusyTime> times;
  // Where whole days begin is the viewer's business: those that touch it anywhere on earth.
  constexpr std::chrono::hours kZones{14};
  for (const BusyTime& time : answer.times) {
    const Millis aside = time.whole_days ? Millis(kZones) : Millis{0};
    if (time.from - aside < last && first < time.until + aside) times.push_back(time);
  }
  return times;
}

bool BusyIsWanted(const ItemState& person) { return person.base.contains(field::kPersonBusyWantedFrom); }

Result<FieldMap> WishForBusy(const ItemState& person, Millis first, Millis last) {
  const auto bad = [](const std::string& why) { return Error{Code::kInvalid, Retry::kNever, why}; };
  if (person.type != ItemType::kPerson) return bad("item " + person.id.Hex() + " is nobody");
  if (person.HeadValue(field::kPersonKind) == Value(std::string("group")))
    return bad("a group has no time of its own, but its members");
  if (last <= first) return bad("a time ends after it begins");
  if (last - first > kBusyMost) return bad("times of more than a year are not asked for");
  const auto from = TimeOf(person, field::kPersonBusyWantedFrom), until = TimeOf(person, field::kPersonBusyWantedUntil);
  if (from && until && std::max(last, *until) - std::min(first, *from) <= kBusyMost) {
    first = std::min(first, *from);
    last = std::max(last, *until);
  }
  return FieldMap{{field::kPersonBusyWantedFrom, first.count()}, {field::kPersonBusyWantedUntil, last.count()}};
}

}  // namespace outpost
