#include "tools/outpost/account_trust.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "base/system/certificate.h"
#include "base/system/files.h"
#include "engine/secrets.h"
#include "engine/settings.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

// The hash in hexadecimal, as `openssl dgst -sha256` prints it, or with the colons of other tools, in the one form that
// is stored; anything else as it was.
std::string StoredKey(const std::string& given) {
  std::string digits = given;
  std::erase(digits, ':');
  const auto bytes = ParseHex(digits);
  Digest hash;
  if (!bytes || bytes->size() != hash.size()) return given;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return KeyText(hash);
}

// The absolute path of a file that holds certificates. Errors: kInvalid, those of ReadFile.
Result<std::string> CertificateFile(const std::string& given) {
  OUTPOST_TRY(const auto content, ReadFile(given));
  if (content.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return Error{Code::kInvalid, Retry::kNever, given + " holds no certificate in PEM form"};
  return std::filesystem::absolute(given).lexically_normal().string();
}

// One of the three replaces whatever was trusted before.
Result<int> PutTrust(const Common& common, const StatedTrust& trust, bool system) {
  if (trust.empty() && !system)
    return Error{Code::kInvalid, Retry::kNever, "one of --key, --ca and --system is wanted"};
  OUTPOST_TRY(auto settings, TrustSettings(trust));
  Json::Object report;
  for (const auto& [name, value] : settings.settings) report.emplace_back(name, TextOrNull(value));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRYV(access->commands().PutSettings(std::move(settings)));
  report.emplace(report.begin(), "account", place.name);
  ShowReport(common.form(), report);
  return kExitDone;
}

Result<int> PutProxyPassword(const Common& common, bool from_stdin, bool remove) {
  if (from_stdin == remove)
    return Error{Code::kInvalid, Retry::kNever, "one of --password-stdin and --remove is wanted"};
  OUTPOST_TRY(const auto place, PlaceOf(common));
  if (remove) {
    OUTPOST_TRYV(RemoveSecret(place.folder, SecretOf::kProxyPassword));
  } else {
    OUTPOST_TRY(const auto password, GivenPassword(true));
    OUTPOST_TRYV(StoreSecret(place.folder, password, SecretOf::kProxyPassword));
  }
  ShowReport(common.form(), {{"account", place.name}, {"proxy_password_stored", !remove}});
  return kExitDone;
}

}  // namespace

Result<SettingsBody> TrustSettings(const StatedTrust& trust) {
  std::string ca;
  if (!trust.ca.empty()) {
    OUTPOST_TRY(ca, CertificateFile(trust.ca));
  }
  SettingsBody settings;
  settings.settings = {{std::string(setting::kPinnedKey), StoredKey(trust.key)}, {std::string(setting::kCaFile), ca}};
  OUTPOST_TRYV(CheckSettings(settings));
  return settings;
}

const char* TrustOf(const std::map<std::string, std::string>& settings) {
  const auto is_set = [&](std::string_view name) {
    const auto found = settings.find(std::string(name));
    return found != settings.end() && !found->second.empty();
  };
  if (is_set(setting::kPinnedKey)) return "pinned_key";
  return is_set(setting::kCaFile) ? "ca_file" : "system";
}

void AddAccountTrust(Program& program, CLI::App& group) {
  auto trust = std::make_shared<StatedTrust>();
  auto again = std::make_shared<bool>(false);
  CLI::App& verb =
      AddVerb(program, group, "trust", "What vouches for the server, where the system's authorities do not",
              [trust, again](const Common& common) { return PutTrust(common, *trust, *again); });
  auto* key =
      verb.add_option("--key", trust->key,
                      "The server's public key, as the refusal of its certificate shows it: it alone counts then")
          ->type_name("KEY");
  auto* ca =
      verb.add_option("--ca", trust->ca, "A PEM file of authorities, in place of the system's")->type_name("FILE");
  auto* system = verb.add_flag("--system", *again, "The system's authorities again");
  key->excludes(ca)->excludes(system);
  ca->excludes(system);
  auto from_stdin = std::make_shared<bool>(false);
  auto remove = std::make_shared<bool>(false);
  CLI::App& password =
      AddVerb(program, group, "proxy-password", "Store the password of the user that the setting proxy names",
              [from_stdin, remove](const Common& common) { return PutProxyPassword(common, *from_stdin, *remove); });
  password.add_flag("--password-stdin", *from_stdin, "Read it from the first line of standard input");
  password.add_flag("--remove", *remove, "Forget it");
}

}  // namespace outpost::cli
