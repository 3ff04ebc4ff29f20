#pragma once
#include "journal/state.h"

namespace outpost {

// Replication state: rows made by ReplicationRows (replicator/rows.h) behind the item fold.
inline constexpr Table kRemoteIndex{0x40};  // 'f' (folders), 'p' (people) or a kind's letter ‖ remote id -> item id;
                                            // stays after a deletion, until the item is forgotten
inline constexpr Table kUidIndex{0x41};     // uid -> item id
inline constexpr Table kQueue{0x42};        // sequence of a pending edit, big-endian -> item id
inline constexpr Table kOpenBatches{0x43};  // batch id -> see OpenBatch in replicator/queue.h
inline constexpr Table kCursors{0x44};  // folder id (zero: the folder tree) -> body of the newest kCursorMoved; of an
                                        // item the newest attachment and their count when they were listed
// kSourceWanted, kPhotoMissing or kSourceMissing ‖ date, newest first ‖ item id -> nothing: items on the server whose
// source, or photo, is not here (replicator/rows.h); kBusyWanted likewise: people of whom it is asked when they are
// busy
inline constexpr Table kSources{0x47};
// item id ‖ id of something attached to it -> nothing; while the latter is not gone
inline constexpr Table kAttached{0x48};
// id of an item that says other things of its attachments than when they were last listed -> nothing
inline constexpr Table kAttachmentsDue{0x49};
inline constexpr Table kConsents{0x45};     // folder id -> body of the newest kConsent
inline constexpr Table kFoldersHere{0x46};  // id of a folder that is not on the server, and is not gone -> nothing

}  // namespace outpost
