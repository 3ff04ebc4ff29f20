#pragma once
#include <algorithm>
#include <string_view>

namespace outpost {

// Whether `text` is one mail address and nothing else: what a server or a stranger wrote may hold line ends, and
// libical and vCards write addresses as they are. Pure. Source: RFC 5322, 3.4.1, without quoted local parts.
inline bool IsOneAddress(std::string_view text) {
  return text.find('@') != std::string_view::npos && std::none_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f ||
                  std::string_view("<>,;\"").find(c) != std::string_view::npos;
         });
}

}  // namespace outpost
