#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <charconv>
#include <memory>

#include "engine/settings.h"
#include "projection/account.h"
#include "tools/outpost/access.h"

namespace outpost::cli {
namespace {

struct Known {
  std::string_view name;
  std::string_view about;
  std::vector<std::string_view> values;  // empty: any text
  bool settable;
  std::uint32_t most = 0;  // above 0: a number from 1 to it
};

const std::vector<Known>& KnownSettings() {
  static const std::vector<Known> known{
      {setting::kServer, "the server's URL as it was given", {}, true},
      {setting::kBaseUrl, "what probing the server found", {}, false},
      {setting::kUser, "the user", {}, false},
      {setting::kPolicy, "who wins a conflict", {"server-wins", "client-wins"}, true},
      {setting::kPaused, "whether syncing rests", {"true", "false"}, true},
      {setting::kAllowHttp, "plain http to other machines", {"true", "false"}, true},
      {setting::kBatchIntents, "intents in one batch, 1 to 1000; 50 unless set", {}, true, setting::kBatchIntentsMax},
      {setting::kKeepDays, "days of history kept, 1 to 3650; 90 unless set", {}, true, setting::kKeepDaysMax},
      {setting::kHistoryPercent,
       "history kept, in hundredths of what is live, 1 to 10000; 200 unless set",
       {},
       true,
       setting::kHistoryPercentMax},
      {setting::kResync, "raised to compare all folders in full", {}, false},
      {setting::kResynced, "the newest such comparison done", {}, false},
      {setting::kParkedBy, "the version that last parked or retried", {}, false}};
  return known;
}

Result<const Known*> FindSetting(const std::string& name) {
  std::string names;
  for (const auto& known : KnownSettings()) {
    if (known.name == name) return &known;
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  return Error{Code::kInvalid, Retry::kNever, "no setting is called \"" + name + "\"; there are: " + names};
}

Result<int> List(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto settings, ReadSettings(*view));
  ListOutput list(common.form(), {"name", "value", "about"});
  for (const auto& known : KnownSettings()) {
    const auto found = settings.find(std::string(known.name));
    list.Row({{"name", known.name},
              {"value", found != settings.end() ? Json(found->second) : Json()},
              {"about", known.about}});
  }
  list.End("settings");
  return kExitDone;
}

Result<int> Get(const Common& common, const std::string& name) {
  OUTPOST_TRYV(FindSetting(name));
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto value, ReadSetting(*view, name));
  ShowReport(common.form(), {{"name", name}, {"value", value ? Json(*value) : Json()}});
  return kExitDone;
}

Result<void> CheckValue(const Known& known, const std::string& value) {
  if (!known.settable)
    return Error{Code::kInvalid, Retry::kNever, std::string(known.name) + ": this setting is not set by hand"};
  if (known.most > 0 && !value.empty()) {
    std::uint32_t number = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size() || number < 1 || number > known.most)
      return Error{Code::kInvalid, Retry::kNever,
                   std::string(known.name) + ": must be a number from 1 to " + std::to_string(known.most)};
  }
  if (known.values.empty() || value.empty()) return Ok();
  std::string values;
  for (const auto allowed : known.values) {
    if (allowed == value) return Ok();
    values += (values.empty() ? "" : " or ") + std::string(allowed);
  }
  return Error{Code::kInvalid, Retry::kNever, std::string(known.name) + ": must be " + values};
}

Result<int> Set(const Common& common, const std::string& name, const std::string& value) {
  OUTPOST_TRY(const auto* known, FindSetting(name));
  OUTPOST_TRYV(CheckValue(*known, value));
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
  AddVerb(program, group, "list", "All of them", List);
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
