#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "replicator/sync_types.h"
#include "tools/outpost/output.h"

namespace CLI {
class App;
}

namespace outpost::cli {

// Exit codes; docs/cli.md.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnreachable = 3;

// 2 for malformed input, 3 for a refused sign-in, 1 for all else.
int ExitCodeOf(const Error& error);
// 1 where our own side failed, 3 where the server could not be worked with, else 0.
int ExitCodeOf(const SyncReport& report);

// The flags every verb has.
struct Common {
  std::string data;     // empty: the default
  std::string account;  // USER@HOST; empty: the only one
  bool json = false;
  bool no_pager = false;
  Form form() const { return json ? Form::kJson : Form::kText; }
};

// The verb that the arguments chose; run after all of them were read. Its result is the exit code; an error goes to
// standard error.
struct Program {
  std::function<Result<int>()> chosen;
  bool pages = false;  // what it shows may be long: on a terminal it goes through a pager
};

// Whether what a verb shows to a person may be longer than a screen.
enum class Shows { kLittle, kMuch };

// Adds the verb `name` with the common flags to `parent`. `run` gets them.
CLI::App& AddVerb(Program& program, CLI::App& parent, const std::string& name, const std::string& about,
                  std::function<Result<int>(const Common&)> run, Shows shows = Shows::kLittle);
// Adds `name` as a group of verbs, one of which must follow.
CLI::App& AddGroup(CLI::App& parent, const std::string& name, const std::string& about);

// One function per file cmd_*.cpp.
void AddDemo(Program& program, CLI::App& app);
void AddServer(Program& program, CLI::App& app);
void AddAccount(Program& program, CLI::App& app);
void AddSync(Program& program, CLI::App& app);
void AddStatus(Program& program, CLI::App& app);
void AddConsent(Program& program, CLI::App& app);
void AddSettings(Program& program, CLI::App& app);
void AddFolder(Program& program, CLI::App& app);
void AddItem(Program& program, CLI::App& app);
void AddPeople(Program& program, CLI::App& app);
void AddFreeBusy(Program& program, CLI::App& app);
void AddPassword(Program& program, CLI::App& app);
void AddRules(Program& program, CLI::App& app);
void AddSignatures(Program& program, CLI::App& app);
void AddTrash(Program& program, CLI::App& app);
void AddProfile(Program& program, CLI::App& app);
void AddVacation(Program& program, CLI::App& app);
void AddJournal(Program& program, CLI::App& app);
void AddPages(Program& program, CLI::App& app);

}  // namespace outpost::cli
