#include <algorithm>

#include "mapi-adapter/codec/entry_ids.h"
#include "mapi-adapter/codec/prop_conversion.h"
#include "mapi-adapter/codec/tags.h"

namespace outpost::mapi {
namespace {

constexpr std::int32_t kReadFlag = 0x1, kUnsentFlag = 0x8, kAttachedFlag = 0x10;  // PidTagMessageFlags
constexpr std::int32_t kReadIcon = 0x100, kUnreadIcon = 0x101, kRepliedIcon = 0x105, kForwardedIcon = 0x106;
constexpr std::int32_t kReplied = 102, kForwarded = 104;  // PidTagLastVerbExecuted
constexpr std::int32_t kFollowUp = 2;                     // PidTagFlagStatus
constexpr PropTag kFlagStatus = TagOf(0x1090, PropType::kLong);
// Who sent it, and for whom: one here.
struct Sender {
  std::uint16_t name, type, address, entry;
};
constexpr Sender kSenders[] = {{0x0C1A, 0x0C1E, 0x0C1F, 0x0C19}, {0x0042, 0x0064, 0x0065, 0x0041}};
constexpr std::size_t kPrefixMost = 4;  // "AW:", with its colon

const Value& Of(const FieldMap& mail, FieldId id) {
  static const Value kNothing;
  const auto at = mail.find(id);
  return at != mail.end() ? at->second : kNothing;
}
bool Is(const FieldMap& mail, FieldId id) { return Of(mail, id) == Value(true); }
std::vector<std::string> Texts(const FieldMap& mail, FieldId id) {
  const auto* texts = std::get_if<std::vector<std::string>>(&Of(mail, id));
  return texts != nullptr ? *texts : std::vector<std::string>();
}

std::string NamesOf(const std::vector<std::string>& people) {
  std::string out;
  for (const std::string& person : people) out += (out.empty() ? "" : "; ") + OneOffOfMember(person).name;
  return out;
}

// "Re: " of "Re: Plan": up to three letters and a colon. Source: PidTagSubjectPrefix.
std::size_t PrefixOf(std::string_view subject) {
  const auto colon = subject.substr(0, kPrefixMost).find(": ");
  if (colon == std::string_view::npos || colon == 0) return 0;
  const bool digits = std::any_of(subject.begin(), subject.begin() + static_cast<std::ptrdiff_t>(colon),
                                  [](char c) { return c >= '0' && c <= '9'; });
  return digits ? 0 : colon + 2;
}

// 1 and 2 are high, 4 and 5 low.
std::int32_t ImportanceOf(const FieldMap& mail) {
  const auto* number = std::get_if<std::int64_t>(&Of(mail, field::kMailPriority));
  if (number == nullptr || *number == 0 || *number == 3) return 1;
  return *number < 3 ? 2 : 0;
}

}  // namespace

std::vector<Prop> PropsOfMail(const FieldMap& mail) {
  std::vector<Prop> out;
  const auto text = [&out](std::uint16_t id, std::string value) {
    out.push_back({TagOf(id, PropType::kUnicode), std::move(value)});
  };
  const auto number = [&out](PropTag tag, std::int32_t value) { out.push_back({tag, value}); };
  const auto* subject = std::get_if<std::string>(&Of(mail, field::kMailSubject));
  if (subject != nullptr) {
    const std::size_t prefix = PrefixOf(*subject);
    text(0x003D, subject->substr(0, prefix));
    text(IdOf(tag::kNormalizedSubject), subject->substr(prefix));
  }
  if (const auto from = Texts(mail, field::kMailFrom); !from.empty()) {
    const OneOffId sender = OneOffOfMember(from[0]);
    for (const Sender& ids : kSenders) {
      text(ids.name, sender.name);
      text(ids.type, "SMTP");
      text(ids.address, sender.address);
      out.push_back({TagOf(ids.entry, PropType::kBinary), Blob{Encode(sender)}});
    }
  }
  text(IdOf(tag::kDisplayTo), NamesOf(Texts(mail, field::kMailTo)));
  text(IdOf(tag::kDisplayCc), NamesOf(Texts(mail, field::kMailCc)));
  text(IdOf(tag::kDisplayBcc), NamesOf(Texts(mail, field::kMailBcc)));
  const bool seen = Is(mail, field::kMailSeen), answered = Is(mail, field::kMailAnswered),
             forwarded = Is(mail, field::kMailForwarded);
  number(tag::kMessageFlags, (seen ? kReadFlag : 0) | (Is(mail, field::kMailDraft) ? kUnsentFlag : 0) |
                                 (Is(mail, field::kMailAttachment) ? kAttachedFlag : 0));
  if (answered || forwarded) number(TagOf(0x1081, PropType::kLong), answered ? kReplied : kForwarded);
  number(tag::kIconIndex, answered ? kRepliedIcon : forwarded ? kForwardedIcon : seen ? kReadIcon : kUnreadIcon);
  number(kFlagStatus, Is(mail, field::kMailFlagged) ? kFollowUp : 0);
  number(tag::kImportance, ImportanceOf(mail));
  number(TagOf(0x0026, PropType::kLong), ImportanceOf(mail) - 1);
  out.push_back({TagOf(0x0029, PropType::kBoolean), !IsEmpty(Of(mail, field::kMailReceiptTo))});
  return out;
}

FieldMap TakeMail(std::vector<Prop>& set, std::vector<PropTag>& cleared) {
  FieldMap patch;
  std::erase_if(set, [&patch](const Prop& prop) {
    const auto* status = std::get_if<std::int32_t>(&prop.value);
    if (prop.tag != kFlagStatus || status == nullptr) return false;
    patch[field::kMailFlagged] = *status == kFollowUp;
    return true;
  });
  if (std::erase_if(cleared, [](PropTag tag) { return IdOf(tag) == IdOf(kFlagStatus); }) != 0)
    patch[field::kMailFlagged] = false;
  return patch;
}

}  // namespace outpost::mapi
