#include "tests/journal/blob_fuzz_body.h"

#include "base/check.h"
#include "journal/blob_format.h"

namespace outpost::test {
namespace {

using namespace journal;

void Trailer(std::string_view trailer, std::uint64_t file_bytes) {
  const auto size = ParseBlobTrailer(trailer, file_bytes);
  if (!size) return;
  OUTPOST_CHECK(EncodeBlobTrailer(*size) == trailer);
  OUTPOST_CHECK(BlobFileBytes(*size) == file_bytes);
  OUTPOST_CHECK(*size >= kBlobFileBytes && *size <= kBlobBytesMax);
  const std::uint64_t last = ChunksOf(*size) - 1;
  OUTPOST_CHECK(last * kBlobChunkBytes + ChunkBytes(*size, last) == *size);
}

void Row(std::string_view value) {
  if (value.empty() || value.size() > kBlobFileBytes + 1) return;
  const std::string_view content = value.substr(1, kBlobChunkBytes);
  const Digest id = BlobIdOfSmall(content);
  const auto parsed = ParseSmallBlob(id, value);
  if (parsed) OUTPOST_CHECK(*parsed == content && EncodeSmallBlob(content) == value);
  OUTPOST_CHECK(!ParseSmallBlob(Digest{}, value));
}

}  // namespace

void FuzzBlobFormat(std::string_view bytes) {
  Row(bytes);
  if (bytes.size() < 8) return;
  const std::uint64_t file_bytes = ReadBe64(bytes);
  const std::string_view trailer = bytes.substr(8);
  Trailer(trailer, file_bytes);
  // The checksum made right, so that what lies behind it is reached too.
  if (trailer.size() < kBlobTrailerBytes) return;
  std::string mended(trailer.substr(0, kBlobTrailerBytes - 16));
  const Digest digest = Sha256Of(mended);
  mended += AsText(digest).substr(0, 16);
  Trailer(mended, file_bytes);
}

}  // namespace outpost::test
