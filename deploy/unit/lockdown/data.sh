#!/bin/sh
# The unit's data on an encrypted partition (LUKS2), opened at each start with a key that is bound to this board.
#
#   data.sh open    format it at the first start, map it; kiosk-data.service does, before /var/lib/kiosk is mounted
#   data.sh wipe    destroy its key slots at once; the next start formats it anew
#   data.sh state   none, blank, half (a start was cut off while formatting), ready, locked (another board's) or foreign
#
# The device stands in /etc/kiosk/data.conf. On the card's first partition lie two files:
#   kiosk-data.key   256 random bits, and what else the key is made of (`bound`)
#   kiosk-data.new   format it at the next start, whatever is on it. It is there while formatting goes on, so a power cut
#                    anywhere ends in formatting again; a technician puts one there for a card that moves to another board.
# The key is SHA-256 of both, the board's number, and, where Raspberry Pi's rpi-fw-crypto has a key in one-time memory,
# that key's HMAC. What each keeps out is said in deploy/SECURITY.md. CONF, CARD, SERIAL, MAPPER, KDF: for the tests.
set -eu

conf=${CONF:-/etc/kiosk/data.conf}
card=${CARD:-$([ -d /bootfs ] && echo /bootfs || echo /boot/firmware)}
serial=${SERIAL:-/sys/firmware/devicetree/base/serial-number}
mapper=${MAPPER:-/dev/mapper}
name=kiosk-data
key=$card/$name.key
new=$card/$name.new

say() { echo "data: $*"; }
fail() { say "$*" >&2; exit 1; }

# Written whole, or not at all; vfat keeps no order, hence sync before and after.
replace() {
    cat >"$1.part"
    sync "$1.part"
    mv "$1.part" "$1"
    sync "$card"
}

one_time_memory() { rpi-fw-crypto hmac --in "$1" --key-id 1 --outform hex 2>/dev/null; }

# 64 hexadecimal digits on stdout: never in an argument, which any program could read.
board_key() {
    {
        cat "$key"
        tr -d '\0' <"$serial" 2>/dev/null || true
        ! grep -q '^bound=otp$' "$key" || one_time_memory "$key"
    } | sha256sum | cut -c1-64 | tr -d '\n'
}

make_key() {
    {
        echo "salt=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
        if one_time_memory "$conf" >/dev/null; then echo bound=otp; else echo bound=serial; fi
    } | replace "$key"
}

fits() { board_key | cryptsetup open --type luks2 --test-passphrase --key-file=- "$device" 2>/dev/null; }

state() {
    [ -f "$conf" ] || { echo none; return; }
    device=$(cat "$conf")
    [ -e "$device" ] || fail "$device, from $conf: no such device"
    if [ -e "$new" ]; then
        echo half
    elif cryptsetup isLuks --type luks2 "$device"; then
        if [ -f "$key" ] && fits; then echo ready; else echo locked; fi
    elif [ -n "$(wipefs --noheadings "$device")" ]; then # not blkid: it has words for a partition that is empty, too
        echo foreign
    else
        echo blank
    fi
}

# A board without AES in its processor (Raspberry Pi 4) is several times faster with Adiantum.
cipher() {
    if grep -qw aes /proc/cpuinfo; then echo "--cipher aes-xts-plain64 --key-size 512"
    else echo "--cipher xchacha12,aes-adiantum-plain64 --key-size 256"; fi
}

format() {
    say "formatting $device"
    : >"$new"
    sync "$new" "$card"
    make_key
    # Argon2id with a second and 64 MiB: whoever has the whole card must try board numbers at that price.
    # shellcheck disable=SC2046,SC2086 # several words each
    board_key | cryptsetup luksFormat --batch-mode --type luks2 --label $name $(cipher) \
        ${KDF:---pbkdf argon2id --pbkdf-memory 65536 --iter-time 1000} --key-file=- "$device"
    map
    mkfs.ext4 -q -L $name "$mapper/$name"
    sync
    rm "$new"
    sync "$card"
}

map() {
    [ ! -e "$mapper/$name" ] || return 0
    board_key | cryptsetup open --type luks2 --allow-discards --key-file=- "$device" $name
}

open_it() {
    found=$(state)
    device=$(cat "$conf" 2>/dev/null || true)
    case $found in
        none) say "no device in $conf: data are not encrypted" ;;
        blank | half) format ;;
        ready) map ;;
        locked) fail "$device was made by another board, or $key is lost; an empty file $name.new beside it gives it up" ;;
        foreign) fail "$device holds something else; an empty file $name.new on the card's first partition gives it up" ;;
    esac
}

wipe() {
    [ -f "$conf" ] || { say "no device in $conf: nothing was encrypted"; return; }
    device=$(cat "$conf")
    : >"$new"
    sync "$new" "$card"
    cryptsetup erase --batch-mode "$device"
    [ ! -f "$key" ] || { head -c 4096 /dev/zero >"$key"; sync "$key"; rm "$key"; }
    sync "$card"
    say "the key slots of $device are gone"
}

case ${1:-} in
    open) open_it ;;
    wipe) wipe ;;
    state) state ;;
    *) fail "'${1:-}': allowed are open, wipe and state" ;;
esac
