#include <fstream>
#include <thread>

#include "journal/blob_store.h"
#include "tests/journal/blob_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

bool IsThere(Bench& bench, const BlobRef& ref) {
  const auto opened = bench.journal->blobs().Open(ref);
  if (!opened) REQUIRE(opened.error().code == Code::kNotFound);
  return opened.has_value();
}

}  // namespace

TEST_CASE("sweep: what events refer to stays, all else goes, small and large", "[journal][blobs][sweep]") {
  Bench bench;
  std::vector<BlobRef> kept, orphans;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const auto pinned = bench.journal->blobs().Put(AsBytes(Content(i, i % 2 == 0 ? 900 : 70'000))).value();
    (i % 4 < 2 ? kept : orphans).push_back(pinned.ref());
    if (i % 4 < 2) bench.MustAppend({PhotoChange(Item(i), pinned.ref())});
  }
  CHECK(CheckBlobs(bench).unreferenced == orphans.size());
  const auto report = SweepBlobs(*bench.journal, {});
  REQUIRE(Bench::Outcome(report) == "ok");
  CHECK(report.value().complete);
  CHECK(report.value().kept == kept.size());
  CHECK(report.value().removed == orphans.size());
  CHECK(report.value().removed_bytes == 10 * 901 + 10 * journal::BlobFileBytes(70'000));
  for (const BlobRef& ref : kept) CHECK(IsThere(bench, ref));
  for (const BlobRef& ref : orphans) CHECK_FALSE(IsThere(bench, ref));
  bench.Reopen();
  for (const BlobRef& ref : orphans) CHECK_FALSE(IsThere(bench, ref));
  CHECK(CheckBlobs(bench).blobs == kept.size());
  CHECK(SweepBlobs(*bench.journal, {}).value().removed == 0);
}

TEST_CASE("sweep: a pin keeps a blob, also one that was dropped between the marks and the run",
          "[journal][blobs][sweep]") {
  Bench bench;
  BlobStore& blobs = bench.journal->blobs();
  for (const std::size_t size : {100u, 100'000u}) {
    const std::string content = Content(size, size);
    auto pinned = std::make_optional(blobs.Put(AsBytes(content)).value());
    const BlobRef ref = pinned->ref();
    CHECK(SweepBlobs(*bench.journal, {}).value().removed == 0);
    {
      // Begun while the pin lives; the marks know nothing of it; appended and let go before the run.
      const auto sweep = blobs.BeginSweep().value();
      bench.MustAppend({PhotoChange(Item(1), ref)});
      pinned.reset();
      CHECK(sweep->Run({}).value().removed == 0);
      CHECK(IsThere(bench, ref));
    }
    {
      // Put again, and let go, after the sweep has begun.
      const auto sweep = blobs.BeginSweep().value();
      REQUIRE(blobs.Put(AsBytes(content)));
      CHECK(sweep->Run({}).value().removed == 0);
      CHECK(IsThere(bench, ref));
    }
    {
      const auto held = blobs.Pin(ref);
      const auto copy = std::make_optional(held.value());
      CHECK(blobs.BeginSweep().value()->Run({}).value().removed == 0);
    }
    CHECK(blobs.BeginSweep().value()->Run({}).value().removed == 1);
    CHECK_FALSE(IsThere(bench, ref));
  }
}

TEST_CASE("sweep: one at a time, and a cancelled one leaves the rest", "[journal][blobs][sweep]") {
  Bench bench;
  BlobStore& blobs = bench.journal->blobs();
  for (std::uint64_t i = 0; i < 10; ++i) REQUIRE(blobs.Put(AsBytes(Content(i, 70'000))));
  auto sweep = std::make_optional(blobs.BeginSweep().value());
  CHECK(blobs.BeginSweep().error().code == Code::kConflict);
  int asked = 0;
  const auto report = (*sweep)->Run([&] { return ++asked > 4; }).value();
  CHECK_FALSE(report.complete);
  CHECK(report.removed == 4);
  sweep.reset();
  CHECK(CheckBlobs(bench).blobs == 6);
  CHECK(SweepBlobs(*bench.journal, {}).value().removed == 6);
}

TEST_CASE("sweep: temporaries of the dead go at the open and in a sweep, those of the living stay",
          "[journal][blobs][sweep]") {
  Bench bench;
  const auto root = journal::BlobsPath(bench.options.folder);
  REQUIRE(bench.journal->blobs().Put(AsBytes(Content(1, 70'000))));
  bench.Close();
  for (const char* name : {"tmp-1", "tmp-77"}) std::ofstream(root / name) << "half a photo";
  bench.Open();
  CHECK_FALSE(std::filesystem::exists(root / "tmp-1"));
  CHECK_FALSE(std::filesystem::exists(root / "tmp-77"));
  const auto writer = bench.journal->blobs().Create().value();
  REQUIRE(writer->Write(AsBytes(Content(2, 70'000))));
  std::ofstream(root / "tmp-9999") << "left by a removal that failed";
  CHECK(BlobFilesIn(bench).size() == 3);
  CHECK(SweepBlobs(*bench.journal, {}).value().temporaries == 1);
  const auto pinned = writer->Finish();
  REQUIRE(Bench::Outcome(pinned) == "ok");
  CHECK(IsThere(bench, pinned.value().ref()));
  CHECK(BlobFilesIn(bench).size() == 1);
}

TEST_CASE("marks: a million references to ten thousand blobs are ten thousand marks", "[journal][blobs][sweep]") {
  BlobMarks marks([](const BlobRef& ref) { return ref.id; });
  std::vector<BlobRef> refs;
  for (int i = 0; i < 10'000; ++i) refs.push_back({Sha256Of(std::to_string(i)), 1});
  for (int round = 0; round < 100; ++round)
    for (const BlobRef& ref : refs) marks.Add(ref);
  CHECK(marks.size() == refs.size());
  for (const BlobRef& ref : refs) REQUIRE(marks.Contains(ref.id));
  CHECK_FALSE(marks.Contains(Sha256Of("another")));
}

TEST_CASE("sweep: names of files that are not ids are kept by what they are called", "[journal][blobs][sweep]") {
  Bench bench;
  const auto rocks = journal::Rocks::Open(bench.folder.beside("db"), journal::Rocks::Mode::kWrite, nullptr).value();
  rocks->set_blob_name([](const Digest& id) { return Sha256Of("secret" + std::string(AsText(id))); });
  const auto blobs = journal::MakeBlobStore({rocks, bench.folder.beside(""), 0, [] { return Ok(); }}, NullLog());
  const auto kept = blobs->Put(AsBytes(Content(1, 70'000))).value().ref();
  const auto small = blobs->Put(AsBytes(Content(2, 70))).value().ref();
  const auto orphan = blobs->Put(AsBytes(Content(3, 70'000))).value().ref();
  CHECK_FALSE(std::filesystem::exists(bench.folder.beside("blobs") / ToHex(kept.id).substr(0, 2) / ToHex(kept.id)));
  const auto sweep = blobs->BeginSweep().value();
  sweep->marks().Add(kept);
  sweep->marks().Add(small);
  const auto report = sweep->Run({}).value();
  CHECK(report.kept == 2);
  CHECK(report.removed == 1);
  CHECK((ReadBlob(*blobs, kept).value() == Content(1, 70'000)));
  CHECK((ReadBlob(*blobs, small).value() == Content(2, 70)));
  CHECK(blobs->Open(orphan).error().code == Code::kNotFound);
}

TEST_CASE("threads: what writers append is there however sweeps and readers run beside them",
          "[journal][blobs][threads]") {
  Bench bench;
  BlobStore& blobs = bench.journal->blobs();
  constexpr std::uint64_t kContents = 6;  // few, so that a sweep often meets what somebody is just putting
  const auto content = [](std::uint64_t i) { return Content(i, i % 2 == 0 ? 3000 : 66'000); };
  std::atomic<bool> stop{false};
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 3; ++t)
    threads.emplace_back([&, t] {
      SeededRandom random(t + 1);
      for (int i = 0; i < 60; ++i) {
        const std::uint64_t which = random.Below(kContents);
        const auto pinned = PutInPieces(blobs, content(which), 10'000);
        if (!pinned) {
          ++failures;
        } else if (which < 2 && random.Chance(1, 4)) {  // the others stay orphans, to be swept and put again
          if (!bench.journal->AppendAndWait({PhotoChange(Item(t), pinned.value().ref())}, {}, Durability::kSynced))
            ++failures;
        } else if (ReadBlob(blobs, pinned.value().ref()).value() != content(which)) {
          ++failures;  // pinned: there
        }
      }
    });
  std::uint64_t removed = 0;
  std::thread sweeper([&] {
    while (!stop) {
      const auto report = SweepBlobs(*bench.journal, {});
      if (!report) ++failures;
      if (report) removed += report.value().removed;
    }
  });
  std::thread verifier([&] {
    while (!stop)
      if (!VerifyBlobs(*bench.journal->View(), {}).value().sound()) ++failures;
  });
  for (auto& thread : threads) thread.join();
  stop = true;
  sweeper.join();
  verifier.join();
  CHECK(failures == 0);
  CHECK(removed > 0);
  const BlobReport report = CheckBlobs(bench);
  CHECK(report.sound());
  CHECK(report.references == 2);
  REQUIRE(SweepBlobs(*bench.journal, {}));
  CHECK(CheckBlobs(bench).blobs == 2);
}
