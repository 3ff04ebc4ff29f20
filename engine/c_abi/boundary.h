#pragma once
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/json/json.h"
#include "engine/outpost.h"

namespace outpost::c_abi {

// Where the C ABI ends: a result becomes a code and a text, whatever is thrown becomes one, and JSON becomes memory of
// the caller's. Threads: any.

// What an exception that is being handled, or an error, is told as.
std::int32_t Tell(outpost_error* error, const Error& what) noexcept;
std::int32_t TellThrown(outpost_error* error) noexcept;
std::int32_t TellDone(outpost_error* error) noexcept;

Error Malformed(std::string what);

// Runs `body`, a Result of anything.
template <class Body>
std::int32_t AtBoundary(outpost_error* error, Body&& body) noexcept {
  try {
    auto result = body();
    return result ? TellDone(error) : Tell(error, result.error());
  } catch (...) {
    return TellThrown(error);
  }
}

// Gives `json` to the caller, who may not want it. Errors: those of memory, thrown.
void Give(const Json& json, char** out);

// The text behind `text`; kInvalid, naming `what`, for NULL.
Result<std::string_view> Wanted(const char* text, const char* what);

// Copies what the caller's version of a structure has over one that is all 0. Errors: kInvalid (NULL, or smaller than
// its first version was).
template <class Struct>
Result<Struct> Taken(const Struct* given, std::size_t first_size) {
  if (given == nullptr || given->size < first_size) return Malformed("a structure is NULL or says no size");
  Struct taken{};
  std::memcpy(&taken, given, std::min<std::size_t>(given->size, sizeof taken));
  return taken;
}

}  // namespace outpost::c_abi
