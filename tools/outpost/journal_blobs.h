#pragma once
#include <memory>

#include "engine/json/json.h"
#include "tools/outpost/access.h"

namespace outpost::cli {

// Checks every blob of the journal against what `view` refers to. A blob that seems to be missing is looked for in a
// view of its own once more: the writer may have dropped the event that refers to it. Errors: as VerifyBlobs and
// FolderReader::View.
Result<BlobReport> CheckBlobs(FolderReader& reader, std::unique_ptr<JournalView> view);

// The member "blobs" of docs/cli.md.
Json::Object BlobsJson(const BlobReport& report);

}  // namespace outpost::cli
