#include "mapi-adapter/provider/recipients.h"

#include <algorithm>
#include <map>

#include "engine/people.h"
#include "journal/item_fold.h"
#include "mapi-adapter/codec/entry_ids.h"
#include "mapi-adapter/codec/tags.h"
#include "mapi-adapter/provider/list_source.h"
#include "mapi-adapter/provider/table.h"
#include "replicator/queue.h"

namespace outpost::mapi {
namespace {

using namespace abi;

constexpr std::int32_t kTo = 1, kCc = 2, kBcc = 3;
constexpr std::int32_t kMailUser = 6, kUnknownDisplay = 0;            // PR_OBJECT_TYPE, PR_DISPLAY_TYPE
constexpr std::int32_t kTentative = 2, kAccepted = 3, kDeclined = 4;  // PidTagRecipientTrackStatus
const std::vector<PropTag> kRecipientColumns{tag::kRowId,      tag::kRecipientType, tag::kDisplayName,
                                             tag::kAddrType,   tag::kEmailAddress,  tag::kEntryId,
                                             tag::kObjectType, tag::kInstanceKey,   tag::kSmtpAddress};

std::vector<std::string> TextsIn(const FieldMap& head, FieldId id) {
  const auto at = head.find(id);
  const auto* texts = at != head.end() ? std::get_if<std::vector<std::string>>(&at->second) : nullptr;
  return texts != nullptr ? *texts : std::vector<std::string>();
}
FieldId NamedField(ItemType type, const char* name) {
  const Field* field = FindField(type, name);
  return field != nullptr ? field->id : FieldId{0};
}
std::string HeadText(const ItemState& item, FieldId id) {
  const Value value = item.HeadValue(id);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}
bool SameAddress(std::string_view one, std::string_view other) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [&lower](char a, char b) { return lower(a) == lower(b); });
}

// "user:4 accepted See you": by whom, which answer.
std::map<std::string, std::int32_t> AnswersIn(const FieldMap& head, ItemType type) {
  std::map<std::string, std::int32_t> out;
  for (const char* name : {"users", "confirmations"}) {
    const FieldId id = NamedField(type, name);
    for (const std::string& line : id != 0 ? TextsIn(head, id) : std::vector<std::string>()) {
      const auto blank = line.find(' ');
      if (blank == std::string::npos) continue;
      const std::string word = line.substr(blank + 1, line.find(' ', blank + 1) - blank - 1);
      const std::int32_t answer = word == "accepted"    ? kAccepted
                                  : word == "declined"  ? kDeclined
                                  : word == "tentative" ? kTentative
                                                        : 0;
      out[line.substr(0, blank)] = answer;
    }
  }
  return out;
}

}  // namespace

bool TakesRecipients(ItemType type) { return NamedField(type, "participants") != 0; }

Result<Recipient> RecipientList::Known(const JournalView& view, const std::string& line) const {
  Recipient out;
  out.who = PeopleNames::WhoIn(line);
  if (out.who.empty()) {
    const OneOffId one = OneOffOfMember(line);
    out.name = one.name;
    out.address = one.address;
    return out;
  }
  if (out.who.starts_with("resource:")) out.type = kBcc;
  out.name = out.who;
  OUTPOST_TRY(const auto id, FindByRemoteId(view, ItemType::kPerson, out.who));
  if (!id) return out;
  OUTPOST_TRY(const auto person, LoadItem(view, *id));
  if (!person) return out;
  if (std::string name = HeadText(*person, field::kPersonDisplayName); !name.empty()) out.name = std::move(name);
  out.address = HeadText(*person, field::kPersonMail);
  return out;
}

Result<void> RecipientList::Load(const FieldMap& head) {
  const std::lock_guard lock(mutex_);
  if (loaded_) return Ok();
  std::vector<Row> rows;
  if (type_ == ItemType::kMail) {
    for (const auto& [field, type] : std::initializer_list<std::pair<FieldId, std::int32_t>>{
             {field::kMailTo, kTo}, {field::kMailCc, kCc}, {field::kMailBcc, kBcc}})
      for (const std::string& line : TextsIn(head, field)) {
        const OneOffId one = OneOffOfMember(line);
        rows.push_back({next_++, {type, {}, one.name, one.address}});
      }
  } else if (TakesRecipients(type_)) {
    const auto view = store_->account->View();
    const auto answers = AnswersIn(head, type_);
    for (const std::string& line : TextsIn(head, NamedField(type_, "participants"))) {
      OUTPOST_TRY(Recipient recipient, Known(*view, line));
      const auto answer = answers.find(recipient.who.empty() ? recipient.address : recipient.who);
      if (answer != answers.end()) recipient.answer = answer->second;
      rows.push_back({next_++, std::move(recipient)});
    }
  }
  rows_ = std::move(rows);
  loaded_ = true;
  return Ok();
}

