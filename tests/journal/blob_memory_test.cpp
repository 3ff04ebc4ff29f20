#include <sstream>

#include "tests/journal/blob_dsl.h"
#include "tests/journal/child.h"

using namespace outpost;
using namespace outpost::test;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OUTPOST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OUTPOST_SANITIZED 1
#endif
#endif

namespace {

constexpr std::uint64_t kMib = 1u << 20;
constexpr std::uint64_t kPeakKibMax = 8 * 1024;

// Streams a blob both ways in a process of its own and holds its memory against the promise.
void StreamBothWays(std::uint64_t bytes) {
  Folder folder;
  Child child({OUTPOST_BLOB_CHILD, "stream", folder.path().string(), std::to_string(bytes)});
  std::string line;
  REQUIRE(child.ReadLine(line));
  std::istringstream words(line);
  std::uint64_t idle = 0, peak = 0;
  words >> idle >> peak;
  REQUIRE(idle > 0);
  REQUIRE(peak >= idle);
  std::printf("blobs: %llu MiB written and read: %llu KiB above idle (%llu KiB)\n",
              static_cast<unsigned long long>(bytes / kMib), static_cast<unsigned long long>(peak - idle),
              static_cast<unsigned long long>(idle));
#ifndef OUTPOST_SANITIZED
  CHECK(peak - idle <= kPeakKibMax);
#endif
}

}  // namespace

TEST_CASE("blob memory: 24 MiB written and read take at most 8 MiB above idle", "[journal][blobs][memory]") {
  StreamBothWays(24 * kMib);
}

TEST_CASE("blob memory: 200 MiB written and read take at most 8 MiB above idle", "[.long][journal][blobs][memory]") {
  StreamBothWays(200 * kMib);
}
