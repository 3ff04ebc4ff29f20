#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/system/crypto.h"
#include "schemas/event.h"

// The bytes that the journal adds around an event: record, leaf, chain and marks. Source: schemas/event.md.
namespace outpost::journal {

// What stands behind the header in a record. The numbers are on disk for good.
enum class Form : std::uint8_t {
  kStored = 0,  // the body
  kErased = 1,  // the SHA-256 of a body that is gone: the chain still holds
};

// A record cut into its parts; views of the bytes it was parsed from.
struct Record {
  Form form{};
  std::string_view header;
  std::string_view rest;
};

std::string EventKey(Sequence seq);
// Nullopt for a key of another length.
std::optional<Sequence> SequenceOf(std::string_view key);

// All of a record before its body: form byte, length of the header, header.
std::string RecordHead(std::string_view header);
// Errors: kCorrupt, without an address: the caller knows it.
Result<Record> ParseRecord(std::string_view value);
// The event in a record, its header verified; the body of an erased one is empty. Errors: kCorrupt, named by sequence.
Result<Event> EventOf(Sequence seq, std::string_view value);
// The same into an event that is there already, whose memory is used again.
Result<void> ReadEvent(Sequence seq, std::string_view value, Event& event);

// The leaf of one event: SHA-256 of its header and of the SHA-256 of its stored body.
Digest LeafOf(Sha256& hasher, std::string_view header, const Digest& body_hash);
// Errors: kCorrupt for a record that cannot be parsed.
Result<Digest> LeafOfRecord(Sha256& hasher, std::string_view value);

// The name of the empty history of the journal `id`.
Digest ChainStart(std::string_view id);
// The chain after an append that starts at `first` and has `leaves`.
Digest ChainLink(Sha256& hasher, const Digest& previous, Sequence first, std::span<const Digest> leaves);

// What is kept of each append: where it starts and the chain after it.
struct Mark {
  Sequence first = 0;
  Sequence last = 0;
  Digest chain{};
};
std::string MarkKey(Sequence last);
std::string MarkValue(const Mark& mark);
// Nullopt when key or value have not the shape of a mark.
std::optional<Mark> ParseMark(std::string_view key, std::string_view value);

// True for a kind that this build knows.
bool IsKnown(Kind kind);
// Whether `body` is what an event of `kind` carries. Bodies of unknown kinds pass. Errors: kCorrupt.
Result<void> CheckBody(Kind kind, std::string_view body);

// Keys of the column family `meta`.
inline constexpr std::string_view kMetaFormat = "format";           // BE32
inline constexpr std::string_view kMetaId = "id";                   // bytes given at creation
inline constexpr std::string_view kMetaGaps = "gaps";               // body of the newest kGap event; absent: none
inline constexpr std::string_view kMetaApplied = "applied";         // BE64: the last event whose effect is in `state`,
                                                                    // BE64: bytes of all records ever appended
inline constexpr std::string_view kMetaCheckpoint = "checkpoint/";  // + BE64 of its first event -> CheckpointRecord
inline constexpr std::string_view kMetaSweep = "sweep";  // present while rows of dropped generations may be left
// BE64, the database's own count of writes: when rows that were folded again were all written, noted behind them and
// before they are flushed into tables; and the same of the rows that count, noted when they were made to. A secondary
// that knows of no first one as late as the second has missed tables. A first one may be later: of rows that never came
// to count.
inline constexpr std::string_view kMetaRowsWhole = "rows_whole";
inline constexpr std::string_view kMetaRowsTold = "rows_told";
inline constexpr std::string_view kMetaMark = "append/";  // + BE64 of the append's last sequence -> MarkValue
inline constexpr std::string_view kMetaFold = "fold/";    // + name -> FoldRecord

inline constexpr std::uint32_t kFormatVersion = 2;

// EventHeader::back of an event whose item was last seen further back than the field can say.
inline constexpr std::uint32_t kBackTooFar = 0xffffffff;

}  // namespace outpost::journal
