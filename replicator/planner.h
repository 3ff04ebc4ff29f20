#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "replicator/dialect.h"
#include "replicator/policy.h"
#include "replicator/tuning.h"
#include "schemas/event.h"

namespace outpost {

// What the planner may know of an item and of what the server says of it: ids, sequences, group ids and truth values;
// never a value. So its inputs can be traced, and replayed elsewhere, without contents. Made by replicator/facts.h.

struct EditFacts {
  Sequence seq = 0;
  OpId op{};
  Kind kind{};
  bool in_flight = false;  // in a batch whose answer is not known
  bool restores = false;   // says again what the server had before it deleted the item: nobody typed it
  struct Group {
    GroupId group = 0;
    bool equals_row = false;  // the row at hand has the value this edit gave the group
  };
  std::vector<Group> groups;  // without outcome
  bool Has(GroupId group) const;
};

struct ItemFacts {
  ItemId id{};
  ItemType type{};
  Sequence head = 0;  // 0: never seen
  bool on_server = false;
  std::int64_t version = 0;
  bool parked = false;           // values that a person typed, the server refused, and no deletion made here follows
  std::vector<EditFacts> edits;  // pending, oldest first
};

struct RowFacts {
  std::string remote_id;
  std::int64_t version = 0;
  std::vector<GroupId> changed;            // groups in which the row differs from the base
  std::vector<GroupId> merges_to_row;      // set groups whose three-way merge is the row's value
  std::vector<GroupId> other_people = {};  // by-entity groups in which both sides changed what is of different people
  std::vector<GroupId> beyond_edits = {};  // groups in which it differs in fields that no edit made here has
  bool other_id = false;                   // the item was known by another id
  bool fills_in = false;                   // it has values that the server gave by itself, and that are not here yet
  bool own_rights = false;  // a folder in which the user may do something else than before, or whose rights
                            // were not known
};

// An event to append; values are filled in afterwards from the row or the item it was planned from.
struct PlannedEvent {
  // Where the fields of a change come from.
  enum class Fields { kNone, kRowAll, kRowChanged, kMergedSet, kHeadGroup, kHeadUnedited, kHeadEdited };
  Kind kind{};
  Origin origin = Origin::kEngine;
  OpId op{};
  Fields fields = Fields::kNone;
  GroupId of_group = 0;   // kMergedSet, kHeadGroup
  OutcomesBody outcomes;  // kOutcome, kOverruled
  // kConflictSettled: of what was parked of the item.
};

// New operation ids, passed in so that the planner has no random of its own.
using NewOp = std::function<OpId()>;

// What to record when the server shows a row of an item. An item never seen, or one deleted before, becomes known;
// groups that both sides changed are decided by Decide(). Nothing to record gives no event. Pure.
std::vector<PlannedEvent> PlanRow(const ItemFacts& item, const RowFacts& row, Policy policy, const NewOp& new_op);

// What to record when the server says that the item is gone. What was refused of it counts as an edit of it: Reduce
// makes it a loser, and where the item is made again a kConflictSettled says that it was stated again. Pure.
std::vector<PlannedEvent> PlanGone(const ItemFacts& item, Policy policy, const NewOp& new_op);

// What to ask of the server for one item, and the edits that need not be sent because a later one took their place.
struct EntryPlan {
  std::optional<BatchEntry> entry;     // none: nothing to send
  std::vector<PlannedEvent> outcomes;  // superseded and merged edits
};
EntryPlan PlanEntry(const ItemFacts& item);

// What a refusal for lack of rights begins with, before the server's own code: such an edit passes when the right is
// back.
inline constexpr std::string_view kNoRight = "no_right";
std::string DeniedCode(const std::string& code);
bool IsDenied(std::string_view code);

// Codes of what was parked since nobody can know whether it was done, and somebody else undid it: only a person decides
// what is to become of it.
inline constexpr std::string_view kMaybeDeleted = "maybe_deleted_on_server";
inline constexpr std::string_view kMaybeRenamed = "maybe_renamed_on_server";
inline constexpr std::string_view kAnotherItem = "on_server_as_another_item";
bool IsDoubt(std::string_view code);

// What to record when the server answered one element of a batch. kChangedMeanwhile and kTryLater record nothing: the
// intents stay pending. `gone` is set when the item turned out to be deleted there (the caller goes on with PlanGone).
// Pure.
struct AnswerPlan {
  std::vector<PlannedEvent> events;
  bool gone = false;
};
AnswerPlan PlanAnswer(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch, const Answer& answer);

// What is in a folder that a person deleted, or is meant for it.
struct InsideFacts {
  bool waits = false;       // something of it, or that is about to leave it, has edits of its own to tell first
  bool moved_away = false;  // something is in it on the server only: the person moved it away, and that was refused
  Sequence news = 0;        // the newest that the server told of it after the person deleted the folder; 0: nothing
};
// What becomes of a folder's deletion, which `entry` would carry. On the server all goes that is in the folder, also
// what he never saw: his deletion meets it as that of an item meets an edit of the item. What he sees elsewhere he did
// not delete: then the deletion is parked as kMovedAwayInside, under either policy. Pure.
struct FolderDeletionPlan {
  bool send = false;
  std::vector<PlannedEvent> events;
};
inline constexpr std::string_view kMovedAwayInside = "moved_away_still_inside";
FolderDeletionPlan PlanFolderDeletion(const ItemFacts& folder, const BatchEntry& entry, const InsideFacts& inside,
                                      Policy policy);

// Parks every group of `entry` that is still undecided: `code` says why. Pure.
std::vector<PlannedEvent> PlanPark(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                   const std::string& code);
// The same for an entry that may never have been sent: of several of its edits the older ones of a group have not yet
// given way to the newest, and would be parked after it and take its place.
std::vector<PlannedEvent> PlanParkUnsent(const ItemFacts& item, const BatchEntry& entry, const BatchId& batch,
                                         const std::string& code);

// What is known of a folder when a round begins.
struct FolderFacts {
  ItemId id{};
  std::string remote_id;
  ItemType content{};
  std::int64_t cursor = 0;
  bool examined = false;      // nobody tells its changes: only that there are some (Dialect::IsExamined)
  bool read_once = false;     // in full, to its end
  bool same_columns = false;  // by the columns that are read now
  bool remembered = false;    // the server still knows what was deleted since; of an examined one: nothing is other
  bool due = false;           // it is time to compare it in full
  bool resync = false;        // a person wants that
};
// How the round learns what is new in it.
enum class FolderLook : std::uint8_t { kReadInFull, kChanges, kState };
// Pure.
FolderLook PlanLook(const FolderFacts& folder);

// The ask by which an entry leaves: its place in Ask. Pure.
std::size_t AskFor(ItemType type, Verb verb);

// How many deletions may be inferred without asking.
struct DeletionLimits {
  std::size_t count = tuning::kInferredDeletionsMax;
  std::size_t percent = tuning::kInferredDeletionsPercent;
  std::size_t own = tuning::kOwnDeletionsMax;  // made here
};

// Whether deletions that were only inferred may be done without asking. Source: DESIGN.md, promise 9.
bool InferredDeletionsNeedConsent(std::size_t missing, std::size_t held, bool listing_empty,
                                  const DeletionLimits& limits = {});

// Whether deletions made here, that take `count` items of one folder or go with one, may be told without asking; those
// of before that wait for an answer count too. Source: DESIGN.md, promise 9.
bool OwnDeletionsNeedConsent(std::size_t count, const DeletionLimits& limits = {});

}  // namespace outpost
