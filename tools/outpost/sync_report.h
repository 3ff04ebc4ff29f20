#pragma once
#include "replicator/sync_types.h"
#include "tools/outpost/json.h"

namespace outpost::cli {

// The report of a sync; docs/cli.md.
Json::Object SyncJson(const SyncReport& report);
Json::Object PreviewJson(const SyncPreview& preview);

// "connecting", "reading back", …
const char* PhaseName(SyncProgress::Phase phase);

}  // namespace outpost::cli
