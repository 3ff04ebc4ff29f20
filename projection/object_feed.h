#pragma once
#include <memory>
#include <vector>

#include "projection/contents_table.h"

namespace outpost {

// What became of one item or folder between two moments, however often it changed in between.
struct ObjectChange {
  enum class Kind : std::uint8_t {
    kCreated,
    kChanged,  // something that is shown of it, or how it stands (ItemStateName)
    kMoved,    // from `from` to `folder`; it may have changed, too
    kDeleted,  // a person sees it no more; one that is made again is created
    kReload    // more happened than is told one by one: anything may be another
  };
  Kind kind = Kind::kReload;
  ItemId object{};
  ItemType type{};      // kFolder: a folder
  ItemId folder{};      // that it is in, or was in last; of a folder its parent, of a file its item
  ItemId from{};        // of kMoved
  bool remote = false;  // its newest event of these came from the server
  bool operator==(const ObjectChange&) const = default;
};

// Everything that happens to the items and folders of an account, as MAPI's object notifications tell it: for whoever
// holds objects open rather than tables. Not told is what nobody sees: cursors, remote ids, what was never visible,
// what came and went between two looks.
//
// Threads: one at a time. Errors of all members: kCorrupt, kUnavailable.
// Source: docs/projections.md, "Objects".
class ObjectFeed {
 public:
  using Change = ObjectChange;

  static Result<ObjectFeed> Open(std::shared_ptr<const JournalView> view) { return ObjectFeed(std::move(view)); }

  // The moment that was told last.
  Sequence at() const { return view_->last(); }

  // Goes on to `now`, a later view of the same journal, and answers what became of the objects since, in the order of
  // their newest events: in time in proportion to the events between. One kReload where these are more than
  // kTableEventsMax or no longer there, or more than kTableChangesMax objects changed. After an error it is as it was.
  Result<std::vector<ObjectChange>> Advance(std::shared_ptr<const JournalView> now);

 private:
  explicit ObjectFeed(std::shared_ptr<const JournalView> view) : view_(std::move(view)) {}

  std::shared_ptr<const JournalView> view_;
};

}  // namespace outpost
