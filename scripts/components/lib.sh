# What the scripts of this folder share: where they work, what they need, and processes that end with the script.
# Sourced; from then on the root of the project is the working folder.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

component=$(basename "$0")
# What is kept from run to run: tools, base images, caches.
components=${HP_COMPONENTS:-$PWD/target/components}
# What goes when the script ends.
work=$(mktemp -d)
started=()
mkdir -p "$components"
# The servers are on this machine, where no proxy leads.
export NO_PROXY=127.0.0.1,localhost

say() { echo "$component: $*"; }

fail() {
  echo "$component: $*" >&2
  exit 1
}

# Ends with the status that means: not run, because something is missing. Continuous integration may skip nothing.
skip() {
  if [ "${CI:-}" = true ]; then fail "cannot be skipped: $*"; fi
  echo "$component: skipped: $*" >&2
  exit 77
}

# need COMMAND [PACKAGE]: installs a Debian package when its command is missing and the script may.
need() {
  local command=$1 package=${2:-$1}
  if command -v "$command" >/dev/null; then return; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    skip "\`$command\` is missing; install the package $package"
  fi
  apt-get install --yes --no-install-recommends "$package" >&2 \
    || { apt-get update >&2 && apt-get install --yes --no-install-recommends "$package" >&2; } \
    || skip "\`$command\` is missing, and apt-get cannot install $package"
}

# python_tools NAME PACKAGE…: a virtual environment of its own with these packages; `$tools` is its folder of commands.
python_tools() {
  local home=$components/python-$1 wanted="${*:2}"
  need python3
  tools=$home/bin
  if [ "$(cat "$home/installed" 2>/dev/null)" != "$wanted" ]; then
    say "installing $wanted"
    rm -rf "$home"
    python3 -m venv "$home" || skip "python3 cannot make a virtual environment"
    "$tools/pip" install --quiet --disable-pip-version-check "${@:2}" || skip "pip cannot install $wanted"
    echo "$wanted" >"$home/installed"
  fi
}

# npm_tools NAME PACKAGE@VERSION…: a folder of its own with these packages; `$npm` is where they are.
npm_tools() {
  local home=$components/node-$1 wanted="${*:2}"
  need npm
  npm=$home/node_modules
  if [ "$(cat "$home/installed" 2>/dev/null)" != "$wanted" ]; then
    say "installing $wanted"
    rm -rf "$home"
    mkdir -p "$home"
    npm install --prefix "$home" --silent --no-audit --no-fund --ignore-scripts "${@:2}" >&2 || skip "npm cannot install $wanted"
    echo "$wanted" >"$home/installed"
  fi
}

# Prints a port on which nothing listens.
free_port() {
  python3 -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}

# start LOG COMMAND…: runs in the background, with its output in a file, until the script ends.
start() {
  "${@:2}" >"$1" 2>&1 &
  started+=($!)
}

# await SECONDS WHAT COMMAND…: tries the command until it succeeds.
await() {
  local deadline=$((SECONDS + $1))
  until "${@:3}" >/dev/null 2>&1; do
    if [ $SECONDS -ge $deadline ]; then fail "$2 did not come within $1 s"; fi
    sleep 0.1
  done
}

# wait_for_port PORT LOG: waits until the process started last listens on the port, at most a minute.
wait_for_port() {
  local port=$1 log=$2 process=${started[-1]}
  for _ in {1..600}; do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then return; fi
    kill -0 "$process" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$log" >&2
  fail "nothing listens on port $port; above is the end of $log"
}

# Runs the tests of the prediction log in DynamoDB against the server on a port of this machine.
test_dynamodb() {
  HP_TEST_DYNAMODB_ENDPOINT=http://127.0.0.1:$1 \
    cargo test --locked --workspace --all-features --test dynamodb
}

# What the image and the function run: static and without the pipeline. `$binary` is its path; HP_SERVING_BINARY names
# one that is already built, such as that of the image.
serving_binary() {
  local target
  binary=${HP_SERVING_BINARY:-}
  if [ -n "$binary" ]; then return; fi
  target=$(rustc -vV | sed -n 's/^host: //p')
  say "building the static binary"
  RUSTFLAGS="-C target-feature=+crt-static" cargo build --locked --release --quiet --package hp-cli \
    --no-default-features --features dynamodb,lambda --target "$target"
  binary=${CARGO_TARGET_DIR:-target}/$target/release/hp
}

# A trained version in artifacts/, made if there is none.
trained_version() {
  [ -d artifacts/v1.0.0 ] || cargo run --locked --release --quiet -- run --offline >/dev/null
}

finish() {
  local status=$? process
  # A component undoes more than processes by a function of this name.
  if declare -F clean_up >/dev/null; then clean_up || true; fi
  for process in ${started[0]+"${started[@]}"}; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  rm -rf "$work"
  exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM
