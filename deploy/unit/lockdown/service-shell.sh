#!/bin/sh
# Opens a shell for a ticket of the office that came on a USB drive, and closes it (kiosk-service-shell.service):
#
#   service-shell.sh open TICKET   for as many minutes as the ticket says, or until whoever uses it leaves
#   service-shell.sh close         whatever happened before
#
# On the unit's own screen, behind a code that the office gave (kiosk-shell-console.service), with the glass away for so
# long; or by ssh on the cable, for the ticket's key (kiosk-shell-cable.service). Either is a user who has no right but to
# look, and ends with its service: nothing that was begun in it goes on. A ticket is spent before anything is opened.
# Minutes are counted by a clock that nobody can set.
# KIOSK, DATA and RUN stand for other places in the tests.
set -eu

kiosk=${KIOSK:-/opt/kiosk/current/bin/kiosk}
data=${DATA:-/var/lib/kiosk}
run=${RUN:-/run/kiosk-service-shell}
port=2222
as_kiosk() { setpriv --reuid=kiosk-agent --regid=kiosk --init-groups "$@"; }
ask() { as_kiosk "$kiosk" service-shell "$@" --unit "$data/unit.toml" --state "$data/state"; }

# Keyboards for as long as the console stands: those that are plugged in from now on.
let_keyboards_in() {
    : >"$run/keyboard"
    usbguard append-rule --temporary 'allow with-interface match-all { 03:*:* }' >/dev/null
}

open_console() {
    let_keyboards_in
    systemctl stop kiosk-screen.service
}

open_cable() { nft add element inet kiosk opened "{ $port timeout ${minutes}m }"; }

open() {
    ask take "$1" >"$run/order"
    read -r way minutes number word <"$run/order"
    case $way in console | cable) ;; *) return 1 ;; esac
    echo "$number" >"$run/number"
    if [ "$way" = cable ]; then word="restrict,pty $word"; fi
    echo "$word" >"$run/word"
    echo failed >"$run/why"
    "open_$way"
    timeout "${minutes}m" systemctl start --wait "kiosk-shell-$way.service" && ended=0 || ended=$?
    why >"$run/why.new"
    mv "$run/why.new" "$run/why"
}

# An ssh server ends by itself only where it could not begin; systemd's own reasons not to begin are 200 and up.
why() {
    [ $ended != 124 ] || { echo time; return; }
    case $way.$(systemctl show -P ExecMainStatus "kiosk-shell-$way.service") in
        console.99) echo code ;;
        cable.* | console.2[0-9][0-9]) echo failed ;;
        *) echo left ;;
    esac
}

# The daemon's start anew forgets what was let in for a time, and takes it away again where it is plugged in.
close() {
    systemctl stop kiosk-shell-console.service kiosk-shell-cable.service
    nft delete element inet kiosk opened "{ $port }" 2>/dev/null || true
    if [ -e "$run/keyboard" ]; then
        rm -f "$run/keyboard"
        systemctl restart usbguard.service
        systemctl start --no-block kiosk-screen.service
    fi
    [ ! -e "$run/number" ] || ask end "$(cat "$run/number")" "$(cat "$run/why")"
}

case ${1:-} in
    open) open "$2" ;;
    close) close ;;
    *) exit 2 ;;
esac
