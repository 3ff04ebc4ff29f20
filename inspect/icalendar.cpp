#include "inspect/icalendar.h"

#include <cstdlib>
#include <set>
#include <vector>

#include "inspect/address.h"
#include "inspect/rule_text.h"
#include "projection/ical_time.h"
#include "projection/series_days.h"
#include "projection/zone.h"
#include "schemas/series.h"

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kShownFree = 4;

struct ComponentFree {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using IcalComponent = std::unique_ptr<icalcomponent, ComponentFree>;

std::string TextOfComponent(icalcomponent* component) {
  char* text = icalcomponent_as_ical_string_r(component);
  std::string out = text != nullptr ? text : "";
  std::free(text);
  return out;
}

// The clock, or where `is_date` only its day.
icaltimetype ClockAt(std::int64_t ms, bool is_date) {
  icaltimetype time = outpost::ClockAt(ms);
  if (!is_date) return time;
  time.hour = time.minute = time.second = 0;
  time.is_date = 1;
  return time;
}

icaltimetype UtcAt(std::int64_t ms) {
  icaltimetype time = ClockAt(ms, false);
  time.zone = icaltimezone_get_utc_timezone();
  return time;
}

// An appointment's or task's fields by name.
class ItemFields {
 public:
  explicit ItemFields(const ItemState& item) : item_(item) {}
  Value Of(std::string_view name) const {
    const Field* field = FindField(item_.type, name);
    return field != nullptr ? item_.HeadValue(field->id) : Value{};
  }
  std::string Text(std::string_view name) const {
    const Value value = Of(name);
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : std::string();
  }
  std::optional<std::int64_t> Number(std::string_view name) const {
    const Value value = Of(name);
    const auto* number = std::get_if<std::int64_t>(&value);
    return number != nullptr ? std::optional(*number) : std::nullopt;
  }
  bool Truth(std::string_view name) const { return Of(name) == Value(true); }
  std::vector<std::string> Texts(std::string_view name) const {
    const Value value = Of(name);
    const auto* texts = std::get_if<std::vector<std::string>>(&value);
    return texts != nullptr ? *texts : std::vector<std::string>{};
  }

 private:
  const ItemState& item_;
};

}  // namespace

struct CalendarWriter::Impl {
  SeriesFn series;
  MailFn mail;
  std::set<std::string> zones;

  // When an event is, and in which zone its times are written.
  struct Clock {
    bool whole_days = false;
    std::string zone;  // empty: UTC
    Zone at;
  };

  Clock ClockOf(const ItemFields& fields) const {
    Clock clock;
    clock.whole_days = fields.Truth("full_time");
    const std::string zone = fields.Text("timezone");
    if (clock.whole_days || zone.empty() || zone == "UTC") return clock;
    if (const auto found = Zone::Find(zone)) {
      clock.zone = zone;
      clock.at = *found;
    }
    return clock;
  }

  icaltimetype Time(const Clock& clock, std::int64_t ms) const {
    if (clock.whole_days) return ClockAt(ms, true);
    return clock.zone.empty() ? UtcAt(ms) : ClockAt(clock.at.ToLocal(ms), false);
  }

  void AddTime(icalcomponent* to, icalproperty* property, const Clock& clock) const {
    if (!clock.zone.empty()) icalproperty_add_parameter(property, icalparameter_new_tzid(clock.zone.c_str()));
    icalcomponent_add_property(to, property);
  }

  static void AddText(icalcomponent* to, icalproperty* (*make)(const char*), const std::string& text) {
    if (!text.empty()) icalcomponent_add_property(to, make(text.c_str()));
  }

  void AddCommon(icalcomponent* to, const ItemState& item, const ItemFields& fields) const {
    AddText(to, icalproperty_new_summary, fields.Text("title"));
    AddText(to, icalproperty_new_description, fields.Text("note"));
    for (const std::string& one : fields.Texts("categories")) AddText(to, icalproperty_new_categories, one);
    if (fields.Truth("private_flag")) icalcomponent_add_property(to, icalproperty_new_class(ICAL_CLASS_PRIVATE));
    const std::int64_t stamp = fields.Number("last_modified_utc").value_or(BirthOf(item.id).count());
    icalcomponent_add_property(to, icalproperty_new_dtstamp(UtcAt(stamp)));
    for (const std::string& person : fields.Texts("participants")) AddPerson(to, person);
  }

  void AddPerson(icalcomponent* to, const std::string& person) const {
    const auto open = person.rfind('<'), close = person.rfind('>');
    std::string name, address;
    if (open != std::string::npos && close != std::string::npos && open < close) {
      address = person.substr(open + 1, close - open - 1);
      name = person.substr(0, open);
      while (!name.empty() && name.back() == ' ') name.pop_back();
    } else {
      address = mail(person.substr(0, person.find(' ')));
      if (address.empty() && person.find('@') != std::string::npos) address = person;
    }
    if (!IsOneAddress(address)) return;
    icalproperty* attendee = icalproperty_new_attendee(("mailto:" + address).c_str());
    if (!name.empty()) icalproperty_add_parameter(attendee, icalparameter_new_cn(name.c_str()));
    icalcomponent_add_property(to, attendee);
  }

