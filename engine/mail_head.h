#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace outpost {

// The header of a mail, decoded to UTF-8. Source: RFC 5322, RFC 2047; GMime, which takes what stands there in practice.
struct MailHead {
  std::vector<std::string> from, to, cc, bcc;  // "Name <address>", or the address alone
  std::string subject;
  std::string message_id;  // with its brackets; empty: none
  std::string references;
  std::string in_reply_to;
  std::string receipt_to;            // Disposition-Notification-To
  std::optional<std::int64_t> sent;  // milliseconds since 1970 UTC
  bool valid = false;                // it begins with a header field
};

// Reads only the header. Pure.
MailHead ReadMailHead(std::string_view source);

// The source with each line ended by CRLF.
std::string WithNetworkLines(std::string_view source);
// The source with its header fields `name` replaced by one, in front of the others; an empty value only takes them
// away.
std::string WithHeader(std::string_view source, std::string_view name, std::string_view value);

// "ada@example.org" of "Ada <ada@example.org>".
std::string_view AddressIn(std::string_view mailbox);

// "Fri, 10 Nov 2023 11:00:00 +0000"; nullopt for a text that is no date of RFC 5322.
std::string MailDate(std::int64_t millis);
std::optional<std::int64_t> ParseMailDate(std::string_view text);

}  // namespace outpost
