#include "tests/sim/coverage.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/system/files.h"

namespace outpost::sim {
namespace {

constexpr const char* kPolicies[] = {"server-wins", "client-wins"};
constexpr const char* kHere[] = {"edit", "tag", "move", "delete", "create"};
constexpr const char* kThere[] = {"same group",     "other group", "move",  "delete",
                                  "folder deleted", "restored",    "create"};

// Why a cell of the matrix cannot occur; nullptr where it can.
const char* WhyNot(const std::string& here, const std::string& there) {
  if (there == "create") return here == "create" ? nullptr : "what is changed here is there already";
  if (here == "create")
    return "what is only here cannot be changed there; where the answer to a create was lost it counts as an edit";
  if (here == "move" && there == "same group") return "counted as move / move";
  if (here == "delete" && there == "same group") return "existence is changed by a deletion only";
  return nullptr;
}

constexpr const char* kFolderHere[] = {"folder new",    "folder rename", "folder move",
                                       "folder delete", "item create",   "item move"};
constexpr const char* kFolderThere[] = {"folder new",    "folder rename", "folder move",
                                        "folder delete", "item create",   "item change"};

const char* WhyNoFolder(const std::string& here, const std::string& there) {
  if (here == "folder new" || there == "folder new")
    return here == there ? nullptr : "what is only on one side cannot be changed on the other";
  if (there.starts_with("item")) {
    if (here.starts_with("item")) return "counted above";
    return here == "folder delete" ? nullptr : "what is in a folder goes with it wherever it is";
  }
  if (here.starts_with("item") && there != "folder delete") return "what is in a folder goes with it wherever it is";
  return nullptr;
}

// What each side does with a mail. Two flags never meet, and a folder that goes is thrown away with its mails in it.
constexpr const char* kMail[] = {"mail flag", "mail move", "mail delete"};

// Faults of the line need an exchange, so that the client is at something or was stopped by one before.
constexpr const char* kLineFaults[] = {"lose_request", "lose_reply",   "cut_reply", "half_reply",
                                       "twice",        "unavailable",  "throttle",  "forget_session",
                                       "try_again",    "service_down", "late",      "slow"};
constexpr const char* kBusy[] = {"connecting", "pulling", "pushing", "reading back"};
// Faults that last or strike by themselves meet a client at anything.
constexpr StepKind kOtherFaults[] = {
    StepKind::kOffline,    StepKind::kPortal,    StepKind::kCertificate, StepKind::kBadProxy,    StepKind::kBusyServer,
    StepKind::kPassword,   StepKind::kPause,     StepKind::kMaintenance, StepKind::kServerClock, StepKind::kKill,
    StepKind::kPowerCut,   StepKind::kClockStep, StepKind::kCloseFor,    StepKind::kDiskFull,    StepKind::kSyncFails,
    StepKind::kElseRights, StepKind::kBackUp,    StepKind::kRestore};

const char* WhyNotMet(StepKind fault, const std::string& condition) {
  if (condition == "closed" && (fault == StepKind::kKill || fault == StepKind::kCloseFor)) return "nothing runs";
  return nullptr;
}

std::uint64_t CountOf(const std::map<std::string, std::uint64_t>& counts, const std::string& key) {
  const auto at = counts.find(key);
  return at == counts.end() ? 0 : at->second;
}

template <class Visit>  // Visit(key, count, why_not)
void ForEachCell(const Coverage& coverage, Visit visit) {
  for (const char* policy : kPolicies)
    for (const char* here : kHere)
      for (const char* there : kThere) {
        const std::string key = std::string(policy) + ": " + here + " / " + there;
        visit(key, CountOf(coverage.cells, key), WhyNot(here, there));
      }
  for (const char* policy : kPolicies)
    for (const char* here : kFolderHere)
      for (const char* there : kFolderThere) {
        const std::string key = std::string(policy) + ": " + here + " / " + there;
        visit(key, CountOf(coverage.cells, key), WhyNoFolder(here, there));
      }
  for (const char* policy : kPolicies)
    for (const char* here : kMail)
      for (const char* there : kMail) {
        const std::string key = std::string(policy) + ": " + here + " / " + there;
        visit(key, CountOf(coverage.cells, key), nullptr);
      }
}

template <class Visit>
void ForEachPair(const Coverage& coverage, Visit visit) {
  const auto pair = [&](const char* fault, const char* condition, const char* why_not) {
    const std::string key = std::string(fault) + " / " + condition;
    visit(key, CountOf(coverage.faults, key), why_not);
  };
  for (const char* fault : kLineFaults)
    for (const char* condition : kBusy) pair(fault, condition, nullptr);
  for (const StepKind fault : kOtherFaults)
    for (const char* condition : Conditions()) pair(StepName(fault), condition, WhyNotMet(fault, condition));
}

}  // namespace

const std::vector<const char*>& Conditions() {
  static const std::vector<const char*> conditions{
      "idle",           "offline", "server_down", "throttled",  "captive_portal", "protocol_error", "wrong_certificate",
      "wrong_password", "paused",  "closed",      "connecting", "pulling",        "pushing",        "reading back"};
  return conditions;
}

bool MeetsConditions(StepKind kind) {
  return std::find(std::begin(kOtherFaults), std::end(kOtherFaults), kind) != std::end(kOtherFaults);
}

void Coverage::Add(const Outcome& outcome) {
  Coverage one{1,
               outcome.violations.empty() ? 0u : 1u,
               outcome.operations,
               outcome.exchanges,
               outcome.exempted,
               outcome.restored_twice,
               outcome.cells,
               outcome.faults};
  Add(one);
}

void Coverage::Add(const Coverage& other) {
  seeds += other.seeds;
  failed += other.failed;
  operations += other.operations;
  exchanges += other.exchanges;
  exempted += other.exempted;
  restored_twice += other.restored_twice;
  for (const auto& [cell, count] : other.cells) cells[cell] += count;
  for (const auto& [pair, count] : other.faults) faults[pair] += count;
}

Result<void> WriteCoverage(const Coverage& coverage, const std::filesystem::path& file) {
  std::ostringstream text;
  text << "seeds\t" << coverage.seeds << "\nfailed\t" << coverage.failed << "\noperations\t" << coverage.operations
       << "\nexchanges\t" << coverage.exchanges << "\nexempted\t" << coverage.exempted << "\nrestored_twice\t"
       << coverage.restored_twice << "\n";
  for (const auto& [cell, count] : coverage.cells) text << "cell " << cell << "\t" << count << "\n";
  for (const auto& [pair, count] : coverage.faults) text << "fault " << pair << "\t" << count << "\n";
  return WriteFileDurably(file, text.str());
}

Result<Coverage> ReadCoverage(const std::filesystem::path& file) {
  OUTPOST_TRY(const std::string text, ReadFile(file));
  Coverage coverage;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto tab = line.find('\t');
    const std::string key = line.substr(0, tab);
    std::istringstream value(tab == std::string::npos ? "" : line.substr(tab + 1));
    std::uint64_t count = 0;
    if (!(value >> count))
      return Error{Code::kInvalid, Retry::kNever, file.string() + ", line " + std::to_string(number) + ": no count"};
    if (key == "seeds") coverage.seeds = count;
    if (key == "failed") coverage.failed = count;
    if (key == "operations") coverage.operations = count;
    if (key == "exchanges") coverage.exchanges = count;
    if (key == "exempted") coverage.exempted = count;
    if (key == "restored_twice") coverage.restored_twice = count;
    if (key.starts_with("cell ")) coverage.cells[key.substr(5)] = count;
    if (key.starts_with("fault ")) coverage.faults[key.substr(6)] = count;
  }
  return coverage;
}

