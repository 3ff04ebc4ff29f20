#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/system/files.h"
#include "engine/json/json.h"
#include "tools/outpost/cli_pages.h"
#include "tools/outpost/output.h"
#include "tools/outpost/program.h"

namespace outpost::cli {
namespace {

Result<int> WriteManPages(const Common& common, const CLI::App& app, const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  Json::Array names;
  for (const auto& [name, text] : ManPages(app, OUTPOST_VERSION)) {
    OUTPOST_TRYV(WriteFileDurably(std::filesystem::path(folder) / name, text));
    names.emplace_back(name);
  }
  ShowReport(common.form(), {{"folder", folder}, {"pages", std::move(names)}});
  return kExitDone;
}

Result<int> WriteCompletion(const CLI::App& app, const std::string& shell) {
  const std::string text = shell == "zsh" ? ZshCompletion(app) : BashCompletion(app);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitDone;
}

}  // namespace

void AddPages(Program& program, CLI::App& app) {
  auto folder = std::make_shared<std::string>();
  AddVerb(program, app, "man", "Write the manual, a page for each verb",
          [folder, &app](const Common& common) { return WriteManPages(common, app, *folder); })
      .add_option("FOLDER", *folder, "Where the pages go")
      ->required();
  auto shell = std::make_shared<std::string>();
  AddVerb(program, app, "completion", "Write a script that completes verbs and flags in a shell",
          [shell, &app](const Common&) { return WriteCompletion(app, *shell); })
      .add_option("SHELL", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
}

}  // namespace outpost::cli
