// outpost-bench SCENARIO... | all: what this engine does on this machine, beside what raw RocksDB does in the same run.
#include <sys/utsname.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <map>
#include <regex>
#include <thread>

#include "base/check.h"
#include "base/system/files.h"
#include "bench/chart.h"
#include "bench/compare.h"
#include "bench/journal_rows.h"
#include "bench/report.h"

using namespace outpost;
using namespace outpost::bench;

namespace {

const std::vector<std::pair<std::string, Scenario>> kScenarios{
    {"journal", JournalScenario}, {"rebuild", RebuildScenario},     {"tables", TablesScenario},
    {"pull", PullScenario},       {"push", PushScenario},           {"idle", IdleScenario},
    {"storm", StormScenario},     {"reconcile", ReconcileScenario}, {"blobs", BlobsScenario},
    {"many", ManyScenario},       {"start", StartScenario},         {"line", LineScenario},
    {"mapi", MapiScenario},       {"links", LinksScenario},         {"sizes", SizesScenario},
    {"inspect", InspectScenario}};

int Run(const std::vector<std::string>& wanted, const Options& options, bool json) {
  std::vector<std::vector<Row>> runs(options.runs);
  for (const auto& known : kScenarios) {
    const std::string& name = known.first;
    const bool is_wanted =
        std::any_of(wanted.begin(), wanted.end(), [&](const std::string& w) { return w == name || w == "all"; });
    if (!is_wanted) continue;
    for (std::vector<Row>& rows : runs) {
      std::fprintf(stderr, "%s...\n", name.c_str());
      if (const auto done = known.second(options, rows); !done) {
        std::fprintf(stderr, "outpost-bench: %s: %s\n", name.c_str(), done.error().context.c_str());
        return 1;
      }
    }
  }
  std::vector<Row> rows = Merged(runs);
  std::erase_if(rows, [&](const Row& row) { return !options.wants(row.figure); });
  std::printf("%s\n", (json ? ToJson(rows) : ToTable(rows)).c_str());
  return 0;
}

struct FileVerb {
  std::string_view name;
  const char* usage;
  std::size_t files;
  std::function<Result<std::string>(const std::vector<std::string>& files)> run;
};

// What is made of files that `outpost-bench --json` printed; its result goes to standard output.
const FileVerb kFileVerbs[] = {
    {"compare", "BEFORE.json AFTER.json", 2, [](const auto& files) { return Compare(files[0], files[1]); }},
    {"chart", "RUN.json", 1, [](const auto& files) { return Chart(files[0]); }}};

int RunOnFiles(const FileVerb& verb, const std::vector<std::string>& names) {
  if (names.size() != verb.files || names.front() == "--help") {
    std::fprintf(stderr, "outpost-bench %s %s: what outpost-bench --json printed\n", std::string(verb.name).c_str(),
                 verb.usage);
    return names.size() == 1 && names.front() == "--help" ? 0 : 2;
  }
  std::vector<std::string> files;
  for (const std::string& name : names) {
    auto read = ReadFile(name);
    if (!read) {
      std::fprintf(stderr, "outpost-bench: %s\n", read.error().context.c_str());
      return 1;
    }
    files.push_back(std::move(read).value());
  }
  const auto made = verb.run(files);
  if (!made) {
    std::fprintf(stderr, "outpost-bench: %s\n", made.error().context.c_str());
    return 1;
  }
  std::printf("%s", made.value().c_str());
  return 0;
}

void TellMachine(const Options& options) {
  struct utsname name {};
  ::uname(&name);
  std::fprintf(stderr, "%s %s, %u cores; seed %llu%s\n", name.sysname, name.machine,
               std::thread::hardware_concurrency(), static_cast<unsigned long long>(options.seed),
               options.smoke ? "; --smoke: the figures mean nothing" : "");
#ifndef NDEBUG
  std::fprintf(stderr, "warning: a build with checks; build the preset release for figures\n");
#endif
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 4 && argv[1] == kFillAndDie) return FillAndDie(argv[2], argv[3]);
  if (argc == 4 && argv[1] == kOpenOnce) return OpenOnce(argv[2], argv[3]);
  if (argc > 3 && argv[1] == kPeakOf) return WritePeakOf(argv[2], argv[3], {argv + 4, argv + argc});
  if (argc > 4 && argv[1] == kFirstByteOf)
    return WriteFirstByteOf(argv[2], argv[3] == std::string_view("whole"), argv[4], {argv + 5, argv + argc});
  for (const FileVerb& verb : kFileVerbs)
    if (argc > 1 && argv[1] == verb.name) return RunOnFiles(verb, {argv + 2, argv + argc});
  CLI::App app("What the engine does on this machine");
  std::vector<std::string> wanted;
  Options options;
  bool json = false;
  std::vector<std::string> names{"all"};
  for (const auto& [name, scenario] : kScenarios) names.push_back(name);
  app.add_option("scenario", wanted, "Scenarios to run, or all")->required()->check(CLI::IsMember(names));
  app.add_flag("--smoke", options.smoke, "Seconds instead of minutes; the figures then mean nothing");
  app.add_flag("--json", json, "One JSON array");
  std::string pattern;
  app.add_option("--rows", pattern, "Only rows in whose figure this regular expression is found");
  app.add_option("--runs", options.runs, "Each scenario so often; the middle counts")->check(CLI::Range(1, 100));
  app.add_option("--items", options.items, "Of pull, push and idle, in place of the usual number");
  app.footer(
      "outpost-bench compare BEFORE.json AFTER.json: which figures of two runs (--json --runs N) differ by more than "
      "chance\noutpost-bench chart RUN.json: the cost of an item against their number, as SVG (of sizes --json)");
  app.add_option("--seed", options.seed, "Of the invented data");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (!pattern.empty()) {
    try {
      options.wants = [wanted_rows = std::regex(pattern)](const std::string& figure) {
        return std::regex_search(figure, wanted_rows);
      };
    } catch (const std::regex_error& bad) {
      std::fprintf(stderr, "outpost-bench: --rows: %s\n", bad.what());
      return 2;
    }
  }
  TellMachine(options);
  try {
    return Run(wanted, options, json);
  } catch (const InvariantViolation& violation) {
    std::fprintf(stderr, "outpost-bench: %s\n", violation.what());
    return 1;
  }
}
