#pragma once
#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schemas/item_state.h"

namespace outpost::oxserver {
struct Object;
}

namespace outpost::sim {

// The field groups that people change in the simulated world.
struct Group {
  std::string_view name;  // of the group, in schemas/fields.tsv
  std::vector<std::string_view> fields;
  std::size_t typed = fields.size();  // the first ones: those whose values people type
  bool dates = false;                 // days are typed, as numbers: the start, and where it is said the end behind it
};
// Of contacts, tasks and appointments.
std::span<const Group> Groups(ItemType type);
inline constexpr std::size_t kAddress = 2;  // the group of several fields
inline constexpr std::string_view kTags = "categories";
inline constexpr std::string_view kFolder = "folder";

// The values of one object: group -> text of its fields, joined; categories as "a,b"; the folder as the server's id.
// Where a group has no value it is the empty text.
using Values = std::map<std::string, std::string, std::less<>>;

std::string Join(const std::vector<std::string>& parts);
// As the server has it, or as a client's fields have it (with folder ids told by `folder`).
Values ValuesOf(const oxserver::Object& object);
Values ValuesOf(ItemType type, const FieldMap& fields, const std::string& folder);

FieldId FieldOf(ItemType type, std::string_view name);

// What is in folders of the server: its ids are an own row of numbers for each kind, and here one for all.
std::int64_t ObjectKey(ItemType type, std::int64_t id);
std::int64_t IdOf(std::int64_t key);
ItemType TypeOf(std::int64_t key);
ItemType TypeOf(const oxserver::Object& object);
// "contacts", "tasks", "calendar".
std::string_view ModuleOf(ItemType type);

// A day that nobody else types: of `writer` (below ten) the `count`th. Midnight UTC, in milliseconds since 1970; what
// lasts less than two days from then ends before the next.
std::int64_t DayFor(int writer, std::uint64_t count);
inline constexpr std::int64_t kDayMs = 86'400'000;
inline constexpr std::int64_t kHalfHourMs = 1'800'000;

}  // namespace outpost::sim
