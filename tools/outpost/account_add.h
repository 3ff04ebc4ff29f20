#pragma once
#include "tools/outpost/program.h"

namespace outpost::cli {

// The verb "account add".
void AddAccountAdd(Program& program, CLI::App& group);

}  // namespace outpost::cli
