#pragma once
#include "tools/outpost/program.h"

namespace outpost::cli {

// Adds `item propose`.
void AddProposalVerb(Program& program, CLI::App& group);

}  // namespace outpost::cli
