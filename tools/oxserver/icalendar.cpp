#include "tools/oxserver/icalendar.h"

#include <libical/ical.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>

#include "tools/oxserver/ical_rule.h"
#include "tools/oxserver/text.h"

namespace outpost::oxserver {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kDepthMost = 16;  // of components: libical takes a step of the stack for each
constexpr std::size_t kTitleMax = 255, kNoteMax = 65'535, kUidMax = 1024, kTaskTitleMax = 256, kTaskUidMax = 255;

struct ComponentEnd {
  void operator()(icalcomponent* component) const { icalcomponent_free(component); }
};
using Component = std::unique_ptr<icalcomponent, ComponentEnd>;

struct Block {
  std::string name;
  std::size_t line = 0;
  std::string text;
};

// The components of a file that are in a calendar, whole, whatever is broken around them.
struct Blocks {
  std::vector<Block> found;
  std::vector<CardFailure> failures;
};

bool StartsWith(std::string_view line, std::string_view prefix) {
  return line.size() >= prefix.size() && EqualNoCase(line.substr(0, prefix.size()), prefix);
}

Blocks CutUp(std::string_view text) {
  Blocks blocks;
  std::optional<Block> open;
  std::size_t depth = 0, number = 0;
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  for (auto line : Split(text, '\n')) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    const bool begins = StartsWith(line, "BEGIN:"), ends = StartsWith(line, "END:");
    if (!open && begins) {
      const auto name = Trimmed(line.substr(6));
      if (EqualNoCase(name, "VCALENDAR")) continue;
      open = Block{std::string(name), number, {}};
      depth = 0;
    }
    if (!open) continue;
    if (begins && depth > 0 && EqualNoCase(Trimmed(line.substr(6)), open->name)) {
      blocks.failures.push_back({open->line, open->name + " does not end"});
      open = Block{open->name, number, {}};
      depth = 0;
    }
    if (begins && ++depth > kDepthMost) {
      blocks.failures.push_back(
          {number, open->name + " holds more than " + std::to_string(kDepthMost) + " components in one another"});
      open.reset();
      continue;
    }
    open->text.append(line).append("\r\n");
    if (ends && --depth == 0) {
      blocks.found.push_back(std::move(*open));
      open.reset();
    }
  }
  if (open) blocks.failures.push_back({open->line, open->name + " does not end"});
  return blocks;
}

Component Parse(const std::string& text) { return Component(icalparser_parse_string(text.c_str())); }

icalproperty* First(icalcomponent* event, icalproperty_kind kind) {
  return icalcomponent_get_first_property(event, kind);
}

std::string TextOf(const icalproperty* property) {
  const char* text = property != nullptr ? icalproperty_get_value_as_string(property) : nullptr;
  if (text == nullptr) return {};
  const icalvalue* value = icalproperty_get_value(property);
  const char* plain = value != nullptr && icalvalue_isa(value) == ICAL_TEXT_VALUE ? icalvalue_get_text(value) : nullptr;
  return plain != nullptr ? plain : text;
}

std::string TzidOf(icalproperty* property) {
  icalparameter* parameter =
      property != nullptr ? icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER) : nullptr;
  const char* tzid = parameter != nullptr ? icalparameter_get_tzid(parameter) : nullptr;
  return tzid != nullptr ? tzid : "";
}

std::int64_t DayOf(std::int64_t ms) { return ms - ((ms % kDayMs) + kDayMs) % kDayMs; }

// What the clock shows, as if it were UTC.
std::optional<std::int64_t> Reading(const icaltimetype& time) {
  const std::chrono::year_month_day date(std::chrono::year(time.year),
                                         std::chrono::month(static_cast<unsigned>(time.month)),
                                         std::chrono::day(static_cast<unsigned>(time.day)));
  if (icaltime_is_null_time(time) || time.year < 1 || time.year > 9999 || !date.ok()) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  if (time.is_date != 0) return days * kDayMs;
  return days * kDayMs + ((time.hour * 60 + time.minute) * 60 + time.second) * std::int64_t{1000};
}

