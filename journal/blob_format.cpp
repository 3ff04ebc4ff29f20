#include "journal/blob_format.h"

#include <cstring>

namespace outpost::journal {
namespace {

constexpr std::string_view kDomain = "outpost blob 1\n";
constexpr std::string_view kMagic = "OPBL";
constexpr std::uint32_t kFileVersion = 1;
constexpr std::size_t kChecksumBytes = 16;
constexpr std::size_t kCheckedBytes = kBlobTrailerBytes - kChecksumBytes;
constexpr char kRowVersion = 1;

std::string_view Checksum(const Digest& digest) { return AsText(digest).substr(0, kChecksumBytes); }

}  // namespace

Digest BlobIdOf(std::uint64_t size, std::string_view digests) {
  std::string length;
  AppendBe64(length, size);
  Sha256 hasher;
  return hasher.Add(kDomain).Add(length).Add(digests).Finish();
}

Digest BlobIdOfSmall(std::string_view content) {
  OUTPOST_CHECK(content.size() <= kBlobChunkBytes);
  if (content.empty()) return BlobIdOf(0, {});
  const Digest chunk = Sha256Of(content);
  return BlobIdOf(content.size(), AsText(chunk));
}

std::string EncodeBlobTrailer(std::uint64_t size) {
  std::string trailer(kMagic);
  AppendBe32(trailer, kFileVersion);
  AppendBe64(trailer, size);
  AppendBe64(trailer, ChunksOf(size));
  const Digest digest = Sha256Of(trailer);
  trailer += Checksum(digest);
  return trailer;
}

std::optional<std::uint64_t> ParseBlobTrailer(std::string_view trailer, std::uint64_t file_bytes) {
  if (trailer.size() != kBlobTrailerBytes || !trailer.starts_with(kMagic)) return std::nullopt;
  const Digest digest = Sha256Of(trailer.substr(0, kCheckedBytes));
  if (trailer.substr(kCheckedBytes) != Checksum(digest)) return std::nullopt;
  if (ReadBe32(trailer, 4) != kFileVersion) return std::nullopt;
  const std::uint64_t size = ReadBe64(trailer, 8);
  const std::uint64_t chunks = ReadBe64(trailer, 16);
  if (size < kBlobFileBytes || size > kBlobBytesMax || chunks != ChunksOf(size)) return std::nullopt;
  if (BlobFileBytes(size) != file_bytes) return std::nullopt;
  return size;
}

std::string EncodeSmallBlob(std::string_view content) {
  std::string value(1, kRowVersion);
  value += content;
  return value;
}

std::optional<std::string_view> ParseSmallBlob(const Digest& id, std::string_view value) {
  if (value.empty() || value[0] != kRowVersion || value.size() > kBlobFileBytes) return std::nullopt;
  value.remove_prefix(1);
  if (BlobIdOfSmall(value) != id) return std::nullopt;
  return value;
}

std::optional<Digest> ParseDigest(std::string_view hex) {
  Digest digest;
  const auto raw = ParseHex(hex);
  if (!raw || raw->size() != digest.size() || ToHex(AsBytes(*raw)) != hex) return std::nullopt;
  std::memcpy(digest.data(), raw->data(), digest.size());
  return digest;
}

}  // namespace outpost::journal
