#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outpost::mapi {

// Time zones as Outlook stores them at its items. Source: [MS-OXOCAL] 2.2.1.39 and 2.2.1.41. Pure; threads: any.

// Windows' SYSTEMTIME. Of year 0, a rule: every year on the `day`-th `day_of_week` of the month, 5 being the last; of
// month 0, never.
struct SystemTime {
  std::uint16_t year = 0, month = 0, day_of_week = 0, day = 0, hour = 0, minute = 0, second = 0, milliseconds = 0;
  bool operator==(const SystemTime&) const = default;
};

// UTC = local + bias + one of the two others, all in minutes. Each time is told in the one that ends with it.
struct ZoneRule {
  std::int32_t bias = 0, standard_bias = 0, daylight_bias = 0;
  SystemTime standard, daylight;
  bool operator==(const ZoneRule&) const = default;
};

// PidLidTimeZoneStruct.
struct ZoneStruct {
  ZoneRule rule;
  std::uint16_t standard_year = 0, daylight_year = 0;
  bool operator==(const ZoneStruct&) const = default;
};

// PidLidAppointmentTimeZoneDefinitionRecur, …StartDisplay and …EndDisplay.
struct ZoneDefinition {
  struct Part {
    static constexpr std::uint16_t kRecurCurrent = 1;  // the one in PidLidTimeZoneStruct
    static constexpr std::uint16_t kEffective = 2;     // the one that was in force when the item was made
    std::uint16_t flags = 0;
    std::uint16_t year = 0;       // from its first of January on
    std::array<char, 14> rest{};  // of a time whose year alone counts; kept as it came
    ZoneRule rule;
    bool operator==(const Part&) const = default;
  };
  std::string key_name;  // Windows' name, as "Pacific Standard Time"
  std::vector<Part> rules;
  bool operator==(const ZoneDefinition&) const = default;
};
inline constexpr std::uint32_t kZoneRulesMax = 1024;

// Errors: kCorrupt, named by field and byte: cut short, versions that are not known, more rules than kZoneRulesMax or
// than there is room for, a definition without a name. What lies behind is passed over.
Result<ZoneStruct> DecodeZoneStruct(std::string_view bytes);
Result<ZoneDefinition> DecodeZoneDefinition(std::string_view bytes);
// What decodes to the same; of what Outlook writes the same bytes. At most kZoneRulesMax rules, and as much of the name
// as fits in its 16 bits.
std::string Encode(const ZoneStruct& zone);
std::string Encode(const ZoneDefinition& zone);

}  // namespace outpost::mapi