// The zones of one file.
class FileZones {
 public:
  FileZones(const Blocks& blocks, Zones& zones, std::string_view fallback)
      : zones_(zones), fallback_(zones.Find(fallback)) {
    std::string text = "BEGIN:VCALENDAR\r\n";
    for (const Block& block : blocks.found)
      if (EqualNoCase(block.name, "VTIMEZONE")) text += block.text;
    calendar_ = Parse(text + "END:VCALENDAR\r\n");
  }
  const Zone& fallback() const { return fallback_; }
  const Zone& utc() { return zones_.Find("UTC"); }

  // The installed zone that is meant: by its name, the end of a longer one (/mozilla.org/20050126_1/Europe/Berlin), or
  // the place the file's definition gives. Null: none.
  const Zone* Named(const std::string& tzid) {
    for (std::string_view rest = tzid; !rest.empty();) {
      const Zone& found = zones_.Find(rest);
      if (found.name() == rest) return &found;
      const auto slash = rest.find('/');
      rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    }
    icaltimezone* own = Own(tzid);
    const char* place = own != nullptr ? icaltimezone_get_location(own) : nullptr;
    if (place == nullptr) return nullptr;
    const Zone& found = zones_.Find(place);
    return found.name() == place ? &found : nullptr;
  }
  // An installed zone that has the offsets of the file's definition all through the two years from `year`. Null: none.
  const Zone* Alike(const std::string& tzid, int year) {
    icaltimezone* own = Own(tzid);
    if (own == nullptr) return nullptr;
    std::vector<std::pair<std::int64_t, std::int64_t>> readings;  // what the clock shows, and UTC then
    for (int month = 0; month < 24; ++month) {
      icaltimetype time = icaltime_null_time();
      time.year = year + month / 12;
      time.month = month % 12 + 1;
      time.day = 15;
      time.hour = 12;
      const std::int64_t local = Reading(time).value_or(0);
      int daylight = 0;
      readings.emplace_back(local, local - icaltimezone_get_utc_offset(own, &time, &daylight) * std::int64_t{1000});
    }
    for (const std::string& name : zones_.Names()) {
      const Zone& zone = zones_.Find(name);
      if (std::all_of(readings.begin(), readings.end(),
                      [&](const auto& pair) { return zone.ToUtc(pair.first) == pair.second; }))
        return &zone;
    }
    return nullptr;
  }
  icaltimezone* Own(const std::string& tzid) const {
    return calendar_ && !tzid.empty() ? icalcomponent_get_timezone(calendar_.get(), tzid.c_str()) : nullptr;
  }

 private:
  Zones& zones_;
  const Zone& fallback_;
  Component calendar_;
};

class EventReader {
 public:
  EventReader(icalcomponent* event, FileZones& zones) : event_(event), zones_(zones) {}
  // The reason why it cannot be read; empty: done.
  std::string Read(EventDraft& draft);
  // The same of a task.
  std::string ReadTask(EventDraft& draft);

 private:
  struct When {
    std::int64_t ms = 0;  // an instant, or a day
    bool is_date = false;
  };
  std::optional<When> TimeOf(icalproperty* property, const icaltimetype& time);
  std::int64_t DayIn(const When& when) const { return when.is_date ? when.ms : DayOf(zone_->ToTime(when.ms)); }
  std::string ReadTimes(EventDraft& draft);
  void ReadTexts(EventDraft& draft);
  void ReadState(EventDraft& draft);
  void ReadAlarm(EventDraft& draft);
  void ReadPeople(EventDraft& draft);
  void ReadSeries(EventDraft& draft);
  std::string ReadTaskTimes(EventDraft& draft);
  void ReadTaskState(EventDraft& draft);
  void ReadTaskAlarm(EventDraft& draft);
  void ReadTaskSeries(EventDraft& draft);
  void ReadParticipants(EventDraft& draft);
  void ReadTaskPeople(EventDraft& draft);
  void ReadCategories(EventDraft& draft);
  void Put(EventDraft& draft, const char* name, std::string text, std::size_t most, const char* property);

