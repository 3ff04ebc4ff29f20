#include "mapi-adapter/provider/values.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>

#include "mapi-adapter/codec/blob.h"

namespace outpost::mapi {
namespace {

// UTF-8 as the platform's wide characters.
std::vector<abi::WCHAR> Wide(std::string_view text) {
  const std::string units = WideFromUtf8(text);
  std::vector<abi::WCHAR> out;
  for (std::size_t i = 0; i + 1 < units.size(); i += 2) {
    const auto unit = static_cast<std::uint32_t>(static_cast<unsigned char>(units[i]) |
                                                 static_cast<unsigned char>(units[i + 1]) << 8);
    const bool second = sizeof(abi::WCHAR) > 2 && unit >= 0xDC00 && unit < 0xE000 && !out.empty();
    if (second) {
      const std::uint32_t first = static_cast<std::uint32_t>(out.back());
      out.back() = static_cast<abi::WCHAR>(0x10000 + ((first - 0xD800) << 10) + (unit - 0xDC00));
    } else {
      out.push_back(static_cast<abi::WCHAR>(unit));
    }
  }
  out.push_back(0);
  return out;
}

// One wide character for each unit of what was kept, half pairs included, where they are so wide; pairs as above.
std::vector<abi::WCHAR> WideOfRaw(std::string_view units) {
  std::vector<abi::WCHAR> out;
  const auto unit = [&units](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(units[i]) | static_cast<unsigned char>(units[i + 1])
                                                                                 << 8);
  };
  for (std::size_t i = 0; i + 1 < units.size(); i += 2) {
    const std::uint32_t first = unit(i), second = i + 3 < units.size() ? unit(i + 2) : 0;
    const bool pair = first >= 0xD800 && first < 0xDC00 && second >= 0xDC00 && second < 0xE000;
    if (sizeof(abi::WCHAR) > 2 && pair) {
      out.push_back(static_cast<abi::WCHAR>(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)));
      i += 2;
    } else {
      out.push_back(static_cast<abi::WCHAR>(first));
    }
  }
  out.push_back(0);
  return out;
}
std::string RawOfWide(const abi::WCHAR* text) {
  std::string units;
  for (; *text != 0; ++text) {
    const auto c = static_cast<std::uint32_t>(*text);
    if (c < 0x10000) {
      AppendU16(units, c);
    } else {
      AppendU16(units, 0xD800 + ((c - 0x10000) >> 10 & 0x3FF));
      AppendU16(units, 0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return units;
}
std::string RawOfNarrow(const char* text) {
  std::string units;
  for (; *text != 0; ++text) AppendU16(units, static_cast<unsigned char>(*text));
  return units;
}

std::string FromWide(const abi::WCHAR* text) { return Utf8FromWide(RawOfWide(text)); }

// In Latin 1, for whoever asks for no Unicode.
std::string Narrow(std::string_view text) {
  const std::string units = WideFromUtf8(text);
  std::string out;
  for (std::size_t i = 0; i + 1 < units.size(); i += 2) out.push_back(units[i + 1] == 0 ? units[i] : '?');
  return out;
}

std::string FromNarrow(const char* text) { return Utf8FromWide(RawOfNarrow(text)); }

abi::WCHAR* WideAt(const std::vector<abi::WCHAR>& wide, MapiBlock& block) {
  auto* out = block.Array<abi::WCHAR>(wide.size());
  std::copy(wide.begin(), wide.end(), out);
  return out;
}

// Bytes of a value that lies in the union itself, or in a row of several; 0 for those that are pointed to.
std::size_t BytesInPlace(PropType one) {
  switch (one) {
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
    default:
      return 0;
  }
}
static_assert(std::endian::native == std::endian::little, "RawValue is copied as it lies in memory");

class Writer {
 public:
  Writer(MapiBlock& block, bool narrow, abi::SPropValue& out)
      : block_(block), narrow_(narrow), type_(TypeOf(out.ulPropTag)), value_(out.Value) {}
  void operator()(const RawValue& raw) const {
    const PropType one = OneOf(type_);
    if (IsMultiple(type_)) return WriteSeveral(raw.bytes, one);
    if (const std::size_t size = BytesInPlace(one); size != 0)
      std::memcpy(&value_, raw.bytes.data(), std::min(size, raw.bytes.size()));
    else if (one == PropType::kClsid)
      std::memcpy(value_.lpguid = block_.Array<abi::GUID>(1), raw.bytes.data(), sizeof(abi::GUID));
    else if (one == PropType::kBinary)
      value_.bin = BinaryAt(raw.bytes);
    else if (narrow_)
      (*this)(Utf8FromWide(raw.bytes));
    else
      value_.lpszW = WideAt(WideOfRaw(raw.bytes), block_);
  }
  void operator()(std::int32_t number) const { value_.l = number; }
  void operator()(bool truth) const { value_.b = truth ? 1 : 0; }
  void operator()(double number) const { value_.dbl = number; }
  void operator()(FileTime moment) const {
    value_.ft = {static_cast<std::uint32_t>(moment.ticks), static_cast<std::uint32_t>(moment.ticks >> 32)};
  }
  void operator()(const std::string& text) const {
    if (!narrow_) {
      value_.lpszW = WideAt(Wide(text), block_);
      return;
    }
    const std::string bytes = Narrow(text);
    value_.lpszA = block_.Array<char>(bytes.size() + 1);
    std::memcpy(value_.lpszA, bytes.c_str(), bytes.size() + 1);
  }
  void operator()(const Blob& blob) const { value_.bin = BinaryAt(blob.bytes); }
  void operator()(const std::vector<std::string>& texts) const {
    value_.MVszW.cValues = static_cast<abi::ULONG>(texts.size());
    value_.MVszW.lppszW = block_.Array<abi::WCHAR*>(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) value_.MVszW.lppszW[i] = WideAt(Wide(texts[i]), block_);
  }
  void operator()(const std::vector<std::int32_t>& numbers) const {
    value_.MVl.cValues = static_cast<abi::ULONG>(numbers.size());
    value_.MVl.lpl = block_.Array<abi::LONG>(numbers.size());
    std::copy(numbers.begin(), numbers.end(), value_.MVl.lpl);
  }

 private:
  abi::SBinary BinaryAt(std::string_view bytes) const {
    abi::SBinary out{static_cast<abi::ULONG>(bytes.size()),
                     block_.Array<abi::BYTE>(std::max<std::size_t>(1, bytes.size()))};
    std::memcpy(out.lpb, bytes.data(), bytes.size());
    return out;
  }
  void WriteSeveral(std::string_view bytes, PropType one) const {
    BlobReader in(bytes, "values");
    const std::uint32_t count = in.U32("count");
    value_.MV.cValues = count;
    if (const std::size_t size = one == PropType::kClsid ? sizeof(abi::GUID) : BytesInPlace(one); size != 0) {
      const std::string_view all = in.Take(count * size, "values");
      value_.MV.items = block_.Allocate(std::max<std::size_t>(1, count * size));
      std::memcpy(value_.MV.items, all.data(), all.size());
      return;
    }
    if (one == PropType::kBinary)
      value_.MVbin.lpbin = block_.Array<abi::SBinary>(count);
    else
      value_.MVszW.lppszW = block_.Array<abi::WCHAR*>(count);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string_view each = in.Take(in.U32("length"), "value");
      if (one == PropType::kBinary)
        value_.MVbin.lpbin[i] = BinaryAt(each);
      else
        value_.MVszW.lppszW[i] = WideAt(WideOfRaw(each), block_);
    }
  }

  MapiBlock& block_;
  bool narrow_;
  PropType type_;
  abi::PropUnion& value_;
};

// The bytes of the value that `at` points to, of a type with several those of one of them.
std::optional<std::string> RawBinary(const abi::SBinary& bin) {
  if (bin.lpb == nullptr && bin.cb != 0) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(bin.lpb), bin.cb);
}
std::optional<std::string> RawOfSeveral(const abi::PropUnion& value, PropType one) {
  const abi::ULONG count = value.MV.cValues;
  if (count == 0 || value.MV.items == nullptr || one == PropType::kBoolean) return std::nullopt;
  std::string out;
  AppendU32(out, count);
  if (const std::size_t size = one == PropType::kClsid ? sizeof(abi::GUID) : BytesInPlace(one); size != 0) {
    out.append(static_cast<const char*>(value.MV.items), count * size);
    return out;
  }
  for (abi::ULONG i = 0; i < count; ++i) {
    std::optional<std::string> each;
    if (one == PropType::kBinary) {
      each = RawBinary(value.MVbin.lpbin[i]);
    } else if (one == PropType::kUnicode) {
      if (const abi::WCHAR* text = value.MVszW.lppszW[i]) each = RawOfWide(text);
    } else if (one == PropType::kString8) {
      if (const char* text = static_cast<char**>(value.MV.items)[i]) each = RawOfNarrow(text);
    }
    if (!each) return std::nullopt;
    AppendU32(out, each->size());
    out += *each;
  }
  return out;
}

bool Fits(PropTag wanted, PropTag have) {
  const PropType type = TypeOf(wanted);
  return IdOf(wanted) == IdOf(have) && (type == PropType::kUnspecified || type == TypeOf(have) ||
                                        (type == PropType::kString8 && TypeOf(have) == PropType::kUnicode));
}

}  // namespace

