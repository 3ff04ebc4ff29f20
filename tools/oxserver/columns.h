#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>

namespace outpost::oxserver {

// How a value reads on the wire (http-api.md 1.4 and 1.6). kDateOrTime: a Date where the object's column full_time is
// true, else a Time. kDecimal: a number that may have a fraction. kDigits: digits in a string.
enum class Kind : std::uint8_t {
  kText,
  kNumber,
  kDecimal,
  kDigits,
  kBoolean,
  kDate,
  kTime,
  kDateOrTime,
  kTimestamp,
  kId,
  kArray
};

// Who sets a value: the client at any time, only in `new`, or only the server.
enum class Access : std::uint8_t { kClient, kOnCreate, kServer };

struct Column {
  int id;
  const char* name;
  Kind kind;
  Access access;
  std::uint32_t max_characters;  // 0: no limit of its own
};

// The columns of the objects of one module. The position of a column is its key in stored state: entries are appended,
// never moved. Threads: any.
class ColumnTable {
 public:
  // `columns`: at most 255, with ids from 0 to 1023; lives for ever, as the table does.
  explicit ColumnTable(std::span<const Column> columns);
  auto begin() const { return columns_.begin(); }
  auto end() const { return columns_.end(); }
  const Column& At(int position) const { return columns_[static_cast<std::size_t>(position)]; }
  // Positions; -1 where there is none.
  int ById(int id) const;
  int ByName(std::string_view name) const;
  // One more name that is understood for a column.
  void AddName(std::string_view name, int id) { by_name_[name] = ById(id); }

 private:
  std::span<const Column> columns_;
  std::array<std::int16_t, 1024> by_id_;
  std::unordered_map<std::string_view, int> by_name_;
};

const ColumnTable& ContactColumns();   // http-api.md 3 and 4.1
const ColumnTable& TaskColumns();      // http-api.md 3, 3.1 and 5
const ColumnTable& CalendarColumns();  // http-api.md 3, 3.1 and 6.2

// Column ids with a meaning of their own: of all objects,
enum ObjectColumn : int {
  kColId = 1,
  kColCreatedBy = 2,
  kColModifiedBy = 3,
  kColCreationDate = 4,
  kColLastModified = 5,
  kColLastModifiedUtc = 6,
  kColFolder = 20,
  kColPrivateFlag = 101,
  kColAttachments = 104,
  kColNewestAttachment = 105,
  kColUid = 223,
  kColFullTime = 401,
};

// of tasks and appointments,
enum PlanColumn : int {
  kColTitle = 200,
  kColStartDate = 201,
  kColEndDate = 202,
  kColNote = 203,
  kColAlarm = 204,
  kColRecurrenceType = 209,
  kColDays = 212,
  kColDayInMonth = 213,
  kColMonth = 214,
  kColInterval = 215,
  kColUntil = 216,
  kColParticipants = 220,
  kColUsers = 221,
  kColOccurrences = 222,
};

// of tasks,
enum TaskColumn : int {
  kColStatus = 300,
  kColPercent = 301,
  kColActualCosts = 302,
  kColTargetCosts = 307,
  kColPriority = 309,
  kColStartTime = 316,
  kColEndTime = 317,
};

// of appointments,
enum AppointmentColumn : int {
  kColRecurrenceId = 206,
  kColRecurrencePosition = 207,
  kColRecurrenceDatePosition = 208,
  kColChangeExceptions = 210,
  kColDeleteExceptions = 211,
  kColOrganizer = 224,
  kColSequence = 225,
  kColConfirmations = 226,
  kColOrganizerId = 227,
  kColPrincipal = 228,
  kColPrincipalId = 229,
  kColShownAs = 402,
  kColTimezone = 408,
  kColRecurrenceStart = 410,
};

// and of contacts.
enum ContactColumn : int {
  kColDisplayName = 500,
  kColLastName = 502,
  kColUserId = 524,
  kColEmail1 = 555,
  kColEmail2 = 556,
  kColEmail3 = 557,
  kColImage1 = 570,
  kColDistributionList = 592,
  kColDistributionCount = 594,
  kColImages = 596,
  kColImageModified = 597,
  kColImageType = 601,
  kColIsDistributionList = 602,
  kColImageUrl = 606,
};

}  // namespace outpost::oxserver
