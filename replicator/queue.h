#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "journal/state.h"
#include "schemas/event.h"
#include "schemas/item_state.h"

namespace outpost {

// A batch that was opened and not closed: its requests are under way, or were when the process died.
struct OpenBatch {
  Sequence seq = 0;  // of its kBatchOpened
  BatchOpenedBody body;
};

// Looks at the replication state. Errors: kCorrupt. Threads: those of the reader.
Result<std::vector<OpenBatch>> LoadOpenBatches(const StateReader& state);
Result<std::optional<ItemId>> FindByRemoteId(const StateReader& state, ItemType type, std::string_view remote_id);
// The item itself, with one row read less than by its id.
Result<std::optional<ItemState>> LoadByRemoteId(const StateReader& state, ItemType type, std::string_view remote_id);
// The item that has the id on the server, or had it last, be it forgotten since; nullopt where none ever had it.
Result<std::optional<ItemId>> IdOfRemoteId(const StateReader& state, ItemType type, std::string_view remote_id);
// These items are about to be loaded, by their ids or by the server's: those rows are read together where the reader
// can (StateReader::Expect), and kept until the next call.
void ExpectItems(const StateReader& state, std::span<const ItemId> items);
void ExpectByRemoteId(const StateReader& state, ItemType type, std::span<const std::string_view> remote_ids);
Result<std::optional<ItemId>> FindByUid(const StateReader& state, std::string_view uid);
// The newest cursor of a folder (none: the folder tree); nullopt before its first.
Result<std::optional<CursorMovedBody>> LoadCursor(const StateReader& state, const ItemId& folder);
// The folders that have or had an id on the server; one that had several is there as often.
Result<std::vector<ItemId>> FoldersOnServerEver(const StateReader& state);
// The newest question about a folder, or the answer to it: about what is missing on the server, or about deletions that
// were made here.
Result<std::optional<ConsentBody>> LoadConsent(const StateReader& state, const ItemId& folder, bool own = false);
// The question about a folder that waits for a person, with only those items that it is still about; nullopt where none
// waits. Where two do, that about what is missing on the server comes first.
Result<std::optional<ConsentBody>> WaitingConsent(const StateReader& state, const ItemId& folder);
// The folders about which a question waits, also one that was deleted here.
Result<std::vector<ItemId>> FoldersAskedAbout(const StateReader& state);
// Whether the item is deleted here, and the server knows it and was not told.
bool IsDeletionPending(const ItemState& item);
// Items with pending edits from sequence `from` on, oldest edit first, each once; at most `most`. `first` becomes the
// sequence of the oldest one seen: a later call may start there, since edits only leave the queue in front of it; that
// spares it the rows that were deleted.
Result<std::vector<ItemId>> QueuedItems(const StateReader& state, Sequence from, std::size_t most, Sequence& first);
// How many things were asked for here that are not here yet: sources, and when people are busy.
Result<std::uint64_t> CountWishes(const StateReader& state);
// Number of pending edits.
Result<std::uint64_t> CountQueue(const StateReader& state);

// Items that are missing on the server, by what a person said about them. Consent counts for the items it was asked
// about, never for others; a refusal that was asked about more than one event can name (`count` beyond `items`) counts
// for all.
struct Missing {
  std::vector<ItemId> confirmed;
  std::vector<ItemId> refused;
  std::vector<ItemId> unasked;
};
Missing SortMissing(const std::optional<ConsentBody>& consent, const std::vector<ItemId>& missing);

// So many of `items` as one question names; the rest is asked about when those are gone.
std::vector<ItemId> OneQuestion(std::vector<ItemId> items, std::size_t most);

// The value of kOpenBatches: 8 bytes of sequence, big-endian, and the body.
std::string EncodeOpenBatch(Sequence seq, std::string_view body);

}  // namespace outpost
