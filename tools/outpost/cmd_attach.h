#pragma once
#include "journal/journal.h"
#include "tools/outpost/program.h"

namespace outpost::cli {

// The verbs about attachments and photos, of the group "item".
void AddAttachmentVerbs(Program& program, CLI::App& group);

// The bytes of a blob to a file that must not exist, or (empty) to standard output, whatever the form. Errors:
// kUnavailable; those of BlobSource and BlobReader.
Result<int> SaveBlob(const JournalView& view, const BlobRef& blob, const std::string& file);

}  // namespace outpost::cli
