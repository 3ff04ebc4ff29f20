#include "bench/report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace outpost::bench {
namespace {

template <class T>
nlohmann::json OrNull(const std::optional<T>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

std::string Number(const std::optional<double>& value) {
  if (!value) return "-";
  char text[32];
  std::snprintf(text, sizeof text, *value < 100 ? "%.2f" : "%.0f", *value);
  return text;
}

}  // namespace

std::optional<double> Row::ratio() const {
  if (!floor || *floor == 0) return std::nullopt;
  return value / *floor;
}

std::optional<bool> Row::ok() const {
  if (!target) return std::nullopt;
  const double measured = floor ? *ratio() : value;
  return smaller_is_better ? measured <= *target : measured >= *target;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string ToJson(const std::vector<Row>& rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Row& row : rows)
    out.push_back({{"scenario", row.scenario},
                   {"figure", row.figure},
                   {"value", row.value},
                   {"unit", row.unit},
                   {"floor", OrNull(row.floor)},
                   {"ratio", OrNull(row.ratio())},
                   {"target", OrNull(row.target)},
                   {"ok", OrNull(row.ok())}});
  return out.dump();
}

std::string ToTable(const std::vector<Row>& rows) {
  std::string out =
      "scenario  figure                                             value  unit          floor   ratio  target  ok\n";
  for (const Row& row : rows) {
    char line[256];
    std::snprintf(line, sizeof line, "%-9s %-46s %9s  %-10s %8s  %6s  %6s  %s\n", row.scenario.c_str(),
                  row.figure.c_str(), Number(row.value).c_str(), row.unit.c_str(), Number(row.floor).c_str(),
                  Number(row.ratio()).c_str(), Number(row.target).c_str(), row.ok() ? (*row.ok() ? "yes" : "NO") : "-");
    out += line;
  }
  return out;
}

}  // namespace outpost::bench
