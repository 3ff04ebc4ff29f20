#include "journal/encryption.h"

#include <fstream>
#include <map>
#include <set>

#include "base/random.h"
#include "journal/key_file.h"
#include "journal/layout.h"
#include "journal/unlock.h"
#include "tests/journal/child.h"
#include "tests/journal/fault_fs.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kCanary = "CANARY-of-what-a-person-typed";

KeySource Stored(char byte = 'k') { return {KeySource::Kind::kStored, Secret(std::string(kCipherKeyBytes, byte))}; }
KeySource Passphrase(std::string_view text) { return {KeySource::Kind::kPassphrase, Secret(text)}; }

JournalOptions With(KeySource key) {
  JournalOptions options;
  options.key = std::move(key);
  return options;
}

// Every file below `folder`: its bytes and when it was last written.
std::map<std::string, std::pair<std::string, fs::file_time_type>> AllOf(const fs::path& folder) {
  std::map<std::string, std::pair<std::string, fs::file_time_type>> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    std::error_code gone;  // a file that an open journal no longer needs goes while we look
    const auto time = entry.last_write_time(gone);
    const auto content = entry.is_directory() ? Result<std::string>("") : ReadFile(entry.path());
    if (!gone && content) files[entry.path().string()] = {content.value(), time};
  }
  return files;
}

// The files below `folder` that hold `text`.
std::set<std::string> Holding(const fs::path& folder, std::string_view text) {
  std::set<std::string> found;
  for (const auto& [path, file] : AllOf(folder))
    if (file.first.find(text) != std::string::npos) found.insert(fs::path(path).extension().string());
  return found;
}

// Everything a journal does: appends, flushes, folds, compaction, a second open, a follower. Its folder is then full of
// files of all kinds.
void Exercise(Bench& bench) {
  SeededRandom random(1);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40; ++i) {
      Batch batch;
      for (std::uint64_t item = 0; item < 20; ++item)
        batch.push_back(Change(Item(random.Below(300)), std::string(kCanary) + std::string(2000, 'x')));
      bench.MustAppend(std::move(batch));
    }
    bench.Reopen();  // enough was written to flush it
  }
  bench.MustAppend({Change(Item(1), std::string(kCanary))});
}

void CheckWhole(Bench& bench) {
  CHECK(bench.journal->stats().read_only_reason == "");
  CHECK(bench.Verify().problem == "");
  CHECK(bench.Rebuild().equal());
}

// What Open and a follower say to `key`; both must say the same and leave every byte and time in the folder as it is.
Error Refused(Bench& bench, const KeySource& key) {
  const auto before = AllOf(bench.options.folder);
  const KeySource own = std::exchange(bench.options.key, key);
  const auto opened = bench.TryOpen();
  bench.options.key = own;
  REQUIRE_FALSE(opened);
  const auto follower = JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch"), key);
  REQUIRE_FALSE(follower);
  CHECK(follower.error().context == opened.error().context);
  CHECK(AllOf(bench.options.folder) == before);
  CHECK_FALSE(fs::exists(bench.folder.beside("scratch")));
  return opened.error();
}

void CheckRefused(Bench& bench, const KeySource& key, Code code, const std::string& text) {
  const Error error = Refused(bench, key);
  CHECK(CodeName(error.code) == std::string(CodeName(code)));
  INFO(error.context);
  CHECK(error.context.find(text) != std::string::npos);
}

}  // namespace

TEST_CASE("encryption: a journal with a key does all that a plain one does", "[journal][key]") {
  for (const KeySource& key : {Stored(), Passphrase("open sesame")}) {
    Bench bench(With(key));
    Exercise(bench);
    CheckWhole(bench);
    const auto root = bench.Verify().root;
    bench.Reopen();
    CHECK(bench.Verify().root == root);
    CHECK(bench.journal->View()->last() == 1601);
    const auto follower = JournalFollower::Open(bench.options.folder, bench.folder.beside("scratch"), key);
    REQUIRE(follower);
    auto view = follower.value()->View();
    REQUIRE(Bench::Outcome(view) == "ok");
    CHECK(VerifyEvents(*view.value()).value().root == root);
    CHECK(VerifyRebuild(*view.value(), {bench.fold.get()}).value().equal());
    view.value().reset();
    bench.MustAppend(Changes(1, 2));
    CHECK(follower.value()->View().value()->last() == 1603);
  }
}

