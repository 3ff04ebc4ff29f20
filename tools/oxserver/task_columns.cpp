#include "tools/oxserver/columns.h"

namespace outpost::oxserver {
namespace {

using enum Kind;
using enum Access;

// http-api.md documents no lengths but those that field-map.tsv names too; in characters.
constexpr Column kTask[] = {
    {1, "id", kId, kServer, 0},
    {2, "created_by", kNumber, kServer, 0},
    {3, "modified_by", kNumber, kServer, 0},
    {4, "creation_date", kTime, kServer, 0},
    {5, "last_modified", kTime, kServer, 0},
    {6, "last_modified_utc", kTimestamp, kServer, 0},
    {20, "folder_id", kId, kClient, 0},
    {100, "categories", kText, kClient, 255},
    {101, "private_flag", kBoolean, kClient, 0},
    {102, "color_label", kNumber, kClient, 0},
    {104, "number_of_attachments", kNumber, kServer, 0},
    {105, "lastModifiedOfNewestAttachmentUTC", kTimestamp, kServer, 0},
    {200, "title", kText, kClient, 256},
    {201, "start_date", kDate, kServer, 0},  // the day of start_time
    {202, "end_date", kDate, kServer, 0},    // the day of end_time
    {203, "note", kText, kClient, 65535},
    {204, "alarm", kTime, kClient, 0},
    {209, "recurrence_type", kNumber, kClient, 0},
    {212, "days", kNumber, kClient, 0},
    {213, "day_in_month", kNumber, kClient, 0},
    {214, "month", kNumber, kClient, 0},
    {215, "interval", kNumber, kClient, 0},
    {216, "until", kDate, kClient, 0},
    {220, "participants", kArray, kClient, 0},
    {221, "users", kArray, kServer, 0},
    {222, "occurrences", kNumber, kClient, 0},
    {223, "uid", kText, kOnCreate, 255},
    {300, "status", kNumber, kClient, 0},
    {301, "percent_completed", kNumber, kClient, 0},
    {302, "actual_costs", kDecimal, kClient, 0},
    {303, "actual_duration", kDigits, kClient, 0},
    {304, "after_complete", kDate, kServer, 0},  // taken and forgotten
    {305, "billing_information", kText, kClient, 255},
    {307, "target_costs", kDecimal, kClient, 0},
    {308, "target_duration", kDigits, kClient, 0},
    {309, "priority", kNumber, kClient, 0},
    {312, "currency", kText, kClient, 10},
    {313, "trip_meter", kText, kClient, 255},
    {314, "companies", kText, kClient, 255},
    {315, "date_completed", kTime, kClient, 0},
    {316, "start_time", kDateOrTime, kClient, 0},
    {317, "end_time", kDateOrTime, kClient, 0},
    {401, "full_time", kBoolean, kClient, 0},
};

}  // namespace

const ColumnTable& TaskColumns() {
  static const ColumnTable kTable(kTask);
  return kTable;
}

}  // namespace outpost::oxserver
