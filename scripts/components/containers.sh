# What the scripts that build and run images share: settings that need neither systemd nor cgroup v2, images of their own
# in $components, and base images made on this machine, so that no image registry is needed. Sourced after lib.sh.
# shellcheck shell=bash

[ "$(id -u)" = 0 ] || skip "needs root"
for command in buildah podman runc debootstrap; do need $command; done
# Networks and names between containers; they have no command of their own.
for plugin in netavark aardvark-dns; do
  need /usr/lib/podman/$plugin $plugin
done

image=docker.io/library/prediction-engine:latest
export CONTAINERS_CONF=$components/containers.conf CONTAINERS_STORAGE_CONF=$components/storage.conf
# The cache mounts of Dockerfiles lie here.
export TMPDIR=$components/tmp
mkdir -p "$TMPDIR"
cat >"$CONTAINERS_CONF" <<TOML
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[network]
network_backend = "netavark"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
TOML
cat >"$CONTAINERS_STORAGE_CONF" <<TOML
[storage]
driver = "vfs"
graphroot = "$components/images"
runroot = "$components/run"
TOML

# Without systemd, podman complains on every call that it cannot start a timer for health checks.
podman() { command podman --log-level=fatal "$@"; }

has_image() { [ -n "$(buildah images --quiet "$1" 2>/dev/null)" ]; }

# base_image NAME PACKAGES FILL [OPTION…]: Debian with packages (between commas); the function FILL puts more into the
# folder that it is given; the options are those of `buildah config`.
base_image() {
  local name=$1 container root
  say "making $name"
  container=$(buildah from scratch)
  root=$(buildah mount "$container")
  debootstrap --variant=minbase --include="$2" bookworm "$root" >"$work/debootstrap" 2>&1 \
    || { tail -3 "$work/debootstrap" >&2; skip "debootstrap failed"; }
  # Whatever this machine trusts, the image trusts too.
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  "$3" "$root"
  rm -rf "$root/var/cache/apt" "$root/var/lib/apt/lists"
  buildah umount "$container" >/dev/null
  buildah config "${@:4}" "$container"
  buildah commit --quiet --rm "$container" "$name" >/dev/null
}

add_rust() {
  mkdir -p "$1/usr/local/cargo"
  tar -C "$(rustc --print sysroot)" -c --exclude=lib/rustlib/src bin lib | tar -C "$1/usr/local/cargo" -x
}

# build_image IMAGE [OPTION…]: builds deploy/docker/Dockerfile, on this machine's Rust under the name of the official
# image.
build_image() {
  local rust began=$SECONDS
  rust=$(sed -n 's/^ARG RUST_IMAGE=//p' deploy/docker/Dockerfile)
  [[ $rust == *":$(rustc --version | cut -d' ' -f2)-slim-bookworm" ]] || skip "$rust is wanted, $(rustc --version) is here"
  has_image "$rust" || base_image "$rust" ca-certificates,gcc,libc6-dev add_rust --env CARGO_HOME=/usr/local/cargo \
    --env PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  trained_version
  say "building deploy/docker/Dockerfile as $1"
  buildah bud --isolation chroot --pull-never --format docker --tag "$1" "${@:2}" \
    --file deploy/docker/Dockerfile --ignorefile deploy/docker/Dockerfile.dockerignore . >"$work/build" 2>&1 \
    || { tail -30 "$work/build" >&2; fail "the build failed"; }
  say "built in $((SECONDS - began)) s"
}
