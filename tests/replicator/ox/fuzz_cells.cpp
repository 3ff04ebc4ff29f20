#include "tests/replicator/ox/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  outpost::test::ReadAsCell(data, size);
  return 0;
}
