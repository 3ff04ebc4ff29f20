#include "engine/settings.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "engine/data_dir.h"
#include "projection/search_folder.h"

namespace outpost {
namespace {

// Above, one lost answer costs a large read-back.
constexpr std::uint32_t kBatchIntentsMax = 1'000;
// Above, an answer fills memory and the first items come late.
constexpr std::uint32_t kPageMax = 500;
constexpr std::uint32_t kSecondsOfADay = 86'400;
constexpr std::uint32_t kBandwidthMax = 10'000'000;
constexpr std::uint32_t kRequestsLeast = 10;  // less than one sync
constexpr std::uint32_t kRequestsMax = 1'000'000;
constexpr std::uint32_t kDaysMax = 36'500;
// Above, nobody means it.
constexpr std::uint32_t kKeepDaysMax = 3'650;
constexpr std::uint32_t kHistoryPercentMax = 10'000;

Error Wrong(std::string_view why) { return {Code::kInvalid, Retry::kNever, std::string(why)}; }

bool IsPrintable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7f;
  });
}

Result<void> CheckServer(std::string_view value) {
  OUTPOST_TRYV(HostOfServer(value));
  return Ok();
}

Result<void> CheckBaseUrl(std::string_view value) { return value.empty() ? Result<void>(Ok()) : CheckServer(value); }

Result<void> CheckUser(std::string_view value) {
  if (value.empty()) return Wrong("must not be empty");
  return IsPrintable(value) ? Result<void>(Ok()) : Wrong("must not hold control characters");
}

bool IsPort(std::string_view text) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && number >= 1 && number <= 65'535;
}

Result<void> CheckProxy(std::string_view value) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::string_view kShape = "must be http://[USER@]HOST:PORT, or system, or empty for none";
  if (value.empty() || value == setting::kSystemProxy) return Ok();
  const auto scheme = value.find("://");
  const std::string_view rest = scheme == std::string_view::npos ? value : value.substr(scheme + 3);
  const auto at = rest.rfind('@');
  if (at != std::string_view::npos && rest.substr(0, at).find(':') != std::string_view::npos)
    return Wrong(
        "must not hold a password: leave it out here and give it with \"outpost account proxy-password "
        "--password-stdin\"");
  if (value.substr(0, kScheme.size()) != kScheme) return Wrong(kShape);
  const std::string_view place = at == std::string_view::npos ? rest : rest.substr(at + 1);
  const auto colon = place.rfind(':');
  if (colon == std::string_view::npos || colon == 0 || at == 0 || !IsPort(place.substr(colon + 1)))
    return Wrong(kShape);
  if (rest.find_first_of(" /?#\\\"<>") != std::string_view::npos || !IsPrintable(rest)) return Wrong(kShape);
  return Ok();
}

Result<void> CheckCaFile(std::string_view value) {
  if (value.empty()) return Ok();
  if (!IsPrintable(value) || !std::filesystem::path(value).is_absolute())
    return Wrong("must be the absolute path of a file with certificates (PEM), or empty for the system's authorities");
  return Ok();
}

Result<void> CheckPinnedKey(std::string_view value) {
  constexpr std::string_view kPrefix = "sha256//";
  constexpr std::size_t kDigits = 43;  // of 32 bytes; one "=" follows
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (value.empty()) return Ok();
  if (value.substr(0, kPrefix.size()) != kPrefix || value.size() != kPrefix.size() + kDigits + 1 ||
      value.back() != '=' ||
      value.substr(kPrefix.size(), kDigits).find_first_not_of(kAlphabet) != std::string_view::npos)
    return Wrong("must be sha256// and the base64 of 32 bytes, as the refusal of a certificate shows it, or empty");
  return Ok();
}

