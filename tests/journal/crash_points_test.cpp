// A power cut after every single operation on the disk. A scenario more is a function more.
#include <algorithm>
#include <thread>

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

void RebuildFolds(RecordedRun& run) {
  run.Open(2);
  REQUIRE(run.Append(Changes(1, 3), kUnsynced));
  REQUIRE(run.Append(Changes(1, 3), kSynced));
  run.Close();
}

const Scenario kEverything{"everything", [](RecordedRun& run) {
                             AppendAllSorts(run);
                             FillBuffers(run);
                             FlushAndCompact(run);
                             RebuildFolds(run);
                           }};

}  // namespace

TEST_CASE("crash points: power cut after some operations of a run, each journal is whole and misses nothing",
          "[journal][crash]") {
  CutPowerEverywhere(kEverything, 16);
}

TEST_CASE("crash points: the same after every operation", "[.long][journal][crash]") {
  CutPowerEverywhere(kEverything, 0);
}
