// libFuzzer target; start it with tests/oxserver/corpus/vcard as its corpus.
#include <cstddef>
#include <cstdint>

#include "tests/oxserver/fuzz_bodies.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  outpost::oxserver::test::FuzzVcard({reinterpret_cast<const char*>(data), size});
  return 0;
}
