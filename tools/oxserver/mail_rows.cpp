// How mails are shown (http-api.md 10.2 and 10.3).
#include <nlohmann/json.hpp>

#include "tools/oxserver/mail.h"

namespace outpost::oxserver {
namespace {

struct Named {
  int id;
  const char* name;
};
constexpr Named kMembers[] = {{102, "color_label"},
                              {600, "id"},
                              {601, "folder_id"},
                              {602, "attachment"},
                              {603, "from"},
                              {604, "to"},
                              {605, "cc"},
                              {606, "bcc"},
                              {607, "subject"},
                              {608, "size"},
                              {609, "sent_date"},
                              {610, "received_date"},
                              {611, "flags"},
                              {612, "level"},
                              {613, "disp_notification_to"},
                              {614, "priority"},
                              {652, "account_name"},
                              {653, "account_id"},
                              {654, "original_id"},
                              {655, "original_folder_id"}};

void AppendAddresses(std::string& out, const std::vector<MailAddress>& addresses) {
  out += '[';
  for (const auto& address : addresses) {
    out += out.back() == '[' ? "[" : ",[";
    if (address.name.empty())
      out += "null";
    else
      AppendQuoted(out, address.name);
    out += ',' + Quoted(address.mail) + ']';
  }
  out += ']';
}

// User flags as IMAP has them.
std::vector<std::string> UserFlags(const Mail& mail) {
  std::vector<std::string> flags;
  if (mail.color > 0) flags.push_back("$cl_" + std::to_string(mail.color));
  if ((mail.flags & kForwarded) != 0) flags.push_back("$Forwarded");
  if ((mail.flags & kReadAcknowledged) != 0) flags.push_back("$MDNSent");
  if ((mail.flags & kSpam) != 0) flags.push_back("$Junk");
  return flags;
}

int ShownFlags(const Mail& mail) { return mail.flags | (UserFlags(mail).empty() ? 0 : kUserFlag); }

void AppendMailValue(std::string& out, const MailRef& ref, int column, const Zone& zone) {
  const Mail& mail = *ref.mail;
  const MailFacts& facts = mail.source->facts;
  switch (column) {
    case 102:
      return AppendNumber(out, mail.color);
    case 600:
    case 654:
      return AppendQuoted(out, std::to_string(mail.id));
    case 601:
    case 655:
      return AppendQuoted(out, ref.folder->path);
    case 602:
      out += facts.has_attachment ? "true" : "false";
      return;
    case 603:
      return AppendAddresses(out, facts.from);
    case 604:
      return AppendAddresses(out, facts.to);
    case 605:
      return AppendAddresses(out, facts.cc);
    case 606:
      return AppendAddresses(out, facts.bcc);
    case 607:
      if (facts.subject.empty())
        out += "null";
      else
        AppendQuoted(out, facts.subject);
      return;
    case 608:
      return AppendNumber(out, static_cast<std::int64_t>(mail.source->bytes.size()));
    case 609:
      if (facts.sent)
        AppendNumber(out, zone.ToTime(*facts.sent));
      else
        out += "null";
      return;
    case 610:
      return AppendNumber(out, zone.ToTime(mail.received));
    case 611:
      return AppendNumber(out, ShownFlags(mail));
    case 612:
    case 653:
      out += '0';
      return;
    case 613:
      if (facts.receipt_to.empty())
        out += "null";
      else
        AppendQuoted(out, facts.receipt_to);
      return;
    case 614:
      return AppendNumber(out, facts.priority);
    case 652:
      out += "\"E-Mail\"";
      return;
    default:
      out += "null";
      return;
  }
}

void AppendHeaderValue(std::string& out, const Mail& mail, std::string_view name) {
  const auto value = mail.source->facts.Header(name);
  if (value)
    AppendQuoted(out, *value);
  else
    out += "null";
}

// Headers that have a member of their own are not in `headers`.
bool HasMember(std::string_view header) {
  for (const std::string_view name :
       {"From", "To", "Cc", "Bcc", "Subject", "Date", "Disposition-Notification-To", "Content-Type"})
    if (EqualNoCase(name, header)) return true;
  return false;
}

void AppendHeaders(std::string& out, const MailFacts& facts) {
  out += '{';
  std::vector<std::string> told;
  for (const auto& [name, value] : facts.headers) {
    const std::string key = Lower(name);
    if (HasMember(name) || std::find(told.begin(), told.end(), key) != told.end()) continue;
    out += (told.empty() ? "" : ",") + Quoted(name) + ":" + Quoted(value);
    told.push_back(key);
  }
  out += '}';
}

void AppendParts(std::string& out, const std::vector<MailPart>& parts) {
  out += '[';
  const char* separator = "";
  for (const auto& part : parts) {
    out += separator;
    separator = ",";
    out += "{\"id\":" + Quoted(part.id) + ",\"content_type\":" + Quoted(part.content_type) +
           ",\"size\":" + std::to_string(part.content.size()) + ",\"disp\":" +
           Quoted(part.disposition.empty() ? (part.is_text ? "inline" : "attachment") : part.disposition);
    out += part.is_text ? ",\"content\":" + Quoted(part.content)
                        : ",\"filename\":" + Quoted(part.filename.empty() ? "part-" + part.id : part.filename);
    out += '}';
  }
  out += ']';
}

int Sign(std::int64_t a, std::int64_t b) { return a < b ? -1 : a > b ? 1 : 0; }

std::string FirstAddress(const std::vector<MailAddress>& list) {
  if (list.empty()) return {};
  return Folded(list.front().name.empty() ? list.front().mail : list.front().name);
}

}  // namespace

Api<std::vector<MailColumn>> ParseMailColumns(const Params& params) {
  OUTPOST_TRY(const auto text, params.Need("columns"));
  std::vector<MailColumn> columns;
  for (const auto piece : Split(text, ',')) {
    const auto number = ParseNumber(Trimmed(piece));
    if (Trimmed(piece).empty() || (number && (*number < 1 || *number > 1'000'000)))
      return InvalidParameter("columns", text);
    columns.push_back(number ? MailColumn{static_cast<int>(*number), {}} : MailColumn{0, std::string(Trimmed(piece))});
  }
  const auto headers = params.Find("headers");
  if (headers && !headers->empty())
    for (const auto piece : Split(*headers, ',')) columns.push_back({0, std::string(Trimmed(piece))});
  return columns;
}

void AppendMailRow(std::string& out, const MailRef& ref, const std::vector<MailColumn>& columns, const Zone& zone) {
  out += '[';
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += ',';
    if (columns[i].id == 0)
      AppendHeaderValue(out, *ref.mail, columns[i].header);
    else
      AppendMailValue(out, ref, columns[i].id, zone);
  }
  out += ']';
}

