#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
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
  bool operator==(const AuditFinding&) const = default;
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
  // Up to the limit.
  void Add(const AuditFinding& finding);
  bool operator==(const AuditReport&) const = default;
};

inline constexpr std::size_t kAuditFindingsMax = 100;

// A local change with pairs that no event has decided yet.
struct UndecidedEdit {
  ItemId item{};
  OpId op{};
  std::vector<GroupId> groups;
  bool operator==(const UndecidedEdit&) const = default;
};

// Follows local changes to their outcomes from one event to the next; a plain value, which can be kept and gone on from
// with the events behind at(). Memory in proportion to the undecided pairs. Threads: one.
class AuditTrail {
 public:
  AuditTrail();

  // Reads the events behind at(). Where these are not all there, or at() is of another history of the account, all
  // events are read anew (where history was dropped: from the checkpoint on, which tells of the edits that were
  // undecided then). False: `cancelled`, which is asked now and then. Errors: kCorrupt (an event that cannot be read),
  // kUnavailable. The trail is of no use after either.
  Result<bool> Follow(const JournalView& view, const std::function<bool()>& cancelled = {});

  // What the next Follow goes on from. `counted` is of events alone: nothing in it is of the stored rows.
  Sequence at = 0;
  std::string mark;  // tells the event `at` from others of that number
  AuditReport counted;
  std::map<Sequence, UndecidedEdit> undecided;

 private:
  bool GoesOn(const JournalView& view) const;
  Result<void> FollowEvent(const JournalView& view, const Event& event);
  Result<bool> IsTold(const JournalView& view, const Event& event);
  Result<void> FollowRestated(const Event& event);
  Result<void> FollowEdit(const Event& event);
  Result<void> FollowOutcome(const JournalView& view, const Event& event);
  Result<void> Unasked(const JournalView& view, const Event& outcome, GroupId group);
  void Open(Sequence seq, UndecidedEdit edit);

  std::unordered_map<OpId, Sequence> by_op_;  // the undecided ones
  // While the checkpoint at the beginning is being read.
  bool all_told_ = true;
  std::unordered_set<ItemId> told_;
};

// Compares a trail that is level with `view` with what is stored of all items. Time in proportion to the items.
// Errors: kCorrupt (a row that cannot be read), kUnavailable. Threads: any.
Result<AuditReport> CompareAll(const JournalView& view, const AuditTrail& trail);
// The same by what is listed as waiting: the items with undecided edits by the trail, those in `queued` (which the
// queue names) and those that wait for a person. Time in proportion to these. An item that is on none of these lists
// and stored as pending all the same is for CompareAll.
Result<AuditReport> CompareWaiting(const JournalView& view, const AuditTrail& trail, std::span<const ItemId> queued);

// Follows every local change to its outcome through all events, takes what is pending from the stored item rows, which
// events have no part in, and compares: AuditTrail and CompareAll. Time in proportion to the journal.
Result<AuditReport> Audit(const JournalView& view);

}  // namespace outpost
