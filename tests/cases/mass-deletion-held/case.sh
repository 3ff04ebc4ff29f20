#!/bin/bash
# "Status says that 60 deletions wait. I deleted nothing. What is this, and what would go?"
source "$(dirname "$0")/../lib.sh"
for number in $(seq 1 100); do echo "BEGIN:VCARD"; echo "VERSION:3.0"; echo "FN:n$number"; echo "N:n$number;;;;"; echo "END:VCARD"; done > "$work/all.vcf"
server --option tombstone_retention=1 --import "$work/all.vcf"
add_pc desk
add_pc laptop
# shellcheck disable=SC2046
pc laptop item delete $(pc laptop item list --folder Contacts --where "last_name ^= n" --limit 60 --json | grep -o '"id":"[0-9a-f]*"' | cut -d '"' -f 4) > /dev/null
sync_pc laptop
pc desk sync > /dev/null

ask desk consent list
answer 'Contacts'
answer '60'
ask desk journal why n10
answer 'held: It is one of 60 items of its folder that are missing on the server: so many at once are not deleted here without a person.s consent \(event [0-9]+\)\. \[held\]'
answer '-> outpost consent give [0-9a-f]{32} deletes them here, outpost consent refuse [0-9a-f]{32} keeps them'
