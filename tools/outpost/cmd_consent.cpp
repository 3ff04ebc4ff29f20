#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/consents.h"
#include "engine/json/questions.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Result<int> List(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(auto questions, ConsentsJson(*view));
  ListOutput list(common.form(), {"folder", "deleted", "count", "held"});
  for (auto& question : questions) list.Row(std::move(question));
  list.End("deletions waiting for consent");
  return kExitDone;
}

Result<int> Answer(const Common& common, const std::string& folder_named, ConsentAnswer answer) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const Question question, FindQuestion(*view, folder_named));
  OUTPOST_TRYV(access->commands().AnswerConsent(question.folder, answer));
  ShowReport(common.form(), {{"folder", question.path},
                             {"count", question.asked.count},
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
  CLI::App& group = AddGroup(app, "consent", "Mass deletions, there or here, that wait for a person's word");
  AddVerb(program, group, "list", "What waits", List, Shows::kMuch);
  AddAnswer(program, group, "give", "Delete them on the other side too", ConsentAnswer::kGiven);
  AddAnswer(program, group, "refuse", "Keep them; what was deleted here comes back", ConsentAnswer::kRefused);
}

}  // namespace outpost::cli
