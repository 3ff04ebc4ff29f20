#pragma once
#include <cstdint>
#include <string_view>

namespace outpost::setting {

// Names of settings in the journal (kAccountSet events).
inline constexpr std::string_view kServer = "server";     // the URL as the user gave it
inline constexpr std::string_view kBaseUrl = "base_url";  // what probing it found
inline constexpr std::string_view kUser = "user";
inline constexpr std::string_view kPolicy = "policy";         // "server-wins" (unless set) or "client-wins"
inline constexpr std::string_view kPaused = "paused";         // "true" or "false"
inline constexpr std::string_view kAllowHttp = "allow_http";  // "true": plain http to hosts other than this machine
inline constexpr std::string_view kBatchIntents = "batch_intents";  // intents in one batch, 1 to 1000; 50 unless set
inline constexpr std::uint32_t kBatchIntentsMax = 1000;             // above, one lost answer costs a large read-back
// Retention (journal/journal.h, RetentionPolicy): history older than so many days goes, and what is more than so many
// hundredths of what is live.
inline constexpr std::string_view kKeepDays = "keep_days";              // 1 to 3650; 90 unless set
inline constexpr std::uint32_t kKeepDaysMax = 3650;                     // above, nobody means it
inline constexpr std::string_view kHistoryPercent = "history_percent";  // 1 to 10000; 200 unless set
inline constexpr std::uint32_t kHistoryPercentMax = 10'000;
inline constexpr std::string_view kResync = "resync";      // a number; raised to compare every folder in full once
inline constexpr std::string_view kResynced = "resynced";  // the newest resync that was carried out

inline constexpr std::string_view kParkedBy = "parked_by";  // the version of the engine that parked or retried last

}  // namespace outpost::setting
