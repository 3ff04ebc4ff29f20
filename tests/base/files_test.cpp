#include "base/system/files.h"

#include <catch2/catch.hpp>
#include <fstream>

using namespace outpost;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = MakeTemporaryFolder("outpost-files-").value();
  Folder() = default;
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path); }
  std::size_t Entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

constexpr fs::perms kOthers = fs::perms::group_all | fs::perms::others_all;

}  // namespace

TEST_CASE_METHOD(Folder, "files: what was written is what is read, zero bytes and all", "[base]") {
  const std::string content = std::string("a\0b\r\n", 5) + std::string(200'000, 'x');
  REQUIRE(WriteFileDurably(path / "f", content));
  CHECK(ReadFile(path / "f").value() == content);
  REQUIRE(ReplaceFile(path / "f", "another"));
  CHECK(ReadFile(path / "f").value() == "another");
  CHECK_FALSE(ReplaceFile(path / "none" / "f", "x"));
  REQUIRE(WriteFileDurably(path / "f", ""));
  CHECK(ReadFile(path / "f").value().empty());
  CHECK(Entries() == 1);
}

TEST_CASE_METHOD(Folder, "files: a written file is its owner's alone", "[base]") {
  REQUIRE(WriteFileDurably(path / "f", "secret"));
  CHECK((fs::status(path / "f").permissions() & kOthers) == fs::perms::none);
  REQUIRE(MakeFolder(path / "a" / "b"));
  CHECK((fs::status(path / "a" / "b").permissions() & kOthers) == fs::perms::none);
  CHECK((fs::status(path).permissions() & kOthers) == fs::perms::none);
}

TEST_CASE_METHOD(Folder, "files: a write that fails leaves nothing behind", "[base]") {
  REQUIRE(MakeFolder(path / "taken" / "inside"));
  const Result<void> written = WriteFileDurably(path / "taken", "x");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Code::kUnavailable);
  CHECK(written.error().context.find((path / "taken").string()) != std::string::npos);
  CHECK(fs::is_directory(path / "taken" / "inside"));
  CHECK(Entries() == 1);
}

TEST_CASE_METHOD(Folder, "files: a file in a folder that is not there is refused by name", "[base]") {
  CHECK_FALSE(WriteFileDurably(path / "none" / "f", "x"));
  const Result<std::string> read = ReadFile(path / "none");
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Code::kNotFound);
  CHECK(read.error().context.find("none") != std::string::npos);
}

TEST_CASE_METHOD(Folder, "files: reading a folder is an error, not an empty file", "[base]") {
  const Result<std::string> read = ReadFile(path);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == Code::kUnavailable);
}

TEST_CASE_METHOD(Folder, "files: making a folder that is there changes nothing", "[base]") {
  REQUIRE(MakeFolder(path / "a"));
  REQUIRE(WriteFileDurably(path / "a" / "f", "x"));
  CHECK(MakeFolder(path / "a"));
  CHECK(ReadFile(path / "a" / "f").value() == "x");
  CHECK_FALSE(MakeFolder(path / "a" / "f"));
}

TEST_CASE_METHOD(Folder, "files: a lock is held by one at a time and free when it goes", "[base]") {
  auto lock = FileLock::Take(path / "LOCK");
  REQUIRE(lock);
  const auto second = FileLock::Take(path / "LOCK");
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Code::kConflict);
  lock.value().reset();
  CHECK(FileLock::Take(path / "LOCK"));
}

TEST_CASE_METHOD(Folder, "files: a lock in a folder that is not there is no conflict", "[base]") {
  const auto lock = FileLock::Take(path / "none" / "LOCK");
  REQUIRE_FALSE(lock);
  CHECK(lock.error().code != Code::kConflict);
}

TEST_CASE_METHOD(Folder, "files: free space is known where there is a file system", "[base]") {
  CHECK(FreeBytes(path).value() > 0);
  CHECK_FALSE(FreeBytes(path / "none"));
}

TEST_CASE("files: temporary folders are new each time", "[base]") {
  const Folder a, b;
  CHECK(a.path != b.path);
  CHECK(a.Entries() == 0);
}
