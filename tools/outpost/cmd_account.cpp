#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <memory>

#include "base/system/local_socket.h"
#include "engine/account_key.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "projection/account.h"
#include "replicator/queue.h"
#include "tools/outpost/access.h"
#include "tools/outpost/account_add.h"
#include "tools/outpost/account_trust.h"

namespace outpost::cli {
namespace {

Result<void> Put(const Common& common, std::string_view name, std::string value) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  SettingsBody settings;
  settings.settings.emplace_back(name, std::move(value));
  return access->commands().PutSettings(std::move(settings));
}

// Sets one setting and reports it.
Result<int> PutAndShow(const Common& common, std::string_view name, const std::string& value) {
  OUTPOST_TRYV(Put(common, name, value));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  ShowReport(common.form(),
             {{"account", place.name},
              {std::string(name), value == "true" || value == "false" ? Json(value == "true") : Json(value)}});
  return kExitDone;
}

Result<int> List(const Common& common) {
  OUTPOST_TRY(const auto data, DataDirOf(common));
  OUTPOST_TRY(const auto accounts, ListAccounts(data));
  ListOutput list(common.form(), {"name", "held", "folder"});
  for (const auto& account : accounts)
    list.Row({{"name", account.name},
              {"folder", account.folder.string()},
              {"held", LocalClient::Connect(ControlSocket(account.folder)).has_value()}});
  list.End("accounts in " + data.string());
  return kExitDone;
}

Result<int> ShowAccount(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto settings, ReadSettings(*view));
  OUTPOST_TRY(const auto encryption, EncryptionOf(JournalFolder(access->place().folder)));
  Json::Object values;
  for (const auto& [name, value] : settings) values.emplace_back(name, value);
  ShowReport(common.form(),
             {{"name", access->place().name},
              {"folder", access->place().folder.string()},
              {"encryption", EncryptionName(encryption)},
              {"password_stored", LoadSecret(access->place().folder).has_value()},
              {"proxy_password_stored", LoadSecret(access->place().folder, SecretOf::kProxyPassword).has_value()},
              {"trust", TrustOf(settings)},
              {"held", LocalClient::Connect(ControlSocket(access->place().folder)).has_value()},
              {"settings", std::move(values)}});
  return kExitDone;
}

// Edits that only this copy has.
Result<std::uint64_t> Unsent(const AccountPlace& place) {
  OUTPOST_TRY(const auto access, WriteAccess::OpenHere(place, {}));  // also says whether somebody holds it
  OUTPOST_TRY(const auto view, access->View());
  return CountQueue(*view);
}

Result<int> Remove(const Common& common, bool force) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  const auto unsent = Unsent(place);
  // Where the account cannot be opened (the passphrase is lost), the lock was not asked for either.
  if (!unsent && LocalClient::Connect(ControlSocket(place.folder)).has_value())
    return Error{Code::kConflict, Retry::kBackoff, "another process holds account " + place.name};
  if (!unsent && (!force || unsent.assume_error().code == Code::kConflict)) return unsent.assume_error();
  if (!force && unsent.assume_value() > 0)
    return Error{Code::kRejected, Retry::kNever,
                 "account " + place.name + " has " + std::to_string(unsent.assume_value()) +
                     " edits that the server does not know yet: sync first, or say --force to lose them"};
  ForgetSecrets(place.folder);
  std::error_code error;
  std::filesystem::remove_all(place.folder, error);
  if (error)
    return Error{Code::kUnavailable, Retry::kNever, "cannot remove " + place.folder.string() + ": " + error.message()};
  ShowReport(common.form(), {{"removed", place.name}});
  return kExitDone;
}

// The passphrase so far comes as in every call, the new one from standard input.
Result<int> ChangePassphraseOf(const Common& common) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto key, GivenPassphrase());
  OUTPOST_TRYV(KeyOf(place.folder, key));  // says that OUTPOST_PASSPHRASE is wanted
  OUTPOST_TRY(const auto fresh, GivenPassphrase(true));
  OUTPOST_TRYV(ChangePassphrase(JournalFolder(place.folder), key, fresh));
  ShowReport(common.form(), {{"account", place.name}, {"passphrase_changed", true}});
  return kExitDone;
}

Result<int> ChangePassword(const Common& common) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(auto password, GivenPassword(true));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRYV(access->commands().SetPassword(std::move(password)));
  ShowReport(common.form(), {{"account", place.name}, {"password_stored", true}});
  return kExitDone;
}

Result<int> Resync(const Common& common) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto before, ReadSetting(*view, setting::kResync));
  std::uint64_t number = 0;
  if (before) std::from_chars(before->data(), before->data() + before->size(), number);
  SettingsBody settings;
  settings.settings.emplace_back(setting::kResync, std::to_string(number + 1));
  OUTPOST_TRYV(access->commands().PutSettings(std::move(settings)));
  ShowReport(common.form(), {{"account", place.name}, {"resync", number + 1}});
  ShowNote(common.form(), "The next sync compares every folder in full.");
  return kExitDone;
}

void AddSwitch(Program& program, CLI::App& group, const char* name, const char* about, std::string_view setting,
               const char* value) {
  AddVerb(program, group, name, about,
          [setting, value](const Common& common) { return PutAndShow(common, setting, value); });
}

}  // namespace

void AddAccount(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "account", "Accounts: one user on one server each");
  AddAccountAdd(program, group);
  AddVerb(program, group, "list", "The accounts of this data directory", List, Shows::kMuch);
  AddVerb(program, group, "show", "An account's settings; never its password", ShowAccount, Shows::kMuch);
  auto force = std::make_shared<bool>(false);
  CLI::App& remove = AddVerb(program, group, "remove", "Remove the local copy; the server keeps its own",
                             [force](const Common& common) { return Remove(common, *force); });
  remove.add_flag("--force", *force, "Even with edits that the server does not know yet");
  AddVerb(program, group, "passphrase",
          "Change an encrypted account's passphrase (OUTPOST_PASSPHRASE) to the first line of standard input",
          ChangePassphraseOf);
  CLI::App& password = AddVerb(program, group, "password",
                               "Store another password for the server, after it was changed there", ChangePassword);
  password.add_flag("--password-stdin")->description("From the first line of standard input")->required();
  AddAccountTrust(program, group);
  auto policy = std::make_shared<std::string>();
  CLI::App& choose =
      AddVerb(program, group, "policy", "Who wins where both sides changed the same; the loser is kept either way",
              [policy](const Common& common) { return PutAndShow(common, setting::kPolicy, *policy); });
  choose.add_option("POLICY", *policy, "server-wins or client-wins")
      ->required()
      ->check(CLI::IsMember({"server-wins", "client-wins"}));
  AddVerb(program, group, "resync", "Compare every folder in full at the next sync", Resync);
  AddSwitch(program, group, "pause", "Rest from syncing; edits go on and wait", setting::kPaused, "true");
  AddSwitch(program, group, "resume", "Sync again", setting::kPaused, "false");
  auto off = std::make_shared<bool>(false);
  CLI::App& http =
      AddVerb(program, group, "allow-http", "Allow plain http to other machines: anybody on the way can read along",
              [off](const Common& common) { return PutAndShow(common, setting::kAllowHttp, *off ? "false" : "true"); });
  http.add_flag("--off", *off, "Forbid it again");
}

}  // namespace outpost::cli
