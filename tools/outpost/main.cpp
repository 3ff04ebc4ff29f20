#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdlib>
#include <iostream>

#include "base/check.h"
#include "base/system/terminal.h"
#include "engine/secrets.h"
#include "tools/outpost/program.h"

namespace outpost::cli {
namespace {

int Run(int argc, const char* const* argv) {
  CLI::App app{"Outpost keeps a local copy of an Open-Xchange account in step with its server, and loses no edit."};
  app.name("outpost");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("outpost ") + OUTPOST_VERSION);
  Program program;
  for (const auto add :
       {AddDemo, AddServer, AddAccount, AddSync, AddStatus, AddConsent, AddSettings, AddFolder, AddItem, AddPeople,
        AddFreeBusy, AddRules, AddVacation, AddSignatures, AddTrash, AddProfile, AddPassword, AddJournal, AddPages})
    add(program, app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error, std::cout, std::cerr) == 0 ? kExitDone : kExitUsage;
  }
  // Nothing of the demo's is for a person's keyring; without a bus there is none.
  const char* bus = std::getenv("DBUS_SESSION_BUS_ADDRESS");
  if (bus != nullptr && *bus != 0 && !app.got_subcommand("demo")) StoreSecretsIn(SecretPlace::kSecretService);
  if (program.pages) UsePager();
  const Result<int> code = program.chosen();
  const bool arrived = EndOutput();
  if (!arrived) {
    ShowError("standard output could not be written");
    return kExitFailed;
  }
  if (code) return code.assume_value();
  ShowError(code.assume_error().context);
  return ExitCodeOf(code.assume_error());
}

}  // namespace
}  // namespace outpost::cli

int main(int argc, char** argv) {
  outpost::GiveMemoryBack();
  outpost::IgnoreBrokenPipes();  // what a verb has under way is brought to its end
  try {
    return outpost::cli::Run(argc, argv);
  } catch (const outpost::InvariantViolation& violation) {
    outpost::cli::ShowError(std::string("this is a bug in outpost, please report it: ") + violation.what());
  } catch (const std::exception& error) {
    outpost::cli::ShowError(error.what());
  }
  return outpost::cli::kExitFailed;
}
