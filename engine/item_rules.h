#pragma once
#include "schemas/fields.h"

namespace outpost {

// What must hold between the fields of one item, whoever keeps it: an edit of some of them brings those that follow.
// What a task's edit brings: a status its percentage and the other way round; whole days their midnights; a start
// behind the end the end, by as much as the start moved, and an end before the start the start; no recurrence no
// details of one. A rule of recurrence that servers do not hold becomes the field local_recurrence, which stays on this
// PC. What an appointment's edit brings: the end with its start, by as much as it was behind it, half an hour or a day
// where nothing was said of an end; a whole day at least; recurrence as tasks; a new one is shown as reserved. A
// rule's: a new one is on, and conditions bring how many of them must hold. An edit that contradicts itself stays as it
// is: saving never fails, and the server says what it refuses. `head` is the item before the edit, `patch` the edit.
// Pure.
void CompletePatch(ItemType type, const FieldMap& head, FieldMap& patch);

}  // namespace outpost
