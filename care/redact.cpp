#include "care/redact.h"

#include <algorithm>
#include <array>
#include <functional>

#include "engine/data_dir.h"
#include "engine/settings.h"
#include "journal/rewrite.h"
#include "projection/zone.h"
#include "schemas/busy.h"
#include "schemas/checkpoint.h"
#include "schemas/folders.h"
#include "schemas/item_state.h"
#include "schemas/rule_words.h"

namespace outpost {
namespace {

constexpr std::size_t kWordBits = std::size_t{1}
                                  << 26;  // 8 MiB: of ten million words one in twenty is taken for another
constexpr std::size_t kWordLeast = 4;
constexpr std::size_t kCodeMost = 64;
constexpr std::int64_t kDayMillis = 86'400'000;
constexpr std::int64_t kDays = 20'000;

// Texts of which each is one of a few words of a format.
constexpr std::array kWords{std::string_view("user"), std::string_view("group"),    std::string_view("resource"),
                            std::string_view("all"),  std::string_view("any"),      std::string_view("always"),
                            std::string_view("rule"), std::string_view("vacation"), std::string_view("above"),
                            std::string_view("below")};
// What stands in logs, and may stand in a note too: it says nothing of the note.
constexpr std::array kLogWords{
    std::string_view("account"),     std::string_view("answer"),     std::string_view("appointment"),
    std::string_view("asked"),       std::string_view("calendar"),   std::string_view("cannot"),
    std::string_view("certificate"), std::string_view("connection"), std::string_view("contact"),
    std::string_view("contacts"),    std::string_view("error"),      std::string_view("event"),
    std::string_view("events"),      std::string_view("failed"),     std::string_view("folder"),
    std::string_view("from"),        std::string_view("have"),       std::string_view("here"),
    std::string_view("info"),        std::string_view("item"),       std::string_view("items"),
    std::string_view("journal"),     std::string_view("mail"),       std::string_view("mails"),
    std::string_view("network"),     std::string_view("offline"),    std::string_view("online"),
    std::string_view("password"),    std::string_view("refused"),    std::string_view("replicator"),
    std::string_view("request"),     std::string_view("server"),     std::string_view("session"),
    std::string_view("state"),       std::string_view("stopped"),    std::string_view("sync"),
    std::string_view("task"),        std::string_view("that"),       std::string_view("there"),
    std::string_view("this"),        std::string_view("time"),       std::string_view("user"),
    std::string_view("warning"),     std::string_view("with"),       std::string_view("wrong")};

template <class Words>
bool IsOneOf(const Words& words, std::string_view text) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool IsDigits(std::string_view text) {
  return !text.empty() && text.size() <= 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool IsNamed(FieldId id, std::initializer_list<std::string_view> names) {
  const Field* field = FindField(id);
  return field != nullptr && std::find(names.begin(), names.end(), field->name) != names.end();
}

// What a code is made of: the number that the server gives it ("CON-0154"), and words of the engine's.
bool IsCode(std::string_view code) {
  if (code.size() > kCodeMost) return false;
  const auto all = [](std::string_view part, auto is) { return std::all_of(part.begin(), part.end(), is); };
  for (std::string_view rest = code; !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const auto dash = word.find('-');
    const bool number = dash != std::string_view::npos && IsDigits(word.substr(dash + 1)) &&
                        all(word.substr(0, dash), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    if (!number && !all(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; })) return false;
  }
  return true;
}

// "user:4", "group:0": who it is, by number.
bool IsWho(std::string_view text) {
  const auto colon = text.find(':');
  return colon != std::string_view::npos && IsOneOf(kWords, text.substr(0, colon)) && IsDigits(text.substr(colon + 1));
}

// "ox.example.com", "10.1.2.3:443", "[fe80::1]": what a machine is called.
bool IsHost(std::string_view text) {
  if (const auto port = text.rfind(':'); port != std::string_view::npos && IsDigits(text.substr(port + 1)))
    if (text.substr(0, port).find_first_of(".]") != std::string_view::npos) text = text.substr(0, port);
  const auto many = [&](char of) { return std::count(text.begin(), text.end(), of); };
  const bool six = text.find("::") != std::string_view::npos || many(':') > 2;
  if (six) return text.find_first_not_of("0123456789abcdefABCDEF:.[]%") == std::string_view::npos;
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return IsLetter(c) || c == '.' || c == '-' || c == '_'; });
  const bool number = text.find_first_not_of("0123456789.") == std::string_view::npos;
  return plain && (number ? many('.') > 2 : many('.') > 0);
}

// What a line of a log begins with: "2026-11-30T12:00:00.000Z".
bool IsMoment(std::string_view text) {
  constexpr std::string_view kShape = "0000-00-00T";
  return text.size() > kShape.size() && std::equal(kShape.begin(), kShape.end(), text.begin(), [](char shape, char c) {
           return shape == '0' ? c >= '0' && c <= '9' : shape == c;
         });
}

bool IsAnswer(std::string_view word) {
  return word == "none" || word == "accepted" || word == "declined" || word == "tentative";
}

// Calls `word` for each run of letters and digits, `other` for what is between.
void EachWord(std::string_view text, const std::function<void(std::string_view)>& word,
              const std::function<void(char)>& other) {
  for (std::size_t at = 0; at < text.size();) {
    if (!IsLetter(text[at])) {
      other(text[at++]);
      continue;
    }
    const std::size_t from = at;
    while (at < text.size() && IsLetter(text[at])) ++at;
    word(text.substr(from, at - from));
  }
}

std::array<std::size_t, 3> BitsOf(std::string_view word) {
  const std::uint64_t hash = std::hash<std::string>()(Lower(word));
  return {hash % kWordBits, (hash >> 19) % kWordBits, (hash >> 38) % kWordBits};
}

}  // namespace

