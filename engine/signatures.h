#pragma once
#include <optional>
#include <vector>

#include "journal/state.h"
#include "schemas/item_state.h"

namespace outpost {

// What a person puts below his mails, as the server keeps it for all his programs: items of type signature in a folder
// of their own, which no list of folders shows; they are read and edited as any item, also offline. Which of them a new
// mail gets is told to nobody. Threads: any.

// That folder; none where the server has no signatures, or nobody has asked it yet. Errors: kCorrupt, kUnavailable.
Result<std::optional<ItemId>> SignaturesFolder(const StateReader& state);

// All that are not deleted, by their names: own ones, and those that others share. Errors: kCorrupt, kUnavailable.
Result<std::vector<ItemState>> ListSignatures(const StateReader& state);

// Words of field::kSignaturePlacement: before or behind what a mail quotes.
inline constexpr const char *kPlacedAbove = "above", *kPlacedBelow = "below";

// Whether the fields of a signature are such that they can be told. Errors: kInvalid, which says what is wrong.
Result<void> CheckSignatureFields(const FieldMap& fields);

}  // namespace outpost
