// A checkpoint is a journal of its own: whole, at or behind what was acknowledged, and independent of its source.
#include <thread>

#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A second journal with the same fold in `folder`.
struct Copy {
  ManualClock clock{Millis(1'800'000'000'000)};
  CountingFold fold;
  std::unique_ptr<Journal> journal;
  explicit Copy(const std::filesystem::path& folder) {
    JournalOptions options;
    options.folder = folder;
    options.create = false;
    auto opened = Journal::Open(options, {&fold}, fold, clock, NullLog());
    REQUIRE(Bench::Outcome(opened) == "ok");
    journal = std::move(opened).value();
  }
  VerifyReport Verify() const { return VerifyEvents(*journal->View()).value(); }
};

}  // namespace

TEST_CASE("checkpoint: it opens as a journal with the same history and rows, and goes its own way", "[checkpoint]") {
  Bench bench;
  for (std::uint64_t i = 0; i < 40; ++i) bench.MustAppend(Changes(i, 5));
  const auto before = bench.Verify();
  const auto folder = bench.folder.beside("copy");
  REQUIRE(Bench::Outcome(bench.journal->MakeCheckpoint(folder)) == "ok");
  bench.MustAppend({Change(Item(1), "after")});
  Copy copy(folder);
  CHECK_FALSE(copy.journal->stats().read_only);
  CHECK(copy.Verify().root == before.root);
  CHECK(copy.Verify().chain_ok);
  CHECK(VerifyRebuild(*copy.journal->View(), {&copy.fold}).value().equal());
  REQUIRE(copy.journal->AppendAndWait({Change(Item(2), "there")}, {}, Durability::kSynced));
  CHECK(copy.journal->View()->last() == 201);
  CHECK(bench.Verify().root != copy.Verify().root);
  bench.Reopen();
  CHECK(bench.Verify().chain_ok);
}

TEST_CASE("checkpoint: TAIL of the copy names its very end, unsynced appends too", "[checkpoint]") {
  Bench bench;
  bench.MustAppend(Changes(0, 3));
  REQUIRE(bench.Append(Changes(10, 4), {}, Durability::kUnsynced));
  const auto folder = bench.folder.beside("copy");
  REQUIRE(Bench::Outcome(bench.journal->MakeCheckpoint(folder)) == "ok");
  const auto tail = ReadFile(folder / "TAIL").value();
  REQUIRE(tail.size() == 64);
  CHECK(ReadBe64(tail, 8) == 7);
  CHECK(Copy(folder).Verify().last == 7);
}

TEST_CASE("checkpoint: beside threads that append, it holds all that was acknowledged before",
          "[checkpoint][threads]") {
  Bench bench;
  bench.MustAppend(Changes(0, 1));
  std::atomic<bool> stop{false};
  std::atomic<Sequence> acknowledged{0};
  std::vector<std::thread> writers;
  for (std::uint64_t writer = 0; writer < 4; ++writer)
    writers.emplace_back([&, writer] {
      while (!stop) {
        const auto durability = writer % 2 == 0 ? Durability::kSynced : Durability::kUnsynced;
        const auto done = bench.journal->AppendAndWait(Changes(writer * 100, 3, 200), {}, durability);
        if (!done) return;
        Sequence seen = acknowledged;
        while (seen < done.value().last && !acknowledged.compare_exchange_weak(seen, done.value().last)) {
        }
      }
    });
  std::vector<std::pair<std::filesystem::path, Sequence>> copies;
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
    const Sequence least = acknowledged;
    const auto folder = bench.folder.beside(name);
    const auto made = bench.journal->MakeCheckpoint(folder);
    CHECK(Bench::Outcome(made) == "ok");
    copies.emplace_back(folder, least);
  }
  stop = true;
  for (auto& writer : writers) writer.join();
  for (const auto& [folder, least] : copies) {
    Copy copy(folder);
    const auto report = copy.Verify();
    INFO(report.problem);
    CHECK(report.chain_ok);
    CHECK(report.last >= least);
    CHECK(VerifyRebuild(*copy.journal->View(), {&copy.fold}).value().equal());
  }
}

TEST_CASE("checkpoint: blobs and KEY come along, what is still being written does not", "[checkpoint]") {
  Bench bench;
  bench.MustAppend(Changes(0, 1));
  const auto blobs = bench.folder.path() / "blobs" / "ab";
  REQUIRE(MakeFolder(blobs));
  REQUIRE(WriteFileDurably(blobs / "abcd", "content"));
  REQUIRE(WriteFileDurably(blobs / "tmp-7", "con"));
  REQUIRE(WriteFileDurably(bench.folder.path() / "KEY", "key"));
  const auto folder = bench.folder.beside("copy");
  REQUIRE(Bench::Outcome(bench.journal->MakeCheckpoint(folder)) == "ok");
  CHECK(ReadFile(folder / "blobs" / "ab" / "abcd").value() == "content");
  CHECK(ReadFile(folder / "KEY").value() == "key");
  CHECK_FALSE(std::filesystem::exists(folder / "blobs" / "ab" / "tmp-7"));
}

TEST_CASE("checkpoint: a folder that is there is refused and left alone", "[checkpoint]") {
  Bench bench;
  bench.MustAppend(Changes(0, 1));
  const auto folder = bench.folder.beside("copy");
  REQUIRE(MakeFolder(folder));
  REQUIRE(WriteFileDurably(folder / "mine", "mine"));
  CHECK(bench.journal->MakeCheckpoint(folder).error().code == Code::kConflict);
  CHECK(ReadFile(folder / "mine").value() == "mine");
}

TEST_CASE("checkpoint: of a damaged journal there is none", "[checkpoint]") {
  Bench bench;
  bench.MustAppend(Changes(0, 1));
  const auto folder = bench.folder.beside("copy");
  REQUIRE(Bench::Outcome(bench.journal->MakeCheckpoint(folder)) == "ok");
  bench.MustAppend(Changes(0, 1));
  // TAIL knows an event more than the copy has.
  REQUIRE(WriteFileDurably(folder / "TAIL", ReadFile(bench.folder.path() / "TAIL").value()));
  const Copy copy(folder);
  REQUIRE(copy.journal->stats().read_only);
  const auto again = bench.folder.beside("again");
  CHECK(copy.journal->MakeCheckpoint(again).error().code == Code::kCorrupt);
  CHECK_FALSE(std::filesystem::exists(again));
}
