#include "tools/oxserver/events.h"

#include <map>
#include <set>
#include <string>

#include "tools/oxserver/text.h"

namespace outpost::oxserver {

void TellOfMail(const World& world, int user, const Folder& folder, std::int64_t id) {
  if (!world.options.on_event) return;
  world.options.on_event(user, "ox:mail:new",
                         "{\"folder\":" + Quoted(folder.path) + ",\"id\":" + Quoted(std::to_string(id)) + "}");
}

void TellOfCalendar(const World& world, const Object* before, const Object* after) {
  if (!world.options.on_event) return;
  std::map<int, std::set<std::int64_t>> folders_of;
  for (const Object* object : {before, after}) {
    if (object == nullptr || object->module != FolderModule::kCalendar) continue;
    for (const std::int64_t id : FoldersOf(*object))
      if (const Folder* folder = world.state.FindFolder(id)) folders_of[folder->owner].insert(id);
  }
  for (const auto& [user, folders] : folders_of) {
    std::string list;
    for (const std::int64_t id : folders) list += (list.empty() ? "" : ",") + Quoted("cal://0/" + std::to_string(id));
    world.options.on_event(user, "ox:calendar:updates", "{\"folders\":[" + list + "],\"needsAction\":[]}");
  }
}

}  // namespace outpost::oxserver
