#pragma once
#include <string>

#include "tools/outpost/program.h"
#include "tools/outpost/values.h"

namespace outpost::cli {

// A stretch of a calendar, as it was typed.
struct CalendarArguments {
  std::string from, to, zone;
  bool asked() const { return !from.empty() || !to.empty() || !zone.empty(); }
};

// Shows what takes place in it. Errors: kInvalid (names the flag and what does not fit), those of CalendarRange.
Result<void> ShowCalendar(const Common& common, const StateReader& state, const FolderNode& folder,
                          const FolderPaths& paths, const CalendarArguments& arguments);

}  // namespace outpost::cli
