#include "tools/oxserver/mime.h"

#include <gmime/gmime.h>

#include <memory>

#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
struct Free {
  void operator()(char* text) const { g_free(text); }
};
using Message = std::unique_ptr<GMimeMessage, Unref>;

std::string Text(const char* text) { return text == nullptr ? std::string() : std::string(text); }
std::string Owned(char* text) { return Text(std::unique_ptr<char, Free>(text).get()); }

// Null where nothing at all can be made of it.
Message Parse(std::string_view source) {
  static const bool ready = (g_mime_init(), true);
  if (!ready) return nullptr;
  const std::unique_ptr<GMimeStream, Unref> stream(g_mime_stream_mem_new_with_buffer(source.data(), source.size()));
  const std::unique_ptr<GMimeParser, Unref> parser(g_mime_parser_new_with_stream(stream.get()));
  return Message(g_mime_parser_construct_message(parser.get(), nullptr));
}

void AddAddresses(InternetAddressList* list, std::vector<MailAddress>& out) {
  const int count = list == nullptr ? 0 : internet_address_list_length(list);
  for (int i = 0; i < count; ++i) {
    InternetAddress* one = internet_address_list_get_address(list, i);
    if (INTERNET_ADDRESS_IS_GROUP(one))
      AddAddresses(internet_address_group_get_members(INTERNET_ADDRESS_GROUP(one)), out);
    else if (INTERNET_ADDRESS_IS_MAILBOX(one))
      out.push_back({Text(internet_address_get_name(one)),
                     Text(internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(one)))});
  }
}

std::vector<MailAddress> Addresses(const Message& message, GMimeAddressType type) {
  std::vector<MailAddress> out;
  AddAddresses(g_mime_message_get_addresses(message.get(), type), out);
  return out;
}

int PriorityOf(const MailFacts& facts) {
  constexpr int kNormal = 3;
  if (const auto number = facts.Header("X-Priority"); number && !number->empty()) {
    const char digit = Trimmed(*number).empty() ? '3' : Trimmed(*number)[0];
    return digit >= '1' && digit <= '5' ? digit - '0' : kNormal;
  }
  const auto word = Lower(Trimmed(facts.Header("Importance").value_or("")));
  return word == "high" ? 2 : word == "low" ? 4 : kNormal;
}

MailPart ReadPart(GMimeObject* object, std::string id) {
  MailPart part;
  part.id = std::move(id);
  part.content_type = Lower(Owned(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object))));
  part.disposition = Lower(Text(g_mime_object_get_disposition(object)));
  part.content_id = Text(g_mime_object_get_content_id(object));
  if (GMIME_IS_MESSAGE_PART(object)) {
    GMimeMessage* inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
    if (inner != nullptr) part.content = Owned(g_mime_object_to_string(GMIME_OBJECT(inner), nullptr));
    return part;
  }
  if (!GMIME_IS_PART(object)) return part;
  part.filename = Text(g_mime_part_get_filename(GMIME_PART(object)));
  if (GMIME_IS_TEXT_PART(object) && part.disposition != "attachment") {
    part.is_text = true;
    part.content = Owned(g_mime_text_part_get_text(GMIME_TEXT_PART(object)));
    return part;
  }
  if (GMimeDataWrapper* content = g_mime_part_get_content(GMIME_PART(object))) {
    const std::unique_ptr<GMimeStream, Unref> stream(g_mime_stream_mem_new());
    g_mime_data_wrapper_write_to_stream(content, stream.get());
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    if (bytes->len > 0) part.content.assign(reinterpret_cast<const char*>(bytes->data), bytes->len);
  }
  return part;
}

// Mails nested in the mail stay one part.
void AddParts(GMimeObject* object, const std::string& id, std::vector<MailPart>& out) {
  if (object == nullptr) return;
  if (!GMIME_IS_MULTIPART(object)) return out.push_back(ReadPart(object, id.empty() ? "1" : id));
  const int count = g_mime_multipart_get_count(GMIME_MULTIPART(object));
  for (int i = 0; i < count; ++i)
    AddParts(g_mime_multipart_get_part(GMIME_MULTIPART(object), i),
             (id.empty() ? "" : id + ".") + std::to_string(i + 1), out);
}

std::vector<MailPart> PartsOf(const Message& message) {
  std::vector<MailPart> parts;
  if (message) AddParts(g_mime_message_get_mime_part(message.get()), "", parts);
  return parts;
}

// Where the line that begins at `at` ends, its line break included.
std::size_t EndOfLine(std::string_view text, std::size_t at) {
  const auto end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

}  // namespace

std::optional<std::string_view> MailFacts::Header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (EqualNoCase(key, name)) return std::string_view(value);
  return std::nullopt;
}

MailFacts ReadMailFacts(std::string_view source) {
  MailFacts facts;
  facts.content_type = "text/plain";
  const Message message = Parse(source);
  if (!message) return facts;
  facts.from = Addresses(message, GMIME_ADDRESS_TYPE_FROM);
  facts.to = Addresses(message, GMIME_ADDRESS_TYPE_TO);
  facts.cc = Addresses(message, GMIME_ADDRESS_TYPE_CC);
  facts.bcc = Addresses(message, GMIME_ADDRESS_TYPE_BCC);
  facts.subject = Text(g_mime_message_get_subject(message.get()));
  if (const char* id = g_mime_message_get_message_id(message.get())) facts.message_id = "<" + std::string(id) + ">";
  if (GDateTime* date = g_mime_message_get_date(message.get()))
    facts.sent = g_date_time_to_unix(date) * std::int64_t{1000};
  GMimeHeaderList* headers = g_mime_object_get_header_list(GMIME_OBJECT(message.get()));
  for (int i = 0; i < g_mime_header_list_get_count(headers); ++i) {
    GMimeHeader* header = g_mime_header_list_get_header_at(headers, i);
    facts.headers.emplace_back(Text(g_mime_header_get_name(header)), Text(g_mime_header_get_value(header)));
  }
  facts.receipt_to = std::string(facts.Header("Disposition-Notification-To").value_or(""));
  facts.priority = PriorityOf(facts);
  if (GMimeObject* body = g_mime_message_get_mime_part(message.get())) {
    facts.content_type = Lower(Owned(g_mime_content_type_get_mime_type(g_mime_object_get_content_type(body))));
    for (const MailPart& part : PartsOf(message))
      if (part.disposition == "attachment" || !part.filename.empty() ||
          (!part.is_text && facts.content_type == "multipart/mixed"))
        facts.has_attachment = true;
  }
  return facts;
}

std::vector<MailPart> ReadMailParts(std::string_view source) { return PartsOf(Parse(source)); }

std::string_view HeaderBlock(std::string_view source) {
  for (std::size_t at = 0; at < source.size();) {
    const std::size_t end = EndOfLine(source, at);
    if (source[at] == '\n' || source.substr(at, 2) == "\r\n") return source.substr(0, end);
    at = end;
  }
  return source;
}

std::string WithoutBcc(std::string_view source) {
  const std::string_view header = HeaderBlock(source);
  std::string out;
  bool inside = false;
  for (std::size_t at = 0; at < header.size();) {
    const std::size_t end = EndOfLine(header, at);
    const std::string_view line = header.substr(at, end - at);
    const bool continued = line[0] == ' ' || line[0] == '\t';
    if (!continued) inside = EqualNoCase(line.substr(0, 4), "bcc:");
    if (!inside) out += line;
    at = end;
  }
  return out.append(source.substr(header.size()));
}

}  // namespace outpost::oxserver
