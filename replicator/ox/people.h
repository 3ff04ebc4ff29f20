#pragma once
#include <string>

namespace outpost {

// The columns that users are asked for (http-api.md 9.1); people.cpp reads rows of them. Threads: any.
const std::string& UserColumns();

}  // namespace outpost
