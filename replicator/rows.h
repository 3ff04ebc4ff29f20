#pragma once
#include <optional>

#include "journal/item_fold.h"
#include "replicator/tables.h"

namespace outpost {

// The replication state that follows from item events: indexes, queue, open batches, cursors, consents.
class ReplicationRows final : public ItemRows {
 public:
  std::span<const Table> tables() const override;
  std::span<const Section> sections() const override;
  Result<void> Rows(const ItemState* before, const ItemState& after, const Event& event, StateWriter& state) override;
  Result<void> AccountRows(const Event& event, StateWriter& state) override;
};

// The first letters of the keys of kSources: a person asked for the source, or nobody did, or it is a photo.
inline constexpr char kSourceWanted = 'w', kSourceMissing = 'm', kPhotoMissing = 'p';
// Likewise: a person whose times are asked for.
inline constexpr char kBusyWanted = 'b';
// Whether the photo of a contact is to be fetched: the server's is not the one here, as far as is known.
bool PhotoIsDue(const ItemState& item);
// The key of kConsents: the folder, and this letter where it is about deletions made here. On disk for good.
inline constexpr char kOwnConsent = 'o';
std::string ConsentKey(const ItemId& folder, bool own);
struct SourcePlace {
  std::int64_t date = 0;  // milliseconds since 1970 UTC; 0: it has none
  ItemId item{};
};
std::optional<SourcePlace> ReadSourceKey(std::string_view key);

// What an item of the server says of its attachments: the one or the other is different as soon as one came or went.
struct AttachmentMarks {
  std::int64_t count = 0;
  std::int64_t newest = 0;  // stamp of the server
  bool operator==(const AttachmentMarks&) const = default;
};
AttachmentMarks MarksOf(const ItemState& item);
// Those at the time of a listing, which is told as the item's cursor. Errors: kCorrupt.
Result<AttachmentMarks> MarksOfListing(std::string_view body);

// The key of kRemoteIndex: a letter for the sequence that the server counts the ids in, and the id. On disk for good.
std::string RemoteKey(ItemType type, std::string_view remote_id);
// The letter.
std::string RemotePrefix(ItemType type);

}  // namespace outpost
