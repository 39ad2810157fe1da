#!/bin/sh
# RAUC's custom bootloader backend for the Raspberry Pi firmware's tryboot.
#
# The firmware reads `autoboot.txt` on the first partition: it boots `boot_partition` of [all], or, after `reboot '0
# tryboot'`, once that of [tryboot]. The flag clears itself, so whatever hangs comes back to the old system. Committing is
# one rename: the two numbers change places. A (2) and B (3) are the boot partitions of the two systems.
#
#   get-primary            the slot that the next plain start boots, or the one that is armed to be tried
#   set-primary A|B        arm it: the next start tries it once (update.sh makes that start)
#   get-state A|B          good: committed, or under trial and healthy; bad: tried and given up
#   set-state A|B good|bad good commits the system that is running now; bad never boots that slot again until it is armed
#   get-current            the slot that is running
#   booted-by-trial        exit code 0 if this start is a trial
# FIRMWARE and TREE stand for other places in the tests.
set -eu

firmware=${FIRMWARE:-/bootfs}
tree=${TREE:-/proc/device-tree/chosen/bootloader}
file=$firmware/autoboot.txt
state=$firmware/kiosk-slots

fail() { echo "tryboot: $*" >&2; exit 1; }
number() { case $1 in A) echo 2 ;; B) echo 3 ;; *) fail "slot '$1': allowed are A and B" ;; esac; }
name() { case $1 in 2) echo A ;; 3) echo B ;; *) fail "partition '$1': allowed are 2 and 3" ;; esac; }
other() { case $1 in A) echo B ;; B) echo A ;; esac; }

# A big-endian number of four bytes, as the device tree has them.
cell() { [ -f "$tree/$1" ] && od -An -tu1 "$tree/$1" | awk '{ n = 0; for (i = 1; i <= NF; i++) n = n * 256 + $i; print n }'; }

committed() { name "$(awk -F= '/^\[/ { at = $0 } at == "[all]" && $1 == "boot_partition" { print $2 }' "$file")"; }
running() { name "$(cell partition || fail "the firmware does not say which partition it booted")"; }
is_trial() { [ "$(cell tryboot || echo 0)" = 1 ]; }
word() { [ -f "$state" ] && sed -n "s/^$1=//p" "$state" || true; }

# Whole or not at all; the firmware takes no more than 512 bytes.
replace() {
    cat >"$1.new"
    [ "$(wc -c <"$1.new")" -le 512 ] || fail "$1 would be too long"
    sync "$1.new"
    mv "$1.new" "$1"
    sync "$firmware"
}
write_autoboot() {
    printf '[all]\ntryboot_a_b=1\nboot_partition=%s\n[tryboot]\nboot_partition=%s\n' \
        "$(number "$1")" "$(number "$(other "$1")")" | replace "$file"
}
write_words() { printf 'armed=%s\nA=%s\nB=%s\n' "$1" "$2" "$3" | replace "$state"; }

case ${1:-} in
    get-primary)
        armed=$(word armed)
        echo "${armed:-$(committed)}"
        ;;
    set-primary)
        number "$2" >/dev/null
        if [ "$2" = "$(committed)" ]; then armed=; else armed=$2; fi
        a=$(word A) b=$(word B)
        case $2 in A) a= ;; B) b= ;; esac
        write_words "$armed" "$a" "$b"
        ;;
    get-state)
        number "$2" >/dev/null
        said=$(word "$2")
        echo "${said:-good}"
        ;;
    set-state)
        number "$2" >/dev/null
        a=$(word A) b=$(word B) armed=$(word armed)
        case $2 in A) a=$3 ;; B) b=$3 ;; esac
        case $3 in
            good)
                [ "$2" = "$(running)" ] || fail "slot $2 does not run: only what runs can prove itself"
                [ "$2" = "$(committed)" ] || write_autoboot "$2"
                [ "$armed" != "$2" ] || armed=
                ;;
            bad)
                [ "$2" != "$(committed)" ] || fail "slot $2 is the committed one: there would be nothing to start"
                [ "$armed" != "$2" ] || armed=
                ;;
            *) fail "state '$3': allowed are good and bad" ;;
        esac
        write_words "$armed" "$a" "$b"
        ;;
    get-current) running ;;
    booted-by-trial) is_trial ;;
    *) fail "allowed are get-primary, set-primary, get-state, set-state, get-current, booted-by-trial" ;;
esac
