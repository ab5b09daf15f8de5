#!/usr/bin/env bash
# Installs what building and testing need: missing Debian packages, rustfmt and clippy, and, inside the build folder,
# the npm and pip packages of the tests. What is there already is not installed again, so a second run takes only a
# moment.
#
#   tests/tools.sh compiler   only what `make run` needs
#   tests/tools.sh faults     only what makes the file systems of `make faults`; what is missing is skipped there
#   tests/tools.sh            everything `make test` needs
#   tests/tools.sh store      an S3 server that takes minutes to build, for `make faults`
#
# It never asks, never reads standard input, and changes nothing except through the package manager and in target/tools.
set -euo pipefail
cd "$(dirname "$0")/.."
exec </dev/null

tools=${CARGO_TARGET_DIR:-target}/tools

say() { printf 'tools: %s\n' "$*"; }
fail() { printf 'tools: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# For each Debian package: does the thing that we need it for work? The check must fail while the package is missing or
# only half installed.
build_essential_works() { has cc && has make; }
chromium_works() { has chromium && chromium --version >/dev/null 2>&1; }
nodejs_works() { has node && node --version >/dev/null 2>&1; }
npm_works() { has npm && npm --version >/dev/null 2>&1; }
postgresql_works() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && id postgres >/dev/null 2>&1 && has setpriv; }
pgbouncer_works() { [ -x /usr/sbin/pgbouncer ]; }
openssl_works() { has openssl && openssl version >/dev/null 2>&1; }
strace_works() { has strace && strace -V >/dev/null 2>&1; }
xfsprogs_works() { has mkfs.xfs; }
btrfs_progs_works() { has mkfs.btrfs; }
dosfstools_works() { has mkfs.vfat; }
python3_venv_works() { has python3 && python3 -c 'import venv, ensurepip' >/dev/null 2>&1; }

works() { "${1//-/_}_works"; }

missing() {
  local package
  for package in "$@"; do
    works "$package" || printf '%s\n' "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif has sudo; then
    sudo -n "$@"
  else
    fail "root or sudo is needed for: $*"
  fi
}

apt() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"
}

install_packages() {
  local wanted
  mapfile -t wanted < <(missing "$@")
  [ "${#wanted[@]}" -gt 0 ] || return 0
  has apt-get || fail "please install what Debian calls: ${wanted[*]}"
  say "installing ${wanted[*]}"
  apt update
  # The first installation of chromium can end with a dpkg error although a second attempt succeeds.
  if ! apt install -y --no-install-recommends "${wanted[@]}"; then
    say "once more"
    as_root dpkg --configure -a || true
    apt install -y --no-install-recommends --fix-broken "${wanted[@]}"
  fi
  mapfile -t wanted < <(missing "$@")
  [ "${#wanted[@]}" -eq 0 ] || fail "installed, but it does not work: ${wanted[*]}"
}

install_components() {
  local component
  for component in fmt clippy; do
    cargo "$component" --version >/dev/null 2>&1 && continue
    has rustup || fail "cargo $component is missing"
    rustup component add "${component/fmt/rustfmt}"
  done
}

# up_to_date STAMP FILE...: whether STAMP equals the FILEs, which means that they have not changed since the last
# successful installation.
up_to_date() {
  local stamp=$1
  shift
  [ -f "$stamp" ] && cat "$@" | cmp -s - "$stamp"
}

install_npm() {
  local folder=$tools/browser
  up_to_date "$folder/stamp" tests/sessions/browser/package.json tests/sessions/browser/package-lock.json && return
  say "installing the browser driver"
  mkdir -p "$folder"
  cp tests/sessions/browser/package.json tests/sessions/browser/package-lock.json "$folder"
  (cd "$folder" && npm ci --ignore-scripts --no-audit --no-fund)
  cat tests/sessions/browser/package.json tests/sessions/browser/package-lock.json >"$folder/stamp"
}

# install_pip FOLDER REQUIREMENTS WHAT: makes a separate virtual environment, so that suites can need different
# versions.
install_pip() {
  local folder=$tools/$1 requirements=$2
  up_to_date "$folder/stamp" "$requirements" && return
  say "installing $3"
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --disable-pip-version-check --no-input -q -r "$requirements"
  cp "$requirements" "$folder/stamp"
}

# A store that shares no code with the other two of the tests, and none with the server.
install_store() {
  local version=0.14.1
  [ "$("$tools/s3s-fs/bin/s3s-fs" --version 2>/dev/null)" = "s3s-fs $version" ] && return
  say "building s3s-fs"
  cargo install -q s3s-fs --version "$version" --features binary --locked --root "$tools/s3s-fs"
}

has cargo || fail "a Rust toolchain is missing, see https://rustup.rs"
case ${1:-all} in
  compiler)
    install_packages build-essential
    ;;
  faults)
    install_packages xfsprogs btrfs-progs dosfstools
    ;;
  all)
    install_packages build-essential chromium nodejs npm openssl pgbouncer postgresql python3-venv strace
    install_components
    install_npm
    install_pip python tests/sessions/conformance/requirements.txt 'the conformance suite'
    install_pip moto tests/destinations/s3/requirements.txt 'the S3 server of the tests'
    ;;
  store)
    install_store
    ;;
  *)
    fail "what is '$1'?"
    ;;
esac
