#include "engine/json/json.h"

#include <nlohmann/json.hpp>

namespace outpost {
namespace {

using Tree = nlohmann::ordered_json;

Tree ToTree(const Json& json);

struct Convert {
  Tree operator()(std::monostate) const { return nullptr; }
  Tree operator()(const Json::Array& array) const {
    Tree tree = Tree::array();
    for (const auto& element : array) tree.push_back(ToTree(element));
    return tree;
  }
  Tree operator()(const Json::Object& object) const {
    Tree tree = Tree::object();
    for (const auto& [name, member] : object) tree[name] = ToTree(member);
    return tree;
  }
  template <class Plain>
  Tree operator()(const Plain& plain) const {
    return plain;
  }
};

Tree ToTree(const Json& json) { return std::visit(Convert{}, json.value); }

}  // namespace

const Json* Find(const Json::Object& object, std::string_view name) {
  for (const auto& [known, member] : object)
    if (known == name) return &member;
  return nullptr;
}

std::string ToLine(const Json& json) { return ToTree(json).dump(-1, ' ', false, Tree::error_handler_t::replace); }

}  // namespace outpost