void AppendMailObject(std::string& out, const World&, const MailRef& ref, const Zone& zone, bool with_source) {
  const char* separator = "{";
  for (const auto& member : kMembers) {
    std::string value;
    AppendMailValue(value, ref, member.id, zone);
    if (value == "null") continue;
    out += separator + Quoted(member.name) + ":" + value;
    separator = ",";
  }
  out += ",\"user\":[";
  const char* comma = "";
  for (const auto& flag : UserFlags(*ref.mail)) out += std::exchange(comma, ",") + Quoted(flag);
  out += "],\"content_type\":" + Quoted(ref.mail->source->facts.content_type) + ",\"headers\":";
  AppendHeaders(out, ref.mail->source->facts);
  out += ",\"attachments\":";
  AppendParts(out, ReadMailParts(ref.mail->source->bytes));
  if (with_source) out += ",\"source\":" + SourceText(ref.mail->source->bytes);
  out += '}';
}

std::string SourceText(std::string_view bytes) {
  if (IsUtf8(bytes)) return Quoted(bytes);
  std::string text;
  for (const char byte : bytes) AppendUtf8(text, static_cast<unsigned char>(byte));
  return Quoted(text);
}

int CompareMails(const Mail& a, const Mail& b, int column) {
  const MailFacts &x = a.source->facts, &y = b.source->facts;
  switch (column) {
    case 600:
      return Sign(a.id, b.id);
    case 603:
      return FirstAddress(x.from).compare(FirstAddress(y.from));
    case 604:
      return FirstAddress(x.to).compare(FirstAddress(y.to));
    case 605:
      return FirstAddress(x.cc).compare(FirstAddress(y.cc));
    case 607:
      return Folded(x.subject).compare(Folded(y.subject));
    case 608:
      return Sign(static_cast<std::int64_t>(a.source->bytes.size()), static_cast<std::int64_t>(b.source->bytes.size()));
    case 609:
      return Sign(x.sent.value_or(0), y.sent.value_or(0));
    case 102:
      return Sign(a.color, b.color);
    case 651:
      return Sign(a.flags & kSeen, b.flags & kSeen);
    case 614:
      return Sign(x.priority, y.priority);
    default:
      return Sign(a.received, b.received);
  }
}

}  // namespace outpost::oxserver
