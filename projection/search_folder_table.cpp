#include "projection/search_folder_table.h"

#include "projection/account.h"

namespace outpost {

Result<SearchFolderTable> SearchFolderTable::Open(std::shared_ptr<const JournalView> view, const ItemId& id,
                                                  std::vector<SortColumn> sort, std::size_t grouped,
                                                  std::shared_ptr<const MailBodies> bodies) {
  OUTPOST_TRY(SearchFolder folder, LoadSearchFolder(*view, id));
  OUTPOST_TRY(const auto stored, ReadSetting(*view, SearchFolderSetting(id)));
  TableSpec spec = folder.spec;
  spec.sort = std::move(sort);
  spec.grouped = grouped;
  spec.bodies = std::move(bodies);
  OUTPOST_TRY(ContentsTable rows, ContentsTable::Open(std::move(view), std::move(spec)));
  return SearchFolderTable(std::move(folder), stored.value_or(""), std::move(rows));
}

Result<std::vector<TableChange>> SearchFolderTable::Advance(std::shared_ptr<const JournalView> now) {
  OUTPOST_TRY(const auto stored, ReadSetting(*now, SearchFolderSetting(folder_.id)));
  if (stored && *stored == stored_) return rows_.Advance(std::move(now));
  OUTPOST_TRY(SearchFolderTable anew,
              Open(std::move(now), folder_.id, rows_.spec().sort, rows_.spec().grouped, rows_.spec().bodies));
  *this = std::move(anew);
  return std::vector<TableChange>{TableChange{}};
}

}  // namespace outpost
