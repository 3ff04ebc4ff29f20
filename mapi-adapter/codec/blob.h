#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::mapi {

// Reads the little-endian formats of MAPI's binary properties, whose bytes may be anybody's. The first thing that does
// not fit is kept: from then on every read gives 0 or nothing, so a decoder reads on and asks once, but before each
// loop over what it has read a count of. Keeps a view. Threads: one.
class BlobReader {
 public:
  // `what` names the format in errors; a literal.
  BlobReader(std::string_view bytes, const char* what) : bytes_(bytes), what_(what) {}

  // The number at hand; `name` is the field's, for the error: a literal. 0 behind the end.
  std::uint8_t U8(const char* name) { return static_cast<std::uint8_t>(Number(1, name)); }
  std::uint16_t U16(const char* name) { return static_cast<std::uint16_t>(Number(2, name)); }
  std::uint32_t U32(const char* name) { return static_cast<std::uint32_t>(Number(4, name)); }
  std::uint64_t U64(const char* name) { return Number(8, name); }
  // `size` bytes; empty where there are not as many.
  std::string_view Take(std::size_t size, const char* name);
  // Whether `count` entries of `each` bytes or more are still there: 0 and an error where they are not, `count`
  // otherwise.
  std::uint32_t Bounded(std::uint32_t count, std::size_t each, const char* name);
  // An error unless `fits`; where it is said is where the reader stands.
  void Require(bool fits, const char* name, std::uint64_t found);

  bool ok() const { return failed_ == nullptr; }
  std::size_t at() const { return at_; }
  std::size_t left() const { return bytes_.size() - at_; }
  // What failed first: kCorrupt, with format, field, byte, and what was there or how much was missing. Only if !ok().
  Error error() const;

 private:
  std::uint64_t Number(std::size_t size, const char* name);
  void Fail(const char* name, const char* why, std::uint64_t wanted, std::uint64_t had);

  std::string_view bytes_;
  const char* what_;
  std::size_t at_ = 0;
  const char* failed_ = nullptr;
  const char* why_ = nullptr;
  std::size_t where_ = 0;
  std::uint64_t wanted_ = 0, had_ = 0;
};

// Appends the low `size` bytes of a number, little-endian.
void AppendLe(std::string& out, std::uint64_t value, std::size_t size);
inline void AppendU16(std::string& out, std::uint64_t value) { AppendLe(out, value, 2); }
inline void AppendU32(std::string& out, std::uint64_t value) { AppendLe(out, value, 4); }

// UTF-8 of UTF-16LE bytes and back. What is no character (half a pair, bytes that are no UTF-8, an odd byte at the end)
// becomes U+FFFD. Total.
std::string Utf8FromWide(std::string_view wide);
std::string WideFromUtf8(std::string_view text);

}  // namespace outpost::mapi
