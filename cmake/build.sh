# For ./test and ./demo, which source it from the root of the checkout: what is missing is installed, a preset is built.

# The packages of cmake/packages.txt that belong to one of the groups given and are not installed.
missing_packages() {
  local group package wanted
  while read -r group package; do
    for wanted in "$@"; do
      [[ $group == "$wanted" ]] || continue
      [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true) == installed ]] || echo "$package"
    done
  done < <(grep -v '^#' cmake/packages.txt)
}

as_root() {
  if [[ $(id -u) -eq 0 ]]; then "$@"; else sudo "$@"; fi
}

# install_packages GROUP...: through apt only, and only what is missing.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  echo "installing: ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}

# build_preset PRESET TARGET [CMAKE ARGUMENT...]: into build/PRESET. ccache is used where it is installed.
build_preset() {
  local preset=$1 target=$2
  shift 2
  local launcher=()
  if command -v ccache >/dev/null; then launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache); fi
  cmake --preset "$preset" "${launcher[@]}" "$@"
  cmake --build --preset "$preset" --target "$target"
}
