#pragma once
#include <string_view>

namespace outpost::test {

// Does to a small journal what `damage` says, salvages it, and checks what salvage promises (fails a CHECK of
// base/check.h otherwise): it answers without a crash; what it makes opens, verifies, folds to what it shows and takes
// appends; each event in it is the one that was written; and what it lists as missing is what is missing.
// Shape: 6 bytes a step: which file (in the order of names, modulo their number), what (modulo 5: flip a bit, cut off,
// remove, zero 64 bytes, set a byte), and where (big-endian, modulo the size). At most 8 steps count.
void SalvageDamaged(std::string_view damage);

}  // namespace outpost::test
