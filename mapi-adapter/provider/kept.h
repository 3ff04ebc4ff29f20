#pragma once
#include <span>
#include <vector>

#include "journal/journal.h"
#include "mapi-adapter/codec/kept_properties.h"
#include "mapi-adapter/provider/open_store.h"
#include "schemas/fields.h"

namespace outpost::mapi {

// What clients set on items and folders and no field is: one field of the item, local, with a history as any other
// (schemas/properties.md). Threads: any.

// The field; 0 for types that have none.
FieldId KeptField(ItemType type);

// As properties of the store, each a RawValue; what is damaged is passed over. A name that has no id yet is given one.
std::vector<Prop> KeptProps(const OpenStore& store, const JournalView& view, ItemType type, const FieldMap& fields);

// The field after `set` (RawValues) and `cleared`, as it was in `before`; the same where they change nothing. Errors:
// kInvalid (an id that stands for no name), kCorrupt, kUnavailable (what there is cannot be read).
Result<Value> KeptAfter(const OpenStore& store, const JournalView& view, const Value& before, std::span<const Prop> set,
                        std::span<const PropTag> cleared);

// The parts of the two: what a value of the field says; as properties of the store, but for associated messages of a
// folder (associated.h); after a change of some. Errors: likewise.
Result<std::vector<KeptProp>> ReadKept(const JournalView& view, const Value& value);
std::vector<Prop> PropsOfKept(const OpenStore& store, const std::vector<KeptProp>& kept);
Result<void> ChangeKept(const OpenStore& store, std::vector<KeptProp>& kept, std::span<const Prop> set,
                        std::span<const PropTag> cleared);

// All bytes of a blob. Errors: those of BlobSource and BlobReader.
Result<std::string> BytesOfBlob(const JournalView& view, const BlobRef& ref);

}  // namespace outpost::mapi
