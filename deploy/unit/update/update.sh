#!/bin/sh
# A new system, from request to trial: installed into the other slot in the maintenance window, then started once.
# kiosk-update.service calls it when a request was written and every few minutes while one stands.
#   STATE/state/update/request        somebody wants what lies beside it: the order's name; `stop` takes it back
#   STATE/state/update/installed      the request that the other slot holds, while it waits for its trial
#   STATE/state/update/system.raucb   the bundle; nothing is believed of it, RAUC looks at signature and version
#   STATE/state/update/stick.raucb    the bundle of a request that a stick made ("stick …"): it replaces no order's
#   STATE/state/update/progress       what came of it (tell.sh)
# Each step looks before it acts, so a cut anywhere is gone on from by the next call.
set -eu

bin=${BIN:-/opt/kiosk/current/libexec}
folder=${STATE:-/var/lib/kiosk}/state/update
as_kiosk=${AS_KIOSK-setpriv --reuid=kiosk-agent --regid=kiosk --init-groups}
said=$(mktemp)
trap 'rm -f "$said"' EXIT

tell() { "$bin/tell.sh" "$@"; }
over() { $as_kiosk rm -f "$folder/request" "$folder/installed" "$folder/stick.raucb"; }
slot() { "$bin/tryboot.sh" "$1"; }
is_taken_back() { [ "$(cat "$folder/request" 2>/dev/null || echo stop)" = stop ]; }
leave() {
    over
    armed=$(slot get-primary)
    [ "$armed" = "$(slot get-current)" ] || "$bin/tryboot.sh" set-state "$armed" bad
    exit 0
}
give_up() {
    over
    tell failed "$1"
    exit 1
}

[ -e "$folder/request" ] || exit 0
! is_taken_back || leave
case $(cat "$folder/request") in stick*) bundle=$folder/stick.raucb ;; *) bundle=$folder/system.raucb ;; esac
[ -f "$bundle" ] && [ ! -L "$bundle" ] || give_up "there is no bundle"
"$bin/may-update.sh" 2>"$said" || { tell waiting "$(cat "$said")"; exit 0; }
if [ "$(slot get-primary)" = "$(slot get-current)" ] || ! cmp -s "$folder/request" "$folder/installed"; then
    tell installing
    rauc install "$bundle" >"$said" 2>&1 || {
        # Somebody came, or the window ended, between our look and RAUC's: that is no failure of the bundle.
        "$bin/may-update.sh" 2>/dev/null || { tell waiting "the window ended"; exit 0; }
        reason=$(sed -n 's/^LastError: //p' "$said")
        give_up "${reason:-$(tail -n 1 "$said")}"
    }
    ! is_taken_back || leave
    $as_kiosk cp "$folder/request" "$folder/installed"
    "$bin/may-update.sh" 2>"$said" || { tell waiting "$(cat "$said")"; exit 0; }
fi
# What the trial must not take away: the office's broker, if it is reached now (health.sh).
if [ "$(cat "$folder/reached" 2>/dev/null)" = "$(cat "${BOOT:-/proc/sys/kernel/random/boot_id}")" ]; then
    $as_kiosk cp "$folder/reached" "$folder/reached-before"
else
    $as_kiosk rm -f "$folder/reached-before"
fi
tell trying
over
systemctl reboot --reboot-argument="0 tryboot"
