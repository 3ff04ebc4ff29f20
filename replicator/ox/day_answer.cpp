#include "replicator/ox/day_answer.h"

#include "replicator/ox/json_writer.h"
#include "replicator/ox/requests.h"

namespace outpost {
namespace {

const Value* In(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() ? &at->second : nullptr;
}

}  // namespace

bool AnswersDay(const Ask& ask) {
  const auto* create = std::get_if<ask::Create>(&ask);
  return create != nullptr && create->answers_day;
}

std::int64_t DayAnswered(const ask::Create& ask) {
  const auto* day = In(ask.fields, field::kAppointmentDatePosition);
  const auto* number = day != nullptr ? std::get_if<std::int64_t>(day) : nullptr;
  return number != nullptr ? *number : 0;
}

void WriteDayStep(const ask::Create& ask, DayStep step, std::int64_t number, std::string_view session,
                  HttpRequest& request) {
  constexpr const char* kActions[] = {"list", "confirm", "getChangeExceptions"};
  std::string query;
  AppendFormPair(query, "action", kActions[static_cast<std::size_t>(step)]);
  AppendFormPair(query, "session", session);
  AppendFormPair(query, "timezone", "UTC");
  JsonWriter json;
  if (step == DayStep::kNumber) {
    AppendFormPair(query, "columns", "207");
    json.BeginArray().BeginObject().Pair("id", ask.series).Pair("folder", ask.folder);
    json.Key("recurrence_date_position").Int(DayAnswered(ask)).EndObject().EndArray();
  } else {
    AppendFormPair(query, "id", ask.series);
    AppendFormPair(query, "folder", ask.folder);
  }
  if (step == DayStep::kMade) AppendFormPair(query, "columns", "1,6,208");
  if (step == DayStep::kAnswer) {
    const auto *answer = In(ask.fields, field::kAppointmentAnswer),
               *message = In(ask.fields, field::kAppointmentAnswerMessage);
    const auto* says = answer != nullptr ? std::get_if<std::int64_t>(answer) : nullptr;
    const auto* text = message != nullptr ? std::get_if<std::string>(message) : nullptr;
    // The number is that of the day only as long as the series is the same.
    AppendFormPair(query, "timestamp", std::to_string(ask.series_version));
    AppendFormPair(query, "occurrence", std::to_string(number));
    json.BeginObject().Key("confirmation").Int(says != nullptr ? *says : 0);
    json.Pair("confirmmessage", text != nullptr ? *text : std::string()).EndObject();
  }
  request.method = step == DayStep::kMade ? "GET" : "PUT";
  request.url = "/calendar?" + query;
  if (step == DayStep::kMade) return;
  request.headers.emplace_back("Content-Type", "application/json; charset=UTF-8");
  request.body = json.Take();
}

}  // namespace outpost