void* MapiBlock::Allocate(std::size_t bytes) {
  void* made = nullptr;
  if (bytes > std::numeric_limits<abi::ULONG>::max()) throw std::bad_alloc();
  const auto size = static_cast<abi::ULONG>(bytes);
  const abi::HRESULT result = root_ == nullptr ? memory_.allocate(size, &made) : memory_.more(size, root_, &made);
  if (abi::Failed(result) || made == nullptr) throw std::bad_alloc();
  if (root_ == nullptr) root_ = made;
  return made;
}

void WriteError(PropTag wanted, abi::HRESULT why, abi::SPropValue& out) {
  out = {};
  out.ulPropTag = TagOf(IdOf(wanted), PropType::kError);
  out.Value.err = why;
}

void WriteProp(const Prop& prop, PropTag wanted, bool unicode, MapiBlock& block, abi::SPropValue& out) {
  const bool text = TypeOf(prop.tag) == PropType::kUnicode;
  const bool narrow =
      text && (TypeOf(wanted) == PropType::kString8 || (TypeOf(wanted) == PropType::kUnspecified && !unicode));
  out = {};
  out.ulPropTag = narrow ? TagOf(IdOf(prop.tag), PropType::kString8) : prop.tag;
  std::visit(Writer(block, narrow, out), prop.value);
}

