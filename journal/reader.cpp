#include "journal/reader.h"

#include "journal/record.h"

namespace outpost {
namespace {

// The newest event of `item` before `below`, looked for one by one; 0 when there is none.
Result<Sequence> LookFurtherBack(const JournalView& view, const ItemId& item, Sequence below) {
  for (Sequence seq = below; seq-- > view.first() && seq > 0;) {
    OUTPOST_TRY(const Event event, view.Read(seq));
    if (event.header.item == item) return seq;
  }
  return Sequence{0};
}

}  // namespace

Result<void> JournalView::History(Sequence head, const EventFn& visit) const {
  for (Sequence seq = head; seq != 0;) {
    const auto read = Read(seq);
    if (!read && read.error().code == Code::kNotFound && seq < first()) return Ok();  // dropped
    OUTPOST_TRYV(read);
    const Event& event = read.value();
    if (!visit(event)) return Ok();
    const Sequence back = event.header.back;
    if (back == 0) return Ok();
    if (back > seq)
      return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(seq) + ": its back link leads nowhere"};
    if (back < journal::kBackTooFar) {
      seq -= back;
    } else {
      OUTPOST_TRY(seq, LookFurtherBack(*this, event.header.item, seq - back + 1));
    }
  }
  return Ok();
}

}  // namespace outpost
