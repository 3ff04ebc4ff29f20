#pragma once
#include <string>
#include <string_view>

namespace outpost {

// What parts the pieces of an upload's form. It is made of the session, which whoever wrote the file does not know, and
// does not tell it: a fixed text could be in a file, by chance or on purpose, and would cut it short there. Pure.
// Source: RFC 2046, 5.1.1.
std::string FormBoundary(std::string_view session);

}  // namespace outpost
