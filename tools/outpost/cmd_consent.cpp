#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/json/questions.h"
#include "projection/folders.h"
#include "replicator/queue.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Result<int> List(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(auto questions, ConsentsJson(*view));
  ListOutput list(common.form(), {"folder", "count", "held"});
  for (auto& question : questions) list.Row(std::move(question));
  list.End("deletions waiting for consent");
  return kExitDone;
}

Result<int> Answer(const Common& common, const std::string& folder_named, ConsentAnswer answer) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto folder, FindFolder(*view, folder_named));
  OUTPOST_TRY(const auto asked, WaitingConsent(*view, folder.id));
  if (!asked)
    return Error{Code::kNotFound, Retry::kNever, "no deletion waits for consent in folder " + folder.id.Hex()};
  OUTPOST_TRYV(access->commands().AnswerConsent(folder.id, answer));
  ShowReport(common.form(), {{"folder", folder.path},
                             {"count", asked->count},
                             {"answer", answer == ConsentAnswer::kGiven ? "given" : "refused"}});
  return kExitDone;
}

void AddAnswer(Program& program, CLI::App& group, const char* name, const char* about, ConsentAnswer answer) {
  auto folder = std::make_shared<std::string>();
  CLI::App& verb = AddVerb(program, group, name, about,
                           [folder, answer](const Common& common) { return Answer(common, *folder, answer); });
  verb.add_option("FOLDER", *folder, "Path or id of the folder")->required();
}

}  // namespace

void AddConsent(Program& program, CLI::App& app) {
  CLI::App& group =
      AddGroup(app, "consent", "Mass deletions that the server seems to have made, and that wait for a person's word");
  AddVerb(program, group, "list", "What waits", List, Shows::kMuch);
  AddAnswer(program, group, "give", "Delete them here too", ConsentAnswer::kGiven);
  AddAnswer(program, group, "refuse", "Keep them here", ConsentAnswer::kRefused);
}

}  // namespace outpost::cli
