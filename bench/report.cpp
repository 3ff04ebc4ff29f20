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

std::vector<Row> Merged(const std::vector<std::vector<Row>>& runs) {
  std::vector<Row> merged;
  std::vector<std::vector<double>> values, floors;
  for (const auto& run : runs)
    for (const Row& row : run) {
      const auto same = std::find_if(merged.begin(), merged.end(), [&](const Row& other) {
        return other.scenario == row.scenario && other.figure == row.figure;
      });
      const auto at = static_cast<std::size_t>(same - merged.begin());
      if (same == merged.end()) {
        merged.push_back(row);
        values.emplace_back();
        floors.emplace_back();
      }
      merged[at].samples.push_back(row.ratio().value_or(row.value));
      values[at].push_back(row.value);
      if (row.floor) floors[at].push_back(*row.floor);
    }
  for (std::size_t at = 0; at < merged.size(); ++at) {
    merged[at].value = Median(values[at]);
    if (merged[at].floor) merged[at].floor = Median(floors[at]);
  }
  return merged;
}

std::string ToJson(const std::vector<Row>& rows) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json one{{"scenario", row.scenario},
                               {"figure", row.figure},
                               {"value", row.value},
                               {"unit", row.unit},
                               {"floor", OrNull(row.floor)},
                               {"ratio", OrNull(row.ratio())},
                               {"target", OrNull(row.target)},
                               {"ok", OrNull(row.ok())},
                               {"smaller_is_better", row.smaller_is_better},
                               {"samples", row.samples}};
    if (row.size > 0) one["series"] = row.series;
    if (row.size > 0) one["size"] = row.size;
    out.push_back(std::move(one));
  }
  return out.dump();
}

std::string ToTable(const std::vector<Row>& rows) {
  std::size_t widest = 6;
  for (const Row& row : rows) widest = std::max(widest, row.figure.size());
  const auto line = [&](const char* scenario, const std::string& figure, const std::string& value, const char* unit,
                        const std::string& floor, const std::string& ratio, const std::string& target, const char* ok,
                        const std::string& spread) {
    char text[1024];
    std::snprintf(text, sizeof text, "%-9s %-*s %9s  %-10s %8s  %6s  %7s  %-3s  %s\n", scenario,
                  static_cast<int>(widest), figure.c_str(), value.c_str(), unit, floor.c_str(), ratio.c_str(),
                  target.c_str(), ok, spread.c_str());
    return std::string(text);
  };
  std::string out = line("scenario", "figure", "value", "unit", "floor", "ratio", "target", "ok", "least to most");
  for (const Row& row : rows) {
    std::string spread = "-";
    if (row.samples.size() > 1) {
      const auto [least, most] = std::minmax_element(row.samples.begin(), row.samples.end());
      spread = Number(*least) + " to " + Number(*most);
    }
    out += line(row.scenario.c_str(), row.figure, Number(row.value), row.unit.c_str(), Number(row.floor),
                Number(row.ratio()), Number(row.target), row.ok() ? (*row.ok() ? "yes" : "NO") : "-", spread);
  }
  return out;
}

}  // namespace outpost::bench
