#include "tools/outpost/program.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

namespace outpost::cli {

int ExitCodeOf(const Error& error) {
  if (error.code == Code::kInvalid) return kExitUsage;
  return error.code == Code::kUnauthorized ? kExitUnreachable : kExitFailed;
}

int ExitCodeOf(const SyncReport& report) {
  if (report.local_failure) return kExitFailed;
  return report.link == LinkState::kOnline ? kExitDone : kExitUnreachable;
}

CLI::App& AddVerb(Program& program, CLI::App& parent, const std::string& name, const std::string& about,
                  std::function<Result<int>(const Common&)> run, Shows shows) {
  CLI::App& verb = *parent.add_subcommand(name, about);
  auto common = std::make_shared<Common>();
  verb.add_option("--data", common->data,
                  "The data directory (default: $XDG_DATA_HOME/outpost); to read from, also a bundle")
      ->type_name("DIR");
  verb.add_option("--account", common->account, "The account, where there are several")->type_name("USER@HOST");
  verb.add_flag("--json", common->json, "Machine-readable output: see docs/cli.md");
  verb.add_flag("--no-pager", common->no_pager, "Show long text on a terminal as it comes, without a pager");
  verb.callback([&program, common, shows, run = std::move(run)] {
    program.pages = shows == Shows::kMuch && !common->json && !common->no_pager;
    program.chosen = [common, run] { return run(*common); };
  });
  return verb;
}

CLI::App& AddGroup(CLI::App& parent, const std::string& name, const std::string& about) {
  CLI::App& group = *parent.add_subcommand(name, about);
  group.require_subcommand(1);
  return group;
}

}  // namespace outpost::cli
