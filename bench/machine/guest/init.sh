#!/bin/sh
# First process of a guest: makes what engines need, then nodes (node.sh) numbered from first_node=NUMBER to
# last_node=NUMBER of the kernel's command line, all under one kernel and one clock, joined by an underlay that is a bridge.
# A second network card joins it to other guests.
export PATH=/usr/sbin:/usr/bin HOME=/root
# Garbage collection, and signals sent to preempt, are work of the engine's own that an emulated CPU pays dearly for.
export GOGC=400 GODEBUG=asyncpreemptoff=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/pts /dev/shm /dev/mqueue /dev/virtio-ports
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup /sys/fs/cgroup
# Version 2 allows no processes beside child groups.
mkdir /sys/fs/cgroup/init
echo 1 > /sys/fs/cgroup/init/cgroup.procs
sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
hostname guest
for port in /sys/class/virtio-ports/*; do
  if [ -s "$port/name" ]; then ln -s "/dev/${port##*/}" "/dev/virtio-ports/$(cat "$port/name")"; fi
done
# All at once: each modprobe reads the index anew. A kernel may have one built in, or not at all.
modprobe -a $(cat /tare/modules) 2> /run/modprobe.log
ip link set lo up
ip link add management type bridge
ip link set eth0 master management
ip link set eth0 up
ip link set management up
ip link add underlay type bridge
ip link set underlay up
if [ -e /sys/class/net/eth1 ]; then
  ip link set eth1 master underlay
  ip link set eth1 up
fi
# A cable between the nodes, no second firewall.
for family in ip ip6 arp; do echo 0 > /proc/sys/net/bridge/bridge-nf-call-${family}tables; done
echo "guest: kernel $(uname -r) up at $(cut -d' ' -f1 /proc/uptime) s"

# The kernel gives what it does not know itself to its first process.
node=${first_node:?}
while [ "$node" -le "${last_node:?}" ]; do
  mkfifo "/run/go-$node"
  unshare --net --mount --uts sh -c 'read -r _ < "/run/go-$1"; exec sh /tare/node.sh "$1"' sh "$node" &
  pid=$!
  echo "$pid" > "/run/node-$node.pid"
  # Until it has its own, it has this one's.
  while [ "$(readlink "/proc/$pid/ns/net")" = "$(readlink /proc/self/ns/net)" ]; do usleep 20000; done
  for network in underlay management; do
    ip link add "$network-$node" type veth peer name "t-$network-$node"
    ip link set "t-$network-$node" netns "$pid"
    ip link set "$network-$node" master "$network"
    ip link set "$network-$node" up
  done
  echo go > "/run/go-$node"
  node=$((node + 1))
done
/tare/agent /dev/virtio-ports/tare.agent &
# An orphan's end is told to the first process; the shell reaps it.
while :; do wait; sleep 100000; done
