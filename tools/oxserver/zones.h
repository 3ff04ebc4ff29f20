#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace outpost::oxserver {

// One time zone: its offsets from UTC by instant. Threads: any, after construction.
class Zone {
 public:
  // An empty table is UTC.
  struct Change {
    std::int64_t from_s;  // seconds since 1970 UTC
    std::int64_t offset_ms;
  };
  Zone(std::string name, std::vector<Change> changes) : name_(std::move(name)), changes_(std::move(changes)) {}
  const std::string& name() const { return name_; }
  // Time (pseudo-local, http-api.md 1.4) of a plain UTC instant, both in milliseconds.
  std::int64_t ToTime(std::int64_t utc_ms) const { return utc_ms + OffsetAt(utc_ms); }
  // Its inverse. Of the two instants that a repeated hour reads as, the later; what a skipped hour would be, after it.
  std::int64_t ToUtc(std::int64_t time_ms) const;

 private:
  std::int64_t OffsetAt(std::int64_t utc_ms) const;

  std::string name_;
  std::vector<Change> changes_;
};

// Reads zones from the system's compiled zone files, each once. Threads: one.
class Zones {
 public:
  explicit Zones(std::filesystem::path folder) : folder_(std::move(folder)) {}
  // UTC for a name that is not there or not well formed. Owned by this object.
  const Zone& Find(std::string_view name);
  // The zones that people are in by today's maps (zone1970.tab), in its order; none where that file is missing.
  const std::vector<std::string>& Names();

 private:
  std::filesystem::path folder_;
  std::map<std::string, std::unique_ptr<Zone>, std::less<>> zones_;
  std::vector<std::string> names_;
};

}  // namespace outpost::oxserver
