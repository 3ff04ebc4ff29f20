#include "projection/sort_key.h"

#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

#include "base/check.h"

namespace outpost {
namespace {

constexpr char kBehindAll[] = "\xff";            // in no UTF-8 text
constexpr char kReplacement[] = "\xef\xbf\xbd";  // U+FFFD
// More than this never reaches the key, whatever folding makes of it, except where a text begins with a kilobyte of
// marks.
constexpr std::size_t kReadBytesMax = 1024;

constexpr auto kFolding =
    static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                   UTF8PROC_IGNORE | UTF8PROC_STRIPCC | UTF8PROC_STRIPMARK);

const utf8proc_uint8_t* Raw(std::string_view text) { return reinterpret_cast<const utf8proc_uint8_t*>(text.data()); }

// The first kReadBytesMax bytes as valid UTF-8.
std::string Valid(std::string_view text) {
  std::string valid;
  while (!text.empty() && valid.size() < kReadBytesMax) {
    utf8proc_int32_t code = 0;
    const utf8proc_ssize_t size = utf8proc_iterate(Raw(text), static_cast<utf8proc_ssize_t>(text.size()), &code);
    if (size > 0)
      valid += text.substr(0, static_cast<std::size_t>(size));
    else
      valid += kReplacement;
    text.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : 1);
  }
  return valid;
}

std::string Fold(const std::string& valid) {
  utf8proc_uint8_t* folded = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(Raw(valid), static_cast<utf8proc_ssize_t>(valid.size()), &folded, kFolding);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(folded, &std::free);
  if (size == UTF8PROC_ERROR_NOMEM) throw std::bad_alloc();
  OUTPOST_CHECK(size >= 0);
  return {reinterpret_cast<const char*>(folded), static_cast<std::size_t>(size)};
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string SortKey(std::string_view text) {
  std::string key = text.empty() ? std::string() : Fold(Valid(text));
  std::erase(key, '\0');
  key.erase(0, std::min(key.find_first_not_of(' '), key.size()));
  std::size_t end = std::min(key.size(), kSortKeyBytesMax);
  while (end > 0 && end < key.size() && IsContinuation(key[end])) --end;
  key.resize(end);
  return key.empty() ? std::string(kBehindAll) : key;
}

}  // namespace outpost