  icalcomponent* event_;
  FileZones& zones_;
  const Zone* zone_ = nullptr;  // in which the event repeats
  When start_, end_;
  bool starts_ = false, is_due_ = false;  // of a task, which may have neither
};

std::optional<EventReader::When> EventReader::TimeOf(icalproperty* property, const icaltimetype& time) {
  const auto reading = Reading(time);
  if (!reading) return std::nullopt;
  if (time.is_date != 0) return When{*reading, true};
  if (icaltime_is_utc(time) != 0) return When{*reading, false};
  const std::string tzid = TzidOf(property);
  if (const Zone* named = tzid.empty() ? &zones_.fallback() : zones_.Named(tzid))
    return When{named->ToUtc(*reading), false};
  if (icaltimezone* own = zones_.Own(tzid)) {
    icaltimetype there = time;
    int daylight = 0;
    const int offset = icaltimezone_get_utc_offset(own, &there, &daylight);
    return When{*reading - offset * std::int64_t{1000}, false};
  }
  return When{zones_.fallback().ToUtc(*reading), false};
}

std::string EventReader::ReadTimes(EventDraft& draft) {
  icalproperty* begins = First(event_, ICAL_DTSTART_PROPERTY);
  if (begins == nullptr) return "it has no DTSTART";
  const icaltimetype from = icalproperty_get_dtstart(begins);
  const auto start = TimeOf(begins, from);
  if (!start) return "its DTSTART cannot be read";
  start_ = end_ = *start;
  const std::string tzid = TzidOf(begins);
  zone_ = tzid.empty() ? &zones_.fallback() : zones_.Named(tzid);
  if (zone_ == nullptr) {
    zone_ = zones_.Alike(tzid, from.year);
    draft.left_out.push_back(zone_ != nullptr ? "TZID: a name that is not installed, " + zone_->name() + " is alike"
                                              : "TZID: a zone that is not installed");
    if (zone_ == nullptr) zone_ = &zones_.fallback();
  }
  if (icalproperty* ends = First(event_, ICAL_DTEND_PROPERTY)) {
    const auto end = TimeOf(ends, icalproperty_get_dtend(ends));
    if (!end || end->is_date != start->is_date) return "its DTEND does not go with its DTSTART";
    end_ = *end;
  } else if (icalproperty* lasts = First(event_, ICAL_DURATION_PROPERTY)) {
    end_.ms += icaldurationtype_as_int(icalproperty_get_duration(lasts)) * std::int64_t{1000};
  } else if (start->is_date) {
    end_.ms += kDayMs;
  }
  if (end_.is_date && end_.ms == start_.ms) end_.ms += kDayMs;
  if (end_.ms < start_.ms) return "it ends before its start";
  draft.fields["start_date"] = std::to_string(start_.ms);
  draft.fields["end_date"] = std::to_string(end_.ms);
  draft.fields["full_time"] = start_.is_date ? "true" : "false";
  draft.fields["timezone"] = !start_.is_date && icaltime_is_utc(from) != 0 ? "UTC" : zone_->name();
  return {};
}

void EventReader::Put(EventDraft& draft, const char* name, std::string text, std::size_t most, const char* property) {
  if (!IsUtf8(text)) {
    draft.left_out.push_back(std::string(property) + ": not in UTF-8");
    return;
  }
  if (CountCharacters(text) > most) {
    text = std::string(FirstCharacters(text, most));
    draft.left_out.push_back(std::string(property) + ": cut to " + std::to_string(most) + " characters");
  }
  if (!text.empty()) draft.fields[name] = std::move(text);
}

void EventReader::ReadTexts(EventDraft& draft) {
  Put(draft, "title", TextOf(First(event_, ICAL_SUMMARY_PROPERTY)), kTitleMax, "SUMMARY");
  Put(draft, "location", TextOf(First(event_, ICAL_LOCATION_PROPERTY)), kTitleMax, "LOCATION");
  Put(draft, "note", TextOf(First(event_, ICAL_DESCRIPTION_PROPERTY)), kNoteMax, "DESCRIPTION");
  ReadCategories(draft);
}

