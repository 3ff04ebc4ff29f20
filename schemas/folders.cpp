#include "schemas/folders.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace outpost {
namespace {

// Seven bits for each, the lowest first.
constexpr int kLevelBits = 7;
constexpr std::int64_t kLevelMask = 0x7F;

// By requirements.md, C7, and mapi/formats.md, section 6.
constexpr RightsLevel kLevels[] = {{"none", {0, 0, 0, 0, false}},
                                   {"contributor", {2, 0, 0, 0, false}},
                                   {"reviewer", {1, 2, 0, 0, false}},
                                   {"author-without-edit", {2, 2, 0, 0, false}},
                                   {"author", {2, 2, 1, 1, false}},
                                   {"publishing-author", {4, 2, 1, 1, false}},
                                   {"editor", {2, 2, 2, 2, false}},
                                   {"publishing-editor", {4, 2, 2, 2, false}},
                                   {"owner", kOwnerRights}};

bool ReadNumber(std::string_view text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return !text.empty() && error == std::errc() && end == text.data() + text.size() && number >= 0;
}

}  // namespace

FolderRights RightsFromBits(std::int64_t bits) {
  const auto level = [&](int place) { return static_cast<int>(bits >> place * kLevelBits & kLevelMask); };
  return {level(0), level(1), level(2), level(3), level(4) != 0};
}

std::int64_t BitsOfRights(const FolderRights& rights) {
  std::int64_t bits = rights.admin ? 1 : 0;
  for (const int level : {rights.remove, rights.write, rights.read, rights.folder}) bits = bits << kLevelBits | level;
  return bits;
}

bool AreLevels(const FolderRights& rights) {
  const auto known = [](int level) { return level == 0 || level == 1 || level == 2 || level == 64; };
  return (known(rights.folder) || rights.folder == 4) && known(rights.read) && known(rights.write) &&
         known(rights.remove);
}

std::span<const RightsLevel> RightsLevels() { return kLevels; }

const char* LevelName(std::int64_t bits) {
  for (const RightsLevel& level : kLevels)
    if (BitsOfRights(level.rights) == bits) return level.name;
  return "custom";
}

std::optional<std::int64_t> BitsFromText(std::string_view text) {
  for (const RightsLevel& level : kLevels)
    if (text == level.name) return BitsOfRights(level.rights);
  std::array<std::int64_t, 5> numbers{};
  std::size_t count = 0;
  for (std::string_view rest = text; count < numbers.size(); ++count) {
    const auto comma = rest.find(',');
    if (!ReadNumber(rest.substr(0, comma), numbers[count]) || numbers[count] >= std::int64_t{1} << 5 * kLevelBits)
      return std::nullopt;
    if (comma == std::string_view::npos) {
      ++count;
      break;
    }
    if (count + 1 == numbers.size()) return std::nullopt;
    rest.remove_prefix(comma + 1);
  }
  if (count != 1 && count != numbers.size()) return std::nullopt;
  if (count > 1 && std::any_of(numbers.begin(), numbers.end(), [](std::int64_t n) { return n > kLevelMask; }))
    return std::nullopt;
  const auto level = [&](std::size_t at) { return static_cast<int>(numbers[at]); };
  const FolderRights rights =
      count == 1 ? RightsFromBits(numbers[0]) : FolderRights{level(0), level(1), level(2), level(3), numbers[4] != 0};
  if (!AreLevels(rights) || (count == 1 && BitsOfRights(rights) != numbers[0]) || (count > 1 && numbers[4] > 1))
    return std::nullopt;
  return BitsOfRights(rights);
}

std::optional<RightsEntry> ParseRights(std::string_view text) {
  const auto first = text.find(' ');
  if (first == std::string_view::npos || first == 0) return std::nullopt;
  const auto second = text.find(' ', first + 1);
  RightsEntry entry{std::string(text.substr(0, first))};
  if (!ReadNumber(text.substr(first + 1, second == std::string_view::npos ? second : second - first - 1), entry.bits))
    return std::nullopt;
  if (second != std::string_view::npos) entry.rest = text.substr(second + 1);
  return entry;
}

std::string RightsText(const RightsEntry& entry) {
  std::string text = entry.who + " " + std::to_string(entry.bits);
  if (!entry.rest.empty()) text += " " + entry.rest;
  return text;
}

std::vector<std::string> RightsLines(const Value& field) {
  std::vector<std::string> lines;
  const auto* text = std::get_if<std::string>(&field);
  for (std::size_t at = 0; text != nullptr && at < text->size();) {
    const auto end = std::min(text->find('\n', at), text->size());
    lines.push_back(text->substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

Value RightsField(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text.empty() ? Value{} : Value(std::move(text));
}

}  // namespace outpost
