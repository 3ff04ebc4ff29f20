#include "tools/oxserver/columns.h"

namespace outpost::oxserver {
namespace {

using enum Kind;
using enum Access;

// http-api.md documents no lengths; these are those that field-map.tsv names, in characters.
constexpr Column kAppointment[] = {
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
    {200, "title", kText, kClient, 255},
    {201, "start_date", kDateOrTime, kClient, 0},
    {202, "end_date", kDateOrTime, kClient, 0},
    {203, "note", kText, kClient, 65535},
    {204, "alarm", kNumber, kClient, 0},
    {206, "recurrence_id", kNumber, kServer, 0},
    {207, "recurrence_position", kNumber, kServer, 0},
    {208, "recurrence_date_position", kDate, kServer, 0},
    {209, "recurrence_type", kNumber, kClient, 0},
    {210, "change_exceptions", kArray, kServer, 0},
    {211, "delete_exceptions", kArray, kServer, 0},
    {212, "days", kNumber, kClient, 0},
    {213, "day_in_month", kNumber, kClient, 0},
    {214, "month", kNumber, kClient, 0},
    {215, "interval", kNumber, kClient, 0},
    {216, "until", kDate, kClient, 0},
    {220, "participants", kArray, kClient, 0},
    {221, "users", kArray, kServer, 0},
    {222, "occurrences", kNumber, kClient, 0},
    {223, "uid", kText, kOnCreate, 1024},
    {224, "organizer", kText, kClient, 255},
    {225, "sequence", kNumber, kClient, 0},
    {226, "confirmations", kArray, kServer, 0},
    {227, "organizerId", kNumber, kServer, 0},
    {228, "principal", kText, kServer, 0},
    {229, "principalId", kNumber, kServer, 0},
    {400, "location", kText, kClient, 255},
    {401, "full_time", kBoolean, kClient, 0},
    {402, "shown_as", kNumber, kClient, 0},
    {408, "timezone", kText, kClient, 64},
    {410, "recurrence_start", kDate, kServer, 0},
};

}  // namespace

const ColumnTable& CalendarColumns() {
  static const ColumnTable kTable(kAppointment);
  return kTable;
}

}  // namespace outpost::oxserver
