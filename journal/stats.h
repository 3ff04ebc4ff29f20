#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>

#include "base/clock.h"
#include "journal/reader.h"

namespace outpost {

// Events and the bytes of their keys and records before compression.
struct Tally {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  void Add(std::uint64_t more) {
    ++events;
    bytes += more;
  }
};

// What the kept history consists of.
struct EventStats {
  Tally all;
  std::map<Kind, Tally> by_kind;  // kinds this build does not know, too
  std::map<Origin, Tally> by_origin;
  std::map<std::int64_t, Tally> by_day;  // the newest days that have events, by days since 1970 UTC
  std::uint64_t unknown_kinds = 0;       // events of kinds this build does not know
  std::uint64_t holes = 0;               // runs of missing sequences between the first event kept and the last
  std::uint64_t missing = 0;             // sequences in them
  Sequence oldest = 0;                   // the first event kept; 0: none
  Millis oldest_time{0};                 // its wall clock
  Millis newest_time{0};                 // that of the last event
};

// One pass over the kept events; `also` sees each with its bytes, may be empty, and ends the pass with its first error.
// Memory: one event. `days`: how many of by_day are kept. Errors: kCorrupt (named by sequence), kUnavailable, those of
// `also`. Threads: any.
using TallyFn = std::function<Result<void>(const Event& event, std::uint64_t bytes)>;
Result<EventStats> CountEvents(const JournalView& view, std::size_t days, const TallyFn& also);

// Where the bytes of a journal are.
struct StorageStats {
  std::uint64_t events = 0;     // tables of the events, compressed as they lie there
  std::uint64_t state = 0;      // tables of the folds' rows
  std::uint64_t meta = 0;       // tables of marks and the rest
  std::uint64_t blob_rows = 0;  // tables of small blobs
  std::uint64_t log = 0;        // write-ahead log: what is not in tables yet
  std::uint64_t blobs = 0;      // blob files
  std::uint64_t other = 0;      // manifests, options, RocksDB's own log
  std::uint64_t all = 0;
};

// Sizes on disk of the journal in `folder` that `view` shows; beside a writer they are those of about now. Errors:
// kUnavailable. Threads: any.
Result<StorageStats> MeasureStorage(const JournalView& view, const std::filesystem::path& folder);

// Keys and values of one table of stored state, uncompressed. Errors: kCorrupt, kUnavailable.
Result<Tally> MeasureTable(const StateReader& state, Table table);

}  // namespace outpost
