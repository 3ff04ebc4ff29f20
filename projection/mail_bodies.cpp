#include "projection/mail_bodies.h"

#include <algorithm>

#include "journal/blobs.h"
#include "projection/sort_key.h"

namespace outpost {

std::string MailBodies::FoldedText(const JournalView& view, const Value& source) const {
  const auto* ref = std::get_if<BlobRef>(&source);
  const auto blobs = ref != nullptr ? BlobsOf(view) : nullptr;
  if (!blobs) return {};
  const auto reader = blobs->Open(*ref);
  if (!reader) return {};
  std::string bytes(std::min<std::uint64_t>(reader.value()->size(), kSourceBytes), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const auto read = reader.value()->Read({reinterpret_cast<std::uint8_t*>(bytes.data()) + have, bytes.size() - have});
    if (!read) return {};
    if (read.value() == 0) break;
    have += read.value();
  }
  bytes.resize(have);
  return FoldText(text_(bytes));
}

}  // namespace outpost
