#pragma once
#include "journal/item_fold.h"

namespace outpost {

// Makes the rows of projection/tables.h. Writes a row only when it changed: an edit that keeps folder, label and
// visibility of its item touches only sums, which cost one row per append however many events it has. Threads: that of
// the fold.
class ProjectionRows final : public ItemRows {
 public:
  std::span<const Table> tables() const override;
  std::span<const Section> sections() const override;
  Result<void> Rows(const ItemState* before, const ItemState& after, const Event& event, StateWriter& state) override;
  Result<void> AccountRows(const Event& event, StateWriter& state) override;
};

}  // namespace outpost
