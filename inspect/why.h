#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/run_record.h"
#include "inspect/life.h"

namespace outpost {

// One answer to "why is it so": the rule that led there, in a word and in a sentence, and the events that show it.
struct Finding {
  std::string topic;  // "pending", "parked", "conflict", "different", "moved", "missing", "doubled", "well"
  std::string rule;   // "unsent", "server_won", …: the catalogue's "why." key without its front
  std::string sentence;
  std::string next;  // what can be done about it; empty: nothing has to be
  std::vector<Sequence> events;
  std::optional<ItemId> other;  // the twin, or the folder, that it is about
};

// What became of one field group of one local edit.
struct EditFate {
  Sequence seq = 0;
  Millis time{0};
  Kind kind{};
  std::vector<FieldId> fields;
  GroupId group = 0;
  std::string fate;      // OutcomeName, "pending", or "not_kept" (its outcome is in history that is dropped)
  Sequence decided = 0;  // by this event; 0: by none
};

struct WhyReport {
  ItemId id{};
  ItemState item;  // of a forgotten one nothing but its id
  bool forgotten = false;
  std::vector<Finding> findings;  // what asks for a person first; never empty
  std::vector<EditFate> edits;    // oldest first
  std::vector<ToldEvent> chain;   // the events that findings and edits name, in order
};

// How the account's last run went, where that is known.
struct WhyContext {
  std::optional<RunRecord> run;
};

// Why item `id` is as it is: pending, parked, in conflict, other than somebody remembers it, elsewhere, missing, or
// doubled. Facts come from the journal only, sentences from the catalogue. Reads the item's events, and all items once
// to find others that look the same. Errors: kNotFound, kCorrupt, kUnavailable. Threads: one.
Result<WhyReport> Why(const JournalView& view, const ItemId& id, const WhyContext& context, const Narrator& narrator);

}  // namespace outpost
