#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace outpost {

using Bytes = std::span<const std::uint8_t>;
using Digest = std::array<std::uint8_t, 32>;  // SHA-256

// Views of the same memory; no copy.
inline Bytes AsBytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view AsText(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// Lower-case hexadecimal, two characters a byte; ParseHex takes upper case too, nullopt on anything else.
std::string ToHex(Bytes bytes);
std::optional<std::string> ParseHex(std::string_view text);

// Big-endian, so that the order of keys is the order of numbers.
void AppendBe64(std::string& out, std::uint64_t value);
void AppendBe32(std::string& out, std::uint32_t value);
// Reads at `at`; the caller has checked that 8 (4) bytes are there.
std::uint64_t ReadBe64(std::string_view in, std::size_t at = 0);
std::uint32_t ReadBe32(std::string_view in, std::size_t at = 0);

}  // namespace outpost
