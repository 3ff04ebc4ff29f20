#include "replicator/identity.h"

#include "schemas/fields.h"

namespace outpost {

bool IsOther(const ItemState& item, const Value& uid) {
  if (!field::IdentityOf(item.type).empty()) return false;  // ids that do not last: told by more than a uid
  const FieldId field = field::UidOf(item.type);
  const auto base = item.base.find(field);
  const Value known = base != item.base.end() ? base->second : item.HeadValue(field);
  const auto* before = std::get_if<std::string>(&known);
  const auto* now = std::get_if<std::string>(&uid);
  return before != nullptr && now != nullptr && !before->empty() && !now->empty() && *before != *now;
}

}  // namespace outpost
