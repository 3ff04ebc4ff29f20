#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/oxserver/world.h"

// Groups of users, and resources such as rooms (http-api.md 9.2). Kept as settings of nobody, each a JSON object; one
// that was deleted stays as its tombstone. Threads: one.
namespace outpost::oxserver {

struct Group {
  std::int64_t id = 0;
  std::string name;
  std::string display_name;
  std::vector<int> members;
  std::int64_t created = 0;
  std::int64_t modified = 0;  // of a tombstone: the deletion
  bool gone = false;

  bool Has(int user) const;
};

struct Resource {
  std::int64_t id = 0;
  std::string name;
  std::string display_name;
  std::string mail;
  std::string description;
  bool available = true;
  std::int64_t created = 0;
  std::int64_t modified = 0;
  bool gone = false;
};

// kAllUsersGroup has every user as a member, whoever they are. nullopt for one that is not there (any more).
std::optional<Group> FindGroup(const World& world, std::int64_t id);
bool IsMember(const World& world, std::int64_t group, int user);
// The groups that `user` is in, ascending.
std::vector<std::int64_t> GroupsOf(const World& world, int user);
// The name that people see; empty where there is no such group.
std::string GroupName(const World& world, std::int64_t id);

}  // namespace outpost::oxserver
