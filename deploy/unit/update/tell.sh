#!/bin/sh
# tell.sh STAGE [DETAIL]: a line "UTC-ms STAGE DETAIL" to STATE/state/update/progress, which the agent tells on to the office.
# The same twice in a row is told once. The folder is the agent's, so it is written as the agent's user: a link that was laid
# in root's way leads nowhere.
set -eu

folder=${STATE:-/var/lib/kiosk}/state/update
as_kiosk=${AS_KIOSK-setpriv --reuid=kiosk-agent --regid=kiosk --init-groups}
line="$1 $(printf %s "${2:-}" | tr -s '[:space:]' ' ' | cut -c1-200)"
# shellcheck disable=SC2016,SC2086 # the inner shell's own words; one word an argument
$as_kiosk sh -c '
    mkdir -p "$1"
    last=$(tail -n 1 "$1/progress" 2>/dev/null | cut -d" " -f2-)
    [ "$last" != "$2" ] || exit 0
    printf "%s %s\n" "$(date +%s%3N)" "$2" >>"$1/progress"
    sync "$1/progress"
' - "$folder" "$line"
