#include "mapi-adapter/codec/kept_properties.h"

#include <algorithm>
#include <optional>

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

constexpr std::uint8_t kKeptVersion = 1;
constexpr std::uint8_t kById = 1, kByNumber = 2, kByText = 3;
constexpr std::size_t kGuidBytes = 16;
constexpr std::size_t kLeastBytes = 9;  // of one property: kind, id, type, length

// Bytes of one value; 0: as many as there are; nullopt: no such value is kept.
std::optional<std::size_t> SizeOfOne(PropType type) {
  switch (type) {
    case PropType::kShort:
    case PropType::kBoolean:
      return 2;
    case PropType::kLong:
    case PropType::kFloat:
      return 4;
    case PropType::kDouble:
    case PropType::kCurrency:
    case PropType::kAppTime:
    case PropType::kI8:
    case PropType::kSysTime:
      return 8;
    case PropType::kClsid:
      return kGuidBytes;
    case PropType::kUnicode:
    case PropType::kBinary:
      return 0;
    default:
      return std::nullopt;
  }
}

void AppendName(std::string& out, const KeptName& name) {
  out.push_back(static_cast<char>(name.set.empty() ? kById : name.text.empty() ? kByNumber : kByText));
  if (name.set.empty()) return AppendU16(out, name.id);
  out += name.set;
  if (name.text.empty()) return AppendU32(out, name.number);
  AppendU32(out, name.text.size());
  out += name.text;
}

KeptName ReadName(BlobReader& in) {
  KeptName name;
  const std::uint8_t kind = in.U8("kind of name");
  in.Require(kind >= kById && kind <= kByText, "kind of name", kind);
  if (kind == kById) {
    name.id = in.U16("id");
    in.Require(name.id != 0 && name.id < kFirstNamedId, "id", name.id);
    return name;
  }
  name.set = in.Take(kGuidBytes, "set");
  if (kind == kByNumber) {
    name.number = in.U32("number");
    return name;
  }
  name.text = in.Take(in.U32("length of name"), "name");
  in.Require(!name.text.empty(), "name", 0);
  return name;
}

}  // namespace

bool CanBeKept(PropType type) {
  if (IsMultiple(type) && OneOf(type) == PropType::kBoolean) return false;
  return SizeOfOne(OneOf(type)).has_value();
}

bool IsRawValue(PropType type, std::string_view bytes) {
  if (!CanBeKept(type)) return false;
  const PropType one = OneOf(type);
  const std::size_t size = *SizeOfOne(one);
  const auto fits = [&](std::size_t found) {
    return size != 0 ? found == size : one != PropType::kUnicode || found % 2 == 0;
  };
  if (!IsMultiple(type)) return fits(bytes.size());
  BlobReader in(bytes, "values");
  const std::uint32_t count = in.Bounded(in.U32("count"), size != 0 ? size : 4, "count");
  for (std::uint32_t i = 0; in.ok() && i < count; ++i) {
    const std::size_t wanted = size != 0 ? size : in.U32("length");
    in.Require(fits(wanted), "length", wanted);
    in.Take(wanted, "value");
  }
  return in.ok() && in.left() == 0;
}

std::string Encode(std::vector<KeptProp> props) {
  std::stable_sort(props.begin(), props.end(), [](const KeptProp& a, const KeptProp& b) { return a.name < b.name; });
  std::vector<const KeptProp*> last;
  for (const KeptProp& prop : props) {
    if (!last.empty() && last.back()->name == prop.name) last.pop_back();
    last.push_back(&prop);
  }
  std::string out(1, static_cast<char>(kKeptVersion));
  AppendU32(out, last.size());
  for (const KeptProp* prop : last) {
    AppendName(out, prop->name);
    AppendU16(out, static_cast<std::uint16_t>(prop->type));
    AppendU32(out, prop->bytes.size());
    out += prop->bytes;
  }
  return out;
}

Result<std::vector<KeptProp>> DecodeKeptProps(std::string_view bytes) {
  BlobReader in(bytes, "kept properties");
  const std::uint8_t version = in.U8("version");
  in.Require(version == kKeptVersion, "version", version);
  const std::uint32_t count = in.Bounded(in.U32("count"), kLeastBytes, "count");
  std::vector<KeptProp> out;
  for (std::uint32_t i = 0; in.ok() && i < count; ++i) {
    KeptProp prop;
    prop.name = ReadName(in);
    const std::uint16_t type = in.U16("type");
    prop.type = static_cast<PropType>(type);
    prop.bytes = in.Take(in.U32("length"), "value");
    in.Require(IsRawValue(prop.type, prop.bytes), "type", type);
    in.Require(out.empty() || out.back().name < prop.name, "order", i);
    out.push_back(std::move(prop));
  }
  in.Require(in.left() == 0, "bytes behind the end", in.left());
  if (!in.ok()) return in.error();
  return out;
}

}  // namespace outpost::mapi
