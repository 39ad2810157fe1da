#!/bin/sh
# Makes a bare Debian into a unit's system; mmdebstrap calls it with the root. BUNDLE, VISIT ("--visit" or ""), OUT (a folder
# for kernel, start-up and firmware) and RIG ("yes" for a virtual machine without a Raspberry Pi's firmware) say the rest.
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$root/etc/initramfs-tools/hooks" "$root/etc/initramfs-tools/scripts/local-top" "$root/bootfs" "$root/boot/firmware"
install -m 755 "$here/initramfs/kiosk-verity.hook.sh" "$root/etc/initramfs-tools/hooks/kiosk-verity"
install -m 755 "$here/initramfs/kiosk-verity.sh" "$root/etc/initramfs-tools/scripts/local-top/kiosk-verity"

# The installer of the bundle itself, so that a card and an existing system get the same.
tar -xf "$BUNDLE" -C "$root/tmp" install.sh
# shellcheck disable=SC2086 # no word, or one
ROOT="$root" sh "$root/tmp/install.sh" "$BUNDLE" --lock --data /dev/disk/by-partlabel/kiosk-data $VISIT
rm -rf "$root/tmp/install.sh" "$root/opt/kiosk/bundles"

install -m 644 "$here/fstab" "$root/etc/fstab"
install -D -m 644 "$here/data-partition.conf" "$root/usr/lib/repart.d/50-kiosk-data.conf"
install -D -m 644 "$here/repart-disk.conf" "$root/etc/systemd/system/systemd-repart.service.d/disk.conf"
install -D -m 644 "$here/wired.conf" "$root/etc/systemd/network/20-wired.network"
chroot "$root" systemctl -q enable systemd-networkd.service
[ "$RIG" != yes ] || {
    cp -r "$here/rig/etc" "$here/rig/usr" "$root/"
    chroot "$root" systemctl -q enable rig-firmware.service
}
rm -f "$root/etc/resolv.conf" "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
echo uninitialized >"$root/etc/machine-id"
echo kiosk >"$root/etc/hostname"
ln -sf /usr/share/zoneinfo/Asia/Shanghai "$root/etc/localtime"

chroot "$root" update-initramfs -u >/dev/null
mv "$root"/boot/vmlinuz-* "$OUT/vmlinuz"
mv "$root"/boot/initrd.img-* "$OUT/initrd.img"
[ ! -d "$root/usr/lib/raspi-firmware" ] || {
    cp -r "$root"/usr/lib/raspi-firmware/* "$OUT/"
    cp "$root"/usr/lib/linux-image-*/broadcom/bcm2711-rpi-*.dtb "$OUT/"
    [ ! -d "$root"/usr/lib/linux-image-*/overlays ] || cp -r "$root"/usr/lib/linux-image-*/overlays "$OUT/"
    # What join_lines of the installer would have joined: this root's firmware lies on a partition of its own.
    cat "$here/config.txt" "$root"/opt/kiosk/current/lib/python3*/site-packages/deploy/unit/lockdown/config.txt >"$OUT/config.txt"
}
rm -rf "$root"/boot/System.map* "$root"/boot/config-* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
chroot "$root" dpkg-query -W -f '${Package}\t${Version}\n' >"$OUT/../packages.tsv"
ls "$root"/opt/kiosk/current/lib/python3*/site-packages | sed -n 's/^\(.*\)-\([0-9][^-]*\)\.dist-info$/\1\t\2/p' >"$OUT/../wheels.tsv"
