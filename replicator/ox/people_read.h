#pragma once
#include "replicator/dialect.h"
#include "replicator/ox/json_read.h"

// For answers.cpp. Both return false where the data is of another shape than http-api.md gives.
namespace outpost {

// Rows of users, of the columns UserColumns().
bool ReadUserRows(od::value data, Answer& answer);
// {"new":[…],"modified":[…],"deleted":[…]} of groups or resources, which are objects.
bool ReadPeopleChanges(od::value data, PersonKind kind, Answer& answer);

}  // namespace outpost
