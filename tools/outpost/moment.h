#pragma once
#include <string>

#include "journal/reader.h"

namespace outpost::cli {

// The event that "--at" names: a sequence, a date (its beginning, UTC) or a time as ParseTime takes it. Errors:
// kInvalid (none of these), those of SequenceAt.
Result<Sequence> ParseMoment(const JournalView& view, const std::string& text);

}  // namespace outpost::cli
