#!/bin/sh
# After a start on trial: five minutes in good health, then the new system is committed; otherwise the old one comes back.
# What is asked is what the watchdogs ask: both services active with no restart, the screen's frames and database, the
# agent's spool and broker; and the broker itself, if the old system reached it.
set -eu

bin=${BIN:-/opt/kiosk/current/libexec}
folder=${STATE:-/var/lib/kiosk}/state/update
if ! "$bin/tryboot.sh" booted-by-trial; then
    # A plain start with a system still armed and nothing asked for: it was tried, and the firmware came back from it.
    armed=$("$bin/tryboot.sh" get-primary)
    if [ "$armed" != "$("$bin/tryboot.sh" get-current)" ] && [ ! -e "$folder/request" ]; then
        "$bin/tryboot.sh" set-state "$armed" bad
        # Where the trial itself said why, that stands.
        tail -n 1 "$folder/progress" 2>/dev/null | grep -q ' returned ' ||
            "$bin/tell.sh" returned "the new system did not come up"
    fi
    exit 0
fi

give_up() {
    "$bin/tell.sh" returned "$1"
    exec systemctl reboot
}
minutes=5
while [ $minutes -gt 0 ]; do
    sleep "${MINUTE_S:-60}"
    for service in kiosk-screen.service kiosk-agent.service; do
        systemctl is-active --quiet "$service" || give_up "$service does not run"
        [ "$(systemctl show -P NRestarts "$service")" = 0 ] || give_up "$service had to be started again"
    done
    minutes=$((minutes - 1))
done
[ ! -e "$folder/reached-before" ] ||
    [ "$(cat "$folder/reached" 2>/dev/null)" = "$(cat "${BOOT:-/proc/sys/kernel/random/boot_id}")" ] ||
    give_up "the broker is not reached any more"
rauc status mark-good booted || give_up "it could not be committed"
"$bin/tell.sh" kept