void EventReader::ReadCategories(EventDraft& draft) {
  std::string categories;
  for (icalproperty* each = First(event_, ICAL_CATEGORIES_PROPERTY); each != nullptr;
       each = icalcomponent_get_next_property(event_, ICAL_CATEGORIES_PROPERTY))
    if (const auto text = TextOf(each); !text.empty()) categories += (categories.empty() ? "" : ",") + text;
  Put(draft, "categories", categories, kTitleMax, "CATEGORIES");
}

void EventReader::ReadState(EventDraft& draft) {
  const std::string shown = Lower(TextOf(First(event_, ICAL_TRANSP_PROPERTY)));
  draft.fields["shown_as"] = shown == "transparent" ? "4" : "1";
  const std::string access = Lower(TextOf(First(event_, ICAL_CLASS_PROPERTY)));
  if (access == "private" || access == "confidential") draft.fields["private_flag"] = "true";
  if (icalproperty* sequence = First(event_, ICAL_SEQUENCE_PROPERTY))
    draft.fields["sequence"] = std::to_string(std::max(0, icalproperty_get_sequence(sequence)));
  for (const auto& [kind, name] : {std::pair(ICAL_ATTACH_PROPERTY, "ATTACH"), std::pair(ICAL_RDATE_PROPERTY, "RDATE"),
                                   std::pair(ICAL_EXRULE_PROPERTY, "EXRULE"), std::pair(ICAL_GEO_PROPERTY, "GEO"),
                                   std::pair(ICAL_URL_PROPERTY, "URL")})
    if (First(event_, kind) != nullptr) draft.left_out.push_back(std::string(name) + ": has no place");
}

// The first reminder before the start.
void EventReader::ReadAlarm(EventDraft& draft) {
  for (icalcomponent* alarm = icalcomponent_get_first_component(event_, ICAL_VALARM_COMPONENT); alarm != nullptr;
       alarm = icalcomponent_get_next_component(event_, ICAL_VALARM_COMPONENT)) {
    icalproperty* property = First(alarm, ICAL_TRIGGER_PROPERTY);
    if (property == nullptr) continue;
    const icaltriggertype trigger = icalproperty_get_trigger(property);
    const bool at_time = icaltime_is_null_time(trigger.time) == 0;
    const std::int64_t before = at_time ? start_.ms / 1000 - icaltime_as_timet(trigger.time)
                                        : -std::int64_t{icaldurationtype_as_int(trigger.duration)};
    if (before >= 0 && !draft.fields.contains("alarm"))
      draft.fields["alarm"] = std::to_string(before / 60);
    else
      draft.left_out.push_back("VALARM: only one, before the start, has a place");
  }
}

std::string MailOf(std::string_view address) {
  if (StartsWith(address, "mailto:")) address.remove_prefix(7);
  const auto at = address.find('@');
  const bool usable = at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
                      address.find_first_of(" \t<>,;\"") == std::string_view::npos;
  return usable ? std::string(address) : std::string();
}

void EventReader::ReadPeople(EventDraft& draft) {
  ReadParticipants(draft);
  const char* organizer = nullptr;
  if (icalproperty* property = First(event_, ICAL_ORGANIZER_PROPERTY)) organizer = icalproperty_get_organizer(property);
  Put(draft, "organizer", MailOf(organizer != nullptr ? organizer : ""), kTitleMax, "ORGANIZER");
}

void EventReader::ReadParticipants(EventDraft& draft) {
  nlohmann::json people = nlohmann::json::array();
  for (icalproperty* each = First(event_, ICAL_ATTENDEE_PROPERTY); each != nullptr;
       each = icalcomponent_get_next_property(event_, ICAL_ATTENDEE_PROPERTY)) {
    const char* address = icalproperty_get_attendee(each);
    const std::string mail = MailOf(address != nullptr ? address : "");
    if (mail.empty() || !IsUtf8(mail)) {
      draft.left_out.push_back("ATTENDEE: has no mail address");
      continue;
    }
    nlohmann::json person = {{"type", 5}, {"mail", mail}};
    icalparameter* named = icalproperty_get_first_parameter(each, ICAL_CN_PARAMETER);
    const char* name = named != nullptr ? icalparameter_get_cn(named) : nullptr;
    if (name != nullptr && *name != '\0' && IsUtf8(name)) person["display_name"] = name;
    people.push_back(std::move(person));
  }
  if (!people.empty()) draft.fields["participants"] = people.dump();
}

