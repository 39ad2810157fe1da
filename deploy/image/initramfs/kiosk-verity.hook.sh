#!/bin/sh
# Puts what opens the verity root into the initramfs (initramfs-tools, hooks).
[ "${1:-}" != prereqs ] || exit 0
. /usr/share/initramfs-tools/hook-functions
copy_exec /usr/sbin/veritysetup /sbin
manual_add_modules dm_verity erofs overlay sha256_generic
