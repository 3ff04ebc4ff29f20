#pragma once
#include <string_view>

namespace outpost::oxserver::test {

// Reads `input` as a file of vCards and makes contacts of them. Aborts where something that must hold does not.
void FuzzVcard(std::string_view input);

// Takes `input` as "METHOD TARGET\nBODY" of a signed-in client. Aborts where the answer is no answer of this API.
void FuzzRequest(std::string_view input);

}  // namespace outpost::oxserver::test
