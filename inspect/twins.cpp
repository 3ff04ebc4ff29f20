#include "inspect/twins.h"

#include "inspect/find_item.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

std::string Shown(const ItemState& item, FieldId id) {
  const Value value = id != 0 ? item.HeadValue(id) : Value{};
  std::string text;
  if (!IsNull(value)) AppendValue(text, value);
  return text;
}

}  // namespace

std::string LooksOf(const ItemState& item) {
  if (item.type == ItemType::kMail) return Shown(item, field::kMailMessageId);
  const std::string name = FoldText(NameOf(item));
  if (name.empty()) return {};
  switch (item.type) {
    case ItemType::kAppointment:
      return name + '\0' + Shown(item, field::kAppointmentStart);
    case ItemType::kTask:
      return name + '\0' + Shown(item, field::kTaskEnd);
    case ItemType::kFolder:
    case ItemType::kAttachment:
      return name + '\0' + std::string(item.Folder().View());
    default:
      return name;
  }
}

Result<std::vector<ItemState>> TwinsOf(const JournalView& view, const ItemState& item, std::size_t most) {
  std::vector<ItemState> twins;
  const std::string looks = LooksOf(item);
  if (looks.empty() || !item.Visible()) return twins;
  OUTPOST_TRYV(ForEachStoredItem(view, [&](ItemState&& other) {
    if (other.type == item.type && other.id != item.id && other.Visible() && LooksOf(other) == looks)
      twins.push_back(std::move(other));
    return twins.size() < most;
  }));
  return twins;
}

Result<Origins> OriginsOf(const std::vector<Event>& events) {
  Origins origins;
  if (events.empty()) return origins;
  origins.born = events.front().seq;
  origins.here = events.front().header.kind == Kind::kLocalCreated;
  for (const Event& event : events) {
    if (!origins.here || event.header.kind != Kind::kOutcome) continue;
    OUTPOST_TRY(const auto body, DecodeOutcomes(event.body));
    for (const GroupOutcome& outcome : body.groups)
      if (outcome.group == kExistence && origins.made_there == 0) origins.made_there = event.seq;
  }
  return origins;
}

}  // namespace outpost
