#include <algorithm>

#include "mapi-adapter/codec/global_object_id.h"
#include "mapi-adapter/codec/prop_conversion.h"
#include "mapi-adapter/codec/recurrence_rule.h"
#include "mapi-adapter/codec/tags.h"

namespace outpost::mapi {
namespace {

constexpr std::int64_t kMsOfMinute = 60'000;
constexpr std::int64_t kMsOfDay = 86'400'000;
constexpr std::int32_t kCalendarSideEffects = 0x171;
constexpr std::int32_t kAppointmentIcon = 0x400, kSeriesIcon = 0x401, kTaskIcon = 0x500, kTaskSeriesIcon = 0x501;
constexpr FieldId kTaskAlarm = 315, kMeetingAlarm = 415;

PropTag NamedTag(PropSet set, std::uint32_t number, PropType type) {
  const std::uint16_t id = IdOfName({set, number, {}});
  return id != 0 ? TagOf(id, type) : PropTag{0};
}
PropTag OfTask(std::uint32_t number, PropType type) { return NamedTag(PropSet::kTask, number, type); }
PropTag OfMeeting(std::uint32_t number, PropType type) { return NamedTag(PropSet::kAppointment, number, type); }
PropTag OfAll(std::uint32_t number, PropType type) { return NamedTag(PropSet::kCommon, number, type); }
const auto kSeconds = PropType::kSysTime;

std::optional<std::int64_t> NumberUnder(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* number = at != fields.end() ? std::get_if<std::int64_t>(&at->second) : nullptr;
  return number != nullptr ? std::optional(*number) : std::nullopt;
}
std::string TextUnder(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  const auto* text = at != fields.end() ? std::get_if<std::string>(&at->second) : nullptr;
  return text != nullptr ? *text : std::string();
}
bool TruthUnder(const FieldMap& fields, FieldId id) {
  const auto at = fields.find(id);
  return at != fields.end() && at->second == Value(true);
}
std::int64_t DayAt(std::int64_t ms) { return ms - ((ms % kMsOfDay) + kMsOfDay) % kMsOfDay; }

class Collected {
 public:
  void Add(PropTag tag, PropValue value) {
    if (tag != 0) props_.push_back({tag, std::move(value)});
  }
  void AddTime(PropTag tag, std::int64_t ms) { Add(tag, FileTimeOf(ms)); }
  std::vector<Prop> Take() && { return std::move(props_); }

