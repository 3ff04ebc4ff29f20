#include <rocksdb/sst_file_writer.h>

#include <algorithm>

#include "base/system/crypto.h"
#include "bench/journal_rows.h"
#include "bench/journal_world.h"
#include "journal/layout.h"
#include "journal/record.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 5;
constexpr std::size_t kBatch = 50;
constexpr const char* kScan = "scan";
constexpr const char* kVerify = "verify, beside SHA-256 of the same bytes";
constexpr const char* kBytes = "beside patch, item and op, batches of 50";

// Events a second of one pass over all events.
Result<double> ScanRate(const JournalView& view, const Clock& clock) {
  std::uint64_t events = 0, bytes = 0;
  const auto start = clock.MonotonicNow();
  OUTPOST_TRYV(view.Scan(1, view.last(), [&](const Event& event) {
    ++events;
    bytes += event.body.size();
    return true;
  }));
  const double seconds = SecondsSince(clock, start);
  if (events != view.last() || bytes == 0)
    return Error{Code::kCorrupt, Retry::kNever, "the scan saw " + std::to_string(events) + " events"};
  return static_cast<double>(events) / seconds;
}

Result<double> VerifyRate(const JournalView& view, const Clock& clock) {
  const auto start = clock.MonotonicNow();
  OUTPOST_TRY(const VerifyReport report, VerifyEvents(view));
  const double seconds = SecondsSince(clock, start);
  if (!report.chain_ok) return Error{Code::kCorrupt, Retry::kNever, report.problem};
  return static_cast<double>(report.events) / seconds;
}

// Events a second of SHA-256 alone: header and body of each event in memory, in the pieces that the chain asks for.
double HashRate(const std::vector<std::pair<std::string, std::string>>& events, const Clock& clock) {
  Sha256 hasher;
  std::vector<Digest> leaves;
  Digest chain{};
  const auto start = clock.MonotonicNow();
  for (const auto& [header, body] : events) {
    leaves.push_back(journal::LeafOf(hasher, header, hasher.Add(body).Finish()));
    if (leaves.size() < kBatch) continue;
    chain = journal::ChainLink(hasher, chain, 1, leaves);
    leaves.clear();
  }
  return static_cast<double>(events.size()) / SecondsSince(clock, start);
}

Result<std::vector<std::pair<std::string, std::string>>> HashedParts(const JournalView& view) {
  std::vector<std::pair<std::string, std::string>> parts;
  OUTPOST_TRYV(view.Scan(1, view.last(), [&](const Event& event) {
    parts.emplace_back(EncodeHeader(event.header), event.body);
    return true;
  }));
  return parts;
}

// Bytes of one event beside patch (the body as it is stored) and item id, in a table file that holds all events
// uncompressed, with its share of the marks. The events carry no op id; one would add its 16 bytes and nothing else.
Result<double> OverheadBytes(const std::filesystem::path& folder, const std::filesystem::path& scratch) {
  OUTPOST_TRY(const auto rocks,
              journal::Rocks::Open(journal::DatabasePath(folder), journal::Rocks::Mode::kReadOnly, nullptr));
  rocksdb::Options plain;
  plain.compression = rocksdb::kNoCompression;
  rocksdb::SstFileWriter table(rocksdb::EnvOptions(), plain);
  if (const auto status = table.Open(scratch.string()); !status.ok()) return journal::ToError(status, "table file");
  std::uint64_t patches = 0, marks = 0;
  const std::unique_ptr<rocksdb::Iterator> it(rocks->db().NewIterator(rocksdb::ReadOptions(), rocks->events()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (const auto status = table.Put(it->key(), it->value()); !status.ok())
      return journal::ToError(status, "table file");
    OUTPOST_TRY(const Event event,
                journal::EventOf(ReadBe64(journal::FromSlice(it->key())), journal::FromSlice(it->value())));
    patches += event.body.size();
  }
  const std::unique_ptr<rocksdb::Iterator> meta(rocks->db().NewIterator(rocksdb::ReadOptions(), rocks->meta()));
  for (meta->Seek(journal::ToSlice(journal::kMetaMark));
       meta->Valid() && meta->key().starts_with(journal::ToSlice(journal::kMetaMark)); meta->Next())
    marks += meta->key().size() + meta->value().size();
  rocksdb::ExternalSstFileInfo info;
  if (const auto status = table.Finish(&info); !status.ok()) return journal::ToError(status, "table file");
  const auto events = static_cast<double>(info.num_entries);
  return (static_cast<double>(info.file_size + marks) - static_cast<double>(patches)) / events - sizeof(ItemId);
}

}  // namespace

Result<void> ReadRows(const Options& options, const JournalOptions& given, std::vector<Row>& rows) {
  if (!options.wants(kScan) && !options.wants(kVerify) && !options.wants(kBytes)) return Ok();
  World world;
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  JournalOptions journal_options = given;
  journal_options.folder = folder.path() / "journal";
  std::vector<double> scans;
  std::vector<std::pair<double, double>> verifies;  // ratio, SHA-256's rate
  {
    OUTPOST_TRY(const auto journal, world.Open(journal_options));
    const auto items = MakeItems(world.clock, options.smoke ? 1'000 : 100'000);
    OUTPOST_TRYV(AppendAll(*journal, world.clock, items, Kind::kRemoteChanged, "Read", kBatch, Durability::kUnsynced));
  }
  {
    OUTPOST_TRY(const auto journal, world.Open(journal_options));
    const auto view = journal->View();
    OUTPOST_TRY(const auto parts, HashedParts(*view));
    for (int run = 0; run < kRuns; ++run) {
      OUTPOST_TRY(const double scan, ScanRate(*view, world.clock));
      scans.push_back(scan);
      const double hash = HashRate(parts, world.clock);
      OUTPOST_TRY(const double verify, VerifyRate(*view, world.clock));
      verifies.emplace_back(verify / hash, hash);
    }
  }
  std::sort(verifies.begin(), verifies.end());
  const auto [ratio, hash] = verifies[verifies.size() / 2];
  rows.push_back({"journal", kScan, Median(scans), "events/s", std::nullopt, 1'000'000});
  rows.push_back({"journal", kVerify, ratio * hash, "events/s", hash, 0.7});
  if (given.key.kind != KeySource::Kind::kNone) return Ok();  // what lies on disk is the same, and cannot be read here
  OUTPOST_TRY(const double bytes, OverheadBytes(journal_options.folder, folder.path() / "table"));
  rows.push_back({"journal", kBytes, bytes, "bytes/event", std::nullopt, 64, true});
  return Ok();
}

}  // namespace outpost::bench
