#pragma once
#include <optional>

#include "journal/disk.h"

// Private to journal/.
namespace outpost::journal {

// A MANIFEST as it was before its end was cut off, byte for byte as on the disk.
struct CutManifest {
  std::filesystem::path path;
  std::string whole;
};

// RocksDB forgives a MANIFEST that ends within a record, but not one that a power cut left as long as it was to become
// with zeros where the last bytes should be (NTFS does that, others may). Such a record was never synced, so nothing
// depends on it. Cuts off the last record of the MANIFEST that CURRENT names when the file ends in a zero, and says
// what was there; nullopt when there is nothing of the kind. Whether the database is better without it the caller finds
// out. `disk` is what the database lies on, `plain` the same without encryption: zeros that were never written are seen
// only there. Errors: kNotFound, kCorrupt (a file that is not encrypted as it should be), kUnavailable.
Result<std::optional<CutManifest>> CutTornRecord(const Disk& disk, const Disk& plain,
                                                 const std::filesystem::path& database);

}  // namespace outpost::journal
