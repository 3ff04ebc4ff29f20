#include "tests/mapi/vectors.h"

#include "base/bytes.h"
#include "base/system/files.h"
#include "tests/support/shared.h"

namespace outpost::test {
namespace {

std::vector<std::string> SplitAt(const std::string& text, char by) {
  std::vector<std::string> parts{""};
  for (const char c : text)
    if (c == by)
      parts.emplace_back();
    else
      parts.back().push_back(c);
  return parts;
}

}  // namespace

std::vector<Vector> OwnVectors() {
  std::vector<Vector> out;
  const std::string file = ReadFile(std::string(OUTPOST_SOURCE) + "/tests/mapi/vectors.tsv").value();
  for (const std::string& line : SplitAt(file, '\n')) {
    const std::vector<std::string> cells = SplitAt(line, '\t');
    if (cells.size() == 4 && cells[0] != "kind") out.push_back({cells[0], cells[1], *ParseHex(cells[2]), cells[3]});
  }
  return out;
}

std::vector<Vector> SharedVectors() {
  std::vector<Vector> out;
  const auto path = Shared("mapi/recurrence-vectors.tsv");
  if (path.empty()) return out;
  for (const std::string& line : SplitAt(ReadFile(path).value(), '\n')) {
    const std::vector<std::string> cells = SplitAt(line, '\t');
    if (cells.size() < 3 || cells[0] == "name") continue;
    out.push_back({cells[0].substr(0, cells[0].find('.')), cells[0], ParseHex(cells[1]).value_or(""), cells[2]});
  }
  return out;
}

}  // namespace outpost::test
