#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/reader.h"
#include "projection/mail_bodies.h"
#include "projection/restriction.h"
#include "schemas/fields.h"

namespace outpost {

// Which fields of an item a search looks into: its texts, but for ids and what is made for programs.
bool IsSearched(const Field& field);

// The words of an account's items in a file of its own beside the journal, following behind it: what SearchFor would
// find by reading every item is found by reading a few. It names items that may match, and those that were touched
// since are added by whoever asks (ItemsToSearch), so that how far behind it is costs time and no finds. A word of
// letters and digits, of scripts with spaces, is in just those of them that were not touched since: there the index is
// as good as the text, and no mail's body has to be read.
//
// An index of another version, of another account or ahead of the journal is made anew. The file holds what people
// wrote: an encrypted account has none. Threads: one at a time. Errors: kUnavailable where the file cannot be used,
// kCorrupt where it is damaged; it can be removed at any time. Source: docs/projections.md, "Search".
class SearchIndex {
 public:
  enum class Mode { kWrite, kRead };
  // `account`: what tells it from every other. Errors: kNotFound (kRead: no file, or one of another version or
  // account).
  static Result<SearchIndex> Open(const std::filesystem::path& file, std::string_view account, Mode mode);
  SearchIndex(SearchIndex&&) noexcept;
  SearchIndex& operator=(SearchIndex&&) noexcept;
  ~SearchIndex();

  // All items as they were after this event are in it; 0: it is still being made.
  Sequence applied() const { return applied_; }
  // Whether it follows the history that `view` shows, as far as applied(): not while it is being made, nor of one that
  // was put back to an older state.
  bool Knows(const JournalView& view) const;
  // Brings it nearer to `view` by about `items_max` items, in one transaction. True once it is level. `bodies`, where
  // it is not null, says what stands in mails: one index is always followed with, or always without. Errors: those of
  // the view, too.
  Result<bool> Follow(const JournalView& view, std::size_t items_max, const MailBodies* bodies = nullptr);

  // Items that may have all the words of `text`, in no order, some gone meanwhile; nullopt where the index cannot say
  // (it is still being made, or no word of the text is one).
  Result<std::optional<std::vector<ItemId>>> Candidates(std::string_view text);

 private:
  class Database;
  explicit SearchIndex(std::unique_ptr<Database> database);
  bool MakesOf(const JournalView& view) const;
  Result<bool> Make(const JournalView& view, std::size_t items_max, const MailBodies* bodies);
  Result<bool> FollowEvents(const JournalView& view, std::size_t items_max, const MailBodies* bodies);

  std::unique_ptr<Database> database_;
  Sequence applied_ = 0;
  std::string mark_;  // of the event that it is, or is to be, level with
};

// The items that a search for `text` has to look at, and what need not be looked for in them. Nullopt: it looks at all.
// `index` may be null; it is followed with the bodies that the search reads, or both are without.
Result<std::optional<SearchHits>> ItemsToSearch(const JournalView& view, SearchIndex* index, std::string_view text);

}  // namespace outpost
