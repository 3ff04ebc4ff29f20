#!/bin/bash
# "The laptop lay in a drawer for three months. I had changed Ada's company on it, and now she is gone from it, with my change."
source "$(dirname "$0")/../lib.sh"
server --option tombstone_retention=1
add_pc desk
add_pc laptop
pc desk item new --folder Contacts --type contact first_name=Ada last_name=Lovelace > /dev/null
pc desk item new --folder Contacts --type contact first_name=Bert > /dev/null
sync_pc desk
sync_pc laptop
id=$(id_in "$(pc laptop item list --folder Contacts --where 'last_name = Lovelace' --json)")
pc laptop item set "$id" "company=Analytical Engines" > /dev/null
pc desk item delete "$(id_in "$(pc desk item list --folder Contacts --where 'last_name = Lovelace' --json)")" > /dev/null
sync_pc desk
sync_pc laptop

ask laptop journal why "Ada Lovelace"
answer 'conflict: .*server_won'
answer 'missing: It is not on the server any more: somebody deleted it elsewhere'
undo=$(sed -n 's/.*-> outpost \(journal undo [0-9]*\) takes what was typed here.*/\1/p' <<< "$output")
# shellcheck disable=SC2086
ask laptop $undo
answer 'restored'
sync_pc laptop
ask laptop item get "$id"
answer 'synced'
answer 'Analytical Engines'
