#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace outpost::mapi {

// By what Outlook knows a meeting, its copies and its days again: PidLidGlobalObjectId, and with no day in it
// PidLidCleanGlobalObjectId. Source: [MS-OXOCAL] 2.2.1.27. Pure; threads: any.
struct GlobalObjectId {
  std::uint16_t year = 0;  // of an exception the day it replaces; else all three 0
  std::uint8_t month = 0, day = 0;
  std::uint64_t created = 0;  // 100 ns since 1601 UTC
  std::uint64_t reserved = 0;
  std::string data;

  bool operator==(const GlobalObjectId&) const = default;
};

// Errors: kCorrupt, named by field and byte: another kind of id, cut short. What lies behind is passed over.
Result<GlobalObjectId> DecodeGlobalObjectId(std::string_view bytes);
std::string Encode(const GlobalObjectId& id);

// The uid that such an id is here (schemas/series.h: with the day behind it for an exception): what follows "vCal-Uid",
// else the whole id without its day in upper-case hexadecimal. A day that no calendar has is no day.
// Source: [MS-OXCICAL] 2.1.3.1.1.20.26.
std::string UidOf(const GlobalObjectId& id);
// And back, the day included; nullopt for an empty uid. A uid in hexadecimal that is such an id becomes that id, any
// other one is wrapped. The id of a uid has that uid again, but for the case of hexadecimal letters: an item that has a
// uid keeps it, whatever Outlook's id says.
std::optional<GlobalObjectId> GlobalObjectIdOf(std::string_view uid);

}  // namespace outpost::mapi
