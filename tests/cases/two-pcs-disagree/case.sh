#!/bin/bash
# "At my desk the company is New Ltd, on the laptop it is Old Ltd. Both say they are in step."
source "$(dirname "$0")/../lib.sh"
server
add_pc desk
add_pc laptop
pc desk item new --folder Contacts --type contact first_name=Ada last_name=Lovelace "company=Old Ltd" > /dev/null
sync_pc desk
sync_pc laptop
id=$(id_in "$(pc desk item list --folder Contacts --where 'last_name = Lovelace' --json)")
pc desk item set "$id" "company=New Ltd" > /dev/null
pc desk account pause > /dev/null

ask laptop journal why "Ada Lovelace"
answer '\[well\]'
ask desk journal why "Ada Lovelace"
answer 'pending: The edit of company \(event [0-9]+\) is yet to be sent\. \[unsent\]'
answer 'pending: The account is paused\. \[paused\]'
answer '-> outpost account resume'
