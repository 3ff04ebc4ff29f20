#include "tests/schemas/samples.h"

#include <limits>
#include <sstream>

#include "base/system/crypto.h"
#include "schemas/checkpoint.h"

namespace outpost::test {
namespace {

using namespace std::string_literals;

const FieldMap kPatch{{101, "Ada"s},
                      {103, Value{}},
                      {146, "Zeile 1\r\nZeile 2 ☃"s},
                      {148, std::vector<std::string>{"Red", "", "Blüe"}},
                      {149, true},
                      {157, std::int64_t{-4'354'732'800'000}},
                      {160, IdOf<ItemId>(0x11)},
                      {173, Blob{"\x89PNG\0\xff"s}}};

// The same with a reference to a blob in its place. No field of fields.tsv holds one yet; a patch may.
FieldMap PatchWithBlob() {
  FieldMap patch = kPatch;
  patch[173] = BlobRef{Sha256Of("a photo"), 200'000'000};
  return patch;
}

Event Make(Kind kind, std::string body) {
  static Sequence seq = 0;
  Event event;
  event.seq = ++seq;
  event.header.time = Millis{1'795'508'753'120};
  event.header.kind = kind;
  event.header.origin = IsRemoteChange(kind) ? Origin::kServer : Origin::kUser;
  event.body = std::move(body);
  return event;
}

Event OfItem(Kind kind, std::string body) {
  Event event = Make(kind, std::move(body));
  event.header.item_type = ItemType::kContact;
  event.header.item = IdOf<ItemId>(0x22);
  event.header.op = IsRemoteChange(kind) ? OpId{} : IdOf<OpId>(0x33);
  event.header.back = 7;
  return event;
}

std::string Text(const Value& value) {
  std::ostringstream out;
  switch (KindOf(value)) {
    case ValueKind::kNull:
      out << "null";
      break;
    case ValueKind::kText:
      out << "text " << ToHex(AsBytes(std::get<std::string>(value)));
      break;
    case ValueKind::kInt:
      out << "int " << std::get<std::int64_t>(value);
      break;
    case ValueKind::kBool:
      out << (std::get<bool>(value) ? "true" : "false");
      break;
    case ValueKind::kTexts:
      out << "texts";
      for (const std::string& text : std::get<std::vector<std::string>>(value))
        out << " [" << ToHex(AsBytes(text)) << "]";
      break;
    case ValueKind::kBytes:
      out << "bytes " << ToHex(AsBytes(std::get<Blob>(value).bytes));
      break;
    case ValueKind::kId:
      out << "id " << std::get<ItemId>(value).Hex();
      break;
    case ValueKind::kBlob:
      out << "blob " << ToHex(std::get<BlobRef>(value).id) << " " << std::get<BlobRef>(value).size;
      break;
  }
  return out.str();
}

void Say(std::ostream& out, const ChangeBody& body) {
  if (!body.remote_id.empty()) out << "remote_id " << body.remote_id << "\n";
  out << "version " << body.version << "\n";
  for (const auto& [field, value] : body.patch) out << "field " << field << " " << Text(value) << "\n";
}
void Say(std::ostream& out, const OutcomesBody& body) {
  for (const GroupOutcome& outcome : body.groups)
    out << "group " << outcome.group << " " << OutcomeName(outcome.kind) << "\n";
  for (const Refusal& r : body.refusals)
    out << "refusal " << r.group << " " << r.field << " " << r.length << " " << r.limit << " " << r.code << " "
        << r.text << "\n";
  if (!body.remote_id.empty()) out << "remote_id " << body.remote_id << "\n";
  out << "version " << body.version << "\nbatch " << body.batch.Hex() << "\nrival " << body.rival << "\n";
}
void Say(std::ostream& out, const BatchOpenedBody& body) {
  out << "batch " << body.batch.Hex() << "\n";
  for (const BatchEntry& entry : body.entries) {
    out << "entry " << entry.item.Hex() << " " << VerbName(entry.verb) << " intents";
    for (const Sequence seq : entry.intents) out << " " << seq;
    out << " groups";
    for (const GroupId group : entry.groups) out << " " << group;
    out << "\n";
  }
}
void Say(std::ostream& out, const BatchClosedBody& body) {
  out << "batch " << body.batch.Hex() << "\nresumed " << body.resumed << "\n";
}
void Say(std::ostream& out, const CursorMovedBody& body) {
  out << "cursor " << body.cursor << "\ncolumns " << body.columns << "\ncomplete " << body.complete << "\n";
}
void Say(std::ostream& out, const ConsentBody& body) {
  out << "count " << body.count << "\nheld " << body.held << "\nanswer " << static_cast<int>(body.answer) << "\n";
  for (const ItemId& item : body.items) out << "item " << item.Hex() << "\n";
  if (body.own) out << "own\n";
}
void Say(std::ostream& out, const SettingsBody& body) {
  for (const auto& [name, value] : body.settings) out << "setting " << name << " = " << value << "\n";
}

void Say(std::ostream& out, const SettledBody& body) {
  for (const SettledLoser& l : body.losers)
    out << "settled " << l.seq << " " << l.rival << " " << l.group << " " << l.server_lost << " " << l.again << "\n";
}
void Say(std::ostream& out, const SectionBody& body) {
  out << "section " << body.name << " from " << ToHex(AsBytes(body.from)) << " to " << ToHex(AsBytes(body.to)) << "\n";
  for (const auto& [key, value] : body.rows)
    out << "row " << ToHex(AsBytes(key)) << " = " << ToHex(AsBytes(value)) << "\n";
}
void Say(std::ostream& out, const CheckpointBody& body) {
  out << "begin " << body.begin << "\nitems " << body.items << "\nbytes " << body.bytes << "\n";
}
void Say(std::ostream& out, const GapBody& body) {
  out << "whole_from " << body.whole_from << "\ndamaged " << body.damaged << "\n";
  for (const GapSpan& span : body.spans)
    out << "span " << span.from << " " << span.to << " " << span.count << " " << ToHex(span.chain_before) << " "
        << ToHex(span.chain_after) << "\n";
}
void Say(std::ostream& out, const ItemState& item) {
  out << "item of type " << ItemTypeName(item.type) << "\nhead " << item.head_seq << "\nborn " << item.born_seq
      << "\nbase " << item.base_seq << "\non_server " << item.on_server << "\nremote_id " << item.remote_id
      << "\nversion " << item.version << "\n";
  for (const auto& [field, value] : item.base) out << "field " << field << " " << Text(value) << "\n";
  for (const PendingEdit& edit : item.pending) {
    out << "pending " << edit.seq << " " << edit.op.Hex() << " " << KindName(edit.kind) << " groups";
    for (const GroupId group : edit.groups) out << " " << group;
    out << "\n";
    for (const auto& [field, value] : edit.patch) out << "  field " << field << " " << Text(value) << "\n";
  }
  for (const ParkedGroup& parked : item.parked) {
    out << "parked " << parked.seq << " " << parked.op.Hex() << " group " << parked.refusal.group << " "
        << parked.refusal.code << "\n";
    for (const auto& [field, value] : parked.patch) out << "  field " << field << " " << Text(value) << "\n";
  }
  for (const LoserGroup& loser : item.losers)
    out << "loser " << loser.seq << " " << loser.rival << " " << loser.group << " " << loser.server_lost << "\n";
}
std::string Encode(const ItemState& item) { return EncodeItem(item); }

// Calls `use` with the decoded body of an event of `kind`.
template <class Use>
Result<void> WithBody(Kind kind, std::string_view bytes, Use use) {
  const auto with = [&](const auto& decoded) -> Result<void> {
    if (!decoded) return decoded.as_failure();
    use(decoded.value());
    return Ok();
  };
  if (IsLocalChange(kind) || IsRemoteChange(kind)) return with(DecodeChange(bytes));
  switch (kind) {
    case Kind::kOutcome:
    case Kind::kOverruled:
      return with(DecodeOutcomes(bytes));
    case Kind::kBatchOpened:
      return with(DecodeBatchOpened(bytes));
    case Kind::kBatchClosed:
      return with(DecodeBatchClosed(bytes));
    case Kind::kCursorMoved:
      return with(DecodeCursorMoved(bytes));
    case Kind::kConsent:
      return with(DecodeConsent(bytes));
    case Kind::kAccountSet:
      return with(DecodeSettings(bytes));
    case Kind::kConflictSettled:
      return with(DecodeSettled(bytes));
    case Kind::kItemForgotten:
      return with(DecodeChange(bytes));
    case Kind::kItemRestated:
      return with(DecodeItem({}, bytes));
    case Kind::kAccountRestated:
      return with(DecodeSection(bytes));
    case Kind::kCheckpoint:
      return with(DecodeCheckpoint(bytes));
    case Kind::kGap:
      return with(DecodeGap(bytes));
    default:
      return Error{Code::kInvalid, Retry::kNever, "a kind without a body"};
  }
}

}  // namespace

std::vector<Event> SampleEvents() {
  const Refusal refusal{146, 146, 9000, 5680, "CON-0173", "Notiz zu lang: \"Zeile 1…\""};
  const BatchId batch = IdOf<BatchId>(0x44);
  std::vector<Event> events;
  for (const Kind kind : {Kind::kLocalCreated, Kind::kLocalChanged, Kind::kLocalDeleted})
    events.push_back(OfItem(kind, Encode(ChangeBody{kind == Kind::kLocalDeleted ? FieldMap{} : kPatch, {}, 0})));
  for (const Kind kind : {Kind::kRemoteCreated, Kind::kRemoteChanged, Kind::kRemoteDeleted})
    events.push_back(OfItem(kind, Encode(ChangeBody{kPatch, "77/5", std::numeric_limits<std::int64_t>::max()})));
  events.push_back(OfItem(Kind::kLocalChanged, Encode(ChangeBody{PatchWithBlob(), {}, 0})));
  for (const Kind kind : {Kind::kOutcome, Kind::kOverruled}) {
    events.push_back(OfItem(kind, Encode(OutcomesBody{{{kExistence, OutcomeKind::kAcknowledged},
                                                       {100, OutcomeKind::kMerged},
                                                       {106, OutcomeKind::kSuperseded},
                                                       {146, OutcomeKind::kParked},
                                                       {148, OutcomeKind::kLoser}},
                                                      {refusal},
                                                      "77/6",
                                                      1'795'508'753'120,
                                                      batch,
                                                      41})));
    events.push_back(OfItem(kind, Encode(OutcomesBody{})));
  }
  events.push_back(
      Make(Kind::kBatchOpened, Encode(BatchOpenedBody{batch,
                                                      {{IdOf<ItemId>(0x22), Verb::kCreate, {1, 2}, {kExistence, 100}},
                                                       {IdOf<ItemId>(0x55), Verb::kUpdate, {3}, {146}},
                                                       {IdOf<ItemId>(0x66), Verb::kDelete, {}, {}}}})));
  events.push_back(Make(Kind::kBatchOpened, Encode(BatchOpenedBody{})));
  events.push_back(Make(Kind::kBatchClosed, Encode(BatchClosedBody{batch, true})));
  events.push_back(OfItem(Kind::kCursorMoved, Encode(CursorMovedBody{1'795'508'753'120, 4'000'000'000u, true})));
  events.push_back(
      OfItem(Kind::kConsent, Encode(ConsentBody{51, 100, ConsentAnswer::kGiven, {IdOf<ItemId>(1), IdOf<ItemId>(2)}})));
  events.push_back(Make(Kind::kAccountSet, Encode(SettingsBody{{{"policy", "client-wins"}, {"batch", ""}}})));
  events.push_back(
      OfItem(Kind::kConflictSettled, Encode(SettledBody{{{60, 61, 106, false, false}, {62, 0, 148, true, true}}})));
  events.push_back(OfItem(Kind::kConflictSettled, Encode(SettledBody{})));
  events.push_back(OfItem(Kind::kItemRestated, EncodeItem(SampleItem())));
  events.push_back(OfItem(Kind::kItemRestated, EncodeItem(ItemState{})));
  events.push_back(OfItem(Kind::kItemForgotten, Encode(ChangeBody{})));
  events.push_back(Make(Kind::kAccountRestated,
                        Encode(SectionBody{"totals", "a", "edits\x01"s, {{"batches", "\0\1"s}, {"edits", ""}}})));
  events.push_back(Make(Kind::kAccountRestated, Encode(SectionBody{})));
  events.push_back(Make(Kind::kCheckpoint, Encode(CheckpointBody{})));
  events.push_back(Make(Kind::kCheckpoint, Encode(CheckpointBody{812, 100'000, 47'114'711})));
  Digest before{}, after{};
  before.fill(0xb0);
  after.fill(0xa0);
  events.push_back(
      Make(Kind::kGap, Encode(GapBody{812, true, {{1, 40, 40, before, after}, {60, 811, 2, after, before}}})));
  events.push_back(Make(Kind::kGap, Encode(GapBody{})));
  return events;
}

ItemState SampleItem() {
  ItemState item;
  item.id = IdOf<ItemId>(0x22);
  item.type = ItemType::kContact;
  item.head_seq = 90;
  item.born_seq = 3;
  item.base_seq = 80;
  item.on_server = true;
  item.remote_id = "77/5";
  item.version = -1;
  item.base = kPatch;
  item.base.erase(103);
  item.pending = {{85, IdOf<OpId>(1), Kind::kLocalChanged, {100, 148}, {{101, "Ada B."s}, {148, Value{}}}},
                  {90, IdOf<OpId>(2), Kind::kLocalDeleted, {kExistence}, {}}};
  item.parked = {{70, IdOf<OpId>(3), {146, 146, 9000, 5680, "CON-0173", "too long"}, {{146, "long"s}}}};
  item.losers = {{60, 61, 106, false}, {62, 63, 148, true}};
  return item;
}

std::vector<Value> SampleValues() {
  return {Value{},
          ""s,
          "Ada\0Lovelace ☃"s,
          std::int64_t{0},
          std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::int64_t>::max(),
          true,
          false,
          std::vector<std::string>{},
          std::vector<std::string>{""},
          std::vector<std::string>{"a", "", "bc"},
          Blob{},
          Blob{"\0\xff"s},
          IdOf<ItemId>(0x7f),
          BlobRef{},
          BlobRef{Sha256Of("a photo"), 0x0123456789abcdef}};
}

Result<std::string> Recode(Kind kind, std::string_view body) {
  std::string again;
  OUTPOST_TRYV(WithBody(kind, body, [&](const auto& decoded) { again = Encode(decoded); }));
  return again;
}

std::string Describe(const Event& event) {
  std::ostringstream out;
  const EventHeader& h = event.header;
  out << "kind " << KindName(h.kind) << "\norigin " << OriginName(h.origin) << "\ntime " << h.time.count()
      << "\nitem_type " << ItemTypeName(h.item_type) << "\nitem " << h.item.Hex() << "\nop " << h.op.Hex() << "\nback "
      << h.back << "\nkey_id " << h.key_id << "\nencoding " << static_cast<int>(h.encoding) << "\n";
  const Result<void> said = WithBody(h.kind, event.body, [&](const auto& body) { Say(out, body); });
  if (!said) out << "body " << CodeName(said.error().code) << "\n";
  return out.str();
}

}  // namespace outpost::test
