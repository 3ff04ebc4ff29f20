#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "journal/fold_host.h"
#include "journal/gaps.h"
#include "journal/reader.h"
#include "journal/record.h"
#include "journal/rocks.h"
#include "journal/witness.h"

namespace outpost::journal {

// Bytes of a database's tables on disk, by family.
struct TableBytes {
  std::uint64_t events = 0;
  std::uint64_t state = 0;
  std::uint64_t meta = 0;
  std::uint64_t other = 0;
};

// The one implementation of JournalView. Beyond it: the bytes that a check of the chain needs.
// Threads: one at a time.
class RocksView final : public JournalView {
 public:
  // With `snapshot` (taken from `rocks`, released here) it stays as it is while the writer goes on; null for a database
  // that stands still while the view lives. `witness` is what TAIL said before the view was taken.
  RocksView(std::shared_ptr<Rocks> rocks, const rocksdb::Snapshot* snapshot, const Generations& generations,
            Sequence last, std::optional<Witness> witness, Gaps gaps);
  ~RocksView() override;
  RocksView(const RocksView&) = delete;
  RocksView& operator=(const RocksView&) = delete;

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override;
  // Keeps what it reads until the next call about the table, or as long as the view lives.
  void Expect(Table table, std::span<const std::string_view> keys, DecodeRow decode) const override;
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override;
  Sequence first() const override { return last_ == 0 ? 0 : gaps_.whole_from(); }
  Result<std::optional<std::uint32_t>> FoldVersion(std::string_view name) const override;
  std::vector<GapSpan> gaps() const override { return gaps_.spans(); }
  Sequence last() const override { return last_; }
  Result<Event> Read(Sequence seq) const override;
  Result<void> Scan(Sequence from, Sequence to, const EventFn& visit) const override;

  const std::optional<Witness>& witness() const { return witness_; }
  const Gaps& gap_list() const { return gaps_; }
  // The chain before the first event. Errors: kCorrupt, kUnavailable.
  Result<Digest> Start() const;
  // An iterator over the records, over `meta`, or over all rows of state of all generations, at this moment.
  std::unique_ptr<rocksdb::Iterator> Records() const;
  std::unique_ptr<rocksdb::Iterator> Meta() const;
  // The sizes of the tables there are now.
  TableBytes Tables() const;
  const std::shared_ptr<Rocks>& rocks() const { return rocks_; }
  // Null for a database that stands still.
  const rocksdb::Snapshot* snapshot() const { return snapshot_; }
  std::unique_ptr<rocksdb::Iterator> State() const;

 private:
  rocksdb::ReadOptions Options(bool fill_cache) const;
  std::unique_ptr<rocksdb::Iterator> Walk(rocksdb::ColumnFamilyHandle* family) const;

  const std::shared_ptr<Rocks> rocks_;
  const rocksdb::Snapshot* const snapshot_;
  const Generations generations_;
  const Sequence last_;
  const std::optional<Witness> witness_;
  const Gaps gaps_;
  // Rows read together, by their key in the table; nullopt: there is none.
  using Expected = std::unordered_map<std::string, std::optional<std::string>>;
  mutable std::map<Table, Expected> expected_;
};

}  // namespace outpost::journal
