#include "mapi-adapter/codec/rtf.h"

#include <algorithm>
#include <array>

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

constexpr std::uint32_t kPacked = 0x75465A4C;  // "LZFu"
constexpr std::uint32_t kStored = 0x414C454D;  // "MELA"
constexpr std::size_t kWindow = 4096;
constexpr std::size_t kLongest = 17;
constexpr std::size_t kHeaderRest = 12;  // bytes of the header that the size in front counts
// What both sides have in the window before the first byte.
constexpr std::string_view kPreset =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS "
    "Sans "
    "SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
static_assert(kPreset.size() == 207);

constexpr std::array<std::uint32_t, 256> CrcTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t c = i;
    for (int bit = 0; bit < 8; ++bit) c = (c & 1) != 0 ? 0xEDB88320 ^ c >> 1 : c >> 1;
    table[i] = c;
  }
  return table;
}

// The usual polynomial, but begun with 0 and not turned round at the end.
std::uint32_t RtfCrc(std::string_view bytes) {
  static constexpr std::array<std::uint32_t, 256> kTable = CrcTable();
  std::uint32_t crc = 0;
  for (const char c : bytes) crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFF] ^ crc >> 8;
  return crc;
}

// The last 4096 bytes of text, by their place modulo 4096.
class Window {
 public:
  Window() { std::copy(kPreset.begin(), kPreset.end(), bytes_.begin()); }
  void Add(char c) {
    bytes_[write_] = c;
    write_ = (write_ + 1) % kWindow;
    filled_ = std::min(filled_ + 1, kWindow);
  }
  char At(std::size_t place) const { return bytes_[place % kWindow]; }
  std::size_t write() const { return write_; }
  std::size_t oldest() const { return filled_ < kWindow ? 0 : write_; }
  std::size_t filled() const { return filled_; }

 private:
  std::array<char, kWindow> bytes_{};
  std::size_t write_ = kPreset.size();
  std::size_t filled_ = kPreset.size();
};

std::string Unpack(std::string_view packed, std::size_t size) {
  Window window;
  std::string out;
  const auto put = [&](char c) { out.push_back(c), window.Add(c); };
  for (std::size_t at = 0; at < packed.size() && out.size() < size;) {
    const auto kinds = static_cast<unsigned char>(packed[at++]);
    for (int bit = 0; bit < 8 && at < packed.size() && out.size() < size; ++bit) {
      if ((kinds >> bit & 1) == 0) {
        put(packed[at++]);
        continue;
      }
      if (at + 2 > packed.size()) return out;
      const unsigned token = static_cast<unsigned>(static_cast<unsigned char>(packed[at]) << 8 |
                                                   static_cast<unsigned char>(packed[at + 1]));
      at += 2;
      const std::size_t place = token >> 4;
      if (place == window.write()) return out;
      for (std::size_t i = 0; i < (token & 0xF) + 2 && out.size() < size; ++i) put(window.At(place + i));
    }
  }
  return out;
}

struct Match {
  std::size_t place = 0, length = 0;
};

// The longest piece of the window that the rest begins with, the oldest of the longest ones. Whoever reads it writes as
// he reads, so a piece may reach into itself; one that begins where he writes would be the end.
Match Longest(const Window& window, std::string_view rest) {
  Match best;
  const std::size_t longest = std::min(kLongest, rest.size());
  for (std::size_t back = window.write() == window.oldest() ? kWindow - 1 : window.filled(); back > 0; --back) {
    const std::size_t place = (window.write() + kWindow - back) % kWindow;
    std::size_t length = 0;
    while (length < longest && (length < back ? window.At(place + length) : rest[length - back]) == rest[length])
      ++length;
    if (length > best.length) best = {place, length};
    if (best.length == longest) break;
  }
  return best;
}

std::string Pack(std::string_view text) {
  Window window;
  std::string out, tokens;
  unsigned kinds = 0;
  int count = 0;
  const auto add = [&](bool reference, std::string_view token) {
    kinds |= (reference ? 1U : 0U) << count;
    tokens += token;
    if (++count < 8) return;
    out.push_back(static_cast<char>(kinds));
    out += tokens;
    tokens.clear();
    kinds = 0;
    count = 0;
  };
  const auto reference = [&](std::size_t place, std::size_t length) {
    const char bytes[] = {static_cast<char>(place >> 4), static_cast<char>((place & 0xF) << 4 | length)};
    add(true, {bytes, 2});
  };
  while (!text.empty()) {
    const Match match = Longest(window, text);
    if (match.length > 1)
      reference(match.place, match.length - 2);
    else
      add(false, text.substr(0, 1));
    const std::size_t taken = std::max<std::size_t>(1, match.length);
    for (const char c : text.substr(0, taken)) window.Add(c);
    text.remove_prefix(taken);
  }
  reference(window.write(), 0);
  if (count > 0) {
    out.push_back(static_cast<char>(kinds));
    out += tokens;
  }
  return out;
}

}  // namespace

Result<std::string> DecodeRtf(std::string_view bytes) {
  BlobReader in(bytes, "compressed RTF");
  const std::uint32_t size = in.U32("COMPSIZE");
  in.Require(size >= kHeaderRest, "COMPSIZE", size);
  const std::uint32_t raw = in.U32("RAWSIZE");
  in.Require(raw <= kRtfBytesMax, "RAWSIZE", raw);
  const std::uint32_t kind = in.U32("COMPTYPE");
  in.Require(kind == kPacked || kind == kStored, "COMPTYPE", kind);
  const std::uint32_t crc = in.U32("CRC");
  const std::string_view contents = in.ok() ? in.Take(size - kHeaderRest, "CONTENTS") : "";
  if (kind == kPacked) in.Require(crc == RtfCrc(contents), "CRC", crc);
  if (!in.ok()) return in.error();
  if (kind == kStored) return std::string(contents.substr(0, raw));
  return Unpack(contents, raw);
}

Result<std::string> EncodeRtf(std::string_view text) {
  if (text.size() > kRtfBytesMax)
    return Error{Code::kRejected, Retry::kNever,
                 "RTF of " + std::to_string(text.size()) + " bytes, limit " + std::to_string(kRtfBytesMax)};
  const bool pack = text.size() <= kRtfPackMax;
  const std::string contents = pack ? Pack(text) : std::string(text);
  std::string out;
  AppendU32(out, contents.size() + kHeaderRest);
  AppendU32(out, text.size());
  AppendU32(out, pack ? kPacked : kStored);
  AppendU32(out, pack ? RtfCrc(contents) : 0);
  return out + contents;
}

}  // namespace outpost::mapi
