#include "tools/outpost/account_add.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/account_key.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "tools/outpost/access.h"
#include "tools/outpost/account_trust.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

struct Arguments {
  std::string server;
  std::string user;
  bool offline = false;
  bool allow_http = false;
  bool password_stdin = false;
  bool encrypt = false;
  bool passphrase_stdin = false;
  StatedTrust trust;
};

// How the new account is to be encrypted; the passphrase, where there is one, goes into `options`. `--encrypt` alone
// takes a random key.
Result<void> ChooseKey(const Arguments& arguments, WriteAccess::Options& options) {
  if (!arguments.encrypt && !arguments.passphrase_stdin) return Ok();
  OUTPOST_TRY(options.passphrase, GivenPassphrase(arguments.passphrase_stdin));
  options.encrypt = options.passphrase->empty() ? KeyGuard::kStored : KeyGuard::kPassphrase;
  return Ok();
}

// What the account begins with; what vouches for the server is among it before anything is sent there.
Result<SettingsBody> FirstSettings(const Arguments& arguments) {
  SettingsBody settings;
  settings.settings = {{std::string(setting::kServer), arguments.server},
                       {std::string(setting::kUser), arguments.user}};
  if (arguments.allow_http) settings.settings.emplace_back(setting::kAllowHttp, "true");
  OUTPOST_TRY(const auto trust, TrustSettings(arguments.trust));
  for (const auto& stated : trust.settings)
    if (!stated.second.empty()) settings.settings.push_back(stated);
  return settings;
}

// Makes the account and asks the server for its opinion; what the sign-in came to.
Result<SyncReport> Make(const AccountPlace& place, const Arguments& arguments, const std::string& password,
                        SettingsBody settings, WriteAccess::Options options) {
  options.create = true;
  options.network = arguments.offline ? WriteAccess::Network::kNone : WriteAccess::Network::kUsed;
  options.password = password;
  OUTPOST_TRY(const auto access, WriteAccess::OpenHere(place, std::move(options)));
  OUTPOST_TRYV(access->commands().PutSettings(std::move(settings)));
  if (!password.empty()) OUTPOST_TRYV(StoreSecret(place.folder, password));
  if (arguments.offline) return SyncReport{};
  OUTPOST_TRY(const auto preview, access->account()->DryRun());
  return preview.link;
}

void Discard(const AccountPlace& place) {
  ForgetSecrets(place.folder);
  std::error_code ignored;  // the error that brought us here is the one to tell
  std::filesystem::remove_all(place.folder, ignored);
}

Result<int> Add(const Common& common, const Arguments& arguments) {
  OUTPOST_TRY(const auto data, DataDirOf(common));
  OUTPOST_TRY(const auto place, PlaceFor(data, arguments.server, arguments.user));
  OUTPOST_TRY(auto settings, FirstSettings(arguments));
  OUTPOST_TRY(const auto password, GivenPassword(arguments.password_stdin));
  if (password.empty() && !arguments.offline)
    return Error{Code::kInvalid, Retry::kNever,
                 "no password: give it with --password-stdin or in OUTPOST_PASSWORD, or add the account --offline"};
  WriteAccess::Options options;
  OUTPOST_TRYV(ChooseKey(arguments, options));  // after the password: its line comes first
  OUTPOST_TRYV(ClaimPlace(place));
  const std::optional<KeyGuard> encrypt = options.encrypt;
  const char* trust = TrustOf({settings.settings.begin(), settings.settings.end()});
  const auto link = Make(place, arguments, password, std::move(settings), std::move(options));
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
                             {"encryption", EncryptionName(encrypt)},
                             {"trust", trust},
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
  verb.add_flag("--encrypt", arguments->encrypt,
                "Encrypt all that is kept here: by OUTPOST_PASSPHRASE if it is set, else by a key in the secret store");
  verb.add_flag("--passphrase-stdin", arguments->passphrase_stdin,
                "Encrypt, by the passphrase in the next line of standard input (after the password's)");
  verb.add_flag("--offline", arguments->offline, "Do not sign in now");
  verb.add_flag("--allow-http", arguments->allow_http,
                "Allow plain http to other machines: anybody on the way can read along");
  auto* ca = verb.add_option("--ca-file", arguments->trust.ca,
                             "A PEM file of authorities, in place of the system's; as \"account trust --ca\"")
                 ->type_name("FILE");
  verb.add_option("--pinned-key", arguments->trust.key,
                  "The server's public key, which alone counts then; as \"account trust --key\"")
      ->type_name("KEY")
      ->excludes(ca);
}

}  // namespace outpost::cli
