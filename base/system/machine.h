#pragma once
#include <cstdint>
#include <string>

namespace outpost {

// What a program runs on; nothing that names the machine or its user.
struct MachineFacts {
  std::string system;        // "Linux"
  std::string release;       // "6.1.0"
  std::string architecture;  // "x86_64"
  unsigned processors = 0;
  std::uint64_t memory_bytes = 0;  // 0: not told
};
MachineFacts ThisMachine();

}  // namespace outpost
