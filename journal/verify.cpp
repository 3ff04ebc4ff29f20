#include "journal/verify.h"

#include <rocksdb/convenience.h>
#include <rocksdb/metadata.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <thread>

#include "journal/damage.h"
#include "journal/fold.h"
#include "journal/table_guard.h"

namespace outpost {
namespace journal {
namespace {

// Walks marks and records side by side, from one place to another.
class Verifier {
 public:
  Verifier(const RocksView& view, VerifyPart part) : view_(view), part_(part) {
    report_.first = view_.first();
    report_.last = view_.last();
    report_.root = part.chain;
  }

  // Where a problem was found the stored chain is taken as given, so that one damaged place does not spoil what
  // follows it.
  void Walk() {
    marks_ = view_.Meta();
    records_ = view_.Records();
    next_ = part_.from;
    if (next_ == 1) {
      records_->SeekToFirst();
      marks_->Seek(ToSlice(kMetaMark));
    } else {
      records_->Seek(EventKey(next_));
      marks_->Seek(MarkKey(next_));
    }
    auto span = view_.gap_list().spans().begin();
    while (span != view_.gap_list().spans().end() && span->from < next_) ++span;
    while (next_ < part_.until) {
      if (span != view_.gap_list().spans().end() && span->from == next_) {
        CheckSpan(*span);
        next_ = (span++)->to + 1;
        continue;
      }
      const bool any = marks_->Valid() && marks_->key().starts_with(ToSlice(kMetaMark));
      if (!any && part_.until == kToTheEnd) return;
      const auto mark = any ? ParseMark(FromSlice(marks_->key()), FromSlice(marks_->value())) : std::nullopt;
      if (!mark || mark->first != next_ || mark->last < next_ || mark->last >= part_.until) {
        Report(next_, "the mark of the append that starts here is damaged or missing",
               any ? FromSlice(marks_->key()) : std::string_view());
        lost_ = true;
        return;
      }
      CheckAppend(*mark);
      next_ = mark->last + 1;
      marks_->Next();
    }
    marks_.reset();  // nothing is asked of them any more, but at the end of the history
    records_.reset();
  }

  // Takes over what the walk found that ends where this one began. One that lost its way is where the check ends.
  void Follow(Verifier& before) {
    if (before.lost_) {
      std::swap(report_, before.report_);
      lost_ = true;
      return;
    }
    report_.events += before.report_.events;
    report_.appends += before.report_.appends;
    report_.unknown_kinds += before.report_.unknown_kinds;
    report_.missing += before.report_.missing;
    if (!before.report_.problem.empty()) {
      report_.problem = std::move(before.report_.problem);
      report_.first_bad = before.report_.first_bad;
      report_.file = std::move(before.report_.file);
    }
    witness_met_ = witness_met_ || before.witness_met_;
    if (newest_gap_.empty()) newest_gap_ = std::move(before.newest_gap_);
  }

  // `meta` and `state`: how a walk over all their rows ended.
  VerifyReport Finish(const rocksdb::Status& meta, const rocksdb::Status& state) {
    CheckGaps();
    CheckEnd(next_);
    report_.chain_ok = report_.problem.empty();
    if (!meta.ok()) Report(0, "the journal's own rows cannot be read: " + meta.ToString());
    if (!state.ok()) Report(0, "state cannot be read: " + state.ToString());
    return report_;
  }

 private:
  // With `mark`, the key of a mark, it is that mark that is damaged, else the event `seq`.
  void Report(Sequence seq, std::string problem, std::string_view mark = {}) {
    if (!report_.problem.empty()) return;
    report_.first_bad = seq;
    report_.file = FileNamedIn(problem);
    const Rocks& rocks = *view_.rocks();
    if (report_.file.empty() && !mark.empty()) report_.file = FileOfRow(rocks, rocks.meta(), mark);
    if (report_.file.empty() && seq != 0) report_.file = FileOfRow(rocks, rocks.events(), EventKey(seq));
    if (report_.file.empty() && seq == 0)
      report_.file = FileNamedIn(DamagedTable(rocks.db().GetEnv(), rocks.db().GetName()));
    report_.problem = std::move(problem);
  }