// OX gives a private task nobody else.
void EventReader::ReadTaskPeople(EventDraft& draft) {
  ReadParticipants(draft);
  if (draft.fields.contains("private_flag") && draft.fields.erase("participants") > 0)
    draft.left_out.push_back("ATTENDEE: a private task has no participants");
}

void EventReader::ReadSeries(EventDraft& draft) {
  if (icalproperty* replaced = First(event_, ICAL_RECURRENCEID_PROPERTY)) {
    if (const auto when = TimeOf(replaced, icalproperty_get_recurrenceid(replaced))) draft.replaces = DayIn(*when);
    return;
  }
  icalproperty* property = First(event_, ICAL_RRULE_PROPERTY);
  if (property == nullptr) return;
  const icaltimetype begins = icalproperty_get_dtstart(First(event_, ICAL_DTSTART_PROPERTY));
  const Zone& zone = draft.fields["timezone"] == "UTC" && !start_.is_date ? zones_.utc() : *zone_;
  const std::int64_t local = start_.is_date ? start_.ms : zone.ToTime(start_.ms);
  const auto fields = FieldsOfRule(icalproperty_get_rrule(property), begins, local, zone);
  if (!fields) {
    draft.left_out.push_back("RRULE: OX has no such rule, only the first occurrence is taken");
    return;
  }
  draft.fields.insert(fields->begin(), fields->end());
  for (icalproperty* each = First(event_, ICAL_EXDATE_PROPERTY); each != nullptr;
       each = icalcomponent_get_next_property(event_, ICAL_EXDATE_PROPERTY))
    if (const auto when = TimeOf(each, icalproperty_get_exdate(each))) draft.deleted.push_back(DayIn(*when));
}

std::string EventReader::Read(EventDraft& draft) {
  draft.uid = TextOf(First(event_, ICAL_UID_PROPERTY));
  if (!IsUtf8(draft.uid) || CountCharacters(draft.uid) > kUidMax) draft.uid.clear();
  if (auto reason = ReadTimes(draft); !reason.empty()) return reason;
  ReadTexts(draft);
  ReadState(draft);
  ReadAlarm(draft);
  ReadPeople(draft);
  ReadSeries(draft);
  if (!draft.replaces && !draft.uid.empty()) draft.fields["uid"] = draft.uid;
  return {};
}

// A task has a start, a time it is due at, both or neither; days are midnight UTC.
std::string EventReader::ReadTaskTimes(EventDraft& draft) {
  if (icalproperty* begins = First(event_, ICAL_DTSTART_PROPERTY)) {
    const auto start = TimeOf(begins, icalproperty_get_dtstart(begins));
    if (!start) return "its DTSTART cannot be read";
    start_ = *start;
    starts_ = true;
  }
  if (icalproperty* ends = First(event_, ICAL_DUE_PROPERTY)) {
    const auto due = TimeOf(ends, icalproperty_get_due(ends));
    if (!due) return "its DUE cannot be read";
    if (starts_ && due->is_date != start_.is_date) return "its DUE does not go with its DTSTART";
    end_ = *due;
    is_due_ = true;
  } else if (icalproperty* lasts = First(event_, ICAL_DURATION_PROPERTY); lasts != nullptr && starts_) {
    end_ = start_;
    end_.ms += icaldurationtype_as_int(icalproperty_get_duration(lasts)) * std::int64_t{1000};
    is_due_ = true;
  }
  if (starts_ && is_due_ && end_.ms < start_.ms) return "it is due before its start";
  if (starts_) draft.fields["start_time"] = std::to_string(start_.ms);
  if (is_due_) draft.fields["end_time"] = std::to_string(end_.ms);
  if (starts_ || is_due_) draft.fields["full_time"] = (starts_ ? start_ : end_).is_date ? "true" : "false";
  return {};
}

