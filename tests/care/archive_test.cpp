// What comes out of an archive is plain files with plain names, whatever somebody put in.
#include "care/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <functional>

#include "base/system/crypto.h"
#include "care/backup.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

struct Scratch {
  std::filesystem::path path = MakeTemporaryFolder("outpost-archive-").value();
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

// An archive of entries as libarchive lets anybody make them.
class Forger {
 public:
  explicit Forger(const std::filesystem::path& file) : handle_(archive_write_new()) {
    archive_write_add_filter_zstd(handle_);
    archive_write_set_format_pax(handle_);
    REQUIRE(archive_write_open_filename(handle_, file.c_str()) == ARCHIVE_OK);
  }
  ~Forger() { archive_write_free(handle_); }
  using Touch = std::function<void(archive_entry*)>;
  Forger& Add(const std::string& name, const std::string& content, const Touch& touch = nullptr) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    if (touch) touch(entry);
    REQUIRE(archive_write_header(handle_, entry) == ARCHIVE_OK);
    if (!content.empty()) archive_write_data(handle_, content.data(), content.size());
    archive_entry_free(entry);
    files_.push_back({name, content.size(), Sha256Of(content)});
    return *this;
  }
  // A manifest that tells the truth about all that was added.
  void End() {
    BackupManifest manifest;
    manifest.account = "anna@test";
    manifest.files = files_;
    Add(std::string(kManifestName), EncodeManifest(manifest));
    Close();
  }
  void Close() { archive_write_close(handle_); }

 private:
  archive* handle_;
  std::vector<ArchivedFile> files_;
};

// The head of a plain tar whose entry says it has 2^50 bytes, and the first of them.
std::string HugeEntry(const std::string& name) {
  std::string head(1024, '\0');
  head.replace(0, name.size(), name);
  head.replace(100, 8, "0000600\0", 8);
  head[124] = '\x80';  // a size in binary follows
  head[124 + 11 - 6] = '\x04';
  head[156] = '0';
  head.replace(257, 8, "ustar\00000", 8);
  head.replace(148, 8, "        ");
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(head[i]);
  char digits[8] = {};
  for (int i = 5; i >= 0; --i, sum /= 8) digits[i] = static_cast<char>('0' + sum % 8);
  head.replace(148, 8, digits, 8);
  return head;
}

std::string WhyRefused(const std::filesystem::path& file, Code code) {
  Scratch into;
  const auto unpacked = UnpackBackup(file, into.path, nullptr);
  REQUIRE_FALSE(unpacked);
  CHECK(CodeName(unpacked.error().code) == std::string(CodeName(code)));
  // Nothing but the folder itself was touched.
  for (const auto& entry : std::filesystem::directory_iterator(into.path)) CHECK(entry.path().filename() == "journal");
  CHECK_FALSE(CheckBackup(file, nullptr));
  return unpacked.error().context;
}

}  // namespace

TEST_CASE("archive: what goes in comes out, with its hash", "[care]") {
  Scratch scratch;
  const std::string large(3'000'000, 'x');
  REQUIRE(WriteFileDurably(scratch.path / "large", large));
  REQUIRE(WriteFileDurably(scratch.path / "empty", ""));
  {
    const auto writer = Must(ArchiveWriter::Create(scratch.path / "archive"));
    CHECK(Must(writer->AddFile("journal/large", scratch.path / "large", nullptr)).sha256 == Sha256Of(large));
    Must(writer->AddFile("journal/empty", scratch.path / "empty", nullptr));
    MustDo(writer->AddText("note", "words"));
    MustDo(writer->Finish());
  }
  const auto reader = Must(ArchiveReader::Open(scratch.path / "archive"));
  for (const auto& [name, content] :
       {std::pair<std::string, std::string>{"journal/large", large}, {"journal/empty", ""}, {"note", "words"}}) {
    const auto entry = Must(reader->Next());
    REQUIRE(entry);
    CHECK(entry->name == name);
    CHECK(entry->bytes == content.size());
    std::string got;
    CHECK(Must(reader->Read([&](std::string_view piece) -> Result<void> {
            got.append(piece);
            return Ok();
          })) == Sha256Of(content));
    CHECK(got == content);
  }
  CHECK_FALSE(Must(reader->Next()));
}

