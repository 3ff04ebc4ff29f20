#include "journal/manifest.h"

#include <algorithm>

namespace outpost::journal {
namespace {

// RocksDB's log format: blocks of 32 KiB, in them records of a checksum (4 bytes), length (2, little-endian), type (1)
// and as many bytes as the length says; what is left of a block with less than a header is padding.
constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeaderBytes = 7;

// Where the last record starts that has a length or a type; 0 when there is none behind the first.
std::size_t LastRecordAt(std::string_view log) {
  const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(log[at])); };
  std::size_t last = 0;
  for (std::size_t at = 0; at + kHeaderBytes <= log.size();) {
    const std::size_t left = kBlockBytes - at % kBlockBytes;
    if (left < kHeaderBytes) {
      at += left;
      continue;
    }
    const std::size_t length = byte(at + 4) + 256 * byte(at + 5);
    if (length == 0 && byte(at + 6) == 0) break;
    last = at;
    at += kHeaderBytes + length;
  }
  return last;
}

}  // namespace

Result<std::optional<CutManifest>> CutTornRecord(const Disk& disk, const Disk& plain,
                                                 const std::filesystem::path& database) {
  OUTPOST_TRY(std::string name, ReadWhole(disk, database / "CURRENT"));
  while (!name.empty() && name.back() == '\n') name.pop_back();
  if (!name.starts_with("MANIFEST-") || name.find('/') != std::string::npos) return std::optional<CutManifest>();
  CutManifest cut{database / name, {}};
  OUTPOST_TRY(cut.whole, ReadWhole(plain, cut.path));
  OUTPOST_TRY(std::string log, ReadWhole(disk, cut.path));
  const std::size_t zeros = std::min(log.size(), cut.whole.size() - (cut.whole.find_last_not_of('\0') + 1));
  std::fill(log.end() - static_cast<std::ptrdiff_t>(zeros), log.end(), '\0');
  const std::size_t at = LastRecordAt(log);
  if (at == 0 || zeros == 0) return std::optional<CutManifest>();
  OUTPOST_TRYV(WriteDurably(disk, cut.path, std::string_view(log).substr(0, at)));
  return std::optional<CutManifest>(std::move(cut));
}

}  // namespace outpost::journal
