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
    {StepKind::kElseMoveEdited, "else_move_edited", 0, 0, 0},
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
    {StepKind::kLate, "late", 0, 3, 2},
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
    // Those about mails take the place of others, see AddMails.
    {StepKind::kMailSeen, "mail_seen", 0, 0, 0},
    {StepKind::kMailFlag, "mail_flag", 0, 0, 0},
    {StepKind::kMailMove, "mail_move", 0, 0, 0},
    {StepKind::kMailDelete, "mail_delete", 0, 0, 0},
    {StepKind::kMailDraft, "mail_draft", 0, 0, 0},
    {StepKind::kMailSend, "mail_send", 0, 0, 0},
    {StepKind::kMailFolderNew, "mail_folder_new", 0, 0, 0},
    {StepKind::kMailFolderRename, "mail_folder_rename", 0, 0, 0},
    {StepKind::kMailFolderDelete, "mail_folder_delete", 0, 0, 0},
    {StepKind::kMailEmpty, "mail_empty", 0, 0, 0},
    {StepKind::kElseMail, "else_mail", 0, 0, 0},
    {StepKind::kElseMailFlag, "else_mail_flag", 0, 0, 0},
    {StepKind::kElseMailMove, "else_mail_move", 0, 0, 0},
    {StepKind::kElseMailDelete, "else_mail_delete", 0, 0, 0},
    {StepKind::kElseMailIds, "else_mail_ids", 0, 0, 0},
    {StepKind::kElseMailFolderNew, "else_mail_folder_new", 0, 0, 0},
    {StepKind::kElseMailFolderRename, "else_mail_folder_rename", 0, 0, 0},
    {StepKind::kElseMailFolderDrop, "else_mail_folder_drop", 0, 0, 0},
    {StepKind::kElseMailEdited, "else_mail_edited", 0, 0, 0},
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

// What people do with mails, and how often.
constexpr std::pair<StepKind, unsigned> kMailSteps[] = {{StepKind::kMailSeen, 8},
                                                        {StepKind::kMailFlag, 6},
                                                        {StepKind::kMailMove, 10},
                                                        {StepKind::kMailDelete, 6},
                                                        {StepKind::kMailDraft, 2},
                                                        {StepKind::kMailSend, 3},
                                                        {StepKind::kMailFolderNew, 4},
                                                        {StepKind::kMailFolderRename, 3},
                                                        {StepKind::kMailFolderDelete, 2},
                                                        {StepKind::kMailEmpty, 1},
                                                        {StepKind::kElseMail, 12},
                                                        {StepKind::kElseMailFlag, 6},
                                                        {StepKind::kElseMailMove, 5},
                                                        {StepKind::kElseMailDelete, 3},
                                                        {StepKind::kElseMailIds, 1},
                                                        {StepKind::kElseMailFolderNew, 2},
                                                        {StepKind::kElseMailFolderRename, 1},
                                                        {StepKind::kElseMailFolderDrop, 1}};

// Half of what people do is about mails.
void AddMails(Script& script, Random& random) {
  std::uint64_t sum = 0;
  for (const auto& [kind, weight] : kMailSteps) sum += weight;
  for (Step& step : script.steps) {
    if (step.kind > StepKind::kElseEmptyFolder || random.Chance(1, 2)) continue;
    std::uint64_t roll = random.Below(sum);
    const auto* chosen = kMailSteps;
    while (roll >= chosen->second) roll -= (chosen++)->second;
    step.kind = chosen->first;
  }
  // What chance brings about too seldom: both sides do something with one mail before they hear of each other.
  const auto client = static_cast<std::uint32_t>(random.Below(3));
  constexpr Millis kRest{600'000};
  for (const StepKind kind : {StepKind::kMailFlag, StepKind::kMailMove, StepKind::kMailDelete}) {
    const std::uint64_t there = 1 + random.Below(2);
    script.steps.push_back({kRest, StepKind::kElseMail, client, 0, 1});
    script.steps.push_back({kRest, kind, client, random.Below(1'000), random.Below(1'000)});
    script.steps.push_back({Millis{0}, StepKind::kElseMailEdited, client, there, random.Below(1'000)});
  }
  // One mail in a folder that was made and renamed a moment ago, and goes with what it is in.
  script.steps.push_back({kRest, StepKind::kElseMail, client, 0, 1});
  const auto soon = [&] { return Millis(static_cast<std::int64_t>(random.Below(2) * random.Below(400))); };
  script.steps.push_back({kRest, StepKind::kMailFolderNew, client, 0, 0});
  for (const StepKind kind : {StepKind::kMailFolderRename, StepKind::kMailMove, StepKind::kMailEmpty})
    script.steps.push_back({soon(), kind, client, random.Below(1'000), random.Below(1'000)});
}

// A folder is renamed, later deleted, and each time moved elsewhere before the server hears of it: chance brings that
// about too seldom.
void AddFolderMeetings(Script& script, Random& random) {
  constexpr Millis kRest{600'000};
  const auto client = static_cast<std::uint32_t>(random.Below(3));
  for (int i = 0; i < 2; ++i)
    script.steps.push_back({kRest, StepKind::kFolderNew, client, random.Below(1'000), random.Below(1'000)});
  for (const StepKind kind : {StepKind::kFolderRename, StepKind::kFolderDelete}) {
    script.steps.push_back({kRest, kind, client, random.Below(1'000), random.Below(1'000)});
    script.steps.push_back({Millis{0}, StepKind::kElseMoveEdited, client, random.Below(1'000), random.Below(1'000)});
  }
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
  if (scenario == "storm" || scenario == "mail") weight = &Entry::storm;
  if (weight == nullptr)
    return Error{Code::kInvalid, Retry::kNever,
                 "no scenario \"" + std::string(scenario) + "\"; there are all, conflicts, faults, storm, mail"};
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
  // Only in some worlds, so that the others stay what they were.
  if (seed % 7 == 3) AddFolderMeetings(script, random);
  if (scenario == "mail" || (scenario == "all" && seed % 4 == 2)) AddMails(script, random);
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
