#include "mapi-adapter/codec/entry_ids.h"

#include <algorithm>

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kNoFlags = "\0\0\0\0"sv;
constexpr std::string_view kOneOffProvider = "\x81\x2B\x1F\xA4\xBE\xA3\x10\x19\x9D\x6E\x00\xDD\x01\x0F\x54\x02"sv;
constexpr std::string_view kWrapProvider = "\xC0\x91\xAD\xD3\x51\x9D\xCF\x11\xA4\xA9\x00\xAA\x00\x47\xFA\xA4"sv;
constexpr std::uint16_t kWide = 0x8000, kNoRichText = 0x0001;
constexpr std::uint8_t kByOutlook = 0x80;

void ReadProvider(BlobReader& in, std::string_view provider) {
  in.Take(kNoFlags.size(), "flags");
  const std::string_view found = in.Take(provider.size(), "provider");
  in.Require(found == provider, "provider", found.empty() ? 0 : static_cast<unsigned char>(found[0]));
}

// Up to its NUL, which is passed.
std::string ReadText(BlobReader& in, bool wide, const char* name) {
  std::string text;
  for (const std::size_t unit = wide ? 2 : 1; in.ok();) {
    const std::string_view next = in.Take(unit, name);
    if (std::all_of(next.begin(), next.end(), [](char c) { return c == 0; })) break;
    text += next;
    if (!wide) text.push_back('\0');
  }
  return Utf8FromWide(text);
}

void AppendText(std::string& out, std::string_view text) {
  out += WideFromUtf8(text.substr(0, text.find('\0')));
  AppendU16(out, 0);
}

}  // namespace

Result<OneOffId> DecodeOneOffId(std::string_view bytes) {
  BlobReader in(bytes, "one-off entry id");
  ReadProvider(in, kOneOffProvider);
  const std::uint16_t version = in.U16("version");
  in.Require(version == 0, "version", version);
  const std::uint16_t flags = in.U16("flags");
  OneOffId out;
  out.rich_text = (flags & kNoRichText) == 0;
  out.name = ReadText(in, (flags & kWide) != 0, "DisplayName");
  out.address_type = ReadText(in, (flags & kWide) != 0, "AddressType");
  out.address = ReadText(in, (flags & kWide) != 0, "EmailAddress");
  if (!in.ok()) return in.error();
  return out;
}

std::string Encode(const OneOffId& id) {
  std::string out = std::string(kNoFlags) + std::string(kOneOffProvider);
  AppendU16(out, 0);
  AppendU16(out, kWide | (id.rich_text ? 0 : kNoRichText));
  for (const std::string* text : {&id.name, &id.address_type, &id.address}) AppendText(out, *text);
  return out;
}

Result<WrappedId> DecodeWrappedId(std::string_view bytes) {
  BlobReader in(bytes, "wrapped entry id");
  ReadProvider(in, kWrapProvider);
  const std::uint8_t type = in.U8("type");
  const auto kind = static_cast<WrappedId::Kind>(type & 0x0F);
  in.Require(
      kind == WrappedId::Kind::kOneOff || (kind >= WrappedId::Kind::kContact && kind <= WrappedId::Kind::kGlobalList),
      "type", type);
  in.Require((type >> 4 & 7) <= static_cast<unsigned>(WrappedId::Address::kMail3), "type", type);
  if (!in.ok()) return in.error();
  return WrappedId{kind, static_cast<WrappedId::Address>(type >> 4 & 7), std::string(in.Take(in.left(), "entry id"))};
}

std::string Encode(const WrappedId& id) {
  std::string out = std::string(kNoFlags) + std::string(kWrapProvider);
  out.push_back(
      static_cast<char>(kByOutlook | static_cast<unsigned>(id.address) << 4 | static_cast<unsigned>(id.kind)));
  return out + id.inner;
}

OneOffId OneOffOfMember(std::string_view line) {
  line = line.substr(0, line.find('\t'));  // behind it: what it is sorted by
  OneOffId out;
  const auto open = line.rfind('<');
  if (open != std::string_view::npos && line.ends_with('>')) {
    out.address = line.substr(open + 1, line.size() - open - 2);
    line = line.substr(0, open);
    while (line.ends_with(' ')) line.remove_suffix(1);
    out.name = line.empty() ? out.address : std::string(line);
  } else {
    out.name = line;
    if (line.find('@') != std::string_view::npos && line.find(' ') == std::string_view::npos) out.address = line;
  }
  return out;
}

std::string MemberLine(const OneOffId& id) {
  std::string line = id.address.empty() || id.name == id.address ? id.name
                     : id.name.empty()                           ? id.address
                                                                 : id.name + " <" + id.address + ">";
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return line;
}

}  // namespace outpost::mapi
