#include "base/random.h"

#include "base/check.h"

namespace outpost {

std::uint64_t Random::Below(std::uint64_t bound) {
  OUTPOST_CHECK(bound > 0);
  return Next() % bound;
}

}  // namespace outpost
