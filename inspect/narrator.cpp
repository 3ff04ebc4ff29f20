#include "inspect/narrator.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "engine/settings.h"
#include "projection/folders.h"
#include "replicator/planner.h"
#include "schemas/checkpoint.h"
#include "schemas/folders.h"

namespace outpost {
namespace {

void Join(std::string& text, std::string_view part) {
  if (part.empty()) return;
  if (!text.empty()) text += ", ";
  text += part;
}

std::string NameOfField(FieldId id) {
  const Field* known = FindField(id);
  return known != nullptr ? std::string(known->name) : "field " + std::to_string(id);
}

bool IsFolderField(FieldId id) {
  const Field* known = FindField(id);
  return known != nullptr && field::FolderOf(known->type) == id;
}

bool IsServers(FieldId id) {
  const Field* known = FindField(id);
  return known == nullptr || known->sync == Sync::kServer;
}

// The folder that a patch moves its item to; none where it does not.
ItemId FolderIn(const FieldMap& patch) {
  for (const auto& [id, value] : patch)
    if (const auto* folder = std::get_if<ItemId>(&value); folder != nullptr && IsFolderField(id)) return *folder;
  return {};
}

// At most kTextMost bytes, cut between characters.
std::string Shortened(const std::string& text) {
  constexpr std::size_t kTextMost = 100;
  if (text.size() <= kTextMost) return text;
  std::size_t end = kTextMost;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

std::string TextNumber(std::int64_t number) { return number == 0 ? std::string() : std::to_string(number); }

}  // namespace

std::string MomentText(Millis time) {
  using std::chrono::floor;
  const std::chrono::sys_time<Millis> at{time};
  const auto day = floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<std::chrono::seconds> clock{floor<std::chrono::seconds>(at - day)};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text.data();
}

std::string ValueText(Language language, FieldId field, const Value& value) {
  const Field* known = FindField(field);
  switch (KindOf(value)) {
    case ValueKind::kNull:
      return outpost::Say(language, "value.nothing");
    case ValueKind::kText:
      return "\"" + Shortened(std::get<std::string>(value)) + "\"";
    case ValueKind::kInt: {
      const std::int64_t number = std::get<std::int64_t>(value);
      if (known != nullptr && known->kind == FieldKind::kTime) return MomentText(Millis(number));
      if (known != nullptr && known->kind == FieldKind::kDate) return MomentText(Millis(number)).substr(0, 10);
      return std::to_string(number);
    }
    case ValueKind::kBool:
      return std::get<bool>(value) ? "true" : "false";
    case ValueKind::kTexts: {
      std::string out;
      for (const std::string& one : std::get<std::vector<std::string>>(value)) out += (out.empty() ? "\"" : "; ") + one;
      return out.empty() ? outpost::Say(language, "value.nothing") : out + "\"";
    }
    case ValueKind::kBytes:
      return outpost::Say(language, "value.bytes", {{"count", std::to_string(std::get<Blob>(value).bytes.size())}});
    case ValueKind::kId:
      return std::get<ItemId>(value).Hex();
    case ValueKind::kBlob:
      return outpost::Say(language, "value.bytes", {{"count", std::to_string(std::get<BlobRef>(value).size)}});
  }
  return {};
}

std::string NameOf(const ItemState& item) {
  const auto text_of = [&](FieldId id) {
    const Value value = id != 0 ? item.HeadValue(id) : Value{};
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : std::string();
  };
  std::string name = text_of(field::LabelOf(item.type));
  if (!name.empty() || FieldOwner(item.type) != ItemType::kContact) return name;
  for (const char* part : {"first_name", "last_name", "company"}) {
    const std::string text = text_of(FindField(ItemType::kContact, part)->id);
    if (!text.empty()) name += (name.empty() ? "" : " ") + text;
  }
  return name;
}

Result<Narrator> Narrator::For(const StateReader& state, Language language, bool contents) {
  Narrator narrator(language, contents);
  if (!contents) return narrator;
  OUTPOST_TRY(const auto folders, ListFolders(state));
  for (const FolderNode& folder : folders) narrator.folders_.emplace(folder.id, folder.path);
  return narrator;
}

std::string Narrator::Folder(const ItemId& folder) const {
  if (!folder || IsRoot(folder)) return {};
  const auto known = folders_.find(folder);
  return known != folders_.end() ? "\"" + known->second + "\"" : Say("folder.id", {{"id", folder.Hex()}});
}

std::string Narrator::Topic(ItemType type, const ItemId& id, const std::string& name) const {
  std::string called = id ? id.Hex() : std::string();
  if (contents_ && !name.empty()) called += " \"" + name + "\"";
  const std::string kind = type == ItemType::kNone ? "none" : ItemTypeName(type);
  return Say("item", {{"type", Say("type." + kind)}, {"name", called}});
}

std::string Narrator::Topic(const ItemState& item) const { return Topic(item.type, item.id, NameOf(item)); }

std::string Narrator::Fields(const FieldMap& fields, const FieldMap* before, bool all) const {
  std::string text;
  for (const bool servers : {false, true}) {
    if (servers && !all) break;
    for (const auto& [id, value] : fields) {
      if (IsFolderField(id) || IsServers(id) != servers) continue;
      if (!contents_) {
        Join(text, NameOfField(id));
        continue;
      }
      std::string old;
      if (before != nullptr)
        if (const auto at = before->find(id); at != before->end()) old = ValueText(language_, id, at->second);
      Join(text, Say("value.change",
                     {{"field", NameOfField(id)}, {"new", ValueText(language_, id, value)}, {"old", std::move(old)}}));
    }
  }
  return text;
}

std::string Narrator::Groups(const std::vector<GroupId>& groups) const {
  std::string text;
  for (const GroupId group : groups)
    Join(text, group == kExistence ? Say("group.existence") : std::string(GroupName(group)));
  return text;
}

std::string Narrator::Reason(const Refusal& refusal) const {
  const Words words{{"field", refusal.field == 0 ? std::string() : NameOfField(refusal.field)},
                    {"length", TextNumber(refusal.length)},
                    {"limit", TextNumber(refusal.limit)},
                    {"code", refusal.code}};
  std::string key = "code." + refusal.code.substr(0, refusal.code.find(' '));
  if (!HasText(key))
    key = refusal.field != 0 && refusal.limit != 0 && refusal.length != 0 ? "code.limit" : "code.other";
  std::string reason = Say(key, words);
  if (contents_ && !refusal.text.empty()) reason += " \"" + refusal.text + "\"";
  return reason;
}

Narrator::Told Narrator::TellChange(const Event& event, const ChangeBody& body, const ItemState* before) const {
  const Kind kind = event.header.kind;
  std::string key = KindName(kind);
  const ItemId folder = FolderIn(body.patch);
  const bool changed = kind == Kind::kLocalChanged || kind == Kind::kRemoteChanged;
  const bool local = IsLocalChange(kind);
  const FieldMap head = before != nullptr && changed ? before->Head() : FieldMap{};
  std::string fields = Fields(body.patch, &head, false);
  if (changed && folder && (before == nullptr || before->Folder() != folder)) {
    key = local ? "local_moved" : "remote_moved";
  } else if (kind == Kind::kRemoteChanged && fields.empty()) {
    key = "remote_noted";
    fields = Fields(body.patch, &head, true);
  }
  return {key,
          {{"who", Say(std::string("who.") + OriginName(event.header.origin))},
           {"folder", Folder(folder)},
           {"from", before != nullptr ? Folder(before->Folder()) : std::string()},
           {"fields", kind == Kind::kRemoteCreated ? std::string() : fields},
           {"remote_id", body.remote_id}}};
}

std::vector<Narrator::Told> Narrator::TellOutcome(const Event& event, const OutcomesBody& body,
                                                  const ItemState* before) const {
  const PendingEdit* edit = before != nullptr ? before->FindPending(event.header.op) : nullptr;
  Words common{{"edit", edit != nullptr ? std::to_string(edit->seq) : std::string()},
               {"rival", body.rival != 0 ? std::to_string(body.rival) : std::string()},
               {"remote_id", body.remote_id}};
  const auto told = [&](std::string key, const std::vector<GroupId>& groups, const std::string& reason) {
    Words words = common;
    words.emplace_back("groups", Groups(groups));
    words.emplace_back("reason", reason);
    return Told{std::move(key), std::move(words)};
  };
  std::vector<Told> out;
  for (const OutcomeKind kind : {OutcomeKind::kAcknowledged, OutcomeKind::kMerged, OutcomeKind::kSuperseded,
                                 OutcomeKind::kParked, OutcomeKind::kLoser}) {
    std::vector<GroupId> groups;
    for (const GroupOutcome& outcome : body.groups)
      if (outcome.kind == kind) groups.push_back(outcome.group);
    if (groups.empty()) continue;
    const bool whole = kind == OutcomeKind::kAcknowledged && groups.front() == kExistence && edit != nullptr;
    if (event.header.kind == Kind::kOverruled) {
      out.push_back(told("overruled", groups, {}));
    } else if (whole) {
      out.push_back(
          told(edit->kind == Kind::kLocalDeleted ? "outcome.deleted" : "outcome.created", groups, std::string()));
    } else if (kind == OutcomeKind::kParked) {
      std::map<std::string, std::vector<GroupId>> of_reason;
      for (const GroupId group : groups) {
        Refusal refusal;
        for (const Refusal& one : body.refusals)
          if (one.group == group) refusal = one;
        of_reason[Reason(refusal)].push_back(group);
      }
      for (const auto& [reason, refused] : of_reason) out.push_back(told("outcome.parked", refused, reason));
    } else {
      out.push_back(told(std::string("outcome.") + OutcomeName(kind), groups, {}));
    }
  }
  return out;
}

Result<std::vector<Narrator::Told>> Narrator::TellRetention(const Event& event) const {
  switch (event.header.kind) {
    case Kind::kAccountRestated: {
      OUTPOST_TRY(const auto body, DecodeSection(event.body));
      return std::vector<Told>{
          {"account_restated", {{"section", body.name}, {"count", std::to_string(body.rows.size())}}}};
    }
    case Kind::kCheckpoint: {
      OUTPOST_TRY(const auto body, DecodeCheckpoint(event.body));
      return std::vector<Told>{{body.begins() ? "checkpoint.begins" : "checkpoint.ends",
                                {{"begin", std::to_string(body.begin)}, {"count", std::to_string(body.items)}}}};
    }
    case Kind::kGap: {
      OUTPOST_TRY(const auto body, DecodeGap(event.body));
      std::uint64_t missing = 0;
      for (const auto& span : body.spans) missing += span.count;
      return std::vector<Told>{{body.damaged ? "gap.damaged" : "gap.dropped",
                                {{"count", std::to_string(missing)}, {"from", std::to_string(body.whole_from)}}}};
    }
    default:
      return std::vector<Told>{{HasText(KindName(event.header.kind)) ? KindName(event.header.kind) : "unknown",
                                {{"kind", std::to_string(static_cast<int>(event.header.kind))}}}};
  }
}

Result<std::vector<Narrator::Told>> Narrator::TellBody(const Event& event, const ItemState* before) const {
  const Kind kind = event.header.kind;
  if (IsLocalChange(kind) || IsRemoteChange(kind)) {
    OUTPOST_TRY(const auto body, DecodeChange(event.body));
    return std::vector<Told>{TellChange(event, body, before)};
  }
  switch (kind) {
    case Kind::kOutcome:
    case Kind::kOverruled: {
      OUTPOST_TRY(const auto body, DecodeOutcomes(event.body));
      auto told = TellOutcome(event, body, before);
      if (told.empty()) told.push_back({"remote_noted", {}});
      return told;
    }
    case Kind::kBatchOpened: {
      OUTPOST_TRY(const auto body, DecodeBatchOpened(event.body));
      return std::vector<Told>{
          {"batch_opened", {{"count", std::to_string(body.entries.size())}, {"batch", body.batch.Hex()}}}};
    }
    case Kind::kBatchClosed: {
      OUTPOST_TRY(const auto body, DecodeBatchClosed(event.body));
      return std::vector<Told>{{body.resumed ? "batch_resumed" : "batch_closed", {{"batch", body.batch.Hex()}}}};
    }
    case Kind::kCursorMoved: {
      OUTPOST_TRY(const auto body, DecodeCursorMoved(event.body));
      return std::vector<Told>{{body.compared.count() != 0 ? "cursor_moved.compared" : "cursor_moved",
                                {{"cursor", std::to_string(body.cursor)}}}};
    }
    case Kind::kConsent: {
      OUTPOST_TRY(const auto body, DecodeConsent(event.body));
      const char* key = body.own ? body.answer == ConsentAnswer::kGiven     ? "consent.own_given"
                                   : body.answer == ConsentAnswer::kRefused ? "consent.own_refused"
                                                                            : "consent.own_asked"
                        : body.answer == ConsentAnswer::kGiven   ? "consent.given"
                        : body.answer == ConsentAnswer::kRefused ? "consent.refused"
                        : body.closed                            ? "consent.closed"
                                                                 : "consent.asked";
      return std::vector<Told>{{key, {{"count", std::to_string(body.count)}, {"held", std::to_string(body.held)}}}};
    }
    case Kind::kAccountSet: {
      OUTPOST_TRY(const auto body, DecodeSettings(event.body));
      std::string settings;
      for (const auto& [name, value] : body.settings) {
        const KnownSetting* known = FindSetting(name);
        const bool shown = contents_ || (known != nullptr && known->IsHarmless());
        Join(settings, shown ? name + "=" + value : name);
      }
      return std::vector<Told>{{"account_set", {{"settings", std::move(settings)}}}};
    }
    case Kind::kConflictSettled: {
      OUTPOST_TRY(const auto body, DecodeSettled(event.body));
      std::vector<GroupId> groups;
      for (const SettledLoser& loser : body.losers) groups.push_back(loser.group);
      return std::vector<Told>{
          {event.header.op ? "conflict_settled.undone" : "conflict_settled.kept", {{"groups", Groups(groups)}}}};
    }
    default:
      return TellRetention(event);
  }
}

std::vector<Narrator::Told> Narrator::Tell(const Event& event, const ItemState* before) const {
  auto told = TellBody(event, before);
  if (told) return std::move(told).value();
  return {{"unreadable", {{"problem", told.error().context}}}};
}

std::string Narrator::KeyOf(const Event& event, const ItemState* before) const {
  return Tell(event, before).front().key;
}

std::string Narrator::Sentence(const Event& event, const ItemState* before, Length length) const {
  std::string text;
  for (Told& told : Tell(event, before)) {
    if (length == Length::kBrief)
      std::erase_if(told.words, [](const auto& word) {
        return word.first == "remote_id" || word.first == "batch" || word.first == "cursor";
      });
    text += (text.empty() ? "" : " ") + Say(told.key, told.words);
  }
  return text;
}

}  // namespace outpost
