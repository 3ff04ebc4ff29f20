#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "schemas/event.h"

namespace outpost {

// A local change of which at least one field group has no outcome yet.
struct PendingEdit {
  Sequence seq = 0;
  OpId op{};
  Kind kind{};                  // kLocalCreated, kLocalChanged or kLocalDeleted
  std::vector<GroupId> groups;  // without outcome, ascending
  FieldMap patch;               // the travelling fields of those groups

  bool Has(GroupId group) const;
};

// A group the server refused: its values stay what the person sees here.
struct ParkedGroup {
  Sequence seq = 0;  // of the local change
  OpId op{};
  Refusal refusal;
  FieldMap patch;
};

// The side that lost a conflict over one group, until a person settles it; the values are in the event `seq`.
struct LoserGroup {
  Sequence seq = 0;    // of the losing change: local, or the server's where client-wins is chosen
  Sequence rival = 0;  // of the change that won
  GroupId group = 0;
  bool server_lost = false;
};

// What an item is after its events so far. `base` is the item as the server last gave it (and what stays here only);
// the head, what a person sees, is the base under the parked values under the pending edits.
struct ItemState {
  ItemId id{};
  ItemType type{};
  Sequence head_seq = 0;  // newest event of the item
  Sequence born_seq = 0;  // first
  Sequence base_seq = 0;  // newest event that told of the server's side; 0: none yet
  bool on_server = false;
  std::string remote_id;  // kept after a deletion: the same id coming back is the same item
  std::int64_t version = 0;
  FieldMap base;
  std::vector<PendingEdit> pending;
  std::vector<ParkedGroup> parked;
  std::vector<LoserGroup> losers;
  Millis gone_since{0};  // when it became Gone(), by the event's time; 0: it is not

  FieldMap Head() const;
  // The head value of one field; null where unset.
  Value HeadValue(FieldId field) const;
  // True where a person sees the item: on the server or made here, and not deleted here.
  bool Visible() const;
  // True where nobody sees it, and nothing of it waits for anybody.
  bool Gone() const;
  // The folder a person sees it in; none where it has none.
  ItemId Folder() const;
  const PendingEdit* FindPending(OpId op) const;
  // The newest pending edit of `group`; null where there is none.
  const PendingEdit* LastPending(GroupId group) const;
  // The parked field groups that a deletion on the server makes losers: all but those of before a deletion made here,
  // pending or refused; these go with the item.
  std::vector<const ParkedGroup*> ParkedBeyondDeletion() const;
};

// The type of the items that a folder holds; kNone where it has none that is known.
ItemType ContentOf(const ItemState& folder);

// "synced", "pending", "parked", "conflict", "local": the state a report shows, the most urgent first: conflict,
// parked, pending.
const char* ItemStateName(const ItemState& state);

// The part of `patch` that travels and belongs to `group`.
FieldMap FieldsOfGroup(const FieldMap& patch, GroupId group);

// Writes the fields of `patch` over `fields`; null removes.
void ApplyPatch(FieldMap& fields, const FieldMap& patch);
void ApplyPatch(FieldMap& fields, FieldMap&& patch);

// The one place that says what an event does to its item: used by commit, rebuild and time travel. Pure. Kinds that
// concern no item, or are not known, change nothing but head_seq. kItemForgotten leaves what was never seen. Errors:
// kCorrupt (a body that cannot be read); `state` is then unspecified.
Result<void> Reduce(ItemState& state, const Event& event);

// The stored row and back; `id` is the row's key. Errors: kCorrupt. Source: schemas/state.md.
std::string EncodeItem(const ItemState& state);
Result<ItemState> DecodeItem(const ItemId& id, std::string_view bytes);

}  // namespace outpost
