#include "engine/json/sync_json.h"
#include "replicator/queue.h"
#include "tools/outpost/journal_reading.h"

namespace outpost::cli {
namespace {

// The bytes that the edits' values take which wait.
Result<std::uint64_t> BytesToSend(const JournalView& view) {
  Sequence first = 0;
  OUTPOST_TRY(const auto items, QueuedItems(view, first, ~std::size_t{0}, first));
  std::uint64_t bytes = 0;
  for (const ItemId& id : items) {
    OUTPOST_TRY(const auto item, ListedItem(view, id));
    for (const PendingEdit& edit : item.pending)
      for (const auto& [field, value] : edit.patch) {
        std::string stored;
        if (!IsNull(value)) AppendValue(stored, value);
        const auto* blob = std::get_if<BlobRef>(&value);
        bytes += blob != nullptr ? blob->size : stored.size();
      }
  }
  return bytes;
}

}  // namespace

Result<int> JournalPlan(const Common& common, const JournalArguments& arguments) {
  OUTPOST_TRY(const auto place, PlaceOf(common));
  WriteAccess::Options options;
  options.network = WriteAccess::Network::kUsed;
  OUTPOST_TRY(options.password, GivenPassword(arguments.password_stdin));
  OUTPOST_TRY(const auto access, WriteAccess::OpenHere(place, std::move(options)));
  OUTPOST_TRY(const auto preview, access->account()->DryRun());
  OUTPOST_TRY(const auto view, access->View());
  OUTPOST_TRY(const std::uint64_t bytes, BytesToSend(*view));
  Json::Object report = PreviewJson(preview);
  report.emplace_back("send_bytes", bytes);
  ShowReport(common.form(), report);
  if (!preview.link.problem.empty()) ShowError(preview.link.problem);
  return ExitCodeOf(preview.link);
}

}  // namespace outpost::cli
