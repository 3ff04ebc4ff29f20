#include "projection/sort_key.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
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

// The first `bytes_max` bytes, about, as valid UTF-8.
std::string Valid(std::string_view text, std::size_t bytes_max) {
  std::string valid;
  while (!text.empty() && valid.size() < bytes_max) {
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

// What Fold makes of each character of two bytes: Latin, Greek, Cyrillic, Hebrew, Arabic.
constexpr std::size_t kTwoBytesFrom = 0x80, kTwoBytesTo = 0x800;
const std::string& FoldedTwoBytes(std::size_t code) {
  static const auto kFolded = [] {
    std::array<std::string, kTwoBytesTo - kTwoBytesFrom> folded;
    for (std::size_t i = 0; i < folded.size(); ++i) {
      const std::size_t each = i + kTwoBytesFrom;
      folded[i] = Fold({static_cast<char>(0xc0 | each >> 6), static_cast<char>(0x80 | (each & 0x3f))});
    }
    return folded;
  }();
  return kFolded[code - kTwoBytesFrom];
}

// Appends what Fold makes, in a tenth of its time, of a text of printable ASCII and characters of two bytes, which is
// most of what is sorted: marks are dropped, so that no character changes what becomes of another. Ends where that is
// `bytes_max` bytes or more. False for any other text; what was appended then means nothing.
bool FoldByTable(std::string_view text, std::string& out, std::size_t bytes_max) {
  const std::size_t begin = out.size();
  for (std::size_t i = 0; i < text.size() && out.size() - begin < bytes_max; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte < 0x7f) {
      out.push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : text[i]);
    } else if (byte >= 0xc2 && byte < 0xe0 && i + 1 < text.size() && IsContinuation(text[i + 1])) {
      out +=
          FoldedTwoBytes(static_cast<std::size_t>(byte & 0x1f) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3f));
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace

void AppendSortKey(std::string_view text, std::string& out) {
  const std::size_t begin = out.size();
  const std::string_view read = text.substr(0, kReadBytesMax);
  // More than the key takes, so that it is seen where a character ends. Where it begins with spaces, which go, all of
  // the text counts.
  bool folded = FoldByTable(read, out, 2 * kSortKeyBytesMax);
  if (folded && out.size() > begin && out[begin] == ' ') {
    out.resize(begin);
    folded = FoldByTable(read, out, std::string::npos);
  }
  if (!folded) {
    out.resize(begin);
    out += Fold(Valid(text, kReadBytesMax));
    out.erase(std::remove(out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), '\0'), out.end());
  }
  out.erase(begin, std::min(out.find_first_not_of(' ', begin), out.size()) - begin);
  std::size_t end = std::min(out.size(), begin + kSortKeyBytesMax);
  while (end > begin && end < out.size() && IsContinuation(out[end])) --end;
  out.resize(end);
  if (end == begin) out += kBehindAll;
}

std::string SortKey(std::string_view text) {
  std::string key;
  AppendSortKey(text, key);
  return key;
}

std::string FoldText(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  if (FoldByTable(text, folded, std::string::npos)) return folded;
  folded = Fold(Valid(text, std::string::npos));
  std::erase(folded, '\0');
  return folded;
}

}  // namespace outpost
