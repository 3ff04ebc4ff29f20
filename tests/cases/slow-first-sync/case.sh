#!/bin/bash
# "I got a new laptop this morning. My contacts are still not all there, and nothing seems to happen."
source "$(dirname "$0")/../lib.sh"
server --generate contacts=3000,folders=6
pc laptop account add --server "$url" --user anna > /dev/null
# Whoever set up the laptops gave them a tenth of a tenth of what is usual.
pc laptop settings set requests_per_5_minutes 10 > /dev/null
"$outpost" sync --data "$work/laptop" > /dev/null 2>&1 &
sync_pid=$!
until pc laptop status --json | grep -q '"contact":[1-9]'; do kill -0 "$sync_pid" || fail "the sync ended"; sleep 0.1; done
kill -9 "$sync_pid"
wait "$sync_pid" 2> /dev/null || true

ask laptop journal why Contacts
answer 'pending: It has not been read in full yet: [0-9]+ of its items are here'
answer 'pending: The account may send 10 requests in 5 minutes \(setting requests_per_5_minutes, event [0-9]+\); 1500 are usual\. That sets its pace\. \[budget\]'
answer '-> outpost settings set requests_per_5_minutes 1500'
answer 'Settings were made: requests_per_5_minutes'
setting=$(sed -n 's/.*-> outpost \(settings set requests_per_5_minutes .*\)$/\1/p' <<< "$output")
# shellcheck disable=SC2086
ask laptop $setting
answer 1500
ask laptop sync
answer 'link +online'
pc laptop status --json | grep -q '"contact":300[0-9]' || fail "not all are here"
pc laptop journal why Contacts | grep -q '\[well\]' || fail "the folder is not read in full"
