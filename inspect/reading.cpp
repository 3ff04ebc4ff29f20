#include "inspect/reading.h"

#include <algorithm>

#include "projection/folder_rows.h"
#include "replicator/queue.h"

namespace outpost {

Result<std::optional<FirstReading>> FirstReadingOf(const StateReader& state, const ItemState& folder) {
  const Value module = folder.HeadValue(field::kFolderModule);
  const auto* holds = std::get_if<std::string>(&module);
  const bool holds_items = holds != nullptr && ItemTypeFromName(*holds);
  if (folder.type != ItemType::kFolder || !folder.Visible() || !folder.on_server || !holds_items)
    return std::optional<FirstReading>{};
  OUTPOST_TRY(const auto cursor, LoadCursor(state, folder.id));
  if (cursor && cursor->complete) return std::optional<FirstReading>{};
  OUTPOST_TRY(const auto counts, ReadFolderCounts(state, folder.id));
  OUTPOST_TRY(const auto newest, ReadFolderChange(state, folder.id));
  return std::optional(FirstReading{counts.total, newest.seq, newest.time});
}

Result<Sequence> SettingSetAt(const JournalView& view, std::string_view name) {
  Sequence found = 0;
  OUTPOST_TRYV(view.Scan(view.first(), view.last(), [&](const Event& event) {
    if (event.header.kind != Kind::kAccountSet) return true;
    const auto body = DecodeSettings(event.body);
    if (!body) return true;
    const auto& settings = body.value().settings;
    if (std::any_of(settings.begin(), settings.end(), [&](const auto& one) { return one.first == name; }))
      found = event.seq;
    return true;
  }));
  return found;
}

}  // namespace outpost
