#include "engine/secrets.h"
#include "tests/care/care.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// An account with a little of everything.
void Fill(BackedUp& pair) {
  for (int i = 0; i < 20; ++i)
    Must(pair.elsewhere().CreateContact(pair.remote_folder, {{"last_name", "n" + std::to_string(100 + i)}}));
  pair.Settle();
  pair.CreateLocally("waiting", {{Pair::Field("note"), std::string("secret words")}});
}

}  // namespace

TEST_CASE("backup: it is the journal as it was, proven, and made again from it byte for byte", "[care]") {
  BackedUp pair;
  Fill(pair);
  const auto before = Must(VerifyEvents(*pair.account().View()));
  const auto report = pair.Backup();
  CHECK(report.manifest.root == before.root);
  CHECK(report.manifest.last == before.last);
  CHECK(report.archive_bytes == std::filesystem::file_size(pair.file()));
  CHECK_FALSE(std::filesystem::exists(pair.file().string() + ".part"));
  CHECK(Must(CheckBackup(pair.file(), nullptr)).files == report.manifest.files);
  const auto into = pair.folder() / "unpacked";
  Must(UnpackBackup(pair.file(), into, nullptr));
  auto source = Contents(pair.folder() / "checkpoint1");
  std::erase_if(source, [](const auto& file) { return file.first.starts_with("db/LOG") || file.first == "db/LOCK"; });
  CHECK(Contents(into / "journal") == source);
}

TEST_CASE("backup: the password and what people wrote do not show in it", "[care]") {
  BackedUp pair;
  Fill(pair);
  REQUIRE(StoreSecret(pair.folder() / "account", "pass-canary"));
  for (const auto& file : pair.Backup().manifest.files) CHECK(file.name.find("secret") == std::string::npos);
  const auto into = pair.folder() / "unpacked";
  Must(UnpackBackup(pair.file(), into, nullptr));
  for (const auto& [name, content] : Contents(into)) CHECK(content.find("pass-canary") == std::string::npos);
}

TEST_CASE("backup: a file that is there is refused, and replaced when asked", "[care]") {
  BackedUp pair;
  Fill(pair);
  REQUIRE(WriteFileDurably(pair.file(), "precious"));
  MustDo(pair.account().MakeCheckpoint(pair.folder() / "copy"));
  const SystemClock clock;
  const auto refused =
      PackJournal(pair.folder() / "copy", {}, "anna@test", pair.file(), Existing::kRefuse, clock, nullptr);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kConflict);
  CHECK(Must(ReadFile(pair.file())) == "precious");
  pair.Backup(Existing::kReplace);
  CHECK(CheckBackup(pair.file(), nullptr));
}

TEST_CASE("backup: of a damaged journal there is none, and nothing is left of the attempt", "[care]") {
  BackedUp pair;
  Fill(pair);
  const auto copy = pair.folder() / "copy";
  MustDo(pair.account().MakeCheckpoint(copy));
  for (const auto& entry : std::filesystem::directory_iterator(copy / "db")) {
    if (entry.path().extension() != ".sst") continue;
    std::string bytes = Must(ReadFile(entry.path()));
    bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] ^ 4);
    REQUIRE(WriteFileDurably(entry.path(), bytes));
  }
  const SystemClock clock;
  CHECK_FALSE(PackJournal(copy, {}, "anna@test", pair.file(), Existing::kRefuse, clock, nullptr));
  CHECK_FALSE(std::filesystem::exists(pair.file()));
  CHECK_FALSE(std::filesystem::exists(pair.file().string() + ".part"));
}

TEST_CASE("backup: cut off or with a flipped bit it is refused, or proven whole all the same", "[care][hostile]") {
  BackedUp pair;
  Fill(pair);
  const auto root = pair.Backup().manifest.root;
  const std::string whole = Must(ReadFile(pair.file()));
  const auto damaged = pair.folder() / "damaged";
  std::size_t cut_refused = 0, flipped_refused = 0, tried = 0;
  const std::size_t step = whole.size() / 60 + 1;
  for (std::size_t at = 0; at < whole.size(); at += step, ++tried) {
    REQUIRE(WriteFileDurably(damaged, whole.substr(0, at)));
    cut_refused += CheckBackup(damaged, nullptr) ? 0 : 1;
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    REQUIRE(WriteFileDurably(damaged, flipped));
    const auto checked = CheckBackup(damaged, nullptr);
    flipped_refused += checked ? 0 : 1;
    if (checked) CHECK(checked.value().root == root);
  }
  CHECK(cut_refused == tried);
  CHECK(flipped_refused + 3 >= tried);  // padding and frame descriptors carry no content
}

TEST_CASE("backup: a manifest of which one digit was changed is not believed", "[care][hostile]") {
  BackupManifest manifest;
  manifest.account = "anna@test";
  manifest.last = 7;
  manifest.root.fill(0x2c);
  std::string text = EncodeManifest(manifest);
  CHECK(DecodeManifest(text).value().root == manifest.root);
  text[text.find("2c2c")] = '3';
  CHECK(DecodeManifest(text).error().code == Code::kCorrupt);
}
