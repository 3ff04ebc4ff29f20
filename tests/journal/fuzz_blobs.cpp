// Run with: fuzz_blobs CORPUS_FOLDER; tests/journal/corpus/blob is a start.
#include <cstddef>
#include <cstdint>

#include "tests/journal/blob_fuzz_body.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  outpost::test::FuzzBlobFormat({reinterpret_cast<const char*>(data), size});
  return 0;
}
