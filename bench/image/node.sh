#!/bin/sh
# A lab node: makes what dockerd needs writable, then becomes dockerd on a socket in the shared folder.
set -eu
mount -o remount,rw /sys
# Only this container's own part of the cgroup tree is mounted here, so that is all that becomes writable.
grep ' cgroup2\? ' /proc/self/mounts | while read -r _ folder _; do mount -o remount,rw,bind "$folder"; done

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  # cgroup v2 allows no processes beside child groups: move ours into a leaf, then hand the controllers down.
  mkdir -p /sys/fs/cgroup/init
  while read -r process; do echo "$process" > /sys/fs/cgroup/init/cgroup.procs || true; done < /sys/fs/cgroup/cgroup.procs
  sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control || true
fi

# A kernel without nf_tables leaves the legacy tables.
if ! iptables-nft -t nat -nL >/dev/null 2>&1; then
  mkdir -p /usr/local/sbin
  for name in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
    ln -sf /usr/sbin/xtables-legacy-multi "/usr/local/sbin/$name"
  done
  export PATH=/usr/local/sbin:$PATH
fi

name=$(hostname)
rm -f /var/run/docker.pid /run/docker/containerd/containerd.pid "/lab/$name.sock"
umask 077
# Networks that Docker makes unasked stay in 198.18.0.0/16, clear of the underlay and of the pairs' 198.19.0.0/16.
exec dockerd -H "unix:///lab/$name.sock" --group root --shutdown-timeout 1 \
  --bip 198.18.254.1/24 --default-address-pool base=198.18.192.0/19,size=26
