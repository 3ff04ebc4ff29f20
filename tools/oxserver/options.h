#pragma once
#include <string>
#include <string_view>

#include "tools/oxserver/logic.h"

namespace outpost::oxserver {

// Sets one of the switches of LogicOptions from "NAME=VALUE". Errors: kInvalid, naming what there is.
Result<void> SetOption(LogicOptions& options, std::string_view spec);

}  // namespace outpost::oxserver
