#include "mapi-adapter/codec/property.h"

#include <algorithm>
#include <array>

namespace outpost::mapi {
namespace {

using namespace std::string_view_literals;

constexpr std::int64_t kTicksPerMs = 10'000;
constexpr std::int64_t kMsTo1970 = 11'644'473'600'000;

constexpr PropName kNames[] = {
#include "mapi/property_names.inc"
};

struct NamedSet {
  PropSet set;
  std::string_view guid;
};
// {000620xx-0000-0000-C000-000000000046} but for two.
constexpr NamedSet kSets[] = {
    {PropSet::kAddress, "\x04\x20\x06\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"sv},
    {PropSet::kAppointment, "\x02\x20\x06\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"sv},
    {PropSet::kTask, "\x03\x20\x06\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"sv},
    {PropSet::kCommon, "\x08\x20\x06\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"sv},
    {PropSet::kMeeting, "\x90\xDA\xD8\x6E\x0B\x45\x1B\x10\x98\xDA\x00\xAA\x00\x3F\x13\x05"sv},
    {PropSet::kPublicStrings, "\x29\x03\x02\x00\x00\x00\x00\x00\xC0\x00\x00\x00\x00\x00\x00\x46"sv}};

}  // namespace

FileTime FileTimeOf(std::int64_t ms) {
  constexpr std::int64_t kMost = INT64_MAX / kTicksPerMs - kMsTo1970;
  return {(std::clamp(ms, -kMsTo1970, kMost) + kMsTo1970) * kTicksPerMs};
}

std::int64_t MsOf(FileTime moment) { return moment.ticks / kTicksPerMs - kMsTo1970; }

std::string_view GuidOf(PropSet set) {
  for (const NamedSet& known : kSets)
    if (known.set == set) return known.guid;
  return {};
}

PropSet PropSetOf(std::string_view guid) {
  for (const NamedSet& known : kSets)
    if (known.guid == guid) return known.set;
  return PropSet::kNone;
}

std::span<const PropName> KnownNames() { return kNames; }

std::uint16_t IdOfName(const PropName& name) {
  const auto* const at = std::find(std::begin(kNames), std::end(kNames), name);
  return at == std::end(kNames) ? std::uint16_t{0}
                                : static_cast<std::uint16_t>(kFirstNamedId + (at - std::begin(kNames)));
}

}  // namespace outpost::mapi
