#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace outpost {

inline constexpr std::size_t kSortKeyBytesMax = 64;

// Bytes whose order is the order in which a table shows `text`: compatibility forms, letter case, accents and control
// characters make no difference; ordered by code point after that, the same on every machine (no locale). 1 to
// kSortKeyBytesMax bytes, cut between characters, none of them zero. Text that shows nothing sorts behind all other.
// Bytes that are no UTF-8 count as U+FFFD. Stored in rows: what it gives for a text changes only together with
// kAccountFoldsVersion (a newer Unicode table in utf8proc included). Threads: any.
std::string SortKey(std::string_view text);
// The same, behind what `out` holds.
void AppendSortKey(std::string_view text, std::string& out);

// The whole of `text` in the same forms, for comparing and searching: two texts that look the same but for case and
// accents give the same bytes, and what stands in a text stands in it here. Not stored. Threads: any.
std::string FoldText(std::string_view text);

}  // namespace outpost
