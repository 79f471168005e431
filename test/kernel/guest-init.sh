#!/bin/sh
# First process of a guest: makes what dockerd needs, joins the wire and the management network, becomes one engine.
# Its kernel command line gives node=NUMBER, wire=ADDRESS/LENGTH and management=ADDRESS/LENGTH.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin HOME=/root
# Emulated CPUs pay dearly for garbage collection and for signals sent to preempt.
export GOGC=400 GODEBUG=asyncpreemptoff=1
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /tmp
mkdir -p /dev/pts /dev/shm /dev/mqueue /run/containerd
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t cgroup2 cgroup /sys/fs/cgroup
mkdir /sys/fs/cgroup/init
echo 1 > /sys/fs/cgroup/init/cgroup.procs
sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
hostname "guest-$node"
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link set lo up
ip address add "$wire" dev eth0
ip address add "$management" dev eth1
ip link set eth0 up
ip link set eth1 up
# All at once, as one modprobe after the other would eat into the 20 s that swarm allows for an attachment.
modprobe -a overlay bridge br_netfilter veth vxlan ipvlan esp4 gcm xfrm_user ip_vs iptable_nat iptable_filter \
  iptable_mangle xt_bpf xt_policy xt_mark xt_conntrack xt_addrtype xt_MASQUERADE
echo "guest: network up at $(cut -d' ' -f1 /proc/uptime) s"
# Started apart from dockerd, which gives it only 15 s to come up.
containerd --log-level warn --root /var/lib/docker/containerd/daemon --state /run/docker/containerd/daemon \
  --address /run/containerd/containerd.sock &
while [ ! -S /run/containerd/containerd.sock ]; do usleep 200000; done
echo "guest: containerd up at $(cut -d' ' -f1 /proc/uptime) s"
dockerd --host "tcp://${management%/*}:2375" --tls=false --containerd /run/containerd/containerd.sock \
  --storage-driver overlay2 --bip 198.18.252.1/24 --default-address-pool base=198.18.192.0/19,size=26 --label tare=1
echo "guest: dockerd ended with $?"
poweroff -f
