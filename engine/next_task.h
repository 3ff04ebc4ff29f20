#pragma once
#include <optional>

#include "base/clock.h"
#include "schemas/fields.h"

namespace outpost {

// Tasks with a rule that no server holds (`local_recurrence`): the server has the one at hand, and when that is done
// the next one is made here. Days are those of UTC.

// What `patch` makes of a task that stands as `head`: where it completes it, the fields of the one that is to be done
// next, and the rule goes from the one that is done (in `patch`), so that no other comes of it. After completion
// (X-AFTER-COMPLETION) it is due so many days, weeks, months or years after the day it was completed, which is now
// where the task does not say it; else on the rule's next day after the one at hand. Start, due date and reminder keep
// their distances. Nullopt where nothing is completed, or the rule is over or none that can be read (that one stays).
// Pure. Source: [MS-OXOTASK] 2.2.2.2, requirements 2.3.
std::optional<FieldMap> NextTask(const FieldMap& head, FieldMap& patch, Millis now);

}  // namespace outpost
