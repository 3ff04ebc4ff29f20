#include "tests/journal/salvage_damage.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/system/files.h"
#include "journal/item_fold.h"
#include "journal/salvage.h"
#include "tests/journal/events.h"
#include "tests/journal/scratch.h"

namespace outpost::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStepBytes = 6;
constexpr std::size_t kStepsMax = 8;

std::string Named(const Event& event) { return event.header.item.Hex() + event.body; }

std::unique_ptr<Journal> Open(const fs::path& folder, bool create, ItemFold& fold, const Clock& clock) {
  JournalOptions options;
  options.folder = folder;
  options.create = create;
  options.id = "damage";
  auto opened = Journal::Open(options, {&fold}, fold, clock, NullLog());
  OUTPOST_CHECK(opened.has_value());
  return std::move(opened).value();
}

// The journal before it is damaged: its files and its events.
struct Pristine {
  std::vector<std::pair<std::string, std::string>> files;
  std::map<Sequence, std::string> events;

  Pristine() {
    const ScratchFolder scratch;
    ManualClock clock(Millis(1'700'000'000'000));
    ItemFold fold(1, {});
    const auto journal = Open(scratch.path() / "live", true, fold, clock);
    for (std::uint64_t i = 0; i < 24; ++i) {
      Batch batch{Change(Item(i % 5), "text " + std::to_string(i), i < 5 ? Kind::kLocalCreated : Kind::kLocalChanged),
                  Change(Item(10 + i), std::string(200, 'y'), Kind::kLocalCreated)};
      OUTPOST_CHECK(journal->AppendAndWait(std::move(batch), {}, Durability::kSynced).has_value());
      if (i == 8 || i == 15) OUTPOST_CHECK(journal->MakeCheckpoint(scratch.path() / std::to_string(i)).has_value());
    }
    const auto view = journal->View();
    OUTPOST_CHECK(view->Scan(1, view->last(),
                             [&](const Event& event) {
                               events[event.seq] = Named(event);
                               return true;
                             })
                      .has_value());
    for (const auto& entry : fs::recursive_directory_iterator(scratch.path() / "live")) {
      const std::string name = entry.path().lexically_relative(scratch.path() / "live").string();
      if (entry.is_regular_file() && name.find("LOG") == std::string::npos && name.find("LOCK") == std::string::npos)
        files.emplace_back(name, ReadFile(entry.path()).value());
    }
    std::sort(files.begin(), files.end());
  }
};

// One step on a copy of the files; an empty optional is a file that is gone.
void Damage(std::vector<std::optional<std::string>>& files, std::string_view step) {
  auto& file = files[static_cast<std::uint8_t>(step[0]) % files.size()];
  if (!file || file->empty()) return;
  const std::size_t at = ReadBe32(step, 2) % file->size();
  switch (static_cast<std::uint8_t>(step[1]) % 5) {
    case 0:
      (*file)[at] = static_cast<char>((*file)[at] ^ (1 << (static_cast<std::uint8_t>(step[1]) / 5 % 8)));
      break;
    case 1:
      file->resize(at);
      break;
    case 2:
      file.reset();
      break;
    case 3:
      for (std::size_t i = at; i < std::min(at + 64, file->size()); ++i) (*file)[i] = 0;
      break;
    default:
      (*file)[at] = step[1];
  }
}

void CheckMade(const Pristine& pristine, const fs::path& to, const SalvageReport& report) {
  ManualClock clock(Millis(1'900'000'000'000));
  ItemFold fold(1, {});
  const auto journal = Open(to, false, fold, clock);
  if (journal->stats().read_only) throw InvariantViolation("read-only: " + journal->stats().read_only_reason);
  const auto view = journal->View();
  OUTPOST_CHECK(VerifyEvents(*view).value().chain_ok);
  OUTPOST_CHECK(VerifyRebuild(*view, {&fold}).value().equal());
  std::uint64_t missing = 0;
  for (const auto& [seq, named] : pristine.events) {
    const auto event = view->Read(seq);
    const bool listed = std::any_of(report.runs.begin(), report.runs.end(),
                                    [at = seq](const MissingRun& run) { return run.from <= at && at <= run.to; });
    // What lay behind the last thing that was left to read is not known to have been.
    const bool unknown = seq > report.old_last;
    const bool there = event && !unknown;
    OUTPOST_CHECK(!there || Named(event.value()) == named);
    OUTPOST_CHECK(unknown || listed == !there);
    missing += listed ? 1 : 0;
  }
  OUTPOST_CHECK(missing == report.missing);
  OUTPOST_CHECK(journal->AppendAndWait({Change(Item(1), "on")}, {}, Durability::kSynced).has_value());
}

}  // namespace

void SalvageDamaged(std::string_view damage) {
  static const Pristine pristine;
  std::vector<std::optional<std::string>> files;
  for (const auto& [name, content] : pristine.files) files.emplace_back(content);
  for (std::size_t at = 0; at + kStepBytes <= std::min(damage.size(), kStepBytes * kStepsMax); at += kStepBytes)
    Damage(files, damage.substr(at, kStepBytes));
  const ScratchFolder scratch;
  const fs::path from = scratch.path() / "from", to = scratch.path() / "to";
  OUTPOST_CHECK(MakeFolder(from / "db").has_value());
  for (std::size_t i = 0; i < files.size(); ++i)
    if (files[i]) OUTPOST_CHECK(WriteFileDurably(from / pristine.files[i].first, *files[i]).has_value());
  ManualClock clock(Millis(1'800'000'000'000));
  ItemFold fold(1, {});
  const auto report = Salvage({from, to, "damage", {}, nullptr}, {&fold}, clock);
  if (report) return CheckMade(pristine, to, report.value());
  OUTPOST_CHECK(!fs::exists(to));
}

}  // namespace outpost::test