std::optional<Recipient> RecipientList::FromCaller(const ADRENTRY& entry) const {
  Recipient out;
  std::string smtp;
  for (ULONG i = 0; i < entry.cValues; ++i) {
    const auto prop = ReadProp(entry.rgPropVals[i]);
    if (!prop) continue;
    const auto* text = std::get_if<std::string>(&prop->value);
    const auto* number = std::get_if<std::int32_t>(&prop->value);
    const auto* bytes = std::get_if<Blob>(&prop->value);
    if (prop->tag == tag::kDisplayName && text != nullptr) out.name = *text;
    if (prop->tag == tag::kEmailAddress && text != nullptr) out.address = *text;
    if (prop->tag == tag::kSmtpAddress && text != nullptr) smtp = *text;
    if (prop->tag == tag::kRecipientType && number != nullptr) out.type = *number & 0xF;  // beside it are flags
    if (prop->tag == tag::kEntryId && bytes != nullptr && out.address.empty())
      if (const auto one = DecodeOneOffId(bytes->bytes)) {
        out.address = one.value().address;
        if (out.name.empty()) out.name = one.value().name;
      }
  }
  if (!smtp.empty()) out.address = smtp;
  if (out.address.empty() && out.name.empty()) return std::nullopt;
  const auto view = store_->account->View();
  // Somebody of the server is one, however a client came by his address.
  const auto found = ForEachPerson(*view, {out.address, {}}, [&](const ItemState& person) {
    if (out.address.empty() || !SameAddress(HeadText(person, field::kPersonMail), out.address)) return true;
    out.who = person.remote_id;
    return false;
  });
  return found ? std::optional(out) : std::nullopt;
}

HRESULT RecipientList::Modify(ULONG flags, const ADRLIST* list) {
  if ((flags & ~(MODRECIP_ADD | MODRECIP_MODIFY | MODRECIP_REMOVE)) != 0) return MAPI_E_UNKNOWN_FLAGS;
  if (list == nullptr) return MAPI_E_INVALID_PARAMETER;
  const std::lock_guard lock(mutex_);
  std::vector<Row> rows = flags == 0 ? std::vector<Row>() : rows_;
  ULONG next = next_;
  for (ULONG i = 0; i < list->cEntries; ++i) {
    const ADRENTRY& entry = list->aEntries[i];
    if (entry.cValues != 0 && entry.rgPropVals == nullptr) return MAPI_E_INVALID_PARAMETER;
    std::optional<ULONG> id;
    for (ULONG p = 0; p < entry.cValues; ++p)
      if (entry.rgPropVals[p].ulPropTag == tag::kRowId) id = static_cast<ULONG>(entry.rgPropVals[p].Value.l);
    const auto at = std::find_if(rows.begin(), rows.end(), [&id](const Row& row) { return id && row.id == *id; });
    if ((flags & MODRECIP_REMOVE) != 0) {
      if (at == rows.end()) return MAPI_E_INVALID_PARAMETER;
      rows.erase(at);
      continue;
    }
    auto recipient = FromCaller(entry);
    if (!recipient) return MAPI_E_INVALID_PARAMETER;
    if ((flags & MODRECIP_MODIFY) != 0) {
      if (at == rows.end()) return MAPI_E_INVALID_PARAMETER;
      if (at->recipient.who.starts_with("resource:") || at->recipient.who.starts_with("group:"))
        recipient->who = at->recipient.who;  // they have no address by which to know them
      at->recipient = std::move(*recipient);
    } else {
      rows.push_back({next++, std::move(*recipient)});
    }
  }
  rows_ = std::move(rows);
  next_ = next;
  changed_ = true;
  return S_OK_;
}

void RecipientList::AddTo(FieldMap& patch) const {
  const std::lock_guard lock(mutex_);
  if (!changed_) return;
  std::vector<std::string> lines;
  for (const Row& row : rows_)
    lines.push_back(row.recipient.who.empty() ? MemberLine({row.recipient.name, "SMTP", row.recipient.address})
                                              : row.recipient.who);
  patch[NamedField(type_, "participants")] = lines.empty() ? Value() : Value(std::move(lines));
}

void RecipientList::Saved() {
  const std::lock_guard lock(mutex_);
  changed_ = false;
}

PropRows RecipientList::Rows() const {
  const std::lock_guard lock(mutex_);
  PropRows out;
  for (const Row& row : rows_) {
    const Recipient& who = row.recipient;
    std::string key;
    for (int shift = 0; shift < 32; shift += 8) key.push_back(static_cast<char>(row.id >> shift));
    std::vector<Prop> props{{tag::kRowId, static_cast<std::int32_t>(row.id)},
                            {tag::kInstanceKey, Blob{key}},
                            {tag::kRecipientType, who.type},
                            {tag::kDisplayName, who.name},
                            {tag::kObjectType, kMailUser},
                            {tag::kDisplayType, kUnknownDisplay},
                            {tag::kRecipientTrackStatus, who.answer}};
    if (!who.address.empty()) {
      props.push_back({tag::kAddrType, std::string("SMTP")});
      props.push_back({tag::kEmailAddress, who.address});
      props.push_back({tag::kSmtpAddress, who.address});
      props.push_back({tag::kEntryId, Blob{Encode(OneOffId{who.name, "SMTP", who.address})}});
    }
    out.push_back(std::move(props));
  }
  return out;
}

abi::IMAPITable* MakeRecipientTable(const std::shared_ptr<const OpenStore>& store,
                                    const std::shared_ptr<RecipientList>& list) {
  return MakeTable(store, MakeListSource(list->Rows(), [list] { return Result<PropRows>(list->Rows()); }),
                   kRecipientColumns);
}

}  // namespace outpost::mapi