  static void AddAlarm(icalcomponent* to, icaltriggertype trigger) {
    icalcomponent* alarm = icalcomponent_new_valarm();
    icalcomponent_add_property(alarm, icalproperty_new_action(ICAL_ACTION_DISPLAY));
    icalcomponent_add_property(alarm, icalproperty_new_description("-"));
    icalcomponent_add_property(alarm, icalproperty_new_trigger(trigger));
    icalcomponent_add_component(to, alarm);
  }

  void AddRule(icalcomponent* to, const ItemState& item, const ItemFields& fields, const Clock& clock,
               std::int64_t start) const {
    const auto rule = RuleOf(item.type, [&](FieldId id) { return item.HeadValue(id); });
    if (!rule) return;
    std::string until;
    if (rule->until) {
      constexpr std::int64_t kLastSecond = kDayMs - 1'000;
      const std::int64_t day = *rule->until * kDayMs;
      const icaltimetype last = clock.whole_days ? ClockAt(day, true) : UtcAt(clock.at.ToUtc(day + kLastSecond));
      until = icaltime_as_ical_string(last);
    }
    const std::int64_t local = clock.whole_days ? start : clock.at.ToLocal(start);
    icalcomponent_add_property(to,
                               icalproperty_new_rrule(icalrecurrencetype_from_string(RuleText(*rule, until).c_str())));
    for (const std::string& day : fields.Texts("delete_exceptions"))
      if (const auto dropped = DayFromText(day)) {
        const std::int64_t clock_reading = *dropped + (local % kDayMs + kDayMs) % kDayMs;
        icaltimetype time = ClockAt(clock_reading, clock.whole_days);
        if (!clock.whole_days && clock.zone.empty()) time.zone = icaltimezone_get_utc_timezone();
        AddTime(to, icalproperty_new_exdate(time), clock);
      }
  }

  // An exception is the day of its series, by the series' own clock.
  Result<std::string> AddReplaced(icalcomponent* to, const ItemFields& fields, const Clock& own) const {
    const std::string uid = fields.Text("uid");
    const auto of_series = SeriesUidOf(uid);
    const auto day = fields.Number("recurrence_date_position");
    if (!of_series || !day) return uid;
    OUTPOST_TRY(const auto master, series(std::string(*of_series)));
    Clock clock = own;
    std::int64_t in_day = 0;
    if (master) {
      const ItemFields master_fields(*master);
      clock = ClockOf(master_fields);
      const std::int64_t start = master_fields.Number("start_date").value_or(0);
      const std::int64_t local = clock.whole_days ? 0 : clock.at.ToLocal(start);
      in_day = (local % kDayMs + kDayMs) % kDayMs;
    }
    icaltimetype time = ClockAt(*day + in_day, clock.whole_days || !master);
    if (time.is_date == 0 && clock.zone.empty()) time.zone = icaltimezone_get_utc_timezone();
    if (time.is_date != 0) clock.zone.clear();
    AddTime(to, icalproperty_new_recurrenceid(time), clock);
    return std::string(*of_series);
  }

  // The definition of a zone, once.
  std::string Define(const std::string& name) {
    if (name.empty() || !zones.insert(name).second) return {};
    icaltimezone* zone = icaltimezone_get_builtin_timezone(name.c_str());
    icalcomponent* builtin = zone != nullptr ? icaltimezone_get_component(zone) : nullptr;
    if (builtin == nullptr) return {};
    const IcalComponent copy(icalcomponent_new_clone(builtin));
    if (icalproperty* tzid = icalcomponent_get_first_property(copy.get(), ICAL_TZID_PROPERTY))
      icalproperty_set_tzid(tzid, name.c_str());
    return TextOfComponent(copy.get());
  }

  Result<std::string> Event(const ItemState& item) {
    const ItemFields fields(item);
    const auto start = fields.Number("start_date");
    if (!start) return std::string();
    const Clock clock = ClockOf(fields);
    const IcalComponent event(icalcomponent_new_vevent());
    OUTPOST_TRY(const std::string uid, AddReplaced(event.get(), fields, clock));
    AddText(event.get(), icalproperty_new_uid, uid);
    AddTime(event.get(), icalproperty_new_dtstart(Time(clock, *start)), clock);
    AddTime(event.get(), icalproperty_new_dtend(Time(clock, fields.Number("end_date").value_or(*start))), clock);
    AddCommon(event.get(), item, fields);
    AddText(event.get(), icalproperty_new_location, fields.Text("location"));
    if (const std::string organizer = fields.Text("organizer"); IsOneAddress(organizer))
      AddText(event.get(), icalproperty_new_organizer, "mailto:" + organizer);
    if (fields.Number("shown_as") == kShownFree)
      icalcomponent_add_property(event.get(), icalproperty_new_transp(ICAL_TRANSP_TRANSPARENT));
    if (const auto sequence = fields.Number("sequence"); sequence && *sequence > 0)
      icalcomponent_add_property(event.get(), icalproperty_new_sequence(static_cast<int>(*sequence)));
    if (uid == fields.Text("uid")) AddRule(event.get(), item, fields, clock, *start);
    if (const auto alarm = fields.Number("alarm"); alarm && *alarm >= 0)
      AddAlarm(event.get(), icaltriggertype_from_int(static_cast<int>(-*alarm * 60)));
    return Define(clock.zone) + TextOfComponent(event.get());
  }

