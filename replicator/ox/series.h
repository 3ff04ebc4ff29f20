#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "replicator/dialect.h"

namespace outpost {

// Series of appointments and their exceptions (http-api.md 6.4). OX gives a series and its exceptions one uid; here
// each item has its own, that of an exception is the uid of its series with the day it replaces behind it. Threads:
// any.

// "2024-03-26" of midnight UTC.
std::string DayText(std::int64_t day);
// "u" and 2024-03-26: "u#20240326".
std::string UidOfException(std::string_view series_uid, std::int64_t day);
// What a row says of its place in a series: only an exception has one.
void SettlePlace(RemoteRow& row);

}  // namespace outpost
