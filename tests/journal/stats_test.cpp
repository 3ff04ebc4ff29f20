#include "journal/stats.h"

#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

TEST_CASE("stats: events and bytes by kind, origin and day are those that were appended", "[stats]") {
  Bench bench;
  const Millis day(24LL * 60 * 60 * 1000);
  NewEvent strange = Change(Item(7), "of a later version");
  strange.kind = static_cast<Kind>(900);
  for (int i = 0; i < 5; ++i) {
    bench.MustAppend(Changes(0, 10));
    bench.MustAppend({Change(Item(1), "gone", Kind::kLocalDeleted)});
    bench.clock.Advance(day);
  }
  bench.MustAppend({strange});
  const auto view = bench.journal->View();
  std::uint64_t seen = 0, seen_bytes = 0;
  const auto stats = CountEvents(*view, 3, [&](const Event& event, std::uint64_t bytes) -> Result<void> {
                       CHECK(event.seq == ++seen);
                       CHECK(bytes > event.body.size() + 8);
                       seen_bytes += bytes;
                       return Ok();
                     }).value();
  CHECK(seen == 56);
  CHECK(stats.all.events == 56);
  CHECK(stats.all.bytes == seen_bytes);
  CHECK(stats.by_kind.at(Kind::kLocalChanged).events == 50);
  CHECK(stats.by_kind.at(Kind::kLocalDeleted).events == 5);
  CHECK(stats.by_kind.at(static_cast<Kind>(900)).events == 1);
  CHECK(stats.unknown_kinds == 1);
  CHECK(stats.by_origin.at(Origin::kUser).events == 56);
  REQUIRE(stats.by_day.size() == 3);
  const std::int64_t first_day = 1'700'000'000'000 / day.count();
  CHECK(stats.by_day.begin()->first == first_day + 3);
  CHECK(stats.by_day.at(first_day + 4).events == 11);
  CHECK(stats.by_day.at(first_day + 5).events == 1);
  CHECK(stats.oldest == 1);
  CHECK(stats.oldest_time == Millis(1'700'000'000'000));
  CHECK(stats.newest_time == Millis(1'700'000'000'000) + 5 * day);
  CHECK(stats.holes == 0);
}

TEST_CASE("stats: a view counts its own events, not those appended since", "[stats]") {
  Bench bench;
  bench.MustAppend(Changes(0, 4));
  const auto view = bench.journal->View();
  bench.MustAppend(Changes(0, 4));
  CHECK(CountEvents(*view, 1, nullptr).value().all.events == 4);
}

TEST_CASE("stats: an empty journal has no oldest event", "[stats]") {
  Bench bench;
  const auto stats = CountEvents(*bench.journal->View(), 1, nullptr).value();
  CHECK(stats.oldest == 0);
  CHECK(stats.all.events == 0);
}

TEST_CASE("stats: every byte of the folder is in one of the sums", "[stats]") {
  Bench bench;
  for (int i = 0; i < 50; ++i) bench.MustAppend(Changes(0, 100, 1000));
  bench.Reopen();  // the close flushes
  const auto view = bench.journal->View();
  REQUIRE(MakeFolder(bench.folder.path() / "blobs"));
  REQUIRE(WriteFileDurably(bench.folder.path() / "blobs" / "one", std::string(5000, 'b')));
  const auto disk = MeasureStorage(*view, bench.folder.path()).value();
  CHECK(disk.events > 10'000);
  CHECK(disk.state > 0);
  CHECK(disk.meta > 0);
  CHECK(disk.blobs == 5000);
  CHECK(disk.events + disk.state + disk.meta + disk.blob_rows + disk.log + disk.blobs + disk.other == disk.all);
  const auto rows = MeasureTable(*view, CountingFold::kHeads).value();
  CHECK(rows.events == 100);
  CHECK(rows.bytes == 100 * (16 + 16));
}
