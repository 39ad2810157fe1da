#!/bin/sh
# What a technician's stick brings, with nothing trusted but signatures. Called by kiosk-stick@.service with the device.
#   NAME.enrol         a blank unit becomes NAME; where no desk answers, its application is written beside it,
#                      and it asks as nobody else until the office has answered
#   NAME.answer.json   what the office said to that application
#   acceptance/        a folder: this unit's acceptance sheet is put there, once it was made on the glass
#   *.acks             what the office has, of facts that a stick brought it: those may go
#   *.kcontent         lessons, rules, texts, voices, signed by the office
#   *.raucb            a new system, signed by its makers; taken only while no other system is asked for
#   *.ticket           the office asks this unit for a diagnostic bundle: it is put there, sealed to the office
#   *.shell            the office opens a shell on this unit, once, for some minutes (service-shell.sh)
# A supervisor at the glass may want the next stick to take the unit's facts, signed (`carry.ask`); nobody else gets them.
# One stick serves a whole room: each blank unit takes the next file that nobody has used yet.
# What is refused keeps nothing else from being taken. All in the unit's folder is read and written as the network's user, so
# a link that was laid there leads root nowhere.
# AT, DATA, KIOSK, BIN, RAUC and TICKETS stand for other places in the tests.
set -eu

device=$1
at=${AT:-/run/kiosk-stick}
data=${DATA:-/var/lib/kiosk}
kiosk=${KIOSK:-/opt/kiosk/current/bin/kiosk}
bin=${BIN:-/opt/kiosk/current/libexec}
rauc=${RAUC:-/etc/rauc/system.conf}
tickets=${TICKETS:-/run/kiosk-ticket}
paper=$data/state/trust/unit.pem
sheet=$data/state/acceptance
shared=$data/state/shared # what the glass asks, and hears
[ -d "$shared" ] || shared=$data/state
updates=$data/state/update
small=67108864      # bytes of a file that is read whole, at most: 64 MiB, as kiosk_firmware/unit/agent/content_packs.py has it
largest=2147483648  # bytes of a system, at most: RAUC's max-bundle-download-size (update/system.conf)
reserve=536870912   # bytes that stay free for the unit's own records
out=$(mktemp -d)
as_kiosk() { setpriv --reuid=kiosk-agent --regid=kiosk --init-groups "$@"; }
say() { echo "stick: $*" >&2; }

mount -t vfat -o ro,nodev,nosuid,noexec,uid=0,umask=0222 "$device" "$at"
trap 'umount "$at"; rm -rf "$out"' EXIT
chown kiosk-agent:kiosk "$out"

# put FILE NAME: a file of the network's user goes onto the stick, read with that user's eyes. The stick is writable only then.
put() {
    case ${2##*/} in .* | *[!A-Za-z0-9._-]*) say "$2: not a name that a unit gives"; return 1 ;; esac
    [ -f "$1" ] || return 1
    mount -o remount,rw "$at"
    as_kiosk cat "$1" >"$at/$2" && written=0 || { written=1; rm -f "$at/$2"; }
    mount -o remount,ro "$at"
    return $written
}

enrol() {
    as_kiosk "$kiosk" enrol take "$at" 2>/dev/null && return
    for file in "$at"/*.enrol; do
        [ -e "$file" ] || continue
        as_kiosk "$kiosk" enrol file "$file" --stick "$out" || continue
        for asked in "$out"/*.ask.json; do
            [ ! -e "$asked" ] || put "$asked" "${asked##*/}"
        done
        return 0
    done
}

# The acceptance sheet goes where the printer is. Nobody gets it unasked.
take_sheet() {
    name=$(as_kiosk sed -n 's/^id = "\([A-Za-z0-9-]*\)"$/\1/p' "$data/unit.toml" | head -n 1)
    [ -n "$name" ] || { say "unit.toml names no unit"; return 1; }
    for file in "$sheet"/acceptance.*; do
        put "$file" "acceptance/$name.${file##*/}" || say "$file: not taken"
    done
}

# Said to the glass only when it lies on the stick; 0 where it could not be written.
take_facts() {
    said=$(as_kiosk "$kiosk" carry out "$out" --unit "$data/unit.toml" --state "$data/state") || said=": 0 facts"
    for file in "$out"/*.facts; do
        [ ! -e "$file" ] || put "$file" "${file##*/}" || said=": 0 facts"
    done
    said=${said##*: }
    echo "${said%% *}" | as_kiosk tee "$shared/carry.new" >/dev/null
    as_kiosk mv "$shared/carry.new" "$shared/carry.told"
}

