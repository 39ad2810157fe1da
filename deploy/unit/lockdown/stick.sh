#!/bin/sh
# What a technician's stick brings, with nothing trusted but signatures. Called by kiosk-stick@.service with the device.
#   NAME.enrol         a blank unit becomes NAME; where no desk answers, its application is written beside it,
#                      and it asks as nobody else until the office has answered
#   NAME.answer.json   what the office said to that application
#   acceptance/        a folder: this unit's acceptance sheet is put there, once it was made on the glass
#   *.acks             what the office has, of facts that a stick brought it: those may go
#   *.kcontent         lessons, rules, texts, voices, signed by the office
#   *.raucb            a new system, signed by its makers
# A supervisor at the glass may want the next stick to take the unit's facts, signed (`carry.ask`); nobody else gets them.
# One stick serves a whole room: each blank unit takes the next file that nobody has used yet.
# AT, DATA and KIOSK stand for other places in the tests.
set -eu

device=$1
at=${AT:-/run/kiosk-stick}
data=${DATA:-/var/lib/kiosk}
kiosk=${KIOSK:-/opt/kiosk/current/bin/kiosk}
paper=$data/state/trust/unit.pem
sheet=$data/state/acceptance
out=$(mktemp -d)
as_kiosk() { setpriv --reuid=kiosk --regid=kiosk --init-groups "$@"; }

mount -t vfat -o ro,nodev,nosuid,noexec,uid=0,umask=0222 "$device" "$at"
trap 'umount "$at"; rm -rf "$out"' EXIT
chown kiosk:kiosk "$out"

enrol() {
    as_kiosk "$kiosk" enrol take "$at" 2>/dev/null && return
    for file in "$at"/*.enrol; do
        [ -e "$file" ] || continue
        as_kiosk "$kiosk" enrol file "$file" --stick "$out" || continue
        [ -e "$out"/*.ask.json ] || return 0
        mount -o remount,rw "$at"
        cp "$out"/*.ask.json "$at"/
        mount -o remount,ro "$at"
        return
    done
}

# The acceptance sheet goes where the printer is. Nobody gets it unasked.
take_sheet() {
    name=$(sed -n 's/^id = "\(.*\)"$/\1/p' "$data/unit.toml" | head -1)
    mount -o remount,rw "$at"
    for file in "$sheet"/acceptance.*; do
        cp "$file" "$at/acceptance/$name.${file##*/}"
    done
    mount -o remount,ro "$at"
}

# Said to the glass only when it lies on the stick; 0 where it could not be written.
take_facts() {
    said=$(as_kiosk "$kiosk" carry out "$out" --unit "$data/unit.toml" --state "$data/state") || said=": 0 facts"
    mount -o remount,rw "$at"
    for file in "$out"/*.facts; do
        [ ! -e "$file" ] || cp "$file" "$at"/ || { said=": 0 facts"; rm -f "$at/${file##*/}"; }
    done
    mount -o remount,ro "$at"
    said=${said##*: }
    echo "${said%% *}" | as_kiosk tee "$data/state/carry.new" >/dev/null
    as_kiosk mv "$data/state/carry.new" "$data/state/carry.told"
}

[ -e "$paper" ] || enrol
[ ! -e "$data/state/carry.ask" ] || take_facts
for file in "$at"/*.acks; do
    [ ! -e "$file" ] || as_kiosk "$kiosk" carry back "$at" --unit "$data/unit.toml" --state "$data/state" || true
    break
done
[ ! -d "$at/acceptance" ] || [ ! -e "$sheet/acceptance.json" ] || take_sheet
for file in "$at"/*.kcontent; do
    [ ! -e "$file" ] || as_kiosk "$kiosk" content install "$file"
done
# A new system is asked for as the office asks: the window holds, nobody is disturbed, and it is tried before it counts.
updates=$data/state/update
for file in "$at"/*.raucb; do
    [ -e "$file" ] || continue
    as_kiosk mkdir -p "$updates"
    as_kiosk cp "$file" "$updates/stick.new"
    as_kiosk mv "$updates/stick.new" "$updates/system.raucb"
    echo "stick $(date +%s)" | as_kiosk tee "$updates/request" >/dev/null
done
