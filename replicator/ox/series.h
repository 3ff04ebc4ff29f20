#pragma once
#include "replicator/dialect.h"
#include "schemas/series.h"

namespace outpost {

// What a row says of its place in a series: only an exception has one (http-api.md 6.4). OX gives a series and its
// exceptions one uid, of which the exception's gets its day (schemas/series.h). Threads: any.
void SettlePlace(RemoteRow& row);

}  // namespace outpost
