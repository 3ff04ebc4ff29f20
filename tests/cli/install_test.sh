#!/bin/bash
# usage: install_test.sh BUILD-FOLDER CMAKE LIBRARY-FOLDER
# Installs what was built into an empty prefix: every file is in its place, the programs run from there, the manual has no
# warnings, and the completions complete.
set -euo pipefail
build=$1 cmake=$2 libraries=$3
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
fail() { echo "FAILED: $*"; exit 1; }

"$cmake" --install "$build" --prefix "$prefix" > "$prefix/log" || fail "cmake --install: $(tail -n 5 "$prefix/log")"
bash_file=$prefix/share/bash-completion/completions/outpost
zsh_file=$prefix/share/zsh/site-functions/_outpost
manual=$prefix/share/man/man1
for file in "$prefix/bin/outpost" "$prefix/bin/outpost-bench" "$prefix/$libraries/liboutpostmsp.so" "$bash_file" "$zsh_file" \
  "$manual/outpost.1" "$manual/outpost-journal-why.1" "$prefix/share/doc/outpost/README.md"; do
  [ -s "$file" ] || fail "no $file"
done
[ ! -e "$prefix/include" ] || fail "headers were installed, which nobody promised"

# A page for the program, and for each group and verb that it knows.
"$prefix/bin/outpost" man "$prefix/again" > /dev/null
diff -r "$prefix/again" "$manual" || fail "the installed manual is not that of the program"

if command -v man > /dev/null && command -v groff > /dev/null; then
  for page in "$manual"/*; do
    warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null) || true
    [ -z "$warnings" ] || fail "$(basename "$page"): $warnings"
  done
  LC_ALL=C.UTF-8 MANPATH="$prefix/share/man" man outpost-journal-why 2> /dev/null | grep -q 'outpost journal why' ||
    fail "man does not show outpost-journal-why"
else
  echo "without man-db the manual is not read"
fi

# complete WORD...: what bash offers for the last of them.
complete_words() {
  bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _outpost; echo "${COMPREPLY[*]-}"' - "$bash_file" "$@"
}
[ "$(complete_words outpost journal why)" = why ] || fail "bash does not complete a verb: $(complete_words outpost journal why)"
[ "$(complete_words outpost jour)" = journal ] || fail "bash does not complete a group"
[ "$(complete_words outpost journal log --fol)" = "--folder --follow" ] || fail "bash does not complete flags"
[ "$(complete_words outpost folder search ch)" = change ] || fail "bash does not complete a verb of two words"
head -n 1 "$zsh_file" | grep -qx '#compdef outpost' || fail "the zsh completion does not say what it completes"
if command -v zsh > /dev/null; then zsh -n "$zsh_file" || fail "zsh cannot read its completion"; fi
