#!/bin/sh
# Node NUMBER of a counted machine: one engine in network, mount and host-name namespaces of its own.
node=$1
mount --make-rprivate /
hostname "node-$node"
# /sys shows the network namespace in which it was mounted.
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup /sys/fs/cgroup
mkdir -p "/var/lib/node-$node" /var/lib/docker
mount --bind "/var/lib/node-$node" /var/lib/docker
ip link set lo up
ip link set "t-underlay-$node" name eth0
ip address add "198.18.255.$((10 + node))/24" dev eth0
ip link set eth0 up
ip route add default via 198.18.255.254
ip link set "t-management-$node" name mgmt
ip address add "198.18.254.$((20 + node))/24" dev mgmt
ip link set mgmt up
echo 1 > /proc/sys/net/ipv4/ip_forward
while read -r name value; do echo "$value" > "/proc/sys/$(echo "$name" | tr . /)" || echo "guest: no $name"; done < /tare/sysctls
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/containerd /run/docker /run/lock
# Started apart from dockerd, which gives it only 15 s to come up.
containerd --log-level warn --root /var/lib/docker/containerd/daemon --state /run/docker/containerd/daemon \
  --address /run/containerd/containerd.sock > "/tmp/containerd-$node.log" 2>&1 &
while [ ! -S /run/containerd/containerd.sock ]; do usleep 100000; done
dockerd --host "tcp://198.18.254.$((20 + node)):2375" --tls=false --containerd /run/containerd/containerd.sock \
  --group 0 --bip "198.18.$((200 + node)).1/24" --default-address-pool "base=198.18.$((node * 8)).0/21,size=26" \
  --label tare=1 > "/tmp/dockerd-$node.log" 2>&1
echo "guest: engine $node ended: $(tail -n 1 "/tmp/dockerd-$node.log")"
