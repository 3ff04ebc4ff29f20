#pragma once
#include "replicator/dialect.h"
#include "replicator/ox/json_read.h"

// For answers.cpp. Both return false where the data is of another shape than http-api.md gives.
namespace outpost {

// Rows of users, of the columns UserColumns().
bool ReadUserRows(od::value data, Answer& answer);
// {"new":[…],"modified":[…],"deleted":[…]} of groups or resources, which are objects.
bool ReadPeopleChanges(od::value data, PersonKind kind, Answer& answer);

// The appointments of somebody, of which only the time counts here (http-api.md 6). Of another shape they are refused.
bool ReadBusy(od::value data, const ask::Busy& ask, Answer& answer);

}  // namespace outpost
