#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "journal/reader.h"
#include "schemas/value.h"

namespace outpost {

struct RewriteReport {
  Sequence last = 0;
  std::uint64_t events = 0;
  std::uint64_t appends = 0;
};

// What an event is to be: its body may be another one of its kind. Sequence, time, kind and links stay.
using RewriteFn = std::function<Result<void>(Event&)>;

// Makes the new journal `to`, called `id`, of all events of `view`, each as `rewrite` leaves it: with the same
// sequences, appends and gaps, and a chain of its own. It is not encrypted, has no blobs, and its folds are made at its
// first open. Damage in `view` ends it. Errors: kConflict (`to` is there), kCorrupt (an event that cannot be read, or
// no mark for it: named), kUnavailable, those of `rewrite`; nothing is left of `to` then. Threads: any; memory does not
// grow with the journal. Source: schemas/event.md.
Result<RewriteReport> RewriteJournal(const JournalView& view, const std::filesystem::path& to, const std::string& id,
                                     const RewriteFn& rewrite);

// What a blob of this content, less than 64 KiB, is called once it is put.
BlobRef RefOfSmallBlob(std::string_view content);

}  // namespace outpost
