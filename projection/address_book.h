#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "journal/reader.h"
#include "projection/contents_table.h"
#include "projection/row_order.h"

namespace outpost {

// Somebody to write to.
struct AddressEntry {
  ItemId item{};
  ItemType type{};  // contact, list or person
  std::string name;
  std::vector<std::string> addresses;  // of a list none: its members are in it
  bool operator==(const AddressEntry&) const = default;
};

// Everybody an account knows an address of, for completing what a person types: the contacts and lists of all its
// folders, and the server's directory. One entry is found by what any of its names has for a word, and by its
// addresses; case and accents make no difference. Made by reading all of them once; then held in memory, some 100 bytes
// each, and kept up to date. It is no stored fold: what is typed is looked for in an address book that is open, and an
// encrypted account has it, too.
//
// Threads: one at a time. Errors of all members: kCorrupt, kUnavailable. Source: docs/projections.md, "Addresses".
class AddressBook {
 public:
  using Change = TableChange;

  static Result<AddressBook> Open(std::shared_ptr<const JournalView> view);

  // The moment that it shows: the last event it knows.
  Sequence at() const { return view_->last(); }

  // Up to `count` entries, by the words that were found, each once; all there are for an empty prefix. Time in
  // proportion to what is answered.
  Result<std::vector<AddressEntry>> Find(std::string_view prefix, std::size_t count) const;

  // Brings it up to `now`, a later view of the same journal, in time in proportion to what happened. Answers one
  // kReload where an entry changed, else nothing. After an error it is as it was.
  Result<std::vector<TableChange>> Advance(std::shared_ptr<const JournalView> now);

 private:
  explicit AddressBook(std::shared_ptr<const JournalView> view) : view_(std::move(view)) {}

  std::shared_ptr<const JournalView> view_;
  RowOrder words_;  // a word, folded, and where it goes on; 0x00; the item
};

}  // namespace outpost
