#!/bin/bash
# "My change in Bert's contacts has a red mark, and nobody tells me why."
source "$(dirname "$0")/../lib.sh"
server
add_pc bert bert
add_pc anna anna
who=$(pc bert people --search anna --json | sed -n 's/.*"who":"\([^"]*\)".*/\1/p' | head -n 1)
shared=$(id_in "$(pc bert folder new Team --parent Contacts --json)")
sync_pc bert
pc bert folder rights "$shared" --grant "$who=editor" > /dev/null
pc bert item new --folder Contacts/Team --type contact first_name=Ada last_name=Lovelace > /dev/null
sync_pc bert
sync_pc anna
id=$(pc anna item list --type contact --json | grep -o '{"id":"[0-9a-f]*"[^}]*"first_name":"Ada"' | cut -d '"' -f 4)
pc bert folder rights "$shared" --grant "$who=reviewer" > /dev/null
sync_pc bert
pc anna item set "$id" "company=Mine" > /dev/null
sync_pc anna

ask anna journal why "$id"
answer 'parked: The edit of company \(event [0-9]+\) is parked: the account lacks the right \(no_right [A-Z]+-[0-9]+\)\. \[parked\]'
ask anna folder rights "$(pc anna folder list --json | grep -o '{"id":"[0-9a-f]*","path":"[^"]*Team"' | cut -d '"' -f 4)"
answer 'reviewer'
