#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace outpost::oxserver {

struct MailAddress {
  std::string name;  // empty: none
  std::string mail;
};

// What a mail's header says, decoded to UTF-8.
struct MailFacts {
  std::vector<MailAddress> from, to, cc, bcc;
  std::string subject;
  std::string message_id;  // with its brackets; empty: none
  std::optional<std::int64_t> sent;
  std::string content_type;  // "text/plain"
  std::string receipt_to;    // Disposition-Notification-To
  int priority = 3;          // 1 very high to 5 very low
  bool has_attachment = false;
  std::vector<std::pair<std::string, std::string>> headers;  // all, in order

  // The first header of that name; nullopt where there is none.
  std::optional<std::string_view> Header(std::string_view name) const;
};

// One leaf of a mail's tree of parts.
struct MailPart {
  std::string id;  // its place: "1", "2.1"
  std::string content_type;
  std::string disposition;
  std::string filename;
  std::string content_id;
  bool is_text = false;
  std::string content;  // decoded; text in UTF-8
};

// Reads RFC 822 by GMime, however broken the mail is; what it does not say is empty. Threads: one at a time.
MailFacts ReadMailFacts(std::string_view source);
std::vector<MailPart> ReadMailParts(std::string_view source);
// The source without its Bcc header, all other bytes as they are.
std::string WithoutBcc(std::string_view source);
// The header as it stands, with the blank line that ends it.
std::string_view HeaderBlock(std::string_view source);

}  // namespace outpost::oxserver
