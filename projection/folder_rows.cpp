#include "projection/folder_rows.h"

#include <algorithm>

#include "base/bytes.h"
#include "projection/tables.h"
#include "schemas/fields.h"

namespace outpost {
namespace {

Error DamagedRow(const char* what, const ItemId& folder) {
  return {Code::kCorrupt, Retry::kNever, std::string("the stored ") + what + " of folder " + folder.Hex()};
}

// Nullopt where `less` is more than there is.
std::optional<std::uint64_t> Changed(std::uint64_t now, std::uint64_t less, std::uint64_t more) {
  if (now + more < less) return std::nullopt;
  return now + more - less;
}

// What a server says of a size may be anything.
std::uint64_t SizeIn(const ItemState& item, FieldId field) {
  const Value value = item.HeadValue(field);
  const auto* size = std::get_if<std::int64_t>(&value);
  return size != nullptr ? static_cast<std::uint64_t>(std::max(*size, std::int64_t{0})) : 0;
}

}  // namespace

Result<FolderCounts> ReadFolderCounts(const StateReader& state, const ItemId& folder) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kFolderCountsTable, folder.View()));
  if (!row) return FolderCounts{};
  if (row->size() != 24) return DamagedRow("counts", folder);
  return FolderCounts{ReadBe64(*row), ReadBe64(*row, 8), ReadBe64(*row, 16)};
}

Result<FolderChange> ReadFolderChange(const StateReader& state, const ItemId& folder) {
  OUTPOST_TRY(const std::optional<std::string> row, state.Get(kFolderNewestTable, folder.View()));
  if (!row) return FolderChange{};
  if (row->size() != 16) return DamagedRow("newest change", folder);
  return FolderChange{ReadBe64(*row), Millis(static_cast<std::int64_t>(ReadBe64(*row, 8)))};
}

FolderCounts CountsOf(const ItemState& item) {
  FolderCounts counts{1, 0, 0};
  if (item.type == ItemType::kMail) {
    counts.unread = item.HeadValue(field::kMailSeen) == Value(true) ? 0 : 1;
    counts.bytes = SizeIn(item, field::kMailSize);
  } else if (item.type == ItemType::kAttachment) {
    counts.bytes = SizeIn(item, field::kAttachmentSize);
  }
  return counts;
}

Result<void> CountInFolder(const ItemId& folder, const FolderCounts& less, const FolderCounts& more,
                           StateWriter& state) {
  if (less == more) return Ok();
  OUTPOST_TRY(const FolderCounts now, ReadFolderCounts(state, folder));
  const auto total = Changed(now.total, less.total, more.total);
  const auto unread = Changed(now.unread, less.unread, more.unread);
  const auto bytes = Changed(now.bytes, less.bytes, more.bytes);
  if (!total || !unread || !bytes) return DamagedRow("counts", folder);
  if (*total == 0) {
    state.Delete(kFolderCountsTable, folder.View());
    return Ok();
  }
  std::string row;
  for (const std::uint64_t count : {*total, *unread, *bytes}) AppendBe64(row, count);
  state.Put(kFolderCountsTable, folder.View(), row);
  return Ok();
}

void NoteFolderChange(const ItemId& folder, const FolderChange& change, StateWriter& state) {
  std::string row;
  row.reserve(16);
  AppendBe64(row, change.seq);
  AppendBe64(row, static_cast<std::uint64_t>(change.time.count()));
  state.Put(kFolderNewestTable, folder.View(), row);
}

}  // namespace outpost
