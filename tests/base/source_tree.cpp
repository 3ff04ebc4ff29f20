#include "tests/base/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

namespace outpost::test {
namespace {

namespace fs = std::filesystem;

bool IsSource(const fs::path& path) {
  static const std::set<std::string> endings{".h", ".cpp", ".inc"};
  return endings.count(path.extension().string()) > 0 || path.filename() == "CMakeLists.txt";
}

SourceFile ReadSource(const fs::path& path, const std::string& relative) {
  SourceFile file{relative, {}};
  std::ifstream in(path);
  const bool is_cmake = path.filename() == "CMakeLists.txt";
  for (std::string line; std::getline(in, line);) {
    const auto comment = line.find(is_cmake ? "#" : "//");
    const bool is_address = comment != std::string::npos && comment > 0 && line[comment - 1] == ':';  // "http://"
    file.lines.push_back(comment != std::string::npos && !is_address ? line.substr(0, comment) : line);
  }
  return file;
}

std::vector<SourceFile> ReadTree() {
  const fs::path root = OUTPOST_SOURCE;
  std::vector<SourceFile> files;
  for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
    const std::string relative = fs::relative(at->path(), root).generic_string();
    if (at->is_directory() && (relative == "build" || at->path().filename().string()[0] == '.'))
      at.disable_recursion_pending();
    if (at->is_regular_file() && IsSource(at->path())) files.push_back(ReadSource(at->path(), relative));
  }
  std::sort(files.begin(), files.end(), [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace

const std::vector<SourceFile>& SourceTree() {
  static const std::vector<SourceFile> tree = ReadTree();
  return tree;
}

std::string Listed(const std::vector<std::string>& problems) {
  std::string out;
  for (const std::string& problem : problems) out += "\n  " + problem;
  return out;
}

}  // namespace outpost::test
