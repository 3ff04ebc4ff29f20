#include "schemas/folders.h"

namespace outpost {
namespace {

// Seven bits for each, the lowest first.
constexpr int kLevelBits = 7;
constexpr std::int64_t kLevelMask = 0x7F;

}  // namespace

FolderRights RightsFromBits(std::int64_t bits) {
  const auto level = [&](int place) { return static_cast<int>(bits >> place * kLevelBits & kLevelMask); };
  return {level(0), level(1), level(2), level(3), level(4) != 0};
}

std::int64_t BitsOfRights(const FolderRights& rights) {
  std::int64_t bits = rights.admin ? 1 : 0;
  for (const int level : {rights.remove, rights.write, rights.read, rights.folder}) bits = bits << kLevelBits | level;
  return bits;
}

}  // namespace outpost
