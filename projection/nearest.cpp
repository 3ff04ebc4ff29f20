#include "projection/nearest.h"

#include <algorithm>
#include <map>
#include <vector>

#include "projection/sort_key.h"

namespace outpost {
namespace {

constexpr std::size_t kNamed = 3;

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

// Of a path its last name counts as well: who asks for a folder by name alone means the one that is called so.
std::size_t Distance(const std::string& wanted, std::string_view name) {
  const std::size_t whole = EditDistance(wanted, SortKey(name));
  const auto slash = name.rfind('/');
  if (slash == std::string_view::npos) return whole;
  return std::min(whole, EditDistance(wanted, SortKey(name.substr(slash + 1))));
}

}  // namespace

std::string NearestNames(std::string_view wanted, std::span<const std::string_view> names) {
  const std::string key = SortKey(wanted);
  std::multimap<std::size_t, std::string_view> by_distance;
  for (const std::string_view name : names) by_distance.emplace(Distance(key, name), name);
  std::string out;
  std::size_t named = 0;
  for (const auto& [distance, name] : by_distance) {
    if (named++ == kNamed) break;
    out += (out.empty() ? "'" : ", '") + std::string(name) + "'";
  }
  return out;
}

}  // namespace outpost
