#include "schemas/item_glance.h"
#include "schemas/patch_codec.h"
#include "schemas/state_generated.h"

namespace outpost {
namespace {

// A builder that served a row larger than this gives its memory back.
constexpr std::size_t kKeptBuilderBytes = 64u << 10;

using namespace codec;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

Offset<fb::Fields> StoreFields(FlatBufferBuilder& builder, const FieldMap& fields) {
  const StoredPatch stored = StorePatch(builder, fields);
  return fb::CreateFields(builder, stored.slots, stored.data);
}

Result<FieldMap> LoadFields(const fb::Fields* fields) {
  if (fields == nullptr) return FieldMap{};
  return LoadPatch(fields->slots(), fields->data());
}

Offset<fb::Edit> StoreEdit(FlatBufferBuilder& builder, const PendingEdit& edit) {
  const auto fields = StoreFields(builder, edit.patch);
  const auto groups = builder.CreateVector(edit.groups);
  const fb::Id16 op = ToFb(edit.op);
  return fb::CreateEdit(builder, edit.seq, &op, static_cast<std::uint16_t>(edit.kind), groups, fields);
}

Offset<fb::Parked> StoreParked(FlatBufferBuilder& builder, const ParkedGroup& parked) {
  const auto refusal = StoreRefusal(builder, parked.refusal);
  const auto fields = StoreFields(builder, parked.patch);
  const fb::Id16 op = ToFb(parked.op);
  return fb::CreateParked(builder, parked.seq, &op, refusal, fields);
}

Result<PendingEdit> LoadEdit(const fb::Edit& stored) {
  PendingEdit edit{stored.seq(), FromFb<OpId>(stored.op()), static_cast<Kind>(stored.kind()), {}, {}};
  if (stored.groups() != nullptr) edit.groups.assign(stored.groups()->begin(), stored.groups()->end());
  OUTPOST_TRY(edit.patch, LoadFields(stored.fields()));
  return edit;
}

Result<ParkedGroup> LoadParked(const fb::Parked& stored) {
  ParkedGroup parked{stored.seq(), FromFb<OpId>(stored.op()), {}, {}};
  if (stored.refusal() != nullptr) parked.refusal = LoadRefusal(stored.refusal());
  OUTPOST_TRY(parked.patch, LoadFields(stored.fields()));
  return parked;
}

template <class Stored, class In, class Store>
Offset<flatbuffers::Vector<Offset<Stored>>> StoreAll(FlatBufferBuilder& builder, const std::vector<In>& in,
                                                     Store store) {
  if (in.empty()) return {};
  std::vector<Offset<Stored>> offsets;
  offsets.reserve(in.size());
  for (const In& element : in) offsets.push_back(store(builder, element));
  return builder.CreateVector(offsets);
}

// The row's table, verified before any access.
Result<const fb::Item*> CheckedRow(const ItemId& id, std::string_view bytes) {
  flatbuffers::Verifier verifier(AsBytes(bytes).data(), bytes.size());
  if (!fb::VerifyItemBuffer(verifier)) return Error{Code::kCorrupt, Retry::kNever, "stored row of item " + id.Hex()};
  return fb::GetItem(bytes.data());
}

void GlanceAtState(const ItemState& item, std::span<const FieldId> wanted, ItemGlance& glance) {
  glance.visible = item.Visible();
  glance.state = ItemStateName(item);
  for (std::size_t i = 0; i < wanted.size(); ++i) glance.values[i] = item.HeadValue(wanted[i]);
}

}  // namespace

Result<void> GlanceAtItem(const ItemId& id, std::string_view raw, std::span<const FieldId> wanted, ItemGlance& glance) {
  const Aligned aligned(raw);
  OUTPOST_TRY(const fb::Item* row, CheckedRow(id, aligned.view()));
  glance.type = static_cast<ItemType>(row->type());
  glance.head_seq = row->head_seq();
  if (row->remote_id() != nullptr)
    glance.remote_id.assign(row->remote_id()->c_str(), row->remote_id()->size());
  else
    glance.remote_id.clear();
  if (glance.values.size() < wanted.size()) glance.values.resize(wanted.size());
  const auto any = [](const auto* vector) { return vector != nullptr && vector->size() != 0; };
  if (any(row->pending()) || any(row->parked()) || any(row->losers())) {
    OUTPOST_TRY(const ItemState item, DecodeItem(id, raw));
    GlanceAtState(item, wanted, glance);
    return Ok();
  }
  glance.visible = row->on_server();
  glance.state = row->on_server() ? "synced" : "local";
  const fb::Fields* base = row->base();
  return LoadSome(base != nullptr ? base->slots() : nullptr, base != nullptr ? base->data() : nullptr, wanted,
                  glance.values);
}

std::string EncodeItem(const ItemState& state) {
  thread_local FlatBufferBuilder builder(1024);  // a fold encodes one row after the other
  builder.Clear();
  const auto base = StoreFields(builder, state.base);
  const auto pending = StoreAll<fb::Edit>(builder, state.pending, StoreEdit);
  const auto parked = StoreAll<fb::Parked>(builder, state.parked, StoreParked);
  Offset<flatbuffers::Vector<const fb::Loser*>> losers;
  if (!state.losers.empty()) {
    std::vector<fb::Loser> stored;
    for (const LoserGroup& l : state.losers) stored.emplace_back(l.seq, l.rival, l.group, l.server_lost);
    losers = builder.CreateVectorOfStructs(stored);
  }
  Offset<flatbuffers::String> remote_id;
  if (!state.remote_id.empty()) remote_id = builder.CreateString(state.remote_id);
  fb::FinishItemBuffer(builder, fb::CreateItem(builder, static_cast<std::uint8_t>(state.type), state.head_seq,
                                               state.born_seq, state.base_seq, state.on_server, remote_id,
                                               state.version, base, pending, parked, losers, state.gone_since.count()));
  std::string row = Finished(builder);
  if (row.size() > kKeptBuilderBytes) builder.Reset();
  return row;
}

Result<ItemState> DecodeItem(const ItemId& id, std::string_view raw) {
  const Aligned aligned(raw);
  OUTPOST_TRY(const fb::Item* row, CheckedRow(id, aligned.view()));
  ItemState state;
  state.id = id;
  state.type = static_cast<ItemType>(row->type());
  state.head_seq = row->head_seq();
  state.born_seq = row->born_seq();
  state.base_seq = row->base_seq();
  state.on_server = row->on_server();
  state.remote_id = TextOf(row->remote_id());
  state.version = row->version();
  OUTPOST_TRY(state.base, LoadFields(row->base()));
  if (row->pending() != nullptr)
    for (const fb::Edit* edit : *row->pending()) {
      OUTPOST_TRY(PendingEdit loaded, LoadEdit(*edit));
      state.pending.push_back(std::move(loaded));
    }
  if (row->parked() != nullptr)
    for (const fb::Parked* parked : *row->parked()) {
      OUTPOST_TRY(ParkedGroup loaded, LoadParked(*parked));
      state.parked.push_back(std::move(loaded));
    }
  state.gone_since = Millis(row->gone_since());
  for (const fb::Loser& loser : Copied<fb::Loser>(row->losers()))
    state.losers.push_back({loser.seq(), loser.rival(), loser.group(), loser.server_lost()});
  return state;
}

}  // namespace outpost