Redactor::Redactor(Secret key) : tokens_(std::move(key)), words_(kWordBits) {}

void Redactor::Note(std::string_view text) {
  EachWord(
      text,
      [&](std::string_view word) {
        if (word.size() < kWordLeast || IsDigits(word) || IsOneOf(kLogWords, Lower(word))) return;
        for (const std::size_t bit : BitsOf(word)) words_[bit] = true;
      },
      [](char) {});
}

// Of people's own words nothing stays; of the formats' the few that say what something is.
std::string Redactor::TextOf(FieldId id, const std::string& text) {
  if (id == field::kFolderModule && (ItemTypeFromName(text) || text == "none")) return text;
  if (IsNamed(id, {"kind", "match", "placement"}) && IsOneOf(kWords, text)) return text;
  if (IsNamed(id, {"timezone"}) && Zone::Find(text)) return text;
  if (IsNamed(id, {"id", "created_by", "modified_by", "recurrence_id", "contact_id", "principal"}))
    return tokens_.RemoteId(text);
  Note(text);
  return tokens_.Text(text);
}

// What a rule asks and does stays, but for what it asks about and whom it names.
std::string Redactor::RuleLineOf(FieldId id, const std::string& text) {
  if (auto condition = ParseRuleCondition(text); condition && id == field::kRuleConditions) {
    Note(condition->value);
    if (condition->what != "size") condition->value = tokens_.Text(condition->value);
    if (const auto colon = condition->what.find(':'); colon != std::string::npos)
      condition->what = condition->what.substr(0, colon + 1) + tokens_.Text(condition->what.substr(colon + 1));
    return RuleConditionText(*condition);
  }
  if (auto action = ParseRuleAction(text); action && id == field::kRuleActions) {
    Note(action->argument);
    const bool folder = action->verb == "move" || action->verb == "copy";
    const bool mark = action->verb == "mark" && action->argument.find('$') == std::string::npos;
    if (!mark) action->argument = folder ? tokens_.RemoteId(action->argument) : tokens_.Text(action->argument);
    return RuleActionText(*action);
  }
  Note(text);
  return tokens_.Text(text);
}

// One of several texts: who it is about, and what he answered, where it has that shape; a time at which one is busy.
std::string Redactor::LineOf(FieldId id, const std::string& text) {
  if (IsDigits(text) && IsNamed(id, {"delete_exceptions", "change_exceptions"})) return text;
  if (id == field::kRuleConditions || id == field::kRuleActions) return RuleLineOf(id, text);
  if (IsNamed(id, {"busy"}) && ParseBusyText(text)) return text;
  if (IsNamed(id, {"participants", "members", "groups"}) && IsWho(text)) return text;
  std::string_view rest = text;
  std::string kept;
  const auto keep = [&](bool (*is)(std::string_view)) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    if (!is(word)) return false;
    kept += (kept.empty() ? "" : " ") + std::string(word);
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    return true;
  };
  if (IsNamed(id, {"users", "confirmations"}) && keep(IsWho)) keep(IsAnswer);
  if (rest.empty()) return kept;
  Note(rest);
  return (kept.empty() ? "" : kept + " ") + tokens_.Text(rest);
}

