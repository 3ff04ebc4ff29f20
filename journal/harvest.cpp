#include "journal/harvest.h"

#include "journal/item_fold.h"

namespace outpost::journal {
namespace {

constexpr std::size_t kBatchBytes = 1u << 20;

std::string RowKey(Table table, std::uint8_t generation, std::string_view key) {
  return std::string{static_cast<char>(table), static_cast<char>(generation)}.append(key);
}

}  // namespace

Sequence HeadOfRow(std::string_view key, std::string_view row) {
  const auto id = ItemId::FromView(key);
  const auto item = id ? DecodeItem(*id, row) : Result<ItemState>(Error{});
  return item ? item.value().head_seq : 0;
}

bool Harvest::Put(rocksdb::ColumnFamilyHandle* family, std::string_view key, std::string_view value) {
  batch_.Put(family, ToSlice(key), ToSlice(value));
  return batch_.GetDataSize() < kBatchBytes || Flush();
}

bool Harvest::PutNew(rocksdb::ColumnFamilyHandle* family, std::string_view key, std::string_view value) {
  const auto known = into_.Get(rocksdb::ReadOptions(), family, key);
  if (!known) status_ = known.error();
  if (!known) return false;
  return known.value() ? true : Put(family, key, value);
}

bool Harvest::Flush() {
  if (!status_) return false;
  const auto written = into_.db().Write(rocksdb::WriteOptions(), &batch_);
  batch_.Clear();
  if (!written.ok()) status_ = ToError(written, "cannot write the new journal");
  return written.ok();
}

bool Harvest::Record(std::string_view key, std::string_view value) {
  const auto seq = SequenceOf(key);
  if (!seq || *seq == 0) return true;
  const auto event = EventOf(*seq, value);
  if (!event) return true;
  const auto& header = event.value().header;
  const bool plain = static_cast<Form>(value[0]) == Form::kStored && header.encoding == 0 && header.key_id == 0;
  if (plain && !CheckBody(header.kind, event.value().body)) return true;
  Tell(*seq);
  return PutNew(into_.events(), key, value);
}

bool Harvest::AppendMark(std::string_view key, std::string_view value) {
  const auto mark = ParseMark(key, value);
  if (!mark || mark->first == 0 || mark->last < mark->first) return true;
  Tell(mark->last);
  return PutNew(into_.meta(), key, value);
}

bool Harvest::StateRow(Table table, std::string_view key, std::string_view value) {
  if (table != kItemsTable) return PutNew(into_.state(), RowKey(table, kOtherRowsGeneration, key), value);
  const Sequence head = HeadOfRow(key, value);
  if (head == 0) return true;
  Tell(head);
  const std::string full = RowKey(table, kItemRowsGeneration, key);
  const auto known = into_.Get(rocksdb::ReadOptions(), into_.state(), full);
  if (!known) status_ = known.error();
  if (!known) return false;
  if (known.value() && HeadOfRow(key, *known.value()) >= head) return true;
  return Put(into_.state(), full, value);
}

std::optional<std::string> Harvest::meta(std::string_view key) const {
  const auto found = meta_.find(key);
  return found == meta_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace outpost::journal
