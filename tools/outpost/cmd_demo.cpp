#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "tools/outpost/demo.h"
#include "tools/outpost/program.h"

namespace outpost::cli {

void AddDemo(Program& program, CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App& verb = AddVerb(program, app, "demo", "The whole story on an embedded server, with a report at the end",
                           [options](const Common& common) -> Result<int> {
                             options->data = common.data;
                             options->json = common.json;
                             return RunDemo(*options);
                           });
  verb.add_option("--items", options->items, "Contacts to invent (default 5000)")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  verb.add_option("--import", options->import_folder, "Use the vCards and calendars of this folder instead")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory);
}

}  // namespace outpost::cli
