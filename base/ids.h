#pragma once
#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"

namespace outpost {

// The number of an event in its journal: from 1, ascending. 0 means "none".
using Sequence = std::uint64_t;

// 16 bytes; `Tag` keeps the kinds apart. The all-zero id means "none".
template <class Tag>
struct Id {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Id&) const = default;
  explicit operator bool() const { return *this != Id{}; }
  std::string_view View() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  std::string Hex() const { return ToHex(bytes); }
  // From 16 raw bytes; nullopt for any other length.
  static std::optional<Id> FromView(std::string_view raw) {
    if (raw.size() != 16) return std::nullopt;
    Id id;
    std::memcpy(id.bytes.data(), raw.data(), 16);
    return id;
  }
  static std::optional<Id> FromHex(std::string_view hex) {
    auto raw = ParseHex(hex);
    return raw ? FromView(*raw) : std::nullopt;
  }
};

using ItemId = Id<struct ItemTag>;    // of an item, or of a folder (a folder is kept as an item of type folder)
using OpId = Id<struct OpTag>;        // of one local change: made and stored before anything is sent
using BatchId = Id<struct BatchTag>;  // of one request that carries intents

// A new id: 6 bytes of `now` (milliseconds since 1970 UTC, big-endian), then 10 random ones; so ids sort by time of
// birth.
template <class IdType>
IdType MakeId(std::chrono::milliseconds now, Random& random) {
  IdType id;
  const auto ms = static_cast<std::uint64_t>(now.count());
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  std::uint64_t low = random.Next();
  const std::uint64_t high = random.Next();
  std::memcpy(id.bytes.data() + 6, &low, 8);
  std::memcpy(id.bytes.data() + 14, &high, 2);
  return id;
}

// When an id was made by MakeId, by the clock of whoever made it.
template <class IdType>
std::chrono::milliseconds BirthOf(const IdType& id) {
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  return std::chrono::milliseconds(ms);
}

}  // namespace outpost

template <class Tag>
struct std::hash<outpost::Id<Tag>> {
  std::size_t operator()(const outpost::Id<Tag>& id) const noexcept { return std::hash<std::string_view>{}(id.View()); }
};
