#!/bin/bash
# "Our Monday meeting is at nine. Since the clocks went forward Outlook shows it at ten."
source "$(dirname "$0")/../lib.sh"
server
add_pc desk
pc desk item new --folder Calendar title=Monday start_date=2026-03-16T08:00Z end_date=2026-03-16T09:00Z timezone=UTC recurrence_type=2 days=2 occurrences=6 > /dev/null
sync_pc desk

ask desk item list --folder Calendar --from 2026-03-16 --to 2026-04-07 --zone Europe/Berlin
answer '2026-03-23 09:00'
answer '2026-03-30 10:00'
ask desk journal export --ics --content --item Monday
answer 'DTSTART:20260316T080000Z'
no_answer 'TZID'
ask desk journal explain Monday --content
answer 'timezone "UTC"'
