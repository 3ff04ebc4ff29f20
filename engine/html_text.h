#pragma once
#include <string>
#include <string_view>

namespace outpost {

// What a person reads in an HTML text, UTF-8 whatever the text itself says: without tags, comments, scripts and styles,
// with its entities resolved; a space where an element begins or ends that is not part of a line. Broken HTML is read
// as far as it goes. Pure. Threads: any.
std::string TextOfHtml(std::string_view html);

}  // namespace outpost
