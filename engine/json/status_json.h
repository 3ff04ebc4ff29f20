#pragma once
#include <cstdint>

#include "engine/data_dir.h"
#include "engine/json/json.h"
#include "journal/reader.h"

namespace outpost {

// Of whoever holds an account; `progress` is null where nobody does, or no run is under way.
struct Holder {
  bool held = false;
  Json progress;
};

// How an account stands, as docs/cli.md gives it. `now` (milliseconds since 1970 UTC) 0: without the ages, which change
// by themselves. Errors: those of ReadStatus.
Result<Json::Object> StatusJson(const AccountPlace& place, const JournalView& view, std::int64_t now,
                                const Holder& holder);

}  // namespace outpost
