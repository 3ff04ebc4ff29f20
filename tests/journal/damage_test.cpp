// One flipped bit and one lost end, anywhere in a journal's folder.
#include <rocksdb/file_system.h>

#include <catch2/catch.hpp>
#include <mutex>
#include <set>

#include "base/clock.h"
#include "base/random.h"
#include "base/system/files.h"
#include "journal/salvage.h"
#include "journal/table_guard.h"
#include "tests/journal/damaged.h"
#include "tests/journal/scratch.h"
#include "tests/journal/test_fold.h"

using namespace outpost;
using namespace outpost::test;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);  // fuzz_directory.cpp

namespace {

struct Tally {
  std::size_t tried = 0;
  std::size_t harmless = 0;
  std::size_t at_open = 0;
  std::size_t by_verify = 0;
};

// A damage in a table file is to be told with the file's name, whoever tells it.
bool IsAddressed(const std::string& path, const Finding& finding) {
  if (finding.text.empty()) return false;
  if (!path.ends_with(".sst")) return true;
  const std::string name = std::filesystem::path(path).filename().string();
  return finding.file == name || finding.text.find(name) != std::string::npos;
}

// Examines the journal with `path` holding `content`, and counts.
void Try(const Pristine& pristine, const std::string& path, std::string content, const std::filesystem::path& folder,
         Tally& tally) {
  Pristine damaged = pristine;
  damaged.files[path] = std::move(content);
  damaged.WriteTo(folder);
  const Finding finding = Examine(pristine, folder);
  INFO(path << ": " << finding.text << " in '" << finding.file << "'");
  REQUIRE(finding.verdict != Verdict::kUnnoticed);
  if (finding.verdict != Verdict::kHarmless) REQUIRE(IsAddressed(path, finding));
  ++tally.tried;
  tally.harmless += finding.verdict == Verdict::kHarmless ? 1 : 0;
  tally.at_open += finding.verdict == Verdict::kAtOpen ? 1 : 0;
  tally.by_verify += finding.verdict == Verdict::kByVerify ? 1 : 0;
}

void Print(const char* what, const std::string& path, std::size_t of, const Tally& tally) {
  std::printf("%s, %s: %zu of %zu: %zu harmless, %zu detected at open, %zu detected by verify\n", what, path.c_str(),
              tally.tried, of, tally.harmless, tally.at_open, tally.by_verify);
}

// Notes which files are opened for reading.
class ReadingFs final : public rocksdb::FileSystemWrapper {
 public:
  ReadingFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "ReadingFs"; }
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* result,
                                      rocksdb::IODebugContext* debug) override {
    Note(name);
    return target()->NewSequentialFile(name, options, result, debug);
  }
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                                        rocksdb::IODebugContext* debug) override {
    Note(name);
    return target()->NewRandomAccessFile(name, options, result, debug);
  }
  bool WasRead(const std::string& path) const {
    return read_.contains(std::filesystem::path(path).filename().string());
  }

 private:
  void Note(const std::string& name) {
    const std::lock_guard lock(mutex_);
    read_.insert(std::filesystem::path(name).filename().string());
  }
  std::mutex mutex_;
  std::set<std::string> read_;
};

// What nobody opens cannot harm: its bits need no trying.
std::set<std::string> NeverRead(const Pristine& pristine, const std::filesystem::path& folder) {
  const auto fs = std::make_shared<ReadingFs>();
  const auto env = rocksdb::NewCompositeEnv(fs);
  pristine.WriteTo(folder);
  REQUIRE(Examine(pristine, folder, env.get()).verdict == Verdict::kHarmless);
  std::set<std::string> never;
  for (const auto& [path, content] : pristine.files)
    if (!fs->WasRead(path)) never.insert(path);
  return never;
}

enum class Which { kAll, kFirstTable, kSecondTable, kThirdTable, kNoTable };