 private:
  std::vector<Prop> props_;
};

// The day of a task's date: of one with a time of day the day by the clock.
std::int64_t TaskDay(const FieldMap& head, std::int64_t ms, const SeriesClock& clock) {
  return TruthUnder(head, field::kTaskFullTime) ? DayAt(ms) : DayAt(clock.to_local(ms));
}

std::vector<Prop> PropsOfTask(const FieldMap& head, const PropContext& context) {
  Collected out;
  std::optional<std::int64_t> start, due;
  if (const auto ms = NumberUnder(head, field::kTaskStart)) start = TaskDay(head, *ms, context.clock);
  if (const auto ms = NumberUnder(head, field::kTaskEnd)) due = TaskDay(head, *ms, context.clock);
  if (start) out.AddTime(OfTask(0x8104, kSeconds), *start);
  if (start) out.AddTime(OfAll(0x8516, kSeconds), context.clock.to_utc(*start));
  if (due) out.AddTime(OfTask(0x8105, kSeconds), *due);
  if (due) out.AddTime(OfAll(0x8517, kSeconds), context.clock.to_utc(*due));
  const auto rule = RuleIn(head, ItemType::kTask);
  out.Add(OfTask(0x8126, PropType::kBoolean), rule.has_value());
  if (rule && (start || due))
    out.Add(OfTask(0x8116, PropType::kBinary), Blob{Encode(PatternOf(*rule, start ? *start : *due))});
  const auto alarm = NumberUnder(head, kTaskAlarm);
  out.Add(OfAll(0x8503, PropType::kBoolean), alarm.has_value());
  if (alarm) out.AddTime(OfAll(0x8502, kSeconds), *alarm);
  if (alarm) out.AddTime(OfAll(0x8560, kSeconds), *alarm);
  out.Add(tag::kIconIndex, rule ? kTaskSeriesIcon : kTaskIcon);
  return std::move(out).Take();
}

std::vector<Prop> PropsOfMeeting(const FieldMap& head, const PropContext& context) {
  Collected out;
  const bool full_time = TruthUnder(head, field::kAppointmentFullTime);
  const auto instant = [&](std::int64_t ms) { return full_time ? context.clock.to_utc(ms) : ms; };
  const auto start = NumberUnder(head, field::kAppointmentStart), end = NumberUnder(head, field::kAppointmentEnd);
  if (start) out.AddTime(OfMeeting(0x820D, kSeconds), instant(*start));
  if (start) out.AddTime(OfAll(0x8516, kSeconds), instant(*start));
  if (end) out.AddTime(OfMeeting(0x820E, kSeconds), instant(*end));
  if (end) out.AddTime(OfAll(0x8517, kSeconds), instant(*end));
  if (start && end)
    out.Add(OfMeeting(0x8213, PropType::kLong),
            static_cast<std::int32_t>(std::clamp<std::int64_t>((*end - *start) / kMsOfMinute, 0, INT32_MAX)));
  out.Add(OfMeeting(0x8215, PropType::kBoolean), full_time);
  const auto blob = SeriesTo(head, context.changed, context.clock);
  out.Add(OfMeeting(0x8223, PropType::kBoolean), blob.has_value());
  out.Add(OfMeeting(0x8231, PropType::kLong),
          blob ? static_cast<std::int32_t>(RuleIn(head, ItemType::kAppointment)->type) : std::int32_t{0});
  if (blob) {
    out.Add(OfMeeting(0x8216, PropType::kBinary), Blob{Encode(blob.value())});
    out.AddTime(OfMeeting(0x8235, kSeconds), DayOf(blob.value().pattern.start));
    const LocalMinutes until = blob.value().pattern.until;
    out.AddTime(OfMeeting(0x8236, kSeconds), DayOf(until) + std::int64_t{until % kMinutesPerDay} * kMsOfMinute);
  }
  if (const auto id = GlobalObjectIdOf(TextUnder(head, field::kAppointmentUid))) {
    GlobalObjectId clean = *id;
    clean.year = clean.month = clean.day = 0;
    out.Add(NamedTag(PropSet::kMeeting, 0x0003, PropType::kBinary), Blob{Encode(*id)});
    out.Add(NamedTag(PropSet::kMeeting, 0x0023, PropType::kBinary), Blob{Encode(clean)});
  }
  const auto alarm = NumberUnder(head, kMeetingAlarm);
  out.Add(OfAll(0x8503, PropType::kBoolean), alarm.has_value());
  if (alarm)
    out.Add(OfAll(0x8501, PropType::kLong), static_cast<std::int32_t>(std::clamp<std::int64_t>(*alarm, 0, INT32_MAX)));
  if (alarm && start) out.AddTime(OfAll(0x8502, kSeconds), instant(*start));
  if (alarm && start) out.AddTime(OfAll(0x8560, kSeconds), instant(*start) - *alarm * kMsOfMinute);
  out.Add(OfAll(0x8510, PropType::kLong), kCalendarSideEffects);
  out.Add(tag::kIconIndex, blob ? kSeriesIcon : kAppointmentIcon);
  return std::move(out).Take();
}

// What was set and cleared, taken out one by one.
class Taken {
 public:
  Taken(std::vector<Prop>& set, std::vector<PropTag>& cleared) : set_(set), cleared_(cleared) {}
  std::optional<PropValue> Take(PropTag tag) {
    const auto at = std::find_if(set_.begin(), set_.end(), [tag](const Prop& prop) { return prop.tag == tag; });
    if (tag == 0 || at == set_.end()) return std::nullopt;
    PropValue value = std::move(at->value);
    set_.erase(at);
    return value;
  }
  std::optional<std::int64_t> TakeTime(PropTag tag) {
    const auto value = Take(tag);
    const auto* moment = value ? std::get_if<FileTime>(&*value) : nullptr;
    return moment != nullptr ? std::optional(MsOf(*moment)) : std::nullopt;
  }
  std::optional<bool> TakeTruth(PropTag tag) {
    const auto value = Take(tag);
    const auto* truth = value ? std::get_if<bool>(&*value) : nullptr;
    return truth != nullptr ? std::optional(*truth) : std::nullopt;
  }
  // The type does not matter to who clears.
  bool Cleared(PropTag tag) {
    return std::erase_if(cleared_, [tag](PropTag cleared) { return tag != 0 && IdOf(cleared) == IdOf(tag); }) != 0;
  }
  // Those that were set to something; whoever set them is told.
  void Refuse(std::initializer_list<PropTag> tags, std::vector<PropTag>& rest) {
    for (const PropTag tag : tags)
      if (Take(tag) || Cleared(tag)) rest.push_back(tag);
  }
  // What follows from others is taken without a word.
  void Drop(std::initializer_list<PropTag> tags) {
    for (const PropTag tag : tags) {
      Take(tag);
      Cleared(tag);
    }
  }

