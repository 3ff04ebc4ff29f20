#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.h"

namespace outpost::journal {

// What `meta` keeps of a checkpoint, under the sequence of the event that began it. Source: schemas/event.md,
// section 2.
struct CheckpointRecord {
  Sequence begin = 0;
  Sequence end = 0;                // of the event that ended it; 0: under way
  Millis time{0};                  // when it began
  std::uint64_t bytes_before = 0;  // of all records ever appended before it began
  std::uint64_t bytes = 0;         // of the events that restate
  std::uint64_t items = 0;         // restated
  std::string cursor;              // under way: where the restatement goes on
};
std::string CheckpointKey(Sequence begin);
std::string CheckpointValue(const CheckpointRecord& record);
// Nullopt when key or value have not the shape of one.
std::optional<CheckpointRecord> ParseCheckpoint(std::string_view key, std::string_view value);

// What retention decides by.
struct Holdings {
  std::uint64_t appended_bytes = 0;  // of all records ever
  Sequence last = 0;
  Sequence whole_from = 1;
  Millis start{0};  // time of the event at whole_from
  Millis now{0};
  std::vector<CheckpointRecord> checkpoints;  // finished and not dropped, ascending

  // Bytes appended from `seq` on, where that is the start of a checkpoint or of the journal.
  std::uint64_t BytesFrom(Sequence seq) const;
};

// Whether there is so much, or so old, history behind the newest checkpoint that another is to be made. `live_bytes` is
// what restating everything would take. Pure. Source: docs/journal.md, "Retention".
bool CheckpointIsDue(const Holdings& holdings, const RetentionPolicy& policy, std::uint64_t live_bytes);

// Where the journal is to begin: the oldest place that both limits allow, else the newest checkpoint, else where it
// begins now. Pure.
Sequence KeepFrom(const Holdings& holdings, const RetentionPolicy& policy);

}  // namespace outpost::journal
