#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/journal/recording_fs.h"

namespace outpost::test {

// What a power cut does to all that was not synced.
enum class Loss : std::uint8_t {
  kDropped,  // gone: bytes after a file's last sync, names after their folder's last sync
  kTorn,     // cut at random: of each file some of the bytes, perhaps with zeros where the rest should be; of the names
             // those of a random first part
  kKept,     // all there
};
inline constexpr Loss kLosses[] = {Loss::kDropped, Loss::kTorn, Loss::kKept};
const char* LossName(Loss loss);

// A disk in memory that knows what of it is durable by the letter of POSIX: bytes by the sync of their file, names by
// the sync of their folder. Fed with a record, it can make a folder as it would be found after a power cut.
class DiskModel {
 public:
  void Apply(const DiskOp& op);
  // Makes `folder` new. `random` is used for kTorn.
  void Materialise(const std::filesystem::path& folder, Loss loss, Random& random) const;

 private:
  struct File {
    std::string now;
    std::string durable;
    bool rewritten = false;  // `now` is not `durable` with more behind
  };
  using Names = std::map<std::string, std::uint64_t>;  // path -> file; 0 for a folder
  // One step of a folder's names, undone or done as a whole.
  struct Change {
    std::string folder;
    std::vector<std::pair<std::string, std::optional<std::uint64_t>>> names;  // nothing: the name goes
  };

  void Rename(Change change);
  void SyncFolder(const std::string& folder);
  Names NamesAfter(Loss loss, Random& random) const;
  static std::string ContentAfter(const File& file, Loss loss, Random& random);

  std::map<std::uint64_t, File> files_;
  Names now_;
  Names durable_;
  std::vector<Change> pending_;
};

}  // namespace outpost::test
