#!/bin/bash
# "What I put into the folder Projects never reaches my colleagues."
source "$(dirname "$0")/../lib.sh"
server
add_pc desk
long=$(printf 'Projects%.0s' $(seq 1 100))
folder=$(id_in "$(pc desk folder new "$long" --parent Contacts --json)")
id=$(id_in "$(pc desk item new --folder "$folder" --type contact first_name=Ada last_name=Lovelace --json)")
pc desk sync > /dev/null

ask desk journal why "$id"
answer 'parked: The edit of its existence, name, folder, uid \(event [0-9]+\) is parked: the server does not have its folder\. \[parked\]'
answer "-> outpost journal why $folder"
ask desk journal why "$folder"
answer 'parked: The edit of .* \(event [0-9]+\) is parked: '
answer 'title has 800, at most [0-9]+ are taken'
answer '-> rename it with outpost folder rename'
