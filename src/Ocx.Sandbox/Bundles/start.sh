#!/bin/sh
# The first process of a sandbox's own namespaces, in the bundle's folder: it makes the root folder and the network,
# says "ready", waits for "go", and starts runsc. When it ends, the kernel ends all that runs here and takes the mounts
# and the network away. It ends when its input does: when the auditor closes that, or dies.
#   start.sh SIZE ROOT PLATFORM RUNSC http|stdio
set -eu
size=$1 root=$2 platform=$3 runsc=$4 transport=$5
bundle=$PWD
[ "$root" != / ] || root=

while read -r group; do echo 0 >"$group/cgroup.procs"; done <groups
mount -t proc -o nosuid,nodev,noexec proc /proc

# Nothing of what is written outlives these namespaces: it is in memory.
mount -t tmpfs -o "size=$size,mode=0755,nosuid" tmpfs memory
mkdir memory/upper memory/work memory/root memory/state memory/folders
# The kernel holds that they are read only: gVisor's own check comes after the file was opened, and emptied.
while read -r number source; do
  mkdir "memory/folders/$number"
  mount --bind "$source" "memory/folders/$number"
  mount -o remount,bind,ro,nosuid,nodev "memory/folders/$number"
done <folders
while read -r path; do
  mkdir "memory/upper$path"
  chmod --reference="$root$path" "memory/upper$path"
  chown --reference="$root$path" "memory/upper$path"
done <parents
# What is hidden is not in the sandbox at all, as if it had been deleted there.
while read -r path; do mknod "memory/upper$path" c 0 0; done <hidden
layers=lowerdir=${root:-/},upperdir=$bundle/memory/upper,workdir=$bundle/memory/work
mount -t overlay -o "nodev,nosuid,redirect_dir=off,metacopy=off,$layers" \
  overlay memory/root
while read -r mode path; do
  mkdir -p "memory/root$path"
  chmod "$mode" "memory/root$path"
done <empty
ip link set lo up

exec 3<&0
echo ready
read -r go <&3
[ "$go" = go ]

trap 'exit 1' TERM
run() {
  "$runsc" --root "$bundle/memory/state" --platform "$platform" --network host --ignore-cgroups \
    --overlay2 none --file-access shared --host-uds none --pod-init-config "$bundle/init.json" \
    run --bundle "$bundle" sandbox 3<&-
}
# The first of what a server says is kept, to tell why it did not start; the rest is lost, on its own time.
first() { head -c 16384 >&2; exec cat >/dev/null; }
feed() { cat <&3; kill 1; }
if [ "$transport" = stdio ]; then
  exec 5>&1
  feed | { run 2>&1 >&5 5>&- | first 5>&-; kill 1; } &
  exec 5>&-
else
  feed | { run 2>&1 | first; kill 1; } &
fi
exec >/dev/null
wait $!