TEST_CASE("archive: names that are no plain relative paths are none", "[care]") {
  for (const char* name : {"a", "journal/db/000012.sst", "journal/blobs/ab/abcd", "A-1_2.x"}) CHECK(IsPlainName(name));
  for (const char* name : {"", "/a", "a/", "a//b", "..", "a/../b", ".hidden", "a/.b", "a\\b", "C:", "a b", "a/b/c/d/e",
                           "n\xc3\xa4", "a\nb"})
    CHECK_FALSE(IsPlainName(name));
  CHECK_FALSE(IsPlainName(std::string(201, 'a')));
}

TEST_CASE("backup: hostile entries are refused by name", "[care][hostile]") {
  Scratch scratch;
  const auto file = scratch.path / "hostile";
  for (const char* name : {"/etc/outpost", "../outside", "journal/../../outside", "journal/./x"}) {
    Forger(file).Add(name, "x").End();
    CHECK(WhyRefused(file, Code::kInvalid).find(name) != std::string::npos);
  }
  Forger(file)
      .Add("journal/link", "",
           [](archive_entry* entry) {
             archive_entry_set_filetype(entry, AE_IFLNK);
             archive_entry_set_symlink(entry, "/etc/passwd");
           })
      .End();
  CHECK(WhyRefused(file, Code::kInvalid).find("journal/link") != std::string::npos);
  Forger(file)
      .Add("journal/a", "x")
      .Add("journal/hard", "", [](archive_entry* entry) { archive_entry_set_hardlink(entry, "journal/a"); })
      .End();
  CHECK(WhyRefused(file, Code::kInvalid).find("journal/hard") != std::string::npos);
  Forger(file)
      .Add("journal/device", "", [](archive_entry* entry) { archive_entry_set_filetype(entry, AE_IFCHR); })
      .End();
  CHECK(WhyRefused(file, Code::kInvalid).find("journal/device") != std::string::npos);
  Forger(file).Add("elsewhere/x", "x").End();
  CHECK(WhyRefused(file, Code::kInvalid).find("elsewhere/x") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(scratch.path / "outside"));
}

TEST_CASE("backup: an entry that is there twice is refused by name", "[care][hostile]") {
  Scratch scratch;
  const auto file = scratch.path / "hostile";
  Forger(file).Add("journal/a", "1").Add("journal/a", "2").End();
  CHECK(WhyRefused(file, Code::kInvalid).find("\"journal/a\" is there twice") != std::string::npos);
}

TEST_CASE("backup: an entry larger than the disk is refused before a byte of it is written", "[care][hostile]") {
  Scratch scratch;
  const auto file = scratch.path / "hostile";
  REQUIRE(WriteFileDurably(file, HugeEntry("journal/huge")));
  Scratch into;
  const auto unpacked = UnpackBackup(file, into.path, nullptr);
  REQUIRE_FALSE(unpacked);
  CHECK(unpacked.error().context.find("journal/huge") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(into.path / "journal" / "huge"));
}

TEST_CASE("backup: a manifest that is missing, not last, or not true is refused", "[care][hostile]") {
  Scratch scratch;
  const auto file = scratch.path / "hostile";
  {
    Forger forger(file);
    forger.Add("journal/a", "1").Close();
  }
  CHECK(WhyRefused(file, Code::kCorrupt).find("no manifest") != std::string::npos);
  {
    Forger forger(file);
    forger.Add("journal/a", "1").End();
  }
  {
    Forger forger(file);
    BackupManifest manifest;
    manifest.files = {{"journal/a", 1, Sha256Of("2")}};
    forger.Add("journal/a", "1").Add(std::string(kManifestName), EncodeManifest(manifest)).Close();
  }
  CHECK(WhyRefused(file, Code::kCorrupt).find("journal/a") != std::string::npos);
  {
    Forger forger(file);
    BackupManifest manifest;
    forger.Add(std::string(kManifestName), EncodeManifest(manifest)).Add("journal/late", "1").Close();
  }
  CHECK(WhyRefused(file, Code::kInvalid).find("journal/late") != std::string::npos);
  {
    Forger forger(file);
    forger.Add(std::string(kManifestName), "{\"format\": 2}").Close();
  }
  CHECK(WhyRefused(file, Code::kNewerFormat).find("format 2") != std::string::npos);
}

TEST_CASE("backup: a file that is none is refused", "[care][hostile]") {
  Scratch scratch;
  const auto file = scratch.path / "none";
  for (const std::string& content : {std::string(), std::string("hello"), std::string(100'000, '\0')}) {
    REQUIRE(WriteFileDurably(file, content));
    CHECK_FALSE(CheckBackup(file, nullptr));
  }
  CHECK(CheckBackup(scratch.path / "absent", nullptr).error().code == Code::kNotFound);
}