bool WriteProps(std::span<const Prop> props, const abi::SPropTagArray* tags, bool unicode, MapiBlock& block,
                abi::SPropValue* out) {
  if (tags == nullptr) {
    for (const Prop& prop : props)
      WriteProp(prop, TagOf(IdOf(prop.tag), PropType::kUnspecified), unicode, block, *out++);
    return true;
  }
  bool all = true;
  for (abi::ULONG i = 0; i < tags->cValues; ++i) {
    const PropTag wanted = tags->aulPropTag[i];
    const auto at = std::find_if(props.begin(), props.end(), [wanted](const Prop& p) { return Fits(wanted, p.tag); });
    if (at != props.end()) {
      WriteProp(*at, wanted, unicode, block, out[i]);
    } else if (TypeOf(wanted) == PropType::kNull) {  // an empty place that the caller wanted
      out[i] = {};
      out[i].ulPropTag = wanted;
    } else {
      WriteError(wanted, abi::MAPI_E_NOT_FOUND, out[i]);
      all = false;
    }
  }
  return all;
}

abi::WCHAR* WriteWide(std::string_view text, MapiBlock& block) { return WideAt(Wide(text), block); }

abi::SPropTagArray* WriteTags(std::span<const PropTag> tags, MapiBlock& block) {
  auto* out = static_cast<abi::SPropTagArray*>(
      block.Allocate(sizeof(abi::ULONG) * (1 + std::max<std::size_t>(1, tags.size()))));
  out->cValues = static_cast<abi::ULONG>(tags.size());
  std::copy(tags.begin(), tags.end(), out->aulPropTag);
  return out;
}

