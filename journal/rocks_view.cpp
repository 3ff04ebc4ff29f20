#include "journal/rocks_view.h"

#include "journal/overlay.h"

namespace outpost::journal {

RocksView::RocksView(std::shared_ptr<Rocks> rocks, const rocksdb::Snapshot* snapshot, const Generations& generations,
                     Sequence last, std::optional<Witness> witness, Gaps gaps)
    : rocks_(std::move(rocks)),
      snapshot_(snapshot),
      generations_(generations),
      last_(last),
      witness_(witness),
      gaps_(std::move(gaps)) {}

RocksView::~RocksView() {
  if (snapshot_ != nullptr) rocks_->db().ReleaseSnapshot(snapshot_);
}

Result<std::optional<std::uint32_t>> RocksView::FoldVersion(std::string_view name) const {
  OUTPOST_TRY(const FoldRecords records, ReadFoldRecords(*rocks_, snapshot_));
  const auto found = records.find(std::string(name));
  return found != records.end() ? std::optional(found->second.version) : std::nullopt;
}

rocksdb::ReadOptions RocksView::Options(bool fill_cache) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  options.fill_cache = fill_cache;
  return options;
}

Result<std::optional<std::string>> RocksView::Get(Table table, std::string_view key) const {
  if (const auto of_table = expected_.find(table); of_table != expected_.end())
    if (const auto row = of_table->second.find(std::string(key)); row != of_table->second.end()) return row->second;
  return rocks_->Get(Options(true), rocks_->state(), StateKey(table, generations_, key));
}

// Rows of one block cost one look for the block.
void RocksView::Expect(Table table, std::span<const std::string_view> keys, DecodeRow decode) const {
  if (decode != nullptr) return;
  Expected& expected = expected_[table];
  expected.clear();
  std::vector<std::string> full_keys;
  std::vector<rocksdb::Slice> slices;
  full_keys.reserve(keys.size());
  slices.reserve(keys.size());
  for (const std::string_view key : keys)
    slices.push_back(ToSlice(full_keys.emplace_back(StateKey(table, generations_, key))));
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  rocks_->db().MultiGet(Options(true), rocks_->state(), keys.size(), slices.data(), values.data(), statuses.data());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound())
      expected.try_emplace(std::string(keys[i]));
    else if (statuses[i].ok())
      expected.try_emplace(std::string(keys[i]), FromSlice(values[i]));
  }
}

Result<void> RocksView::Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const {
  return ScanRows(*rocks_, snapshot_, generations_, table, prefix, from, row);
}

Result<Event> RocksView::Read(Sequence seq) const {
  if (seq == 0 || seq > last_) return Error{Code::kNotFound, Retry::kNever, "there is no event " + std::to_string(seq)};
  rocksdb::PinnableSlice value;
  const std::string key = EventKey(seq);
  const auto status = rocks_->db().Get(Options(true), rocks_->events(), ToSlice(key), &value);
  if (status.IsNotFound()) {
    if (gaps_.Find(seq) != nullptr)
      return Error{Code::kNotFound, Retry::kNever,
                   "event " + std::to_string(seq) + (gaps_.damaged() ? " was dropped or lost" : " was dropped")};
    return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(seq) + " is missing"};
  }
  if (!status.ok()) return ToError(status, "event " + std::to_string(seq));
  return EventOf(seq, FromSlice(value));
}

Result<void> RocksView::Scan(Sequence from, Sequence to, const EventFn& visit) const {
  from = std::max<Sequence>(from, 1);
  to = std::min(to, last_);
  if (from > to) return Ok();
  auto options = Options(false);
  const std::string bound = EventKey(to + 1);
  const rocksdb::Slice upper = ToSlice(bound);
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(rocks_->db().NewIterator(options, rocks_->events()));
  const auto missing = [](Sequence seq) {
    return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(seq) + " is missing"};
  };
  Sequence next = from;
  Event event;
  for (it->Seek(EventKey(from)); it->Valid(); it->Next(), ++next) {
    const auto seq = SequenceOf(FromSlice(it->key()));
    if (!seq || *seq < next || !gaps_.Explain(next, *seq)) return missing(next);
    next = *seq;
    OUTPOST_TRYV(ReadEvent(next, FromSlice(it->value()), event));
    if (!visit(event)) return Ok();
  }
  if (!it->status().ok()) return ToError(it->status(), "event " + std::to_string(next));
  if (!gaps_.Explain(next, to + 1)) return missing(next);
  return Ok();
}

Result<Digest> RocksView::Start() const {
  OUTPOST_TRY(const auto id, rocks_->Get(Options(true), rocks_->meta(), kMetaId));
  if (!id) return Error{Code::kCorrupt, Retry::kNever, "the journal has lost its id"};
  return ChainStart(*id);
}

std::unique_ptr<rocksdb::Iterator> RocksView::Walk(rocksdb::ColumnFamilyHandle* family) const {
  auto options = LongRead();
  options.snapshot = snapshot_;
  return std::unique_ptr<rocksdb::Iterator>(rocks_->db().NewIterator(options, family));
}

std::unique_ptr<rocksdb::Iterator> RocksView::Records() const { return Walk(rocks_->events()); }
std::unique_ptr<rocksdb::Iterator> RocksView::State() const { return Walk(rocks_->state()); }
std::unique_ptr<rocksdb::Iterator> RocksView::Meta() const { return Walk(rocks_->meta()); }

TableBytes RocksView::Tables() const {
  std::vector<rocksdb::LiveFileMetaData> files;
  rocks_->db().GetLiveFilesMetaData(&files);
  TableBytes bytes;
  for (const auto& file : files) {
    auto& sum = file.column_family_name == "events"  ? bytes.events
                : file.column_family_name == "state" ? bytes.state
                : file.column_family_name == "meta"  ? bytes.meta
                                                     : bytes.other;
    sum += file.size;
  }
  return bytes;
}

}  // namespace outpost::journal
