#include <rocksdb/db.h>

#include <fstream>

#include "journal/record.h"
#include "tests/journal/blob_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

void WriteRaw(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::string Flipped(std::string bytes, std::size_t at, unsigned bit) {
  bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
  return bytes;
}

// A journal with one blob file and one event that refers to it.
struct OneFile {
  Bench bench;
  std::string content = Content(9, 200'000);
  BlobRef ref;
  std::filesystem::path path;
  std::string whole;
  OneFile() {
    const auto pinned = bench.journal->blobs().Put(AsBytes(content)).value();
    ref = pinned.ref();
    bench.MustAppend({PhotoChange(Item(1), ref)});
    path = FileOf(bench, ref);
    whole = ReadFile(path).value();
  }
  // Reads all it gets before an error; that must be a true beginning. The error's context.
  std::string ReadDamaged() const {
    const auto opened = bench.journal->blobs().Open(ref);
    if (!opened) {
      REQUIRE(opened.error().code == Code::kCorrupt);
      return opened.error().context;
    }
    std::string got;
    std::vector<std::uint8_t> piece(10'000);
    for (;;) {
      const auto read = opened.value()->Read(piece);
      if (!read) {
        REQUIRE(read.error().code == Code::kCorrupt);
        REQUIRE((got == content.substr(0, got.size())));
        return read.error().context;
      }
      if (read.value() == 0) return "";
      got += AsText(Bytes(piece).first(read.value()));
    }
  }
};

}  // namespace

TEST_CASE("blob damage: a flipped bit of a chunk is named by blob and chunk, and no byte of the chunk is handed out",
          "[journal][blobs][fault]") {
  OneFile file;
  SeededRandom random(1);
  for (const std::size_t chunk : {0u, 1u, 2u, 3u}) {
    const std::size_t bytes = journal::ChunkBytes(file.ref.size, chunk);
    for (const std::size_t within : {std::size_t{0}, random.Below(bytes), bytes - 1}) {
      WriteRaw(file.path, Flipped(file.whole, chunk * 65536 + within, static_cast<unsigned>(random.Below(8))));
      const std::string context = file.ReadDamaged();
      CHECK(context.find("blob " + ToHex(file.ref.id)) != std::string::npos);
      CHECK(context.find("chunk " + std::to_string(chunk) + " of 4") != std::string::npos);
      // The chunks beside it are as they were.
      const auto reader = file.bench.journal->blobs().Open(file.ref).value();
      const std::size_t other = chunk == 0 ? 3 : 0;
      std::vector<std::uint8_t> out(100);
      REQUIRE(reader->Seek(other * 65536));
      REQUIRE(reader->Read(out).value() == 100);
      CHECK((AsText(out) == std::string_view(file.content).substr(other * 65536, 100)));
      const BlobReport report = CheckBlobs(file.bench);
      CHECK(report.bad == 1);
      CHECK(report.missing == 0);
      REQUIRE(report.bad_blobs.size() == 1);
      CHECK(report.bad_blobs[0].name == ToHex(file.ref.id));
      CHECK(report.bad_blobs[0].file == "blobs/" + ToHex(file.ref.id).substr(0, 2) + "/" + ToHex(file.ref.id));
    }
  }
}

TEST_CASE("blob damage: every flipped bit of the list and of the trailer is found at the opening",
          "[journal][blobs][fault]") {
  OneFile file;
  std::size_t flips = 0;
  for (std::size_t at = file.ref.size; at < file.whole.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit, ++flips) {
      INFO("bit " << bit << " of byte " << at);
      WriteRaw(file.path, Flipped(file.whole, at, bit));
      const auto opened = file.bench.journal->blobs().Open(file.ref);
      REQUIRE_FALSE(opened);
      REQUIRE(opened.error().code == Code::kCorrupt);
      REQUIRE(opened.error().context.find(ToHex(file.ref.id)) != std::string::npos);
    }
  CHECK(flips == (4 * 32 + journal::kBlobTrailerBytes) * 8);
  CHECK(CheckBlobs(file.bench).bad == 1);
  CHECK(CheckBlobs(file.bench).missing == 0);
}

TEST_CASE("blob damage: a file of any other length is found at the opening", "[journal][blobs][fault]") {
  OneFile file;
  SeededRandom random(4);
  std::vector<std::size_t> lengths{0, 1, 39, 40, 41, 65535, 65536, file.ref.size, file.whole.size() - 1};
  for (int i = 0; i < 40; ++i) lengths.push_back(random.Below(file.whole.size()));
  for (const std::size_t length : lengths) {
    INFO("cut to " << length << " of " << file.whole.size());
    WriteRaw(file.path, file.whole.substr(0, length));
    const auto opened = file.bench.journal->blobs().Open(file.ref);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Code::kCorrupt);
    CHECK(CheckBlobs(file.bench).bad == 1);
  }
  WriteRaw(file.path, file.whole + "x");
  CHECK(file.bench.journal->blobs().Open(file.ref).error().code == Code::kCorrupt);
  WriteRaw(file.path, file.whole);
  CHECK(file.ReadDamaged() == "");
  CHECK(CheckBlobs(file.bench).sound());
}

TEST_CASE("blob damage: another blob's file under its name is not taken for it", "[journal][blobs][fault]") {
  OneFile file;
  const auto other = file.bench.journal->blobs().Put(AsBytes(Content(10, 200'000))).value();
  std::filesystem::copy_file(FileOf(file.bench, other.ref()), file.path,
                             std::filesystem::copy_options::overwrite_existing);
  CHECK(file.bench.journal->blobs().Open(file.ref).error().code == Code::kCorrupt);
  CHECK(CheckBlobs(file.bench).bad == 1);
}

TEST_CASE("blob damage: a missing one is named with the first event that refers to it", "[journal][blobs][fault]") {
  OneFile file;
  file.bench.MustAppend({PhotoChange(Item(2), file.ref)});
  const BlobRef never{Sha256Of("never put"), 100};
  file.bench.MustAppend({PhotoChange(Item(3), never)});
  std::filesystem::remove(file.path);
  const BlobReport report = CheckBlobs(file.bench);
  CHECK(report.blobs == 0);
  CHECK(report.references == 2);
  CHECK(report.missing == 2);
  REQUIRE(report.missing_blobs.size() == 2);
  for (const MissingBlob& missing : report.missing_blobs) CHECK(missing.seq == (missing.ref == never ? 3 : 1));
  CHECK_FALSE(report.sound());
}

TEST_CASE("blob damage: a row of a small blob that is not its content is named and never handed out",
          "[journal][blobs][fault]") {
  Bench bench;
  const std::string content = Content(3, 500);
  const BlobRef ref = bench.journal->blobs().Put(AsBytes(content)).value().ref();
  bench.MustAppend({PhotoChange(Item(1), ref)});
  bench.Close();
  const auto edit = [&](const std::string& value) {
    const auto rocks =
        journal::Rocks::Open(journal::DatabasePath(bench.options.folder), journal::Rocks::Mode::kWrite, nullptr);
    REQUIRE(rocks);
    const auto& open = *rocks.value();
    REQUIRE(open.db().Put(rocksdb::WriteOptions(), open.blobs(), journal::ToSlice(AsText(ref.id)), value).ok());
  };
  const std::string whole = journal::EncodeSmallBlob(content);
  SeededRandom random(8);
  for (int i = 0; i < 12; ++i) {
    const std::size_t at = i == 0 ? 0 : random.Below(whole.size());
    edit(i == 1 ? whole.substr(0, whole.size() - 1) : Flipped(whole, at, static_cast<unsigned>(random.Below(8))));
    bench.Open();
    const auto opened = bench.journal->blobs().Open(ref);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Code::kCorrupt);
    CHECK(opened.error().context.find(ToHex(ref.id)) != std::string::npos);
    const BlobReport report = CheckBlobs(bench);
    CHECK(report.bad == 1);
    CHECK(report.missing == 0);
    REQUIRE(report.bad_blobs.size() == 1);
    CHECK(report.bad_blobs[0].name == ToHex(ref.id));
    CHECK(report.bad_blobs[0].file == "");
    bench.Close();
  }
  bench.Open();
  REQUIRE(bench.journal->blobs().Put(AsBytes(content)));
  CHECK((ReadBlob(bench.journal->blobs(), ref).value() == content));
  CHECK(CheckBlobs(bench).sound());
}

TEST_CASE("blob damage: a check that is cancelled says so", "[journal][blobs]") {
  OneFile file;
  CHECK_FALSE(VerifyBlobs(*file.bench.journal->View(), [] { return true; }).value().complete);
  CHECK(VerifyBlobs(*file.bench.journal->View(), [] { return false; }).value().complete);
}
