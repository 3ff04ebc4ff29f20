#include "journal/cipher_fs.h"

#include <fstream>
#include <set>

#include "base/random.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;
using journal::DataKey;
using journal::Disk;
using journal::kPrefixBytes;
using rocksdb::FileOptions;
using rocksdb::IOOptions;

namespace {

std::shared_ptr<const DataKey> Key(char byte, std::uint8_t id = 1) {
  return std::make_shared<const DataKey>(journal::KeyId{id}, Secret(std::string(32, byte)));
}

// One encrypted folder and the same in plain.
struct Disks {
  Folder folder;
  Disk plain = journal::DiskOf(nullptr);
  Disk encrypted = journal::EncryptedDisk(plain, Key('k'));
  std::string Path(const char* name) const { return folder.beside(name).string(); }
  std::string OnDisk(const char* name) const { return journal::ReadWhole(plain, Path(name)).value(); }
  std::string Read(const char* name) const { return journal::ReadWhole(encrypted, Path(name)).value(); }
  void Write(const char* name, const std::string& text) const {
    REQUIRE(journal::WriteDurably(encrypted, Path(name), text));
  }
  void Cut(const char* name, std::size_t size) const { std::filesystem::resize_file(Path(name), size); }
};

std::string RandomText(SeededRandom& random, std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(random.Next()));
  return text;
}

std::string SaltOf(const std::string& on_disk) { return on_disk.substr(24, DataKey::kSaltBytes); }

}  // namespace

TEST_CASE("cipher fs: a file made by another program from the page's words is read", "[journal][key]") {
  const Disks disks;
  std::string secret, id, salt;
  for (int i = 0; i < 32; ++i) secret.push_back(static_cast<char>(i));
  journal::KeyId key_id;
  for (std::size_t i = 0; i < key_id.size(); ++i) key_id[i] = static_cast<std::uint8_t>(0x40 + i);
  const auto disk =
      journal::EncryptedDisk(disks.plain, std::make_shared<const DataKey>(key_id, Secret(std::string_view(secret))));
  // Python's hmac for the prefix, the program openssl for the text.
  std::string bytes = *ParseHex(
      "4f50454600000001404142434445464748494a4b4c4d4e4f808182838485868788898a8b8c8d8e8f90919293949596979899"
      "9a9b9c9d9e9f4a12024ff93ea55effe4136fd4a4a1cf");
  bytes.resize(kPrefixBytes);
  bytes += *ParseHex("ec5764480d01c446e19b1661f5fe3e21971e77be7ab72748a8f8b4fa6933dd048990ab8889294102");
  REQUIRE(journal::WriteDurably(disks.plain, disks.Path("file"), bytes));
  CHECK(journal::ReadWhole(disk, disks.Path("file")).value() == "the text of a file, longer than a block\n");
}

TEST_CASE("cipher fs: what is written in pieces is read whole, from anywhere, and is not in the file",
          "[journal][key]") {
  const Disks disks;
  SeededRandom random(1);
  const std::string text = RandomText(random, 300'000);
  std::unique_ptr<rocksdb::FSWritableFile> out;
  REQUIRE(disks.encrypted->NewWritableFile(disks.Path("f"), FileOptions(), &out, nullptr).ok());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = std::min<std::size_t>(text.size() - at, random.Below(5000));
    REQUIRE(out->Append(rocksdb::Slice(text.data() + at, size), IOOptions(), nullptr).ok());
    at += size;
    REQUIRE(out->GetFileSize(IOOptions(), nullptr) == at);
  }
  REQUIRE(out->Close(IOOptions(), nullptr).ok());
  CHECK(disks.Read("f") == text);
  CHECK(disks.OnDisk("f").size() == text.size() + kPrefixBytes);
  CHECK(disks.OnDisk("f").find(text.substr(1000, 16)) == std::string::npos);
  std::unique_ptr<rocksdb::FSRandomAccessFile> in;
  REQUIRE(disks.encrypted->NewRandomAccessFile(disks.Path("f"), FileOptions(), &in, nullptr).ok());
  for (int i = 0; i < 500; ++i) {
    const std::size_t at = random.Below(text.size());
    std::string piece(1 + random.Below(9000), '\0');
    rocksdb::Slice got;
    REQUIRE(in->Read(at, piece.size(), IOOptions(), &got, piece.data(), nullptr).ok());
    REQUIRE(got.ToString() == text.substr(at, piece.size()));
  }
}

