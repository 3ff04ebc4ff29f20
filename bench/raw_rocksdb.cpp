#include "bench/raw_rocksdb.h"

#include <rocksdb/db.h>

#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "base/system/system_clock.h"
#include "journal/layout.h"
#include "journal/rocks.h"
#include "schemas/item_state.h"

namespace outpost::bench {
namespace {

constexpr std::size_t kEvents = 0;
constexpr std::size_t kState = 1;
constexpr std::size_t kMeta = 2;
constexpr std::size_t kEventKeyBytes = 8;
constexpr std::size_t kEarlierBatch = 1'000;
constexpr std::size_t kItemKeyBytes = 18;  // table, generation, item id
constexpr char kItemsTableByte = 0x10;
constexpr std::string_view kMarkPrefix = "append/";

using Rows = std::map<std::uint64_t, RawRow>;  // by sequence

void Collect(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family,
             const std::function<void(std::string, std::string)>& row) {
  const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}, family));
  for (at->SeekToFirst(); at->Valid(); at->Next()) row(at->key().ToString(), at->value().ToString());
}

// The rows of the items go with the events in the order of both, which is that in which they were made and changed.
std::vector<std::vector<RawRow>> Earlier(Rows events, const Rows& items) {
  std::vector<std::vector<RawRow>> batches;
  auto item = items.begin();
  std::size_t at = 0;
  for (auto& [seq, event] : events) {
    if (at++ % kEarlierBatch == 0) batches.emplace_back();
    batches.back().push_back(std::move(event));
    if (item != items.end()) batches.back().push_back((item++)->second);
  }
  return batches;
}

rocksdb::Status Put(const journal::Rocks& rocks, const std::vector<RawRow>& rows, bool synced) {
  rocksdb::WriteOptions options;
  options.sync = synced;
  rocksdb::WriteBatch write;
  const auto families = rocks.families();
  for (const RawRow& row : rows) write.Put(families[row.family], row.key, row.value);
  return rocks.db().Write(options, &write);
}

}  // namespace

Result<RawRows> ReadBackRows(const std::filesystem::path& folder, std::uint64_t from, std::size_t batch, bool folded) {
  OUTPOST_TRY(const auto rocks,
              journal::Rocks::Open(journal::DatabasePath(folder), journal::Rocks::Mode::kReadOnly, nullptr));
  Rows earlier, events, items, marks;
  Collect(rocks->db(), rocks->events(), [&](std::string key, std::string value) {
    if (key.size() != kEventKeyBytes) return;
    const auto seq = ReadBe64(key);
    (seq < from ? earlier : events)[seq] = {kEvents, std::move(key), std::move(value)};
  });
  Collect(rocks->db(), rocks->state(), [&](std::string key, std::string value) {
    if (key.size() != kItemKeyBytes || key[0] != kItemsTableByte) return;
    const auto item = DecodeItem(*ItemId::FromView(std::string_view(key).substr(2)), value);
    if (item && item.value().head_seq >= from)
      items[item.value().head_seq] = {kState, std::move(key), std::move(value)};
  });
  Collect(rocks->db(), rocks->meta(), [&](std::string key, std::string value) {
    if (key.rfind(kMarkPrefix, 0) != 0) return;
    const auto last = ReadBe64(key, kMarkPrefix.size());
    marks[last] = {kMeta, std::move(key), std::move(value)};
  });
  RawRows rows;
  rows.earlier = Earlier(std::move(earlier), items);
  for (std::uint64_t first = from; events.contains(first); first += batch) {
    std::vector<RawRow> one;
    const std::uint64_t last = first + batch - 1;
    for (std::uint64_t seq = first; seq <= last; ++seq) {
      const auto event = events.find(seq);
      const auto item = items.find(seq);
      if (event == events.end() || (folded && item == items.end()))
        return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(seq) + " has no row of its own"};
      one.push_back(event->second);
      if (folded) one.push_back(item->second);
    }
    if (const auto mark = marks.find(last); mark != marks.end()) one.push_back(mark->second);
    std::string applied;
    AppendBe64(applied, last);
    AppendBe64(applied, last);  // of the same width: the bytes appended so far
    one.push_back({kMeta, "applied", applied});
    rows.batches.push_back(std::move(one));
  }
  return rows;
}

Result<double> PutRaw(const std::filesystem::path& folder, const RawRows& rows, bool synced, std::size_t threads) {
  OUTPOST_TRY(const auto rocks, journal::Rocks::Open(folder, journal::Rocks::Mode::kWrite, nullptr));
  for (const auto& batch : rows.earlier)
    if (const auto status = Put(*rocks, batch, false); !status.ok()) return journal::ToError(status, "raw write");
  if (const auto status = Put(*rocks, {}, true); !status.ok()) return journal::ToError(status, "raw sync");
  std::vector<rocksdb::Status> ends(threads);
  const auto put = [&](std::size_t thread) {
    for (std::size_t i = thread; i < rows.batches.size() && ends[thread].ok(); i += threads)
      ends[thread] = Put(*rocks, rows.batches[i], synced);
  };
  const SystemClock clock;
  const auto start = clock.MonotonicNow();
  std::vector<std::thread> others;
  for (std::size_t thread = 1; thread < threads; ++thread) others.emplace_back(put, thread);
  put(0);
  for (std::thread& other : others) other.join();
  const double seconds = static_cast<double>((clock.MonotonicNow() - start).count()) / 1e6;
  for (const auto& status : ends)
    if (!status.ok()) return journal::ToError(status, "raw write");
  return seconds;
}

}  // namespace outpost::bench