bool Is(Which which, const std::string& path, int& tables) {
  const bool table = path.ends_with(".sst");
  if (table) ++tables;
  if (which == Which::kNoTable) return !table;
  return which == Which::kAll || (table && tables == static_cast<int>(which));
}

// Every `step`-th bit of the files.
void FlipBits(Which which, std::size_t step) {
  const Pristine pristine = MakePristine();
  const ScratchFolder scratch;
  const auto never_read = NeverRead(pristine, scratch.path() / "flipped");
  int tables = 0;
  for (const auto& [path, content] : pristine.files) {
    if (!Is(which, path, tables)) continue;
    Tally tally;
    if (never_read.contains(path)) {
      std::printf("bit flips, %s: %zu, harmless: it is never read\n", path.c_str(), content.size() * 8);
      continue;
    }
    for (std::size_t bit = std::min(step / 2, content.size() * 4); bit < content.size() * 8; bit += step) {
      std::string flipped = content;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      INFO("bit " << bit % 8 << " of byte " << bit / 8 << " of " << content.size());
      Try(pristine, path, std::move(flipped), scratch.path() / "flipped", tally);
    }
    Print("bit flips", path, content.size() * 8, tally);
  }
}

// Every `step`-th length shorter than the file's, and always none at all and all but one byte; `zeros`: the file keeps
// its length, with zeros where the rest was.
void CutEnds(std::size_t step, bool zeros) {
  const Pristine pristine = MakePristine();
  const ScratchFolder scratch;
  const auto never_read = NeverRead(pristine, scratch.path() / "cut");
  for (const auto& [path, content] : pristine.files) {
    if (never_read.contains(path)) continue;
    Tally tally;
    for (std::size_t length = 0; length < content.size();
         length = length + 1 == content.size() ? content.size() : std::min(length + step, content.size() - 1)) {
      INFO("cut to " << length << " of " << content.size() << " bytes");
      std::string cut = content.substr(0, length);
      if (zeros) cut.resize(content.size(), '\0');
      Try(pristine, path, std::move(cut), scratch.path() / "cut", tally);
    }
    Print(zeros ? "zeros at the end" : "truncations", path, content.size(), tally);
  }
}

}  // namespace

TEST_CASE("damage: some flipped bits, each harmless or detected and addressed", "[journal][damage]") {
  FlipBits(Which::kAll, 997);
}
// A case for each table: together they take longer than one may.
TEST_CASE("damage: every flipped bit of the first table", "[.long][journal][damage]") {
  FlipBits(Which::kFirstTable, 1);
}
TEST_CASE("damage: every flipped bit of the second table", "[.long][journal][damage]") {
  FlipBits(Which::kSecondTable, 1);
}
TEST_CASE("damage: every flipped bit of the third table", "[.long][journal][damage]") {
  FlipBits(Which::kThirdTable, 1);
}
TEST_CASE("damage: every flipped bit of what is no table", "[.long][journal][damage]") { FlipBits(Which::kNoTable, 1); }
TEST_CASE("damage: files cut at some lengths, each harmless or detected and addressed", "[journal][damage]") {
  CutEnds(211, false);
  CutEnds(331, true);
}
TEST_CASE("damage: files cut at every length", "[.long][journal][damage]") { CutEnds(1, false); }
TEST_CASE("damage: files with zeros from every place on", "[.long][journal][damage]") { CutEnds(1, true); }

TEST_CASE("damage: a record that a power cut left half zero at the end of the MANIFEST costs nothing",
          "[journal][damage]") {
  const Pristine pristine = MakePristine();
  const ScratchFolder scratch;
  for (auto& [path, content] : pristine.files) {
    if (!path.starts_with("db/MANIFEST-")) continue;
    Pristine torn = pristine;
    torn.files[path] += std::string("crc!\xc8\0\1torn here", 16) + std::string(191, '\0');
    torn.WriteTo(scratch.path() / "torn");
    const Finding finding = Examine(pristine, scratch.path() / "torn");
    CHECK(finding.text == "");
    CHECK(finding.verdict == Verdict::kHarmless);
  }
}

