#!/bin/sh
# After a start on trial: five minutes in good health, then the new system is committed; otherwise the old one comes back.
# What is asked is what the watchdogs ask: both services active with no restart, the screen's frames and database, the
# agent's spool and broker.
set -eu

bin=${BIN:-/opt/kiosk/current/libexec}
if ! "$bin/tryboot.sh" booted-by-trial; then
    # A plain start with a system still armed: it was tried, and the firmware came back from it.
    armed=$("$bin/tryboot.sh" get-primary)
    [ "$armed" = "$("$bin/tryboot.sh" get-current)" ] || "$bin/tryboot.sh" set-state "$armed" bad
    exit 0
fi

minutes=5
while [ $minutes -gt 0 ]; do
    sleep 60
    for service in kiosk-screen.service kiosk-agent.service; do
        systemctl is-active --quiet "$service" || exec systemctl reboot
        [ "$(systemctl show -P NRestarts "$service")" = 0 ] || exec systemctl reboot
    done
    minutes=$((minutes - 1))
done
rauc status mark-good booted
