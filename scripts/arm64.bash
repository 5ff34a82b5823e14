#!/usr/bin/env bash
# Run fer_ros on emulated 64-bit ARM, as on a Raspberry Pi without ROS 2: make arm64
#
# It creates a Debian root for arm64 with debootstrap and runs it with qemu-user. It installs the
# wheel of this checkout there and on this machine, and compares the output of both models. Then it
# runs the demo without ROS and tests of the core on ARM. That takes an hour or more, because every
# instruction is emulated. It needs root, and
#
#     apt-get install qemu-user-static debootstrap binfmt-support
#
# All files are in .cache/arm64. The root and its packages are kept for the next run, which installs
# only fer_ros again. Arguments replace the tests to run. PYTHON=python3.12 selects the Python of
# this machine, and MIRROR=URL and SUITE=NAME select another Debian.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suite=${SUITE:-bookworm}
mirror=${MIRROR:-http://deb.debian.org/debian}
tests=(test/core/classification test/core/test_pipeline.py)
[ $# -eq 0 ] || tests=("$@")
test_packages=(pytest pytest-timeout hypothesis)
cache=$PWD/.cache/arm64
root=$cache/$suite
wheels=$root/wheels
here=$cache/here/bin

say() { echo "arm64: $*"; }
fail() { echo "arm64: $*" >&2; exit 1; }
inside() { chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 "$@"; }

[ "$(id -u)" = 0 ] || fail 'root is required to create and enter a Debian root: run it with sudo'
for tool in debootstrap qemu-aarch64-static update-binfmts; do
  command -v "$tool" >/dev/null ||
    fail "$tool is not installed: apt-get install qemu-user-static debootstrap binfmt-support"
done

# The mounts end with this script, even if it is killed. Otherwise, make clean would delete the files in
# /dev.
[ -n "${own_mounts:-}" ] || exec env own_mounts=1 unshare --mount scripts/arm64.bash "$@"

mkdir -p "$cache"
mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
update-binfmts --enable qemu-aarch64

if [ ! -f "$root/ready" ]; then
  say "creating Debian $suite for arm64 ..."
  rm -rf "$root"
  debootstrap --arch=arm64 --variant=minbase --include=python3,python3-venv,ca-certificates \
    "$suite" "$root" "$mirror" >"$cache/debootstrap.log" 2>&1 ||
    fail "debootstrap failed: see $cache/debootstrap.log"
  touch "$root/ready"
fi

# Without /sys, because onnxruntime would treat the processors of this machine as ARM, and crash.
for place in proc dev; do
  mount --bind "/$place" "$root/$place"
done

say 'building the wheel, and installing it on this machine ...'
pip=(-q --disable-pip-version-check)
extras='litert,demo'
rm -f "$wheels"/fer_ros-*.whl && rm -rf "$cache/here"
"${PYTHON:-python3}" -m venv "$cache/here"
"$here/pip" wheel "${pip[@]}" --no-deps -w "$wheels" .
wheel=$(echo "$wheels"/fer_ros-*.whl)
# Without compilation here and below, because most modules are never imported.
"$here/pip" install "${pip[@]}" --no-compile "$wheel[$extras]"

version=$(inside python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
say "installing it on ARM for Python $version ..."
platforms=(--platform manylinux2014_aarch64)
for minor in $(seq 17 36); do platforms+=(--platform "manylinux_2_${minor}_aarch64"); done
"$here/pip" download "${pip[@]}" --only-binary :all: --python-version "$version" \
  "${platforms[@]}" -d "$wheels" "$wheel[$extras]" "${test_packages[@]}"
[ -x "$root/venv/bin/pip" ] || inside python3 -m venv /venv
rm -rf "$root"/venv/lib/python3*/site-packages/fer_ros{,-*}
inside /venv/bin/pip install "${pip[@]}" --no-compile --no-index --find-links /wheels \
  "fer-ros[$extras]" "${test_packages[@]}"

say 'comparing the output of both models with this machine ...'
rm -rf "$root/checkout" && mkdir "$root/checkout"
cp -r test scripts pyproject.toml "$root/checkout"
env -u PYTHONPATH "$here/python" scripts/arm64_labels.py >"$root/checkout/here.json"
inside sh -c 'cd /checkout && exec /venv/bin/python scripts/arm64_labels.py here.json'

# With the Haar cascade and one photograph: under emulation, RetinaFace takes ten seconds a frame, and
# a face that is not seen for two seconds has left.
say 'running the demo without ROS 2 ...'
portrait=$(inside /venv/bin/python -c 'import skimage; print(skimage.__path__[0])')/data/astronaut.png
inside sh -c 'cd /tmp && exec /venv/bin/fer_ros demo --duration 60 \
  web:=false model:=tiny detector:=haar "source:=$1"' - "$portrait"

say 'waiting for an event of the demo sequence ...'
inside /venv/bin/python /checkout/scripts/arm64_events.py

say "tests: ${tests[*]}"
inside sh -c 'cd /checkout && exec /venv/bin/python -m pytest -q -p no:cacheprovider "$@"' - "${tests[@]}"
