#include "schemas/checkpoint.h"
#include "schemas/patch_codec.h"

namespace outpost {
namespace {

using namespace codec;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

Offset<ByteVector> Store(FlatBufferBuilder& builder, std::string_view bytes) {
  if (bytes.empty()) return {};
  return builder.CreateVector(AsBytes(bytes).data(), bytes.size());
}

std::string Load(const ByteVector* bytes) {
  return bytes != nullptr ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : std::string();
}

void AppendSize(std::string& out, std::size_t size) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(size >> shift));
}

std::size_t ReadSize(std::string_view bytes) {
  std::size_t size = 0;
  for (std::size_t i = 4; i-- > 0;) size = size << 8 | static_cast<std::uint8_t>(bytes[i]);
  return size;
}

fb::Digest32 ToFb(const Digest& digest) {
  fb::Digest32 out;
  std::memcpy(out.mutable_b()->data(), digest.data(), digest.size());
  return out;
}

Digest FromFb(const fb::Digest32& digest) {
  Digest out;
  std::memcpy(out.data(), digest.b()->data(), out.size());
  return out;
}

}  // namespace

std::string Encode(const SectionBody& body) {
  FlatBufferBuilder builder(1024);
  std::string rows;
  for (const auto& [key, value] : body.rows) {
    AppendSize(rows, key.size());
    AppendSize(rows, value.size());
    rows.append(key).append(value);
  }
  const auto rows_at = Store(builder, rows);
  const auto name_at = builder.CreateString(body.name);
  const auto from_at = Store(builder, body.from);
  return Finish(builder, fb::CreateSection(builder, name_at, from_at, Store(builder, body.to), rows_at));
}

Result<SectionBody> DecodeSection(std::string_view raw) {
  const Aligned aligned(raw);
  const auto* table = Checked<fb::Section>(aligned.view());
  if (table == nullptr) return BadBytes("the body is no section");
  SectionBody body{TextOf(table->name()), Load(table->from()), Load(table->to()), {}};
  const std::string rows = Load(table->rows());
  for (std::string_view rest = rows; !rest.empty();) {
    if (rest.size() < 8) return BadBytes("a section's row without its sizes");
    const std::size_t key = ReadSize(rest), value = ReadSize(rest.substr(4));
    rest.remove_prefix(8);
    if (key > rest.size() || value > rest.size() - key) return BadBytes("a section's row longer than the section");
    body.rows.emplace_back(rest.substr(0, key), rest.substr(key, value));
    rest.remove_prefix(key + value);
  }
  for (std::size_t i = 0; i < body.rows.size(); ++i) {
    const std::string& key = body.rows[i].first;
    if (key < body.from || (!body.to.empty() && key >= body.to) || (i > 0 && body.rows[i - 1].first >= key))
      return BadBytes("a section's rows are not in its range and order");
  }
  return body;
}

std::string Encode(const CheckpointBody& body) {
  FlatBufferBuilder builder(64);
  return Finish(builder, fb::CreateCheckpoint(builder, body.begin, body.items, body.bytes));
}

Result<CheckpointBody> DecodeCheckpoint(std::string_view raw) {
  const Aligned aligned(raw);
  const auto* table = Checked<fb::Checkpoint>(aligned.view());
  if (table == nullptr) return BadBytes("the body is no checkpoint");
  return CheckpointBody{table->begin(), table->items(), table->bytes()};
}

std::string Encode(const GapBody& body) {
  FlatBufferBuilder builder(256);
  std::vector<fb::GapSpan> spans;
  for (const GapSpan& span : body.spans)
    spans.emplace_back(span.from, span.to, span.count, ToFb(span.chain_before), ToFb(span.chain_after));
  const auto spans_at = builder.CreateVectorOfStructs(spans);
  return Finish(builder, fb::CreateGaps(builder, body.whole_from, body.damaged, spans_at));
}

Result<GapBody> DecodeGap(std::string_view raw) {
  const Aligned aligned(raw);
  const auto* table = Checked<fb::Gaps>(aligned.view());
  if (table == nullptr) return BadBytes("the body is no list of gaps");
  GapBody body{table->whole_from(), table->damaged(), {}};
  Sequence last = 0;
  for (const fb::GapSpan& stored : Copied<fb::GapSpan>(table->spans())) {
    const GapSpan span{stored.from(), stored.to(), stored.count(), FromFb(stored.chain_before()),
                       FromFb(stored.chain_after())};
    if (span.from <= last || span.to < span.from || span.count > span.to - span.from + 1 || span.to >= body.whole_from)
      return BadBytes("a gap that cannot be");
    last = span.to;
    body.spans.push_back(span);
  }
  return body;
}

}  // namespace outpost
