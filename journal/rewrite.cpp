#include "journal/rewrite.h"

#include <rocksdb/write_batch.h>

#include <algorithm>

#include "base/system/files.h"
#include "journal/blob_format.h"
#include "journal/layout.h"
#include "journal/rocks_view.h"

namespace outpost {
namespace journal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWriteBytes = 1u << 20;

// One way through RewriteJournal.
class Rewriting {
 public:
  Rewriting(const RocksView& view, const Rocks& into, const std::string& id, const RewriteFn& rewrite)
      : view_(view), into_(into), rewrite_(rewrite), id_(id), chain_(ChainStart(id)) {}

  Result<RewriteReport> Run() {
    const auto marks = view_.Meta();
    marks->Seek(ToSlice(kMetaMark));
    auto span = view_.gap_list().spans().begin();
    const auto spans_end = view_.gap_list().spans().end();
    while (next_ <= view_.last()) {
      if (span != spans_end && span->from == next_) {
        OUTPOST_TRYV(TakeSpan(*span++));
        continue;
      }
      const bool any = marks->Valid() && marks->key().starts_with(ToSlice(kMetaMark));
      const auto mark = any ? ParseMark(FromSlice(marks->key()), FromSlice(marks->value())) : std::nullopt;
      if (!mark || mark->first != next_ || mark->last < next_) return Damaged();
      marks->Next();
      OUTPOST_TRYV(TakeAppend(*mark));
    }
    OUTPOST_TRYV(Close());
    report_.last = view_.last();
    return report_;
  }

  Witness end() const { return {view_.last(), chain_}; }

 private:
  Error Damaged() const {
    return {Code::kCorrupt, Retry::kNever,
            "the journal is damaged at event " + std::to_string(next_) +
                ": its append cannot be told; see \"journal verify\" and \"journal salvage\""};
  }

  // What is left inside of a gap is under no chain.
  Result<void> TakeSpan(const GapSpan& span) {
    GapSpan own = span;
    own.chain_before = own.chain_after = chain_;
    spans_.push_back(own);
    OUTPOST_TRYV(TakeEvents(span.from, span.to));
    next_ = span.to + 1;
    return Ok();
  }

  Result<void> TakeAppend(const Mark& mark) {
    leaves_.clear();
    OUTPOST_TRYV(TakeEvents(mark.first, mark.last));
    if (leaves_.size() != mark.last - mark.first + 1) return Damaged();
    chain_ = ChainLink(hasher_, chain_, mark.first, leaves_);
    batch_.Put(into_.meta(), MarkKey(mark.last), MarkValue({mark.first, mark.last, chain_}));
    ++report_.appends;
    next_ = mark.last + 1;
    return batch_.GetDataSize() >= kWriteBytes ? Write() : Ok();
  }

  Result<void> TakeEvents(Sequence from, Sequence to) {
    Result<void> taken = Ok();
    OUTPOST_TRYV(view_.Scan(from, to, [&](const Event& event) {
      Event own = event;
      taken = Take(own);
      return taken.has_value();
    }));
    return taken;
  }

  Result<void> Take(Event& event) {
    if (event.header.kind == Kind::kGap) {
      OUTPOST_TRYV(RetellGaps(event));
    } else {
      OUTPOST_TRYV(rewrite_(event));
    }
    if (const auto body = CheckBody(event.header.kind, event.body); !body)
      return Error{Code::kCorrupt, Retry::kNever,
                   "event " + std::to_string(event.seq) + " was made into what no event is: " + body.error().context};
    event.header.key_id = 0;
    event.header.encoding = 0;
    const std::string header = EncodeHeader(event.header);
    leaves_.push_back(LeafOf(hasher_, header, Sha256Of(event.body)));
    const std::string key = EventKey(event.seq), record = RecordHead(header) + event.body;
    batch_.Put(into_.events(), key, record);
    bytes_ += key.size() + record.size();
    ++report_.events;
    return Ok();
  }

  // The spans it names lie before it, and are told with the new chain; of an older one that no longer counts, some are
  // part of others by now.
  Result<void> RetellGaps(Event& event) {
    OUTPOST_TRY(GapBody gaps, DecodeGap(event.body));
    for (GapSpan& span : gaps.spans) {
      const auto own = std::find_if(spans_.begin(), spans_.end(), [&](const GapSpan& known) {
        return known.from == span.from && known.to == span.to && known.count == span.count;
      });
      span.chain_before = own != spans_.end() ? own->chain_before : Digest{};
      span.chain_after = own != spans_.end() ? own->chain_after : Digest{};
    }
    event.body = Encode(gaps);
    newest_gaps_ = event.body;
    return Ok();
  }

  Result<void> Close() {
    std::string format, applied;
    AppendBe32(format, kFormatVersion);
    AppendBe64(applied, view_.last());
    AppendBe64(applied, bytes_);
    batch_.Put(into_.meta(), ToSlice(kMetaFormat), format);
    batch_.Put(into_.meta(), ToSlice(kMetaId), id_);
    batch_.Put(into_.meta(), ToSlice(kMetaApplied), applied);
    if (!newest_gaps_.empty()) batch_.Put(into_.meta(), ToSlice(kMetaGaps), newest_gaps_);
    OUTPOST_TRYV(Write());
    return into_.Flush();
  }

  Result<void> Write() {
    const auto status = into_.db().Write(rocksdb::WriteOptions(), &batch_);
    batch_.Clear();
    if (!status.ok()) return ToError(status, "cannot write the new journal");
    return Ok();
  }

  const RocksView& view_;
  const Rocks& into_;
  const RewriteFn& rewrite_;
  const std::string id_;
  Digest chain_;
  Sequence next_ = 1;
  std::vector<GapSpan> spans_;
  std::string newest_gaps_;
  Sha256 hasher_;
  std::vector<Digest> leaves_;
  rocksdb::WriteBatch batch_;
  std::uint64_t bytes_ = 0;
  RewriteReport report_;
};

Result<RewriteReport> RewriteInto(const RocksView& view, const fs::path& to, const std::string& id,
                                  const RewriteFn& rewrite) {
  OUTPOST_TRYV(MakeFolder(to));
  Witness end;
  RewriteReport report;
  {
    OUTPOST_TRY(const auto rocks, Rocks::Open(DatabasePath(to), Rocks::Mode::kWrite, nullptr));
    Rewriting rewriting(view, *rocks, id, rewrite);
    OUTPOST_TRY(report, rewriting.Run());
    end = rewriting.end();
  }
  OUTPOST_TRYV(WriteDurably(DiskOf(nullptr), TailPath(to), EncodeWitness(end)));
  OUTPOST_TRYV(WriteFileDurably(FormatPath(to), FormatText()));
  return report;
}

}  // namespace
}  // namespace journal

Result<RewriteReport> RewriteJournal(const JournalView& view, const std::filesystem::path& to, const std::string& id,
                                     const RewriteFn& rewrite) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(to, ignored)))
    return Error{Code::kConflict, Retry::kNever, to.string() + " is there already"};
  auto report = journal::RewriteInto(dynamic_cast<const journal::RocksView&>(view), to, id, rewrite);
  if (!report) std::filesystem::remove_all(to, ignored);
  return report;
}

BlobRef RefOfSmallBlob(std::string_view content) { return {journal::BlobIdOfSmall(content), content.size()}; }

}  // namespace outpost
