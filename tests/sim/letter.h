#pragma once
#include <string>

namespace outpost::sim {

inline constexpr const char* kInboxPath = "default0/INBOX";

// A mail of that subject, which no other has. It is old: clients do not fetch its source unasked.
inline std::string Letter(const std::string& subject, const std::string& from, const std::string& to) {
  return "From: " + from + "\r\nTo: " + to + "\r\nSubject: " + subject + "\r\nMessage-ID: <" + subject +
         "@sim>\r\nDate: Fri, 10 Nov 2023 12:00:00 +0100\r\n\r\nHello\r\n";
}

}  // namespace outpost::sim
