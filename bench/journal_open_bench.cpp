#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/system/files.h"
#include "base/system/process.h"
#include "bench/journal_rows.h"
#include "bench/journal_world.h"
#include "journal/layout.h"

namespace outpost::bench {
namespace {

constexpr int kRuns = 5;
constexpr const char* kFigure = "opening 1,000,000 events after SIGKILL";
constexpr std::size_t kItems = 20'000;
constexpr std::size_t kBatch = 1'000;

// Bytes of the longest log file. Not of all: one that a flush has emptied stays for a moment, and is not read.
std::uint64_t LogBytes(const std::filesystem::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(journal::DatabasePath(folder), ignored)) {
    if (entry.path().extension() != ".log") continue;
    const auto size = entry.file_size(ignored);
    if (!ignored) bytes = std::max<std::uint64_t>(bytes, size);  // else a flush has just made the file superfluous
  }
  return bytes;
}

Result<void> Fill(World& world, Journal& journal, const std::filesystem::path& folder, std::size_t events) {
  const auto items = MakeItems(world.clock, std::min(events, kItems));
  std::uint64_t number = 0, longest = 0;
  for (;;) {
    Batch batch;
    for (std::size_t i = 0; i < kBatch; ++i, ++number)
      batch.push_back(ContactEvent(number < items.size() ? Kind::kRemoteCreated : Kind::kRemoteChanged,
                                   items[number % items.size()], number, "Fill"));
    OUTPOST_TRYV(journal.AppendAndWait(std::move(batch), {}, Durability::kUnsynced));
    const std::uint64_t log = LogBytes(folder);
    if (number >= events && log * 20 >= longest * 19) return journal.Flush();
    longest = std::max(longest, log);
  }
}

Result<double> OpenSeconds(const std::string& own, const std::filesystem::path& folder,
                           const std::filesystem::path& answer) {
  OUTPOST_TRY(ChildProcess child,
              ChildProcess::Start(own, {std::string(kOpenOnce), folder.string(), answer.string()}, {}));
  if (const int code = child.Wait(); code != 0)
    return Error{Code::kUnavailable, Retry::kNever, "the process that opens ended with " + std::to_string(code)};
  OUTPOST_TRY(const std::string micros, ReadFile(answer));
  return std::stod(micros) / 1e6;
}

}  // namespace

int FillAndDie(const std::string& folder, const std::string& events) {
  World world;
  JournalOptions options;
  options.folder = folder;
  auto journal = world.Open(options);
  if (!journal) return 1;
  if (const auto filled = Fill(world, *journal.value(), folder, std::stoul(events)); !filled) return 1;
  return ::kill(::getpid(), SIGKILL);
}

int OpenOnce(const std::string& folder, const std::string& answer) {
  World world;
  JournalOptions options;
  options.folder = folder;
  options.create = false;
  const auto start = world.clock.MonotonicNow();
  const auto journal = world.Open(options);
  const auto took = world.clock.MonotonicNow() - start;
  if (!journal || journal.value()->stats().read_only) return 1;
  return WriteFileDurably(answer, std::to_string(took.count())) ? 0 : 1;
}

Result<void> OpenRows(const Options& options, std::vector<Row>& rows) {
  if (!options.wants(kFigure)) return Ok();
  OUTPOST_TRY(const auto folder, BenchFolder::Make());
  OUTPOST_TRY(const std::string own, OwnProgram());
  const std::string events = options.smoke ? "3000" : "1000000";
  const auto crashed = folder.path() / "crashed";
  OUTPOST_TRY(ChildProcess child, ChildProcess::Start(own, {std::string(kFillAndDie), crashed.string(), events}, {}));
  if (const int code = child.Wait(); code != -SIGKILL)
    return Error{Code::kUnavailable, Retry::kNever, "the process that fills ended with " + std::to_string(code)};
  std::fprintf(stderr, "to be opened: %s events, a log of %.1f MiB\n", events.c_str(),
               static_cast<double>(LogBytes(crashed)) / 1048576);
  std::vector<double> seconds;
  for (int run = 0; run < kRuns; ++run) {
    const auto copy = folder.path() / "copy";  // an open moves what the log holds into tables
    std::error_code failed;
    std::filesystem::copy(crashed, copy, std::filesystem::copy_options::recursive, failed);
    if (failed) return Error{Code::kUnavailable, Retry::kNever, "cannot copy a journal: " + failed.message()};
    OUTPOST_TRY(const double took, OpenSeconds(own, copy, folder.path() / "answer"));
    seconds.push_back(took);
    std::filesystem::remove_all(copy, failed);
  }
  rows.push_back({"journal", kFigure, Median(seconds), "s", std::nullopt, 0.3, true});
  return Ok();
}

}  // namespace outpost::bench
