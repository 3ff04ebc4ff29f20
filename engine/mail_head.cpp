#include "engine/mail_head.h"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>

namespace outpost {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
struct UnrefTime {
  void operator()(GDateTime* time) const { g_date_time_unref(time); }
};
struct Free {
  void operator()(char* text) const { g_free(text); }
};
using Message = std::unique_ptr<GMimeMessage, Unref>;
using Time = std::unique_ptr<GDateTime, UnrefTime>;

std::string Text(const char* text) { return text == nullptr ? std::string() : std::string(text); }
std::string Owned(char* text) { return Text(std::unique_ptr<char, Free>(text).get()); }

void BeginMime() { [[maybe_unused]] static const bool begun = (g_mime_init(), true); }

bool SameName(std::string_view a, std::string_view b) {
  return a.size() == b.size() && g_ascii_strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// Where the line that begins at `at` ends, its line break included.
std::size_t LineEnd(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

struct HeaderField {
  std::string_view name;
  std::string_view lines;  // as they stand, name and line breaks included
};

// Calls `visit` for each field, in order; answers where the header ends. What is no field ends it.
template <class Visit>
std::size_t ForEachHeaderField(std::string_view source, Visit visit) {
  std::size_t at = 0;
  while (at < source.size() && source[at] != '\r' && source[at] != '\n') {
    const auto colon = source.find(':', at);
    std::size_t end = LineEnd(source, at);
    if (colon == std::string_view::npos || colon >= end || colon == at) break;
    if (source.substr(at, colon - at).find_first_of(" \t") != std::string_view::npos) break;
    while (end < source.size() && (source[end] == ' ' || source[end] == '\t')) end = LineEnd(source, end);
    visit(HeaderField{source.substr(at, colon - at), source.substr(at, end - at)});
    at = end;
  }
  return at;
}

// Null where nothing at all can be made of it.
Message ParseHeader(std::string_view source) {
  BeginMime();
  const std::string header = std::string(source.substr(0, ForEachHeaderField(source, [](const HeaderField&) {}))) +
                             "\r\n";  // a body of many megabytes is nobody's concern here
  const std::unique_ptr<GMimeStream, Unref> stream(g_mime_stream_mem_new_with_buffer(header.data(), header.size()));
  const std::unique_ptr<GMimeParser, Unref> parser(g_mime_parser_new_with_stream(stream.get()));
  return Message(g_mime_parser_construct_message(parser.get(), nullptr));
}

// The members of a group stand for it.
void AddMailboxes(InternetAddressList* list, std::vector<std::string>& out) {
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    InternetAddress* one = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(one)) {
      AddMailboxes(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), out);
      continue;
    }
    const std::string name = Text(internet_address_get_name(one));
    const std::string address = Text(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)));
    out.push_back(name.empty() ? address : name + " <" + address + ">");
  }
}

std::vector<std::string> Mailboxes(const Message& message, GMimeAddressType type) {
  std::vector<std::string> out;
  AddMailboxes(g_mime_message_get_addresses(message.get(), type), out);
  return out;
}

// The value of the first field of that name, decoded; empty where there is none.
std::string FieldText(const Message& message, const char* name) {
  const char* value = g_mime_object_get_header(GMIME_OBJECT(message.get()), name);
  return value == nullptr ? std::string() : Owned(g_mime_utils_header_decode_text(nullptr, value));
}

}  // namespace

MailHead ReadMailHead(std::string_view source) {
  MailHead head;
  ForEachHeaderField(source, [&](const HeaderField&) { head.valid = true; });
  const Message message = head.valid ? ParseHeader(source) : nullptr;
  if (!message) return head;
  head.from = Mailboxes(message, GMIME_ADDRESS_TYPE_FROM);
  head.to = Mailboxes(message, GMIME_ADDRESS_TYPE_TO);
  head.cc = Mailboxes(message, GMIME_ADDRESS_TYPE_CC);
  head.bcc = Mailboxes(message, GMIME_ADDRESS_TYPE_BCC);
  head.subject = Text(g_mime_message_get_subject(message.get()));
  head.message_id = FieldText(message, "Message-ID");
  head.references = FieldText(message, "References");
  head.in_reply_to = FieldText(message, "In-Reply-To");
  head.receipt_to = FieldText(message, "Disposition-Notification-To");
  head.sent = ParseMailDate(FieldText(message, "Date"));
  return head;
}

std::string WithNetworkLines(std::string_view source) {
  std::string out;
  out.reserve(source.size() + source.size() / 32);
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\n' && (i == 0 || source[i - 1] != '\r')) out += '\r';
    out += source[i];
  }
  return out;
}

std::string WithHeader(std::string_view source, std::string_view name, std::string_view value) {
  std::string out;
  if (!value.empty()) out.append(name).append(": ").append(value).append("\r\n");
  const std::size_t end = ForEachHeaderField(source, [&](const HeaderField& field) {
    if (!SameName(field.name, name)) out += field.lines;
  });
  return out.append(source.substr(end));
}

std::string_view AddressIn(std::string_view mailbox) {
  const auto open = mailbox.rfind('<'), close = mailbox.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return mailbox;
  return mailbox.substr(open + 1, close - open - 1);
}

std::string MailDate(std::int64_t millis) {
  BeginMime();
  const Time date(g_date_time_new_from_unix_utc(millis / 1000));
  return date ? Owned(g_mime_utils_header_format_date(date.get())) : std::string();
}

std::optional<std::int64_t> ParseMailDate(std::string_view text) {
  BeginMime();
  const Time date(g_mime_utils_header_decode_date(std::string(text).c_str()));
  if (!date) return std::nullopt;
  return g_date_time_to_unix(date.get()) * 1000;
}

}  // namespace outpost
