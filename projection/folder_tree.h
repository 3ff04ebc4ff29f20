#pragma once
#include <memory>
#include <span>
#include <vector>

#include "journal/reader.h"
#include "projection/contents_table.h"
#include "projection/folders.h"

namespace outpost {

// The tree of folders, by position, as it was at one moment of the journal: what a hierarchy table shows.
//
// Threads: one at a time. Errors of all members: kCorrupt, kUnavailable; after one the tree is as it was.
// Source: docs/projections.md, "Hierarchy".
class FolderTree {
 public:
  using Change = TableChange;

  static Result<FolderTree> Open(std::shared_ptr<const JournalView> view);

  // The moment that it shows: the last event it knows.
  Sequence at() const { return view_->last(); }
  // In the order of ListFolders.
  const std::vector<FolderNode>& nodes() const { return nodes_; }

  // Brings the tree up to `now`, a later view of the same journal, and answers what became of its rows, step by step as
  // for a contents table; or one kReload. A folder whose counts, newest change or path are others is kChanged. Takes
  // time in proportion to the folders, and less where none was made, renamed, moved or deleted.
  Result<std::vector<TableChange>> Advance(std::shared_ptr<const JournalView> now);

 private:
  FolderTree(std::shared_ptr<const JournalView> view, std::vector<FolderNode> nodes)
      : view_(std::move(view)), nodes_(std::move(nodes)) {}

  std::shared_ptr<const JournalView> view_;
  std::vector<FolderNode> nodes_;
};

// The steps that turn `before` into `after`: as few moves as can be; one kReload for more than kTableChangesMax steps.
std::vector<TableChange> ChangesBetween(std::span<const FolderNode> before, std::span<const FolderNode> after);

}  // namespace outpost
