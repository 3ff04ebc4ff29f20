#pragma once
#include <string>

#include "inspect/icalendar.h"

namespace outpost {

// The mail that proposes another time to whoever invited to `item`, for AccountCommands::WriteMail: the server has no
// call for it, so that it goes as any mail does, offline too and once. `item` is an appointment or a day of a series,
// never a series as a whole. It changes nothing of the appointment, nor of one's own answer. Errors: kInvalid (another
// type, a series, no organizer or oneself, no time), those of `writer`. Pure. Source: RFC 5546, 3.2.7; RFC 6047, 2.
Result<std::string> ProposalMail(const ItemState& item, const Proposal& proposal, CalendarWriter& writer);

}  // namespace outpost
