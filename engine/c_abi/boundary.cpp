#include "engine/c_abi/boundary.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace outpost::c_abi {
namespace {

std::int32_t CodeOf(Code code) {
  switch (code) {
    case Code::kNotFound:
      return OUTPOST_NOT_FOUND;
    case Code::kConflict:
      return OUTPOST_CONFLICT;
    case Code::kPreconditionFailed:
      return OUTPOST_CHANGED;
    case Code::kCorrupt:
      return OUTPOST_CORRUPT;
    case Code::kUnavailable:
      return OUTPOST_UNAVAILABLE;
    case Code::kOutcomeUnknown:
      return OUTPOST_OUTCOME_UNKNOWN;
    case Code::kRejected:
      return OUTPOST_REJECTED;
    case Code::kUnauthorized:
      return OUTPOST_UNAUTHORIZED;
    case Code::kNewerFormat:
      return OUTPOST_NEWER_FORMAT;
    case Code::kInvalid:
      return OUTPOST_INVALID;
  }
  return OUTPOST_BUG;
}

// As much of `text` as fits into `room` bytes with its end, cut before a character of UTF-8.
std::size_t FittingBytes(std::string_view text, std::size_t room) {
  if (text.size() < room) return text.size();
  std::size_t bytes = room - 1;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0U) == 0x80U) --bytes;
  return bytes;
}

std::int32_t Write(outpost_error* error, std::int32_t code, std::string_view text) noexcept {
  if (error == nullptr || error->size <= offsetof(outpost_error, text)) return code;
  const std::size_t room = std::min<std::size_t>(error->size, sizeof *error) - offsetof(outpost_error, text);
  const std::size_t bytes = FittingBytes(text, room);
  error->code = code;
  std::memcpy(error->text, text.data(), bytes);
  error->text[bytes] = 0;
  return code;
}

}  // namespace

std::int32_t Tell(outpost_error* error, const Error& what) noexcept {
  return Write(error, CodeOf(what.code), what.context);
}

std::int32_t TellDone(outpost_error* error) noexcept { return Write(error, OUTPOST_OK, ""); }

std::int32_t TellThrown(outpost_error* error) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    return Write(error, OUTPOST_NO_MEMORY, "no memory");
  } catch (const std::exception& broken) {
    return Write(error, OUTPOST_BUG, broken.what());
  } catch (...) {
    return Write(error, OUTPOST_BUG, "an unknown exception");
  }
}

Error Malformed(std::string what) { return {Code::kInvalid, Retry::kNever, std::move(what)}; }

void Give(const Json& json, char** out) {
  if (out == nullptr) return;
  const std::string text = ToLine(json);
  auto* given = static_cast<char*>(std::malloc(text.size() + 1));
  if (given == nullptr) throw std::bad_alloc();
  std::memcpy(given, text.c_str(), text.size() + 1);
  *out = given;
}

Result<std::string_view> Wanted(const char* text, const char* what) {
  if (text == nullptr) return Malformed(std::string(what) + " is NULL");
  return std::string_view(text);
}

}  // namespace outpost::c_abi

std::uint32_t outpost_abi_version(void) { return OUTPOST_ABI_VERSION; }

void outpost_free(char* answer) { std::free(answer); }
