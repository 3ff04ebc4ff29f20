#pragma once
#include <optional>
#include <vector>

#include "mapi-adapter/codec/property.h"
#include "mapi-adapter/codec/series_blob.h"
#include "schemas/fields.h"

namespace outpost::mapi {

// What an item is in properties, by schemas/fields.tsv, and what Outlook expects beside it: contacts, lists, tasks,
// appointments and their series, mails as far as their headers and flags go. Pure; threads: any.

// What must be known beside an item's own fields. The clock is that of the zone an appointment is in; of whole days
// Outlook has the midnights by it.
struct PropContext {
  SeriesClock clock = UtcClock();
  std::vector<ChangedDay> changed{};  // of a series: the items that take the place of a day, as they are
};

// All of them, each id once; in no order that counts.
std::vector<Prop> PropsOf(ItemType type, const FieldMap& head, const PropContext& context = {});
// One of them; `type` of the tag kUnspecified: whichever it has. Nullopt where the item has none, or of another type.
std::optional<Prop> PropOf(ItemType type, const FieldMap& head, PropTag wanted, const PropContext& context = {});
// The fields that PropOf looks at for that property, ascending.
std::vector<FieldId> FieldsBehind(ItemType type, PropTag wanted);
// The one field that a property is, by which rows can be sorted; 0 where there is none.
FieldId FieldOfProp(ItemType type, PropTag tag);
// A property's value as the value of that field, for comparing; nullopt where it is none of it.
std::optional<Value> FieldValueOf(ItemType type, const Prop& prop);

// Properties that were set, and cleared, as an edit of the fields they are. What is no field here is in `others`, to be
// kept as it is. What follows from fields or from being in a store, or is no value of its field's, is in `rest`, by
// number; so is a series' blob of an appointment, which is several items here. `head` is the item before the edit.
struct PropEdit {
  FieldMap patch;
  std::vector<PropTag> others;
  std::vector<PropTag> rest;
};
PropEdit EditOfProps(ItemType type, std::span<const Prop> set, std::span<const PropTag> cleared,
                     const FieldMap& head = {}, const PropContext& context = {});

// Whether an item has the property whatever anybody sets: by being an item of that type, or in a store. Others may be
// kept as they were given.
bool IsGiven(ItemType type, PropTag tag);

// Whether every store computes the property by itself: nobody sets it anywhere.
bool IsReadOnlyAnywhere(PropTag tag);

// "IPM.Contact"; and of what a folder holds the class of its container, "IPF.Contact".
std::string MessageClassOf(ItemType type);
std::string ContainerClassOf(ItemType content);

}  // namespace outpost::mapi
