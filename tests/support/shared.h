#pragma once
#include <cstdio>
#include <filesystem>
#include <string>

namespace outpost::test {

// ../shared/`relative`, or an empty path where it is absent: the caller returns then, and the test shows as skipped.
inline std::filesystem::path Shared(const std::string& relative) {
  const auto path = std::filesystem::path(OUTPOST_SHARED) / relative;
  if (std::filesystem::exists(path)) return path;
  std::printf("[skipped] %s is not there\n", path.c_str());
  return {};
}

}  // namespace outpost::test
