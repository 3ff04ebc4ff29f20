#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/reader.h"
#include "projection/contents_table.h"
#include "projection/restriction.h"
#include "projection/search_index.h"
#include "tools/outpost/program.h"
#include "tools/outpost/values.h"

namespace outpost::cli {

// What `item list` is asked of a table, as it was typed.
struct TableArguments {
  std::string columns, sort, where, search, group;
  std::optional<std::size_t> offset, limit;
  std::vector<Restriction> also;  // conditions beside `where`

  // The first flag that was given; empty where none was.
  std::string asked() const;
};

// Shows the table of what `of` says (folders, content, restriction), as the arguments ask for it; by `index`, where
// that is not null, if something is searched for. Errors: kInvalid (names the flag and what does not fit), those of
// ContentsTable.
Result<void> ShowTable(const Common& common, const std::shared_ptr<const JournalView>& view, const TableSpec& of,
                       const FolderPaths& paths, const TableArguments& arguments, SearchIndex* index);

}  // namespace outpost::cli
