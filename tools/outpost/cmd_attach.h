#pragma once
#include "tools/outpost/program.h"

namespace outpost::cli {

// The verbs about attachments, of the group "item".
void AddAttachmentVerbs(Program& program, CLI::App& group);

}  // namespace outpost::cli
