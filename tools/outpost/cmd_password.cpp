#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/password_strength.h"
#include "tools/outpost/access.h"
#include "tools/outpost/output.h"
#include "tools/outpost/program.h"

namespace outpost::cli {
namespace {

Result<int> ChangeServerPassword(const Common& common, bool only_strength) {
  OUTPOST_TRY(auto password, GivenPassword(true));
  const PasswordStrength strength = StrengthOf(password);
  Json::Object report{{"changed", !only_strength}, {"bits", strength.bits}, {"strength", strength.word}};
  if (!only_strength) {
    OUTPOST_TRY(const auto place, PlaceOf(common));
    WriteAccess::Options options;
    options.network = WriteAccess::Network::kUsed;
    OUTPOST_TRY(options.password, GivenPassword(false));
    OUTPOST_TRY(const auto access, WriteAccess::Open(place, std::move(options)));
    const auto changed = access->commands().ChangePassword(std::move(password));
    if (!changed && changed.error().code == Code::kUnavailable) {
      ShowError(changed.error().context);
      return kExitUnreachable;
    }
    OUTPOST_TRYV(changed);
    report.insert(report.begin(), {"account", place.name});
  }
  ShowReport(common.form(), std::move(report));
  return kExitDone;
}

}  // namespace

void AddPassword(Program& program, CLI::App& app) {
  auto only_strength = std::make_shared<bool>(false);
  CLI::App& verb =
      AddVerb(program, app, "password", "Change the password on the server, and here",
              [only_strength](const Common& common) { return ChangeServerPassword(common, *only_strength); });
  verb.add_flag("--password-stdin")->description("The new one from the first line of standard input")->required();
  verb.add_flag("--strength", *only_strength, "Only say how hard it is to guess");
}

}  // namespace outpost::cli