void EventReader::ReadTaskState(EventDraft& draft) {
  const std::string access = Lower(TextOf(First(event_, ICAL_CLASS_PROPERTY)));
  if (access == "private" || access == "confidential") draft.fields["private_flag"] = "true";
  const std::string status = Lower(TextOf(First(event_, ICAL_STATUS_PROPERTY)));
  for (const auto& [word, number] : {std::pair("needs-action", "1"), std::pair("in-process", "2"),
                                     std::pair("completed", "3"), std::pair("cancelled", "5")})
    if (status == word) draft.fields["status"] = number;
  if (!status.empty() && !draft.fields.contains("status")) draft.left_out.push_back("STATUS: no task has this one");
  if (icalproperty* percent = First(event_, ICAL_PERCENTCOMPLETE_PROPERTY)) {
    const int done = icalproperty_get_percentcomplete(percent);
    if (done >= 0 && done <= 100)
      draft.fields["percent_completed"] = std::to_string(done);
    else
      draft.left_out.push_back("PERCENT-COMPLETE: not between 0 and 100");
  }
  // As OX has it: what is done is done by 100 %, what is not started by none.
  const auto settled = [&](const char* state, const char* percent) {
    const auto given = draft.fields.find("percent_completed");
    if (draft.fields["status"] != state || (given != draft.fields.end() && given->second == percent)) return;
    if (given != draft.fields.end()) draft.left_out.push_back("PERCENT-COMPLETE: does not go with its STATUS");
    draft.fields["percent_completed"] = percent;
  };
  if (draft.fields.contains("status")) {
    settled("1", "0");
    settled("3", "100");
  }
  // OX: 1 low to 3 high; iCalendar: 9 low to 1 high, 0 none.
  if (icalproperty* priority = First(event_, ICAL_PRIORITY_PROPERTY)) {
    const int number = icalproperty_get_priority(priority);
    if (number >= 1 && number <= 9) draft.fields["priority"] = number < 5 ? "3" : number == 5 ? "2" : "1";
  }
  if (icalproperty* completed = First(event_, ICAL_COMPLETED_PROPERTY)) {
    if (const auto when = TimeOf(completed, icalproperty_get_completed(completed)))
      draft.fields["date_completed"] = std::to_string(when->ms);
    else
      draft.left_out.push_back("COMPLETED: cannot be read");
  }
  for (const auto& [kind, name] :
       {std::pair(ICAL_ATTACH_PROPERTY, "ATTACH"), std::pair(ICAL_RDATE_PROPERTY, "RDATE"),
        std::pair(ICAL_EXDATE_PROPERTY, "EXDATE"), std::pair(ICAL_EXRULE_PROPERTY, "EXRULE"),
        std::pair(ICAL_GEO_PROPERTY, "GEO"), std::pair(ICAL_URL_PROPERTY, "URL"),
        std::pair(ICAL_LOCATION_PROPERTY, "LOCATION"), std::pair(ICAL_ORGANIZER_PROPERTY, "ORGANIZER"),
        std::pair(ICAL_RECURRENCEID_PROPERTY, "RECURRENCE-ID")})
    if (First(event_, kind) != nullptr) draft.left_out.push_back(std::string(name) + ": has no place");
}

