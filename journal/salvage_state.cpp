#include "journal/salvage_state.h"

#include <map>

#include "journal/group.h"
#include "journal/item_fold.h"
#include "journal/overlay.h"

namespace outpost::journal {
namespace {

constexpr std::size_t kFoldChunkBytes = 4u << 20;
constexpr std::size_t kPartBytes = 256u << 10;

Generations All(std::uint8_t generation) {
  Generations generations;
  generations.fill(generation);
  return generations;
}

Result<void> WriteTo(const Rocks& rocks, rocksdb::WriteBatch& batch) {
  const auto status = rocks.db().Write(rocksdb::WriteOptions(), &batch);
  if (!status.ok()) return ToError(status, "cannot write the new journal");
  return Ok();
}

// Folds what is left of the events over the item rows that were found.
class Refold {
 public:
  Refold(const Rocks& rocks, FoldHost& folds, SalvageReport& report)
      : rocks_(rocks), folds_(folds), report_(report), state_(rocks, generations_) {}

  Result<void> Run() {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    const std::unique_ptr<rocksdb::Iterator> it(rocks_.db().NewIterator(options, rocks_.events()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      OUTPOST_TRY(const Event event, EventOf(SequenceOf(FromSlice(it->key())).value_or(0), FromSlice(it->value())));
      OUTPOST_TRYV(Fold(event));
      if (state_.bytes() > kFoldChunkBytes) OUTPOST_TRYV(Flush());
    }
    if (!it->status().ok()) return ToError(it->status(), "cannot read what was gathered");
    return Flush();
  }

 private:
  Result<void> Fold(const Event& event) {
    if (event.header.item) {
      OUTPOST_TRY(const auto row, state_.Get(kItemsTable, event.header.item.View()));
      if (row && HeadOfRow(event.header.item.View(), *row) >= event.seq) return Ok();  // the row knows of it
    }
    state_.Mark();
    auto folded = folds_.Apply(event, state_);
    if (folded) return Ok();
    if (state_.read_failed()) return folded;
    state_.Rollback();
    ++report_.not_folded;
    return Ok();
  }

  Result<void> Flush() {
    rocksdb::WriteBatch batch;
    state_.MoveInto(batch);
    state_.Clear();
    return WriteTo(rocks_, batch);
  }

  const Rocks& rocks_;
  FoldHost& folds_;
  SalvageReport& report_;
  const Generations generations_ = All(kItemRowsGeneration);
  StateOverlay state_;
};

// Items as folded; of all other tables the rows that were found, alone or where folding made none.
class SalvagedState final : public StateReader {
 public:
  SalvagedState(const Rocks& rocks, bool rows_count) : rocks_(rocks), rows_count_(rows_count) {}

  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    for (const std::uint8_t generation : Order(table)) {
      OUTPOST_TRY(auto row, rocks_.Get(rocksdb::ReadOptions(), rocks_.state(), StateKey(table, All(generation), key)));
      if (row) return row;
    }
    return std::optional<std::string>();
  }

  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override {
    const auto order = Order(table);
    if (order.size() == 1) return ScanRows(rocks_, nullptr, All(order[0]), table, prefix, from, row);
    std::map<std::string, std::string> rows;  // tables of an account's own rows are small
    for (const std::uint8_t generation : order)
      OUTPOST_TRYV(ScanRows(rocks_, nullptr, All(generation), table, prefix, from,
                            [&](std::string_view key, std::string_view value) {
                              rows.try_emplace(std::string(key), value);
                              return true;
                            }));
    for (const auto& [key, value] : rows)
      if (!row(key, value)) break;
    return Ok();
  }

 private:
  std::vector<std::uint8_t> Order(Table table) const {
    if (table == kItemsTable) return {kItemRowsGeneration};
    if (rows_count_) return {kOtherRowsGeneration};
    return {kItemRowsGeneration, kOtherRowsGeneration};
  }

  const Rocks& rocks_;
  const bool rows_count_;
};

// Writes appends behind the end, as the writer would, without folding them.
class Appender {
 public:
  Appender(const Rocks& rocks, const Clock& clock, SalvagePlan& plan) : rocks_(rocks), clock_(clock), plan_(plan) {}

