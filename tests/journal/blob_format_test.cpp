#include "journal/blob_format.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "base/random.h"
#include "base/system/files.h"
#include "tests/journal/blob_fuzz_body.h"

using namespace outpost;
using namespace outpost::journal;
using namespace outpost::test;

TEST_CASE("blob format: a trailer says the size of its own file and of no other", "[journal][blobs]") {
  for (const std::uint64_t size :
       {std::uint64_t{65536}, std::uint64_t{65537}, std::uint64_t{200'000'000}, kBlobBytesMax}) {
    const std::string trailer = EncodeBlobTrailer(size);
    CHECK(trailer.size() == kBlobTrailerBytes);
    CHECK(ParseBlobTrailer(trailer, BlobFileBytes(size)) == size);
    CHECK_FALSE(ParseBlobTrailer(trailer, BlobFileBytes(size) - 1));
    CHECK_FALSE(ParseBlobTrailer(trailer, BlobFileBytes(size) + 1));
  }
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{65535}, kBlobBytesMax + 1, ~std::uint64_t{0}})
    CHECK_FALSE(ParseBlobTrailer(EncodeBlobTrailer(size), BlobFileBytes(size)));
}

TEST_CASE("blob format: chunks cover the content once", "[journal][blobs]") {
  for (const std::uint64_t size : {0ull, 1ull, 65535ull, 65536ull, 65537ull, 131072ull, 4294967296ull}) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < ChunksOf(size); ++i) sum += ChunkBytes(size, i);
    CHECK(sum == size);
  }
}

TEST_CASE("blob format: the kept corpus, cut and changed, is taken for whole only where it is",
          "[journal][blobs][fuzz]") {
  SeededRandom random(21);
  std::size_t files = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(OUTPOST_SOURCE) + "/tests/journal/corpus/blob")) {
    const std::string bytes = ReadFile(entry.path()).value();
    ++files;
    for (std::size_t length = 0; length <= bytes.size(); ++length)
      FuzzBlobFormat(std::string_view(bytes).substr(0, length));
    for (int i = 0; i < 500 && !bytes.empty(); ++i) {
      std::string changed = bytes;
      for (std::uint64_t n = 1 + random.Below(4); n > 0; --n)
        changed[random.Below(changed.size())] = static_cast<char>(random.Below(256));
      FuzzBlobFormat(changed);
    }
  }
  CHECK(files >= 10);
}
