#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "journal/fold_host.h"
#include "journal/reader.h"
#include "journal/record.h"
#include "journal/rocks.h"
#include "journal/witness.h"

namespace outpost::journal {

// The one implementation of JournalView. Beyond it: the bytes that a check of the chain needs.
// Threads: one at a time.
class RocksView final : public JournalView {
 public:
  // With `snapshot` (taken from `rocks`, released here) it stays as it is while the writer goes on; null for a database
  // that stands still while the view lives. `witness` is what TAIL said before the view was taken.
  RocksView(std::shared_ptr<Rocks> rocks, const rocksdb::Snapshot* snapshot, const Generations& generations,
            Sequence last, std::optional<Witness> witness);
  ~RocksView() override;
  RocksView(const RocksView&) = delete;
  RocksView& operator=(const RocksView&) = delete;

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override;
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override;
  Sequence first() const override;
  Sequence last() const override { return last_; }
  Result<Event> Read(Sequence seq) const override;
  Result<void> Scan(Sequence from, Sequence to, const EventFn& visit) const override;

  const std::optional<Witness>& witness() const { return witness_; }
  // The chain before the first event. Errors: kCorrupt, kUnavailable.
  Result<Digest> Start() const;
  // An iterator over the records, over `meta`, or over all rows of state of all generations, at this moment.
  std::unique_ptr<rocksdb::Iterator> Records() const;
  std::unique_ptr<rocksdb::Iterator> Meta() const;
  std::unique_ptr<rocksdb::Iterator> State() const;
  const Rocks& rocks() const { return *rocks_; }

 private:
  rocksdb::ReadOptions Options(bool fill_cache) const;

  const std::shared_ptr<Rocks> rocks_;
  const rocksdb::Snapshot* const snapshot_;
  const Generations generations_;
  const Sequence last_;
  const std::optional<Witness> witness_;
  mutable std::optional<Sequence> first_;
};

}  // namespace outpost::journal