// A task is reminded of at an instant.
void EventReader::ReadTaskAlarm(EventDraft& draft) {
  for (icalcomponent* alarm = icalcomponent_get_first_component(event_, ICAL_VALARM_COMPONENT); alarm != nullptr;
       alarm = icalcomponent_get_next_component(event_, ICAL_VALARM_COMPONENT)) {
    icalproperty* property = First(alarm, ICAL_TRIGGER_PROPERTY);
    if (property == nullptr) continue;
    const icaltriggertype trigger = icalproperty_get_trigger(property);
    icalparameter* related = icalproperty_get_first_parameter(property, ICAL_RELATED_PARAMETER);
    const bool of_end = related != nullptr && icalparameter_get_related(related) == ICAL_RELATED_END;
    const bool at_time = icaltime_is_null_time(trigger.time) == 0;
    const bool known = at_time || (of_end ? is_due_ : starts_);
    if (!known || draft.fields.contains("alarm")) {
      draft.left_out.push_back("VALARM: only one, at a time that is known, has a place");
      continue;
    }
    const std::int64_t ms =
        at_time ? icaltime_as_timet(trigger.time) * std::int64_t{1000}
                : (of_end ? end_ : start_).ms + icaldurationtype_as_int(trigger.duration) * std::int64_t{1000};
    draft.fields["alarm"] = std::to_string(ms);
  }
}

void EventReader::ReadTaskSeries(EventDraft& draft) {
  icalproperty* property = First(event_, ICAL_RRULE_PROPERTY);
  if (property == nullptr) return;
  std::optional<FieldMap> fields;
  if (starts_) {
    const icaltimetype begins = icalproperty_get_dtstart(First(event_, ICAL_DTSTART_PROPERTY));
    const std::int64_t local = start_.is_date ? start_.ms : zones_.utc().ToTime(start_.ms);
    fields = FieldsOfRule(icalproperty_get_rrule(property), begins, local, zones_.utc());
  }
  if (!fields)
    draft.left_out.push_back(starts_ ? "RRULE: OX has no such rule, only the first occurrence is taken"
                                     : "RRULE: there is no DTSTART that it could begin with");
  else
    draft.fields.insert(fields->begin(), fields->end());
}

std::string EventReader::ReadTask(EventDraft& draft) {
  draft.uid = TextOf(First(event_, ICAL_UID_PROPERTY));
  if (!IsUtf8(draft.uid) || CountCharacters(draft.uid) > kTaskUidMax) draft.uid.clear();
  if (auto reason = ReadTaskTimes(draft); !reason.empty()) return reason;
  Put(draft, "title", TextOf(First(event_, ICAL_SUMMARY_PROPERTY)), kTaskTitleMax, "SUMMARY");
  Put(draft, "note", TextOf(First(event_, ICAL_DESCRIPTION_PROPERTY)), kNoteMax, "DESCRIPTION");
  ReadCategories(draft);
  ReadTaskState(draft);
  ReadTaskAlarm(draft);
  ReadTaskPeople(draft);
  ReadTaskSeries(draft);
  const bool replaces = First(event_, ICAL_RECURRENCEID_PROPERTY) != nullptr;
  if (!replaces && !draft.uid.empty()) draft.fields["uid"] = draft.uid;
  return {};
}

}  // namespace

CalendarFile ReadCalendar(std::string_view text, Zones& zones, std::string_view zone) {
  CalendarFile file;
  const Blocks blocks = CutUp(text);
  file.failures = blocks.failures;
  FileZones known(blocks, zones, zone);
  for (const Block& block : blocks.found) {
    if (EqualNoCase(block.name, "VTIMEZONE")) continue;
    const bool is_task = EqualNoCase(block.name, "VTODO");
    if (!is_task && !EqualNoCase(block.name, "VEVENT")) {
      file.others.push_back({block.line, block.name + " is neither event nor task"});
      continue;
    }
    const Component event = Parse(block.text);
    if (!event || icalcomponent_isa(event.get()) != (is_task ? ICAL_VTODO_COMPONENT : ICAL_VEVENT_COMPONENT)) {
      file.failures.push_back({block.line, "it cannot be read"});
      continue;
    }
    EventDraft draft;
    draft.line = block.line;
    EventReader reader(event.get(), known);
    const std::string reason = is_task ? reader.ReadTask(draft) : reader.Read(draft);
    if (reason.empty())
      (is_task ? file.tasks : file.events).push_back(std::move(draft));
    else
      file.failures.push_back({block.line, reason});
  }
  return file;
}

}  // namespace outpost::oxserver