std::vector<KnownSetting> MakeTable() {
  const auto number = [](std::string_view name, std::string_view about, std::uint32_t least, std::uint32_t most,
                         std::string_view usual) { return KnownSetting{name, about, true, {}, least, most, usual}; };
  const auto text = [](std::string_view name, std::string_view about, bool settable,
                       Result<void> (*check)(std::string_view)) {
    return KnownSetting{name, about, settable, {}, 0, 0, "", check};
  };
  const std::vector<std::string_view> truth{"true", "false"};
  return {
      text(setting::kServer, "the server's URL as it was given", true, CheckServer),
      text(setting::kBaseUrl, "what probing the server found", false, CheckBaseUrl),
      text(setting::kUser, "the user", false, CheckUser),
      {setting::kPolicy, "who wins a conflict", true, {"server-wins", "client-wins"}, 0, 0, "server-wins"},
      {setting::kPaused, "whether syncing rests", true, truth, 0, 0, "false"},
      {setting::kAllowHttp, "plain http to other machines", true, truth, 0, 0, "false"},
      text(setting::kProxy, "http://[USER@]HOST:PORT, or system for the environment's", true, CheckProxy),
      text(setting::kCaFile, "a PEM file of authorities, in place of the system's", true, CheckCaFile),
      text(setting::kPinnedKey, "sha256//BASE64 of the server's public key, in place of any authority", true,
           CheckPinnedKey),
      number(setting::kPoll, "seconds between rounds", 5, kSecondsOfADay, "30"),
      number(setting::kPage, "objects in one page", 1, kPageMax, "50"),
      number(setting::kBatchIntents, "intents in one batch", 1, kBatchIntentsMax, "50"),
      number(setting::kRequestBudget, "requests in 5 minutes at most", kRequestsLeast, kRequestsMax, "1500"),
      number(setting::kBandwidth, "KiB/s at most, both ways together", 1, kBandwidthMax, ""),
      number(setting::kMailsPerRequest, "mails in one page", 1, 1'000, "50"),
      number(setting::kWindowDays, "days of mail whose contents are fetched unasked, 0 for none", 0, kDaysMax, "365"),
      number(setting::kConsentCount, "deletions inferred in one folder that need no consent", 1, 100'000, "50"),
      number(setting::kConsentPercent, "the same, in hundredths of the folder", 1, 100, "20"),
      number(setting::kConsentOwn, "deletions made here, in or with one folder, that need no consent", 1, 10'000'000,
             "10000"),
      number(setting::kKeepDays, "days of history kept", 1, kKeepDaysMax, "90"),
      number(setting::kHistoryPercent, "history kept, in hundredths of what is live", 1, kHistoryPercentMax, "200"),
      {setting::kLanguage,
       "of what the program names itself, such as the public folders",
       true,
       {"en", "de", "fr"},
       0,
       0,
       "en"},
      {setting::kMailForGood, "whether deleting a mail passes by the trash, as chosen on the server", false, truth, 0,
       0, "false"},
      {setting::kResync, "raised to compare all folders in full", false, {}, 0, UINT32_MAX, ""},
      {setting::kResynced, "the newest such comparison done", false, {}, 0, UINT32_MAX, ""},
      text(setting::kParkedBy, "the version that last parked or retried", false, nullptr)};
}

std::optional<std::uint32_t> ParseNumber(std::string_view text) {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<void> CheckValue(const KnownSetting& known, std::string_view value) {
  if (known.check != nullptr) return known.check(value);
  if (value.empty()) return Ok();
  if (known.most > 0) {
    const auto number = ParseNumber(value);
    if (number && *number >= known.least && *number <= known.most) return Ok();
    return Wrong("must be a number from " + std::to_string(known.least) + " to " + std::to_string(known.most));
  }
  std::string choices;
  for (const auto choice : known.choices) {
    if (choice == value) return Ok();
    choices += (choices.empty() ? "" : " or ") + std::string(choice);
  }
  return Wrong("must be " + choices);
}

// One setting for each search folder, whose id is in the name.
Result<void> CheckSearchFolder(std::string_view name, std::string_view value) {
  if (!ItemId::FromHex(name.substr(kSearchFolderSettings.size())))
    return Wrong("a search folder is named by 32 hexadecimal digits");
  if (value.empty()) return Ok();
  OUTPOST_TRYV(ParseSearchFolder(value));
  return Ok();
}

}  // namespace

const std::vector<KnownSetting>& KnownSettings() {
  static const std::vector<KnownSetting> known = MakeTable();
  return known;
}

const KnownSetting* FindSetting(std::string_view name) {
  for (const auto& known : KnownSettings())
    if (known.name == name) return &known;
  return nullptr;
}

Result<void> CheckSetting(std::string_view name, std::string_view value) {
  if (name.starts_with(kSearchFolderSettings)) return CheckSearchFolder(name, value);
  const KnownSetting* known = FindSetting(name);
  if (known == nullptr) {
    std::string names;
    for (const auto& other : KnownSettings()) names += (names.empty() ? "" : ", ") + std::string(other.name);
    return Wrong("no setting is called \"" + std::string(name) + "\"; there are: " + names);
  }
  const auto checked = CheckValue(*known, value);
  if (!checked) return Wrong(std::string(name) + ": " + checked.error().context);
  return Ok();
}

Result<void> CheckSettings(const SettingsBody& settings) {
  for (const auto& [name, value] : settings.settings) OUTPOST_TRYV(CheckSetting(name, value));
  return Ok();
}

std::optional<std::uint32_t> SettingNumber(std::string_view name, std::string_view value) {
  const KnownSetting* known = FindSetting(name);
  if (known == nullptr || known->most == 0) return std::nullopt;
  auto number = ParseNumber(value);
  if (!number) number = ParseNumber(known->usual);
  if (!number) return std::nullopt;
  return std::clamp(*number, known->least, known->most);
}

}  // namespace outpost
