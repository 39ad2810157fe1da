#!/bin/sh
# Opens the system whose root hash the kernel's command line names, as /dev/mapper/kiosk-root (initramfs-tools, local-top).
# Each system partition holds an erofs and, behind it, its hash tree. The partition that belongs to the boot partition is
# looked at first: 2 → system_a, 3 → system_b, by the firmware's word. A block that does not fit its hash is never given out.
[ "${1:-}" != prereqs ] || exit 0
. /scripts/functions

word() { sed -n "s/.*\\b$1=\\([^ ]*\\).*/\\1/p" /proc/cmdline; }
hash=$(word kiosk.roothash)
offset=$(word kiosk.hashoffset)
[ -n "$hash" ] || exit 0
partition=$(word kiosk.partition)
tree=/proc/device-tree/chosen/bootloader/partition
[ -n "$partition" ] || [ ! -f "$tree" ] || partition=$(od -An -tu1 "$tree" | awk '{ print $4 }')
case $partition in 3) order="system_b system_a" ;; *) order="system_a system_b" ;; esac

modprobe -q dm_verity
modprobe -q erofs
tries=0
while [ $tries -lt 120 ] && [ ! -e /dev/disk/by-partlabel/system_a ]; do
    sleep 0.5
    tries=$((tries + 1))
done
mkdir -p /verity
for name in $order; do
    device=/dev/disk/by-partlabel/$name
    veritysetup open "$device" kiosk-root "$device" "$hash" --hash-offset="$offset" || continue
    if mount -t erofs -o ro /dev/mapper/kiosk-root /verity; then
        umount /verity
        exit 0
    fi
    veritysetup close kiosk-root
done
log_failure_msg "no system partition fits the root hash $hash"
reboot -f
