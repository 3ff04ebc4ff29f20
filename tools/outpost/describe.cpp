#include "tools/outpost/describe.h"

#include "engine/settings.h"
#include "journal/item_fold.h"
#include "schemas/checkpoint.h"
#include "schemas/fields.h"

namespace outpost::cli {
namespace {

bool IsHarmless(std::string_view name) {
  const KnownSetting* known = FindSetting(name);
  return known != nullptr && known->IsHarmless();
}

const char* AnswerName(ConsentAnswer answer) {
  switch (answer) {
    case ConsentAnswer::kAsked:
      return "asked";
    case ConsentAnswer::kGiven:
      return "given";
    case ConsentAnswer::kRefused:
      return "refused";
  }
  return "unknown";
}

Json::Array Sequences(const std::vector<Sequence>& sequences) {
  return Json::Array(sequences.begin(), sequences.end());
}

Json::Object EntryJson(const BatchEntry& entry) {
  return {{"item", entry.item.Hex()},
          {"verb", VerbName(entry.verb)},
          {"intents", Sequences(entry.intents)},
          {"groups", GroupsJson(entry.groups)}};
}

Json NumberOrNull(std::int64_t number) { return number == 0 ? Json() : Json(number); }

}  // namespace

Result<Describer> Describer::For(const StateReader& state, Contents contents) {
  OUTPOST_TRY(auto paths, FolderPaths::Load(state));
  return Describer(contents, std::move(paths));
}

Json Describer::Folder(const ItemId& folder) const {
  if (shows()) return paths_.Of(folder);
  return folder ? Json(folder.Hex()) : Json();
}

Json Describer::Fields(const FieldMap& fields) const {
  if (shows()) {
    Json::Object values;
    for (const auto& [id, value] : fields) values.emplace_back(FieldName(id), ToJson(value));
    return values;
  }
  Json::Array names;
  for (const auto& [id, value] : fields) names.emplace_back(FieldName(id));
  return names;
}

Json Describer::Refused(const Refusal& refusal) const {
  Json::Object out{{"group", GroupName(refusal.group)},
                   {"field", refusal.field == 0 ? Json() : Json(FieldName(refusal.field))},
                   {"length", NumberOrNull(refusal.length)},
                   {"limit", NumberOrNull(refusal.limit)},
                   {"code", TextOrNull(refusal.code)}};
  if (shows()) out.emplace_back("text", TextOrNull(refusal.text));
  return out;
}

Json::Object Describer::Event(const outpost::Event& event, const ItemId& folder) const {
  const auto& header = event.header;
  const bool named = KindName(header.kind) != std::string_view("unknown");
  Json::Object out{
      {"seq", event.seq},
      {"time", header.time.count()},
      {"kind", named ? std::string(KindName(header.kind)) : "kind " + std::to_string(static_cast<int>(header.kind))},
      {"origin", OriginName(header.origin)},
      {"item", header.item ? Json(header.item.Hex()) : Json()},
      {"folder", Folder(folder)},
      {"type", header.item_type == ItemType::kNone ? Json() : Json(ItemTypeName(header.item_type))}};
  if (header.op) out.emplace_back("op", header.op.Hex());
  if (const auto added = AddBody(event, out); !added) out.emplace_back("problem", added.assume_error().context);
  return out;
}

Result<void> Describer::AddBody(const outpost::Event& event, Json::Object& out) const {
  const Kind kind = event.header.kind;
  if (IsLocalChange(kind) || IsRemoteChange(kind)) {
    OUTPOST_TRY(const auto body, DecodeChange(event.body));
    if (kind != Kind::kLocalDeleted && kind != Kind::kRemoteDeleted) out.emplace_back("fields", Fields(body.patch));
    if (!body.remote_id.empty()) out.emplace_back("remote_id", body.remote_id);
    if (body.version != 0) out.emplace_back("version", body.version);
  } else if (kind == Kind::kOutcome || kind == Kind::kOverruled) {
    OUTPOST_TRY(const auto body, DecodeOutcomes(event.body));
    AddOutcomes(body, out);
  } else if (kind == Kind::kBatchOpened) {
    OUTPOST_TRY(const auto body, DecodeBatchOpened(event.body));
    Json::Array entries;
    for (const auto& entry : body.entries) entries.emplace_back(EntryJson(entry));
    out.emplace_back("batch", body.batch.Hex());
    out.emplace_back("entries", std::move(entries));
  } else if (kind == Kind::kBatchClosed) {
    OUTPOST_TRY(const auto body, DecodeBatchClosed(event.body));
    out.emplace_back("batch", body.batch.Hex());
    out.emplace_back("resumed", body.resumed);
  } else if (kind == Kind::kCursorMoved) {
    OUTPOST_TRY(const auto body, DecodeCursorMoved(event.body));
    out.emplace_back("cursor", body.cursor);
    out.emplace_back("complete", body.complete);
    if (body.compared.count() != 0) out.emplace_back("compared", TimeText(body.compared.count()));
  } else if (kind == Kind::kConsent) {
    OUTPOST_TRY(const auto body, DecodeConsent(event.body));
    out.emplace_back("answer", AnswerName(body.answer));
    out.emplace_back("count", body.count);
    out.emplace_back("held", body.held);
    if (body.own) out.emplace_back("deleted", "here");
  } else if (kind == Kind::kConflictSettled) {
    OUTPOST_TRY(const auto body, DecodeSettled(event.body));
    Json::Array losers;
    for (const auto& loser : body.losers)
      losers.emplace_back(Json::Object{{"loser_seq", loser.seq},
                                       {"winner_seq", loser.rival == 0 ? Json() : Json(loser.rival)},
                                       {"group", GroupName(loser.group)},
                                       {"winner", loser.server_lost ? "local" : "server"},
                                       {"again", loser.again}});
    out.emplace_back("losers", std::move(losers));
  } else if (kind == Kind::kAccountSet) {
    OUTPOST_TRY(const auto body, DecodeSettings(event.body));
    Json::Object settings;
    for (const auto& [name, value] : body.settings)
      settings.emplace_back(name, shows() || IsHarmless(name) ? Json(value) : Json());
    out.emplace_back("settings", std::move(settings));
  } else {
    return AddRetention(event, out);
  }
  return Ok();
}

// The events that restate and drop.
Result<void> Describer::AddRetention(const outpost::Event& event, Json::Object& out) const {
  if (event.header.kind == Kind::kItemRestated) {
    OUTPOST_TRY(const auto item, DecodeItem(event.header.item, event.body));
    out.emplace_back("state", ItemStateName(item));
    out.emplace_back("fields", Fields(item.Head()));
  } else if (event.header.kind == Kind::kAccountRestated) {
    OUTPOST_TRY(const auto body, DecodeSection(event.body));
    out.emplace_back("section", body.name);
    out.emplace_back("count", body.rows.size());
  } else if (event.header.kind == Kind::kCheckpoint) {
    OUTPOST_TRY(const auto body, DecodeCheckpoint(event.body));
    out.emplace_back("begin", body.begins() ? event.seq : body.begin);
    out.emplace_back("ends", !body.begins());
    out.emplace_back("items", body.begins() ? Json() : Json(body.items));
  } else if (event.header.kind == Kind::kGap) {
    OUTPOST_TRY(const auto body, DecodeGap(event.body));
    std::uint64_t missing = 0;
    for (const auto& span : body.spans) missing += span.count;
    out.emplace_back("whole_from", body.whole_from);
    out.emplace_back("count", missing);
    out.emplace_back("damaged", body.damaged);
  }
  return Ok();
}

void Describer::AddOutcomes(const OutcomesBody& body, Json::Object& out) const {
  Json::Object groups;
  for (const auto& outcome : body.groups) groups.emplace_back(GroupName(outcome.group), OutcomeName(outcome.kind));
  out.emplace_back("groups", std::move(groups));
  if (!body.refusals.empty()) {
    Json::Array refusals;
    for (const auto& refusal : body.refusals) refusals.push_back(Refused(refusal));
    out.emplace_back("refusals", std::move(refusals));
  }
  if (!body.remote_id.empty()) out.emplace_back("remote_id", body.remote_id);
  if (body.version != 0) out.emplace_back("version", body.version);
  if (body.batch) out.emplace_back("batch", body.batch.Hex());
  if (body.rival != 0) out.emplace_back("rival", body.rival);
}

}  // namespace outpost::cli
