#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/oxserver/fields.h"
#include "tools/oxserver/vcard.h"
#include "tools/oxserver/zones.h"

namespace outpost::oxserver {

// One VEVENT as an appointment of OX, or one VTODO as a task.
struct EventDraft {
  std::size_t line = 0;  // of its BEGIN, from 1
  std::string uid;       // empty where it has none
  FieldMap fields;       // by the names of http-api.md 6.2, or 7 of a task; the uid of an exception left out
  // The days, midnight UTC, that the series leaves out (EXDATE), and the one that this replaces (RECURRENCE-ID).
  std::vector<std::int64_t> deleted;
  std::optional<std::int64_t> replaces;
  std::vector<std::string> left_out;  // what has no place, by property, with the reason; no content
};

struct CalendarFile {
  std::vector<EventDraft> events;
  std::vector<EventDraft> tasks;  // each for itself: OX knows no exceptions of their series
  std::vector<CardFailure> failures;
  std::vector<CardFailure> others;  // components that are neither
};

// Reads the events and tasks of one iCalendar file (RFC 5545) by libical, each for itself: one that cannot be read is a
// failure with its line, the others are read. Zones are found by their names, else by the file's own definition; times
// without one are in `zone`. A rule of recurrence that OX would repeat otherwise is left out, and said. Threads: one.
CalendarFile ReadCalendar(std::string_view text, Zones& zones, std::string_view zone);

}  // namespace outpost::oxserver
