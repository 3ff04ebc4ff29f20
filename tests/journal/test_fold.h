#pragma once
#include <array>
#include <string>

#include "journal/fold.h"

namespace outpost::test {

// Two small real folds in one: how often each item was changed and where its newest event is, and how many events there
// are of each kind.
class CountingFold final : public InlineFold, public ItemHeads {
 public:
  static constexpr Table kHeads{0x71};   // item -> BE64 newest event, BE64 number of its events
  static constexpr Table kTotals{0x72};  // BE64 kind -> BE64 number of events

  explicit CountingFold(std::uint32_t version = 1) : CountingFold(version, version) {}
  CountingFold(std::uint32_t version, std::uint32_t reads_since) : version_(version), reads_since_(reads_since) {}

  std::string_view name() const override { return "counting"; }
  std::uint32_t version() const override { return version_; }
  std::uint32_t reads_since() const override { return reads_since_; }
  std::span<const Table> tables() const override { return tables_; }

  Result<void> Apply(const Event& event, StateWriter& state) override {
    if (event.seq == refuse_at) return Error{Code::kRejected, Retry::kNever, "asked to refuse"};
    std::string kind;
    AppendBe64(kind, static_cast<std::uint64_t>(event.header.kind));
    OUTPOST_TRY(const std::uint64_t total, Number(state, kTotals, kind, 0));
    std::string next;
    AppendBe64(next, total + 1 + (version_ > 1 ? 1000 : 0));
    state.Put(kTotals, kind, next);
    if (!event.header.item) return Ok();
    if (event.header.kind == Kind::kRemoteDeleted) {
      state.Delete(kHeads, event.header.item.View());
      return Ok();
    }
    OUTPOST_TRY(const std::uint64_t count, Number(state, kHeads, event.header.item.View(), 8));
    std::string head;
    AppendBe64(head, event.seq);
    AppendBe64(head, count + 1);
    state.Put(kHeads, event.header.item.View(), head);
    return Ok();
  }

  Result<Sequence> HeadOf(const ItemId& item, const StateReader& state) const override {
    return Number(state, kHeads, item.View(), 0);
  }

  // The number at `at` of a row; 0 without a row. Errors: kCorrupt.
  static Result<std::uint64_t> Number(const StateReader& state, Table table, std::string_view key, std::size_t at) {
    OUTPOST_TRY(const auto row, state.Get(table, key));
    if (!row) return std::uint64_t{0};
    if (row->size() < at + 8) return Error{Code::kCorrupt, Retry::kNever, "a row that is too short"};
    return ReadBe64(*row, at);
  }

  Sequence refuse_at = 0;  // the fold refuses the event that would get this number

 private:
  const std::uint32_t version_;
  const std::uint32_t reads_since_;
  static constexpr std::array<Table, 2> tables_{kHeads, kTotals};
};

}  // namespace outpost::test