TEST_CASE("encryption: nothing a person typed is in any file, nor RocksDB's own words; in a plain journal both are",
          "[journal][key]") {
  Bench plain;
  Exercise(plain);
  Bench encrypted(With(Stored()));
  Exercise(encrypted);
  for (const Bench* bench : {&plain, &encrypted}) {
    const auto follower =
        JournalFollower::Open(bench->options.folder, bench->folder.beside("scratch"), bench->options.key);
    REQUIRE(follower.value()->View());
  }
  const fs::path plain_top = plain.folder.beside(""), encrypted_top = encrypted.folder.beside("");
  CHECK(Holding(plain_top, kCanary) == std::set<std::string>{".log", ".sst"});
  CHECK(Holding(encrypted_top, kCanary).empty());
  CHECK_FALSE(Holding(plain_top, "BytewiseComparator").empty());
  CHECK(Holding(encrypted_top, "BytewiseComparator").empty());
  CHECK_FALSE(Holding(plain_top, "OPTL").empty());
  CHECK(Holding(encrypted_top, "OPTL").empty());
  // The files in plain are those that schemas/event.md names.
  for (const auto& [path, file] : AllOf(encrypted.options.folder)) {
    const auto name = fs::path(path).filename().string();
    if (fs::is_directory(path) || name == "LOCK" || name == "FORMAT" || name == "KEY") continue;
    INFO(path);
    CHECK(file.first.starts_with("OPEF"));
  }
}

TEST_CASE("encryption: no two files ever share a key stream", "[journal][key]") {
  Bench bench(With(Stored()));
  std::map<std::string, std::string> salts;  // by path and size
  std::set<std::string> different;
  for (int i = 0; i < 5; ++i) {
    Exercise(bench);
    for (const auto& [path, file] : AllOf(bench.options.folder)) {
      if (!file.first.starts_with("OPEF")) continue;
      const std::string salt = file.first.substr(24, 32);
      if (salts[path] != salt) CHECK(different.insert(salt).second);
      salts[path] = salt;
    }
  }
  CHECK(different.size() > 10);
}

TEST_CASE("encryption: the wrong key, none, or one of the other kind is refused by name, and nothing is touched",
          "[journal][key]") {
  Bench bench(With(Stored()));
  bench.MustAppend(Changes(1, 3));
  bench.Close();
  CheckRefused(bench, Stored('x'), Code::kRejected, "another key than the one given");
  CheckRefused(bench, {}, Code::kRejected, "opens by the key in the secret store; none was given");
  CheckRefused(bench, Passphrase("p"), Code::kRejected, "secret store; a passphrase was given");
  CheckRefused(bench, {KeySource::Kind::kStored, Secret("short")}, Code::kInvalid, "it must have 32");
  bench.Open();
  CheckWhole(bench);

  Bench sealed(With(Passphrase("open sesame")));
  sealed.Close();
  CheckRefused(sealed, Passphrase("open sesam"), Code::kRejected, "another passphrase than the one given");
  CheckRefused(sealed, {}, Code::kRejected, "opens by its passphrase; none was given");
  CheckRefused(sealed, Stored(), Code::kRejected, "passphrase; a key was given");
  CheckRefused(sealed, Passphrase(""), Code::kInvalid, "1 to 1024 bytes");

  Bench plain;
  plain.Close();
  CheckRefused(plain, Stored(), Code::kRejected, "not encrypted, but a key was given");
  CheckRefused(plain, Passphrase("p"), Code::kRejected, "add it again with a key");
}

TEST_CASE("encryption: a KEY that is gone, short, damaged or another journal's is refused by name, nothing touched",
          "[journal][key]") {
  Bench bench(With(Stored()));
  bench.MustAppend(Changes(1, 3));
  bench.Close();
  Bench other(With(Stored()));
  other.Close();
  const auto path = journal::KeyPath(bench.options.folder);
  const std::string whole = ReadFile(path).value();
  const auto put = [&](const std::string& bytes) { REQUIRE(WriteFileDurably(path, bytes)); };
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, std::size_t{44}, whole.size() - 1}) {
    put(whole.substr(0, size));
    CheckRefused(bench, Stored(), Code::kCorrupt, "KEY is damaged");
  }
  put(ReadFile(journal::KeyPath(other.options.folder)).value());
  CheckRefused(bench, Stored(), Code::kCorrupt, "CURRENT is encrypted under the wrong key");
  fs::remove(path);
  for (const KeySource& key : {KeySource{}, Stored(), Passphrase("p")})
    CheckRefused(bench, key, Code::kCorrupt, "KEY is gone");
  put(whole);
  bench.Open();
  CheckWhole(bench);
}

