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

// The field groups that people change in the simulated world. The first fields are those whose values they type.
struct Group {
  std::string_view name;  // of the group, in schemas/fields.tsv
  std::vector<std::string_view> fields;
};
std::span<const Group> Groups();
inline constexpr std::size_t kAddress = 2;  // the group of two fields
inline constexpr std::string_view kTags = "categories";
inline constexpr std::string_view kFolder = "folder";

// The values of one object: group -> text of its fields, joined; categories as "a,b"; the folder as the server's id.
// Where a group has no value it is the empty text.
using Values = std::map<std::string, std::string, std::less<>>;

std::string Join(const std::vector<std::string>& parts);
// As the server has it, or as a client's fields have it (with folder ids told by `folder`).
Values ValuesOf(const oxserver::Object& contact);
Values ValuesOf(const FieldMap& fields, const std::string& folder);

FieldId ContactField(std::string_view name);

}  // namespace outpost::sim
