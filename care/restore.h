#pragma once
#include <filesystem>
#include <string>

#include "base/log.h"
#include "base/random.h"
#include "care/backup.h"
#include "engine/account_key.h"
#include "engine/data_dir.h"

namespace outpost {

struct RestoreOptions {
  std::filesystem::path file;
  std::filesystem::path data;  // the data directory
  std::string account;         // the name it gets; empty: that in the backup
  Existing existing = Existing::kRefuse;
  Secret passphrase;  // of an encrypted account that is guarded by one
};

struct RestoreReport {
  AccountPlace place;
  BackupManifest manifest;
  VerifyReport events;             // of the journal as it was unpacked
  RebuildReport rebuild;           // of the account as it was put into place
  std::uint64_t pending = 0;       // edits that the server may have yet to learn
  std::filesystem::path replaced;  // where the account that was there went; empty: there was none
};

// Makes an account from a backup. All of it happens in a hidden folder of the data directory until every hash, the
// chain and the folds were checked; then it gets its name in one step. An account of that name is refused, or with
// kReplace moved aside as ".replaced-…", with all it has, never deleted; its password is taken over. The key of an
// encrypted account that lies in the secret store is taken from the account of that name, or of the backup's: it must
// be there. The account looks before it sends anything (engine/doubt.h). Errors: those of UnpackBackup; kConflict (the
// account is there, or held by a process), kCorrupt (the journal in the backup is damaged); nothing is changed then.
Result<RestoreReport> RestoreAccount(const RestoreOptions& options, const Clock& clock, Random& random, Log& log,
                                     const CareProgress& progress);

}  // namespace outpost
