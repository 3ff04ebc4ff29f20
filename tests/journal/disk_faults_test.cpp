// A disk that refuses: without space from some write on, or with a sync that fails.
#include "journal/layout.h"
#include "journal/rocks.h"
#include "tests/journal/recorded_run.h"

using namespace outpost;
using namespace outpost::test;
using rocksdb::IOStatus;
using What = DiskOp::Kind;

namespace {

// Which operations a fault counts and may refuse.
using Concerns = bool (*)(const DiskOp&);
bool TakesSpace(const DiskOp& op) {
  return op.kind == What::kCreate || op.kind == What::kAppend || op.kind == What::kWriteAt ||
         op.kind == What::kMakeFolder;
}
bool Syncs(const DiskOp& op) { return op.kind == What::kSync || op.kind == What::kSyncFolder; }

struct Fault {
  const char* name;
  Concerns concerns;
  IOStatus answer;
  const char* text;   // to be found in what the journal then says
  bool once = false;  // only one operation fails, else all from it on
};
const Fault kFaults[] = {
    {"no space from one write on", TakesSpace, IOStatus::NoSpace("injected"), "No space left on device"},
    {"no space for one write", TakesSpace, IOStatus::NoSpace("injected"), "No space left on device", true},
    {"one sync fails", Syncs, IOStatus::IOError("injected: sync failed"), "injected: sync failed", true},
    {"all syncs from one on fail", Syncs, IOStatus::IOError("injected: sync failed"), "injected: sync failed"},
};

// What a run under a fault came to.
struct Course {
  std::string refusal;  // the first error, empty for none
  std::string wrong;
};

// After the first refusal: it says why, what can be read is right, and a journal that is read-only stays so. Who is
// refused before anything was written may come again.
std::string CheckRefused(RecordedRun& run, const Error& error, const Fault& fault) {
  if (error.context.find(fault.text) == std::string::npos) return "an unclear error: " + error.context;
  if (run.journal().stats().read_only != (error.code == Code::kCorrupt))
    return "a write failed, but the journal is not read-only, or the other way round";
  if (error.code != Code::kCorrupt) return CompareEvents(run, *run.journal().View());
  const auto more = run.Append(Changes(1, 1), Durability::kSynced);
  if (more || more.error().code != Code::kCorrupt) return "an append to a read-only journal is not refused";
  return CompareEvents(run, *run.journal().View());
}

// Six sessions of synced and unsynced appends. What a session leaves in the log becomes tables at the next open, so
// that there are some to compact; one writes more than a close leaves in the log; in the last the folds are rebuilt.
// Ends with the first refusal.
Course Drive(RecordedRun& run, const Fault& fault) {
  for (std::uint32_t session = 0; session < 6; ++session) {
    if (const auto opened = run.TryOpen(session == 5 ? 2 : 1); !opened) {
      const std::string& why = opened.error().context;
      return {why, why.find(fault.text) != std::string::npos ? "" : "an unclear error: " + why};
    }
    for (std::uint64_t i = 0; i < 4; ++i) {
      const auto appended = run.Append(i == 1 && session == 1 ? Changes(1, 18, 60'000) : Changes(i, 3),
                                       i % 2 == 0 ? Durability::kSynced : Durability::kUnsynced);
      if (!appended) return {appended.error().context, CheckRefused(run, appended.error(), fault)};
    }
    if (const auto flushed = run.Flush(); !flushed)
      return {flushed.error().context, CheckRefused(run, flushed.error(), fault)};
    run.Close();
  }
  return {};
}

// The journal after the fault is gone: as it lies there, and after a power cut on top of it.
std::string CheckHealed(const RecordedRun& run, const std::filesystem::path& folder) {
  DiskModel disk;
  for (const DiskOp& op : run.fs().ops()) disk.Apply(op);
  SeededRandom random(run.fs().ops().size());
  for (const Loss loss : kLosses) {
    disk.Materialise(folder, loss, random);
    if (auto wrong = CheckAfterCut(run, run.fs().ops().size(), loss, folder); !wrong.empty())
      return std::string("unsynced ") + LossName(loss) + ": " + wrong;
  }
  return {};
}

// How many operations the fault could refuse in a run without it.
std::size_t CountChances(RecordedRun& run, const Fault& fault) {
  std::size_t chances = 0;
  run.fs().SetGate([&](const DiskOp& op) {
    chances += fault.concerns(op) ? 1 : 0;
    return IOStatus::OK();
  });
  const Course course = Drive(run, fault);
  REQUIRE(course.refusal == "");
  run.fs().SetGate(nullptr);
  return chances;
}

// Lets the operation `at` fail, of those that can, and those after it. Answers whether the journal noticed.
bool FailAt(const RecordedRun& clean, const Fault& fault, std::size_t at, const std::filesystem::path& folder) {
  RecordedRun run;
  run.Learn(clean);
  std::size_t seen = 0;
  std::string refused;
  run.fs().SetGate([&](const DiskOp& op) {
    if (!fault.concerns(op)) return IOStatus::OK();
    const std::size_t now = seen++;
    if (now < at || (fault.once && now > at)) return IOStatus::OK();
    if (now == at) refused = op.Text();
    return fault.answer;
  });
  const Course course = Drive(run, fault);
  run.Close();
  run.fs().SetGate(nullptr);
  INFO(fault.name << ", number " << at << ": " << refused << "; the journal said: " << course.refusal);
  REQUIRE(course.wrong == "");
  REQUIRE(CheckHealed(run, folder) == "");
  return !course.refusal.empty();
}

// About `points` chances of the fault, evenly spread; all for 0.
void FailEverywhere(const Fault& fault, std::size_t points) {
  const ScratchFolder scratch;
  RecordedRun clean;
  const std::size_t chances = CountChances(clean, fault);
  const std::size_t step = points == 0 ? 1 : std::max<std::size_t>(1, chances / points);
  std::size_t tried = 0;
  std::size_t noticed = 0;
  for (std::size_t at = 0; at < chances; at += step, ++tried)
    noticed += FailAt(clean, fault, at, scratch.path() / "healed") ? 1 : 0;
  CHECK(noticed > 0);
  std::printf("disk faults, %s: %zu of %zu, %zu refused an append or an open; all journals whole, nothing missing\n",
              fault.name, tried, chances, noticed);
}

}  // namespace

TEST_CASE("disk faults: some writes without space and some failed syncs lose nothing acknowledged",
          "[journal][fault]") {
  for (const Fault& fault : kFaults) FailEverywhere(fault, 5);
}

// A case each: together they take longer than one may.
TEST_CASE("disk faults: no space from any write on", "[.long][journal][fault]") { FailEverywhere(kFaults[0], 0); }
TEST_CASE("disk faults: no space for any one write", "[.long][journal][fault]") { FailEverywhere(kFaults[1], 0); }
TEST_CASE("disk faults: any one sync fails", "[.long][journal][fault]") { FailEverywhere(kFaults[2], 0); }
TEST_CASE("disk faults: all syncs from any one on fail", "[.long][journal][fault]") { FailEverywhere(kFaults[3], 0); }

TEST_CASE("disk faults: what found no space for its tables goes on once there is some", "[journal][fault]") {
  const ScratchFolder scratch;
  const auto fs = std::make_shared<RecordingFs>(scratch.path());
  UnwaitingEnv env(fs);
  const auto open = [&] {
    return journal::Rocks::Open(scratch.path() / "db", journal::Rocks::Mode::kWrite, &env).value();
  };
  auto rocks = open();
  const auto put = [&](const char* key) { return rocks->db().Put({}, rocks->meta(), key, "x"); };
  REQUIRE(put("before").ok());
  fs->SetGate(
      [](const DiskOp& op) { return op.path.ends_with(".sst") ? IOStatus::NoSpace("injected") : IOStatus::OK(); });
  REQUIRE_FALSE(rocks->Flush());
  CHECK_FALSE(put("meanwhile").ok());
  const auto still = rocks->GoOnAfterFullDisk();
  REQUIRE_FALSE(still);
  CHECK(still.error().code == Code::kUnavailable);
  CHECK(still.error().context.find("No space left on device") != std::string::npos);
  fs->SetGate(nullptr);
  REQUIRE(rocks->GoOnAfterFullDisk());
  REQUIRE(put("after").ok());
  REQUIRE(rocks->Flush());
  rocks.reset();
  rocks = open();
  for (const char* key : {"before", "after"}) CHECK(rocks->Get({}, rocks->meta(), key).value() == "x");
}

TEST_CASE("disk faults: a TAIL that cannot be written lags, and the journal goes on", "[journal][fault]") {
  RecordedRun run;
  run.Open();
  REQUIRE(run.Append(Changes(1, 2), Durability::kSynced));
  run.fs().SetGate([](const DiskOp& op) { return op.path == "TAIL" ? IOStatus::NoSpace("injected") : IOStatus::OK(); });
  REQUIRE(run.Append(Changes(1, 2), Durability::kSynced));
  CHECK_FALSE(run.journal().stats().read_only);
  run.fs().SetGate(nullptr);
  CHECK(journal::ReadWitness(run.folder())->last == 2);
  REQUIRE(run.Append(Changes(1, 2), Durability::kSynced));
  CHECK(journal::ReadWitness(run.folder())->last == 6);
}
