#include "tests/sim/script.h"

#include <sstream>

#include "base/random.h"

namespace outpost::sim {
namespace {

struct Entry {
  StepKind kind;
  const char* name;
  // How often, in each scenario.
  unsigned conflicts, faults, storm;
};

constexpr Entry kEntries[] = {
    {StepKind::kCreate, "create", 10, 10, 10},
    {StepKind::kEdit, "edit", 24, 16, 20},
    {StepKind::kEditPart, "edit_part", 10, 3, 6},
    {StepKind::kTag, "tag", 6, 2, 4},
    {StepKind::kUntag, "untag", 4, 1, 2},
    {StepKind::kMove, "move", 8, 4, 6},
    {StepKind::kDelete, "delete", 6, 4, 5},
    {StepKind::kPoison, "poison", 2, 2, 2},
    {StepKind::kToxic, "toxic", 1, 1, 1},
    {StepKind::kRetry, "retry", 1, 1, 1},
    {StepKind::kRace, "race", 5, 5, 5},
    {StepKind::kFolderNew, "folder_new", 5, 2, 3},
    {StepKind::kFolderRename, "folder_rename", 5, 1, 3},
    {StepKind::kFolderMove, "folder_move", 8, 2, 3},
    {StepKind::kFolderDelete, "folder_delete", 4, 1, 2},
    {StepKind::kElseCreate, "else_create", 8, 4, 6},
    {StepKind::kElseEdit, "else_edit", 24, 5, 14},
    {StepKind::kElseTag, "else_tag", 6, 1, 3},
    {StepKind::kElseMove, "else_move", 8, 2, 5},
    {StepKind::kElseDelete, "else_delete", 6, 2, 4},
    {StepKind::kElseSameUid, "else_same_uid", 2, 1, 1},
    {StepKind::kElseNewFolder, "else_new_folder", 4, 2, 3},
    {StepKind::kElseDropFolder, "else_drop_folder", 6, 2, 4},
    {StepKind::kElseRenameFolder, "else_rename_folder", 5, 1, 3},
    {StepKind::kElseMoveFolder, "else_move_folder", 8, 2, 3},
    {StepKind::kElseSameFolder, "else_same_folder", 4, 2, 2},
    {StepKind::kElseEmptyFolder, "else_empty_folder", 1, 0, 1},
    {StepKind::kElseRights, "else_rights", 3, 4, 4},
    {StepKind::kLoseRequest, "lose_request", 0, 4, 3},
    {StepKind::kLoseReply, "lose_reply", 0, 8, 6},
    {StepKind::kCutReply, "cut_reply", 0, 4, 3},
    {StepKind::kHalfReply, "half_reply", 0, 3, 2},
    {StepKind::kTwice, "twice", 0, 3, 2},
    {StepKind::kUnavailable, "unavailable", 0, 3, 2},
    {StepKind::kThrottle, "throttle", 0, 3, 2},
    {StepKind::kForgetSession, "forget_session", 0, 3, 2},
    {StepKind::kTryAgain, "try_again", 0, 3, 2},
    {StepKind::kServiceDown, "service_down", 0, 3, 2},
    {StepKind::kSlow, "slow", 0, 3, 2},
    {StepKind::kOffline, "offline", 2, 4, 3},
    {StepKind::kPortal, "portal", 0, 4, 2},
    {StepKind::kCertificate, "certificate", 0, 4, 2},
    {StepKind::kBadProxy, "bad_proxy", 0, 4, 3},
    {StepKind::kBusyServer, "busy_server", 0, 4, 2},
    {StepKind::kMaintenance, "maintenance", 0, 3, 1},
    {StepKind::kBackUp, "back_up", 3, 3, 3},
    {StepKind::kRestore, "restore", 2, 3, 3},
    {StepKind::kServerClock, "server_clock", 0, 2, 1},
    {StepKind::kPassword, "password", 0, 3, 2},
    {StepKind::kKill, "kill", 1, 5, 3},
    {StepKind::kPowerCut, "power_cut", 0, 5, 3},
    {StepKind::kClockStep, "clock_step", 0, 2, 1},
    {StepKind::kCloseFor, "close_for", 1, 3, 2},
    {StepKind::kPause, "pause", 0, 4, 2},
    {StepKind::kDiskFull, "disk_full", 0, 3, 2},
    {StepKind::kSyncFails, "sync_fails", 0, 3, 2},
    {StepKind::kTidy, "tidy", 1, 2, 2},
    {StepKind::kResync, "resync", 1, 1, 1},
};
static_assert(std::size(kEntries) == kStepKinds);

// Pauses between two steps: mostly such that things meet, now and then long enough for all to settle, seldom days.
Millis PauseBefore(Random& random) {
  const std::uint64_t roll = random.Below(100);
  if (roll < 45) return Millis(static_cast<std::int64_t>(random.Below(60)));
  if (roll < 80) return Millis(static_cast<std::int64_t>(random.Below(3'000)));
  if (roll < 95) return Millis(static_cast<std::int64_t>(random.Below(60'000)));
  if (roll < 99) return Millis(static_cast<std::int64_t>(random.Below(3'600'000)));
  return Millis(static_cast<std::int64_t>(random.Below(4ull * 86'400'000)));
}

}  // namespace

const char* StepName(StepKind kind) { return kEntries[static_cast<std::size_t>(kind)].name; }

Result<Script> WriteScript(std::uint64_t seed, std::string_view scenario) {
  SeededRandom random(seed * 0x9E3779B97F4A7C15u + 1);
  unsigned Entry::*weights[] = {&Entry::conflicts, &Entry::faults, &Entry::storm};
  unsigned Entry::*weight = nullptr;
  if (scenario == "all") weight = weights[random.Below(3)];
  if (scenario == "conflicts") weight = &Entry::conflicts;
  if (scenario == "faults") weight = &Entry::faults;
  if (scenario == "storm") weight = &Entry::storm;
  if (weight == nullptr)
    return Error{Code::kInvalid, Retry::kNever,
                 "no scenario \"" + std::string(scenario) + "\"; there are all, conflicts, faults, storm"};
  std::uint64_t sum = 0;
  for (const Entry& entry : kEntries) sum += entry.*weight;
  Script script{seed, {}};
  const std::size_t count = 40 + random.Below(360);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t roll = random.Below(sum);
    const Entry* chosen = kEntries;
    while (roll >= chosen->*weight) roll -= (chosen++)->*weight;
    Step step;
    step.after = PauseBefore(random);
    step.kind = chosen->kind;
    step.client = static_cast<std::uint32_t>(random.Below(3));
    step.a = random.Below(1'000);
    step.b = random.Below(1'000);
    script.steps.push_back(step);
  }
  return script;
}

std::string ToText(const Script& script) {
  std::string text = "seed " + std::to_string(script.seed) + "\n";
  for (const Step& step : script.steps)
    text += std::to_string(step.after.count()) + " " + StepName(step.kind) + " " + std::to_string(step.client) + " " +
            std::to_string(step.a) + " " + std::to_string(step.b) + "\n";
  return text;
}

Result<Script> FromText(std::string_view text) {
  Script script;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    const auto bad = [&] {
      return Error{Code::kInvalid, Retry::kNever, "line " + std::to_string(number) + " of the script: " + line};
    };
    std::string word;
    if (line.starts_with("seed ")) {
      if (!(words >> word >> script.seed)) return bad();
      continue;
    }
    Step step;
    std::int64_t after = 0;
    if (!(words >> after >> word >> step.client >> step.a >> step.b) || after < 0) return bad();
    step.after = Millis(after);
    bool known = false;
    for (const Entry& entry : kEntries)
      if (word == entry.name) {
        step.kind = entry.kind;
        known = true;
      }
    if (!known) return bad();
    script.steps.push_back(step);
  }
  return script;
}

}  // namespace outpost::sim
