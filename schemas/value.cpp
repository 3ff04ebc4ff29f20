#include "schemas/value.h"

#include <cstring>

#include "base/system/crypto.h"

namespace outpost {
namespace {

template <class Number>
void AppendLe(std::string& out, Number value) {
  for (std::size_t i = 0; i < sizeof(Number); ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
}

template <class Number>
Number ReadLe(std::string_view in) {
  Number value = 0;
  for (std::size_t i = 0; i < sizeof(Number); ++i)
    value = static_cast<Number>(value | static_cast<Number>(static_cast<std::uint8_t>(in[i])) << (8 * i));
  return value;
}

Error BadValue(const char* what) { return {Code::kCorrupt, Retry::kNever, std::string("stored value: ") + what}; }

BlobRef ReadBlobRef(std::string_view bytes) {
  BlobRef ref;
  std::memcpy(ref.id.data(), bytes.data(), ref.id.size());
  ref.size = ReadLe<std::uint64_t>(bytes.substr(ref.id.size()));
  return ref;
}

// Calls `take` for each of the texts. Errors: kCorrupt.
template <class Take>
Result<void> WalkTexts(std::string_view bytes, Take take) {
  while (!bytes.empty()) {
    if (bytes.size() < 4) return BadValue("a text's length is cut off");
    const auto size = ReadLe<std::uint32_t>(bytes);
    bytes.remove_prefix(4);
    if (size > bytes.size()) return BadValue("a text is cut off");
    take(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return Ok();
}

}  // namespace

void AppendValue(std::string& out, const Value& value) {
  switch (KindOf(value)) {
    case ValueKind::kNull:
      break;
    case ValueKind::kText:
      out += std::get<std::string>(value);
      break;
    case ValueKind::kInt:
      AppendLe(out, static_cast<std::uint64_t>(std::get<std::int64_t>(value)));
      break;
    case ValueKind::kBool:
      out.push_back(std::get<bool>(value) ? 1 : 0);
      break;
    case ValueKind::kTexts:
      for (const std::string& text : std::get<std::vector<std::string>>(value)) {
        AppendLe(out, static_cast<std::uint32_t>(text.size()));
        out += text;
      }
      break;
    case ValueKind::kBytes:
      out += std::get<Blob>(value).bytes;
      break;
    case ValueKind::kId:
      out += std::get<ItemId>(value).View();
      break;
    case ValueKind::kBlob:
      out += AsText(std::get<BlobRef>(value).id);
      AppendLe(out, std::get<BlobRef>(value).size);
      break;
  }
}

Result<void> CheckValue(ValueKind kind, std::string_view bytes) {
  switch (kind) {
    case ValueKind::kNull:
      if (!bytes.empty()) return BadValue("a null with bytes");
      return Ok();
    case ValueKind::kInt:
      if (bytes.size() != 8) return BadValue("a number of another width than 8");
      return Ok();
    case ValueKind::kBool:
      if (bytes.size() != 1 || static_cast<std::uint8_t>(bytes[0]) > 1)
        return BadValue("a truth value other than 0 or 1");
      return Ok();
    case ValueKind::kTexts:
      return WalkTexts(bytes, [](std::string_view) {});
    case ValueKind::kText:
    case ValueKind::kBytes:
      return Ok();
    case ValueKind::kId:
      if (bytes.size() != sizeof(ItemId)) return BadValue("an id of another width than 16");
      return Ok();
    case ValueKind::kBlob:
      if (bytes.size() != sizeof(BlobRef::id) + 8) return BadValue("a blob reference of another width than 40");
      return Ok();
  }
  return BadValue("unknown kind");
}

Result<Value> ParseValue(ValueKind kind, std::string_view bytes) {
  OUTPOST_TRYV(CheckValue(kind, bytes));
  switch (kind) {
    case ValueKind::kNull:
      break;
    case ValueKind::kText:
      return Value(std::string(bytes));
    case ValueKind::kInt:
      return Value(static_cast<std::int64_t>(ReadLe<std::uint64_t>(bytes)));
    case ValueKind::kBool:
      return Value(bytes[0] == 1);
    case ValueKind::kTexts: {
      std::vector<std::string> texts;
      OUTPOST_TRYV(WalkTexts(bytes, [&](std::string_view text) { texts.emplace_back(text); }));
      return Value(std::move(texts));
    }
    case ValueKind::kBytes:
      return Value(Blob{std::string(bytes)});
    case ValueKind::kId:
      return Value(*ItemId::FromView(bytes));
    case ValueKind::kBlob:
      return Value(ReadBlobRef(bytes));
  }
  return Value{};
}

bool IsEmpty(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return texts->empty();
  if (const auto* truth = std::get_if<bool>(&value)) return !*truth;
  return IsNull(value);
}

std::uint64_t DigestOf(FieldId field, const Value& value, std::uint64_t key) {
  std::string text;
  AppendLe(text, key);
  AppendLe(text, field);
  if (!IsEmpty(value)) {
    text.push_back(static_cast<char>(KindOf(value)));
    AppendValue(text, value);
  }
  std::uint64_t digest = 0;
  std::memcpy(&digest, Sha256Of(text).data(), sizeof digest);
  return digest;
}

bool SameValue(const Value& a, const Value& b) { return (IsEmpty(a) && IsEmpty(b)) || a == b; }

}  // namespace outpost