  // True when the record at hand is event `seq`; counts it and adds its leaf.
  bool TakeRecord(Sequence seq) {
    const auto name = [&] { return "event " + std::to_string(seq); };
    if (!records_->Valid() || SequenceOf(FromSlice(records_->key())) != seq) {
      const auto status = records_->status();
      Report(seq, name() + (status.ok() ? " is missing" : " cannot be read: " + status.ToString()));
      return false;
    }
    const std::string_view value = FromSlice(records_->value());
    ++report_.events;
    if (const auto read = ReadEvent(seq, value, event_); !read) {
      Report(seq, read.error().context);
    } else {
      CheckEvent(event_, static_cast<Form>(value[0]));
    }
    auto leaf = LeafOfRecord(hasher_, value);
    leaves_.push_back(leaf ? leaf.value() : Digest{});
    records_->Next();
    return true;
  }

  void CheckEvent(const Event& event, Form form) {
    if (!IsKnown(event.header.kind)) ++report_.unknown_kinds;
    if (event.header.kind == Kind::kGap && DecodeGap(event.body)) newest_gap_ = event.body;
    if (form == Form::kErased || event.header.encoding != 0 || event.header.key_id != 0) return;
    if (const auto body = CheckBody(event.header.kind, event.body); !body)
      Report(event.seq, "event " + std::to_string(event.seq) + ": its body is damaged");
  }

  void CheckAppend(const Mark& mark) {
    leaves_.clear();
    ++report_.appends;
    const bool clean = report_.problem.empty();
    bool whole = true;
    for (Sequence seq = mark.first; seq <= mark.last && whole; ++seq) whole = TakeRecord(seq);
    if (!whole) records_->Seek(EventKey(mark.last + 1));
    const Digest computed = ChainLink(hasher_, report_.root, mark.first, leaves_);
    if (whole && clean && computed != mark.chain) Blame(mark, computed);
    CheckWitness(mark);
    report_.root = mark.chain;
  }

  // What is not there: the chain leads over it by what the gap says.
  void CheckSpan(const GapSpan& span) {
    report_.missing += span.count;
    if (report_.problem.empty() && span.chain_before != report_.root)
      Report(span.from, "the gap at event " + std::to_string(span.from) + " does not continue what is before it");
    std::uint64_t there = 0;
    for (; records_->Valid(); records_->Next(), ++there) {
      const auto seq = SequenceOf(FromSlice(records_->key()));
      if (!seq || *seq > span.to) break;
      ++report_.events;
      if (const auto event = EventOf(*seq, FromSlice(records_->value())); !event) Report(*seq, event.error().context);
    }
    if (span.to - span.from + 1 - there != span.count)
      Report(span.from, "the gap from event " + std::to_string(span.from) + " to " + std::to_string(span.to) +
                            " says " + std::to_string(span.count) + " are missing, " +
                            std::to_string(span.to - span.from + 1 - there) + " are");
    report_.root = span.chain_after;
    const auto& witness = view_.witness();
    if (witness && witness->last >= span.from && witness->last <= span.to) {
      witness_met_ = true;
      if (witness->last == span.to && witness->chain != span.chain_after)
        Report(span.from, "TAIL names another history at event " + std::to_string(witness->last));
    }
  }

  // The list of gaps is stored beside the events, for speed; what counts is what the newest event of that kind says.
  void CheckGaps() {
    const auto told = newest_gap_.empty() ? GapBody{} : DecodeGap(newest_gap_).value();
    if (told.spans == view_.gap_list().spans() && (newest_gap_.empty() || told.whole_from == view_.first())) return;
    Report(std::max<Sequence>(view_.first(), 1), "the stored list of gaps is not the one that the events tell");
  }

