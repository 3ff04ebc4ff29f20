#include <array>

#include "schemas/patch_codec.h"

namespace outpost {
namespace {

using namespace codec;
using flatbuffers::FlatBufferBuilder;

template <class Out, class In, class Convert>
std::vector<Out> ListOf(const In* in, Convert convert) {
  std::vector<Out> out;
  if (in == nullptr) return out;
  out.reserve(in->size());
  for (const auto& element : *in) out.push_back(convert(element));
  return out;
}

fb::Stamp StampOf(const EventHeader& header) {
  return {static_cast<std::uint64_t>(header.time.count()), header.back, static_cast<std::uint16_t>(header.kind),
          static_cast<std::uint8_t>(header.origin), static_cast<std::uint8_t>(header.item_type)};
}

std::string BuildHeader(const EventHeader& header) {
  FlatBufferBuilder builder(128);
  const fb::Stamp stamp = StampOf(header);
  const fb::Id16 item = ToFb(header.item);
  const fb::Id16 op = ToFb(header.op);
  fb::HeaderBuilder table(builder);
  if (header.key_id != 0) table.add_key_id(header.key_id);
  if (header.op) table.add_op(&op);
  if (header.item) table.add_item(&item);
  table.add_stamp(&stamp);
  if (header.encoding != 0) table.add_encoding(header.encoding);
  fb::FinishHeaderBuffer(builder, table.Finish());
  return Finished(builder);
}

}  // namespace

// Headers with the same fields differ in the values of stamp and ids only, which lie at fixed places: one is built, the
// others are written over a copy of it.
std::string EncodeHeader(const EventHeader& header) {
  if (header.key_id != 0 || header.encoding != 0) return BuildHeader(header);
  thread_local std::array<std::string, 4> shapes;
  std::string& shape = shapes[(header.item ? 1u : 0u) + (header.op ? 2u : 0u)];
  if (shape.empty()) shape = BuildHeader(header);
  std::string bytes = shape;
  fb::Header* table = fb::GetMutableHeader(bytes.data());
  *table->mutable_stamp() = StampOf(header);
  if (header.item) *table->mutable_item() = ToFb(header.item);
  if (header.op) *table->mutable_op() = ToFb(header.op);
  return bytes;
}

Result<EventHeader> DecodeHeader(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  flatbuffers::Verifier verifier(AsBytes(bytes).data(), bytes.size());
  if (!fb::VerifyHeaderBuffer(verifier)) return BadBytes("the header is not one");
  const fb::Header* table = fb::GetHeader(bytes.data());
  if (table->stamp() == nullptr) return BadBytes("the header has no stamp");
  EventHeader header;
  header.time = Millis(static_cast<std::int64_t>(table->stamp()->time_ms()));
  header.back = table->stamp()->back();
  header.kind = static_cast<Kind>(table->stamp()->kind());
  header.origin = static_cast<Origin>(table->stamp()->origin());
  header.item_type = static_cast<ItemType>(table->stamp()->item_type());
  header.item = FromFb<ItemId>(table->item());
  header.op = FromFb<OpId>(table->op());
  header.key_id = table->key_id();
  header.encoding = table->encoding();
  return header;
}

void SetBack(std::string& header_bytes, std::uint32_t back) {
  fb::Header* table = fb::GetMutableHeader(header_bytes.data());
  table->mutable_stamp()->mutate_back(back);
}

std::string Encode(const ChangeBody& body) {
  FlatBufferBuilder builder(512);
  flatbuffers::Offset<flatbuffers::String> remote_at;
  if (!body.remote_id.empty()) remote_at = builder.CreateString(body.remote_id);
  const StoredPatch patch = StorePatch(builder, body.patch);
  return Finish(builder, fb::CreateChange(builder, patch.slots, patch.data, remote_at, body.version));
}

Result<void> CheckChange(std::string_view raw) {
  const Aligned aligned(raw);
  const auto* table = Checked<fb::Change>(aligned.view());
  if (table == nullptr) return BadBytes("the body is not a change");
  return CheckPatch(table->slots(), table->data());
}

Result<ChangeBody> DecodeChange(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::Change>(bytes);
  if (table == nullptr) return BadBytes("the body is not a change");
  ChangeBody body;
  OUTPOST_TRY(body.patch, LoadPatch(table->slots(), table->data()));
  body.remote_id = TextOf(table->remote_id());
  body.version = table->version();
  return body;
}

std::string Encode(const OutcomesBody& body) {
  FlatBufferBuilder builder(256);
  std::vector<fb::GroupOutcome> groups;
  for (const GroupOutcome& outcome : body.groups)
    groups.emplace_back(outcome.group, static_cast<std::uint8_t>(outcome.kind), std::uint8_t{0});
  std::vector<flatbuffers::Offset<fb::Refusal>> refusals;
  for (const Refusal& refusal : body.refusals) refusals.push_back(StoreRefusal(builder, refusal));
  const auto groups_at = builder.CreateVectorOfStructs(groups);
  flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<fb::Refusal>>> refusals_at;
  if (!refusals.empty()) refusals_at = builder.CreateVector(refusals);
  flatbuffers::Offset<flatbuffers::String> remote_at;
  if (!body.remote_id.empty()) remote_at = builder.CreateString(body.remote_id);
  const fb::Id16 batch = ToFb(body.batch);
  return Finish(builder, fb::CreateOutcomes(builder, groups_at, refusals_at, remote_at, body.version,
                                            body.batch ? &batch : nullptr, body.rival));
}

Result<OutcomesBody> DecodeOutcomes(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::Outcomes>(bytes);
  if (table == nullptr) return BadBytes("the body is no list of outcomes");
  OutcomesBody body;
  body.groups = ListOf<GroupOutcome>(table->groups(), [](const fb::GroupOutcome* outcome) {
    return GroupOutcome{outcome->group(), static_cast<OutcomeKind>(outcome->kind())};
  });
  for (const GroupOutcome& outcome : body.groups)  // a pair must never leave the queue for a reason nobody knows
    if (outcome.kind < OutcomeKind::kAcknowledged || outcome.kind > OutcomeKind::kLoser)
      return BadBytes("an unknown outcome");
  body.refusals = ListOf<Refusal>(table->refusals(), LoadRefusal);
  body.remote_id = TextOf(table->remote_id());
  body.version = table->version();
  body.batch = FromFb<BatchId>(table->batch());
  body.rival = table->rival();
  return body;
}

std::string Encode(const BatchOpenedBody& body) {
  FlatBufferBuilder builder(1024);
  std::vector<flatbuffers::Offset<fb::BatchEntry>> entries;
  for (const BatchEntry& entry : body.entries) {
    const fb::Id16 item = ToFb(entry.item);
    const auto intents = builder.CreateVector(entry.intents);
    const auto groups = builder.CreateVector(entry.groups);
    entries.push_back(fb::CreateBatchEntry(builder, &item, static_cast<std::uint8_t>(entry.verb), intents, groups));
  }
  const auto entries_at = builder.CreateVector(entries);
  const fb::Id16 batch = ToFb(body.batch);
  return Finish(builder, fb::CreateBatchOpened(builder, &batch, entries_at));
}

Result<BatchOpenedBody> DecodeBatchOpened(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::BatchOpened>(bytes);
  if (table == nullptr) return BadBytes("the body is not an opened batch");
  BatchOpenedBody body;
  body.batch = FromFb<BatchId>(table->batch());
  body.entries = ListOf<BatchEntry>(table->entries(), [](const fb::BatchEntry* entry) {
    return BatchEntry{FromFb<ItemId>(entry->item()), static_cast<Verb>(entry->verb()),
                      Copied<Sequence>(entry->intents()), Copied<GroupId>(entry->groups())};
  });
  for (const BatchEntry& entry : body.entries)
    if (entry.verb < Verb::kCreate || entry.verb > Verb::kDelete) return BadBytes("an unknown verb");
  return body;
}

std::string Encode(const BatchClosedBody& body) {
  FlatBufferBuilder builder(64);
  const fb::Id16 batch = ToFb(body.batch);
  return Finish(builder, fb::CreateBatchClosed(builder, &batch, body.resumed));
}

Result<BatchClosedBody> DecodeBatchClosed(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::BatchClosed>(bytes);
  if (table == nullptr) return BadBytes("the body is not a closed batch");
  return BatchClosedBody{FromFb<BatchId>(table->batch()), table->resumed()};
}

std::string Encode(const CursorMovedBody& body) {
  FlatBufferBuilder builder(64);
  return Finish(builder,
                fb::CreateCursorMoved(builder, body.cursor, body.columns, body.complete, body.compared.count()));
}

Result<CursorMovedBody> DecodeCursorMoved(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::CursorMoved>(bytes);
  if (table == nullptr) return BadBytes("the body is not a moved cursor");
  return CursorMovedBody{table->cursor(), table->columns(), table->complete(), Millis(table->compared())};
}

std::string Encode(const ConsentBody& body) {
  FlatBufferBuilder builder(256);
  std::vector<fb::Id16> items;
  for (const ItemId& item : body.items) items.push_back(ToFb(item));
  const auto items_at = builder.CreateVectorOfStructs(items);
  return Finish(builder, fb::CreateConsent(builder, body.count, body.held, static_cast<std::uint8_t>(body.answer),
                                           items_at, body.closed, body.own));
}

Result<ConsentBody> DecodeConsent(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::Consent>(bytes);
  if (table == nullptr) return BadBytes("the body is not a consent");
  if (table->answer() > static_cast<std::uint8_t>(ConsentAnswer::kRefused))
    return BadBytes("an unknown answer to a consent");
  return ConsentBody{table->count(),
                     table->held(),
                     static_cast<ConsentAnswer>(table->answer()),
                     ListOf<ItemId>(table->items(), [](const fb::Id16* id) { return FromFb<ItemId>(id); }),
                     table->closed(),
                     table->own()};
}

std::string Encode(const SettingsBody& body) {
  FlatBufferBuilder builder(256);
  std::vector<flatbuffers::Offset<fb::Setting>> settings;
  for (const auto& [name, value] : body.settings)
    settings.push_back(fb::CreateSetting(builder, builder.CreateString(name), builder.CreateString(value)));
  return Finish(builder, fb::CreateSettings(builder, builder.CreateVector(settings)));
}

Result<SettingsBody> DecodeSettings(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::Settings>(bytes);
  if (table == nullptr) return BadBytes("the body is no list of settings");
  SettingsBody body;
  body.settings = ListOf<std::pair<std::string, std::string>>(table->settings(), [](const fb::Setting* setting) {
    return std::pair{TextOf(setting->name()), TextOf(setting->value())};
  });
  return body;
}

std::string Encode(const SettledBody& body) {
  FlatBufferBuilder builder(128);
  std::vector<fb::SettledLoser> losers;
  for (const SettledLoser& l : body.losers) losers.emplace_back(l.seq, l.rival, l.group, l.server_lost, l.again);
  return Finish(builder, fb::CreateSettled(builder, builder.CreateVectorOfStructs(losers)));
}

Result<SettledBody> DecodeSettled(std::string_view raw) {
  const Aligned aligned(raw);
  const std::string_view bytes = aligned.view();
  const auto* table = Checked<fb::Settled>(bytes);
  if (table == nullptr) return BadBytes("the body is no list of settled conflicts");
  SettledBody body;
  for (const fb::SettledLoser& l : Copied<fb::SettledLoser>(table->losers()))
    body.losers.push_back({l.seq(), l.rival(), l.group(), l.server_lost(), l.again()});
  return body;
}

}  // namespace outpost
