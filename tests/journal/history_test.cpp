#include <map>

#include "journal/group.h"
#include "tests/journal/journal_dsl.h"

using namespace outpost;
using namespace outpost::test;

namespace {

// A view of a journal with billions of events, of which only a few are ever looked at.
class HugeView final : public JournalView {
 public:
  Sequence first() const override { return 1; }
  Sequence last() const override { return events.rbegin()->first; }
  std::vector<GapSpan> gaps() const override { return {}; }
  Result<Event> Read(Sequence seq) const override {
    ++reads;
    const auto it = events.find(seq);
    Event event{seq, {}, {}};
    if (it != events.end()) event.header = it->second;
    return event;
  }
  Result<void> Scan(Sequence, Sequence, const EventFn&) const override { return Ok(); }
  Result<void> Scan(Table, std::string_view, std::string_view, const RowFn&) const override { return Ok(); }
  Result<std::optional<std::string>> Get(Table, std::string_view) const override {
    return std::optional<std::string>();
  }

  std::map<Sequence, EventHeader> events;
  mutable int reads = 0;
};

EventHeader HeaderOf(const ItemId& item, std::uint32_t back) {
  EventHeader header;
  header.item = item;
  header.back = back;
  return header;
}

std::vector<Sequence> HistoryOf(const JournalView& view, Sequence head) {
  std::vector<Sequence> seen;
  REQUIRE(view.History(head, [&](const Event& event) {
    seen.push_back(event.seq);
    return true;
  }));
  return seen;
}

}  // namespace

TEST_CASE("back link: none, near, and further back than it can say", "[journal][history]") {
  CHECK(journal::BackLink(0, 100) == 0);
  CHECK(journal::BackLink(99, 100) == 1);
  CHECK(journal::BackLink(1, 0xffffffffull) == 0xfffffffe);
  CHECK(journal::BackLink(1, 0x100000000ull) == 0xffffffff);
  CHECK(journal::BackLink(1, 0x900000000ull) == 0xffffffff);
}

TEST_CASE("history: an event further back than its link can say is looked for and found", "[journal][history]") {
  HugeView view;
  view.events[7] = HeaderOf(Item(1), 0);
  view.events[9] = HeaderOf(Item(1), 2);
  view.events[9 + 0xffffffffull + 40] = HeaderOf(Item(1), 0xffffffff);
  CHECK(HistoryOf(view, view.last()) == std::vector<Sequence>{view.last(), 9, 7});
  CHECK(view.reads < 60);
  view.events.erase(7);
  view.events[9] = HeaderOf(Item(2), 0);
  view.reads = 0;
  CHECK(HistoryOf(view, view.last()) == std::vector<Sequence>{view.last()});
}

TEST_CASE("history: a link exactly as far as the field goes is found too", "[journal][history]") {
  HugeView view;
  view.events[5] = HeaderOf(Item(1), 0);
  view.events[5 + 0xffffffffull] = HeaderOf(Item(1), 0xffffffff);
  CHECK(HistoryOf(view, view.last()) == std::vector<Sequence>{view.last(), 5});
}

TEST_CASE("history: a link that leads before the first event is damage", "[journal][history]") {
  HugeView view;
  view.events[5] = HeaderOf(Item(1), 6);
  const auto walked = view.History(5, [](const Event&) { return true; });
  REQUIRE_FALSE(walked);
  CHECK(walked.error().code == Code::kCorrupt);
}
