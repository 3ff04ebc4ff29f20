#pragma once
#include <map>

#include "journal/reader.h"

namespace outpost::test {

// All events there ever were beside the state as it is stored: what fold(all) is compared with.
class Remembered final : public JournalView {
 public:
  // `events`: from 1 on, without a hole; at least one.
  Remembered(const std::map<Sequence, Event>& events, const JournalView& stored) : events_(events), stored_(stored) {}
  Sequence first() const override { return events_.begin()->first; }
  Sequence last() const override { return stored_.last(); }
  std::vector<GapSpan> gaps() const override { return {}; }
  Result<Event> Read(Sequence seq) const override { return events_.at(seq); }
  Result<void> Scan(Sequence from, Sequence to, const EventFn& visit) const override {
    for (auto at = events_.lower_bound(from); at != events_.end() && at->first <= to; ++at)
      if (!visit(at->second)) break;
    return Ok();
  }
  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    return stored_.Get(table, key);
  }
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override {
    return stored_.Scan(table, prefix, from, row);
  }

 private:
  const std::map<Sequence, Event>& events_;
  const JournalView& stored_;
};

}  // namespace outpost::test