  Result<std::string> Counter(const ItemState& item, const Proposal& proposal) {
    const ItemFields fields(item);
    const Clock clock = ClockOf(fields);
    const IcalComponent event(icalcomponent_new_vevent());
    OUTPOST_TRY(const std::string uid, AddReplaced(event.get(), fields, clock));
    AddText(event.get(), icalproperty_new_uid, uid);
    AddTime(event.get(), icalproperty_new_dtstart(Time(clock, proposal.start.count())), clock);
    AddTime(event.get(), icalproperty_new_dtend(Time(clock, proposal.end.count())), clock);
    icalcomponent_add_property(event.get(), icalproperty_new_dtstamp(UtcAt(proposal.now.count())));
    AddText(event.get(), icalproperty_new_summary, fields.Text("title"));
    AddText(event.get(), icalproperty_new_location, fields.Text("location"));
    AddText(event.get(), icalproperty_new_organizer, "mailto:" + fields.Text("organizer"));
    icalproperty* attendee = icalproperty_new_attendee(("mailto:" + proposal.from).c_str());
    icalproperty_add_parameter(attendee, icalparameter_new_partstat(ICAL_PARTSTAT_TENTATIVE));
    icalcomponent_add_property(event.get(), attendee);
    icalcomponent_add_property(event.get(),
                               icalproperty_new_sequence(static_cast<int>(fields.Number("sequence").value_or(0))));
    AddText(event.get(), icalproperty_new_comment, proposal.message);
    return Define(clock.zone) + TextOfComponent(event.get());
  }

  Result<std::string> Task(const ItemState& item) {
    const ItemFields fields(item);
    Clock clock;
    clock.whole_days = fields.Truth("full_time");
    const IcalComponent task(icalcomponent_new_vtodo());
    AddText(task.get(), icalproperty_new_uid, fields.Text("uid"));
    if (const auto start = fields.Number("start_time"))
      AddTime(task.get(), icalproperty_new_dtstart(Time(clock, *start)), clock);
    if (const auto due = fields.Number("end_time")) AddTime(task.get(), icalproperty_new_due(Time(clock, *due)), clock);
    AddCommon(task.get(), item, fields);
    constexpr icalproperty_status kStates[] = {ICAL_STATUS_NEEDSACTION, ICAL_STATUS_INPROCESS, ICAL_STATUS_COMPLETED,
                                               ICAL_STATUS_NEEDSACTION, ICAL_STATUS_CANCELLED};
    if (const auto status = fields.Number("status"); status && *status >= 1 && *status <= 5)
      icalcomponent_add_property(task.get(), icalproperty_new_status(kStates[*status - 1]));
    if (const auto percent = fields.Number("percent_completed"))
      icalcomponent_add_property(task.get(), icalproperty_new_percentcomplete(static_cast<int>(*percent)));
    // OX: 1 low to 3 high; iCalendar: 9 low to 1 high.
    constexpr int kPriorities[] = {9, 5, 1};
    if (const auto priority = fields.Number("priority"); priority && *priority >= 1 && *priority <= 3)
      icalcomponent_add_property(task.get(), icalproperty_new_priority(kPriorities[*priority - 1]));
    if (const auto done = fields.Number("date_completed"))
      icalcomponent_add_property(task.get(), icalproperty_new_completed(UtcAt(*done)));
    if (const auto start = fields.Number("start_time")) AddRule(task.get(), item, fields, clock, *start);
    if (const auto alarm = fields.Number("alarm")) {
      icaltriggertype trigger = icaltriggertype_from_int(0);
      trigger.time = UtcAt(*alarm);
      AddAlarm(task.get(), trigger);
    }
    return TextOfComponent(task.get());
  }
};

CalendarWriter::CalendarWriter(SeriesFn series, MailFn mail)
    : impl_(std::make_unique<Impl>(Impl{std::move(series), std::move(mail), {}})) {}
CalendarWriter::~CalendarWriter() = default;

std::string CalendarWriter::Begin() const {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Outpost//Journal//EN\r\nCALSCALE:GREGORIAN\r\n";
}

std::string CalendarWriter::End() const { return "END:VCALENDAR\r\n"; }

Result<std::string> CalendarWriter::Add(const ItemState& item) {
  if (item.type == ItemType::kAppointment) return impl_->Event(item);
  if (item.type == ItemType::kTask) return impl_->Task(item);
  return std::string();
}

Result<std::string> CalendarWriter::Counter(const ItemState& item, const Proposal& proposal) {
  OUTPOST_TRY(const std::string event, impl_->Counter(item, proposal));
  return Begin() + "METHOD:COUNTER\r\n" + event + End();
}

}  // namespace outpost
