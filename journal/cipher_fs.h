#pragma once
#include <memory>
#include <string_view>

#include "journal/data_key.h"
#include "journal/disk.h"

// Files as they lie on the disk of an encrypted journal. Private to journal/.
// Source: schemas/event.md, "Encryption".
namespace outpost::journal {

// Each encrypted file starts with as much: who encrypted it and the salt of its key, then zeros. A page, so that what
// follows stays aligned as RocksDB laid it out.
inline constexpr std::size_t kPrefixBytes = 4096;

// Whether a file starts like one of an encrypted journal, of whatever key.
bool LooksEncrypted(std::string_view start);
// Whether `start`, the first kPrefixBytes or less of a file, was written under `key`. Errors: kCorrupt (too short, not
// encrypted, damaged, or under another key: each says so), kNewerFormat.
Result<void> CheckPrefix(const DataKey& key, std::string_view start);

// `plain` with the contents of all files encrypted under `key`; names, sizes (less the prefix), locks and folders are
// as they are. A file that ends within its prefix, or is zero from within it to its end, is one whose writer died
// before it was synced: it reads as empty. Threads: as RocksDB uses a file system.
Disk EncryptedDisk(Disk plain, std::shared_ptr<const DataKey> key);

}  // namespace outpost::journal
