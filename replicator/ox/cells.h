#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "schemas/fields.h"
#include "schemas/value.h"

namespace outpost {

// One JSON scalar as it stood in the answer: `token` without the white space around it. Arrays and objects are none.
// The readers take what servers of different versions write: numbers as texts, texts as numbers. Threads: any.

bool IsNullToken(std::string_view token);
// False where the token is no scalar or badly escaped. Half surrogates become U+FFFD: a name must not make an answer
// unreadable.
bool ReadText(std::string_view token, std::string& out);
// False where it is no whole number of 64 bits.
bool ReadInt(std::string_view token, std::int64_t& out);
// A number with places, rounded to hundredths.
bool ReadHundredths(std::string_view token, std::int64_t& out);
bool ReadBool(std::string_view token, bool& out);

// The value of a field; null for null, "" and an empty list of categories. False where the token does not fit the kind.
bool ReadValue(std::string_view token, FieldKind kind, Value& out);

}  // namespace outpost
