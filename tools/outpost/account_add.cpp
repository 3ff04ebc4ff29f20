#include "tools/outpost/account_add.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/settings.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct Arguments {
  std::string server;
  std::string user;
  bool offline = false;
  bool allow_http = false;
  bool password_stdin = false;
};

// Makes the account and asks the server for its opinion; what the sign-in came to.
Result<SyncReport> Make(const AccountPlace& place, const Arguments& arguments, const std::string& password) {
  WriteAccess::Options options;
  options.create = true;
  options.network = arguments.offline ? WriteAccess::Network::kNone : WriteAccess::Network::kUsed;
  options.password = password;
  OUTPOST_TRY(const auto access, WriteAccess::OpenHere(place, std::move(options)));
  SettingsBody settings;
  settings.settings = {{std::string(setting::kServer), arguments.server},
                       {std::string(setting::kUser), arguments.user}};
  if (arguments.allow_http) settings.settings.emplace_back(setting::kAllowHttp, "true");
  OUTPOST_TRYV(access->commands().PutSettings(std::move(settings)));
  if (!password.empty()) OUTPOST_TRYV(StoreSecret(place.folder, password));
  if (arguments.offline) return SyncReport{};
  OUTPOST_TRY(const auto preview, access->account()->DryRun());
  return preview.link;
}

void Discard(const AccountPlace& place) {
  std::error_code ignored;  // the error that brought us here is the one to tell
  std::filesystem::remove_all(place.folder, ignored);
}

Result<int> Add(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto data, DataDirOf(common));
  OUTPOST_TRY(const auto place, PlaceFor(data, arguments.server, arguments.user));
  OUTPOST_TRY(const auto password, GivenPassword(arguments.password_stdin));
  if (password.empty() && !arguments.offline)
    return Error{Code::kInvalid, Retry::kNever,
                 "no password: give it with --password-stdin or in OUTPOST_PASSWORD, or add the account --offline"};
  std::error_code ignored;
  if (std::filesystem::exists(place.folder, ignored))
    return Error{Code::kConflict, Retry::kNever, "account " + place.name + " is there already"};
  const auto link = Make(place, arguments, password);
  if (!link) {
    Discard(place);
    return link.assume_error();
  }
  const SyncReport& told = link.assume_value();
  if (told.link == LinkState::kWrongPassword) {
    Discard(place);
    const std::string why = told.problem.empty() ? "the server refused the sign-in" : told.problem;
    return Error{Code::kUnauthorized, Retry::kNever, why + "; no account was made"};
  }
  ShowReport(common.form(), {{"account", place.name},
                             {"server", arguments.server},
                             {"user", arguments.user},
                             {"folder", place.folder.string()},
                             {"signed_in", !arguments.offline && told.link == LinkState::kOnline},
                             {"link", arguments.offline ? Json() : Json(LinkStateName(told.link))},
                             {"problem", TextOrNull(told.problem)}});
  if (told.link != LinkState::kOnline)
    ShowError("the account was made, but could not sign in yet: " +
              (told.problem.empty() ? std::string(LinkStateName(told.link)) : told.problem));
  return ExitCodeOf(told);
}

}  // namespace

void AddAccountAdd(Program& program, CLI::App& group) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App& verb = AddVerb(program, group, "add", "Make an account and sign in once",
                           [arguments](const Common& common) { return Add(common, *arguments); });
  verb.add_option("--server", arguments->server, "https://HOST, with or without the path of the API")
      ->type_name("URL")
      ->required();
  verb.add_option("--user", arguments->user, "The user's name there")->type_name("NAME")->required();
  verb.add_flag("--password-stdin", arguments->password_stdin,
                "Read the password from the first line of standard input");
  verb.add_flag("--offline", arguments->offline, "Do not sign in now");
  verb.add_flag("--allow-http", arguments->allow_http,
                "Allow plain http to other machines: anybody on the way can read along");
}

}  // namespace outpost::cli
