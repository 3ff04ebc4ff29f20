# What the cases share. A case makes its journal with `pc` and `server`, then asks at most three commands with `ask`, and
# says with `answer` what their output must hold.
set -euo pipefail
outpost=$1
work=$(mktemp -d)
export OUTPOST_PASSWORD=secret LC_ALL=C.UTF-8
unset DBUS_SESSION_BUS_ADDRESS OUTPOST_PASSPHRASE
server_pid=
asked=0
output=
status=0

end() {
  if [ -n "$server_pid" ]; then kill "$server_pid" 2> /dev/null || true; wait "$server_pid" 2> /dev/null || true; fi
  rm -rf "$work"
}
trap end EXIT

fail() { echo "FAILED: $*"; exit 1; }

# The embedded server; its address is in $url.
server() {
  mkfifo "$work/said"
  "$outpost" server --listen 127.0.0.1:0 "$@" > "$work/said" 2> "$work/server.err" &
  server_pid=$!
  exec 9< "$work/said"
  read -r url <&9 || fail "the server does not start: $(cat "$work/server.err")"
  url=${url#listening on }
}

# pc NAME WORDS…: a command on the computer NAME.
pc() {
  local name=$1
  shift
  "$outpost" "$@" --data "$work/$name"
}
# add_pc NAME [USER]: a computer with an account that has been read once.
add_pc() {
  pc "$1" account add --server "$url" --user "${2:-anna}" > /dev/null
  pc "$1" sync > /dev/null
}
sync_pc() { pc "$1" sync > /dev/null; }
# The first id in an answer of JSON.
id_in() { sed -n 's/^[^"]*"id":"\([0-9a-f]\{32\}\)".*/\1/p' <<< "$1" | head -n 1; }
# field NAME in an answer of JSON: its text or number.
number_in() { sed -n "s/.*\"$2\":\"\{0,1\}\([^,\"}]*\).*/\1/p" <<< "$1" | head -n 1; }

# ask NAME WORDS…: one of the commands that a supporter gives; what it said is in $output, its exit code in $status.
ask() {
  asked=$((asked + 1))
  [ "$asked" -le 3 ] || fail "more than three commands"
  local name=$1
  shift
  echo "\$ outpost $*"
  status=0
  output=$(pc "$name" "$@" 2>&1) || status=$?
  echo "$output"
}
# answer PATTERN: the last command's output holds it.
answer() { grep -qE -- "$1" <<< "$output" || fail "no \"$1\" in the answer"; }
no_answer() { ! grep -qE -- "$1" <<< "$output" || fail "\"$1\" is in the answer"; }
