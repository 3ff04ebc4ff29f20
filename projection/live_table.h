#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "base/strand.h"
#include "journal/journal.h"
#include "projection/address_book.h"
#include "projection/contents_table.h"
#include "projection/folder_tree.h"
#include "projection/object_feed.h"
#include "projection/search_folder_table.h"

namespace outpost {

// An open table that follows the journal by itself, on a strand: never on the thread that writes the journal.
//
// Commits only say that there is something new. The strand then brings the table up to the newest event in one step
// (Table::Advance), at most every kGatherFor, so that many commits make one step; there is no queue, and a reader that
// is slow only makes the next step larger, up to a kReload. The table and both functions below are used on the strand
// alone.
//
// Threads: any, for one that destroys it: one. The strand has run or dropped what was posted to it before the journal
// goes.
template <class Table>
class Live {
 public:
  // How long changes gather before they are told.
  static constexpr Millis kGatherFor{20};

  using Change = typename Table::Change;
  using Opener = std::function<Result<Table>(std::shared_ptr<const JournalView>)>;
  struct Reader {
    // Once it is open, with no changes; then after each step that changed rows.
    std::function<void(Table& table, std::span<const Change> changes)> changed;
    // The table could not be opened or brought up to date; after the first it stays closed, after the second it is
    // tried again with the next commit. Errors: those of the table.
    std::function<void(const Error& error)> failed;
  };

  // Calls `open` on the strand, with the journal as it is now: what is committed once this returns, whenever the strand
  // comes to it, is told as changes. `journal` and `strand` outlive the object.
  Live(Journal& journal, Strand& strand, Opener open, Reader reader);
  // No call of the reader begins after it; one on the strand's thread may be under way.
  ~Live();
  Live(const Live&) = delete;
  Live& operator=(const Live&) = delete;

  // Runs `use` on the strand with the table as it is then; not at all where it could not be opened.
  void Ask(std::function<void(Table& table)> use);

 private:
  // Shared with what is posted to the strand.
  struct Shared {
    Journal& journal;
    Opener open;
    Reader reader;
    std::optional<Table> table;    // of the strand
    std::atomic<bool> due{false};  // a step is posted and has not begun
    std::atomic<bool> closed{false};
  };
  static void Step(Shared& shared);

  Strand& strand_;
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<Journal::Subscription> subscription_;
};

using LiveTable = Live<ContentsTable>;
using LiveFolders = Live<FolderTree>;
using LiveAddresses = Live<AddressBook>;
using LiveSearchFolder = Live<SearchFolderTable>;
using LiveObjects = Live<ObjectFeed>;
extern template class Live<ContentsTable>;
extern template class Live<FolderTree>;
extern template class Live<SearchFolderTable>;
extern template class Live<AddressBook>;
extern template class Live<ObjectFeed>;

// Opens the contents table that `spec` says.
LiveTable::Opener TableOf(TableSpec spec);
// Opens the table of a search folder.
LiveSearchFolder::Opener TableOfSearch(const ItemId& id, std::vector<SortColumn> sort, std::size_t grouped,
                                       std::shared_ptr<const MailBodies> bodies = nullptr);

}  // namespace outpost