  // `more` goes into the same write. `state` tells where an item was last seen.
  Result<void> Append(const Batch& events, const StateReader* state, rocksdb::WriteBatch& more) {
    const Millis now = clock_.WallNow();
    const Sequence first = plan_.last + 1;
    leaves_.clear();
    for (const NewEvent& event : events) {
      EventHeader header;
      header.time = now;
      header.kind = event.kind;
      header.origin = event.origin;
      header.item_type = event.item_type;
      header.item = event.item;
      header.op = event.op;
      OUTPOST_TRY(header.back, BackOf(event.item, state, plan_.last + 1));
      Put(++plan_.last, header, event.body, more);
    }
    plan_.chain = ChainLink(hasher_, plan_.chain, first, leaves_);
    const Mark mark{first, plan_.last, plan_.chain};
    more.Put(rocks_.meta(), MarkKey(mark.last), MarkValue(mark));
    return WriteTo(rocks_, more);
  }

 private:
  Result<std::uint32_t> BackOf(const ItemId& item, const StateReader* state, Sequence seq) const {
    if (!item || state == nullptr) return 0u;
    OUTPOST_TRY(const auto row, state->Get(kItemsTable, item.View()));
    if (!row) return 0u;
    const Sequence head = HeadOfRow(item.View(), *row);
    return head < seq ? BackLink(head, seq) : 0u;
  }

  void Put(Sequence seq, const EventHeader& header, const std::string& body, rocksdb::WriteBatch& batch) {
    const std::string bytes = EncodeHeader(header);
    leaves_.push_back(LeafOf(hasher_, bytes, Sha256Of(body)));
    const std::string record = RecordHead(bytes) + body;
    batch.Put(rocks_.events(), EventKey(seq), record);
    plan_.bytes += EventKey(seq).size() + record.size();
  }

  const Rocks& rocks_;
  const Clock& clock_;
  SalvagePlan& plan_;
  Sha256 hasher_;
  std::vector<Digest> leaves_;
};

// How many items' rows are newer than the newest event that is left of them, by what they were restated from.
bool RowKnewMore(const Rocks& rocks, const NewEvent& event) {
  const auto item = DecodeItem(event.item, event.body);
  if (!item || item.value().head_seq == 0) return false;
  const auto record = rocks.Get(rocksdb::ReadOptions(), rocks.events(), EventKey(item.value().head_seq));
  return record && !record.value();
}

}  // namespace

Result<void> RestateSalvaged(const Rocks& rocks, FoldHost& folds, bool rows_count, const Clock& clock,
                             SalvagePlan& plan, SalvageReport& report) {
  OUTPOST_TRYV(Refold(rocks, folds, report).Run());
  const SalvagedState state(rocks, rows_count);
  Appender appender(rocks, clock, plan);
  plan.gaps.whole_from = plan.last + 1;
  std::string cursor;
  do {
    OUTPOST_TRY(Restatement part, folds.Restate(state, cursor, kPartBytes, kForgetNothing));
    for (const NewEvent& event : part.events) {
      if (event.kind != Kind::kItemRestated) continue;
      ++report.restated;
      report.saved_by_rows += RowKnewMore(rocks, event) ? 1 : 0;
    }
    rocksdb::WriteBatch batch;
    if (!part.events.empty()) OUTPOST_TRYV(appender.Append(part.events, &state, batch));
    cursor = std::move(part.next);
  } while (!cursor.empty());
  return Ok();
}

Result<void> TellGaps(const Rocks& rocks, const Clock& clock, SalvagePlan& plan) {
  plan.gaps.damaged = true;
  plan.gaps.whole_from = std::max<Sequence>(plan.gaps.whole_from, 1);
  const std::string body = Encode(plan.gaps);
  rocksdb::WriteBatch batch;
  batch.Put(rocks.meta(), ToSlice(kMetaGaps), body);
  return Appender(rocks, clock, plan)
      .Append({{Kind::kGap, Origin::kEngine, ItemType::kNone, {}, {}, body}}, nullptr, batch);
}

}  // namespace outpost::journal
