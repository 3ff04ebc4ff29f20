#pragma once
#include <memory>
#include <vector>

#include "projection/search_folder.h"

namespace outpost {

// The table of a search folder by its stored definition, which it follows as it follows the items: where the definition
// became another, the table is made anew and says kReload.
//
// Threads: one at a time. Errors of Open and Advance: those of LoadSearchFolder and ContentsTable; kNotFound from
// Advance says that the search folder was removed. After an error the table is as it was.
// Source: docs/projections.md, "Search folders".
class SearchFolderTable {
 public:
  using Change = TableChange;

  // In that order, grouped by the first so many columns of it.
  static Result<SearchFolderTable> Open(std::shared_ptr<const JournalView> view, const ItemId& id,
                                        std::vector<SortColumn> sort, std::size_t grouped,
                                        std::shared_ptr<const MailBodies> bodies = nullptr);

  const SearchFolder& folder() const { return folder_; }
  ContentsTable& rows() { return rows_; }
  Sequence at() const { return rows_.at(); }

  Result<std::vector<TableChange>> Advance(std::shared_ptr<const JournalView> now);

 private:
  SearchFolderTable(SearchFolder folder, std::string stored, ContentsTable rows)
      : folder_(std::move(folder)), stored_(std::move(stored)), rows_(std::move(rows)) {}

  SearchFolder folder_;
  std::string stored_;  // its definition
  ContentsTable rows_;
};

}  // namespace outpost
