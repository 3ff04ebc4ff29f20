#pragma once
#include <string>
#include <vector>

namespace outpost::test {

struct SourceFile {
  std::string path;                // from the root of the sources, with "/"
  std::vector<std::string> lines;  // without // comments
};

// Every .h, .cpp, .inc and CMakeLists.txt of ours; no build folders.
const std::vector<SourceFile>& SourceTree();

inline bool StartsWith(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

// "path:line" of each problem, one to a line, so that a failed test shows where to look.
std::string Listed(const std::vector<std::string>& problems);

}  // namespace outpost::test
