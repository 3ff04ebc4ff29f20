#include <algorithm>
#include <set>
#include <unordered_map>

#include "journal/item_fold.h"
#include "tools/outpost/access.h"
#include "tools/outpost/describe.h"
#include "tools/outpost/journal_verbs.h"

namespace outpost::cli {
namespace {

Contents ContentsOf(const JournalArguments& arguments) {
  return arguments.content ? Contents::kShown : Contents::kHidden;
}

// Names of fields, groups or entries: what a line of the log says about its event.
std::string DetailOf(const Json::Object& event) {
  std::string detail;
  for (const char* name :
       {"fields", "groups", "refusals", "settings", "answer", "count", "cursor", "resumed", "problem"}) {
    const Json* member = Find(event, name);
    if (member == nullptr) continue;
    std::string text;
    if (const auto* array = member->array()) {
      for (const auto& element : *array)
        text += (text.empty() ? "" : ",") + (element.text() ? *element.text() : ToLine(element));
    } else {
      text = member->text() ? *member->text() : ToLine(*member);
    }
    detail += (detail.empty() ? "" : " ") + std::string(name) + "=" + text;
  }
  if (const Json* entries = Find(event, "entries")) detail += "entries=" + std::to_string(entries->array()->size());
  return detail;
}

// Adds what only the table of the text form shows.
void AddColumns(Json::Object& event, const Event& read) {
  event.emplace_back("when", TimeText(read.header.time.count()));
  event.emplace_back("detail", DetailOf(event));
}

// The events that the arguments choose.
struct Selection {
  Sequence from = 1;
  Sequence to = 0;
  std::set<Kind> kinds;
  bool Has(const Event& event) const { return kinds.empty() || kinds.count(event.header.kind) != 0; }
};

Result<Selection> Select(const JournalView& view, const JournalArguments& arguments) {
  Selection selection{std::max(arguments.from, view.first()), std::min(arguments.to, view.last()), {}};
  for (const auto& name : arguments.kinds) {
    const auto kind = KindFromName(name);
    if (!kind) return Error{Code::kInvalid, Retry::kNever, "no kind of event is called \"" + name + "\""};
    selection.kinds.insert(*kind);
  }
  if (arguments.last == ~std::uint64_t{0}) return selection;
  if (selection.kinds.empty()) {
    if (selection.to >= arguments.last) selection.from = std::max(selection.from, selection.to - arguments.last + 1);
    return selection;
  }
  std::uint64_t matching = 0;
  const auto count = [&](const Event& event) { return matching += selection.Has(event) ? 1 : 0, true; };
  OUTPOST_TRYV(view.Scan(selection.from, selection.to, count));
  const auto skip = [&](const Event& event) {
    if (matching <= arguments.last) return false;
    matching -= selection.Has(event) ? 1 : 0;
    selection.from = event.seq + 1;
    return true;
  };
  OUTPOST_TRYV(view.Scan(selection.from, selection.to, skip));
  return selection;
}

}  // namespace

Result<int> JournalLog(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  OUTPOST_TRY(const auto selection, Select(*view, arguments));
  OUTPOST_TRY(const auto describer, Describer::For(*view, ContentsOf(arguments)));
  ListOutput list(common.form(), {"seq", "when", "kind", "origin", "item", "detail"});
  std::unordered_map<ItemId, ItemId> folders;
  Result<void> looked_up = Ok();
  const auto visit = [&](const Event& event) {
    if (!selection.Has(event)) return true;
    auto [folder, is_new] = folders.try_emplace(event.header.item);
    if (is_new) {
      auto found = FolderOfEvent(*view, event);
      if (!found) {
        looked_up = found.assume_error();
        return false;
      }
      folder->second = found.assume_value();
    }
    auto row = describer.Event(event, folder->second);
    if (!common.json) AddColumns(row, event);
    list.Row(std::move(row));
    return true;
  };
  OUTPOST_TRYV(view->Scan(selection.from, selection.to, visit));
  OUTPOST_TRYV(std::move(looked_up));
  list.End("events");
  return kExitDone;
}

Result<int> JournalShow(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  if (arguments.seq < view->first() || arguments.seq > view->last() || arguments.seq == 0)
    return Error{Code::kNotFound, Retry::kNever,
                 "no event " + std::to_string(arguments.seq) + ": the journal has " + std::to_string(view->first()) +
                     " to " + std::to_string(view->last())};
  OUTPOST_TRY(const auto event, view->Read(arguments.seq));
  OUTPOST_TRY(const auto describer, Describer::For(*view, ContentsOf(arguments)));
  OUTPOST_TRY(const auto folder, FolderOfEvent(*view, event));
  auto report = describer.Event(event, folder);
  report.emplace_back("body_bytes", event.body.size());
  if (event.header.back != 0) report.emplace_back("previous", event.seq - event.header.back);
  ShowReport(common.form(), report);
  return kExitDone;
}

Result<int> JournalItem(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto id, ParseItemId(arguments.item));
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->Events());
  OUTPOST_TRY(const auto item, LoadItem(*view, id));
  if (!item) return Error{Code::kNotFound, Retry::kNever, "no item " + id.Hex()};
  OUTPOST_TRY(const auto describer, Describer::For(*view, ContentsOf(arguments)));
  const ItemId folder = item->type == ItemType::kFolder ? item->id : item->Folder();
  Json::Array events;
  const auto visit = [&](const Event& event) { return events.emplace_back(describer.Event(event, folder)), true; };
  OUTPOST_TRYV(view->History(item->head_seq, visit));
  std::reverse(events.begin(), events.end());
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