  // Which of the two is damaged: if the next append continues from what was computed, it is the mark.
  void Blame(const Mark& mark, const Digest& computed) {
    const std::string span = std::to_string(mark.first) + ".." + std::to_string(mark.last);
    if (NextContinues(mark, computed))
      return Report(mark.first, "the mark of append " + span + " is damaged, its events are whole", MarkKey(mark.last));
    Report(mark.first, "the events of append " + span + " are not those that were appended");
  }

  bool NextContinues(const Mark& mark, const Digest& computed) const {
    const auto marks = view_.Meta();
    marks->Seek(MarkKey(mark.last + 1));
    const auto next = marks->Valid() ? ParseMark(FromSlice(marks->key()), FromSlice(marks->value())) : std::nullopt;
    const auto records = view_.Records();
    Sha256 hasher;
    std::vector<Digest> leaves;
    if (!next || next->first != mark.last + 1) return false;
    records->Seek(EventKey(next->first));
    for (Sequence seq = next->first; seq <= next->last && records->Valid(); ++seq, records->Next()) {
      const auto leaf = LeafOfRecord(hasher, FromSlice(records->value()));
      if (!leaf) return false;
      leaves.push_back(leaf.value());
    }
    return ChainLink(hasher, computed, next->first, leaves) == next->chain;
  }

  void CheckWitness(const Mark& mark) {
    const auto& witness = view_.witness();
    if (!witness || witness->last < mark.first || witness->last > mark.last) return;
    witness_met_ = true;
    if (witness->last != mark.last || witness->chain != mark.chain)
      Report(mark.first, "TAIL names another history at event " + std::to_string(witness->last));
  }

  void CheckEnd(Sequence next) {
    if (!marks_->status().ok()) Report(next, "the marks cannot be read: " + marks_->status().ToString());
    if (records_->Valid() && report_.problem.empty())
      Report(next, "event " + std::to_string(next) + " is in no append");
    if (!records_->status().ok())
      Report(next, "event " + std::to_string(next) + " cannot be read: " + records_->status().ToString());
    if (next != report_.last + 1)
      Report(std::min(next, report_.last + 1), "the state stands for events up to " + std::to_string(report_.last));
    const auto& witness = view_.witness();
    if (!witness) {
      if (report_.last != 0)
        Report(report_.last, "TAIL is missing or damaged: whether events are missing at the end is not known");
    } else if (!witness_met_ && witness->last != 0) {
      Report(next, "the journal ends at event " + std::to_string(next - 1) + ", before its witness at " +
                       std::to_string(witness->last));
    }
  }

