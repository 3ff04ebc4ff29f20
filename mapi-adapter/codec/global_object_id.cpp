#include "mapi-adapter/codec/global_object_id.h"

#include <chrono>
#include <cstdio>

#include "base/bytes.h"
#include "mapi-adapter/codec/blob.h"
#include "schemas/series.h"

namespace outpost::mapi {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kClass = "\x04\x00\x00\x00\x82\x00\xE0\x00\x74\xC5\xB7\x10\x1A\x82\xE0\x08"sv;
constexpr std::string_view kForeign = "vCal-Uid\x01\x00\x00\x00"sv;
constexpr std::size_t kHexLeast = 82;  // one byte of data

std::optional<std::int64_t> DayOfGlobal(const GlobalObjectId& id) {
  char text[16];
  std::snprintf(text, sizeof text, "%04u-%02u-%02u", id.year, id.month, id.day);
  return DayFromText(text);
}

std::string UpperHex(std::string_view bytes) {
  std::string hex = ToHex(AsBytes(bytes));
  for (char& c : hex)
    if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
  return hex;
}

}  // namespace

Result<GlobalObjectId> DecodeGlobalObjectId(std::string_view bytes) {
  BlobReader in(bytes, "global object id");
  GlobalObjectId out;
  const std::string_view kind = in.Take(kClass.size(), "ByteArrayID");
  in.Require(kind == kClass, "ByteArrayID", kind.empty() ? 0 : static_cast<unsigned char>(kind[0]));
  const std::uint8_t high = in.U8("YH");  // the only number here with its high byte first
  out.year = static_cast<std::uint16_t>(high << 8 | in.U8("YL"));
  out.month = in.U8("M");
  out.day = in.U8("D");
  out.created = in.U64("CreationTime");
  out.reserved = in.U64("X");
  out.data = in.Take(in.U32("Size"), "Data");
  if (!in.ok()) return in.error();
  return out;
}

std::string Encode(const GlobalObjectId& id) {
  std::string out(kClass);
  out.push_back(static_cast<char>(id.year >> 8));
  out.push_back(static_cast<char>(id.year & 0xFF));
  out.push_back(static_cast<char>(id.month));
  out.push_back(static_cast<char>(id.day));
  AppendLe(out, id.created, 8);
  AppendLe(out, id.reserved, 8);
  AppendU32(out, id.data.size());
  return out + id.data;
}

std::string UidOf(const GlobalObjectId& id) {
  std::string uid;
  if (id.data.starts_with(kForeign))
    uid = id.data.substr(kForeign.size(), id.data.find('\0', kForeign.size()) - kForeign.size());
  if (uid.empty()) {
    GlobalObjectId clean = id;
    clean.year = clean.month = clean.day = 0;
    uid = UpperHex(Encode(clean));
  }
  const auto day = DayOfGlobal(id);
  return day ? UidOfException(uid, *day) : uid;
}

std::optional<GlobalObjectId> GlobalObjectIdOf(std::string_view uid) {
  GlobalObjectId out;
  std::optional<std::int64_t> day;
  if (const auto series = SeriesUidOf(uid); series && !series->empty()) {
    const std::string_view digits = uid.substr(series->size() + 1);
    day = DayFromText(std::string(digits.substr(0, 4)) + "-" + std::string(digits.substr(4, 2)) + "-" +
                      std::string(digits.substr(6)));
    if (day) uid = *series;
  }
  if (uid.empty()) return std::nullopt;
  const auto raw = uid.size() >= kHexLeast ? ParseHex(uid) : std::nullopt;
  const auto known = raw ? DecodeGlobalObjectId(*raw) : Result<GlobalObjectId>(Error{});
  if (known && Encode(known.value()).size() == raw->size())
    out = known.value();
  else
    out.data = std::string(kForeign) + std::string(uid) + '\0';
  out.year = out.month = out.day = 0;
  if (day) {
    const std::chrono::year_month_day date(std::chrono::sys_days(std::chrono::days(*day / 86'400'000)));
    out.year = static_cast<std::uint16_t>(static_cast<int>(date.year()));
    out.month = static_cast<std::uint8_t>(static_cast<unsigned>(date.month()));
    out.day = static_cast<std::uint8_t>(static_cast<unsigned>(date.day()));
  }
  return out;
}

}  // namespace outpost::mapi
