#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "journal/state.h"

// The tables of projection/: 0x11 to 0x1f. Rows are made by ProjectionRows only; all of them can be made again from the
// events.
namespace outpost {

// What a folder shows, in the order it shows it. Key: FolderItemKey(). Value: StoredPlace::value.
// One row per visible item that is no folder; an item that names no folder is under the zero id.
inline constexpr Table kFolderItemsTable{0x11};

// Key: folder id (16 bytes). Value: empty. One row per visible folder.
inline constexpr Table kFoldersTable{0x12};

// What is in a folder. Key: folder id (16 bytes). Value: BE64 how many rows kFolderItems has for it ‖ BE64 how many of
// these are unread ‖ BE64 bytes (FolderCounts); no row stands for an empty folder.
inline constexpr Table kFolderCountsTable{0x13};

// What waits for a person, or for one who wants it back. Key: one of the letters below, then item id (16 bytes). Value:
// empty.
inline constexpr Table kAttentionTable{0x14};
inline constexpr char kAttentionConflict = 'c';  // the item has retained losers
inline constexpr char kAttentionParked = 'p';    // the item has parked groups
inline constexpr char kAttentionTrash = 't';     // the item was deleted, and may be made again (IsInTrash)

// Sums over all events. Key: a name of `total` below. Value: BE64; no row stands for 0 as well as a row with 0 does.
inline constexpr Table kTotalsTable{0x15};

// The account's settings, from kAccountSet events. Key: name. Value: text; a setting set to empty text has no row.
inline constexpr Table kSettingsTable{0x16};

// Key: folder id (16 bytes). Value: BE64 sequence ‖ BE64 time (FolderChange).
inline constexpr Table kFolderNewestTable{0x17};

namespace total {
inline constexpr std::string_view kEdits = "edits";          // local changes with at least one field group that travels
inline constexpr std::string_view kPairs = "pairs";          // their (edit, group) pairs
inline constexpr std::string_view kOutcomes = "outcomes.";   // + OutcomeName: pairs decided that way
inline constexpr std::string_view kOverruled = "overruled";  // groups in which the server's value lost (client-wins)
inline constexpr std::string_view kItems = "items.";         // + ItemTypeName: visible now
inline constexpr std::string_view kBatches = "batches";      // opened
inline constexpr std::string_view kBatchesClosed = "batches_closed";
inline constexpr std::string_view kBatchesResumed =
    "batches_resumed";  // closed by reading back instead of by an answer
}  // namespace total

// folder id ‖ StoredPlace::key ‖ 0x00 ‖ item id. The zero byte keeps "ab" before "abc": no key of a text contains one,
// and those of numbers are all equally long.
inline std::string FolderItemKey(const ItemId& folder, std::string_view sort_key, const ItemId& item) {
  std::string key(folder.View());
  key += sort_key;
  key.push_back('\0');
  key += item.View();
  return key;
}

// The item of such a key; nullopt for a key too short to be one.
inline std::optional<ItemId> ItemOfFolderKey(std::string_view key) {
  return key.size() < 33 ? std::nullopt : ItemId::FromView(key.substr(key.size() - 16));
}

inline std::string AttentionKey(char what, const ItemId& item) {
  return std::string(1, what) + std::string(item.View());
}

}  // namespace outpost
