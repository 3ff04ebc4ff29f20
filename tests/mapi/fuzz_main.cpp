// OUTPOST_FUZZ_BODY: which of the bodies; see CMakeLists.txt.
#include "tests/mapi/fuzz_bodies.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  outpost::mapi::test::OUTPOST_FUZZ_BODY({reinterpret_cast<const char*>(data), size});
  return 0;
}
