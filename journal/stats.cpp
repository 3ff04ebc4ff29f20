#include "journal/stats.h"

#include "journal/rocks_view.h"

namespace outpost {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kDayMillis = 24LL * 60 * 60 * 1000;

const journal::RocksView& Inside(const JournalView& view) {
  const auto* inside = dynamic_cast<const journal::RocksView*>(&view);
  OUTPOST_CHECK(inside != nullptr);
  return *inside;
}

void CountDay(EventStats& stats, Millis time, std::uint64_t bytes, std::size_t days) {
  stats.by_day[time.count() / kDayMillis].Add(bytes);
  if (stats.by_day.size() > days) stats.by_day.erase(stats.by_day.begin());
}

void CountOne(EventStats& stats, const Event& event, std::uint64_t bytes, std::size_t days) {
  stats.all.Add(bytes);
  stats.by_kind[event.header.kind].Add(bytes);
  stats.by_origin[event.header.origin].Add(bytes);
  if (!journal::IsKnown(event.header.kind)) ++stats.unknown_kinds;
  CountDay(stats, event.header.time, bytes, days);
  if (stats.oldest == 0) {
    stats.oldest = event.seq;
    stats.oldest_time = event.header.time;
  }
  stats.newest_time = event.header.time;
}

// Adds a file of the database to the sum its kind belongs to; tables are counted by family.
void CountFile(StorageStats& stats, const fs::path& below, std::uint64_t bytes) {
  stats.all += bytes;
  if (below.extension() == ".log") stats.log += bytes;
  if (!below.empty() && *below.begin() == "blobs") stats.blobs += bytes;
}

}  // namespace

Result<EventStats> CountEvents(const JournalView& view, std::size_t days, const TallyFn& also) {
  EventStats stats;
  const auto records = Inside(view).Records();
  Sequence next = 0;
  for (records->SeekToFirst(); records->Valid(); records->Next()) {
    const auto seq = journal::SequenceOf(journal::FromSlice(records->key()));
    if (!seq) return Error{Code::kCorrupt, Retry::kNever, "an event's key is not a sequence"};
    if (*seq > view.last()) break;  // appended after the view was taken
    if (next != 0 && *seq != next) {
      ++stats.holes;
      stats.missing += *seq - next;
    }
    next = *seq + 1;
    OUTPOST_TRY(const Event event, journal::EventOf(*seq, journal::FromSlice(records->value())));
    const std::uint64_t bytes = records->key().size() + records->value().size();
    CountOne(stats, event, bytes, days);
    if (also) OUTPOST_TRYV(also(event, bytes));
  }
  if (!records->status().ok()) return journal::ToError(records->status(), "event " + std::to_string(next));
  return stats;
}

Result<StorageStats> MeasureStorage(const JournalView& view, const fs::path& folder) {
  StorageStats stats;
  const journal::TableBytes tables = Inside(view).Tables();
  stats.events = tables.events;
  stats.state = tables.state;
  stats.meta = tables.meta;
  stats.blob_rows = tables.other;
  std::error_code error;
  for (fs::recursive_directory_iterator file(folder, error), end; !error && file != end; file.increment(error)) {
    std::error_code gone;  // a file the writer has just replaced
    const auto size = file->is_regular_file(gone) ? file->file_size(gone) : 0;
    if (!gone) CountFile(stats, file->path().lexically_relative(folder), size);
  }
  if (error) return Error{Code::kUnavailable, Retry::kNever, "cannot list " + folder.string() + ": " + error.message()};
  const std::uint64_t named = stats.events + stats.state + stats.meta + stats.blob_rows + stats.log + stats.blobs;
  stats.other = stats.all > named ? stats.all - named : 0;
  return stats;
}

Result<Tally> MeasureTable(const StateReader& state, Table table) {
  Tally tally;
  OUTPOST_TRYV(state.Scan(table, "", "", [&](std::string_view key, std::string_view value) {
    tally.Add(key.size() + value.size());
    return true;
  }));
  return tally;
}

}  // namespace outpost
