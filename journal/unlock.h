#pragma once
#include <rocksdb/env.h>

#include <filesystem>
#include <memory>

#include "journal/data_key.h"
#include "journal/disk.h"
#include "journal/encryption.h"

// From a journal's folder and a key source to files that can be read. Private to journal/.
namespace outpost::journal {

// How the files of one journal are reached.
struct Unlocked {
  std::shared_ptr<const DataKey> key;  // null: a plain journal
  Disk disk;                           // for TAIL, blobs and the database; FORMAT, KEY and LOCK are never encrypted
  std::shared_ptr<rocksdb::Env> env;   // on `disk`, for the database, which it outlives; null: the plain one
};

// For the journal in `folder`, made or not (`exists`); `plain` is the disk as it is. Touches nothing. Without a journal
// and without KEY the answer is a plain one. Errors: kRejected (the wrong key or passphrase, none where one is needed,
// one where none is: each says so), kInvalid, kCorrupt (KEY is damaged, gone or another journal's), kNewerFormat,
// kUnavailable.
Result<Unlocked> Unlock(const std::filesystem::path& folder, bool exists, const Disk& plain, const KeySource& source);

// Gives the new journal in `folder` a key and writes KEY durably. The caller holds the journal's lock and has nothing
// in the folder yet but that. Errors: kInvalid, kConflict (KEY is there), kUnavailable.
Result<Unlocked> MakeUnlocked(const std::filesystem::path& folder, const Disk& plain, const KeySource& source);

}  // namespace outpost::journal
