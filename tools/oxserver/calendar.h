#pragma once
#include <deque>
#include <string_view>
#include <vector>

#include "tools/oxserver/objects.h"
#include "tools/oxserver/recurrence.h"

// What the parts of the calendar module (http-api.md 6) share. Threads: one.
namespace outpost::oxserver {

inline constexpr std::int64_t kDayMs = 86'400'000;
// Types of participants.
inline constexpr std::int64_t kUserType = 1, kResourceType = 3, kExternalType = 5;

enum class ShownAs : std::int64_t { kReserved = 1, kTemporary = 2, kAbsent = 3, kFree = 4 };
enum class Confirmation : std::int64_t { kNone = 0, kAccepted = 1, kDeclined = 2, kTentative = 3 };

// Columns of an appointment; an empty literal is none.
std::string_view LiteralOf(const Object& appointment, int column);
std::optional<std::int64_t> NumberOf(const Object& appointment, int column);
void SetLiteral(Object& appointment, int column, std::string_view literal);
void SetNumber(Object& appointment, int column, std::int64_t number);
// change_exceptions, delete_exceptions: ascending days.
std::vector<std::int64_t> DaysOf(const Object& appointment, int column);
void SetDays(Object& appointment, int column, const std::vector<std::int64_t>& days);
bool Contains(const std::vector<std::int64_t>& days, std::int64_t day);

Span SpanOf(const Object& appointment);
bool IsSeries(const Object& appointment);     // with a pattern of its own
bool IsException(const Object& appointment);  // changed from what its series says
// Only of a series.
Series SeriesOf(const World& world, const Object& master);
// The change exceptions of a series that are objects of their own, by id.
std::vector<const Object*> ExceptionsOf(const World& world, const Object& master);
// An appointment as it looks in one of the folders it is shown in.
Object SeenIn(const Object& appointment, std::int64_t folder);
// One occurrence as an appointment: the series with its time and position in it.
Object OccurrenceOf(const Object& master, const Occurrence& occurrence);

// The ids of those who take part: users with groups resolved, and resources.
std::vector<std::int64_t> UsersIn(const Object& appointment);
std::vector<std::int64_t> ResourcesIn(const Object& appointment);

// A range of time as calls give it: midnights, which are read in the zone of the call but for whole days.
class Range {
 public:
  Range(const Zone& zone, std::int64_t start, std::int64_t end);
  // Whole days are compared as days.
  bool Touches(const Span& span, bool full_time) const;
  bool IsPast(const Span& span, bool full_time) const;  // begins after the range

 private:
  Span times_;
  Span days_;
};

// What a call shows of appointments: series as such, or their occurrences.
struct View {
  bool masters = false;        // parameter recurrence_master
  bool anonymised = false;     // parameter showPrivate
  bool once = false;           // of several folders an appointment is shown in, only one counts
  std::optional<Range> range;  // none: everything, of a series without `masters` the first occurrence
};
// Errors: SVL-0010 for bounds that are no numbers, SVL-0002 where `start` and `end` are needed and missing.
enum class Bounds : std::uint8_t { kNeeded, kOptional };
Api<View> ParseView(const Request& request, Bounds bounds);

// Rows that a call shows. What is no stored object is made here and lives as long.
class Shown {
 public:
  Shown(const World& world, const Request& request, const View& view) : world_(world), request_(request), view_(view) {}
  // What `view` shows of it to the one who asks; nothing where he may not read it.
  void Add(const Folder& folder, const Object& appointment);
  void AddOccurrence(const Object& master, const Occurrence& occurrence, std::int64_t folder);
  // By start, which is the order of calls that do not ask for another.
  void SortByStart();
  std::vector<const Object*>& rows() { return rows_; }

 private:
  void AddSeries(const Object& master, std::int64_t folder);

  const World& world_;
  const Request& request_;
  const View& view_;
  std::deque<Object> made_;
  std::vector<const Object*> rows_;
};

// The appointments that `draft` clashes with, as a JSON array; empty: none. `self`: the series or appointment that it
// is or belongs to. Soft ones only where `soft` is true: a booked resource is never ignored (6.5).
std::string ConflictsOf(const World& world, const Request& request, const Object& draft, std::int64_t self, bool soft);

Api<Answer> AllAppointments(const World& world, const Request& request);
Api<Answer> ListAppointments(const World& world, const Request& request);
Api<Answer> GetAppointment(const World& world, const Request& request);
Api<Answer> AppointmentUpdates(const World& world, const Request& request);
Api<Answer> HasAppointments(const World& world, const Request& request);
Api<Answer> NewestAppointments(const World& world, const Request& request);
Api<Answer> SearchAppointments(const World& world, const Request& request);
Api<Answer> FreeBusy(const World& world, const Request& request);
Api<Answer> ResolveUid(const World& world, const Request& request);
Api<Answer> ChangeExceptions(const World& world, const Request& request);

Api<Answer> NewAppointment(World& world, const Request& request);
Api<Answer> CopyAppointment(World& world, const Request& request);
Api<Answer> UpdateAppointment(World& world, const Request& request);
Api<Answer> DeleteAppointments(World& world, const Request& request);
Api<Answer> ConfirmAppointment(World& world, const Request& request);

}  // namespace outpost::oxserver
