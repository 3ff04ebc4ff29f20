#pragma once
#include <cstdint>
#include <string_view>

#include "replicator/dialect.h"

// What the user answers for one day of a series (http-api.md 6). Who is invited may not change the series, so the day
// cannot be made an appointment of its own beforehand: the server does so when it is answered. It knows the day by its
// number in the series, which it is asked for, and says nothing of what it made, which is asked for, too. Each is a
// request of its own, since it needs what the one before answers. Threads: any.
namespace outpost {

bool AnswersDay(const Ask& ask);

enum class DayStep : std::uint8_t { kNumber, kAnswer, kMade };
// The request of that step, without user agent; its URL begins behind the base.
void WriteDayStep(const ask::Create& ask, DayStep step, std::int64_t number, std::string_view session,
                  HttpRequest& request);
// The day that the ask is about, midnight UTC.
std::int64_t DayAnswered(const ask::Create& ask);

}  // namespace outpost
