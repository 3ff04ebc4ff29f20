#include "journal/record.h"

#include <cstring>

#include "schemas/checkpoint.h"
#include "schemas/item_state.h"

namespace outpost::journal {
namespace {

Error Bad(const char* what) { return {Code::kCorrupt, Retry::kNever, what}; }

std::string_view View(const Digest& digest) { return AsText(digest); }

// A copy of FlatBuffer bytes where their numbers are aligned: inside a record they lie anywhere.
class Aligned {
 public:
  explicit Aligned(std::string_view bytes) : size_(bytes.size()) {
    if (size_ > sizeof near_) far_ = bytes;
    if (size_ <= sizeof near_) std::memcpy(near_, bytes.data(), size_);
  }
  std::string_view view() const {
    return size_ > sizeof near_ ? std::string_view(far_) : std::string_view(near_, size_);
  }

 private:
  alignas(8) char near_[192];
  std::string far_;
  std::size_t size_;
};

template <class T>
Result<void> Drop(const Result<T>& decoded) {
  if (!decoded) return decoded.error();
  return Ok();
}

}  // namespace

std::string EventKey(Sequence seq) {
  std::string key;
  AppendBe64(key, seq);
  return key;
}

std::optional<Sequence> SequenceOf(std::string_view key) {
  if (key.size() != 8) return std::nullopt;
  return ReadBe64(key);
}

std::string RecordHead(std::string_view header) {
  std::string head;
  head.reserve(header.size() + 4);
  head.push_back(static_cast<char>(Form::kStored));
  std::size_t size = header.size();
  for (; size >= 0x80; size >>= 7) head.push_back(static_cast<char>(0x80 | (size & 0x7f)));
  head.push_back(static_cast<char>(size));
  head.append(header);
  return head;
}

Result<Record> ParseRecord(std::string_view value) {
  if (value.empty() || static_cast<std::uint8_t>(value[0]) > 1) return Bad("a record of an unknown form");
  Record record;
  record.form = static_cast<Form>(value[0]);
  value.remove_prefix(1);
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (value.empty() || shift > 21) return Bad("a record whose header length cannot be read");
    const auto byte = static_cast<std::uint8_t>(value[0]);
    value.remove_prefix(1);
    size |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (size > value.size()) return Bad("a record shorter than its header");
  record.header = value.substr(0, size);
  record.rest = value.substr(size);
  if (record.form == Form::kErased && record.rest.size() != sizeof(Digest))
    return Bad("an erased body without its hash");
  return record;
}

Result<void> ReadEvent(Sequence seq, std::string_view value, Event& event) {
  const auto named = [&](const Error& error) {
    return Error{Code::kCorrupt, Retry::kNever, "event " + std::to_string(seq) + ": " + error.context};
  };
  auto record = ParseRecord(value);
  if (!record) return named(record.error());
  auto header = DecodeHeader(Aligned(record.value().header).view());
  if (!header) return named(header.error());
  event.seq = seq;
  event.header = header.value();
  event.body.assign(record.value().form == Form::kStored ? record.value().rest : std::string_view());
  return Ok();
}

Result<Event> EventOf(Sequence seq, std::string_view value) {
  Event event;
  OUTPOST_TRYV(ReadEvent(seq, value, event));
  return event;
}

Digest LeafOf(Sha256& hasher, std::string_view header, const Digest& body_hash) {
  return hasher.Add(header).Add(body_hash).Finish();
}

Result<Digest> LeafOfRecord(Sha256& hasher, std::string_view value) {
  OUTPOST_TRY(const Record record, ParseRecord(value));
  Digest body_hash;
  if (record.form == Form::kErased) {
    std::memcpy(body_hash.data(), record.rest.data(), body_hash.size());
  } else {
    body_hash = hasher.Add(record.rest).Finish();
  }
  return LeafOf(hasher, record.header, body_hash);
}

Digest ChainStart(std::string_view id) { return Sha256Of(std::string("outpost journal 1\n").append(id)); }

Digest ChainLink(Sha256& hasher, const Digest& previous, Sequence first, std::span<const Digest> leaves) {
  hasher.Add(previous).Add(EventKey(first));
  for (const Digest& leaf : leaves) hasher.Add(leaf);
  return hasher.Finish();
}

std::string MarkKey(Sequence last) {
  std::string key(kMetaMark);
  AppendBe64(key, last);
  return key;
}

std::string MarkValue(const Mark& mark) {
  std::string value;
  AppendBe64(value, mark.first);
  value.append(View(mark.chain));
  return value;
}

std::optional<Mark> ParseMark(std::string_view key, std::string_view value) {
  if (key.size() != kMetaMark.size() + 8 || !key.starts_with(kMetaMark) || value.size() != 40) return std::nullopt;
  Mark mark{ReadBe64(value), ReadBe64(key, kMetaMark.size()), {}};
  std::memcpy(mark.chain.data(), value.data() + 8, mark.chain.size());
  return mark;
}

bool IsKnown(Kind kind) { return std::string_view(KindName(kind)) != "unknown"; }

Result<void> CheckBody(Kind kind, std::string_view body) {
  switch (kind) {
    case Kind::kLocalCreated:
    case Kind::kLocalChanged:
    case Kind::kLocalDeleted:
    case Kind::kRemoteCreated:
    case Kind::kRemoteChanged:
    case Kind::kRemoteDeleted:
    case Kind::kItemForgotten:
      return CheckChange(body);
    case Kind::kOutcome:
    case Kind::kOverruled:
      return Drop(DecodeOutcomes(body));
    case Kind::kBatchOpened:
      return Drop(DecodeBatchOpened(body));
    case Kind::kBatchClosed:
      return Drop(DecodeBatchClosed(body));
    case Kind::kCursorMoved:
      return Drop(DecodeCursorMoved(body));
    case Kind::kConsent:
      return Drop(DecodeConsent(body));
    case Kind::kAccountSet:
      return Drop(DecodeSettings(body));
    case Kind::kConflictSettled:
      return Drop(DecodeSettled(body));
    case Kind::kItemRestated:
      return Drop(DecodeItem({}, body));
    case Kind::kAccountRestated:
      return Drop(DecodeSection(body));
    case Kind::kCheckpoint:
      return Drop(DecodeCheckpoint(body));
    case Kind::kGap:
      return Drop(DecodeGap(body));
  }
  return Ok();
}

}  // namespace outpost::journal
