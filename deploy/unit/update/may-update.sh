#!/bin/sh
# RAUC asks before it writes: only in the maintenance window, and never while somebody practises.
#   STATE/state/update/window   "HH:MM HH:MM" of UTC+8, when a unit may be changed; without the file 18:00 to 07:00
set -eu

state=${STATE:-/var/lib/kiosk}
now=${NOW:-$(TZ=CST-8 date +%H:%M)}
# Window and database are read as the network's user: a link there shows root's files to nobody.
as_kiosk=${AS_KIOSK-setpriv --reuid=kiosk-agent --regid=kiosk --init-groups}
window=$($as_kiosk cat "$state/state/update/window" 2>/dev/null) || window="18:00 07:00"
from=${window% *} until=${window#* }

minutes() { echo "$1" | awk -F: '{ print $1 * 60 + $2 }'; }
n=$(minutes "$now") f=$(minutes "$from") u=$(minutes "$until")
if [ "$f" -le "$u" ]; then inside=$((n >= f && n < u)); else inside=$((n >= f || n < u)); fi
[ "$inside" = 1 ] || { echo "not between $from and $until" >&2; exit 1; }
open=$($as_kiosk ${SQLITE:-/opt/kiosk/current/bin/python} -c '
import sqlite3, sys
try:
    db = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
    print(db.execute("SELECT count(*) FROM runs WHERE ended IS NULL").fetchone()[0])
except sqlite3.OperationalError:
    print(0)
' "$state/state/screen.db")
[ "$open" = 0 ] || { echo "somebody is practising" >&2; exit 1; }
