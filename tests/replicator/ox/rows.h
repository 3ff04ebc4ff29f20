#pragma once
#include <map>
#include <string>

#include "replicator/ox/columns.h"

namespace outpost::test {

inline FieldId ContactField(const char* name) { return FindField(ItemType::kContact, name)->id; }

// A row as the server writes it: `lead` is the first three cells as JSON, `cells` JSON by field name, all others null.
inline std::string RowText(ItemType type, const std::string& lead, const std::map<std::string, std::string>& cells) {
  std::string text = "[" + lead;
  for (const OxColumn& column : ColumnsOf(type)->fields) {
    const auto at = cells.find(std::string(column.name));
    text += "," + (at == cells.end() ? std::string("null") : at->second);
  }
  return text + "]";
}

}  // namespace outpost::test
