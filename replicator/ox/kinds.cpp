#include "replicator/ox/kinds.h"

#include "replicator/ox/rules.h"
#include "replicator/ox/signatures.h"

namespace outpost {
namespace {

constexpr FieldId kContactTold[] = {field::kContactAttachments, field::kContactNewestAttachment, field::kContactPhotos,
                                    field::kContactPhotoStamp};

constexpr FieldId kTaskTold[] = {field::kTaskUsers, field::kTaskAttachments, field::kTaskNewestAttachment};

constexpr FieldId kAppointmentTold[] = {field::kAppointmentUsers,           field::kAppointmentConfirmations,
                                        field::kAppointmentSeriesId,        field::kAppointmentPosition,
                                        field::kAppointmentChanged,         field::kAppointmentAttachments,
                                        field::kAppointmentNewestAttachment};

constexpr OxKind kKinds[] = {
    {ItemType::kContact, "contacts", false, false, false, false, kContactTold},
    {ItemType::kTask, "tasks", true, false, false, false, kTaskTold},
    {ItemType::kAppointment, "calendar", false, true, false, false, kAppointmentTold},
    {ItemType::kMail, "mail", false, false, true, false, {}},
    {ItemType::kRule, kRulesModule, false, false, false, true, {}},
    {ItemType::kSignature, kSnippetModule, false, false, false, true, {}},
};

}  // namespace

std::span<const OxKind> AllKinds() { return kKinds; }

const OxKind* KindOf(ItemType type) {
  for (const OxKind& kind : kKinds)
    if (kind.type == FieldOwner(type)) return &kind;
  return nullptr;
}

const OxKind* KindOfModule(std::string_view module) {
  for (const OxKind& kind : kKinds)
    if (kind.module == module) return &kind;
  return nullptr;
}

}  // namespace outpost
