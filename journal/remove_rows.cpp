#include "journal/remove_rows.h"

#include <rocksdb/write_batch.h>

#include <functional>

namespace outpost::journal {
namespace {

constexpr int kRowsAtOnce = 10'000;

// Until `visit` says false; whether it never did.
Result<bool> EachKey(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                     std::string_view to, const std::function<Result<bool>(const rocksdb::Slice&)>& visit) {
  rocksdb::ReadOptions options = LongRead();
  const rocksdb::Slice bound = ToSlice(to);
  if (!to.empty()) options.iterate_upper_bound = &bound;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, family));
  for (it->Seek(ToSlice(from)); it->Valid(); it->Next()) {
    OUTPOST_TRY(const bool more, visit(it->key()));
    if (!more) return false;
  }
  if (!it->status().ok()) return ToError(it->status(), "cannot look for rows to remove");
  return true;
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
    return true;
  }));
  return keys;
}

Result<bool> RemoveRows(const Rocks& rocks, rocksdb::ColumnFamilyHandle* family, std::string_view from,
                        std::string_view to, const CancelFn& cancelled) {
  rocksdb::WriteBatch batch;
  OUTPOST_TRY(const bool all, EachKey(rocks, family, from, to, [&](const rocksdb::Slice& key) -> Result<bool> {
                batch.Delete(family, key);
                if (batch.Count() < kRowsAtOnce) return true;
                OUTPOST_TRYV(Write(rocks, batch));
                return !cancelled || !cancelled();
              }));
  if (batch.Count() > 0) OUTPOST_TRYV(Write(rocks, batch));
  return all;
}

}  // namespace outpost::journal
