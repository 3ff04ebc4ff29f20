#!/bin/bash
# "The computer lost power. Since then Outlook shows the account, but takes no changes."
source "$(dirname "$0")/../lib.sh"
server
add_pc desk
for number in 1 2 3; do pc desk item new --folder Contacts --type contact "first_name=n$number" > /dev/null; done
# A disk that had said that all was written, and had not: the end of the newest log is gone.
log=$(ls -t "$work"/desk/*/journal/db/*.log | head -n 1)
size=$(stat -c %s "$log")
truncate -s $((size * 2 / 3)) "$log"

ask desk journal verify
[ "$status" -eq 1 ] || fail "verify found nothing"
answer 'witness|TAIL|ends'
ask desk journal salvage anna@saved
[ "$status" -eq 0 ] || fail "nothing was saved"
answer 'anna@saved'
ask desk journal verify --rebuild --account anna@saved
[ "$status" -eq 0 ] || fail "what was saved is not sound"
answer 'rebuild_equal +(true|yes)'
