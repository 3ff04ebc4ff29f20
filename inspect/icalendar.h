#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "schemas/item_state.h"

namespace outpost {

// Another time for an appointment to which somebody else invites.
struct Proposal {
  Millis start{0}, end{0};  // of whole days midnight UTC
  std::string from;         // own address
  std::string message;
  Millis now{0};
};

// Writes appointments and tasks as one iCalendar file (RFC 5545), piece by piece: each of Begin, Add and End gives text
// to be written at once. A time zone is defined in front of the first event that is in it. Threads: one. Memory: the
// names of the zones.
class CalendarWriter {
 public:
  // What an exception needs of its series: the item with that uid; nullopt where it is not there.
  using SeriesFn = std::function<Result<std::optional<ItemState>>(const std::string& uid)>;
  // The mail address of "user:4"; empty where nobody is known by it.
  using MailFn = std::function<std::string(const std::string& who)>;
  CalendarWriter(SeriesFn series, MailFn mail);
  ~CalendarWriter();

  std::string Begin() const;
  // Empty for an item that is neither, or an appointment without a start. Errors: those of `series`.
  Result<std::string> Add(const ItemState& item);
  std::string End() const;
  // A whole file that proposes another time for an appointment, which may be a day of a series (RFC 5546, 3.2.7).
  // Errors: as Add.
  Result<std::string> Counter(const ItemState& item, const Proposal& proposal);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace outpost
