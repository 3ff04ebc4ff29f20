#!/bin/bash
# "I typed my new telephone number yesterday, Outlook took it, and today the old one is back."
source "$(dirname "$0")/../lib.sh"
server
add_pc desk
add_pc laptop
id=$(id_in "$(pc desk item new --folder Contacts --type contact first_name=Ada last_name=Lovelace telephone_home1=111 --json)")
sync_pc desk
sync_pc laptop
pc desk item set "$id" telephone_home1=222 > /dev/null
sync_pc desk
other=$(id_in "$(pc laptop item list --folder Contacts --where 'last_name = Lovelace' --json)")
sync_pc laptop
pc laptop item set "$other" telephone_home1=111 > /dev/null
sync_pc laptop
sync_pc desk

ask desk journal why "Ada Lovelace"
answer 'different: What was typed here in telephone_home1 \(event [0-9]+\) reached the server \(event [0-9]+\); somebody else changed it there afterwards \(event [0-9]+\)\. \[changed_elsewhere\]'
restore=$(sed -n 's/.*-> outpost \(item restore .*\) brings it back$/\1/p' <<< "$output")
no_answer 222
# shellcheck disable=SC2086
ask desk $restore --group telephone_home1
answer 222