# Only for a ticket that the office signed for this unit, and only the office reads it.
diagnose() {
    as_kiosk "$kiosk" diagnose "$1" --out "$out" --unit "$data/unit.toml" --state "$data/state" || return 0
    for file in "$out"/*.diagnosis; do
        put "$file" "${file##*/}" || say "${file##*/}: not written"
        rm -f "$file"
    done
}

# Root's helper judges it: only what came on a drive gets to it. One that is open stays as it is.
open_shell() {
    as_kiosk cat "$1" >"$tickets/new" && chmod 644 "$tickets/new" && mv -f "$tickets/new" "$tickets/ticket"
    systemctl start --no-block kiosk-service-shell.service
}

# Told to the agent, and by it to the office: it ends no order (kiosk_firmware/unit/agent/updates.py).
refuse() {
    say "$1"
    STATE=$data "$bin/tell.sh" refused "$1"
    return 1
}
is_makers() { as_kiosk rauc --conf="$rauc" info "$1" >/dev/null 2>&1; }

# A new system is asked for as the office asks: the window holds, nobody is disturbed, and it is tried before it counts. It
# lies beside what the office ordered and replaces nothing. A stick is a computer: what it showed to be judged need not be
# what it gives to be copied, so the copy is judged again.
bring() {
    name=$(printf %s "${1##*/}" | tr -cd 'A-Za-z0-9._-' | cut -c1-60)
    [ ! -e "$updates/request" ] || refuse "$name: another system is asked for already" || return
    bytes=$(stat -c %s "$1")
    [ "$bytes" -le $largest ] || refuse "$name: $bytes bytes, allowed are $largest" || return
    free=$(df -B1 --output=avail "$data" | tail -n 1)
    [ $((bytes + reserve)) -le "$free" ] || refuse "$name: $bytes bytes and $reserve to spare, free are $free" || return
    is_makers "$1" || refuse "$name: no signature of the makers" || return
    as_kiosk mkdir -p "$updates"
    as_kiosk rm -f "$updates/stick.new"
    if ! as_kiosk cp "$1" "$updates/stick.new" || ! is_makers "$updates/stick.new"; then
        as_kiosk rm -f "$updates/stick.new"
        refuse "$name: no signature of the makers on what was copied" || return
    fi
    ask
}

# A link is made only where there is none: an order that came meanwhile stands.
ask() {
    as_kiosk mv "$updates/stick.new" "$updates/stick.raucb"
    echo "stick $(date +%s)" | as_kiosk tee "$updates/stick.request" >/dev/null
    asked=0
    as_kiosk ln -T "$updates/stick.request" "$updates/request" 2>/dev/null || asked=1
    as_kiosk rm "$updates/stick.request"
    [ $asked = 0 ] || { as_kiosk rm -f "$updates/stick.raucb"; refuse "$name: another system is asked for already"; }
}

for file in "$at"/*.enrol "$at"/*.json "$at"/*.acks "$at"/*.ticket "$at"/*.shell "$at"/*.kcontent; do
    [ ! -e "$file" ] || [ "$(stat -c %s "$file")" -le $small ] ||
        { say "${file##*/}: more than $small bytes; nothing on this stick is taken"; exit 0; }
done
[ -e "$paper" ] || enrol || true
[ ! -e "$shared/carry.ask" ] || take_facts
for file in "$at"/*.acks; do
    [ ! -e "$file" ] || as_kiosk "$kiosk" carry back "$at" --unit "$data/unit.toml" --state "$data/state" || true
    break
done
for file in "$at"/*.ticket; do
    [ ! -e "$file" ] || diagnose "$file"
done
for file in "$at"/*.shell; do
    [ ! -e "$file" ] || open_shell "$file"
    break
done
[ ! -d "$at/acceptance" ] || [ ! -e "$sheet/acceptance.json" ] || take_sheet || true
for file in "$at"/*.kcontent; do
    [ ! -e "$file" ] || as_kiosk "$kiosk" content install "$file" || true
done
for file in "$at"/*.raucb; do
    [ -e "$file" ] || continue
    ! bring "$file" || break
done
