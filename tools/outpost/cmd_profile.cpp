#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "engine/profile.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

Result<ItemState> MyEntry(const StateReader& view) {
  OUTPOST_TRY(auto entry, OwnEntry(view));
  if (!entry)
    return Error{Code::kNotFound, Retry::kNever,
                 "the server's directory has no entry of this account's user that is known here: \"outpost sync\" "
                 "brings it, where there is one"};
  return std::move(*entry);
}

Result<int> ReportEntry(const Common& common, const StateReader& view) {
  OUTPOST_TRY(const ItemState entry, MyEntry(view));
  OUTPOST_TRY(const auto paths, FolderPaths::Load(view));
  ShowReport(common.form(), ItemJson(entry, paths));
  return kExitDone;
}

Result<int> ShowProfile(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  return ReportEntry(common, *view);
}

Result<int> SetProfile(const Common& common, const std::vector<std::string>& values) {
  OUTPOST_TRY(FieldMap fields, ParseFields(ItemType::kContact, values));
  OUTPOST_TRY(const auto place, PlaceOf(common));
  OUTPOST_TRY(const auto access, WriteAccess::Open(place, {}));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const ItemState entry, MyEntry(*view));
  OUTPOST_TRYV(access->commands().Set(entry.id, std::move(fields)));
  OUTPOST_TRY(const auto now, access->View());
  return ReportEntry(common, *now);
}

}  // namespace

void AddProfile(Program& program, CLI::App& app) {
  CLI::App& group = AddGroup(app, "profile", "What the server's directory says of oneself, also offline");
  AddVerb(program, group, "show", "One's own entry", ShowProfile);
  const auto values = std::make_shared<std::vector<std::string>>();
  CLI::App& set = AddVerb(program, group, "set", "Change it",
                          [values](const Common& common) { return SetProfile(common, *values); });
  set.add_option("NAME=VALUE", *values, "Fields of a contact; an empty value clears")->required();
}

}  // namespace outpost::cli
