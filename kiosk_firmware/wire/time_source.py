"""Authenticated time from the office to its units: NTS (RFC 8915) by chrony, under the fleet's own authority.

The office's chronyd bears the broker's certificate, so a unit checks the time's sender as it checks the broker's, by
the root that enrolled it; key exchange (TCP) and time (UDP) have one port. A unit takes time from nobody else. The
office serves what its computer's clock says, with or without a time of the world behind it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from kiosk_firmware.system.durable_files import write_whole

PORT = 8445
SERVER, SOURCE = "time.conf", "office.sources"
"""The server's configuration, in the broker's folder; the unit's only source, in the folder of its trust."""
_SERVER = """\
# Written anew by `kiosk office up` and `kiosk office ca broker`. This computer's clock is not touched (chronyd -x).
ntsservercert {folder}/broker.pem
ntsserverkey {folder}/broker.key
ntsdumpdir {folder}
ntsport {port}
port {port}
allow
local stratum 10
pidfile {folder}/time.pid
cmdport 0
bindcmdaddress /
{listen}"""


class TimeServerError(RuntimeError):
    """Chrony is not installed; the message says what to do."""


def program() -> str:
    """Return the path of chronyd. Raises TimeServerError: it is not installed."""
    found = shutil.which("chronyd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise TimeServerError("chrony is not installed; on Debian: apt-get install chrony")
    return found


def write_server(folder: Path, port: int = PORT, listen: str = "") -> Path:
    """Write the server's configuration where the broker's certificate lies; `listen` is one address, "" all."""
    path = folder / SERVER
    bound = f"bindaddress {listen}\n" if listen else ""
    write_whole(path, _SERVER.format(folder=folder.resolve(), port=port, listen=bound).encode(), 0o644)
    return path


def source(host: str, port: int = PORT) -> str:
    """Return the line by which a unit's chronyd takes time from the office."""
    return f"server {host} nts ntsport {port} iburst\n"
