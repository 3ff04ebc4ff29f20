#include "mapi-adapter/provider/kept.h"

#include <algorithm>

#include "journal/blobs.h"
#include "mapi-adapter/provider/associated.h"

namespace outpost::mapi {
namespace {

Result<KeptName> NameOfTag(const OpenStore& store, PropTag tag) {
  KeptName name;
  name.id = IdOf(tag);
  if (name.id != 0 && name.id < kFirstNamedId) return name;
  if (auto named = store.names->NameOf(name.id); named && named->set != AssociatedSet()) return *named;
  return Error{Code::kInvalid, Retry::kNever, "no name has the id " + std::to_string(name.id)};
}

}  // namespace

FieldId KeptField(ItemType type) {
  const Field* field = FindField(FieldOwner(type), "properties");
  return field != nullptr ? field->id : FieldId{0};
}

Result<std::vector<KeptProp>> ReadKept(const JournalView& view, const Value& value) {
  if (const auto* bytes = std::get_if<Blob>(&value)) return DecodeKeptProps(bytes->bytes);
  const auto* ref = std::get_if<BlobRef>(&value);
  if (ref == nullptr) return std::vector<KeptProp>{};
  OUTPOST_TRY(const std::string bytes, BytesOfBlob(view, *ref));
  return DecodeKeptProps(bytes);
}

std::vector<Prop> PropsOfKept(const OpenStore& store, const std::vector<KeptProp>& kept) {
  std::vector<KeptName> names;
  for (const KeptProp& prop : kept)
    if (prop.name.set != AssociatedSet()) names.push_back(prop.name);
  const auto ids = store.names->Give(names);
  if (!ids) return {};
  std::vector<Prop> out;
  auto id = ids.value().begin();
  for (const KeptProp& prop : kept) {
    if (prop.name.set == AssociatedSet()) continue;
    if (*id != 0) out.push_back({TagOf(*id, prop.type), RawValue{prop.bytes}});
    ++id;
  }
  return out;
}

Result<void> ChangeKept(const OpenStore& store, std::vector<KeptProp>& kept, std::span<const Prop> set,
                        std::span<const PropTag> cleared) {
  const auto drop = [&kept](const KeptName& name) {
    std::erase_if(kept, [&name](const KeptProp& prop) { return prop.name == name; });
  };
  for (const PropTag tag : cleared) {
    OUTPOST_TRY(const KeptName name, NameOfTag(store, tag));
    drop(name);
  }
  for (const Prop& prop : set) {
    OUTPOST_TRY(KeptName name, NameOfTag(store, prop.tag));
    drop(name);
    kept.push_back({std::move(name), TypeOf(prop.tag), std::get<RawValue>(prop.value).bytes});
  }
  return Ok();
}

std::vector<Prop> KeptProps(const OpenStore& store, const JournalView& view, ItemType type, const FieldMap& fields) {
  const auto at = fields.find(KeptField(type));
  if (at == fields.end()) return {};
  const auto kept = ReadKept(view, at->second);
  return kept ? PropsOfKept(store, kept.value()) : std::vector<Prop>{};
}

Result<Value> KeptAfter(const OpenStore& store, const JournalView& view, const Value& before, std::span<const Prop> set,
                        std::span<const PropTag> cleared) {
  if (set.empty() && cleared.empty()) return before;
  OUTPOST_TRY(std::vector<KeptProp> kept, ReadKept(view, before));
  OUTPOST_TRYV(ChangeKept(store, kept, set, cleared));
  if (kept.empty()) return Value();
  return Value(Blob{Encode(std::move(kept))});
}

Result<std::string> BytesOfBlob(const JournalView& view, const BlobRef& ref) {
  const auto blobs = BlobsOf(view);
  OUTPOST_TRY(const auto reader, blobs->Open(ref));
  std::string bytes(ref.size, '\0');
  for (std::size_t have = 0; have < bytes.size();) {
    OUTPOST_TRY(const std::size_t read,
                reader->Read({reinterpret_cast<std::uint8_t*>(bytes.data()) + have, bytes.size() - have}));
    if (read == 0) return Error{Code::kCorrupt, Retry::kNever, "a blob ends early"};
    have += read;
  }
  return bytes;
}

}  // namespace outpost::mapi
