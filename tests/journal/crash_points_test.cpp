// A power cut after every single operation on the disk. A scenario more is a function more.
#include <algorithm>
#include <thread>

#include "tests/journal/blob_content.h"
#include "tests/journal/recorded_run.h"

using namespace outpost;
using namespace outpost::test;

namespace {

constexpr Durability kSynced = Durability::kSynced;
constexpr Durability kUnsynced = Durability::kUnsynced;

void AppendFromThreads(RecordedRun& run, std::uint64_t threads, std::uint64_t each) {
  std::vector<std::thread> running;
  std::atomic<int> failures{0};
  for (std::uint64_t t = 0; t < threads; ++t) {
    running.emplace_back([&run, &failures, t, each] {
      SeededRandom random(t);
      for (std::uint64_t i = 0; i < each; ++i) {
        const auto durability = random.Chance(1, 2) ? kSynced : kUnsynced;
        if (!run.Append(Changes(10 * t, 1 + random.Below(5), 20 + random.Below(2000)), durability)) ++failures;
      }
    });
  }
  for (auto& thread : running) thread.join();
  REQUIRE(failures == 0);
}

std::ptrdiff_t Count(RecordedRun& run, DiskOp::Kind kind, std::string_view ending) {
  return std::count_if(run.fs().ops().begin(), run.fs().ops().end(),
                       [&](const DiskOp& op) { return op.kind == kind && op.path.ends_with(ending); });
}

// Appends of all sorts, refusals, and a tail that is left unsynced until the close.
void AppendAllSorts(RecordedRun& run) {
  run.Open();
  REQUIRE(run.Append(Changes(1, 3), kSynced));
  REQUIRE(run.Append(Changes(1, 2), kUnsynced));
  CHECK(run.Append(Changes(1, 1), kSynced, {{Item(1), 1}}).error().code == Code::kPreconditionFailed);
  run.fold().refuse_at = 7;
  CHECK(run.Append(Changes(1, 4), kSynced).error().code == Code::kRejected);
  run.fold().refuse_at = 0;
  AppendFromThreads(run, 4, 8);
  REQUIRE(run.Append(Changes(5, 4), kUnsynced));
  REQUIRE(run.Flush());
  REQUIRE(run.Append(Changes(5, 4), kUnsynced));
  run.Close();
}

// Fills the write buffers twice while appends go on: logs are switched, tables written, logs dropped.
void FillBuffers(RecordedRun& run) {
  run.Open();
  const auto tables = Count(run, DiskOp::Kind::kCreate, ".sst");
  for (int i = 0; i < 24; ++i) REQUIRE(run.Append(Changes(20, 6, 60'000), i % 3 == 0 ? kSynced : kUnsynced));
  AppendFromThreads(run, 3, 4);
  run.Close();
  CHECK(Count(run, DiskOp::Kind::kCreate, ".sst") > tables);
}

void FlushAndCompact(RecordedRun& run) {
  const auto dropped = Count(run, DiskOp::Kind::kDelete, ".sst");
  for (const bool compact : {false, true}) {
    run.Open();
    REQUIRE(run.Append(Changes(1, 3), kSynced));
    run.Close();
    run.Tidy(compact);
  }
  CHECK(Count(run, DiskOp::Kind::kDelete, ".sst") > dropped);
}

// Before the journal opens, and beside appends.
void RebuildFolds(RecordedRun& run) {
  run.Open(2);
  REQUIRE(run.Append(Changes(1, 3), kUnsynced));
  REQUIRE(run.Append(Changes(1, 3), kSynced));
  std::thread beside([&] { AppendFromThreads(run, 2, 4); });
  run.Refold();
  beside.join();
  run.Close();
}

// Changes of items by the server: no edit waits in them, so retention may drop them.
Batch News(std::uint64_t first_item, std::size_t count, std::size_t text_bytes) {
  Batch batch;
  for (std::size_t i = 0; i < count; ++i)
    batch.push_back(Change(Item(first_item + i), std::string(text_bytes, 'n'), Kind::kRemoteChanged));
  return batch;
}

// Neither days nor bytes are allowed: each call makes a checkpoint and drops all before it.
const RetentionPolicy kKeepNothing{Millis(0), 0};

// A checkpoint that is broken off, gone on with after appends and a reopen, and one beside a thread that appends.
void DropHistory(RecordedRun& run) {
  run.Open();
  REQUIRE(run.Append(Changes(1, 1), kSynced));  // an edit without outcome: it is kept
  REQUIRE(run.Append(News(1, 24, 4'000), kSynced));
  REQUIRE(run.Append(News(10, 24, 4'000), kUnsynced));
  CHECK_FALSE(run.Retain(kKeepNothing, 1).finished);
  REQUIRE(run.Append(News(3, 4, 2'000), kUnsynced));
  run.Close();
  run.Open();
  CHECK(run.Retain(kKeepNothing).dropped > 40);
  REQUIRE(run.Append(News(5, 6, 1'000), kSynced));
  std::thread beside([&] { AppendFromThreads(run, 1, 12); });
  CHECK(run.Retain(kKeepNothing).dropped > 0);
  beside.join();
  REQUIRE(run.Flush());
  REQUIRE(run.journal().Compact());
  run.Close();
}

// The photo of an item, small or large, and the event that shows it.
void ShowPhoto(RecordedRun& run, std::uint64_t item, std::uint64_t content, std::size_t bytes, Durability durability) {
  const auto photo = run.journal().blobs().Put(AsBytes(Content(content, bytes))).value();
  NewEvent shown = PhotoChange(Item(item), photo.ref());
  shown.kind = Kind::kRemoteChanged;
  REQUIRE(run.Append({shown}, durability));
}

// Photos come and are replaced, some are put and never shown; history goes, and with it what only history showed.
void PutAndSweepBlobs(RecordedRun& run) {
  run.Open();
  ShowPhoto(run, 1, 1, 150'000, kSynced);
  ShowPhoto(run, 2, 2, 3'000, kSynced);
  ShowPhoto(run, 3, 3, 70'000, kUnsynced);
  REQUIRE(run.journal().blobs().Put(AsBytes(Content(4, 90'000))));
  REQUIRE(run.journal().blobs().Put(AsBytes(Content(5, 2'000))));
  ShowPhoto(run, 1, 6, 80'000, kUnsynced);
  ShowPhoto(run, 2, 7, 4'000, kUnsynced);
  run.Close();
  run.Open();
  std::thread beside([&] { ShowPhoto(run, 4, 8, 100'000, kSynced); });
  const auto report = run.Retain(kKeepNothing);
  beside.join();
  CHECK(report.dropped > 0);
  CHECK(report.blobs.removed >= 3);
  ShowPhoto(run, 5, 1, 150'000, kSynced);  // one of those just removed
  REQUIRE(run.Flush());
  CHECK(SweepBlobs(run.journal(), {}).value().complete);
  run.Close();
}

const KeySource kKey{KeySource::Kind::kStored, Secret(std::string(kCipherKeyBytes, 'k'))};

const Scenario kEverything{"everything",
                           [](RecordedRun& run) {
                             AppendAllSorts(run);
                             FillBuffers(run);
                             FlushAndCompact(run);
                             RebuildFolds(run);
                           },
                           {}};
const Scenario kRetention{"retention", DropHistory, {true, false, {}}};
const Scenario kBlobs{"blobs", PutAndSweepBlobs, {true, true, {}}};
const Scenario kEncrypted{"encrypted",
                          [](RecordedRun& run) {
                            AppendAllSorts(run);
                            FlushAndCompact(run);
                            RebuildFolds(run);
                          },
                          {false, false, kKey}};
const Scenario kEncryptedRetention{"encrypted, with retention", DropHistory, {true, false, kKey}};
const Scenario kEncryptedBlobs{"encrypted, with blobs", PutAndSweepBlobs, {true, true, kKey}};

}  // namespace

TEST_CASE("crash points: power cut after some operations of a run, each journal is whole and misses nothing",
          "[journal][crash]") {
  CutPowerEverywhere(kEverything, 16);
}
TEST_CASE("crash points: power cut while history is dropped, blobs are put and swept, a journal is encrypted",
          "[journal][crash]") {
  for (const Scenario& scenario : {kRetention, kBlobs, kEncrypted, kEncryptedRetention, kEncryptedBlobs})
    CutPowerEverywhere(scenario, 8);
}

TEST_CASE("crash points: the same after every operation", "[.long][journal][crash]") {
  CutPowerEverywhere(kEverything, 0);
}
TEST_CASE("crash points: after every operation while history is dropped", "[.long][journal][crash]") {
  CutPowerEverywhere(kRetention, 0);
}
TEST_CASE("crash points: after every operation while blobs are put and swept", "[.long][journal][crash]") {
  CutPowerEverywhere(kBlobs, 0);
}
TEST_CASE("crash points: after every operation on an encrypted journal", "[.long][journal][crash]") {
  CutPowerEverywhere(kEncrypted, 0);
}
TEST_CASE("crash points: after every operation while an encrypted journal drops history", "[.long][journal][crash]") {
  CutPowerEverywhere(kEncryptedRetention, 0);
}
TEST_CASE("crash points: after every operation while blobs of an encrypted journal are put and swept",
          "[.long][journal][crash]") {
  CutPowerEverywhere(kEncryptedBlobs, 0);
}
