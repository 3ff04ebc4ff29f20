#pragma once
#include "tools/outpost/program.h"

namespace CLI {
class App;
}

namespace outpost::cli {

// `folder search`: search folders, as verbs below `folder`.
void AddFolderSearch(Program& program, CLI::App& folder);

}  // namespace outpost::cli
