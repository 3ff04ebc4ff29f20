#include "schemas/patch_codec.h"

namespace outpost::codec {

StoredPatch StorePatch(flatbuffers::FlatBufferBuilder& builder, const FieldMap& patch) {
  std::vector<fb::Slot> slots;
  std::string data;
  slots.reserve(patch.size());
  for (const auto& [field, value] : patch) {
    const std::size_t before = data.size();
    AppendValue(data, value);
    slots.emplace_back(field, static_cast<std::uint8_t>(KindOf(value)), std::uint8_t{0},
                       static_cast<std::uint32_t>(data.size() - before));
  }
  StoredPatch stored;
  if (!data.empty()) stored.data = builder.CreateVector(AsBytes(data).data(), data.size());
  if (!slots.empty()) stored.slots = builder.CreateVectorOfStructs(slots);
  return stored;
}

Result<FieldMap> LoadPatch(const SlotVector* slots, const ByteVector* data) {
  const auto bad = [](const char* what) {
    return Error{Code::kCorrupt, Retry::kNever, std::string("stored patch: ") + what};
  };
  FieldMap patch;
  if (slots == nullptr) return patch;
  std::string_view rest;
  if (data != nullptr) rest = {reinterpret_cast<const char*>(data->data()), data->size()};
  patch.reserve(slots->size());
  for (const fb::Slot* slot : *slots) {
    if (slot->size() > rest.size()) return bad("a field's size exceeds the bytes");
    if (!patch.empty() && slot->field() <= patch.rbegin()->first) return bad("fields out of order");
    OUTPOST_TRY(Value value, ParseValue(static_cast<ValueKind>(slot->kind()), rest.substr(0, slot->size())));
    patch.emplace_hint(patch.end(), slot->field(), std::move(value));
    rest.remove_prefix(slot->size());
  }
  if (!rest.empty()) return bad("bytes behind the last field");
  return patch;
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
