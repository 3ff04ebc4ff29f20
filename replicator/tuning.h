#pragma once
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace outpost::tuning {

// Intents in one batch. Above: a lost answer costs more reading back; below: more requests (the server counts them).
inline constexpr std::size_t kBatchIntents = 50;

// Objects in one page, the quantum of fairness between folders.
inline constexpr std::size_t kPageItems = 50;

// Pages in one request: 500 items, about 0.5 MiB of contacts. Above: the first items come later and an answer fills
// memory.
inline constexpr std::size_t kPagesPerRequest = 10;

// The same on a line whose delay is longer than the work, as far as answers stay below a size and a time.
inline constexpr std::size_t kPagesPerRequestMax = 40;
inline constexpr std::chrono::microseconds kLongDelay{50'000};
inline constexpr std::uint64_t kAnswerBytesMax = 2u << 20;
inline constexpr std::chrono::microseconds kAnswerTimeMax{5'000'000};

// Elements in one request. The server's own limit is not documented; its default counts requests, not elements.
inline constexpr std::size_t kAsksPerRequest = 100;

// Listings in one request: ids and versions of whole folders, some 40 bytes an item. Above: they are all in memory
// together; below: an account of many small folders takes more requests than items are worth.
inline constexpr std::size_t kListingsPerRequest = 8;

// Requests under way at once. Above: servers run them one after another anyway. While whole folders are read, one
// further answer may be being stored.
inline constexpr std::size_t kInFlightRequests = 4;

// Requests for rows in a first sync after which a person's edits go first. Above: they wait longer; below: the folders
// under way are listed again more often.
inline constexpr std::size_t kReadingRequests = 20;

// How far before its cursor a folder is asked again, for changes of the same moment that were not visible yet.
inline constexpr Millis kCursorOverlap{2'000};

// Inferred deletions that need no consent: at most this many, and at most this share of a folder of some size. Source:
// promise 9.
inline constexpr std::size_t kInferredDeletionsMax = 50;
inline constexpr std::size_t kInferredDeletionsPercent = 20;
inline constexpr std::size_t kInferredDeletionsFolderMin = 50;

// Deletions made here in one folder, or with a folder, that are told without asking. Source: promise 9, "a far higher
// limit".
inline constexpr std::size_t kOwnDeletionsMax = 10'000;
// Items that one question names: half of what an append holds (journal.h). Above: the append is refused; below: more
// questions.
inline constexpr std::size_t kQuestionItemsMax = 250'000;

// How often a folder that is followed by its changes is compared in full, since changes do not tell all (rights that
// went, stamps that stepped back); and how soon where an answer may have lacked deletions or a listing may
// not have known of the newest writes yet. By then it would.
inline constexpr Millis kCompareEvery{24 * 3'600'000};
inline constexpr Millis kCompareAfterDoubt{600'000};

// Failed exchanges in a row after which a run gives up; each waits twice as long as the one before.
inline constexpr int kLinkFailuresMax = 4;
inline constexpr Millis kFirstBackoff{200};

// A pause longer than this ends the run; whoever runs it decides when to come back.
inline constexpr Millis kPauseMax{5'000};

// The same for kinds whose folders only say that something is other than before, since not every change shows in that.
// Above: a colour set elsewhere is seen later; below: more ids of mails cross the line for nothing.
inline constexpr Millis kCompareExaminedEvery{600'000};

// How often it is asked who is on the server, with the other asks of a round; and how often in full. Above: a new
// colleague is seen later; below: thousands of users cross the line for nothing, since of them no changes are told.
inline constexpr Millis kPeopleEvery{30 * 60'000};
inline constexpr Millis kPeopleInFullEvery{24 * 3'600'000};

// Sources in one round. Above: news wait longer behind them; below: more rounds, each of which asks for news.
inline constexpr std::size_t kSourcesPerRound = 40;

// Items whose attachments one round asks for, each by a request of its own: servers take such calls in no other way.
inline constexpr std::size_t kAttachmentListsPerRound = 40;

// Times the line may fail over one source in a run before it is left for the next.
inline constexpr int kSourceFailuresMax = 3;

// Above, an item's source is not fetched: an answer is held in memory whole.
inline constexpr std::int64_t kSourceBytesMax = 48 << 20;

// Events in one append of remote changes. Above: memory and the wait of a person's edit behind it grow; below: more
// commits.
inline constexpr std::size_t kAppendEvents = 500;

// Rows of the state read together for the rows of an answer. Above: they are in memory together; below: each block of
// the database is looked for more often.
inline constexpr std::size_t kRowsTogether = 100;

// Requests of writes that the server may fail as a whole, one after another, before a run gives up: enough to find the
// one item at fault among kBatchIntents.
inline constexpr int kPushFailuresMax = 16;

// In how many runs an item may fail before it is parked: whole requests that it was alone in, or answers that put it
// off, while others got through; and whole requests where nothing else was there to get through (such runs back off:
// some hours).
inline constexpr int kFailuresAloneMax = 5;
inline constexpr int kPutOffRunsMax = 10;
inline constexpr int kFailedRunsMax = 20;

// Rounds in one run, but for those that fetched sources. Only a server that never stops changing comes near; the next
// run goes on.
inline constexpr std::uint64_t kRoundsMax = 1'000;

// Times an item may turn out to have changed meanwhile in one run before it is left for the next.
inline constexpr int kChangedMeanwhileMax = 5;

// Which set of columns a cursor is valid for. Raised when the dialect asks for more fields: every folder is then
// compared in full once.
inline constexpr std::uint32_t kColumnSet = 3;

static_assert(kPageItems * kPagesPerRequest >= 500, "first sync takes at most one request per 500 items");

}  // namespace outpost::tuning
