#include "base/bytes.h"

#include "base/check.h"

namespace outpost {
namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

template <class Number>
void AppendBe(std::string& out, Number value) {
  char bytes[sizeof(Number)];
  for (std::size_t i = sizeof(Number); i-- > 0; value = static_cast<Number>(value >> 8))
    bytes[i] = static_cast<char>(value & 0xff);
  out.append(bytes, sizeof(Number));
}

template <class Number>
Number ReadBe(std::string_view in, std::size_t at) {
  OUTPOST_CHECK(at + sizeof(Number) <= in.size());
  Number value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    value = static_cast<Number>((value << 8) | static_cast<std::uint8_t>(in[at + i]));
  return value;
}

}  // namespace

std::string ToHex(Bytes bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::uint8_t b : bytes) {
    out.push_back(kHexDigits[b >> 4]);
    out.push_back(kHexDigits[b & 15]);
  }
  return out;
}

std::optional<std::string> ParseHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = HexValue(text[i]);
    const int low = HexValue(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

void AppendBe64(std::string& out, std::uint64_t value) { AppendBe(out, value); }
void AppendBe32(std::string& out, std::uint32_t value) { AppendBe(out, value); }
std::uint64_t ReadBe64(std::string_view in, std::size_t at) { return ReadBe<std::uint64_t>(in, at); }
std::uint32_t ReadBe32(std::string_view in, std::size_t at) { return ReadBe<std::uint32_t>(in, at); }

}  // namespace outpost
