#pragma once
#include <optional>
#include <vector>

#include "mapi-adapter/codec/property.h"
#include "schemas/fields.h"

namespace outpost::mapi {

// What an item is in properties, by schemas/fields.tsv, and what Outlook expects beside it. Contacts and lists so far;
// of other items what they all have: class, subject, and what says of itself that it is there. Pure; threads: any.

// All of them, each id once; in no order that counts.
std::vector<Prop> PropsOf(ItemType type, const FieldMap& head);
// One of them; `type` of the tag kUnspecified: whichever it has. Nullopt where the item has none, or of another type.
std::optional<Prop> PropOf(ItemType type, const FieldMap& head, PropTag wanted);
// The fields that PropOf looks at for that property, ascending.
std::vector<FieldId> FieldsBehind(ItemType type, PropTag wanted);

// The one field that a property is, by which rows can be sorted; 0 where there is none.
FieldId FieldOfProp(ItemType type, PropTag tag);

// Properties that were set, as an edit of the fields they are; cleared ones in `cleared`. What is no field here, or
// follows from fields, is in `rest`, by number.
struct PropEdit {
  FieldMap patch;
  std::vector<PropTag> rest;
};
PropEdit EditOfProps(ItemType type, std::span<const Prop> set, std::span<const PropTag> cleared);

// "IPM.Contact"; and of what a folder holds the class of its container, "IPF.Contact".
std::string MessageClassOf(ItemType type);
std::string ContainerClassOf(ItemType content);

}  // namespace outpost::mapi
