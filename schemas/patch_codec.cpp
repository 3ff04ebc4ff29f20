#include "schemas/patch_codec.h"

namespace outpost::codec {
namespace {

// A patch larger than this gives the memory it was put together in back.
constexpr std::size_t kKeptBytes = 64u << 10;

// Calls `take` for each field of a stored patch, ascending.
template <class Take>
Result<void> Walk(const SlotVector* slots, const ByteVector* data, Take take) {
  const auto bad = [](const char* what) {
    return Error{Code::kCorrupt, Retry::kNever, std::string("stored patch: ") + what};
  };
  if (slots == nullptr) return Ok();
  std::string_view rest;
  if (data != nullptr) rest = {reinterpret_cast<const char*>(data->data()), data->size()};
  int last = -1;
  for (const fb::Slot* slot : *slots) {
    if (slot->size() > rest.size()) return bad("a field's size exceeds the bytes");
    if (slot->field() <= last) return bad("fields out of order");
    last = slot->field();
    OUTPOST_TRYV(take(slot->field(), static_cast<ValueKind>(slot->kind()), rest.substr(0, slot->size())));
    rest.remove_prefix(slot->size());
  }
  if (!rest.empty()) return bad("bytes behind the last field");
  return Ok();
}

// ParseValue into a value whose memory serves again where both are texts.
Result<void> ParseInto(ValueKind kind, std::string_view bytes, Value& value) {
  if (kind != ValueKind::kText) {
    OUTPOST_TRY(value, ParseValue(kind, bytes));
  } else if (auto* text = std::get_if<std::string>(&value)) {
    text->assign(bytes);
  } else {
    value.emplace<std::string>(bytes);
  }
  return Ok();
}

}  // namespace

StoredPatch StorePatch(flatbuffers::FlatBufferBuilder& builder, const FieldMap& patch) {
  thread_local std::vector<fb::Slot> slots;  // kept for their memory
  thread_local std::string data;
  slots.clear();
  data.clear();
  for (const auto& [field, value] : patch) {
    const std::size_t before = data.size();
    AppendValue(data, value);
    slots.emplace_back(field, static_cast<std::uint8_t>(KindOf(value)), std::uint8_t{0},
                       static_cast<std::uint32_t>(data.size() - before));
  }
  StoredPatch stored;
  if (!data.empty()) stored.data = builder.CreateVector(AsBytes(data).data(), data.size());
  if (!slots.empty()) stored.slots = builder.CreateVectorOfStructs(slots);
  if (data.size() > kKeptBytes) std::string().swap(data);
  return stored;
}

Result<FieldMap> LoadPatch(const SlotVector* slots, const ByteVector* data) {
  FieldMap::sequence_type fields;  // in order already: nothing is looked for
  if (slots != nullptr) fields.reserve(slots->size());
  OUTPOST_TRYV(Walk(slots, data, [&](FieldId field, ValueKind kind, std::string_view bytes) -> Result<void> {
    OUTPOST_TRY(Value value, ParseValue(kind, bytes));
    fields.emplace_back(field, std::move(value));
    return Ok();
  }));
  FieldMap patch;
  patch.adopt_sequence(boost::container::ordered_unique_range, std::move(fields));
  return patch;
}

Result<void> LoadSome(const SlotVector* slots, const ByteVector* data, std::span<const FieldId> wanted,
                      std::vector<Value>& values) {
  auto next = wanted.begin();
  const auto value_of = [&](auto at) -> Value& { return values[static_cast<std::size_t>(at - wanted.begin())]; };
  std::string_view rest;
  if (data != nullptr) rest = {reinterpret_cast<const char*>(data->data()), data->size()};
  for (std::uint32_t i = 0, count = slots != nullptr ? slots->size() : 0; i < count && next != wanted.end(); ++i) {
    const fb::Slot* slot = slots->Get(i);
    if (slot->size() > rest.size())
      return Error{Code::kCorrupt, Retry::kNever, "stored patch: a field's size exceeds the bytes"};
    for (; next != wanted.end() && *next < slot->field(); ++next) value_of(next) = Value{};
    if (next != wanted.end() && *next == slot->field()) {
      OUTPOST_TRYV(ParseInto(static_cast<ValueKind>(slot->kind()), rest.substr(0, slot->size()), value_of(next)));
      ++next;
    }
    rest.remove_prefix(slot->size());
  }
  for (; next != wanted.end(); ++next) value_of(next) = Value{};
  return Ok();
}

Result<void> CheckPatch(const SlotVector* slots, const ByteVector* data) {
  return Walk(slots, data, [](FieldId, ValueKind kind, std::string_view bytes) { return CheckValue(kind, bytes); });
}

flatbuffers::Offset<fb::Refusal> StoreRefusal(flatbuffers::FlatBufferBuilder& builder, const Refusal& refusal) {
  const auto code = builder.CreateString(refusal.code);
  const auto text = builder.CreateString(refusal.text);
  return fb::CreateRefusal(builder, refusal.group, refusal.field, refusal.length, refusal.limit, code, text);
}

Refusal LoadRefusal(const fb::Refusal* r) {
  return {r->group(), r->field(), r->length(), r->limit(), TextOf(r->code()), TextOf(r->text())};
}

}  // namespace outpost::codec