TEST_CASE("encryption: a creation that ended after KEY is finished by the same key only", "[journal][key]") {
  Bench bench(With(Stored()));
  bench.Close();
  const std::string key_file = ReadFile(journal::KeyPath(bench.options.folder)).value();
  for (const bool format : {false, true}) {
    fs::remove_all(bench.options.folder);
    REQUIRE(MakeFolder(bench.options.folder));
    REQUIRE(WriteFileDurably(journal::KeyPath(bench.options.folder), key_file));
    if (format) REQUIRE(WriteFileDurably(journal::FormatPath(bench.options.folder), journal::FormatText()));
    for (const KeySource& key : {KeySource{}, Stored('x')}) {
      const KeySource own = std::exchange(bench.options.key, key);
      CHECK(bench.TryOpen().error().code == Code::kRejected);
      bench.options.key = own;
    }
    bench.Open();
    bench.MustAppend(Changes(1, 1));
    CHECK(ReadFile(journal::KeyPath(bench.options.folder)).value() == key_file);
    CheckWhole(bench);
    bench.Close();
  }
}

TEST_CASE("encryption: a changed passphrase opens, the old one no longer, and only KEY has changed", "[journal][key]") {
  Bench bench(With(Passphrase("old")));
  bench.MustAppend(Changes(1, 3));
  const auto folder = bench.options.folder;
  CHECK(ChangePassphrase(folder, Secret("old"), Secret("new")).error().code == Code::kConflict);
  bench.Close();
  auto before = AllOf(folder);
  CHECK(ChangePassphrase(folder, Secret("wrong"), Secret("new")).error().code == Code::kRejected);
  CHECK(ChangePassphrase(folder, Secret("old"), Secret("")).error().code == Code::kInvalid);
  CHECK(AllOf(folder) == before);
  REQUIRE(ChangePassphrase(folder, Secret("old"), Secret("new")));
  auto after = AllOf(folder);
  CHECK(after.at(journal::KeyPath(folder).string()) != before.at(journal::KeyPath(folder).string()));
  for (auto* files : {&before, &after}) {
    files->erase(journal::KeyPath(folder).string());
    files->erase(folder.string());
  }
  CHECK(after == before);
  CheckRefused(bench, Passphrase("old"), Code::kRejected, "another passphrase");
  bench.options.key = Passphrase("new");
  bench.Open();
  CheckWhole(bench);
  CHECK(bench.journal->View()->last() == 3);

  Bench stored(With(Stored()));
  stored.Close();
  CHECK(ChangePassphrase(stored.options.folder, Secret("old"), Secret("new")).error().code == Code::kRejected);
  CHECK(ChangePassphrase(bench.folder.beside("none"), Secret("old"), Secret("new")).error().code == Code::kNotFound);
}

TEST_CASE("encryption: how a journal is encrypted is told without its key", "[journal][key]") {
  Bench plain, stored(With(Stored())), sealed(With(Passphrase("p")));
  CHECK_FALSE(EncryptionOf(plain.options.folder).value());
  CHECK(EncryptionOf(stored.options.folder).value() == KeyGuard::kStored);
  CHECK(EncryptionOf(sealed.options.folder).value() == KeyGuard::kPassphrase);
  CHECK_FALSE(EncryptionOf(plain.folder.beside("none")).value());
}

TEST_CASE("encryption: after a power cut at any moment of the log what was synced is there", "[journal][key][fault]") {
  for (const unsigned kept_percent : {0u, 10u, 37u, 80u, 100u})
    for (const int appends : {0, 1, 30}) {
      const auto faults = std::make_shared<FaultFs>();
      const auto env = rocksdb::NewCompositeEnv(faults);
      auto options = With(Stored());
      options.rocksdb_env = env.get();
      options.reserve_bytes = 0;
      Bench bench(options);
      SeededRandom random(kept_percent + 1);
      Sequence synced = 0, all = 0;
      for (int i = 0; i < appends; ++i) {
        const bool sync = random.Chance(1, 3) && i < 20;
        const auto appended = bench.Append(Changes(random.Below(9), 1 + random.Below(9)), {},
                                           sync ? Durability::kSynced : Durability::kUnsynced);
        REQUIRE(appended);
        all = appended.value().last;
        if (sync) synced = all;
      }
      faults->CutPower(kept_percent);
      bench.Close();
      bench.options.rocksdb_env = nullptr;
      bench.Open();
      INFO("kept " << kept_percent << "% of the unsynced log of " << appends << " appends");
      const Sequence last = bench.journal->View()->last();
      CHECK(last >= synced);
      CHECK(last <= all);
      CHECK(bench.MustAppend(Changes(1, 1)) == last + 1);
      CheckWhole(bench);
    }
}

