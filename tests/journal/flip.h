#pragma once
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "base/system/files.h"

namespace outpost::test {

// Flips one bit of the byte at offset `at`.
inline void Flip(const std::filesystem::path& file, std::size_t at) {
  std::string bytes = ReadFile(file).value();
  REQUIRE(at < bytes.size());
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
  REQUIRE(WriteFileDurably(file, bytes));
}

}  // namespace outpost::test
