#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"

namespace outpost::journal {

// What the file TAIL says: the history up to `last` was on disk, and `chain` named it. It may lag behind the journal,
// it never leads.
struct Witness {
  Sequence last = 0;
  Digest chain{};
};

// 64 bytes: "OPTL", BE32 version, BE64 last, chain, and the first 16 bytes of the SHA-256 of all before. Source:
// schemas/event.md, "TAIL".
std::string EncodeWitness(const Witness& witness);
// Nullopt for anything else: a torn or foreign file proves nothing.
std::optional<Witness> ParseWitness(std::string_view bytes);

}  // namespace outpost::journal
