#include "mapi-adapter/provider/prop_bytes.h"

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

std::string Latin1Of(std::string_view wide) {
  std::string out;
  for (std::size_t i = 0; i + 1 < wide.size(); i += 2) out.push_back(wide[i + 1] == 0 ? wide[i] : '?');
  return out;
}
std::string WideOfLatin1(std::string_view text) {
  std::string out;
  for (const char c : text) AppendU16(out, static_cast<unsigned char>(c));
  return out;
}

}  // namespace

std::optional<std::string> StreamBytesOf(const Prop& prop, PropType type) {
  const auto* raw = std::get_if<RawValue>(&prop.value);
  if (type == PropType::kBinary) {
    const auto* blob = std::get_if<Blob>(&prop.value);
    if (blob != nullptr) return blob->bytes;
    return raw != nullptr && TypeOf(prop.tag) == type ? std::optional(raw->bytes) : std::nullopt;
  }
  const auto* text = std::get_if<std::string>(&prop.value);
  if (text == nullptr && (raw == nullptr || TypeOf(prop.tag) != PropType::kUnicode)) return std::nullopt;
  std::string wide = text != nullptr ? WideFromUtf8(*text) : raw->bytes;
  return type == PropType::kUnicode ? std::move(wide) : Latin1Of(wide);
}

std::pair<Prop, Prop> PropOfStream(PropTag tag, std::string bytes) {
  if (TypeOf(tag) == PropType::kBinary) return {{tag, Blob{bytes}}, {tag, RawValue{bytes}}};
  std::string wide = TypeOf(tag) == PropType::kString8 ? WideOfLatin1(bytes) : std::move(bytes);
  wide.resize(wide.size() / 2 * 2);
  while (wide.size() >= 2 && wide[wide.size() - 1] == 0 && wide[wide.size() - 2] == 0) wide.resize(wide.size() - 2);
  const PropTag wide_tag = TagOf(IdOf(tag), PropType::kUnicode);
  return {{wide_tag, Utf8FromWide(wide)}, {wide_tag, RawValue{wide}}};
}

}  // namespace outpost::mapi