TEST_CASE("cipher fs: a file opened again for writing goes on where it ended", "[journal][key]") {
  const Disks disks;
  disks.Write("f", "first, ");
  const std::string salt = SaltOf(disks.OnDisk("f"));
  std::unique_ptr<rocksdb::FSWritableFile> out;
  REQUIRE(disks.encrypted->ReopenWritableFile(disks.Path("f"), FileOptions(), &out, nullptr).ok());
  CHECK(out->GetFileSize(IOOptions(), nullptr) == 7);
  REQUIRE(out->Append("second, ", IOOptions(), nullptr).ok());
  REQUIRE(out->Append("third", IOOptions(), nullptr).ok());
  REQUIRE(out->Close(IOOptions(), nullptr).ok());
  CHECK(disks.Read("f") == "first, second, third");
  CHECK(SaltOf(disks.OnDisk("f")) == salt);
  REQUIRE(disks.encrypted->ReopenWritableFile(disks.Path("f"), FileOptions(), &out, nullptr).ok());
  REQUIRE(out->Truncate(13, IOOptions(), nullptr).ok());
  REQUIRE(out->Close(IOOptions(), nullptr).ok());
  CHECK(disks.Read("f") == "first, second");
  REQUIRE(disks.encrypted->ReopenWritableFile(disks.Path("new"), FileOptions(), &out, nullptr).ok());
  REQUIRE(out->Append("fresh", IOOptions(), nullptr).ok());
  REQUIRE(out->Close(IOOptions(), nullptr).ok());
  CHECK(disks.Read("new") == "fresh");
}

TEST_CASE("cipher fs: a file used again under another name has a key stream of its own", "[journal][key]") {
  const Disks disks;
  disks.Write("old", std::string(10'000, 'o'));
  const std::string salt = SaltOf(disks.OnDisk("old"));
  std::unique_ptr<rocksdb::FSWritableFile> out;
  REQUIRE(disks.encrypted->ReuseWritableFile(disks.Path("new"), disks.Path("old"), FileOptions(), &out, nullptr).ok());
  REQUIRE(out->Append("new", IOOptions(), nullptr).ok());
  REQUIRE(out->Close(IOOptions(), nullptr).ok());
  CHECK(disks.Read("new") == "new");
  CHECK(SaltOf(disks.OnDisk("new")) != salt);
  CHECK_FALSE(journal::Exists(disks.encrypted, disks.Path("old")).value());
}

TEST_CASE("cipher fs: a file is rewritten in place", "[journal][key]") {
  const Disks disks;
  disks.Write("f", "first witness");
  {
    const auto file = journal::WitnessFile::Open(disks.encrypted, disks.Path("f")).value();
    CHECK(file->Write("FIRST"));
    CHECK(file->Sync());
  }
  CHECK(disks.Read("f") == "FIRST witness");
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  REQUIRE(disks.encrypted->NewRandomRWFile(disks.Path("f"), FileOptions(), &file, nullptr).ok());
  char scratch[7];
  rocksdb::Slice got;
  REQUIRE(file->Read(6, 7, IOOptions(), &got, scratch, nullptr).ok());
  CHECK(got.ToString() == "witness");
}

TEST_CASE("cipher fs: sizes are those of the text, and never below nothing", "[journal][key]") {
  const Disks disks;
  disks.Write("f", "text");
  const auto size = [&](const char* name) {
    std::uint64_t bytes = 99;
    REQUIRE(disks.encrypted->GetFileSize(disks.Path(name), IOOptions(), &bytes, nullptr).ok());
    return bytes;
  };
  CHECK(size("f") == 4);
  std::vector<rocksdb::FileAttributes> files;
  const std::string parent = std::filesystem::path(disks.Path("f")).parent_path().string();
  for (const std::size_t on_disk : {kPrefixBytes + 4, kPrefixBytes, std::size_t{100}, std::size_t{0}}) {
    disks.Cut("f", on_disk);
    REQUIRE(disks.encrypted->GetChildrenFileAttributes(parent, IOOptions(), &files, nullptr).ok());
    REQUIRE(files.size() == 1);
    CHECK(files[0].size_bytes == size("f"));
    CHECK(size("f") == (on_disk > kPrefixBytes ? 4 : 0));
  }
}

TEST_CASE("cipher fs: a file whose writer died within the prefix reads as empty, and is read on when it grows",
          "[journal][key]") {
  const Disks disks;
  disks.Write("f", "the rest");
  const std::string whole = disks.OnDisk("f");
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{71}, kPrefixBytes - 1, kPrefixBytes}) {
    disks.Cut("f", size);
    CHECK(disks.Read("f").empty());
    std::unique_ptr<rocksdb::FSSequentialFile> in;
    REQUIRE(disks.encrypted->NewSequentialFile(disks.Path("f"), FileOptions(), &in, nullptr).ok());
    char scratch[16];
    rocksdb::Slice got;
    REQUIRE(in->Read(sizeof scratch, IOOptions(), &got, scratch, nullptr).ok());
    CHECK(got.empty());
    { std::ofstream(disks.Path("f"), std::ios::binary | std::ios::app) << whole.substr(size); }
    REQUIRE(in->Read(sizeof scratch, IOOptions(), &got, scratch, nullptr).ok());
    CHECK(got.ToString() == "the rest");
  }
  disks.Cut("f", 50);
  std::unique_ptr<rocksdb::FSWritableFile> out;
  REQUIRE(disks.encrypted->ReopenWritableFile(disks.Path("f"), FileOptions(), &out, nullptr).ok());
  REQUIRE(out->Append("anew", IOOptions(), nullptr).ok());
  REQUIRE(out->Close(IOOptions(), nullptr).ok());
  CHECK(disks.Read("f") == "anew");
}

