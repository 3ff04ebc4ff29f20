#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "base/system/system_clock.h"
#include "journal/journal.h"
#include "projection/folds.h"
#include "replicator/rows.h"

namespace outpost::bench {

// The folds of an account. A journal opened alone has none: nobody knows heads, and what is left is the journal.
struct World {
  SystemClock clock;
  ReplicationRows replication;
  AccountFolds folds{{&replication}};

  Result<std::unique_ptr<Journal>> Open(const JournalOptions& options);
  Result<std::unique_ptr<Journal>> OpenAlone(const JournalOptions& options);
};

// A folder for one measurement beside the program, so on the disk of the build and not in memory; goes with the object.
class BenchFolder {
 public:
  static Result<BenchFolder> Make();
  BenchFolder(BenchFolder&& other) noexcept : path_(std::move(other.path_)) { other.path_.clear(); }
  BenchFolder& operator=(BenchFolder&&) = delete;
  ~BenchFolder();
  const std::filesystem::path& path() const { return path_; }

 private:
  explicit BenchFolder(std::filesystem::path path) : path_(std::move(path)) {}
  std::filesystem::path path_;
};

// The kind of file system that holds the folder: "ext4", …; a number where this does not know the name.
std::string DiskOf(const std::filesystem::path& folder);

// An event of about 400 bytes about one contact.
NewEvent ContactEvent(Kind kind, const ItemId& item, std::uint64_t number, const char* prefix);

std::vector<ItemId> MakeItems(const Clock& clock, std::size_t count);

// Appends one event for each item, `batch` at a time, each append after the answer to the one before; answers the
// seconds, of which making the events is no part.
Result<double> AppendAll(Journal& journal, const Clock& clock, const std::vector<ItemId>& items, Kind kind,
                         const char* prefix, std::size_t batch, Durability durability);

// Seconds since `start` of clock.MonotonicNow().
double SecondsSince(const Clock& clock, std::chrono::microseconds start);

}  // namespace outpost::bench
