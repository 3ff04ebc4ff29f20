#include "inspect/proposal.h"

#include <algorithm>
#include <cctype>

#include "base/system/crypto.h"
#include "inspect/address.h"

namespace outpost {
namespace {

// Of a base64 text in a mail; and bytes of one word of a header, which may be 75 characters long when encoded.
constexpr std::size_t kLineMax = 76, kWordBytesMax = 45;

Error NoProposal(const std::string& why) { return {Code::kInvalid, Retry::kNever, why}; }

std::string TextIn(const ItemState& item, std::string_view name) {
  const Field* field = FindField(item.type, name);
  const Value value = field != nullptr ? item.HeadValue(field->id) : Value{};
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? *text : std::string();
}

std::string Base64Lines(std::string_view text) {
  const std::string all = Base64Of(AsBytes(text));
  std::string lines;
  for (std::size_t at = 0; at < all.size(); at += kLineMax) lines += all.substr(at, kLineMax) + "\r\n";
  return lines;
}

// RFC 2047: words of whole characters.
std::string EncodedWords(std::string_view text) {
  std::string words;
  while (!text.empty()) {
    std::size_t size = std::min(text.size(), kWordBytesMax);
    while (size > 1 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
    words += (words.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") + Base64Of(AsBytes(text.substr(0, size))) + "?=";
    text.remove_prefix(size);
  }
  return words;
}

bool SameAddress(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string Part(const std::string& boundary, const char* type, std::string_view content) {
  return "--" + boundary + "\r\nContent-Type: " + type + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
         Base64Lines(content);
}

}  // namespace

Result<std::string> ProposalMail(const ItemState& item, const Proposal& proposal, CalendarWriter& writer) {
  if (item.type != ItemType::kAppointment) return NoProposal("another time is proposed for an appointment");
  const Value series = item.HeadValue(field::kAppointmentRecurrenceType);
  if (!IsNull(series) && series != Value(std::int64_t{0}))
    return NoProposal("another time is proposed for one day of a series: --occurrence");
  const std::string organizer = TextIn(item, "organizer");
  if (!IsOneAddress(organizer)) return NoProposal("nobody is known who invited to item " + item.id.Hex());
  if (!IsOneAddress(proposal.from)) return NoProposal("the own address is not known: --from");
  if (SameAddress(organizer, proposal.from)) return NoProposal("who invites moves the appointment himself");
  if (proposal.end <= proposal.start) return NoProposal("the proposed time ends after it begins");
  OUTPOST_TRY(const std::string calendar, writer.Counter(item, proposal));
  const std::string boundary = "outpost-" + item.id.Hex();
  const std::string text = "Another time is proposed; it is attached." +
                           (proposal.message.empty() ? std::string() : "\r\n\r\n" + proposal.message) + "\r\n";
  return "From: " + proposal.from + "\r\nTo: " + organizer +
         "\r\nSubject: " + EncodedWords("New time proposed: " + TextIn(item, "title")) +
         "\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"" + boundary + "\"\r\n\r\n" +
         Part(boundary, "text/plain; charset=UTF-8", text) +
         Part(boundary, "text/calendar; charset=UTF-8; method=COUNTER", calendar) + "--" + boundary + "--\r\n";
}

}  // namespace outpost
