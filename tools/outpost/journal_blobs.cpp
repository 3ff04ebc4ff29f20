#include "tools/outpost/journal_blobs.h"

#include "tools/outpost/values.h"

namespace outpost::cli {

Result<BlobReport> CheckBlobs(FolderReader& reader, std::unique_ptr<JournalView> view) {
  OUTPOST_TRY(auto report, VerifyBlobs(*view, {}));
  if (report.missing == 0) return report;
  view.reset();  // while a view lives the next one shows the same moment
  OUTPOST_TRY(view, reader.View());
  return VerifyBlobs(*view, {});
}

Json::Object BlobsJson(const BlobReport& report) {
  Json::Array bad;
  for (const BadBlob& blob : report.bad_blobs)
    bad.emplace_back(Json::Object{{"name", blob.name}, {"file", TextOrNull(blob.file)}, {"problem", blob.problem}});
  Json::Array missing;
  for (const MissingBlob& blob : report.missing_blobs)
    missing.emplace_back(Json::Object{{"blob", ToHex(blob.ref.id)}, {"size", blob.ref.size}, {"seq", blob.seq}});
  const bool known = report.references_complete;
  return {{"checked", report.blobs},
          {"bytes", report.bytes},
          {"references", report.references},
          {"bad", report.bad},
          {"missing", report.missing},
          {"unreferenced", known ? Json(report.unreferenced) : Json()},
          {"unreferenced_bytes", known ? Json(report.unreferenced_bytes) : Json()},
          {"bad_blobs", std::move(bad)},
          {"missing_blobs", std::move(missing)}};
}

}  // namespace outpost::cli
