#include <charconv>

#include "projection/past.h"
#include "tools/outpost/journal_reading.h"
#include "tools/outpost/moment.h"

namespace outpost::cli {

Result<Sequence> ParseMoment(const JournalView& view, const std::string& text) {
  Sequence seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) return seq;
  if (const auto time = ParseTime(text)) return SequenceAt(view, Millis(*time));
  if (const auto date = ParseDate(text)) return SequenceAt(view, Millis(*date));
  return Error{Code::kInvalid, Retry::kNever,
               "\"" + text + "\" is no moment: a sequence, YYYY-MM-DD or YYYY-MM-DDThh:mm[:ss]Z"};
}

Result<int> JournalViewVerb(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  OUTPOST_TRY(const auto folder, FindFolder(*reading.view, arguments.folder));
  Sequence at = reading.view->last();
  if (!arguments.at.empty()) {
    OUTPOST_TRY(at, ParseMoment(*reading.view, arguments.at));
  }
  OUTPOST_TRY(const auto past, Past::Open(*reading.view, at));
  std::vector<std::string> columns{"item", "type", "state"};
  if (arguments.content) columns.push_back("label");
  ListOutput list(common.form(), columns);
  OUTPOST_TRYV(past.ForEachItem(folder.id, [&](const ItemState& item) {
    Json::Object row = ItemColumns(reading.describer, item);
    row.emplace_back("state", ItemStateName(item));
    if (arguments.content) row.emplace_back("label", ToJson(item.HeadValue(field::LabelOf(item.type))));
    row.emplace_back("fields", reading.describer.Fields(item.Head()));
    list.Row(std::move(row));
    return true;
  }));
  list.End("items after event " + std::to_string(at));
  return kExitDone;
}

Result<int> JournalDiff(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto reading, BeginReading(common, arguments));
  const auto dots = arguments.range.find("..");
  if (dots == std::string::npos)
    return Error{Code::kInvalid, Retry::kNever, "\"" + arguments.range + "\" is no range of moments: A..B"};
  OUTPOST_TRY(const Sequence from, ParseMoment(*reading.view, arguments.range.substr(0, dots)));
  Sequence to = reading.view->last();
  if (dots + 2 < arguments.range.size()) {
    OUTPOST_TRY(to, ParseMoment(*reading.view, arguments.range.substr(dots + 2)));
  }
  std::optional<ItemId> folder;
  if (!arguments.folder.empty()) {
    OUTPOST_TRY(const auto found, FindFolder(*reading.view, arguments.folder));
    folder = found.id;
  }
  ListOutput list(common.form(), {"item", "type", "what", "folder", "was_in", "fields"});
  OUTPOST_TRYV(ForEachDifference(*reading.view, from, to, [&](const ItemDifference& difference) {
    const auto folder_of = [](const std::optional<ItemState>& item) { return item ? item->Folder() : ItemId{}; };
    const ItemId before = folder_of(difference.before), after = folder_of(difference.after);
    if (folder && before != *folder && after != *folder) return true;
    const char* what = !difference.before ? "came" : !difference.after ? "went" : before != after ? "moved" : "changed";
    list.Row({{"item", difference.id.Hex()},
              {"type", ItemTypeName(difference.type)},
              {"what", what},
              {"folder", reading.describer.Folder(after)},
              {"was_in", reading.describer.Folder(before)},
              {"fields", reading.describer.Fields(difference.changed)}});
    return true;
  }));
  list.End("differences between events " + std::to_string(from) + " and " + std::to_string(to));
  return kExitDone;
}

}  // namespace outpost::cli
