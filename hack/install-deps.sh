#!/usr/bin/env bash
# Installs what building and testing need from Debian's packages, if something is missing; with `build`, what building
# alone needs, with `demo`, `fuzz`, `pictures`, `release` or `release-boot` what these need too.
set -euo pipefail

packages=(clang llvm bpftool libbpf-dev libelf-dev zlib1g-dev libmnl-dev libnetfilter-queue-dev gcc make)
[[ ${1:-} == build ]] || packages+=(iproute2 iptables ethtool tcpdump jq netcat-openbsd libcap2-bin procps shellcheck
  tshark)
[[ ${1:-} != demo ]] || packages+=(postgresql-15 redis-server)
[[ ${1:-} != fuzz ]] || packages+=(afl++)
[[ ${1:-} != release ]] || packages+=(binutils-aarch64-linux-gnu podman)
[[ ${1:-} != release-boot ]] || packages+=(cpio qemu-system-arm)
[[ ${1:-} != pictures ]] || packages+=(chromium curl fonts-dejavu-core fonts-glyphicons-halflings
  libjs-bootstrap4 libjs-d3 libjs-eonasdan-bootstrap-datetimepicker libjs-jquery-hotkeys libjs-moment-timezone
  libjs-mustache libjs-popper.js libjs-rickshaw python3)

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ((EUID != 0)); then
  echo "missing packages: ${missing[*]}; run as root: apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
if [[ ${1:-} == demo ]]; then
  # The programs alone: no database that starts as a service, now or with the machine.
  if [[ " ${missing[*]} " == *" postgresql-15 "* ]]; then
    install -D -m 644 /dev/stdin /etc/postgresql-common/createcluster.d/ocx.conf <<<'create_main_cluster = false'
  fi
  if [[ ! -e /usr/sbin/policy-rc.d ]]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    install -m 755 /dev/stdin /usr/sbin/policy-rc.d <<<$'#!/bin/sh\nexit 101'
  fi
fi
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}"
if [[ " ${missing[*]} " == *" redis-server "* && -d /run/systemd/system ]]; then
  systemctl disable --quiet redis-server
fi
