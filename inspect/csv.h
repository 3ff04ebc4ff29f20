#pragma once
#include <string>
#include <string_view>

#include "schemas/item_state.h"

namespace outpost {

// Items of one type as lines of CSV (RFC 4180): id, folder, state, and every field that travels or stays here, by name;
// days as YYYY-MM-DD, times as YYYY-MM-DDThh:mm:ssZ, several texts joined by "; ", bytes as their number. Pure.
std::string CsvHeader(ItemType type);
std::string CsvRow(const ItemState& item, std::string_view folder);

}  // namespace outpost
