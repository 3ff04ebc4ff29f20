#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace outpost {

// A time zone of the system's files, as libical reads them: what its clocks show. Milliseconds since 1970 both ways,
// local ones as if they were UTC. Threads: any.
class Zone {
 public:
  // UTC.
  Zone() = default;
  // Nullopt where none of that name is installed. "UTC" and "" are UTC.
  static std::optional<Zone> Find(const std::string& name);

  std::int64_t ToLocal(std::int64_t utc) const;
  // Of an hour that the clocks show twice one of the two instants; of one they skip, what it would have been.
  std::int64_t ToUtc(std::int64_t local) const;

 private:
  void* zone_ = nullptr;  // libical's, which keeps them all; null: UTC
};

}  // namespace outpost