TEST_CASE("cipher fs: files in plain, damaged at the start or of another key are refused, never read as garbage",
          "[journal][key]") {
  const Disks disks;
  disks.Write("f", "text");
  const std::string whole = disks.OnDisk("f");
  const auto refusal = [&](const Disk& disk) {
    const auto read = journal::ReadWhole(disk, disks.Path("f"));
    REQUIRE_FALSE(read);
    REQUIRE(read.error().code == Code::kCorrupt);
    std::unique_ptr<rocksdb::FSRandomAccessFile> random;
    REQUIRE(disk->NewRandomAccessFile(disks.Path("f"), FileOptions(), &random, nullptr).IsCorruption());
    std::unique_ptr<rocksdb::FSRandomRWFile> both;
    REQUIRE(disk->NewRandomRWFile(disks.Path("f"), FileOptions(), &both, nullptr).IsCorruption());
    std::unique_ptr<rocksdb::FSWritableFile> out;
    REQUIRE(disk->ReopenWritableFile(disks.Path("f"), FileOptions(), &out, nullptr).IsCorruption());
    return read.error().context;
  };
  CHECK(refusal(journal::EncryptedDisk(disks.plain, Key('k', 2))).find("wrong key") != std::string::npos);
  CHECK(refusal(journal::EncryptedDisk(disks.plain, Key('x'))).find("wrong key") != std::string::npos);
  for (std::size_t bit = 0; bit < 72 * 8; ++bit) {
    std::string changed = whole;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    { std::ofstream(disks.Path("f"), std::ios::binary | std::ios::trunc) << changed; }
    refusal(disks.encrypted);
  }
  REQUIRE(journal::WriteDurably(disks.plain, disks.Path("f"), std::string(kPrefixBytes + 4, 'p')));
  CHECK(refusal(disks.encrypted).find("not encrypted") != std::string::npos);
}

TEST_CASE("cipher fs: the same text under the same name is another file each time", "[journal][key]") {
  const Disks disks;
  std::set<std::string> salts, texts;
  for (int i = 0; i < 50; ++i) {
    disks.Write("f", std::string(64, '\0'));
    salts.insert(SaltOf(disks.OnDisk("f")));
    texts.insert(disks.OnDisk("f").substr(kPrefixBytes));
  }
  CHECK(salts.size() == 50);
  CHECK(texts.size() == 50);
}
