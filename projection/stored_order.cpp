#include "projection/stored_order.h"

#include <limits>

#include "base/bytes.h"
#include "projection/sort_key.h"

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr char kSpecial = 1;
constexpr char kOrdinary = 2;
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::min();
// A series in a zone of its own may end on another day of UTC.
constexpr std::int64_t kZoneDays = 2;

constexpr FieldId kOfContact[] = {field::kContactDisplayName};
constexpr FieldId kOfPerson[] = {field::kPersonDisplayName};
constexpr FieldId kOfAttachment[] = {field::kAttachmentName};
constexpr FieldId kOfRule[] = {field::kRuleName};
constexpr FieldId kOfSignature[] = {field::kSignatureName};
constexpr FieldId kOfTask[] = {field::kTaskTitle};
constexpr FieldId kOfMail[] = {field::kMailReceived};
constexpr FieldId kOfAppointment[] = {field::kAppointmentStart,          field::kAppointmentEnd,
                                      field::kAppointmentRecurrenceType, field::kAppointmentDays,
                                      field::kAppointmentDayInMonth,     field::kAppointmentMonth,
                                      field::kAppointmentInterval,       field::kAppointmentUntil,
                                      field::kAppointmentOccurrences,    field::kAppointmentDatePosition};

// Bytes in the order of the numbers.
void AppendOrdered(std::string& out, std::int64_t number) {
  AppendBe64(out, static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63));
}
std::int64_t ReadOrdered(std::string_view bytes) {
  return static_cast<std::int64_t>(ReadBe64(bytes) ^ (std::uint64_t{1} << 63));
}

std::optional<std::int64_t> NumberIn(const Value& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return number != nullptr ? std::optional(*number) : std::nullopt;
}

StoredPlace OfMail(const FieldValueFn& value) {
  StoredPlace place;
  const auto received = NumberIn(value(field::kMailReceived));
  AppendOrdered(place.key, received ? ~*received : kNever);
  return place;
}

// Not before the end of the last one, whatever zone the series is in: counted from a day later or earlier than its own
// first, a series ends at the same time or later.
std::int64_t EndOfSeries(const SeriesRule& rule, std::int64_t start, std::int64_t length) {
  const std::optional<std::int64_t> last = rule.until ? rule.until : SeriesDays(rule, start / kDayMs).last();
  return last && *last < kNever / kDayMs / 2 ? (*last + kZoneDays) * kDayMs + length : kNever;
}

StoredPlace OfAppointment(const FieldValueFn& value) {
  const auto start = NumberIn(value(field::kAppointmentStart));
  const auto replaces = NumberIn(value(field::kAppointmentDatePosition));
  const auto rule = RuleOf(ItemType::kAppointment, value);
  std::int64_t end = NumberIn(value(field::kAppointmentEnd)).value_or(start.value_or(kNone));
  const bool is_long = start && end > *start && end - *start > kLongAppointment;
  if (start && rule) end = EndOfSeries(*rule, *start, end > *start ? end - *start : 0);
  StoredPlace place;
  place.key.push_back(start && (rule || replaces || is_long) ? kSpecial : kOrdinary);
  AppendOrdered(place.key, start.value_or(kNever));  // without one it is nowhere in the calendar
  AppendOrdered(place.value, end);
  AppendOrdered(place.value, replaces.value_or(kNone));
  return place;
}

}  // namespace

StoredPlace StoredPlaceOf(ItemType type, const FieldValueFn& value) {
  if (type == ItemType::kMail) return OfMail(value);
  if (type == ItemType::kAppointment) return OfAppointment(value);
  const FieldId label = field::LabelOf(type);
  const Value text = label != 0 ? value(label) : Value{};
  const auto* shown = std::get_if<std::string>(&text);
  return {SortKey(shown != nullptr ? std::string_view(*shown) : std::string_view()), {}};
}

StoredPlace StoredPlaceOf(const ItemState& item) {
  return StoredPlaceOf(item.type, [&](FieldId field) { return item.HeadValue(field); });
}

std::span<const FieldId> StoredPlaceFields(ItemType type) {
  switch (FieldOwner(type)) {
    case ItemType::kContact:
      return kOfContact;
    case ItemType::kPerson:
      return kOfPerson;
    case ItemType::kAttachment:
      return kOfAttachment;
    case ItemType::kRule:
      return kOfRule;
    case ItemType::kSignature:
      return kOfSignature;
    case ItemType::kTask:
      return kOfTask;
    case ItemType::kMail:
      return kOfMail;
    case ItemType::kAppointment:
      return kOfAppointment;
    default:
      return {};
  }
}

std::vector<SortColumn> StoredSortOf(ItemType type) {
  if (type == ItemType::kAppointment) return {};
  if (type == ItemType::kMail) return {{field::kMailReceived, true}};
  const FieldId label = field::LabelOf(type);
  return label != 0 ? std::vector<SortColumn>{{label, false}} : std::vector<SortColumn>{};
}

std::optional<CalendarRow> ParseCalendarRow(std::string_view key, std::string_view value) {
  if (key.size() < 9 || value.size() != 16) return std::nullopt;
  CalendarRow row;
  row.special = key[0] == kSpecial;
  row.start = ReadOrdered(key.substr(1));
  row.end = ReadOrdered(value);
  const std::int64_t replaces = ReadOrdered(value.substr(8));
  if (replaces != kNone) row.replaces = replaces;
  return row;
}

std::string OrdinaryFrom(std::int64_t start) {
  std::string key(1, kOrdinary);
  AppendOrdered(key, start);
  return key;
}

}  // namespace outpost
