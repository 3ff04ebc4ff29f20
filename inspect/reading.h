#pragma once
#include <optional>
#include <string_view>

#include "journal/reader.h"
#include "schemas/item_state.h"

namespace outpost {

// How far the first reading of a folder has come.
struct FirstReading {
  std::uint64_t stored = 0;  // items of it that are here
  Sequence newest = 0;       // the event that changed it last; 0: none did
  Millis time{0};            // of that event
};

// Nullopt where `folder` is none, is not on the server, or has been read in full once. Errors: kCorrupt, kUnavailable.
Result<std::optional<FirstReading>> FirstReadingOf(const StateReader& state, const ItemState& folder);

// The newest event that set the setting `name`; 0 where none is kept. Reads the kept events once. Errors: kCorrupt,
// kUnavailable.
Result<Sequence> SettingSetAt(const JournalView& view, std::string_view name);

}  // namespace outpost
