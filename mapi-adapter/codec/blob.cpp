#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

void AppendUtf8(std::string& out, char32_t c) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) return put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  if (c < 0x10000) return put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
}

// The character that begins at `at`, which moves behind it; at least one byte on.
char32_t NextOfUtf8(std::string_view text, std::size_t& at) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at++);
  if (first < 0x80) return first;
  const int more = first >= 0xF0 && first < 0xF5 ? 3 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xC2 ? 1 : 0;
  if (more == 0 || first >= 0xF5) return kReplacement;
  char32_t c = first & (0x3F >> more);
  for (int i = 0; i < more; ++i, ++at) {
    if (at >= text.size() || (byte(at) & 0xC0) != 0x80) return kReplacement;
    c = c << 6 | (byte(at) & 0x3F);
  }
  const bool overlong = (more == 2 && c < 0x800) || (more == 3 && c < 0x10000);
  return overlong || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? kReplacement : c;
}

}  // namespace

std::uint64_t BlobReader::Number(std::size_t size, const char* name) {
  std::uint64_t value = 0;
  const std::string_view bytes = Take(size, name);
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

std::string_view BlobReader::Take(std::size_t size, const char* name) {
  if (!ok()) return {};
  if (size > left()) {
    Fail(name, " bytes needed, left ", size, left());
    return {};
  }
  const std::string_view taken = bytes_.substr(at_, size);
  at_ += size;
  return taken;
}

std::uint32_t BlobReader::Bounded(std::uint32_t count, std::size_t each, const char* name) {
  if (!ok()) return 0;
  if (count > left() / each) {
    Fail(name, " entries, room for ", count, left() / each);
    return 0;
  }
  return count;
}

void BlobReader::Require(bool fits, const char* name, std::uint64_t found) {
  if (ok() && !fits) Fail(name, " is not known here", found, 0);
}

void BlobReader::Fail(const char* name, const char* why, std::uint64_t wanted, std::uint64_t had) {
  failed_ = name;
  why_ = why;
  where_ = at_;
  wanted_ = wanted;
  had_ = had;
}

Error BlobReader::error() const {
  std::string text = std::string(what_) + ", " + failed_ + " at byte " + std::to_string(where_) + ": " +
                     std::to_string(wanted_) + why_;
  if (text.back() == ' ') text += std::to_string(had_);
  return {Code::kCorrupt, Retry::kNever, std::move(text)};
}

void AppendLe(std::string& out, std::uint64_t value, std::size_t size) {
  for (; size > 0; --size, value >>= 8) out.push_back(static_cast<char>(value & 0xFF));
}

std::string Utf8FromWide(std::string_view wide) {
  const auto unit = [&wide](std::size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(wide[2 * i]) | static_cast<unsigned char>(wide[2 * i + 1])
                                                                               << 8);
  };
  std::string out;
  const std::size_t count = wide.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const char32_t c = unit(i);
    const bool high = c >= 0xD800 && c < 0xDC00;
    if (high && i + 1 < count && unit(i + 1) >= 0xDC00 && unit(i + 1) < 0xE000) {
      AppendUtf8(out, 0x10000 + ((c - 0xD800) << 10) + (unit(i + 1) - 0xDC00));
      ++i;
    } else {
      AppendUtf8(out, c >= 0xD800 && c < 0xE000 ? kReplacement : c);
    }
  }
  if (wide.size() % 2 != 0) AppendUtf8(out, kReplacement);
  return out;
}

std::string WideFromUtf8(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = NextOfUtf8(text, at);
    if (c < 0x10000) {
      AppendU16(out, c);
    } else {
      AppendU16(out, 0xD800 + ((c - 0x10000) >> 10));
      AppendU16(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

}  // namespace outpost::mapi
