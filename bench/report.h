#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace outpost::bench {

// One figure of one scenario, as `outpost-bench --json` prints it (DESIGN.md, "The command line").
struct Row {
  std::string scenario;
  std::string figure;
  double value = 0;
  std::string unit;
  std::optional<double> floor;   // what raw RocksDB or curl does in the same run
  std::optional<double> target;  // of `ratio` where there is a floor, else of `value`
  bool smaller_is_better = false;
  // What each run came to, where there were several: ratios where there is a floor, else values.
  std::vector<double> samples = {};
  // Of a cost that is measured at several sizes: what it is of, and the number of items; for the chart.
  std::string series = {};
  double size = 0;

  std::optional<double> ratio() const;
  std::optional<bool> ok() const;
};

struct Options {
  bool smoke = false;  // seconds instead of minutes; the figures then mean nothing
  std::uint64_t seed = 20261123;
  std::size_t runs = 1;
  std::uint64_t items = 0;  // in place of the usual number of items of pull, push and idle; 0: the usual one
  std::uint64_t sized(std::uint64_t smoky, std::uint64_t usual) const {
    return items != 0 ? items : smoke ? smoky : usual;
  }
  // Of a row's figure: whether the scenario journal measures it, and whether a row is told.
  std::function<bool(const std::string& figure)> wants = [](const std::string&) { return true; };
};

// A scenario appends its rows. Errors end the run.
using Scenario = std::function<Result<void>(const Options&, std::vector<Row>&)>;

Result<void> JournalScenario(const Options& options, std::vector<Row>& rows);
Result<void> PullScenario(const Options& options, std::vector<Row>& rows);
Result<void> PushScenario(const Options& options, std::vector<Row>& rows);
Result<void> LineScenario(const Options& options, std::vector<Row>& rows);
Result<void> TablesScenario(const Options& options, std::vector<Row>& rows);
Result<void> RebuildScenario(const Options& options, std::vector<Row>& rows);
Result<void> IdleScenario(const Options& options, std::vector<Row>& rows);
Result<void> StartScenario(const Options& options, std::vector<Row>& rows);
Result<void> StormScenario(const Options& options, std::vector<Row>& rows);
Result<void> ReconcileScenario(const Options& options, std::vector<Row>& rows);
Result<void> BlobsScenario(const Options& options, std::vector<Row>& rows);
Result<void> ManyScenario(const Options& options, std::vector<Row>& rows);
Result<void> SizesScenario(const Options& options, std::vector<Row>& rows);
Result<void> LinksScenario(const Options& options, std::vector<Row>& rows);
Result<void> InspectScenario(const Options& options, std::vector<Row>& rows);
Result<void> MapiScenario(const Options& options, std::vector<Row>& rows);

// `outpost-bench kPeakOf ANSWER PROGRAM ARGUMENTS…`: runs the program and writes the peak of its memory in KiB to the
// file ANSWER.
inline constexpr std::string_view kPeakOf = "peak-of";
int WritePeakOf(const std::string& answer, const std::string& program, const std::vector<std::string>& arguments);

// `outpost-bench kFirstByteOf ANSWER whole|first PROGRAM ARGUMENTS…`: runs the program, reads its standard output to
// the end, or only its beginning, and writes to the file ANSWER the milliseconds to the first byte of it, the seconds
// to its end, the peak of its memory in MiB, the bytes and the exit code.
inline constexpr std::string_view kFirstByteOf = "first-byte-of";
int WriteFirstByteOf(const std::string& answer, bool whole, const std::string& program,
                     const std::vector<std::string>& arguments);

// The middle of several measurements.
double Median(std::vector<double> values);

// Rows of the same figure of several runs as one: the middle of their values and of their floors, and what each came
// to.
std::vector<Row> Merged(const std::vector<std::vector<Row>>& runs);

std::string ToJson(const std::vector<Row>& rows);
std::string ToTable(const std::vector<Row>& rows);

}  // namespace outpost::bench
