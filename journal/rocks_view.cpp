#include "journal/rocks_view.h"

#include "journal/overlay.h"

namespace outpost::journal {

RocksView::RocksView(std::shared_ptr<Rocks> rocks, const rocksdb::Snapshot* snapshot, const Generations& generations,
                     Sequence last, std::optional<Witness> witness)
    : rocks_(std::move(rocks)), snapshot_(snapshot), generations_(generations), last_(last), witness_(witness) {}

RocksView::~RocksView() {
  if (snapshot_ != nullptr) rocks_->db().ReleaseSnapshot(snapshot_);
}

rocksdb::ReadOptions RocksView::Options(bool fill_cache) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  options.fill_cache = fill_cache;
  return options;
}

Result<std::optional<std::string>> RocksView::Get(Table table, std::string_view key) const {
  return rocks_->Get(Options(true), rocks_->state(), StateKey(table, generations_, key));
}

Result<void> RocksView::Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const {
  return ScanRows(*rocks_, snapshot_, generations_, table, prefix, from, row);
}

Sequence RocksView::first() const {
  if (last_ == 0) return 0;
  if (!first_) {
    const auto stored = rocks_->Get(Options(true), rocks_->meta(), kMetaFirst);
    const bool dropped = stored && stored.value() && stored.value()->size() == 8;
    first_ = dropped ? ReadBe64(*stored.value()) : 1;
  }
  return *first_;
}

Result<Event> RocksView::Read(Sequence seq) const {
  if (seq == 0 || seq > last_) return Error{Code::kNotFound, Retry::kNever, "there is no event " + std::to_string(seq)};
  rocksdb::PinnableSlice value;
  const std::string key = EventKey(seq);
  const auto status = rocks_->db().Get(Options(true), rocks_->events(), ToSlice(key), &value);
  if (status.IsNotFound()) {
    if (seq < first()) return Error{Code::kNotFound, Retry::kNever, "event " + std::to_string(seq) + " was dropped"};
    return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(seq) + " is missing"};
  }
  if (!status.ok()) return ToError(status, "event " + std::to_string(seq));
  return EventOf(seq, FromSlice(value));
}

Result<void> RocksView::Scan(Sequence from, Sequence to, const EventFn& visit) const {
  from = std::max(from, std::max<Sequence>(first(), 1));
  to = std::min(to, last_);
  if (from > to) return Ok();
  auto options = Options(false);
  const std::string bound = EventKey(to + 1);
  const rocksdb::Slice upper = ToSlice(bound);
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(rocks_->db().NewIterator(options, rocks_->events()));
  Sequence next = from;
  for (it->Seek(EventKey(from)); it->Valid(); it->Next(), ++next) {
    if (SequenceOf(FromSlice(it->key())) != next)
      return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(next) + " is missing"};
    OUTPOST_TRY(const Event event, EventOf(next, FromSlice(it->value())));
    if (!visit(event)) return Ok();
  }
  if (!it->status().ok()) return ToError(it->status(), "event " + std::to_string(next));
  if (next <= to) return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(next) + " is missing"};
  return Ok();
}

Result<Digest> RocksView::Start() const {
  OUTPOST_TRY(const auto id, rocks_->Get(Options(true), rocks_->meta(), kMetaId));
  if (!id) return Error{Code::kCorrupt, Retry::kNever, "the journal has lost its id"};
  return ChainStart(*id);
}

std::unique_ptr<rocksdb::Iterator> RocksView::Records() const {
  return std::unique_ptr<rocksdb::Iterator>(rocks_->db().NewIterator(Options(false), rocks_->events()));
}

std::unique_ptr<rocksdb::Iterator> RocksView::State() const {
  return std::unique_ptr<rocksdb::Iterator>(rocks_->db().NewIterator(Options(false), rocks_->state()));
}

std::unique_ptr<rocksdb::Iterator> RocksView::Meta() const {
  return std::unique_ptr<rocksdb::Iterator>(rocks_->db().NewIterator(Options(false), rocks_->meta()));
}

}  // namespace outpost::journal
