#include "journal/salvage_ways.h"

#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <vector>

#include "base/system/file_steps.h"
#include "base/system/files.h"
#include "journal/fold_host.h"
#include "journal/layout.h"
#include "journal/scan_around.h"
#include "journal/table_guard.h"

namespace outpost::journal {
namespace {

namespace fs = std::filesystem;

enum class Taken { kAll, kLogs, kTables };

// A table is never written again, by RocksDB's repair neither: it moves those it does not like.
Result<void> TakeFiles(const fs::path& from, const fs::path& to, Taken taken) {
  OUTPOST_TRYV(MakeFolder(to));
  std::error_code error;
  for (fs::directory_iterator at(from, error), end; !error && at != end; at.increment(error)) {
    const fs::path name = at->path().filename();
    const bool table = name.extension() == ".sst", log = name.extension() == ".log";
    std::error_code ignored;
    if (!at->is_regular_file(ignored) || name == "LOCK") continue;
    if ((taken == Taken::kLogs && !log) || (taken == Taken::kTables && !table)) continue;
    auto got = table ? LinkOrCopy(at->path(), to / name) : CopyFile(at->path(), to / name);
    if (!got) return got;
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return Error{Code::kUnavailable, Retry::kNever, "cannot list " + from.string() + ": " + error.message()};
  return Ok();
}

// Reads one database, or one table, into the harvest.
class Reader {
 public:
  explicit Reader(Harvest& harvest) : harvest_(harvest) {}

  void Events(const MakeIterator& make) {
    ScanAround(make, "", loss_,
               [&](std::string_view key, std::string_view value) { return harvest_.Record(key, value); });
  }

  void Meta(const MakeIterator& make) {
    ScanAround(make, std::string(kMetaMark), loss_,
               [&](std::string_view key, std::string_view value) { return harvest_.AppendMark(key, value); });
    for (const std::string_view name : {kMetaId, kMetaGaps, kMetaApplied, kMetaFormat}) {
      const auto it = make();
      it->Seek(ToSlice(name));
      if (!it->Valid() || FromSlice(it->key()) != name) continue;
      if (name == kMetaApplied && it->value().size() >= 8) harvest_.Tell(ReadBe64(FromSlice(it->value())));
      harvest_.Meta(std::string(name), it->value().ToString());
    }
    const auto it = make();
    for (it->Seek(ToSlice(kMetaFold)); it->Valid() && it->key().starts_with(ToSlice(kMetaFold)); it->Next()) {
      const std::string_view value = FromSlice(it->value());
      if (value.size() < 5) continue;
      folds_[it->key().ToString()] = {ReadBe32(value), static_cast<std::uint8_t>(value[4]),
                                      std::string(value.substr(5))};
    }
  }

  // The generations that count, where the folds' records tell them; else all rows: of an item the newest one counts.
  void State(const MakeIterator& make) {
    std::vector<std::string> prefixes;
    for (const auto& [name, record] : folds_)
      for (const char table : record.tables) prefixes.push_back({table, static_cast<char>(record.generation)});
    if (prefixes.empty()) prefixes.push_back("");
    for (const std::string& prefix : prefixes)
      ScanAround(make, prefix, loss_, [&](std::string_view key, std::string_view value) {
        return key.size() < 2 || harvest_.StateRow(Table(key[0]), key.substr(2), value);
      });
  }

  void Blobs(const MakeIterator& make) {
    ScanAround(make, "", loss_,
               [&](std::string_view key, std::string_view value) { return harvest_.Blob(key, value); });
  }

  const ScanLoss& loss() const { return loss_; }

 private:
  Harvest& harvest_;
  FoldRecords folds_;
  ScanLoss loss_;
};

std::string Told(const std::string& way, const ScanLoss& loss) {
  if (loss.places == 0) return way + ": read";
  return way + ": read around " + std::to_string(loss.places) + " places; the first: " + loss.first;
}

// Reads an opened database. A checksum that does not fit must never be served from a cache as if it did.
Result<WayReport> ReadDatabase(const std::string& way, const Result<std::shared_ptr<Rocks>>& opened, Harvest& harvest) {
  if (!opened) return WayReport{way + ": " + opened.error().context, false};
  const Rocks& rocks = *opened.value();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const auto over = [&](rocksdb::ColumnFamilyHandle* family) -> MakeIterator {
    return [&rocks, &options, family] {
      return std::unique_ptr<rocksdb::Iterator>(rocks.db().NewIterator(options, family));
    };
  };
  Reader reader(harvest);
  reader.Events(over(rocks.events()));
  reader.Meta(over(rocks.meta()));
  if (rocks.blobs() != nullptr) reader.Blobs(over(rocks.blobs()));
  const std::uint64_t places = reader.loss().places;
  reader.State(over(rocks.state()));
  harvest.Flush();
  OUTPOST_TRYV(harvest.status());
  return WayReport{Told(way, reader.loss()), reader.loss().places == places};
}

// One table by itself: its properties say which family it was of.
Result<void> ReadTable(const fs::path& file, rocksdb::Env* env, Harvest& harvest,
                       std::vector<std::string>& unreadable) {
  if (EndsProcess(env, file)) {
    unreadable.push_back(file.filename().string() + ": its properties are damaged");
    return Ok();
  }
  rocksdb::Options options;
  if (env != nullptr) options.env = env;
  rocksdb::SstFileReader table(options);
  const auto status = table.Open(file.string());
  if (!status.ok()) {
    unreadable.push_back(file.filename().string() + ": " + status.ToString());
    return Ok();
  }
  const std::string family = table.GetTableProperties()->column_family_name;
  const MakeIterator make = [&table] {
    return std::unique_ptr<rocksdb::Iterator>(table.NewIterator(rocksdb::ReadOptions()));
  };
  Reader reader(harvest);
  if (family == "events") reader.Events(make);
  if (family == "meta") reader.Meta(make);
  if (family == "state") reader.State(make);
  if (family == "blobs") reader.Blobs(make);
  if (reader.loss().places > 0) unreadable.push_back(file.filename().string() + ": " + reader.loss().first);
  harvest.Flush();
  return harvest.status();
}

// The log replayed into an empty database of the same families, which have the same numbers in every journal. Its files
// get numbers above those of the empty one, in their order.
Result<WayReport> ReadLogs(const fs::path& logs, const fs::path& empty, rocksdb::Env* env, Harvest& harvest) {
  { OUTPOST_TRY(const auto made, Rocks::Open(empty, Rocks::Mode::kWrite, env)); }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(logs)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size(); ++i)
    OUTPOST_TRYV(MoveDurably(files[i], empty / (std::to_string(100'000 + i) + ".log")));
  return ReadDatabase("the log by itself", Rocks::Open(empty, Rocks::Mode::kSalvage, env), harvest);
}

}  // namespace

Result<WayReport> OpenAsItIs(const fs::path& damaged, const fs::path& scratch, rocksdb::Env* env, Harvest& harvest) {
  OUTPOST_TRYV(TakeFiles(DatabasePath(damaged), scratch, Taken::kAll));
  return ReadDatabase("as it is", Rocks::Open(scratch, Rocks::Mode::kReadOnly, env), harvest);
}

Result<WayReport> OpenPastLogDamage(const fs::path& damaged, const fs::path& scratch, rocksdb::Env* env,
                                    Harvest& harvest) {
  OUTPOST_TRYV(TakeFiles(DatabasePath(damaged), scratch, Taken::kAll));
  return ReadDatabase("past damage of the log", Rocks::Open(scratch, Rocks::Mode::kSalvage, env), harvest);
}

Result<WayReport> OpenRepaired(const fs::path& damaged, const fs::path& scratch, rocksdb::Env* env, Harvest& harvest) {
  OUTPOST_TRYV(TakeFiles(DatabasePath(damaged), scratch, Taken::kAll));
  if (auto repaired = Rocks::Repair(scratch, env); !repaired)
    return WayReport{"repaired: " + repaired.error().context, false};
  return ReadDatabase("repaired", Rocks::Open(scratch, Rocks::Mode::kSalvage, env), harvest);
}

Result<WayReport> ReadFileByFile(const fs::path& damaged, const fs::path& scratch, rocksdb::Env* env,
                                 Harvest& harvest) {
  OUTPOST_TRYV(TakeFiles(DatabasePath(damaged), scratch / "tables", Taken::kTables));
  OUTPOST_TRYV(TakeFiles(DatabasePath(damaged), scratch / "logs", Taken::kLogs));
  std::vector<std::string> unreadable;
  std::vector<fs::path> tables;
  for (const auto& entry : fs::directory_iterator(scratch / "tables")) tables.push_back(entry.path());
  std::sort(tables.begin(), tables.end());
  for (const fs::path& table : tables) OUTPOST_TRYV(ReadTable(table, env, harvest, unreadable));
  OUTPOST_TRY(WayReport report, ReadLogs(scratch / "logs", scratch / "empty", env, harvest));
  report.text = "table by table: " + std::to_string(tables.size()) + " read, " + std::to_string(unreadable.size()) +
                " of them not whole" + (unreadable.empty() ? "" : " (" + unreadable.front() + ")") + "; " + report.text;
  report.rows_unbroken = false;
  return report;
}

}  // namespace outpost::journal