// RocksDB, built with assertions, ends the process at it.
TEST_CASE("damage: the bit of a table's properties that means an index to RocksDB is named, and salvage goes around it",
          "[journal][damage]") {
  const Pristine pristine = MakePristine();
  const ScratchFolder scratch;
  int tables = 0;
  for (const auto& [path, content] : pristine.files) {
    if (!path.ends_with(".sst")) continue;
    Pristine damaged = pristine;
    for (std::size_t byte = content.size() - 200; byte < content.size(); ++byte) {
      std::string& flipped = damaged.files[path] = content;
      flipped[byte] = static_cast<char>(flipped[byte] ^ 0x80);
      damaged.WriteTo(scratch.path() / "flipped");
      if (!journal::EndsProcess(nullptr, scratch.path() / "flipped" / path)) continue;
      ++tables;
      const Finding finding = Examine(pristine, scratch.path() / "flipped");
      CHECK(finding.verdict == Verdict::kAtOpen);
      CHECK(IsAddressed(path, finding));
      CountingFold fold;
      const ManualClock clock(Millis(1'800'000'000'000));
      // The counting fold cannot restate; that salvage comes so far is enough.
      const auto salvaged =
          Salvage({scratch.path() / "flipped", scratch.path() / "new", "damage", {}, nullptr}, {&fold}, clock);
      std::filesystem::remove_all(scratch.path() / "new");
      if (!salvaged) CHECK(salvaged.error().code == Code::kInvalid);
    }
  }
  CHECK(tables == 3);
}

TEST_CASE("damage: a bit of a table's format that only its compressed blocks show is addressed", "[journal][damage]") {
  constexpr std::size_t kVersionBeforeEnd = 12;
  const Pristine pristine = MakePristine();
  const ScratchFolder scratch;
  std::size_t found = 0;
  for (const auto& [path, content] : pristine.files) {
    if (!path.ends_with(".sst")) continue;
    for (const int bit : {0, 1, 2}) {
      std::string flipped = content;
      char& version = flipped[content.size() - kVersionBeforeEnd];
      version = static_cast<char>(version ^ (1 << bit));
      Tally tally;
      Try(pristine, path, std::move(flipped), scratch.path() / "flipped", tally);
      found += tally.tried - tally.harmless;
    }
  }
  CHECK(found > 3);
}

TEST_CASE("damage: a file that is gone is detected, but for what says nothing of the history", "[journal][damage]") {
  const Pristine pristine = MakePristine();
  const ScratchFolder scratch;
  for (const auto& [path, content] : pristine.files) {
    Pristine damaged = pristine;
    damaged.files.erase(path);
    damaged.WriteTo(scratch.path() / "gone");
    const Finding finding = Examine(pristine, scratch.path() / "gone");
    INFO(path << ": " << finding.text);
    CHECK(finding.verdict != Verdict::kUnnoticed);
    const bool needless = content.empty() || path == "TAIL" || path == "db/IDENTITY" || path.starts_with("db/OPTIONS");
    CHECK((finding.verdict == Verdict::kHarmless) == needless);
  }
}

TEST_CASE("damage: the kept scripts of damages, and some at random, change no history unnoticed", "[journal][damage]") {
  const auto feed = [](const std::string& script) {
    INFO(ToHex(AsBytes(script)));
    CHECK_NOTHROW(LLVMFuzzerTestOneInput(AsBytes(script).data(), script.size()));
  };
  std::size_t kept = 0;
  for (const auto& entry : std::filesystem::directory_iterator(OUTPOST_SOURCE "/tests/journal/corpus/directory")) {
    feed(ReadFile(entry.path()).value());
    ++kept;
  }
  CHECK(kept > 0);
  SeededRandom random(11);
  for (int i = 0; i < 40; ++i) {
    std::string script(5 * (1 + random.Below(4)), '\0');
    for (char& byte : script) byte = static_cast<char>(random.Below(256));
    feed(script);
  }
}
