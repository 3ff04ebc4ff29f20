#include "bench/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

namespace outpost::bench {
namespace {

using Json = nlohmann::json;

constexpr double kWidth = 900, kHeight = 560;
constexpr double kLeft = 80, kRight = 330, kTop = 40, kBottom = 60;
constexpr std::array kColours{"#1b6ca8", "#c8553d", "#3a7d44", "#7b4b94", "#b8860b", "#444444"};

using Points = std::map<double, double>;  // size → cost

// Powers of ten around what is there.
struct Axis {
  double least = 1e300, most = 0;
  double from = 0, to = 1;  // logarithms, once Round was called
  void Add(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
  void Round() {
    from = std::floor(std::log10(least));
    to = std::max(from + 1, std::ceil(std::log10(most)));
  }
  double At(double value) const { return (std::log10(value) - from) / (to - from); }
};

std::string Format(const char* format, double a, double b = 0, double c = 0, double d = 0) {
  char text[256];
  std::snprintf(text, sizeof text, format, a, b, c, d);
  return text;
}

std::string Escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  return out;
}

class Drawing {
 public:
  Drawing(Axis sizes, Axis costs) : sizes_(sizes), costs_(costs) {
    out_ = Format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" "
        "font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
        kWidth, kHeight);
  }
  double X(double size) const { return kLeft + sizes_.At(size) * (kWidth - kLeft - kRight); }
  double Y(double cost) const { return kHeight - kBottom - costs_.At(cost) * (kHeight - kTop - kBottom); }
  void Line(double x1, double y1, double x2, double y2, const char* colour) {
    out_ += Format("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"", x1, y1, x2, y2) + " stroke=\"" + colour +
            "\"/>\n";
  }
  void Text(double x, double y, const char* anchor, const std::string& text, const char* colour = "#222222") {
    out_ += Format("<text x=\"%.1f\" y=\"%.1f\"", x, y) + " text-anchor=\"" + anchor + "\" fill=\"" + colour + "\">" +
            Escaped(text) + "</text>\n";
  }
  void Grid() {
    for (double power = sizes_.from; power <= sizes_.to; ++power) {
      const double x = X(std::pow(10, power));
      Line(x, kTop, x, kHeight - kBottom, "#dddddd");
      Text(x, kHeight - kBottom + 20, "middle", Format("%.0f", std::pow(10, power)));
    }
    for (double power = costs_.from; power <= costs_.to; ++power) {
      const double y = Y(std::pow(10, power));
      Line(kLeft, y, kWidth - kRight, y, "#dddddd");
      Text(kLeft - 8, y + 4, "end", Format("%g", std::pow(10, power)));
    }
    Text((kLeft + kWidth - kRight) / 2, kHeight - 18, "middle", "items");
    Text(kLeft, kTop - 14, "start", "microseconds for each item");
  }
  void Series(const std::string& name, const Points& points, const char* colour) {
    std::string path;
    for (const auto& [size, cost] : points)
      path += Format(path.empty() ? "M%.1f %.1f" : " L%.1f %.1f", X(size), Y(cost));
    out_ += "<path d=\"" + path + "\" fill=\"none\" stroke-width=\"2\" stroke=\"" + colour + "\"/>\n";
    for (const auto& [size, cost] : points)
      out_ += Format("<circle r=\"3\" cx=\"%.1f\" cy=\"%.1f\"", X(size), Y(cost)) + " fill=\"" + colour + "\"/>\n";
    Text(X(points.rbegin()->first) + 10, Y(points.rbegin()->second) + 4, "start", name, colour);
  }
  std::string Take() { return std::move(out_) + "</svg>\n"; }

 private:
  Axis sizes_, costs_;
  std::string out_;
};

}  // namespace

Result<std::string> Chart(const std::string& run) {
  const auto wrong = [](const std::string& what) { return Error{Code::kInvalid, Retry::kNever, what}; };
  const Json json = Json::parse(run, nullptr, false);
  if (!json.is_array()) return wrong("not what outpost-bench --json prints: no JSON array");
  std::map<std::string, Points> series;
  Axis sizes, costs;
  for (const Json& row : json) {
    const double size = row.value("size", 0.0), cost = row.value("value", 0.0);
    if (size <= 0 || cost <= 0) continue;
    series[row.value("series", std::string())][size] = cost;
    sizes.Add(size);
    costs.Add(cost);
  }
  if (series.empty()) return wrong("no row of it has a size: outpost-bench sizes --json makes such");
  sizes.Round();
  costs.Round();
  Drawing drawing(sizes, costs);
  drawing.Grid();
  std::size_t colour = 0;
  for (const auto& [name, points] : series) drawing.Series(name, points, kColours[colour++ % kColours.size()]);
  return drawing.Take();
}

}  // namespace outpost::bench
