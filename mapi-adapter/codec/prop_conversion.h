#pragma once
#include <optional>
#include <span>
#include <vector>

#include "mapi-adapter/codec/item_properties.h"

// Parts of item_properties.h: values one by one, and what several fields are together.
namespace outpost::mapi {

// A value of `field` as the property `tag`; nullopt where the two do not go together.
std::optional<PropValue> ToProp(FieldId field, PropTag tag, FieldKind kind, const Value& value);
// And back; nullopt where it is no value of the field's.
std::optional<Value> FromProp(FieldId field, PropTag tag, FieldKind kind, const PropValue& value);

// Of tasks and appointments: times, recurrence, reminders, ids; of mails all. They come before the field by itself.
std::vector<Prop> ComputedProps(ItemType type, const FieldMap& head, const PropContext& context);
// What they look at, ascending.
std::span<const FieldId> FieldsOfComputed(ItemType type);
// Their edit; what it took, or refused into `edit.rest`, is gone from `set` and `cleared`.
void TakeComputed(ItemType type, std::vector<Prop>& set, std::vector<PropTag>& cleared, const FieldMap& head,
                  const PropContext& context, PropEdit& edit);

// Of mails: people, flags and icon as Outlook has them. Of what is set only the flag for follow-up is an edit, and
// taken out: the rest of a mail is its source, which nobody changes.
std::vector<Prop> PropsOfMail(const FieldMap& mail);
FieldMap TakeMail(std::vector<Prop>& set, std::vector<PropTag>& cleared);

}  // namespace outpost::mapi
