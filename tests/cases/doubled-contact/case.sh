#!/bin/bash
# "Ada Lovelace is in my contacts twice. Your program sends everything twice!"
source "$(dirname "$0")/../lib.sh"
server
add_pc desk
add_pc laptop
pc desk item new --folder Contacts --type contact first_name=Ada last_name=Lovelace > /dev/null
pc laptop item new --folder Contacts --type contact first_name=Ada last_name=Lovelace > /dev/null
sync_pc desk
sync_pc laptop
sync_pc desk

ask desk journal why "Ada Lovelace"
answer 'doubled: contact [0-9a-f]{32} looks the same: one was made here \(event [0-9]+\), the other came from the server \(event [0-9]+\), made elsewhere'
answer 'was sent 1 times and the server made one of it: it is not a repeated send\. \[twin_both\]'
