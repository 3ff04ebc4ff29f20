#include "tests/mapi/fuzz_bodies.h"

#include "base/check.h"
#include "mapi-adapter/codec/entry_ids.h"
#include "mapi-adapter/codec/global_object_id.h"
#include "mapi-adapter/codec/kept_properties.h"
#include "mapi-adapter/codec/recurrence_rule.h"
#include "mapi-adapter/codec/rtf.h"
#include "mapi-adapter/codec/series_blob.h"
#include "mapi-adapter/codec/time_zone.h"

namespace outpost::mapi::test {
namespace {

template <class Decode>
void TryDecode(std::string_view bytes, Decode decode) {
  const auto decoded = decode(bytes);
  if (!decoded) {
    OUTPOST_CHECK(decoded.error().code == Code::kCorrupt && !decoded.error().context.empty());
    return;
  }
  const std::string again = Encode(decoded.value());
  const auto twice = decode(again);
  OUTPOST_CHECK(twice.has_value() && twice.value() == decoded.value());
}

void TryRule(const RecurrencePattern& pattern) {
  const auto rule = RuleOf(pattern);
  if (!rule) return;
  RuleFromText(RuleText(rule.value()));
  const RecurrencePattern made = PatternOf(rule.value(), DayOf(pattern.start), pattern.first_day_of_week);
  OUTPOST_CHECK(RuleOf(made).has_value());
}

}  // namespace

void FuzzAppointmentRecurrence(std::string_view bytes) {
  TryDecode(bytes, DecodeAppointmentRecurrence);
  const auto blob = DecodeAppointmentRecurrence(bytes);
  if (!blob) return;
  TryRule(blob.value().pattern);
  const auto same = [](std::int64_t moment) { return moment; };
  const SeriesClock utc{same, same};
  const auto edit = SeriesFrom(blob.value(), false, utc);
  if (edit)
    OUTPOST_CHECK(SeriesTo(edit.value().series, edit.value().changed, utc).has_value() ||
                  !RuleIn(edit.value().series, ItemType::kAppointment));
}
void FuzzTaskRecurrence(std::string_view bytes) {
  TryDecode(bytes, DecodeTaskRecurrence);
  if (const auto pattern = DecodeTaskRecurrence(bytes)) TryRule(pattern.value());
}
void FuzzZoneStruct(std::string_view bytes) { TryDecode(bytes, DecodeZoneStruct); }
void FuzzZoneDefinition(std::string_view bytes) { TryDecode(bytes, DecodeZoneDefinition); }
void FuzzGlobalObjectId(std::string_view bytes) {
  TryDecode(bytes, DecodeGlobalObjectId);
  if (const auto id = DecodeGlobalObjectId(bytes)) OUTPOST_CHECK(GlobalObjectIdOf(UidOf(id.value())).has_value());
  GlobalObjectIdOf(bytes);
}

void FuzzRtf(std::string_view bytes) {
  if (const auto text = DecodeRtf(bytes))
    OUTPOST_CHECK(DecodeRtf(EncodeRtf(text.value()).value()).value() == text.value());
  if (bytes.size() <= 4'096) OUTPOST_CHECK(DecodeRtf(EncodeRtf(bytes).value()).value() == bytes);
}
void FuzzOneOffId(std::string_view bytes) {
  TryDecode(bytes, DecodeOneOffId);
  MemberLine(OneOffOfMember(bytes));
}
void FuzzWrappedId(std::string_view bytes) { TryDecode(bytes, DecodeWrappedId); }
void FuzzKeptProps(std::string_view bytes) { TryDecode(bytes, DecodeKeptProps); }

}  // namespace outpost::mapi::test
