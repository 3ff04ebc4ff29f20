#include "tests/journal/damaged.h"

#include <fstream>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/system/files.h"
#include "journal/layout.h"
#include "tests/journal/events.h"
#include "tests/journal/scratch.h"
#include "tests/journal/test_fold.h"
#include "tests/journal/unwaiting_env.h"

namespace outpost::test {
namespace {

// Keeps what the journal warns of.
class Warnings final : public Log {
 public:
  void Write(LogLevel level, std::string_view, std::string_view text) override {
    if (level >= LogLevel::kWarning) all_.append(text).append("\n");
  }
  const std::string& all() const { return all_; }

 private:
  std::string all_;
};

void Fill(const std::filesystem::path& folder) {
  CountingFold fold;
  const ManualClock clock(Millis(1'700'000'000'000));
  JournalOptions options;
  options.folder = folder;
  options.reserve_bytes = 0;
  const auto append = [&](std::initializer_list<std::size_t> counts) {
    const auto journal = Journal::Open(options, {&fold}, fold, clock, NullLog()).value();
    for (const std::size_t count : counts)
      OUTPOST_CHECK(journal->AppendAndWait(Changes(1, count), {}, Durability::kSynced).has_value());
  };
  append({3, 2});
  {
    const auto rocks =
        journal::Rocks::Open(journal::DatabasePath(folder), journal::Rocks::Mode::kWrite, nullptr).value();
    OUTPOST_CHECK(rocks->db().Flush(rocksdb::FlushOptions(), rocks->families()).ok());
  }
  append({1, 2});
}

// The first difference to what was, or nothing.
std::string Difference(const Pristine& pristine, const JournalView& view, const VerifyReport& verified) {
  const Sequence last = pristine.events.size();
  if (view.last() != last) return "the journal ends at event " + std::to_string(view.last());
  std::string different;
  const auto scanned = view.Scan(1, last, [&](const Event& event) {
    if (DigestOf(event) != pristine.events[event.seq - 1])
      different = "event " + std::to_string(event.seq) + " changed";
    const auto alone = view.Read(event.seq);
    if (!alone || DigestOf(alone.value()) != DigestOf(event)) different += ", read alone it is another";
    return different.empty();
  });
  if (!scanned) return "not read: " + scanned.error().context;
  if (different.empty() && verified.root != pristine.root) return "another root";
  return different;
}

// True when the shorter history is the beginning of the one that was.
bool IsBeginning(const Pristine& pristine, const JournalView& view) {
  bool same = view.last() <= pristine.events.size();
  return same && view.Scan(1, view.last(), [&](const Event& event) {
    return same = DigestOf(event) == pristine.events[event.seq - 1];
  }) && same;
}

}  // namespace

void Pristine::WriteTo(const std::filesystem::path& folder) const {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "db");
  for (const auto& [path, content] : files) {
    std::ofstream out(folder / path, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size())).flush();
    OUTPOST_CHECK(out.good());
  }
}

Pristine MakePristine() {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "journal";
  Fill(folder);
  Pristine pristine;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !name.starts_with("LOG") && name != "LOCK")
      pristine.files[entry.path().lexically_relative(folder).string()] = ReadFile(entry.path()).value();
  }
  CountingFold fold;
  const ManualClock clock(Millis(1'700'000'000'000));
  JournalOptions options;
  options.folder = folder;
  const auto journal = Journal::Open(options, {&fold}, fold, clock, NullLog()).value();
  const auto view = journal->View();
  OUTPOST_CHECK(view->Scan(1, view->last(),
                           [&](const Event& event) {
                             pristine.events.push_back(DigestOf(event));
                             return true;
                           })
                    .has_value());
  pristine.root = VerifyEvents(*view).value().root;
  return pristine;
}

Finding Examine(const Pristine& pristine, const std::filesystem::path& folder, rocksdb::Env* env) {
  static UnwaitingEnv real;
  CountingFold fold;
  const ManualClock clock(Millis(1'800'000'000'000));
  Warnings warnings;
  JournalOptions options;
  options.folder = folder;
  options.reserve_bytes = 0;
  options.rocksdb_env = env != nullptr ? env : &real;
  const auto opened = Journal::Open(options, {&fold}, fold, clock, warnings);
  if (!opened) return {Verdict::kAtOpen, opened.error().context, ""};
  const auto view = opened.value()->View();
  const auto verified = VerifyEvents(*view);
  if (!verified) return {Verdict::kAtOpen, verified.error().context, ""};
  const VerifyReport& report = verified.value();
  const auto rebuilt = VerifyRebuild(*view, {&fold});
  if (const auto stats = opened.value()->stats(); stats.read_only)
    return {Verdict::kAtOpen, stats.read_only_reason, report.file};
  if (!report.problem.empty()) return {Verdict::kByVerify, report.problem, report.file};
  if (!rebuilt) return {Verdict::kByVerify, rebuilt.error().context, ""};
  if (!rebuilt.value().equal()) return {Verdict::kByVerify, rebuilt.value().first_difference, ""};
  const std::string different = Difference(pristine, *view, report);
  if (different.empty()) return {Verdict::kHarmless, "", ""};
  const bool warned = warnings.all().find("the end could not be checked") != std::string::npos;
  if (warned && IsBeginning(pristine, *view)) return {Verdict::kAtOpen, warnings.all(), ""};
  return {Verdict::kUnnoticed, different, ""};
}

}  // namespace outpost::test
