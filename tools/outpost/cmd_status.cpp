#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "base/system/local_socket.h"
#include "base/system/terminal.h"
#include "engine/settings.h"
#include "projection/account.h"
#include "projection/folders.h"
#include "projection/items.h"
#include "replicator/queue.h"
#include "tools/outpost/access.h"
#include "tools/outpost/values.h"

namespace outpost::cli {
namespace {

constexpr Millis kLookAgain{500};

Json SettingJson(const std::map<std::string, std::string>& settings, std::string_view name) {
  const auto found = settings.find(std::string(name));
  return found != settings.end() ? Json(found->second) : Json();
}

Result<std::uint64_t> HeldDeletions(const JournalView& view) {
  OUTPOST_TRY(const auto folders, ListFolders(view));
  std::uint64_t held = 0;
  for (const auto& folder : folders) {
    OUTPOST_TRY(const auto consent, WaitingConsent(view, folder.id));
    if (consent) held += consent->count;
  }
  return held;
}

Result<Json::Object> StatusOf(const AccountPlace& place, const JournalView& view) {
  OUTPOST_TRY(const auto settings, ReadSettings(view));
  OUTPOST_TRY(const auto visible, CountVisible(view));
  OUTPOST_TRY(const auto pending, CountQueue(view));
  OUTPOST_TRY(const auto attention, ItemsNeedingAttention(view));
  OUTPOST_TRY(const auto open, LoadOpenBatches(view));
  OUTPOST_TRY(const auto held, HeldDeletions(view));
  Json::Object items;
  for (const auto& [type, count] : visible)
    if (type != ItemType::kFolder) items.emplace_back(ItemTypeName(type), count);
  const Json policy = SettingJson(settings, setting::kPolicy);
  return Json::Object{{"account", place.name},
                      {"server", SettingJson(settings, setting::kServer)},
                      {"user", SettingJson(settings, setting::kUser)},
                      {"policy", policy.null() ? Json("server-wins") : policy},
                      {"paused", SettingJson(settings, setting::kPaused).text() != nullptr &&
                                     *SettingJson(settings, setting::kPaused).text() == "true"},
                      {"held", LocalClient::Connect(ControlSocket(place.folder)).has_value()},
                      {"items", std::move(items)},
                      {"pending", pending},
                      {"parked", attention.parked.size()},
                      {"conflicts", attention.conflicts.size()},
                      {"held_deletions", held},
                      {"open_batches", open.size()},
                      {"events", view.last()}};
}

Result<int> Once(const Common& common) {
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const auto status, StatusOf(access->place(), *view));
  ShowReport(common.form(), status);
  return kExitDone;
}

Result<int> Watch(const Common& common) {
  StopRequest stop;
  OUTPOST_TRY(const auto access, ReadAccess::Open(common));
  std::string shown;
  do {
    OUTPOST_TRY(const auto view, access->View());
    OUTPOST_TRY(const auto status, StatusOf(access->place(), *view));
    if (std::string line = ToLine(status); line != shown) {
      ShowEvent(common.form(), status);
      shown = std::move(line);
    }
  } while (!stop.WaitFor(kLookAgain));
  return kExitDone;
}

}  // namespace

void AddStatus(Program& program, CLI::App& app) {
  auto watch = std::make_shared<bool>(false);
  CLI::App& verb = AddVerb(program, app, "status", "How an account stands",
                           [watch](const Common& common) { return *watch ? Watch(common) : Once(common); });
  verb.add_flag("--watch", *watch, "Show it again whenever it changes, until stopped");
}

}  // namespace outpost::cli
