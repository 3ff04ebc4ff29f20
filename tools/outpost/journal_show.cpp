#include <algorithm>

#include "inspect/event_filter.h"
#include "inspect/find_item.h"
#include "tools/outpost/access.h"
#include "tools/outpost/describe.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {
namespace {

Contents ContentsWanted(const JournalArguments& arguments) {
  return arguments.content ? Contents::kShown : Contents::kHidden;
}

// The one item that `name` means. Errors: kInvalid where there are several: their ids.
Result<FoundItem> FindOneItem(const JournalView& view, const std::string& name) {
  constexpr std::size_t kListed = 10;
  OUTPOST_TRY(auto found, FindItems(view, name, kListed));
  if (found.size() == 1) return std::move(found.front());
  std::string ids;
  for (const FoundItem& one : found) ids += " " + one.id.Hex();
  return Error{Code::kInvalid, Retry::kNever, "several items are called so:" + ids};
}

// What the fields that `event` sets were before it.
FieldMap ReplacedBy(const Event& event, const ItemState& before) {
  FieldMap out;
  if (!IsLocalChange(event.header.kind) && !IsRemoteChange(event.header.kind)) return out;
  const auto body = DecodeChange(event.body);
  if (!body) return out;
  for (const auto& [id, value] : body.value().patch)
    if (Value old = before.HeadValue(id); !SameValue(old, value)) out.emplace(id, std::move(old));
  return out;
}

}  // namespace

Result<int> JournalShow(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  if (arguments.seq < view->first() || arguments.seq > view->last() || arguments.seq == 0)
    return Error{Code::kNotFound, Retry::kNever,
                 "no event " + std::to_string(arguments.seq) + ": the journal has " + std::to_string(view->first()) +
                     " to " + std::to_string(view->last())};
  OUTPOST_TRY(const auto event, view->Read(arguments.seq));
  OUTPOST_TRY(const auto describer, Describer::For(*view, ContentsWanted(arguments)));
  OUTPOST_TRY(const auto folder, FolderOfEvent(*view, event));
  auto report = describer.Event(event, folder);
  report.emplace_back("body_bytes", event.body.size());
  if (event.header.back != 0) report.emplace_back("previous", event.seq - event.header.back);
  ShowReport(common.form(), report);
  return kExitDone;
}

Result<int> JournalItem(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  OUTPOST_TRY(const auto found, FindOneItem(*view, arguments.item));
  const auto& item = found.item;
  if (!item) return Error{Code::kNotFound, Retry::kNever, "no item " + found.id.Hex() + ": it was forgotten"};
  OUTPOST_TRY(const auto describer, Describer::For(*view, ContentsWanted(arguments)));
  const ItemId folder = item->type == ItemType::kFolder ? item->id : item->Folder();
  Json::Array events;
  std::vector<Event> history;
  OUTPOST_TRYV(view->History(item->head_seq, [&](const Event& event) { return history.push_back(event), true; }));
  std::reverse(history.begin(), history.end());
  ItemState before;
  bool known = false;  // of events that are left from before a checkpoint it is not
  for (const Event& event : history) {
    auto row = describer.Event(event, folder);
    known = known || event.header.back == 0;
    if (const FieldMap replaced = known ? ReplacedBy(event, before) : FieldMap{}; !replaced.empty())
      row.emplace_back("before", describer.Fields(replaced));
    events.emplace_back(std::move(row));
    known = known || event.header.kind == Kind::kItemRestated;
    if (known) OUTPOST_TRYV(Reduce(before, event));
  }
  Json::Object report{{"id", item->id.Hex()},
                      {"folder", describer.Folder(item->Folder())},
                      {"type", ItemTypeName(item->type)},
                      {"remote_id", TextOrNull(item->remote_id)},
                      {"state", ItemStateName(*item)},
                      {"visible", item->Visible()},
                      {"on_server", item->on_server},
                      {"version", item->version},
                      {"base", describer.Fields(item->base)},
                      {"head", describer.Fields(item->Head())},
                      {"pending", item->pending.size()},
                      {"parked", item->parked.size()},
                      {"losers", item->losers.size()},
                      {"events", std::move(events)}};
  ShowReport(common.form(), report);
  return kExitDone;
}

}  // namespace outpost::cli
