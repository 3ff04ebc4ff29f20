#include "base/system/system_clock.h"

#include <openssl/rand.h>

#include "base/check.h"

namespace outpost {

Millis SystemClock::WallNow() const {
  return std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch());
}

std::chrono::microseconds SystemClock::MonotonicNow() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

std::uint64_t SystemRandom::Next() {
  std::uint64_t value = 0;
  OUTPOST_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value) == 1);
  return value;
}

}  // namespace outpost
