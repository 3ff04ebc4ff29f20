#include "tools/oxserver/zones.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/system/files.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

constexpr std::size_t kHeaderBytes = 44;

struct Counts {
  std::size_t utc_flags, standard_flags, leaps, times, types, characters;
};

bool ReadCounts(std::string_view file, std::size_t at, Counts& out) {
  if (file.size() < at + kHeaderBytes || file.substr(at, 4) != "TZif") return false;
  const auto count = [&](std::size_t i) { return static_cast<std::size_t>(ReadBe32(file, at + 20 + 4 * i)); };
  out = {count(0), count(1), count(2), count(3), count(4), count(5)};
  // RFC 8536 sets no bound; what is larger than the file is damage.
  return std::max({out.times, out.types, out.leaps, out.characters}) <= file.size();
}

// The 64-bit block of a version 2+ file (RFC 8536), which follows the 32-bit one.
std::vector<Zone::Change> ReadChanges(std::string_view file) {
  Counts old{}, now{};
  if (!ReadCounts(file, 0, old)) return {};
  const std::size_t second = kHeaderBytes + old.times * 5 + old.types * 6 + old.characters + old.leaps * 8 +
                             old.standard_flags + old.utc_flags;
  if (!ReadCounts(file, second, now)) return {};
  const std::size_t times = second + kHeaderBytes, kinds = times + now.times * 8, types = kinds + now.times;
  if (file.size() < types + now.types * 6) return {};
  const auto offset = [&](std::size_t type) {
    return static_cast<std::int64_t>(static_cast<std::int32_t>(ReadBe32(file, types + 6 * type))) * 1000;
  };
  std::vector<Zone::Change> changes;
  if (now.types > 0) changes.push_back({INT64_MIN, offset(0)});
  for (std::size_t i = 0; i < now.times; ++i) {
    const auto type = static_cast<unsigned char>(file[kinds + i]);
    if (type >= now.types) return {};
    changes.push_back({static_cast<std::int64_t>(ReadBe64(file, times + 8 * i)), offset(type)});
  }
  return changes;
}

bool IsSafeName(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
         name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
             std::string_view::npos;
}

}  // namespace

std::int64_t Zone::OffsetAt(std::int64_t utc_ms) const {
  const auto seconds = utc_ms / 1000;
  const auto next = std::upper_bound(changes_.begin(), changes_.end(), seconds,
                                     [](std::int64_t s, const Change& change) { return s < change.from_s; });
  return next == changes_.begin() ? 0 : std::prev(next)->offset_ms;
}

std::int64_t Zone::ToUtc(std::int64_t time_ms) const {
  const std::int64_t near = time_ms - OffsetAt(time_ms);
  return time_ms - OffsetAt(near);
}

const Zone& Zones::Find(std::string_view name) {
  const auto known = zones_.find(name);
  if (known != zones_.end()) return *known->second;
  std::vector<Zone::Change> changes;
  if (IsSafeName(name)) {
    const auto file = ReadFile(folder_ / std::string(name));
    if (file) changes = ReadChanges(file.value());
  }
  if (changes.empty() && name != "UTC") return Find("UTC");
  auto& slot = zones_[std::string(name)];
  slot = std::make_unique<Zone>(std::string(name), std::move(changes));
  return *slot;
}

const std::vector<std::string>& Zones::Names() {
  if (!names_.empty()) return names_;
  const auto table = ReadFile(folder_ / "zone1970.tab");
  if (!table) return names_;
  for (const auto line : Split(table.value(), '\n')) {
    const auto cells = Split(line, '\t');
    if (line.substr(0, 1) != "#" && cells.size() > 2) names_.emplace_back(cells[2]);
  }
  return names_;
}

}  // namespace outpost::oxserver