std::string ReadText(const void* text, bool unicode) {
  if (text == nullptr) return {};
  return unicode ? FromWide(static_cast<const abi::WCHAR*>(text)) : FromNarrow(static_cast<const char*>(text));
}

std::optional<Prop> ReadProp(const abi::SPropValue& in) {
  const abi::PropUnion& value = in.Value;
  Prop out{in.ulPropTag, std::int32_t{0}};
  switch (TypeOf(in.ulPropTag)) {
    case PropType::kLong:
      out.value = value.l;
      return out;
    case PropType::kBoolean:
      out.value = value.b != 0;
      return out;
    case PropType::kDouble:
      out.value = value.dbl;
      return out;
    case PropType::kSysTime:
      out.value = FileTime{static_cast<std::int64_t>(std::uint64_t{value.ft.high} << 32 | value.ft.low)};
      return out;
    case PropType::kUnicode:
      if (value.lpszW == nullptr) return std::nullopt;
      out.value = FromWide(value.lpszW);
      return out;
    case PropType::kString8:
      if (value.lpszA == nullptr) return std::nullopt;
      out.tag = TagOf(IdOf(in.ulPropTag), PropType::kUnicode);
      out.value = FromNarrow(value.lpszA);
      return out;
    case PropType::kBinary:
      if (value.bin.lpb == nullptr && value.bin.cb != 0) return std::nullopt;
      out.value = Blob{std::string(reinterpret_cast<const char*>(value.bin.lpb), value.bin.cb)};
      return out;
    case PropType::kMvUnicode: {
      std::vector<std::string> texts;
      for (abi::ULONG i = 0; i < value.MVszW.cValues; ++i) {
        if (value.MVszW.lppszW == nullptr || value.MVszW.lppszW[i] == nullptr) return std::nullopt;
        texts.push_back(FromWide(value.MVszW.lppszW[i]));
      }
      out.value = std::move(texts);
      return out;
    }
    default:
      return ReadRaw(in);
  }
}

std::optional<Prop> ReadRaw(const abi::SPropValue& in) {
  const abi::PropUnion& value = in.Value;
  PropType type = TypeOf(in.ulPropTag);
  const PropType one = OneOf(type);
  std::optional<std::string> bytes;
  if (IsMultiple(type)) {
    bytes = RawOfSeveral(value, one);
  } else if (const std::size_t size = BytesInPlace(one); size != 0) {
    bytes = std::string(reinterpret_cast<const char*>(&value), size);
  } else if (one == PropType::kClsid) {
    if (value.lpguid != nullptr) bytes = std::string(reinterpret_cast<const char*>(value.lpguid), sizeof(abi::GUID));
  } else if (one == PropType::kBinary) {
    bytes = RawBinary(value.bin);
  } else if (one == PropType::kUnicode) {
    if (value.lpszW != nullptr) bytes = RawOfWide(value.lpszW);
  } else if (one == PropType::kString8) {
    if (value.lpszA != nullptr) bytes = RawOfNarrow(value.lpszA);
  }
  if (!bytes) return std::nullopt;
  if (one == PropType::kString8) type = IsMultiple(type) ? PropType::kMvUnicode : PropType::kUnicode;
  return Prop{TagOf(IdOf(in.ulPropTag), type), RawValue{std::move(*bytes)}};
}

}  // namespace outpost::mapi
