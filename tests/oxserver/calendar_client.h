#pragma once
#include "tests/oxserver/harness.h"

namespace outpost::oxserver::test {

inline constexpr std::int64_t kDay = 86'400'000;
inline constexpr std::int64_t kHour = 3'600'000;
inline constexpr std::int64_t kJune = 1'717'200'000'000;  // 2024-06-01 00:00 UTC, a Saturday

// A client of the calendar; times in UTC unless told.
struct Calendar : Client {
  using Client::Client;
  std::string CalendarFolder() { return Get("config/folder/calendar")["data"]; }
  static std::string Id(const Json& answer) { return answer["data"]["id"]; }
  Json NewAppointment(Json fields, const std::string& more = "&timezone=UTC") {
    if (!fields.contains("folder_id")) fields["folder_id"] = CalendarFolder();
    return Put("calendar?action=new" + more, fields);
  }
  Json Simple(const std::string& title, std::int64_t start, std::int64_t length) {
    return NewAppointment({{"title", title}, {"start_date", start}, {"end_date", start + length}});
  }
  Json UpdateAppointment(const std::string& id, std::int64_t timestamp, const Json& fields,
                         const std::string& folder = {}) {
    return Put("calendar?action=update&timezone=UTC&id=" + id + "&folder=" +
                   (folder.empty() ? CalendarFolder() : folder) + "&timestamp=" + std::to_string(timestamp),
               fields);
  }
  Json DeleteAppointment(const std::string& id, std::int64_t timestamp, Json more = Json::object()) {
    more["id"] = id;
    more["folder"] = CalendarFolder();
    return Put("calendar?action=delete&timestamp=" + std::to_string(timestamp), Json::array({more}));
  }
  Json Appointment(const std::string& id, const std::string& zone = "UTC", const std::string& folder = {},
                   const std::string& more = {}) {
    return Get("calendar?action=get&timezone=" + zone + "&id=" + id +
               "&folder=" + (folder.empty() ? CalendarFolder() : folder) + more)["data"];
  }
  // One cell of what `all` gives for a range, in order.
  std::vector<Json> Cells(int column, std::int64_t start, std::int64_t end, const std::string& more = {}) {
    std::vector<Json> cells;
    const Json answer = Get("calendar?action=all&timezone=UTC&columns=" + std::to_string(column) +
                            "&start=" + std::to_string(start) + "&end=" + std::to_string(end) + more);
    for (const auto& row : answer["data"]) cells.push_back(row[0]);
    return cells;
  }
  std::string Titles(std::int64_t start, std::int64_t end, const std::string& more = {}) {
    std::string titles;
    for (const auto& cell : Cells(200, start, end, more)) titles += cell.get<std::string>() + " ";
    return titles;
  }
};

}  // namespace outpost::oxserver::test
