#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "projection/contents_table.h"

namespace outpost {

// A restriction over several folders, kept under a name: what Outlook calls a search folder. It belongs to this account
// on this computer; servers know nothing of it. Its definition is a setting of the account, so it is in the journal, in
// its checkpoints and its backups; what it shows is a table like any other.
struct SearchFolder {
  ItemId id{};
  std::string name;
  TableSpec spec;     // folders, content and restriction; how it is sorted and grouped is the table's
  std::string typed;  // the condition as a person wrote it, to be shown; may be empty
  std::string wrong;  // why a stored definition cannot be read; then nothing but the id is known
};

// Definitions are the settings that begin so; the id follows in hexadecimal.
inline constexpr std::string_view kSearchFolderSettings = "search_folder.";
inline constexpr std::size_t kSearchFolderBytesMax = 32 * 1024;

std::string SearchFolderSetting(const ItemId& id);

// The value of such a setting: one line; columns stand by their numbers, so it outlives their names. Errors: kInvalid
// (no name, a value that no condition takes, a condition that is none for `content`, more than kSearchFolderBytesMax).
// Source: docs/projections.md, "Search folders".
Result<std::string> WriteSearchFolder(const SearchFolder& folder);
// The definition without its id. Errors: kInvalid; never quotes the value.
Result<SearchFolder> ParseSearchFolder(std::string_view value);

// All of the account, by name. One whose definition cannot be read (of a later version) has `wrong` set, and its id for
// a name. Errors: kUnavailable.
Result<std::vector<SearchFolder>> ListSearchFolders(const StateReader& state);
// Errors: kNotFound (no setting of that id), kInvalid (it cannot be read), kUnavailable.
Result<SearchFolder> LoadSearchFolder(const StateReader& state, const ItemId& id);
// The one with that name, case and accents aside, or that id. Errors: kNotFound (names what was asked for and the
// nearest names), kInvalid, kUnavailable.
Result<SearchFolder> FindSearchFolder(const StateReader& state, std::string_view name_or_id);

}  // namespace outpost
