#pragma once
#include "journal/item_fold.h"
#include "replicator/tables.h"

namespace outpost {

// The replication state that follows from item events: indexes, queue, open batches, cursors, consents.
class ReplicationRows final : public ItemRows {
 public:
  std::span<const Table> tables() const override;
  std::span<const Section> sections() const override;
  Result<void> Rows(const ItemState* before, const ItemState& after, const Event& event, StateWriter& state) override;
  Result<void> AccountRows(const Event& event, StateWriter& state) override;
};

// The key of kRemoteIndex: a letter for the sequence that the server counts the ids in, and the id. On disk for good.
std::string RemoteKey(ItemType type, std::string_view remote_id);
// The letter.
std::string RemotePrefix(ItemType type);

}  // namespace outpost
