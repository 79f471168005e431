#!/bin/sh
# Copies the listed files, the libraries they need and the little that a C library expects into a new root.
# usage: pick-files.sh ROOT LIST
set -eu
root=$1 list=$2

mkdir -p "$root"/usr/bin "$root"/usr/sbin "$root"/usr/lib "$root"/usr/lib64 "$root"/etc "$root"/proc "$root"/sys \
  "$root"/dev "$root"/run/lock "$root"/root "$root"/var/log "$root"/var/lib/nginx "$root"/var/log/nginx
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
ln -s ../run "$root/var/run"
mkdir -m 1777 -p "$root/tmp" "$root/var/tmp"

# Links are kept as links, with what they point at; /lib → /usr/lib is one of them, hence the resolved folder.
copy() {
  folder=$(readlink -f "$(dirname "$1")")
  source=$folder/$(basename "$1")
  [ -e "$root$source" ] && return 0
  mkdir -p "$root$folder"
  cp -a "$source" "$root$source"
  if [ -L "$source" ]; then copy "$(readlink -f "$source")"; fi
}

with_libraries() {
  copy "$1"
  # Not dynamic (a script, a static program): ldd fails, and there is nothing to bring.
  { ldd "$1" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
    if [ -e "$library" ]; then copy "$library"; fi
  done
}

grep -v '^#' "$list" | while read -r pattern; do
  for path in $pattern; do
    [ -e "$path" ] || continue
    if [ -d "$path" ]; then
      copy "$path"
      find "$path" -type f | while read -r file; do with_libraries "$file"; done
    else
      with_libraries "$path"
    fi
  done
done

# Name resolution: glibc's own modules are inside libc, but programs still load these by name.
for library in /usr/lib/*/libnss_files.so.2 /usr/lib/*/libnss_dns.so.2 /usr/lib/*/libresolv.so.2; do
  if [ -e "$library" ]; then copy "$library"; fi
done
grep -E '^(root|nobody|www-data|tcpdump):' /etc/passwd > "$root/etc/passwd"
grep -E '^(root|nogroup|www-data|tcpdump):' /etc/group > "$root/etc/group"
printf 'passwd: files\ngroup: files\nhosts: files dns\nnetworks: files\nprotocols: files\nservices: files\n' \
  > "$root/etc/nsswitch.conf"
for file in /etc/services /etc/protocols /etc/alternatives/ip*tables* /etc/os-release; do
  if [ -e "$file" ] || [ -L "$file" ]; then copy "$file"; fi
done

# The small programs. Real ones, where picked, stay; the shell is a real one, since busybox's puts its own applets first.
if [ -e /usr/bin/busybox ]; then
  copy /usr/bin/busybox
  for applet in $(/usr/bin/busybox --list); do
    if [ ! -e "$root/usr/bin/$applet" ] && [ ! -e "$root/usr/sbin/$applet" ]; then
      ln -s busybox "$root/usr/bin/$applet"
    fi
  done
fi
