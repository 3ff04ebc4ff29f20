#include "engine/progress.h"

#include <future>

#include "projection/account.h"
#include "projection/tables.h"
#include "tests/engine/pair.h"

using namespace outpost;
using namespace outpost::test;

namespace {

using Phase = SyncProgress::Phase;

ItemId FolderOf(std::uint8_t number) {
  ItemId id;
  id.bytes.fill(number);
  return id;
}

// A run that is told to a meter, with the time in hand.
struct Run {
  explicit Run(Speeds past = {}) : meter(past) { meter.Begin(Now(), edits); }
  ProgressMeter::Now Now() const { return {clock.MonotonicNow(), clock.WallNow()}; }
  void After(Millis pause, const SyncProgress& told) {
    clock.Advance(pause);
    meter.Note(Now(), told, edits);
  }
  ProgressReport At() const { return meter.At(Now(), edits); }
  ManualClock clock{Millis{1'000'000}};
  EditCounts edits;
  ProgressMeter meter;
};

}  // namespace

TEST_CASE("progress: what is stored counts, folder by folder, and only once all are listed a time is told",
          "[engine]") {
  Run run;
  CHECK(run.At().running);
  CHECK(run.At().since == Millis{1'000'000});
  CHECK_FALSE(run.At().folders_left);
  run.After(Millis{100}, {Phase::kPulling, {}, 0, 0, 2});
  run.After(Millis{100}, {Phase::kPulling, FolderOf(1), 40, 1'000, 1});  // 40 were held already
  run.After(Millis{1'000}, {Phase::kPulling, FolderOf(1), 540, 1'000, 1});
  ProgressReport now = run.At();
  CHECK(now.stored == 540);
  CHECK(now.listed == 1'000);
  CHECK(now.folders_left == std::uint64_t{1});
  REQUIRE(now.receive_per_s);
  CHECK(*now.receive_per_s == Approx(500 / 1.1));
  CHECK_FALSE(now.remaining);  // how much the other folder holds nobody knows
  run.After(Millis{900}, {Phase::kPulling, FolderOf(1), 1'000, 1'000, 1});
  run.After(Millis{0}, {Phase::kPulling, FolderOf(2), 0, 500, 0});
  now = run.At();
  CHECK(now.stored == 1'000);
  CHECK(now.listed == 1'500);
  REQUIRE(now.folders.size() == 2);
  CHECK(now.folders[1].listed == 500);
  REQUIRE(now.receive_per_s);
  REQUIRE(now.remaining);
  CHECK(now.remaining->count() == Approx(500 / *now.receive_per_s * 1'000).margin(1));
  run.meter.End(run.Now(), run.edits);
  now = run.At();
  CHECK_FALSE(now.running);
  CHECK_FALSE(now.remaining);
  CHECK(now.runs == 1);
  CHECK(now.stored == 1'000);
}

TEST_CASE("progress: edits are counted by the journal's sums", "[engine]") {
  Run run;
  run.edits = {100, 90};
  run.After(Millis{10}, {Phase::kPulling, {}, 0, 0, 0});
  run.After(Millis{10}, {Phase::kPushing});
  CHECK(run.At().to_send == 10);
  run.edits.decided = 95;
  run.edits.made = 110;  // a person types on
  run.After(Millis{500}, {Phase::kPushing});
  const ProgressReport now = run.At();
  CHECK(now.to_send == 15);
  REQUIRE(now.send_per_s);
  REQUIRE(now.remaining);
  CHECK(now.remaining->count() == Approx(15 / *now.send_per_s * 1'000).margin(1));
}

TEST_CASE("progress: a stall is told as one, without a time", "[engine]") {
  Run run;
  run.After(Millis{100}, {Phase::kPulling, FolderOf(1), 0, 1'000, 0});
  run.After(Millis{1'000}, {Phase::kPulling, FolderOf(1), 500, 1'000, 0});
  const double before = *run.At().receive_per_s;
  CHECK(run.At().remaining);
  run.clock.Advance(ProgressMeter::kStalledAfter - Millis{1});
  CHECK_FALSE(run.At().stalled_since);
  run.clock.Advance(Millis{1});
  CHECK(run.At().stalled_since == Millis{1'001'100});
  CHECK_FALSE(run.At().remaining);
  run.After(Millis{60'000}, {Phase::kPulling, FolderOf(1), 500, 1'000, 0});  // told again, and nothing has moved
  CHECK(run.At().stalled_since == Millis{1'001'100});
  run.After(Millis{600'000}, {Phase::kPulling, FolderOf(1), 1'000, 1'000, 0});
  CHECK_FALSE(run.At().stalled_since);
  CHECK(*run.At().receive_per_s > before / 50);  // the pause is not taken for slowness of ten minutes
}

TEST_CASE("progress: a run begins with what earlier ones have shown, and nothing is made up without", "[engine]") {
  Speeds past;
  past.receiving.Add(6'000, std::chrono::seconds(6));
  Run run(past);
  run.After(Millis{1}, {Phase::kPulling, FolderOf(1), 0, 2'000, 0});
  CHECK(run.At().remaining->count() == Approx(2'000).margin(10));
  Run fresh;
  fresh.After(Millis{1}, {Phase::kPulling, FolderOf(1), 0, 2'000, 0});
  CHECK_FALSE(fresh.At().receive_per_s);
  CHECK_FALSE(fresh.At().remaining);
  // What is old weighs less and less.
  for (int second = 0; second < 120; ++second) past.receiving.Add(10, std::chrono::seconds(1));
  CHECK(*past.receiving.PerSecond() < 100);
}

TEST_CASE("progress: a first sync ends with all that is on the server", "[engine]") {
  Pair pair;
  std::vector<oxserver::FieldMap> contacts;
  for (int i = 0; i < 120; ++i) contacts.push_back({{"last_name", std::to_string(i)}});
  Must(pair.elsewhere().CreateContacts(pair.remote_folder, contacts));
  ProgressReport before = Must(pair.account().Progress(0, Millis{0}));
  CHECK_FALSE(before.running);
  CHECK(before.runs == 0);
  // Every report on the way shows no more than the journal holds.
  std::uint64_t most = 0;
  bool ran_ahead = false;
  pair.before_answer = [&](const oxserver::HttpRequest&) {
    const auto now = pair.account().Progress(0, Millis{0});
    if (!now) return;
    const auto held = ReadTotal(*pair.account().View(), std::string(total::kItems) + ItemTypeName(ItemType::kContact));
    ran_ahead = ran_ahead || !held || now.value().stored > held.value();
    most = std::max(most, now.value().listed);
  };
  pair.Settle();
  pair.before_answer = nullptr;
  CHECK_FALSE(ran_ahead);
  CHECK(most >= 120);
  const ProgressReport after = Must(pair.account().Progress(0, Millis{0}));
  CHECK_FALSE(after.running);
  CHECK(after.runs >= 1);
  CHECK(after.to_send == 0);
}

TEST_CASE("progress: edits of a run, and the speed that the next one goes by", "[engine]") {
  Pair pair;
  pair.Settle();
  for (int i = 0; i < 30; ++i) pair.CreateLocally(std::to_string(i));
  const auto waiting = Must(pair.account().Progress(0, Millis{0})).to_send;
  CHECK(waiting >= 60);  // an existence and a name each
  const auto report = pair.Sync();
  ProgressReport after = Must(pair.account().Progress(0, Millis{0}));
  CHECK(after.sent == waiting);
  CHECK(report.pushed == waiting);
  CHECK(after.to_send == 0);
  pair.Reopen();
  const auto kept = LoadRunRecord(pair.account().folder());
  REQUIRE(kept);
  CHECK(kept->speeds.sending.done > 0);
  CHECK(kept->speeds.sending.done <= waiting);
}

TEST_CASE("progress: who waits is woken by a commit, and let go when the account ends", "[engine]") {
  Pair pair;
  pair.Settle();
  const auto seen = Must(pair.account().Progress(0, Millis{0})).version;
  auto woken = std::async(std::launch::async, [&] { return Must(pair.account().Progress(seen, kProgressWaitMax)); });
  pair.CreateLocally("Adler");
  CHECK(woken.get().version != seen);
  pair.account().StopWaiting();
  auto now = Must(pair.account().Progress(0, Millis{0}));
  now = Must(pair.account().Progress(now.version, kProgressWaitMax));  // at once
  CHECK_FALSE(now.running);
}
