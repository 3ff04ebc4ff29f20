#pragma once
#include <cstdint>
#include <map>
#include <vector>

#include "journal/reader.h"

namespace outpost {

// A pair (edit, field group) about which events and stored state disagree.
struct AuditFinding {
  enum class What : std::uint8_t {
    kLost,          // neither pending nor decided: the edit would never reach the server and nobody would know
    kStillPending,  // decided, yet stored as pending: it would be sent again
    kTwice,         // decided more than once
    kStray,         // an outcome for a pair that no edit made
  };
  What what{};
  Sequence seq = 0;  // of the edit; of the outcome for kStray
  ItemId item{};
  GroupId group = 0;
};
// "lost", "still_pending", "twice", "stray"
const char* FindingName(AuditFinding::What what);

struct AuditReport {
  std::uint64_t edits = 0;                        // local changes with at least one field group that travels
  std::uint64_t pairs = 0;                        // their (edit, group) pairs
  std::uint64_t pending_edits = 0;                // edits with a pair that is still to be decided
  std::uint64_t pending = 0;                      // such pairs, as the item rows have them: what decides about sending
  std::map<OutcomeKind, std::uint64_t> outcomes;  // pairs decided, by kind; every kind is there
  std::uint64_t edits_without_outcome = 0;        // edits with a lost pair: 0 or promise 3 is broken
  std::uint64_t twice_decided = 0;                // pairs, as the next two
  std::uint64_t still_pending = 0;
  std::uint64_t stray_outcomes = 0;
  std::uint64_t overruled = 0;  // groups in which the server's value lost (client-wins)
  // Losers the item rows keep: with the settled ones, outcomes of kind loser and overruled ones, or promise 6 is
  // broken.
  std::uint64_t losers_listed = 0;
  std::uint64_t losers_settled = 0;  // by a person
  std::uint64_t losers_before = 0;   // of them, those that the checkpoint at the journal's beginning tells of
  std::uint64_t parked_listed = 0;   // parked groups the item rows keep
  std::uint64_t batches = 0;
  std::uint64_t batches_closed = 0;
  std::uint64_t batches_resumed = 0;
  std::vector<AuditFinding> findings;  // the first kAuditFindingsMax

  bool sound() const;
};

inline constexpr std::size_t kAuditFindingsMax = 100;

// Follows every local change to its outcome through all events (where history was dropped: from the checkpoint on,
// which tells of the edits that were undecided then), takes what is pending from the stored item rows, which events
// have no part in, and compares. Memory in proportion to the undecided pairs, time to the journal. Threads: any.
// Errors: kCorrupt (an event or row that cannot be read), kUnavailable.
Result<AuditReport> Audit(const JournalView& view);

}  // namespace outpost