std::string CoverageText(const Coverage& coverage) {
  std::ostringstream text;
  text << "conflict matrix (policy: here / there)\n";
  const auto show = [&](const std::string& key, std::uint64_t count, const char* why_not) {
    text << "  " << (why_not != nullptr ? "-" : std::to_string(count)) << "\t" << key;
    if (why_not != nullptr) text << "  (cannot occur: " << why_not << ")";
    text << "\n";
  };
  ForEachCell(coverage, show);
  text << "faults (fault / what the client was at)\n";
  ForEachPair(coverage, show);
  text << coverage.seeds << " seeds, " << coverage.operations << " operations, " << coverage.exchanges
       << " of them exchanges with the server; " << coverage.exempted
       << " overwrites that the server's stamps could not tell, " << coverage.restored_twice
       << " items made again by two clients at once; " << coverage.failed << " seeds failed\n";
  return text.str();
}

std::vector<std::string> Uncovered(const Coverage& coverage, std::uint64_t least) {
  std::vector<std::string> uncovered;
  const auto note = [&](const std::string& key, std::uint64_t count, const char* why_not) {
    if (why_not == nullptr && count < least) uncovered.push_back(key + ": " + std::to_string(count));
  };
  ForEachCell(coverage, note);
  ForEachPair(coverage, note);
  return uncovered;
}

}  // namespace outpost::sim
