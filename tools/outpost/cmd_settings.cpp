#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/json/questions.h"
#include "engine/settings.h"
#include "projection/account.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Result<int> List(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(auto settings, SettingsJson(*view));
  ListOutput list(common.form(), {"name", "value", "about"});
  for (auto& setting : settings) list.Row(std::move(setting));
  list.End("settings");
  return kExitDone;
}

// Search folders are kept as settings, and are none to a person.
Result<void> IsSetting(const std::string& name) {
  if (FindSetting(name) != nullptr) return Ok();
  OUTPOST_TRYV(CheckSetting(name, ""));
  return Error{Code::kInvalid, Retry::kNever, name + ": a search folder, see \"outpost folder search\""};
}

Result<int> Get(const Common& common, const std::string& name) {
  OUTPOST_TRYV(IsSetting(name));
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto value, ReadSetting(*view, name));
  ShowReport(common.form(), {{"name", name}, {"value", value ? Json(*value) : Json()}});
  return kExitDone;
}

Result<int> Set(const Common& common, const std::string& name, const std::string& value) {
  OUTPOST_TRYV(IsSetting(name));
  OUTPOST_TRYV(CheckSetting(name, value));  // before anything is opened
  if (!FindSetting(name)->settable)
    return Error{Code::kInvalid, Retry::kNever, name + ": this setting is not set by hand"};
  OUTPOST_TRY(const auto place, PlaceOf(common));
  if (name == setting::kServer) {  // the account's name and folder follow from it
    OUTPOST_TRY(const auto named,
                PlaceFor(place.folder.parent_path(), value, place.name.substr(0, place.name.rfind('@'))));
    if (named.name != place.name)
      return Error{Code::kInvalid, Retry::kNever,
                   "server: another host is another account (" + named.name + "): use \"outpost account add\""};
  }
  SettingsBody settings;
  settings.settings.emplace_back(name, value);
  if (name == setting::kServer) settings.settings.emplace_back(setting::kBaseUrl, "");  // probed anew
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRYV(access->commands().PutSettings(std::move(settings)));
  ShowReport(common.form(), {{"name", name}, {"value", value.empty() ? Json() : Json(value)}});
  return kExitDone;
}

}  // namespace

void AddSettings(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "settings", "The settings of an account");
  AddVerb(program, group, "list", "All of them", List, Shows::kMuch);
  auto name = std::make_shared<std::string>();
  CLI::App& get =
      AddVerb(program, group, "get", "One of them", [name](const Common& common) { return Get(common, *name); });
  get.add_option("NAME", *name, "Its name")->required();
  auto value = std::make_shared<std::string>();
  CLI::App& set = AddVerb(program, group, "set", "Set one; empty text unsets it",
                          [name, value](const Common& common) { return Set(common, *name, *value); });
  set.add_option("NAME", *name, "Its name")->required();
  set.add_option("VALUE", *value, "Its value")->required();
}

}  // namespace outpost::cli
