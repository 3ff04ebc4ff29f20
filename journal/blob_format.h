#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/crypto.h"
#include "schemas/value.h"

// The bytes of blobs, apart from where they lie. Source: schemas/blobs.md.
namespace outpost::journal {

// Content is cut, hashed, verified and held in memory in pieces of this size. Above, a reader of a few bytes hashes
// more than it needs and each open blob costs more memory; below, the list of digests grows (32 bytes a chunk). On disk
// for good: the id depends on it.
inline constexpr std::size_t kBlobChunkBytes = 64u << 10;
// From here on a blob is a file of its own. Above, RocksDB rewrites large values at each compaction; below, small files
// waste a block and an inode each.
inline constexpr std::uint64_t kBlobFileBytes = kBlobChunkBytes;
// Larger ones are refused: the list of digests is held in memory while a blob is written or read, here 2 MiB.
inline constexpr std::uint64_t kBlobBytesMax = std::uint64_t{4} << 30;

inline constexpr std::size_t kBlobTrailerBytes = 40;

constexpr std::uint64_t ChunksOf(std::uint64_t size) { return size / kBlobChunkBytes + (size % kBlobChunkBytes != 0); }
// The bytes of chunk `index` of a blob of `size` bytes.
constexpr std::size_t ChunkBytes(std::uint64_t size, std::uint64_t index) {
  const std::uint64_t rest = size - index * kBlobChunkBytes;
  return rest < kBlobChunkBytes ? static_cast<std::size_t>(rest) : kBlobChunkBytes;
}
constexpr std::uint64_t BlobFileBytes(std::uint64_t size) {
  return size + ChunksOf(size) * sizeof(Digest) + kBlobTrailerBytes;
}

// The id of content of `size` bytes whose chunks have these digests, 32 bytes each behind one another.
Digest BlobIdOf(std::uint64_t size, std::string_view digests);
// The id of content that is one chunk at most.
Digest BlobIdOfSmall(std::string_view content);

// The end of a blob file: says how large the content is.
std::string EncodeBlobTrailer(std::uint64_t size);
// The size of the content, if these are the last kBlobTrailerBytes of a file of `file_bytes` bytes that is whole in
// length; nullopt for anything else.
std::optional<std::uint64_t> ParseBlobTrailer(std::string_view trailer, std::uint64_t file_bytes);

// The value of a row of the family `blobs`, and back; nullopt unless it holds the content with that id.
std::string EncodeSmallBlob(std::string_view content);
std::optional<std::string_view> ParseSmallBlob(const Digest& id, std::string_view value);

// The file's name, lower-case hexadecimal, and back.
std::optional<Digest> ParseDigest(std::string_view hex);

}  // namespace outpost::journal
