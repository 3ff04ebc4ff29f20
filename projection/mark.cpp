#include "projection/mark.h"

namespace outpost {

std::string MarkOf(const JournalView& view, Sequence seq) {
  const auto event = view.Read(seq);
  if (!event) return {};
  const EventHeader& header = event.value().header;
  return std::to_string(header.time.count()) + " " + header.item.Hex() + " " +
         std::to_string(static_cast<int>(header.kind));
}

}  // namespace outpost
