#include "tools/outpost/demo.h"

#include <cstdio>

#include "tools/outpost/demo_story.h"
#include "tools/outpost/program.h"

namespace outpost::cli {
namespace {

Json::Array Problems(const std::vector<oxserver::ImportProblem>& problems) {
  Json::Array rows;
  for (const auto& problem : problems)
    rows.push_back(Json::Object{{"file", problem.file}, {"line", problem.line}, {"reason", problem.reason}});
  return rows;
}

Json::Object Report(const DemoStory& story) {
  const DemoFigures& f = story.figures();
  return {{"ok", f.good()},
          {"data", story.data().string()},
          {"items_client", f.items_client},
          {"items_server", f.items_server},
          {"different", f.different},
          {"duplicates", f.duplicates},
          {"edits_local", f.edits_local},
          {"edits_remote", f.edits_remote},
          {"edits_measured", f.edits_measured},
          {"edits_without_outcome", f.edits_without_outcome},
          {"clashes_made", f.edits.clashes},
          {"conflicts", f.conflicts},
          {"losers_kept", f.losers_kept},
          {"parked", f.parked},
          {"batches", f.batches},
          {"resumed_batches", f.resumed_batches},
          {"connections_cut", f.cuts},
          {"processes_killed", f.kills},
          {"events", f.events},
          {"chain_ok", f.chain_ok},
          {"root", f.root},
          {"rebuild_equal", f.rebuild_equal},
          {"pull_items_per_s", f.pull_items_per_s},
          {"push_items_per_s", f.push_items_per_s},
          {"imported", f.import.imported},
          {"imported_appointments", f.import.appointments},
          {"imported_tasks", f.import.tasks},
          {"imported_mails", f.import.mails},
          {"import_failed", Problems(f.import.failed)},
          {"import_skipped", Problems(f.import.skipped)},
          {"import_left_out", Problems(f.import.left_out)}};
}

void PrintProblems(const char* what, const std::vector<oxserver::ImportProblem>& problems) {
  for (const auto& problem : problems) {
    const std::string line = problem.line > 0 ? ":" + std::to_string(problem.line) : "";
    std::printf("  %s %s%s: %s\n", what, Printable(problem.file, LineEnds::kReplace).c_str(), line.c_str(),
                Printable(problem.reason, LineEnds::kReplace).c_str());
  }
}

unsigned long long N(std::uint64_t number) { return number; }

void PrintText(const DemoStory& story, const DemoOptions& options) {
  const DemoFigures& f = story.figures();
  std::printf("What happened\n");
  if (!options.import_folder.empty()) {
    std::printf(
        "  %llu contacts, %llu appointments, %llu tasks and %llu mails were imported into the embedded server from "
        "%s\n",
        N(f.import.imported), N(f.import.appointments), N(f.import.tasks), N(f.import.mails),
        options.import_folder.c_str());
    PrintProblems("not imported:", f.import.failed);
    PrintProblems("skipped:", f.import.skipped);
    PrintProblems("left out:", f.import.left_out);
  }
  std::printf("  First sync: every contact came here in %.2f s, %.0f a second.\n", f.pull_seconds, f.pull_items_per_s);
  std::printf(
      "  Offline: %llu edits were made here and %llu on the server, %llu of them on the same field of the same "
      "contact.\n",
      N(f.edits_local), N(f.edits_remote), N(f.edits.clashes));
  std::printf(
      "  Back online: %llu connection was cut after the server had applied a batch, and the syncing process was killed "
      "%llu time(s)\n"
      "  in the middle of another. %llu of %llu batches were read back instead of being sent again.\n",
      N(f.cuts), N(f.kills), N(f.resumed_batches), N(f.batches));
  std::printf("  A clean run of %llu more edits went out at %.0f a second.\n\n", N(f.edits_measured),
              f.push_items_per_s);
  std::printf("What came of it\n");
  std::printf("  contacts here / on the server       %llu / %llu, %llu different, %llu twice\n", N(f.items_client),
              N(f.items_server), N(f.different), N(f.duplicates));
  std::printf("  edits without an outcome            %llu\n", N(f.edits_without_outcome));
  std::printf("  conflicts / losers kept             %llu / %llu\n", N(f.conflicts), N(f.losers_kept));
  for (const ToldConflict& told : f.told)
    std::printf("    %s, %s: \"%s\" won, \"%s\" is kept\n", Printable(told.contact, LineEnds::kReplace).c_str(),
                told.group.c_str(), Printable(told.winner, LineEnds::kReplace).c_str(),
                Printable(told.loser, LineEnds::kReplace).c_str());
  if (f.parked > 0) std::printf("  refused by the server, waiting      %llu\n", N(f.parked));
  std::printf("  verify: %llu events, their chain is %s; root %.16s...\n", N(f.events), f.chain_ok ? "whole" : "BROKEN",
              f.root.c_str());
  std::printf("  rebuild: all state folded again from the events is %s\n",
              f.rebuild_equal ? "the same, byte for byte" : "DIFFERENT");
  std::printf("  %s\n\n",
              f.good() ? "Everything that was promised held." : "A PROMISE WAS BROKEN: see the lines above.");
  const std::string data = story.data().string();
  const std::string program = OwnProgram().has_value() ? OwnProgram().value() : "outpost";
  std::printf("Look further (the data directory stays)\n");
  for (const char* verb : {"status", "folder list", "item list --folder Contacts", "journal log",
                           "journal conflicts --content", "journal verify --rebuild", "journal audit"})
    std::printf("  %s %s --data %s\n", program.c_str(), verb, data.c_str());
}

}  // namespace

Result<int> RunDemo(const DemoOptions& options) {
  OUTPOST_TRY(const auto story, DemoStory::Start(options));
  OUTPOST_TRYV(story->Fill());
  OUTPOST_TRYV(story->FirstSync());
  OUTPOST_TRYV(story->EditBothSides());
  OUTPOST_TRYV(story->ShipWithTrouble());
  OUTPOST_TRYV(story->MeasurePush());
  OUTPOST_TRYV(story->Examine());
  if (options.json)
    ShowReport(Form::kJson, Report(*story));
  else
    PrintText(*story, options);
  return story->figures().good() ? kExitDone : kExitFailed;
}

}  // namespace outpost::cli