  const RocksView& view_;
  const VerifyPart part_;
  std::unique_ptr<rocksdb::Iterator> marks_;  // made by the walk: parts that wait for a thread hold no blocks
  std::unique_ptr<rocksdb::Iterator> records_;
  Sha256 hasher_;
  std::vector<Digest> leaves_;
  Event event_;  // the one at hand
  VerifyReport report_;
  Sequence next_ = 0;  // the first event not looked at
  bool lost_ = false;  // no mark says how it goes on there
  bool witness_met_ = false;
  std::string newest_gap_;
};

// Rows that have no number of an event: only whether they can be read.
rocksdb::Status ReadAll(const std::unique_ptr<rocksdb::Iterator>& rows) {
  for (rows->SeekToFirst(); rows->Valid();) rows->Next();
  return rows->status();
}

bool IsLive(const Rocks& rocks, const std::string& name) {
  rocksdb::ColumnFamilyMetaData tables;
  rocks.db().GetColumnFamilyMetaData(rocks.state(), &tables);
  for (const auto& level : tables.levels)
    for (const auto& file : level.files)
      if (file.relative_filename == name) return true;
  return false;
}

// Whether all rows of state can be read: each byte of its tables against the checksums, without unpacking them, and one
// row of each, since a table's footer is under no checksum and says how all others are packed. A table that went
// meanwhile by a compaction is no damage: then the rows are walked. So they are in a second process, where the writer
// may take away any file by its name, and only what is open already can be read.
rocksdb::Status ReadState(const RocksView& view) {
  if (view.snapshot() == nullptr) return ReadAll(view.State());
  const Rocks& rocks = *view.rocks();
  rocksdb::Options options;
  options.env = rocks.db().GetEnv();
  rocksdb::ColumnFamilyMetaData tables;
  rocks.db().GetColumnFamilyMetaData(rocks.state(), &tables);
  const auto rows = view.State();
  for (const auto& level : tables.levels)
    for (const auto& file : level.files) {
      const std::string path = file.directory + "/" + file.relative_filename;
      auto status = EndsProcess(options.env, path)
                        ? rocksdb::Status::Corruption(path, "its properties are damaged")
                        : rocksdb::VerifySstFileChecksum(options, rocksdb::EnvOptions(), LongRead(), path);
      rows->Seek(file.smallestkey);
      if (status.ok()) status = rows->status();
      if (status.IsCorruption() && IsLive(rocks, file.relative_filename)) return status;
      if (!status.ok()) return ReadAll(view.State());
    }
  return rocksdb::Status::OK();
}

std::size_t ThreadsToUse() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kVerifyThreadsMax);
}

// Calls each of `tasks` once, the first ones first, from up to `threads` threads, this one among them.
void RunAll(const std::vector<std::function<void()>>& tasks, std::size_t threads) {
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t at = next++; at < tasks.size(); at = next++) tasks[at]();
  };
  std::vector<std::thread> others;
  while (others.size() + 1 < std::min(threads, tasks.size())) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

// The place behind the first append that ends at or after `middle`: there a walk can begin. Nullopt where the stored
// chain does not lead on from there.
std::optional<VerifyPart> PlaceBehind(const RocksView& view, Sequence middle) {
  const auto marks = view.Meta();
  marks->Seek(MarkKey(middle));
  const auto mark = marks->Valid() ? ParseMark(FromSlice(marks->key()), FromSlice(marks->value())) : std::nullopt;
  if (!mark || mark->first > mark->last || mark->last >= view.last()) return std::nullopt;
  if (view.gap_list().Find(mark->last) != nullptr || view.gap_list().Find(mark->last + 1) != nullptr)
    return std::nullopt;
  return VerifyPart{mark->last + 1, kToTheEnd, mark->chain};
}

// Cuts the history into at most `count` parts of about as many events.
Result<std::vector<VerifyPart>> Cut(const RocksView& view, std::size_t count) {
  OUTPOST_TRY(const Digest start, view.Start());
  std::vector<VerifyPart> parts{{1, kToTheEnd, start}};
  const Sequence first = std::max<Sequence>(view.first(), 1);
  const Sequence size = view.last() < first ? 0 : view.last() - first + 1;
  for (std::size_t i = 1; i < count; ++i) {
    const auto place = PlaceBehind(view, first + size * i / count);
    if (!place || place->from <= parts.back().from) continue;
    parts.back().until = place->from;
    parts.push_back(*place);
  }
  return parts;
}

using Rows = std::map<std::string, std::string, std::less<>>;

// State in memory, for folding again.
class MemoryState final : public StateWriter {
 public:
  Result<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    const auto rows = tables_.find(table);
    if (rows == tables_.end()) return std::optional<std::string>();
    const auto row = rows->second.find(key);
    if (row == rows->second.end()) return std::optional<std::string>();
    return std::optional<std::string>(row->second);
  }
  Result<void> Scan(Table table, std::string_view prefix, std::string_view from, const RowFn& row) const override {
    const auto rows = tables_.find(table);
    if (rows == tables_.end()) return Ok();
    for (auto it = rows->second.lower_bound(std::max(prefix, from)); it != rows->second.end(); ++it)
      if (!std::string_view(it->first).starts_with(prefix) || !row(it->first, it->second)) break;
    return Ok();
  }
  void Put(Table table, std::string_view key, std::string_view value) override {
    tables_[table].insert_or_assign(std::string(key), std::string(value));
  }
  void Delete(Table table, std::string_view key) override { tables_[table].erase(std::string(key)); }
  const Rows& rows(Table table) { return tables_[table]; }

 private:
  std::map<Table, Rows> tables_;
};

