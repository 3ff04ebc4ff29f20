#include "schemas/busy.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace outpost {
namespace {

constexpr Availability kAvailabilities[] = {Availability::kReserved, Availability::kTentative, Availability::kAbsent,
                                            Availability::kFree};
constexpr std::string_view kWholeDays = "days";

std::vector<std::string_view> BusyWords(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::optional<Millis> MillisOf(std::string_view word) {
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (word.empty() || failed != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return Millis(number);
}

}  // namespace

const char* AvailabilityName(Availability availability) {
  switch (availability) {
    case Availability::kReserved:
      return "reserved";
    case Availability::kTentative:
      return "tentative";
    case Availability::kAbsent:
      return "absent";
    case Availability::kFree:
      return "free";
  }
  return "reserved";
}

std::string BusyText(const BusyTime& time) {
  std::string text = std::to_string(time.from.count()) + " " + std::to_string(time.until.count()) + " " +
                     AvailabilityName(time.availability);
  if (time.whole_days) text.append(" ").append(kWholeDays);
  return text;
}

std::optional<BusyTime> ParseBusyText(std::string_view text) {
  const auto words = BusyWords(text);
  const bool whole_days = words.size() == 4 && words[3] == kWholeDays;
  if (words.size() != 3 && !whole_days) return std::nullopt;
  const auto from = MillisOf(words[0]), until = MillisOf(words[1]);
  if (!from || !until || *until < *from) return std::nullopt;
  for (const Availability availability : kAvailabilities)
    if (words[2] == AvailabilityName(availability)) return BusyTime{*from, *until, availability, whole_days};
  return std::nullopt;
}

}  // namespace outpost
