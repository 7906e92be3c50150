#!/bin/sh
# From a bare Debian to the sign-in page, with the clock running: proves what the README promises.
#
#   sudo tests/setup/bare_debian.sh [root|user] [release]      default: root bookworm
#
# Makes a root file system that holds Debian's minimal set, python3 and nothing else, puts a copy of
# this checkout's last commit into it, runs `python3 manage.py up` there, and waits for the sign-in
# page, for `doctor` and for a second start. Needs root, debootstrap, git and about 3 GB; takes a few
# minutes and cleans up after itself. SKYDECK_BARE_KEEP=1 keeps the folder.
#
# With `user` an ordinary account with sudo does it, instead of root.
set -eu

who=${1:-root}
release=${2:-bookworm}
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
checkout=$(cd "$(dirname "$0")/../.." && pwd)

if [ "${SKYDECK_BARE_INSIDE:-}" != 1 ]; then
  [ "$(id -u)" = 0 ] || { echo "bare_debian.sh needs root" >&2; exit 2; }
  # Mounts of our own, and processes of our own: both vanish with this script, whatever happens
  SKYDECK_BARE_INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private "$0" "$@"
fi

bare=$(mktemp -d /tmp/skydeck-bare-XXXXXX)
chmod 755 "$bare" # it becomes a root folder, which every account has to pass
log=$bare.log
finish() {
  status=$?
  for folder in proc sys dev; do umount --recursive --lazy "$bare/$folder" 2>/dev/null || true; done
  if [ "${SKYDECK_BARE_KEEP:-}" = 1 ]; then echo "kept: $bare, $log"; else rm -rf --one-file-system "$bare" "$log"; fi
  exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "--- $*"; }

copy_configuration() { # what this machine's apt, pip and certificates need to reach a mirror is needed inside as well
  rm -f "$bare/etc/apt/sources.list"
  for path in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/pip.conf \
    /etc/ssl/certs /usr/local/share/ca-certificates /etc/resolv.conf /etc/hosts; do
    [ -e "$path" ] || continue
    mkdir -p "$bare$(dirname "$path")"
    rm -rf "${bare:?}$path"
    cp -rL "$path" "$bare$path" 2>/dev/null || true
  done
  rm -f "$bare"/etc/apt/apt.conf.d/*clean*
}

make_file_system() {
  include=python3,ca-certificates
  [ "$who" = user ] && include=$include,sudo
  debootstrap --variant=minbase --include="$include" "$release" "$bare" >"$log" 2>&1 || { tail -20 "$log"; exit 1; }
  copy_configuration
  for folder in sys dev; do mount --rbind "/$folder" "$bare/$folder"; done
  mount -t proc proc "$bare/proc" # of our own process ids
}

put_checkout() {
  if [ "$who" = user ]; then
    chroot "$bare" useradd --create-home --shell /bin/sh alice
    echo 'alice ALL=(ALL) NOPASSWD: ALL' >"$bare/etc/sudoers.d/alice"
    home=/home/alice/skydeck
  else
    home=/root/skydeck
  fi
  mkdir "$bare$home"
  git -C "$checkout" -c safe.directory="$checkout" archive HEAD | tar -x -C "$bare$home"
  [ "$who" = user ] && chroot "$bare" chown -R alice:alice "$home"
  :
}

# The environment of a fresh login; only what says how to reach a mirror is handed down
inside() {
  account=root
  [ "$who" = user ] && account=alice
  chroot "$bare" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="${home%/*}" \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
    ${PIP_INDEX_URL:+PIP_INDEX_URL="$PIP_INDEX_URL"} SKYDECK_PORT="$port" \
    setpriv --reuid "$account" --regid "$account" --init-groups sh -c "cd $home && $1"
}

answers() {
  python3 - "$port" <<'PYTHON'
import sys, urllib.request
try:
    page = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
        f"http://127.0.0.1:{sys.argv[1]}/accounts/login/", timeout=5)
    sys.exit(0 if b"Sign in" in page.read() else 1)
except OSError:
    sys.exit(1)
PYTHON
}

start() { # start NAME LIMIT: run `up`, print the seconds to the sign-in page
  began=$(date +%s.%N)
  inside 'exec python3 manage.py up' </dev/null >"$bare.$1" 2>&1 &
  up=$!
  until answers; do
    kill -0 $up 2>/dev/null || { cat "$bare.$1"; echo "up ended before it answered" >&2; exit 1; }
    seconds=$(echo "$(date +%s.%N) $began" | awk '{ print int($1 - $2) }')
    [ "$seconds" -lt "$2" ] || { tail -50 "$bare.$1"; echo "no sign-in page after $seconds s" >&2; exit 1; }
    sleep 0.1
  done
  echo "$(date +%s.%N) $began" | awk -v name="$1" '{ printf "RESULT %s: sign-in page after %.1f s\n", name, $1 - $2 }'
}

stop() { # ends `up` as Ctrl-C does
  inside 'python3 - <<PYTHON
import json, os, signal
for process in json.load(open("var/run/started.json")):
    if process["name"] == "supervisor":
        os.kill(process["pid"], signal.SIGINT)
PYTHON'
  wait "$up"
}

say "debootstrap $release"
make_file_system
put_checkout
say "python3 manage.py up, as ${who}"
start first 300
cat "$bare.first"
sleep 12 # a heartbeat comes every 5 s, and libvirt first looks at what QEMU can do
say "python3 manage.py doctor"
inside 'python3 manage.py doctor' || { tail -40 "$bare.first"; exit 1; }
say "a real guest"
inside 'python3 manage.py shell --verbosity 0' <"$checkout/tests/setup/launch_demo_guest.py"
stop
start second 5
stop
rm -f "$bare".first "$bare".second
say "done"