// Compares one table as stored with the same table folded again.
Result<void> CompareTable(const JournalView& view, Table table, const Rows& rebuilt, RebuildReport& report) {
  const auto differs = [&](std::string_view key) {
    if (report.rows_different++ == 0)
      report.first_difference =
          "table " + ToHex(AsBytes(std::string(1, static_cast<char>(table)))) + " key " + ToHex(AsBytes(key));
  };
  auto expected = rebuilt.begin();
  report.rows_rebuilt += rebuilt.size();
  OUTPOST_TRYV(view.Scan(table, "", "", [&](std::string_view key, std::string_view value) {
    ++report.rows_stored;
    for (; expected != rebuilt.end() && expected->first < key; ++expected) differs(expected->first);
    if (expected == rebuilt.end() || expected->first != key) {
      differs(key);
    } else if ((expected++)->second != value) {
      differs(key);
    }
    return true;
  }));
  for (; expected != rebuilt.end(); ++expected) differs(expected->first);
  return Ok();
}

}  // namespace
}  // namespace journal

Result<VerifyReport> VerifyEvents(const JournalView& view) {
  const auto* rocks_view = dynamic_cast<const journal::RocksView*>(&view);
  OUTPOST_CHECK(rocks_view != nullptr);
  const Sequence events = rocks_view->last() - std::min(rocks_view->first(), rocks_view->last());
  const std::size_t parts = journal::ThreadsToUse() * journal::kVerifyPartsPerThread;
  return journal::VerifyInParts(*rocks_view, events < journal::kVerifyAloneEvents ? 1 : parts);
}

Result<VerifyReport> journal::VerifyInParts(const RocksView& view, std::size_t count) {
  OUTPOST_TRY(const auto parts, Cut(view, count));
  rocksdb::Status meta, state;
  // State is one long task: it begins first, so that no thread is left alone with it at the end.
  std::vector<std::function<void()>> tasks{[&] { state = ReadState(view); }, [&] { meta = ReadAll(view.Meta()); }};
  std::deque<Verifier> walks;
  for (const VerifyPart& part : parts) tasks.emplace_back([&walk = walks.emplace_back(view, part)] { walk.Walk(); });
  RunAll(tasks, std::min(count, ThreadsToUse()));
  for (std::size_t i = 1; i < walks.size(); ++i) walks[i].Follow(walks[i - 1]);
  return walks.back().Finish(meta, state);
}

Result<RebuildReport> VerifyRebuild(const JournalView& view, const std::vector<InlineFold*>& folds) {
  RebuildReport report;
  journal::FoldRecords stored;
  if (const auto* rocks_view = dynamic_cast<const journal::RocksView*>(&view)) {
    OUTPOST_TRY(stored, journal::ReadFoldRecords(*rocks_view->rocks(), rocks_view->snapshot()));
  }
  journal::FoldHost host(folds);
  journal::MemoryState state;
  Result<void> folded = Ok();
  OUTPOST_TRYV(view.Scan(view.first(), view.last(), [&](const Event& event) {
    ++report.events;
    folded = host.Apply(event, state);
    return folded.has_value();
  }));
  OUTPOST_TRYV(std::move(folded));
  for (const InlineFold* fold : folds) {
    const auto record = stored.find(std::string(fold->name()));
    if (record != stored.end() && record->second.version != fold->version()) {
      report.outdated.emplace_back(fold->name());
      continue;
    }
    for (const Table table : fold->tables())
      OUTPOST_TRYV(journal::CompareTable(view, table, state.rows(table), report));
  }
  return report;
}

}  // namespace outpost
