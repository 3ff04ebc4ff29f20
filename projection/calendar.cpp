#include "projection/calendar.h"

#include <algorithm>
#include <map>
#include <set>

#include "journal/item_fold.h"
#include "projection/columns.h"
#include "projection/series_days.h"
#include "projection/stored_order.h"
#include "projection/tables.h"
#include "schemas/series.h"

namespace outpost {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
// Days are stored as UTC has them; in the viewer's zone, or in that of a series, they begin up to 14 hours off.
constexpr std::int64_t kZoneMs = kDayMs;

std::int64_t DayIndex(std::int64_t ms) { return (ms - (ms % kDayMs + kDayMs) % kDayMs) / kDayMs; }

// An appointment as far as the calendar looks at it.
struct Appointment {
  ItemId id;
  std::int64_t start = 0, end = 0;
  bool whole_days = false;
  std::string uid;
  std::optional<SeriesRule> rule;
  std::string zone;
  std::vector<std::string> without;  // days, as DayText
};

class Reader {
 public:
  explicit Reader(const StateReader& state) : state_(state), reader_(Columns()) {}

  // Nullopt for an item that is not seen, or has no time.
  Result<std::optional<Appointment>> Read(const ItemId& id) {
    OUTPOST_TRY(const std::optional<std::string> row, state_.Get(kItemsTable, id.View()));
    if (!row) return Error{Code::kCorrupt, Retry::kNever, "the listed item " + id.Hex() + " has no row"};
    OUTPOST_TRYV(reader_.Read(id, *row));
    const auto* start = Get<std::int64_t>(field::kAppointmentStart);
    if (!reader_.visible() || start == nullptr) return std::optional<Appointment>{};
    const auto* end = Get<std::int64_t>(field::kAppointmentEnd);
    const auto* whole = Get<bool>(field::kAppointmentFullTime);
    Appointment read{id, *start, end != nullptr ? std::max(*start, *end) : *start, whole != nullptr && *whole, {}, {},
                     {}, {}};
    if (const auto* uid = Get<std::string>(field::kAppointmentUid)) read.uid = *uid;
    read.rule = RuleOf(ItemType::kAppointment, [this](FieldId field) { return ValueOf(field); });
    if (!read.rule) return std::optional(std::move(read));
    if (const auto* zone = Get<std::string>(field::kAppointmentZone)) read.zone = *zone;
    for (const FieldId days : {field::kAppointmentDeleted, field::kAppointmentChanged})
      if (const auto* texts = Get<std::vector<std::string>>(days))
        read.without.insert(read.without.end(), texts->begin(), texts->end());
    return std::optional(std::move(read));
  }

 private:
  static std::vector<ColumnId> Columns() {
    const auto stored = StoredPlaceFields(ItemType::kAppointment);
    std::vector<ColumnId> columns(stored.begin(), stored.end());
    for (const FieldId field : {field::kAppointmentFullTime, field::kAppointmentUid, field::kAppointmentZone,
                                field::kAppointmentDeleted, field::kAppointmentChanged})
      columns.push_back(field);
    std::sort(columns.begin(), columns.end());
    return columns;
  }
  const Value& ValueOf(FieldId field) const { return reader_.values()[reader_.IndexOf(field)]; }
  template <class T>
  const T* Get(FieldId field) const {
    return std::get_if<T>(&ValueOf(field));
  }

  const StateReader& state_;
  RowReader reader_;
};

// What may be seen between two instants, by the stored rows.
struct Candidates {
  std::vector<ItemId> shown;     // appointments and series
  std::vector<ItemId> replaced;  // exceptions that are elsewhere now, of days that may be
};

Result<Candidates> Find(const StateReader& state, const ItemId& folder, std::int64_t from, std::int64_t to) {
  Candidates found;
  bool bad = false;
  const std::string prefix(folder.View());
  const auto take = [&](std::string_view key, std::string_view value, bool special) {
    const auto id = ItemOfFolderKey(key);
    const auto row = ParseCalendarRow(key.substr(prefix.size()), value);
    bad = !id || !row;
    if (bad || row->special != special) return false;
    const bool there = row->start < to && (row->end > from || row->start >= from);
    if (there) found.shown.push_back(*id);
    // A day of a series, wherever the item that replaces it is now.
    if (!there && row->replaces && *row->replaces < to && *row->replaces >= from - kLongAppointment)
      found.replaced.push_back(*id);
    return special || row->start < to;
  };
  OUTPOST_TRYV(state.Scan(kFolderItemsTable, prefix, {},
                          [&](std::string_view key, std::string_view value) { return take(key, value, true); }));
  if (!bad)
    OUTPOST_TRYV(state.Scan(kFolderItemsTable, prefix, prefix + OrdinaryFrom(from - kLongAppointment),
                            [&](std::string_view key, std::string_view value) { return take(key, value, false); }));
  if (bad) return Error{Code::kCorrupt, Retry::kNever, "a row of the contents of folder " + folder.Hex()};
  return found;
}

// Entries between two instants, as they are made.
class Entries {
 public:
  Entries(std::int64_t from, std::int64_t to, const Zone& viewer) : from_(from), to_(to), viewer_(viewer) {}