 private:
  std::vector<Prop>& set_;
  std::vector<PropTag>& cleared_;
};

void TakeTask(Taken& in, PropEdit& edit) {
  FieldMap& patch = edit.patch;
  const struct {
    PropTag tag;
    FieldId field;
  } dates[] = {{OfTask(0x8104, kSeconds), field::kTaskStart}, {OfTask(0x8105, kSeconds), field::kTaskEnd}};
  for (const auto& [tag, field] : dates) {
    if (const auto day = in.TakeTime(tag)) {
      patch[field] = DayAt(*day);
      patch[field::kTaskFullTime] = true;
    }
    if (in.Cleared(tag)) patch[field] = Value();
  }
  const PropTag recurrence = OfTask(0x8116, PropType::kBinary);
  if (auto value = in.Take(recurrence)) {
    const auto* blob = std::get_if<Blob>(&*value);
    const auto pattern = blob != nullptr ? DecodeTaskRecurrence(blob->bytes) : Result<RecurrencePattern>(Error{});
    const auto rule = pattern ? RuleOf(pattern.value()) : Result<SeriesRule>(Error{});
    if (rule)
      for (auto& [field, part] : FieldsOf(rule.value(), ItemType::kTask)) patch[field] = part;
    else
      edit.rest.push_back(recurrence);
  }
  if (in.TakeTruth(OfTask(0x8126, PropType::kBoolean)) == false || in.Cleared(recurrence)) {
    patch[field::kTaskRecurrenceType] = Value();
    patch[field::kTaskLocalRecurrence] = Value();
  }
  const auto wanted = in.TakeTruth(OfAll(0x8503, PropType::kBoolean));
  auto alarm = in.TakeTime(OfAll(0x8560, kSeconds));
  if (const auto also = in.TakeTime(OfAll(0x8502, kSeconds)); !alarm) alarm = also;
  if (wanted == false)
    patch[kTaskAlarm] = Value();
  else if (alarm)
    patch[kTaskAlarm] = *alarm;
  in.Drop({OfAll(0x8516, kSeconds), OfAll(0x8517, kSeconds), OfTask(0x811C, PropType::kBoolean), tag::kIconIndex,
           TagOf(0x0026, PropType::kLong)});
}

void TakeMeeting(Taken& in, const FieldMap& head, const PropContext& context, PropEdit& edit) {
  FieldMap& patch = edit.patch;
  if (const auto full = in.TakeTruth(OfMeeting(0x8215, PropType::kBoolean))) patch[field::kAppointmentFullTime] = *full;
  const bool full_time = patch.contains(field::kAppointmentFullTime) ? TruthUnder(patch, field::kAppointmentFullTime)
                                                                     : TruthUnder(head, field::kAppointmentFullTime);
  const struct {
    PropTag tag, same;
    FieldId field;
  } times[] = {{OfMeeting(0x820D, kSeconds), OfAll(0x8516, kSeconds), field::kAppointmentStart},
               {OfMeeting(0x820E, kSeconds), OfAll(0x8517, kSeconds), field::kAppointmentEnd}};
  for (const auto& [tag, same, field] : times) {
    auto ms = in.TakeTime(tag);
    if (const auto also = in.TakeTime(same); !ms) ms = also;
    if (ms) patch[field] = full_time ? DayAt(context.clock.to_local(*ms) + kMsOfDay / 2) : *ms;
  }
  const auto wanted = in.TakeTruth(OfAll(0x8503, PropType::kBoolean));
  const auto minutes = in.Take(OfAll(0x8501, PropType::kLong));
  if (wanted == false)
    patch[kMeetingAlarm] = Value();
  else if (const auto* number = minutes ? std::get_if<std::int32_t>(&*minutes) : nullptr)
    patch[kMeetingAlarm] = std::int64_t{*number};
  const PropTag id = NamedTag(PropSet::kMeeting, 0x0003, PropType::kBinary);
  if (auto value = in.Take(id)) {
    const auto* blob = std::get_if<Blob>(&*value);
    const auto known = blob != nullptr ? DecodeGlobalObjectId(blob->bytes) : Result<GlobalObjectId>(Error{});
    if (known && head.empty())
      patch[field::kAppointmentUid] = UidOf(known.value());
    else
      edit.rest.push_back(id);
  }
  // A series is several items here: its blob is not taken as an edit of one, nor is what goes with it.
  const PropTag recurring = OfMeeting(0x8223, PropType::kBoolean);
  if (in.TakeTruth(recurring) == true) edit.rest.push_back(recurring);
  in.Refuse({OfMeeting(0x8216, PropType::kBinary), OfMeeting(0x8228, kSeconds)}, edit.rest);
  // What zone it is in is said by its definition; its description is for people.
  in.Drop({OfMeeting(0x8231, PropType::kLong), OfMeeting(0x8235, kSeconds), OfMeeting(0x8236, kSeconds),
           OfMeeting(0x8234, PropType::kUnicode), NamedTag(PropSet::kMeeting, 0x0023, PropType::kBinary)});
  in.Drop({OfMeeting(0x8213, PropType::kLong), OfMeeting(0x8224, PropType::kLong), OfAll(0x8502, kSeconds),
           OfAll(0x8560, kSeconds), OfAll(0x8510, PropType::kLong), tag::kIconIndex});
}

constexpr FieldId kOfTasks[] = {field::kTaskStart,          field::kTaskEnd,      field::kTaskFullTime,
                                field::kTaskRecurrenceType, field::kTaskDays,     field::kTaskDayInMonth,
                                field::kTaskMonth,          field::kTaskInterval, field::kTaskUntil,
                                field::kTaskOccurrences,    kTaskAlarm,           field::kTaskLocalRecurrence};
constexpr FieldId kOfMeetings[] = {field::kAppointmentStart,    field::kAppointmentEnd,
                                   field::kAppointmentFullTime, field::kAppointmentRecurrenceType,
                                   field::kAppointmentDays,     field::kAppointmentDayInMonth,
                                   field::kAppointmentMonth,    field::kAppointmentInterval,
                                   field::kAppointmentUntil,    field::kAppointmentOccurrences,
                                   field::kAppointmentDeleted,  kMeetingAlarm,
                                   field::kAppointmentUid,      field::kAppointmentLocalRecurrence};

constexpr FieldId kOfMails[] = {
    field::kMailSubject,    field::kMailFrom,      field::kMailTo,        field::kMailCc,   field::kMailBcc,
    field::kMailAttachment, field::kMailPriority,  field::kMailReceiptTo, field::kMailSeen, field::kMailAnswered,
    field::kMailFlagged,    field::kMailForwarded, field::kMailDraft};

}  // namespace

std::vector<Prop> ComputedProps(ItemType type, const FieldMap& head, const PropContext& context) {
  if (type == ItemType::kTask) return PropsOfTask(head, context);
  if (type == ItemType::kAppointment) return PropsOfMeeting(head, context);
  if (type == ItemType::kMail) return PropsOfMail(head);
  return {};
}

std::span<const FieldId> FieldsOfComputed(ItemType type) {
  if (type == ItemType::kTask) return kOfTasks;
  if (type == ItemType::kAppointment) return kOfMeetings;
  if (type == ItemType::kMail) return kOfMails;
  return {};
}

void TakeComputed(ItemType type, std::vector<Prop>& set, std::vector<PropTag>& cleared, const FieldMap& head,
                  const PropContext& context, PropEdit& edit) {
  Taken in(set, cleared);
  if (type == ItemType::kTask) TakeTask(in, edit);
  if (type == ItemType::kAppointment) TakeMeeting(in, head, context, edit);
  if (type == ItemType::kMail) edit.patch = TakeMail(set, cleared);
}

}  // namespace outpost::mapi
