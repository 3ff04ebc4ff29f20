#pragma once
#include <string>

#include "journal/reader.h"

namespace outpost {

// Tells an event from every other that has its number in another history of the account (one that was put back, or went
// on elsewhere): for what is kept beside the journal and goes on from an event. Empty where the event is not there.
std::string MarkOf(const JournalView& view, Sequence seq);

}  // namespace outpost
