#include "journal/journal.h"
#include "journal/record.h"
#include "schemas/blob_refs.h"

namespace outpost {

Result<BlobSweepReport> SweepBlobs(Journal& journal, const CancelFn& cancelled) {
  OUTPOST_TRY(const auto sweep, journal.blobs().BeginSweep());
  // What a view no longer shows must not come back: a crash after the sweep would bring events without their blobs.
  OUTPOST_TRYV(journal.Flush());
  const auto view = journal.View();
  Result<void> marked = Ok();
  bool stopped = false;
  OUTPOST_TRYV(view->Scan(1, view->last(), [&](const Event& event) {
    stopped = cancelled && cancelled();
    if (stopped) return false;
    if (!journal::IsKnown(event.header.kind)) {
      marked = Error{Code::kRejected, Retry::kNever,
                     "event " + std::to_string(event.seq) +
                         " is of a kind this program does not know and may refer to blobs: none is removed"};
      return false;
    }
    const auto refs = BlobRefsOf(event);
    if (!refs) {
      marked = Error{Code::kCorrupt, Retry::kNever,
                     "event " + std::to_string(event.seq) + ": " + refs.error().context + ": no blob is removed"};
      return false;
    }
    for (const BlobRef& ref : refs.value()) sweep->marks().Add(ref);
    return true;
  }));
  OUTPOST_TRYV(std::move(marked));
  if (stopped) return BlobSweepReport{};
  return sweep->Run(cancelled);
}

}  // namespace outpost
