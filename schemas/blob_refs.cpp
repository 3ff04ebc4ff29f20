#include "schemas/blob_refs.h"

#include <algorithm>

#include "schemas/patch_codec.h"

namespace outpost {
namespace {

void AddRefs(const FieldMap& fields, std::vector<BlobRef>& refs) {
  for (const auto& [field, value] : fields)
    if (const auto* ref = std::get_if<BlobRef>(&value)) refs.push_back(*ref);
}

// False where no slot of a change is a reference, as in nearly all events: these need no decoding of their values. True
// too for what is no change.
bool MayRefer(std::string_view raw) {
  const codec::Aligned aligned(raw);
  flatbuffers::Verifier verifier(AsBytes(aligned.view()).data(), aligned.view().size());
  if (!verifier.VerifyBuffer<fb::Change>(nullptr)) return true;
  const auto* slots = flatbuffers::GetRoot<fb::Change>(aligned.view().data())->slots();
  return slots != nullptr && std::any_of(slots->begin(), slots->end(), [](const fb::Slot* slot) {
           return slot->kind() == static_cast<std::uint8_t>(ValueKind::kBlob);
         });
}

}  // namespace

std::vector<BlobRef> BlobRefsOf(const FieldMap& fields) {
  std::vector<BlobRef> refs;
  AddRefs(fields, refs);
  return refs;
}

std::vector<BlobRef> BlobRefsOf(const ChangeBody& body) { return BlobRefsOf(body.patch); }

Result<std::vector<BlobRef>> BlobRefsOf(const Event& event) {
  const bool erased = event.body.empty();
  if (event.header.kind == Kind::kItemRestated && !erased) {
    OUTPOST_TRY(const ItemState item, DecodeItem(event.header.item, event.body));
    return BlobRefsOf(item);
  }
  if (erased || (!IsLocalChange(event.header.kind) && !IsRemoteChange(event.header.kind)))
    return std::vector<BlobRef>();
  if (!MayRefer(event.body)) return std::vector<BlobRef>();
  OUTPOST_TRY(const ChangeBody body, DecodeChange(event.body));
  return BlobRefsOf(body);
}

std::vector<BlobRef> BlobRefsOf(const ItemState& state) {
  std::vector<BlobRef> refs;
  AddRefs(state.base, refs);
  for (const PendingEdit& edit : state.pending) AddRefs(edit.patch, refs);
  for (const ParkedGroup& parked : state.parked) AddRefs(parked.patch, refs);
  return refs;
}

}  // namespace outpost
