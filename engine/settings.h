#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "schemas/event.h"

namespace outpost {

namespace setting {

// Names of settings in the journal (kAccountSet events). What each may hold: KnownSettings().
inline constexpr std::string_view kServer = "server";
inline constexpr std::string_view kBaseUrl = "base_url";
inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kPolicy = "policy";
inline constexpr std::string_view kPaused = "paused";
inline constexpr std::string_view kAllowHttp = "allow_http";
inline constexpr std::string_view kProxy = "proxy";
inline constexpr std::string_view kCaFile = "ca_file";
inline constexpr std::string_view kPinnedKey = "pinned_key";
inline constexpr std::string_view kPoll = "poll";
inline constexpr std::string_view kPage = "page";
inline constexpr std::string_view kBatchIntents = "batch_intents";
inline constexpr std::string_view kRequestBudget = "requests_per_5_minutes";
inline constexpr std::string_view kBandwidth = "bandwidth";
inline constexpr std::string_view kMailsPerRequest = "mails_per_request";
inline constexpr std::string_view kWindowDays = "window_days";
inline constexpr std::string_view kConsentCount = "consent_count";
inline constexpr std::string_view kConsentPercent = "consent_percent";
inline constexpr std::string_view kConsentOwn = "consent_own";
inline constexpr std::string_view kKeepDays = "keep_days";
inline constexpr std::string_view kHistoryPercent = "history_percent";
inline constexpr std::string_view kLanguage = "language";
inline constexpr std::string_view kMailForGood = "mail_for_good";
inline constexpr std::string_view kResync = "resync";
inline constexpr std::string_view kResynced = "resynced";

// The version of the engine that parked or retried last.
inline constexpr std::string_view kParkedBy = "parked_by";

// The proxy that stands for the one which the environment of the program names.
inline constexpr std::string_view kSystemProxy = "system";

}  // namespace setting

// A setting, and what it may hold: one of `choices`, a number, or text that `check` accepts.
struct KnownSetting {
  std::string_view name;
  std::string_view about;  // without its limits
  bool settable = false;   // by a person; the others are set by the program
  std::vector<std::string_view> choices;
  std::uint32_t least = 0;  // of a number
  std::uint32_t most = 0;   // of a number; 0: it is none
  std::string_view usual;   // what holds where it is not set; empty: nothing does
  Result<void> (*check)(std::string_view value) = nullptr;

  // Whether its values can tell nothing of a person or a host.
  bool IsHarmless() const { return !choices.empty() || most > 0; }
};

const std::vector<KnownSetting>& KnownSettings();
// Null where no setting is called so.
const KnownSetting* FindSetting(std::string_view name);

// Whether the setting called `name`, which may be that of a search folder, may hold `value`; empty text, which unsets,
// is allowed for all that an account can do without. Errors: kInvalid, naming the setting, what is wrong and the limit,
// never the value: it may be a secret that got into the wrong place.
Result<void> CheckSetting(std::string_view name, std::string_view value);
// The same for each of `settings`; the first that is refused decides.
Result<void> CheckSettings(const SettingsBody& settings);

// The number that `value` is, kept within the limits of the setting called `name`; the usual one where it is empty or
// no number; nullopt where there is none. A journal of another version may hold anything.
std::optional<std::uint32_t> SettingNumber(std::string_view name, std::string_view value);

}  // namespace outpost
