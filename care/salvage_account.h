#pragma once
#include <filesystem>

#include "base/log.h"
#include "base/random.h"
#include "care/prove.h"
#include "engine/data_dir.h"
#include "journal/salvage.h"

namespace outpost {

struct AccountSalvage {
  SalvageReport found;
  VerifyReport events;        // of the new journal
  RebuildReport rebuild;      // of its state
  std::uint64_t pending = 0;  // edits that survived and that the server may have yet to learn
};

// Makes the account folder `to`, which must not exist, from all that can be read of the damaged account `from`: its
// journal (journal/salvage.h) and its secrets; `passphrase` opens an encrypted one that is guarded by it. The server
// fills what it can: the account compares every folder in full and looks before it sends anything (engine/doubt.h). It
// appears in one step, when it was proven. `from` is left as it is. Errors: those of Salvage; kCorrupt (what was made
// cannot be proven: nothing is left of it).
Result<AccountSalvage> SalvageAccount(const std::filesystem::path& from, const std::filesystem::path& to,
                                      const Secret& passphrase, const Clock& clock, Random& random, Log& log,
                                      const CareProgress& progress);

}  // namespace outpost
