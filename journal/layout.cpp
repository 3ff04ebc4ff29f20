#include "journal/layout.h"

#include <charconv>

#include "journal/gaps.h"
#include "journal/record.h"

namespace outpost::journal {
namespace {

constexpr std::size_t kAppliedBytes = 16;
constexpr std::string_view kFormatName = "outpost-journal ";

Result<std::optional<Mark>> LastMark(const Rocks& rocks) {
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(rocksdb::ReadOptions(), rocks.meta()));
  it->SeekForPrev(MarkKey(~Sequence{0}));
  if (!it->status().ok()) return ToError(it->status(), "cannot read the last mark");
  if (!it->Valid() || !it->key().starts_with(ToSlice(kMetaMark))) return std::optional<Mark>();
  const auto mark = ParseMark(FromSlice(it->key()), FromSlice(it->value()));
  if (!mark) return Error{Code::kCorrupt, Retry::kNever, "the last mark is damaged"};
  return mark;
}

Result<Digest> StartOf(const Rocks& rocks) {
  OUTPOST_TRY(const auto id, rocks.Get(rocksdb::ReadOptions(), rocks.meta(), kMetaId));
  if (!id) return Error{Code::kCorrupt, Retry::kNever, "the journal has lost its id"};
  return ChainStart(*id);
}

Result<void> CompareWitness(const Rocks& rocks, const Witness& end, const Witness& witness) {
  const auto name = [](Sequence seq) { return std::to_string(seq); };
  if (end.last < witness.last)
    return Error{Code::kCorrupt, Retry::kNever,
                 "the journal ends at event " + name(end.last) + ", but event " + name(witness.last) + " was on disk"};
  Digest chain = end.chain;
  if (witness.last == 0) {
    OUTPOST_TRY(chain, StartOf(rocks));
  } else if (witness.last != end.last) {
    OUTPOST_TRY(const Gaps gaps, Gaps::Read(rocks, nullptr));
    if (gaps.Find(witness.last) != nullptr) return Ok();  // an old witness of a history that was dropped since
    OUTPOST_TRY(const auto value, rocks.Get(rocksdb::ReadOptions(), rocks.meta(), MarkKey(witness.last)));
    const auto mark = value ? ParseMark(MarkKey(witness.last), *value) : std::nullopt;
    if (!mark)
      return Error{Code::kCorrupt, Retry::kNever,
                   "no append ends at event " + name(witness.last) + ", where TAIL saw one"};
    chain = mark->chain;
  }
  if (chain == witness.chain) return Ok();
  return Error{Code::kCorrupt, Retry::kNever,
               "the history up to event " + name(witness.last) + " is not the one TAIL names"};
}

Result<void> Look(const Rocks& rocks, const std::optional<Witness>& witness, Witness& end) {
  OUTPOST_TRY(end.last, LastEvent(rocks));
  OUTPOST_TRY(end.chain, StartOf(rocks));
  OUTPOST_TRY(const auto mark, LastMark(rocks));
  OUTPOST_TRY(const Sequence applied, Applied(rocks, nullptr));
  if (mark) end.chain = mark->chain;
  if ((mark ? mark->last : 0) != end.last || applied != end.last)
    return Error{Code::kCorrupt, Retry::kNever,
                 "the last event is " + std::to_string(end.last) + ", but the last append ends at " +
                     std::to_string(mark ? mark->last : 0) + " and the state stands for " + std::to_string(applied)};
  if (witness) return CompareWitness(rocks, end, *witness);
  return Ok();
}

// RocksDB takes a folder without CURRENT for an empty one, makes a new database in it and drops the files of the old.
// An interrupted creation has no data yet.
Result<void> CheckCurrent(const Disk& disk, const std::filesystem::path& folder) {
  OUTPOST_TRY(const bool current, Exists(disk, folder / "CURRENT"));
  std::vector<std::string> names;
  if (!current) disk->GetChildren(folder.string(), rocksdb::IOOptions(), &names, nullptr).PermitUncheckedError();
  for (const std::string& name : names)
    if (name.ends_with(".sst") || name.ends_with(".log"))
      return Error{Code::kCorrupt, Retry::kNever, (folder / "CURRENT").string() + " is gone, " + name + " is not"};
  return Ok();
}

}  // namespace

std::string FormatText() { return std::string(kFormatName) + std::to_string(kFormatVersion) + "\n"; }

Result<bool> HasJournal(const std::filesystem::path& folder, const Disk& disk) {
  auto text = ReadWhole(disk, FormatPath(folder));
  if (!text && text.error().code != Code::kNotFound) return text.error();
  if (!text) {
    OUTPOST_TRY(const bool database, Exists(disk, DatabasePath(folder)));
    if (!database) return false;
    return Error{Code::kCorrupt, Retry::kNever,
                 FormatPath(folder).string() + " is gone, the database beside it is not"};
  }
  const std::string& content = text.value();
  std::uint32_t version = 0;
  if (content.starts_with(kFormatName))
    std::from_chars(content.data() + kFormatName.size(), content.data() + content.size(), version);
  if (version == 0) return Error{Code::kCorrupt, Retry::kNever, FormatPath(folder).string() + " is damaged"};
  if (version <= kFormatVersion) {
    OUTPOST_TRYV(CheckCurrent(disk, DatabasePath(folder)));
    return true;
  }
  return Error{Code::kNewerFormat, Retry::kNever,
               "the journal in " + folder.string() + " has format " + std::to_string(version) +
                   ", this program knows formats up to " + std::to_string(kFormatVersion)};
}

std::optional<Witness> ReadWitness(const std::filesystem::path& folder, const Disk& disk) {
  const auto bytes = ReadWhole(disk, TailPath(folder));
  return bytes ? ParseWitness(bytes.value()) : std::nullopt;
}

Result<Sequence> LastEvent(const Rocks& rocks) {
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(rocksdb::ReadOptions(), rocks.events()));
  it->SeekToLast();
  if (!it->status().ok()) return ToError(it->status(), "cannot read the last event");
  if (!it->Valid()) return Sequence{0};
  const auto seq = SequenceOf(FromSlice(it->key()));
  if (!seq) return Error{Code::kCorrupt, Retry::kNever, "the last event's key is not a sequence"};
  return *seq;
}

Result<Sequence> Applied(const Rocks& rocks, const rocksdb::Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  OUTPOST_TRY(const auto value, rocks.Get(options, rocks.meta(), kMetaApplied));
  if (!value) return Sequence{0};
  if (value->size() != 8 && value->size() != kAppliedBytes)
    return Error{Code::kCorrupt, Retry::kNever, "the applied sequence is damaged"};
  return ReadBe64(*value);
}

Result<std::uint64_t> AppendedBytes(const Rocks& rocks) {
  OUTPOST_TRY(const auto value, rocks.Get(rocksdb::ReadOptions(), rocks.meta(), kMetaApplied));
  if (value && value->size() == kAppliedBytes) return ReadBe64(*value, 8);
  std::uint64_t bytes = 0;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(rocks.db().NewIterator(options, rocks.events()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) bytes += it->key().size() + it->value().size();
  if (!it->status().ok()) return ToError(it->status(), "cannot count the bytes of the events");
  return bytes;
}

Tip Inspect(const Rocks& rocks, const std::optional<Witness>& witness) {
  Tip tip;
  if (auto looked = Look(rocks, witness, tip.end); !looked) tip.damage = looked.error().context;
  return tip;
}

}  // namespace outpost::journal
