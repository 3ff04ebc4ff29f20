#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::mapi {

// PidTagRtfCompressed: the formatted text of an item. Source: [MS-OXRTFCP]. Pure; threads: any.

inline constexpr std::uint32_t kRtfBytesMax = 64 << 20;  // of the text

// The text of compressed or plainly stored bytes. Errors: kCorrupt, named: cut short, neither kind, a checksum that is
// another, a text above kRtfBytesMax. Reads on as far as the size in front says, and no farther.
Result<std::string> DecodeRtf(std::string_view bytes);

// Compressed as Outlook does it, byte for byte; a text above kRtfPackMax is stored as it is, for a search that
// keeps to those bytes takes long on texts that repeat themselves. Errors: kRejected above kRtfBytesMax.
inline constexpr std::size_t kRtfPackMax = 256 << 10;
Result<std::string> EncodeRtf(std::string_view text);

}  // namespace outpost::mapi
