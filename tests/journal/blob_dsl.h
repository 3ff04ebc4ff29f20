#pragma once
#include "journal/blob_format.h"
#include "journal/layout.h"
#include "schemas/blob_refs.h"
#include "tests/journal/blob_content.h"
#include "tests/journal/journal_dsl.h"

namespace outpost::test {

// Writes `content` in pieces of `piece_bytes`.
inline Result<PinnedBlob> PutInPieces(BlobStore& blobs, const std::string& content, std::size_t piece_bytes) {
  OUTPOST_TRY(const auto writer, blobs.Create());
  for (std::size_t at = 0; at < content.size(); at += piece_bytes)
    OUTPOST_TRYV(writer->Write(AsBytes(std::string_view(content).substr(at, piece_bytes))));
  return writer->Finish();
}

// The whole blob, read in pieces of `piece_bytes`.
inline Result<std::string> ReadBlob(const BlobSource& blobs, const BlobRef& ref, std::size_t piece_bytes = 100'000) {
  OUTPOST_TRY(const auto reader, blobs.Open(ref));
  std::string content;
  std::vector<std::uint8_t> piece(piece_bytes);
  for (;;) {
    OUTPOST_TRY(const std::size_t bytes, reader->Read(piece));
    if (bytes == 0) return content;
    content += AsText(Bytes(piece).first(bytes));
  }
}

inline std::filesystem::path FileOf(const Bench& bench, const BlobRef& ref) {
  const std::string hex = ToHex(ref.id);
  return journal::BlobsPath(bench.options.folder) / hex.substr(0, 2) / hex;
}

// All files below blobs/, temporaries too.
inline std::vector<std::filesystem::path> BlobFilesIn(const Bench& bench) {
  std::vector<std::filesystem::path> files;
  const auto root = journal::BlobsPath(bench.options.folder);
  if (!std::filesystem::exists(root)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root))
    if (entry.is_regular_file()) files.push_back(entry.path());
  return files;
}

inline BlobReport CheckBlobs(const Bench& bench) { return VerifyBlobs(*bench.journal->View(), {}).value(); }

}  // namespace outpost::test
