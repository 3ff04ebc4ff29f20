#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "projection/row_key.h"
#include "projection/series_days.h"
#include "schemas/item_state.h"

namespace outpost {

// The order in which a folder's items are stored (kFolderItemsTable): contacts, lists and tasks by label, mails by when
// they were received, the newest first. Appointments by start, behind those that a look at a few days must know of from
// afar: series, their exceptions, and what lasts longer than kLongAppointment. What holds nothing comes last. Stored:
// what it gives changes only together with kAccountFoldsVersion.
struct StoredPlace {
  std::string key;    // stands between the folder and 0x00 ‖ the item in the row's key
  std::string value;  // the row's value; empty but for appointments
  bool operator==(const StoredPlace&) const = default;
};
StoredPlace StoredPlaceOf(ItemType type, const FieldValueFn& value);
// By its head.
StoredPlace StoredPlaceOf(const ItemState& item);
// The fields that it looks at; ascending.
std::span<const FieldId> StoredPlaceFields(ItemType type);
// The sort that says the same; empty where none does.
std::vector<SortColumn> StoredSortOf(ItemType type);

// The rows of appointments. Times in milliseconds since 1970; of whole days at midnight UTC.
inline constexpr std::int64_t kLongAppointment = std::int64_t{31} * 86'400'000;
struct CalendarRow {
  bool special = false;    // a series, an exception, or a long one
  std::int64_t start = 0;  // the smallest number where there is none
  std::int64_t end = 0;    // of a series that of its last occurrence, or later; the largest number: it has none
  std::optional<std::int64_t> replaces;  // the day of an exception
};
// Of the part of such a row's key behind the folder, and its value. Nullopt for bytes that are none.
std::optional<CalendarRow> ParseCalendarRow(std::string_view key, std::string_view value);
// The least key of the ordinary ones that start at `start` or later, to be put behind the folder.
std::string OrdinaryFrom(std::int64_t start);

}  // namespace outpost
