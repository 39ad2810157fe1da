"""`python -m hardware.twins --state DIR [--unit unit.toml] [--fresh]`: all twins of a unit in a process of their
own.

Serial twins stand on ptys in DIR, at the names that unit.toml gives their ports; the twins on pins join DIR/pins.sock
as soon as the application listens there; DIR/twins.sock is the control socket. Ends on SIGTERM or SIGINT, keeping the
state in DIR/twins.json, which `--fresh` ignores. Without `--unit` there is one of everything. Exit codes: 0 ended, 2
wrong use.
"""

from __future__ import annotations

import sys

from hardware.twins import control_socket


def main() -> int:
    """Run until told to end."""
    try:
        return control_socket.main("hardware.twins", sys.argv[1:])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
