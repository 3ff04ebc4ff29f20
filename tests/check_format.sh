#!/usr/bin/env bash
# check_format.sh CLANG_FORMAT SOURCE_DIR: names each file of ours that is not formatted, and fails if there is one.
set -euo pipefail
cd "$2"
find base bench care engine inspect journal mapi-adapter projection replicator schemas tests tools \( -name '*.h' -o -name '*.cpp' \) -print0 |
  xargs -0 -P2 -n40 "$1" --dry-run -Werror
