#include "journal/remove_rows.h"

#include <rocksdb/write_batch.h>

#include <functional>

namespace outpost::journal {
namespace {

constexpr int kRowsAtOnce = 10'000;

Result<void> EachKey(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                     std::string_view to, const std::function<Result<void>(const rocksdb::Slice&)>& visit) {
  rocksdb::ReadOptions options = LongRead();
  const rocksdb::Slice bound = ToSlice(to);
  if (!to.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, family));
  for (it->Seek(ToSlice(from)); it->Valid(); it->Next()) OUTPOST_TRYV(visit(it->key()));
  if (!it->status().ok()) return ToError(it->status(), "cannot look for rows to remove");
  return Ok();
}

Result<void> Write(const Rocks& rocks, rocksdb::WriteBatch& batch) {
  const auto status = rocks.db().Write(rocksdb::WriteOptions(), &batch);
  batch.Clear();
  if (!status.ok()) return ToError(status, "cannot remove rows");
  return Ok();
}

}  // namespace

Result<std::vector<std::string>> KeysIn(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                                        std::string_view to) {
  std::vector<std::string> keys;
  OUTPOST_TRYV(EachKey(rocks, family, from, to, [&](const rocksdb::Slice& key) {
    keys.push_back(key.ToString());
    return Ok();
  }));
  return keys;
}

Result<void> RemoveRows(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                        std::string_view to) {
  rocksdb::WriteBatch batch;
  OUTPOST_TRYV(EachKey(rocks, family, from, to, [&](const rocksdb::Slice& key) -> Result<void> {
    batch.Delete(family, key);
    return batch.Count() < kRowsAtOnce ? Ok() : Write(rocks, batch);
  }));
  return batch.Count() == 0 ? Ok() : Write(rocks, batch);
}

}  // namespace outpost::journal
