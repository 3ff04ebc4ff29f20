#include "tools/oxserver/rights.h"

namespace outpost::oxserver {

std::uint32_t Rights::Bits() const {
  return static_cast<std::uint32_t>(folder) | static_cast<std::uint32_t>(read) << 7 |
         static_cast<std::uint32_t>(write) << 14 | static_cast<std::uint32_t>(remove) << 21 | (admin ? 1u << 28 : 0u);
}

Rights FromBits(std::uint32_t bits) {
  const auto field = [&](int shift) { return static_cast<int>((bits >> shift) & 0x7F); };
  return {field(0), field(7), field(14), field(21), ((bits >> 28) & 1) != 0};
}

bool AreLegalBits(std::int64_t bits) {
  if (bits < 0 || bits >= (std::int64_t{1} << 29)) return false;
  const Rights r = FromBits(static_cast<std::uint32_t>(bits));
  const auto legal = [](int level, bool folder) {
    return level == 0 || level == 1 || level == 2 || level == 64 || (folder && level == 4);
  };
  // Level 4 is defined for folders; OX's own author bundle uses 4 there and 2 elsewhere.
  return legal(r.folder, true) && legal(r.read, false) && legal(r.write, false) && legal(r.remove, false);
}

}  // namespace outpost::oxserver
