#pragma once
#include <libical/ical.h>

#include <cstdint>
#include <optional>

#include "tools/oxserver/fields.h"
#include "tools/oxserver/zones.h"

// For icalendar.cpp.
namespace outpost::oxserver {

// A rule of RFC 5545 as the fields of a series of OX (http-api.md 6.3). `start`: DTSTART; `local`: what the clock shows
// then in `zone`, as if it were UTC. nullopt where OX has no rule with the same occurrences.
std::optional<FieldMap> FieldsOfRule(const icalrecurrencetype& rule, const icaltimetype& start, std::int64_t local,
                                     const Zone& zone);

}  // namespace outpost::oxserver
