#include <cstdlib>
#include <sstream>

#include "tests/journal/blob_dsl.h"
#include "tests/journal/blob_fs.h"
#include "tests/journal/child.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A journal whose blob files lie on a BlobFs.
struct BlobBench {
  std::shared_ptr<BlobFs> fs = std::make_shared<BlobFs>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
  Bench bench{[this] {
    JournalOptions options;
    options.rocksdb_env = env.get();
    options.reserve_bytes = 0;
    return options;
  }()};
  void ReopenSound() {
    bench.Close();
    bench.options.rocksdb_env = nullptr;
    bench.Open();
    REQUIRE(bench.journal->stats().read_only_reason == "");
  }
};

// Puts the content and appends an event that refers to it, unless the put fails.
Result<BlobRef> PutAndAppend(Bench& bench, const std::string& content) {
  OUTPOST_TRY(const auto pinned, PutInPieces(bench.journal->blobs(), content, 30'000));
  OUTPOST_TRYV(bench.Append({PhotoChange(Item(1), pinned.ref())}));
  return pinned.ref();
}

void NoTemporaries(const Bench& bench) {
  for (const auto& path : BlobFilesIn(bench)) REQUIRE(path.filename().string().find("tmp-") == std::string::npos);
}

// What must hold whatever happened: what an event refers to is there and whole, nothing half-written is seen, and a
// sweep leaves only what is referred to.
void CheckSound(Bench& bench, std::size_t referenced) {
  NoTemporaries(bench);
  const BlobReport report = CheckBlobs(bench);
  for (const BadBlob& bad : report.bad_blobs) UNSCOPED_INFO(bad.name << ": " << bad.problem);
  REQUIRE(report.sound());
  REQUIRE(report.references == referenced);
  REQUIRE(SweepBlobs(*bench.journal, {}).value().removed == report.unreferenced);
  REQUIRE(CheckBlobs(bench).blobs == referenced);
}

}  // namespace

TEST_CASE(
    "blob crash: at every operation of a put, with what was not synced kept or lost, no event is without its blob",
    "[journal][blobs][crash]") {
  const std::string content = Content(4, 150'000);
  int points = 0;
  bool ended = false;
  for (std::uint64_t stop = 0; !ended; ++stop)
    for (const bool power_cut : {false, true}) {
      BlobBench crashed;
      crashed.fs->StopAt(stop);
      const auto put = PutAndAppend(crashed.bench, content);
      ended = put.has_value();
      if (!put) REQUIRE(put.error().context.find("stopped") != std::string::npos);
      crashed.bench.Close();
      if (power_cut) crashed.fs->LosePower();
      crashed.ReopenSound();
      INFO("stopped at operation " << stop << (power_cut ? ", power cut" : ""));
      if (put) REQUIRE((ReadBlob(crashed.bench.journal->blobs(), put.value()).value() == content));
      CheckSound(crashed.bench, put ? 1 : 0);
      const auto again = PutAndAppend(crashed.bench, content);
      REQUIRE(Bench::Outcome(again) == "ok");
      REQUIRE((ReadBlob(crashed.bench.journal->blobs(), again.value()).value() == content));
      ++points;
    }
  CHECK(points > 20);
  std::printf("blobs: %d crash points: every operation of a put, with and without a power cut\n", points);
}

TEST_CASE("blob crash: a file that a dead process renamed is made to last before it is counted on",
          "[journal][blobs][crash]") {
  const std::string content = Content(4, 150'000);
  BlobBench crashed;
  REQUIRE(crashed.bench.journal->blobs().Put(AsBytes(Content(5, 150'000))));
  const std::uint64_t before = crashed.fs->operations();
  REQUIRE(crashed.bench.journal->blobs().Put(AsBytes(content)));
  CHECK(crashed.fs->log().back() == "fsync folder");
  REQUIRE(crashed.fs->operations() > before);
  REQUIRE(crashed.bench.journal->blobs().Put(AsBytes(content)));
  CHECK(crashed.fs->log().back() == "fsync folder");
}

TEST_CASE("blob crash: a disk that is full at any write fails the put, names it and leaves nothing",
          "[journal][blobs][fault]") {
  const std::string content = Content(6, 300'000);
  std::uint64_t operations = 0;
  {
    BlobBench probe;
    REQUIRE(probe.bench.journal->blobs().Put(AsBytes(content)));
    operations = probe.fs->operations();
  }
  for (std::uint64_t at = 0; at < operations; ++at) {
    BlobBench full;
    full.fs->FailAt(at, rocksdb::IOStatus::NoSpace("injected"));
    const auto put = PutInPieces(full.bench.journal->blobs(), content, 70'000);
    REQUIRE(full.fs->log().size() > at);
    const std::string what = full.fs->log()[at];
    INFO("operation " << at << " of " << operations << ", " << what << ": " << Bench::Outcome(put));
    REQUIRE_FALSE(put);
    CHECK(put.error().context.find("injected") != std::string::npos);
    const bool folder_sync = what == "fsync folder";
    CHECK(put.error().code == (folder_sync ? Code::kCorrupt : Code::kUnavailable));
    if (!folder_sync) CHECK(BlobFilesIn(full.bench).empty());
    CHECK(full.bench.MustAppend(Changes(1, 1)) == 1);
    full.ReopenSound();
    CheckSound(full.bench, 0);
    CHECK(full.bench.journal->blobs().Put(AsBytes(content)));
  }
  CHECK(operations > 10);
}

TEST_CASE("blob crash: after a failed sync of a folder no blob is written until the next open, reads go on",
          "[journal][blobs][fault]") {
  BlobBench faulty;
  BlobStore& blobs = faulty.bench.journal->blobs();
  const std::string content = Content(7, 100'000);
  const BlobRef ref = blobs.Put(AsBytes(content)).value().ref();
  auto writer = blobs.Create().value();
  REQUIRE(writer->Write(AsBytes(content)));
  // The last chunk is written, the temporary dropped because the blob is there, and then the folder synced.
  faulty.fs->FailAt(faulty.fs->operations() + 2, rocksdb::IOStatus::IOError("injected"));
  const auto failed = writer->Finish();
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Code::kCorrupt);
  CHECK(faulty.fs->log().back() == "fsync folder");
  writer.reset();
  const auto refused = blobs.Create();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Code::kCorrupt);
  CHECK(refused.error().context.find("until the journal is opened again") != std::string::npos);
  CHECK((ReadBlob(blobs, ref).value() == content));
  CHECK(faulty.bench.MustAppend(Changes(1, 1)) == 1);
  faulty.bench.Reopen();
  CHECK(faulty.bench.journal->blobs().Put(AsBytes(content)));
}

namespace {

void KillAgainAndAgain(int kills, std::uint64_t seed) {
  Bench bench;
  SeededRandom random(seed);
  std::uint64_t acknowledged = 0;
  for (int i = 0; i < kills; ++i) {
    bench.Close();
    std::vector<std::pair<BlobRef, std::uint64_t>> known;  // and the seed of the content
    {
      Child child(
          {OUTPOST_BLOB_CHILD, "write", bench.options.folder.string(), std::to_string(random.Below(1'000'000))});
      const auto note = [&](const std::string& line) {
        std::istringstream words(line);
        std::string hex;
        std::uint64_t number = 0;
        BlobRef ref;
        words >> number >> ref.size >> hex;
        ref.id = journal::ParseDigest(hex).value();
        known.emplace_back(ref, number);
      };
      std::string line;
      for (std::uint64_t left = random.Below(25); left > 0 && child.ReadLine(line); --left) note(line);
      child.Kill();
      while (child.ReadLine(line)) note(line);
    }
    bench.Open();
    INFO("kill " << i << ", seed " << seed);
    REQUIRE(bench.journal->stats().read_only_reason == "");
    for (const auto& [ref, number] : known)
      REQUIRE((ReadBlob(bench.journal->blobs(), ref).value() == Content(number, ref.size)));
    NoTemporaries(bench);
    REQUIRE(CheckBlobs(bench).sound());
    acknowledged += known.size();
  }
  REQUIRE(SweepBlobs(*bench.journal, {}));
  const BlobReport report = CheckBlobs(bench);
  CHECK(report.sound());
  CHECK(report.blobs == report.references);
  CHECK(bench.Verify().problem == "");
  std::printf("blobs: killed %d times; %llu blobs acknowledged, all there and whole\n", kills,
              static_cast<unsigned long long>(acknowledged));
}

}  // namespace

TEST_CASE("blob crash: after SIGKILL every blob of an acknowledged event is there and whole",
          "[journal][blobs][crash]") {
  KillAgainAndAgain(6, 1);
}

TEST_CASE("blob crash: the same, 100 times", "[.long][journal][blobs][crash]") { KillAgainAndAgain(100, 2); }