  void Add(const Appointment& of, std::int64_t start, std::int64_t end, std::optional<std::int64_t> day) {
    if (of.whole_days) {
      start = viewer_.ToUtc(start);
      end = viewer_.ToUtc(end);
    }
    if (start < to_ && (end > from_ || start >= from_)) all_.push_back({of.id, start, end, of.whole_days, day});
  }

  // `uids`: of the exceptions that are known here, which the server may not know yet.
  void AddSeries(const Appointment& series, const std::set<std::string>& uids) {
    const Zone& zone = ZoneOf(series.whole_days ? std::string() : series.zone);
    const std::int64_t local = zone.ToLocal(series.start), length = series.end - series.start;
    const std::int64_t time_of_day = local - DayIndex(local) * kDayMs;
    const SeriesDays days(*series.rule, DayIndex(local));
    days.ForEach(DayIndex(from_ - length - kZoneMs), DayIndex(to_ + kZoneMs) + 1, [&](std::int64_t index) {
      const std::int64_t day = index * kDayMs;
      const bool own = !uids.empty() && uids.contains(UidOfException(series.uid, day));
      const bool without = own || (!series.without.empty() && std::find(series.without.begin(), series.without.end(),
                                                                        DayText(day)) != series.without.end());
      const std::int64_t start = zone.ToUtc(day + time_of_day);
      if (!without) Add(series, start, start + length, day);
      return true;
    });
  }

  std::vector<CalendarEntry> Sorted() {
    std::sort(all_.begin(), all_.end(), [](const CalendarEntry& a, const CalendarEntry& b) {
      return a.start != b.start ? a.start < b.start : a.item != b.item ? a.item < b.item : a.day < b.day;
    });
    return std::move(all_);
  }

 private:
  // A zone that is not installed here counts as UTC.
  const Zone& ZoneOf(const std::string& name) {
    const auto known = zones_.find(name);
    return known != zones_.end() ? known->second
                                 : zones_.emplace(name, Zone::Find(name).value_or(Zone())).first->second;
  }

  std::int64_t from_, to_;
  const Zone& viewer_;
  std::map<std::string, Zone> zones_;
  std::vector<CalendarEntry> all_;
};

}  // namespace

Result<std::vector<CalendarEntry>> CalendarRange(const StateReader& state, const ItemId& folder, std::int64_t from,
                                                 std::int64_t to, const Zone& viewer) {
  OUTPOST_TRY(const Candidates found, Find(state, folder, from - kZoneMs, to + kZoneMs));
  Reader reader(state);
  std::vector<Appointment> appointments;
  std::set<std::string> exceptions;
  for (const ItemId& id : found.shown) {
    OUTPOST_TRY(auto read, reader.Read(id));
    if (!read) continue;
    if (!read->rule && SeriesUidOf(read->uid)) exceptions.insert(read->uid);
    appointments.push_back(*std::move(read));
  }
  for (const ItemId& id : found.replaced) {
    OUTPOST_TRY(auto read, reader.Read(id));
    if (read) exceptions.insert(read->uid);
  }
  Entries entries(from, to, viewer);
  for (const Appointment& appointment : appointments) {
    if (appointment.rule)
      entries.AddSeries(appointment, exceptions);
    else
      entries.Add(appointment, appointment.start, appointment.end, {});
  }
  return entries.Sorted();
}

}  // namespace outpost
