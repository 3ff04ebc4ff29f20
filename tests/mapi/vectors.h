#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace outpost::test {

// One line of tests/mapi/vectors.tsv, or of a file with the same columns elsewhere.
struct Vector {
  std::string kind, name, bytes, meaning;
};
std::vector<Vector> OwnVectors();
// ../shared/mapi/recurrence-vectors.tsv: `kind` is the name up to its first dot. Empty where it is not there.
std::vector<Vector> SharedVectors();

}  // namespace outpost::test
