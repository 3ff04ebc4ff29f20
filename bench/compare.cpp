#include "bench/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numeric>

#include "bench/report.h"

namespace outpost::bench {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kCountedMax = 12;  // 924 ways to take half of them
constexpr double kSignificant = 0.05;

// The mean rank of each, from 1, of all together.
std::vector<double> RanksOf(const std::vector<double>& all) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return all[a] < all[b]; });
  std::vector<double> ranks(all.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && all[order[to]] == all[order[from]]) ++to;
    for (std::size_t at = from; at < to; ++at) ranks[order[at]] = static_cast<double>(from + to + 1) / 2;
    from = to;
  }
  return ranks;
}

// The share of all ways to give `count` of the ranks to one side in which their sum is as far from its mean as `off`.
double CountedChance(const std::vector<double>& ranks, std::size_t count, double mean, double off) {
  std::vector<bool> taken(ranks.size(), false);
  std::fill(taken.begin(), taken.begin() + static_cast<std::ptrdiff_t>(count), true);
  std::size_t ways = 0, as_far = 0;
  do {
    double sum = 0;
    for (std::size_t at = 0; at < ranks.size(); ++at) sum += taken[at] ? ranks[at] : 0;
    ++ways;
    as_far += std::abs(sum - mean) >= off - 1e-9 ? 1 : 0;
  } while (std::prev_permutation(taken.begin(), taken.end()));
  return static_cast<double>(as_far) / static_cast<double>(ways);
}

double ApproximateChance(const std::vector<double>& ranks, double a, double b, double off) {
  // Equal ranks leave less to vary.
  std::vector<double> sorted = ranks;
  std::sort(sorted.begin(), sorted.end());
  double ties = 0;
  for (auto at = sorted.begin(); at != sorted.end();) {
    const auto next = std::upper_bound(at, sorted.end(), *at);
    const auto equal = static_cast<double>(next - at);
    ties += equal * equal * equal - equal;
    at = next;
  }
  const double n = a + b;
  const double variance = a * b / 12 * (n + 1 - ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  return std::erfc(std::max(0.0, off - 0.5) / std::sqrt(variance) / std::sqrt(2.0));
}

struct Side {
  std::string name;
  std::vector<Row> rows;
};

Result<Side> Read(const char* name, const std::string& text) {
  const auto wrong = [&](const std::string& what) {
    return Error{Code::kInvalid, Retry::kNever, std::string(name) + ": " + what};
  };
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_array()) return wrong("not what outpost-bench --json prints: no JSON array");
  Side side{name, {}};
  try {
    for (const Json& from : json) {
      Row row{from.at("scenario").get<std::string>(),
              from.at("figure").get<std::string>(),
              from.at("value").get<double>(),
              from.at("unit").get<std::string>(),
              std::nullopt,
              std::nullopt,
              from.at("smaller_is_better").get<bool>(),
              from.at("samples").get<std::vector<double>>()};
      if (!from.at("floor").is_null()) row.floor = from.at("floor").get<double>();
      side.rows.push_back(std::move(row));
    }
  } catch (const Json::exception& bad) {
    return wrong("row " + std::to_string(side.rows.size() + 1) + ": " + bad.what());
  }
  return side;
}

std::string Line(const std::string& figure, std::size_t width, const std::string& before, const std::string& after,
                 const std::string& change, const std::string& chance, const std::string& said) {
  char text[1024];
  std::snprintf(text, sizeof text, "%-*s  %12s  %12s  %8s  %7s  %s\n", static_cast<int>(width), figure.c_str(),
                before.c_str(), after.c_str(), change.c_str(), chance.c_str(), said.c_str());
  return text;
}

std::string Text(const char* format, double number) {
  char text[64];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

std::string LineOf(const Row& before, const Row& after, std::size_t width) {
  const auto of = [](const Row& row) {
    return row.samples.empty() ? row.ratio().value_or(row.value) : Median(row.samples);
  };
  const double was = of(before), is = of(after);
  const double chance = ChanceOf(before.samples, after.samples);
  // So few runs that no outcome could be told from chance.
  const std::size_t n = before.samples.size(), m = after.samples.size();
  const bool too_few = n < 3 || m < 3 || n + m < 8;
  std::string said = "the same, as far as these runs tell";
  if (too_few) said = "too few runs to tell";
  if (!too_few && chance < kSignificant) said = (is < was) == after.smaller_is_better ? "better" : "worse";
  const std::string change = was == 0 ? "-" : Text("%+.1f %%", (is / was - 1) * 100);
  return Line(before.scenario + ": " + before.figure, width, Text("%.6g", was), Text("%.6g", is), change,
              too_few ? "-" : Text("%.3f", chance), said);
}

}  // namespace

double ChanceOf(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.empty() || b.empty()) return 1;
  std::vector<double> all = a;
  all.insert(all.end(), b.begin(), b.end());
  const std::vector<double> ranks = RanksOf(all);
  const double sum = std::accumulate(ranks.begin(), ranks.begin() + static_cast<std::ptrdiff_t>(a.size()), 0.0);
  const double mean = static_cast<double>(a.size()) * static_cast<double>(all.size() + 1) / 2;
  const double off = std::abs(sum - mean);
  if (all.size() <= kCountedMax) return CountedChance(ranks, a.size(), mean, off);
  return ApproximateChance(ranks, static_cast<double>(a.size()), static_cast<double>(b.size()), off);
}

Result<std::string> Compare(const std::string& before, const std::string& after) {
  OUTPOST_TRY(const Side one, Read("the first file", before));
  OUTPOST_TRY(const Side other, Read("the second file", after));
  std::size_t width = 6;
  std::vector<std::pair<const Row*, const Row*>> both;
  for (const Row& row : one.rows)
    for (const Row& same : other.rows) {
      if (row.scenario != same.scenario || row.figure != same.figure) continue;
      both.emplace_back(&row, &same);
      width = std::max(width, row.scenario.size() + 2 + row.figure.size());
    }
  if (both.empty()) return Error{Code::kInvalid, Retry::kNever, "the two files have no figure in common"};
  std::string out = Line("figure", width, "before", "after", "change", "chance", "");
  for (const auto& [row, same] : both) out += LineOf(*row, *same, width);
  return out;
}

}  // namespace outpost::bench
