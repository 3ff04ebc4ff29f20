#pragma once
#include "engine/json/json.h"
#include "engine/progress.h"
#include "replicator/sync_types.h"

namespace outpost {

// The reports of a sync; docs/cli.md.
Json::Object SyncJson(const SyncReport& report);
Json::Object PreviewJson(const SyncPreview& preview);
Json::Object ProgressJson(const ProgressReport& report);

// "connecting", "reading back", …
const char* PhaseName(SyncProgress::Phase phase);

}  // namespace outpost