TEST_CASE("encryption: a log of which only a part of the first page reached the disk is an empty one",
          "[journal][key][fault]") {
  for (const std::size_t size : {0u, 1u, 40u, 71u, 4095u, 4096u})
    // Some file systems leave it as long as it was to become, with zeros where nothing was written.
    for (const std::size_t long_as : {size, std::size_t{9'000}}) {
      Bench bench(With(Stored()));
      bench.MustAppend(Changes(1, 3));
      bench.Reopen();  // flushes what the log held, and starts the next
      bench.Close();
      fs::path newest;
      for (const auto& entry : fs::directory_iterator(journal::DatabasePath(bench.options.folder)))
        if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
      fs::resize_file(newest, size);
      fs::resize_file(newest, long_as);
      bench.Open();
      INFO("cut to " << size << " bytes, " << long_as << " bytes long");
      CHECK(bench.journal->View()->last() == 3);
      CheckWhole(bench);
      CHECK(bench.MustAppend(Changes(1, 1)) == 4);
    }
}

TEST_CASE("encryption: a record that a power cut left half zero at the end of the MANIFEST costs nothing",
          "[journal][key][fault]") {
  Bench bench(With(Stored()));
  bench.MustAppend(Changes(1, 3));
  bench.Close();
  fs::path manifest;
  for (const auto& entry : fs::directory_iterator(journal::DatabasePath(bench.options.folder)))
    if (entry.path().filename().string().starts_with("MANIFEST-")) manifest = std::max(manifest, entry.path());
  const auto disk = journal::Unlock(bench.options.folder, true, journal::DiskOf(nullptr), Stored()).value().disk;
  const std::string whole = journal::ReadWhole(disk, manifest).value();
  // What was not written is zero on the disk; read through the cipher it is anything.
  const auto tear = [&](const std::string& text) {
    REQUIRE(journal::WriteDurably(disk, manifest, text + std::string("crc!\xc8\0\1torn here", 16)));
    fs::resize_file(manifest, fs::file_size(manifest) + 191);
  };
  std::string damaged = whole;
  damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 1);
  tear(damaged);
  const std::string before = ReadFile(manifest).value();
  CHECK(bench.TryOpen().error().code == Code::kCorrupt);
  CHECK(ReadFile(manifest).value() == before);
  tear(whole);
  bench.Open();
  CHECK(bench.journal->View()->last() == 3);
  CheckWhole(bench);
}

TEST_CASE(
    "encryption: a flipped bit in any file, its prefix or its text, is found or harmless, never read as other events",
    "[journal][key][fault]") {
  Bench bench(With(Stored()));
  for (int i = 0; i < 20; ++i) bench.MustAppend(Changes(1, 2));
  const auto root = bench.Verify().root;
  bench.Close();
  const fs::path copy = bench.folder.beside("copy");
  fs::copy(bench.options.folder, copy, fs::copy_options::recursive);
  SeededRandom random(7);
  int found = 0, harmless = 0;
  const auto flip = [&](const fs::path& name, std::size_t at) {
    fs::remove_all(bench.options.folder);
    fs::copy(copy, bench.options.folder, fs::copy_options::recursive);
    const fs::path file = bench.options.folder / name;
    std::string bytes = ReadFile(file).value();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
    { std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes; }
    const auto opened = bench.TryOpen();
    INFO(name << " at " << at << ": " << Bench::Outcome(opened));
    const bool whole = opened && !bench.journal->stats().read_only;
    if (whole) {
      CHECK(bench.Verify().root == root);
      CHECK(bench.Verify().chain_ok);
    }
    ++(whole ? harmless : found);
    bench.Close();
  };
  for (const auto& entry : fs::recursive_directory_iterator(copy)) {
    if (!entry.is_regular_file() || entry.file_size() == 0) continue;
    const auto name = fs::relative(entry.path(), copy);
    const std::size_t size = entry.file_size();
    for (const std::size_t at : {0u, 5u, 10u, 30u, 60u})  // magic, version, key id, salt, head
      if (at < size) flip(name, at);
    for (int i = 0; i < 5 && size > 4096; ++i) flip(name, 4096 + random.Below(size - 4096));
  }
  std::printf("encryption: of %d flipped bits %d were found, %d harmless\n", found + harmless, found, harmless);
  CHECK(found > 20);
  CHECK(harmless > 0);
}

TEST_CASE("encryption: after SIGKILL every acknowledged append is there", "[journal][key][crash]") {
  const std::string key(kCipherKeyBytes, 'k');
  Bench bench(With(Stored('k')));
  for (int kill = 0; kill < 5; ++kill) {
    bench.Close();
    Child child(
        {OUTPOST_CRASH_WRITER, bench.options.folder.string(), std::to_string(kill), "4", "900", ToHex(AsBytes(key))});
    Sequence highest = 0;
    const auto note = [&](const std::string& line) {
      highest = std::max<Sequence>(highest, std::strtoull(line.c_str() + line.find(' '), nullptr, 10));
    };
    std::string line;
    for (int lines = 0; lines < 60 * (kill + 1); ++lines) {
      REQUIRE(child.ReadLine(line));
      note(line);
    }
    child.Kill();
    while (child.ReadLine(line)) note(line);
    bench.Open();
    INFO("kill " << kill);
    CHECK(bench.journal->View()->last() >= highest);
    CheckWhole(bench);
  }
}
