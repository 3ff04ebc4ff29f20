// libFuzzer target; start it with tests/journal/corpus/salvage as its corpus.
#include <cstddef>
#include <cstdint>

#include "tests/journal/salvage_damage.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  outpost::test::SalvageDamaged({reinterpret_cast<const char*>(data), size});
  return 0;
}
