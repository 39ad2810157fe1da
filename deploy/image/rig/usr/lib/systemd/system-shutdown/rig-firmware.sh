#!/bin/sh
# The reboot's argument, which a Raspberry Pi's kernel hands to its firmware, goes to the rig by the second serial line.
[ "$1" != reboot ] || echo "reboot $(cat /run/systemd/reboot-param 2>/dev/null)" >/dev/ttyS1