Value Redactor::Of(FieldId id, const Value& value) {
  const Field* field = FindField(id);
  if (const auto* text = std::get_if<std::string>(&value)) {
    if (id != field::kFolderPermissions) return TextOf(id, *text);
    std::vector<std::string> lines;
    for (const std::string& line : RightsLines(value)) {
      const auto entry = ParseRights(line);
      if (!entry) continue;
      lines.push_back(RightsText({tokens_.RemoteId(entry->who), entry->bits}));
      if (!entry->rest.empty()) Note(entry->rest);
    }
    return RightsField(std::move(lines));
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    std::vector<std::string> lines;
    for (const std::string& text : *texts) lines.push_back(LineOf(id, text));
    return lines;
  }
  if (const auto* bytes = std::get_if<Blob>(&value)) return Blob{tokens_.Blob(bytes->bytes)};
  if (const auto* ref = std::get_if<BlobRef>(&value)) {
    const auto held = blobs_.insert(tokens_.BlobText(*ref)).first;
    return RefOfSmallBlob(*held);
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    const bool day_of_life = IsNamed(id, {"birthday", "anniversary"});
    if (day_of_life) return tokens_.Number(*number, kDays) * kDayMillis;
    if (field == nullptr || field->kind == FieldKind::kDecimal) return tokens_.Number(*number, 100'000);
  }
  return value;
}

FieldMap Redactor::Fields(const FieldMap& fields) {
  FieldMap out;
  for (const auto& [id, value] : fields) out.emplace(id, Of(id, value));
  return out;
}

void Redactor::Redact(Refusal& refusal) {
  Note(refusal.text);
  refusal.text = tokens_.Text(refusal.text);
  if (!IsCode(refusal.code)) refusal.code = tokens_.Text(refusal.code);
}

Result<void> Redactor::RedactChange(Event& event) {
  OUTPOST_TRY(ChangeBody body, DecodeChange(event.body));
  body.patch = Fields(body.patch);
  body.remote_id = tokens_.RemoteId(body.remote_id);
  event.body = Encode(body);
  return Ok();
}

Result<void> Redactor::RedactOutcomes(Event& event) {
  OUTPOST_TRY(OutcomesBody body, DecodeOutcomes(event.body));
  for (Refusal& refusal : body.refusals) Redact(refusal);
  body.remote_id = tokens_.RemoteId(body.remote_id);
  event.body = Encode(body);
  return Ok();
}

std::string Redactor::Setting(std::string_view name, const std::string& value) const {
  const KnownSetting* known = FindSetting(name);
  if (known != nullptr && (known->IsHarmless() || name == setting::kParkedBy)) return value;
  if (name == setting::kServer || name == setting::kBaseUrl) {
    const auto scheme = value.find("://");
    if (scheme != std::string::npos) return value.substr(0, scheme + 3) + tokens_.Text(value.substr(scheme + 3));
  }
  return tokens_.Text(value);
}

void Redactor::NoteSetting(std::string_view name, const std::string& value) {
  Note(value);
  if (name == setting::kServer || name == setting::kBaseUrl || name == setting::kProxy)
    if (const auto host = HostOfServer(value)) NoteName(host.assume_value());
  if (name == setting::kUser) NoteName(value);
}

void Redactor::NoteName(std::string_view name) {
  names_.insert(Lower(name));
  if (const auto port = name.rfind(':'); port != std::string_view::npos) names_.insert(Lower(name.substr(0, port)));
}

std::string Redactor::Name(std::string_view name) {
  Note(name);
  const auto at = name.rfind('@');
  if (at != std::string_view::npos) {
    NoteName(name.substr(0, at));
    NoteName(name.substr(at + 1));
  }
  return tokens_.Text(name);
}

// A search folder's is all contents.
Result<void> Redactor::RedactSettings(Event& event) {
  OUTPOST_TRY(const SettingsBody body, DecodeSettings(event.body));
  SettingsBody kept;
  for (const auto& [name, value] : body.settings) {
    NoteSetting(name, value);
    if (FindSetting(name) != nullptr) kept.settings.emplace_back(name, Setting(name, value));
  }
  event.body = Encode(kept);
  return Ok();
}

Result<void> Redactor::RedactItem(Event& event) {
  OUTPOST_TRY(ItemState item, DecodeItem(event.header.item, event.body));
  item.base = Fields(item.base);
  item.remote_id = tokens_.RemoteId(item.remote_id);
  for (PendingEdit& edit : item.pending) edit.patch = Fields(edit.patch);
  for (ParkedGroup& parked : item.parked) {
    parked.patch = Fields(parked.patch);
    Redact(parked.refusal);
  }
  event.body = EncodeItem(item);
  return Ok();
}

// Sections whose keys or values are people's: of the indexes the items themselves say what holds, so such a part is
// made to concern no row at all.
Result<void> Redactor::RedactSection(Event& event) {
  OUTPOST_TRY(SectionBody body, DecodeSection(event.body));
  constexpr std::array kPlain{std::string_view("totals"),       std::string_view("newest"),
                              std::string_view("open_batches"), std::string_view("cursors"),
                              std::string_view("consents"),     std::string_view("attachments_due")};
  if (body.name == "settings") {
    std::vector<std::pair<std::string, std::string>> kept;
    for (const auto& [name, value] : body.rows) {
      NoteSetting(name, value);
      if (FindSetting(name) != nullptr) kept.emplace_back(name, Setting(name, value));
    }
    body.rows = std::move(kept);
  } else if (!IsOneOf(kPlain, body.name)) {
    body.rows.clear();
    body.from = body.to = std::string(1, '\0');
  }
  event.body = Encode(body);
  return Ok();
}

Result<void> Redactor::Redact(Event& event) {
  switch (event.header.kind) {
    case Kind::kLocalCreated:
    case Kind::kLocalChanged:
    case Kind::kLocalDeleted:
    case Kind::kRemoteCreated:
    case Kind::kRemoteChanged:
    case Kind::kRemoteDeleted:
    case Kind::kItemForgotten:
      return RedactChange(event);
    case Kind::kOutcome:
    case Kind::kOverruled:
      return RedactOutcomes(event);
    case Kind::kAccountSet:
      return RedactSettings(event);
    case Kind::kItemRestated:
      return RedactItem(event);
    case Kind::kAccountRestated:
      return RedactSection(event);
    case Kind::kBatchOpened:
    case Kind::kBatchClosed:
    case Kind::kCursorMoved:
    case Kind::kConsent:
    case Kind::kConflictSettled:
    case Kind::kCheckpoint:
    case Kind::kGap:
      return Ok();
  }
  event.body.clear();
  return Ok();
}

std::string Redactor::Line(std::string_view line) const {
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == '"') {  // what is quoted is somebody's
      const auto end = std::min(line.find('"', at + 1), line.size());
      out += "\"" + tokens_.Text(line.substr(at + 1, end - at - 1)) + "\"";
      at = std::min(end + 1, line.size());
      continue;
    }
    const auto end = std::min(line.find_first_of(" \t\"", at + 1), line.size());
    const std::string_view piece = line.substr(at, end - at);
    at = end;
    const auto begin = std::min(piece.find_first_not_of(" \t"), piece.size());
    if (begin == 0 && IsMoment(piece)) {
      out += piece;
      continue;
    }
    // Paths, addresses of people and of servers.
    if (piece.find_first_of("/\\@%") != std::string_view::npos) {
      out += std::string(piece.substr(0, begin)) + tokens_.Text(piece.substr(begin));
      continue;
    }
    constexpr std::string_view kAround = " \t.,:;()'!?";
    const auto from = std::min(piece.find_first_not_of(kAround), piece.size());
    const auto to = std::max(from, std::min(piece.find_last_not_of(kAround), piece.size() - 1) + 1);
    const std::string_view core = piece.substr(from, to - from);
    if (IsHost(core) || names_.count(Lower(core)) > 0 || names_.count(Lower(core.substr(0, core.rfind(':')))) > 0) {
      out += std::string(piece.substr(0, from)) + tokens_.Text(core) + std::string(piece.substr(to));
      continue;
    }
    EachWord(
        piece,
        [&](std::string_view word) {
          const auto bits = BitsOf(word);
          const bool seen = word.size() >= kWordLeast &&
                            std::all_of(bits.begin(), bits.end(), [&](std::size_t bit) { return words_[bit]; });
          out += seen ? tokens_.Text(word) : std::string(word);
        },
        [&](char other) { out.push_back(other); });
  }
  return out;
}

}  // namespace outpost
