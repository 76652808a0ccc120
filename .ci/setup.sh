# Sourced by ./run and ./test: installs what is missing and says so. Says nothing and costs under a second when nothing is.
# Functions only; the caller decides what it needs.

say() { printf '\033[1m==\033[0m %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Rust comes from rustup, whose one line is printed, not run: it changes the user's shell set-up.
need_rust() {
  if ! command -v cargo >/dev/null 2>&1 && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH="$HOME/.cargo/bin:$PATH"; fi
  command -v cargo >/dev/null 2>&1 || die "Rust is not installed. Install it with this line, then run this again:
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y"
  local have want
  have=$(rustc --version | awk '{print $2}'); want=$(awk -F'"' '/^rust-version/{print $2; exit}' "$root/Cargo.toml")
  [ "$(printf '%s\n%s.0\n' "$have" "$want" | sort -V | head -1)" != "$have" ] || [ "$have" = "$want.0" ] ||
    die "Rust $have is installed, $want or newer is needed: run 'rustup update stable'."
}

# need_component NAME…  e.g. clippy rustfmt
need_component() {
  local c have
  for c in "$@"; do
    case $c in clippy) have="cargo-clippy" ;; *) have=$c ;; esac
    "$have" --version >/dev/null 2>&1 || { say "adding the Rust component $c"; rustup component add "$c" >&2; }
  done
}

need_wasm_target() {
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] || {
    command -v rustup >/dev/null 2>&1 || die "the wasm32-unknown-unknown target is missing and rustup is not there to add it."
    say "adding the Rust target wasm32-unknown-unknown"
    rustup target add wasm32-unknown-unknown >&2
  }
}

# As an administrator, or not at all.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; return; fi
  command -v sudo >/dev/null 2>&1 || die "have an administrator run this: $*"
  sudo "$@"
}

# update_lists: what Debian has now.
update_lists() { as_root apt-get update -qq >&2; }

# need_packages NAME…: Debian packages, installed when missing.
need_packages() {
  local missing=() p
  if ! command -v dpkg-query >/dev/null 2>&1; then
    [ -n "${ROADWORTHY_PACKAGES_OK:-}" ] && return
    die "this system is not Debian, so packages are not installed for you. Install what your system calls
  $*
(a C compiler, pkg-config, WebKitGTK 4.1 with headers; for ./test also Xvfb, WebKitWebDriver, Chromium with chromedriver, D-Bus and
GNOME keyring, poppler's tools, strace), then run this again with ROADWORTHY_PACKAGES_OK=1."
  fi
  for p in "$@"; do
    case "$(dpkg-query -W -f='${db:Status-Status}' "$p" 2>/dev/null)" in installed) ;; *) missing+=("$p") ;; esac
  done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 ||
    die "these packages are missing; have an administrator install them: apt-get install ${missing[*]}"
  say "installing packages: ${missing[*]}"
  update_lists
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log_dir/apt.log" 2>&1 ||
    { tail -20 "$log_dir/apt.log" >&2; die "apt-get could not install them; the log is $log_dir/apt.log"; }
}

# need_tool CRATE VERSION BINARY: a tool from crates.io, kept under target/tools.
need_tool() {
  local stamp="$target/tools/$1-$2"
  [ -e "$stamp" ] && [ -x "$target/tools/bin/$3" ] && return
  say "building the tool $1 $2"
  CARGO_TARGET_DIR="$target/tools/build" cargo install "$1" --version "$2" --locked --root "$target/tools" --quiet >&2 ||
    die "cargo could not install $1 $2."
  rm -rf "$target/tools/build"
  touch "$stamp"
}

# need_npm_file PACKAGE VERSION PATH SHA512: one file of an npm package whose tarball has this sum, kept under target/tools as
# PACKAGE-VERSION.js. For tests only; neither npm nor Node is needed.
need_npm_file() {
  local kept="$target/tools/$1-$2.js" folder
  [ -e "$kept" ] && return
  say "fetching $1 $2 from registry.npmjs.org"
  folder=$(mktemp -d)
  curl --proto '=https' --tlsv1.2 -sSf --max-time 120 -o "$folder/package.tgz" "https://registry.npmjs.org/$1/-/$1-$2.tgz" || die "$1 $2 could not be fetched."
  printf '%s  %s\n' "$4" "$folder/package.tgz" | sha512sum --check --quiet >&2 || die "$1 $2 is not what it was: its sum is another."
  mkdir -p "$target/tools"
  tar -xzOf "$folder/package.tgz" "package/$3" >"$folder/file" && mv "$folder/file" "$kept" || die "$1 $2 holds no $3."
  rm -rf "$folder"
}

# A bare root file system may lack /etc/hosts; drivers of browsers look their own machine up by name.
need_localhost() {
  getent hosts localhost >/dev/null && return
  [ "$(id -u)" = 0 ] || die "the name localhost does not resolve; add the line '127.0.0.1 localhost' to /etc/hosts."
  say "adding localhost to /etc/hosts"
  printf '127.0.0.1 localhost\n::1 localhost\n' >>/etc/hosts
}

packages_cli=(gcc libc6-dev)
packages_window=(pkg-config libwebkit2gtk-4.1-dev)
packages_test=(strace xvfb xauth scrot webkit2gtk-driver chromium chromium-driver dbus dbus-x11 gnome-keyring poppler-utils libdbus-1-dev fonts-dejavu-core git curl ca-certificates)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
log_dir=$target/log
mkdir -p "$log_dir"
