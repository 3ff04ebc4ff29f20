#include "mapi-adapter/codec/time_zone.h"

#include <algorithm>

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

constexpr std::uint16_t kHasKeyName = 0x0002;
constexpr std::uint16_t kRuleBytes = 62;  // behind its own size
constexpr std::size_t kNameUnitsMax = (0xFFFF - 6) / 2;

SystemTime ReadSystemTime(BlobReader& in, const char* name) {
  SystemTime out;
  for (std::uint16_t* part :
       {&out.year, &out.month, &out.day_of_week, &out.day, &out.hour, &out.minute, &out.second, &out.milliseconds})
    *part = in.U16(name);
  return out;
}

void AppendSystemTime(std::string& out, const SystemTime& moment) {
  for (const std::uint16_t part : {moment.year, moment.month, moment.day_of_week, moment.day, moment.hour,
                                   moment.minute, moment.second, moment.milliseconds})
    AppendU16(out, part);
}

void ReadBiases(BlobReader& in, ZoneRule& rule) {
  rule.bias = static_cast<std::int32_t>(in.U32("lBias"));
  rule.standard_bias = static_cast<std::int32_t>(in.U32("lStandardBias"));
  rule.daylight_bias = static_cast<std::int32_t>(in.U32("lDaylightBias"));
}

void AppendBiases(std::string& out, const ZoneRule& rule) {
  for (const std::int32_t bias : {rule.bias, rule.standard_bias, rule.daylight_bias})
    AppendU32(out, static_cast<std::uint32_t>(bias));
}

void ReadVersion(BlobReader& in) {
  const std::uint8_t major = in.U8("bMajorVersion");
  in.Require(major == 2, "bMajorVersion", major);
  in.U8("bMinorVersion");
}

ZoneDefinition::Part ReadPart(BlobReader& in) {
  ZoneDefinition::Part out;
  ReadVersion(in);
  const std::uint16_t size = in.U16("cbRule");
  in.Require(size >= kRuleBytes, "cbRule", size);
  out.flags = in.U16("rule flags");
  out.year = in.U16("wYear");
  const std::string_view rest = in.Take(out.rest.size(), "rule start");
  std::copy(rest.begin(), rest.end(), out.rest.begin());
  ReadBiases(in, out.rule);
  out.rule.standard = ReadSystemTime(in, "stStandardDate");
  out.rule.daylight = ReadSystemTime(in, "stDaylightDate");
  if (in.ok()) in.Take(size - kRuleBytes, "cbRule");  // of later versions
  return out;
}

}  // namespace

Result<ZoneStruct> DecodeZoneStruct(std::string_view bytes) {
  BlobReader in(bytes, "time zone");
  ZoneStruct out;
  ReadBiases(in, out.rule);
  out.standard_year = in.U16("wStandardYear");
  out.rule.standard = ReadSystemTime(in, "stStandardDate");
  out.daylight_year = in.U16("wDaylightYear");
  out.rule.daylight = ReadSystemTime(in, "stDaylightDate");
  if (!in.ok()) return in.error();
  return out;
}

Result<ZoneDefinition> DecodeZoneDefinition(std::string_view bytes) {
  BlobReader in(bytes, "time zone definition");
  ZoneDefinition out;
  ReadVersion(in);
  const std::uint16_t size = in.U16("cbHeader");
  BlobReader header(in.Take(size, "cbHeader"), "header of a time zone definition");
  if (!in.ok()) return in.error();
  const std::uint16_t flags = header.U16("wFlags");
  header.Require((flags & kHasKeyName) != 0, "wFlags", flags);
  const std::uint16_t units = header.U16("cchKeyName");
  out.key_name = Utf8FromWide(header.Take(std::size_t{2} * units, "KeyName"));
  const std::uint16_t count = header.U16("cRules");
  header.Require(count <= kZoneRulesMax, "cRules", count);
  if (!header.ok()) return header.error();
  out.rules.resize(in.Bounded(count, kRuleBytes + 4, "cRules"));
  for (ZoneDefinition::Part& part : out.rules) part = ReadPart(in);
  if (!in.ok()) return in.error();
  return out;
}

std::string Encode(const ZoneStruct& zone) {
  std::string out;
  AppendBiases(out, zone.rule);
  AppendU16(out, zone.standard_year);
  AppendSystemTime(out, zone.rule.standard);
  AppendU16(out, zone.daylight_year);
  AppendSystemTime(out, zone.rule.daylight);
  return out;
}

std::string Encode(const ZoneDefinition& zone) {
  std::string name = WideFromUtf8(zone.key_name);
  name.resize(std::min(name.size(), 2 * kNameUnitsMax));
  const std::size_t count = std::min<std::size_t>(zone.rules.size(), kZoneRulesMax);
  std::string out("\x02\x01", 2);
  AppendU16(out, 6 + name.size());
  AppendU16(out, kHasKeyName);
  AppendU16(out, name.size() / 2);
  out += name;
  AppendU16(out, count);
  for (std::size_t i = 0; i < count; ++i) {
    const ZoneDefinition::Part& part = zone.rules[i];
    out += std::string_view("\x02\x01", 2);
    AppendU16(out, kRuleBytes);
    AppendU16(out, part.flags);
    AppendU16(out, part.year);
    out.append(part.rest.data(), part.rest.size());
    AppendBiases(out, part.rule);
    AppendSystemTime(out, part.rule.standard);
    AppendSystemTime(out, part.rule.daylight);
  }
  return out;
}

}  // namespace outpost::mapi
