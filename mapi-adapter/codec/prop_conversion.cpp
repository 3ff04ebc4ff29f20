#include "mapi-adapter/codec/prop_conversion.h"

#include <algorithm>
#include <cmath>

#include "mapi-adapter/codec/tags.h"

namespace outpost::mapi {
namespace {

constexpr std::int64_t kDayInMs = 86'400'000;
constexpr std::int32_t kPublic = 0, kPrivate = 2, kConfidential = 3;  // PidTagSensitivity
constexpr std::uint16_t kSensitivityId = IdOf(tag::kSensitivity), kBodyId = IdOf(tag::kBody);
constexpr std::int64_t kCompleted = 3;  // status of tasks
constexpr FieldId kPriority = 314, kCompanies = 322, kShownAs = field::kAppointmentShownAs;

// Lines end as Outlook ends them, and back.
std::string WithCrLf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out.push_back('\r');
    out.push_back(text[i]);
  }
  return out;
}
std::string WithLf(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out.push_back(text[i]);
  return out;
}

std::optional<std::int64_t> AsNumber(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::optional(*number) : std::nullopt;
}
std::optional<std::int32_t> AsLong(const PropValue& value) {
  const auto* number = std::get_if<std::int32_t>(&value);
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

// A number that is another one in Outlook: by so much less.
template <int kLess, int kLeast, int kMost>
std::optional<PropValue> Shifted(const Value& value) {
  const auto number = AsNumber(value);
  if (!number) return std::nullopt;
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(*number, kLeast, kMost) - kLess);
}
template <int kLess, int kLeast, int kMost>
std::optional<Value> ShiftedBack(const PropValue& value) {
  const auto number = AsLong(value);
  if (!number) return std::nullopt;
  return std::clamp<std::int64_t>(std::int64_t{*number} + kLess, kLeast, kMost);
}

std::optional<PropValue> Complete(const Value& value) { return AsNumber(value) == kCompleted; }
std::optional<PropValue> Percent(const Value& value) {
  const auto number = AsNumber(value);
  return number ? std::optional<PropValue>(static_cast<double>(std::clamp<std::int64_t>(*number, 0, 100)) / 100.0)
                : std::nullopt;
}
std::optional<Value> PercentBack(const PropValue& value) {
  const auto* part = std::get_if<double>(&value);
  if (part == nullptr || !(*part >= 0.0 && *part <= 1.0)) return std::nullopt;
  return std::int64_t{std::lround(*part * 100.0)};
}
std::optional<PropValue> Busy(const Value& value) {
  const auto number = AsNumber(value);
  return number ? std::optional<PropValue>(static_cast<std::int32_t>(BusyStatusOf(*number))) : std::nullopt;
}
std::optional<Value> BusyBack(const PropValue& value) {
  const auto number = AsLong(value);
  return number ? std::optional<Value>(ShownAsOf(static_cast<std::uint32_t>(*number))) : std::nullopt;
}

// One text here, several there.
std::optional<PropValue> Several(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr || text->empty()) return std::nullopt;
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= text->size();) {
    const std::size_t end = std::min(text->find(';', at), text->size());
    const std::size_t first = std::min(text->find_first_not_of(' ', at), end);
    if (first < end) out.push_back(text->substr(first, end - first));
    at = end + 1;
  }
  return out.empty() ? std::nullopt : std::optional<PropValue>(std::move(out));
}
std::optional<Value> SeveralBack(const PropValue& value) {
  const auto* texts = std::get_if<std::vector<std::string>>(&value);
  if (texts == nullptr) return std::nullopt;
  std::string out;
  for (const std::string& text : *texts) out += (out.empty() ? "" : "; ") + text;
  return out.empty() ? Value() : Value(std::move(out));
}

// Fields whose property has other words for the same.
struct Word {
  FieldId field;
  std::uint16_t id;  // of the property; 0: named, `number`
  std::uint32_t number;
  std::optional<PropValue> (*to)(const Value&);
  std::optional<Value> (*from)(const PropValue&);  // null: what is set says it in another property
};
constexpr Word kWords[] = {{field::kTaskStatus, 0, 0x8101, Shifted<1, 1, 5>, ShiftedBack<1, 1, 5>},
                           {field::kTaskStatus, 0, 0x811C, Complete, nullptr},
                           {field::kTaskPercent, 0, 0x8102, Percent, PercentBack},
                           {kPriority, IdOf(tag::kImportance), 0, Shifted<1, 1, 3>, ShiftedBack<1, 1, 3>},
                           {kPriority, 0x0026, 0, Shifted<2, 1, 3>, nullptr},
                           {kCompanies, 0, 0x8539, Several, SeveralBack},
                           {kShownAs, 0, 0x8205, Busy, BusyBack},
                           {kShownAs, 0, 0x8224, Busy, nullptr}};

