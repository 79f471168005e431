#!/bin/sh
# First process of the initial RAM disk: loads what reaches the disk and the ports, then hands over to the guest's root.
for module in /modules/*; do busybox insmod "$module" || echo "guest: $module can't be loaded"; done
busybox mount -t devtmpfs devtmpfs /dev
busybox mount -t ext4 /dev/vda /root
busybox mount -t devtmpfs devtmpfs /root/dev
exec busybox switch_root /root /tare/init.sh