const Word* WordOf(FieldId field, std::uint16_t id) {
  for (const Word& word : kWords) {
    if (word.field != field) continue;
    if (word.id != 0 ? word.id == id : id >= kFirstNamedId && KnownNames()[id - kFirstNamedId].number == word.number)
      return &word;
  }
  return nullptr;
}

}  // namespace

std::optional<PropValue> ToProp(FieldId field, PropTag tag, FieldKind kind, const Value& value) {
  if (const Word* word = WordOf(field, IdOf(tag))) return word->to(value);
  const std::uint16_t id = IdOf(tag);
  const PropType prop_type = TypeOf(tag);
  const auto* text = std::get_if<std::string>(&value);
  const auto* number = std::get_if<std::int64_t>(&value);
  const auto* truth = std::get_if<bool>(&value);
  if (id == kSensitivityId && truth != nullptr) return *truth ? kPrivate : kPublic;
  if (prop_type == PropType::kUnicode && kind == FieldKind::kText && text != nullptr)
    return id == kBodyId ? WithCrLf(*text) : *text;
  if (prop_type == PropType::kLong && kind == FieldKind::kInt && number != nullptr)
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(*number, INT32_MIN, INT32_MAX));
  if (prop_type == PropType::kBoolean && kind == FieldKind::kBool && truth != nullptr) return *truth;
  if (prop_type == PropType::kBoolean && kind == FieldKind::kInt && number != nullptr) return *number != 0;
  const bool moment = kind == FieldKind::kDate || kind == FieldKind::kTime;
  if (prop_type == PropType::kSysTime && moment && number != nullptr) return FileTimeOf(*number);
  if (prop_type == PropType::kMvUnicode && kind == FieldKind::kTexts)
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value); texts != nullptr && !texts->empty())
      return *texts;
  if (prop_type == PropType::kBinary && kind == FieldKind::kBytes)
    if (const auto* bytes = std::get_if<Blob>(&value)) return *bytes;
  return std::nullopt;
}

std::optional<Value> FromProp(FieldId field, PropTag tag, FieldKind kind, const PropValue& value) {
  if (const Word* word = WordOf(field, IdOf(tag))) return word->from != nullptr ? word->from(value) : std::nullopt;
  const std::uint16_t id = IdOf(tag);
  const PropType prop_type = TypeOf(tag);
  const auto* text = std::get_if<std::string>(&value);
  const auto* number = std::get_if<std::int32_t>(&value);
  if (id == kSensitivityId && kind == FieldKind::kBool && number != nullptr)
    return *number == kPrivate || *number == kConfidential;
  if (prop_type == PropType::kUnicode && kind == FieldKind::kText && text != nullptr)
    return text->empty() ? Value() : Value(id == kBodyId ? WithLf(*text) : *text);
  if (prop_type == PropType::kLong && kind == FieldKind::kInt && number != nullptr) return std::int64_t{*number};
  if (prop_type == PropType::kBoolean && kind == FieldKind::kBool)
    if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  if (prop_type == PropType::kSysTime)
    if (const auto* moment = std::get_if<FileTime>(&value)) {
      const std::int64_t ms = MsOf(*moment);
      if (kind == FieldKind::kTime) return ms;
      // Midnight of the day that it is nearest to: older Outlooks write midnight by their own clock.
      const std::int64_t day = ms + kDayInMs / 2;
      if (kind == FieldKind::kDate) return day - ((day % kDayInMs) + kDayInMs) % kDayInMs;
    }
  if (prop_type == PropType::kMvUnicode && kind == FieldKind::kTexts)
    if (const auto* texts = std::get_if<std::vector<std::string>>(&value))
      return texts->empty() ? Value() : Value(*texts);
  if (prop_type == PropType::kBinary && kind == FieldKind::kBytes)
    if (const auto* bytes = std::get_if<Blob>(&value)) return bytes->bytes.empty() ? Value() : Value(*bytes);
  return std::nullopt;
}

}  // namespace outpost::mapi
