"""The broker of a real fleet: its configuration and access list, written where its certificate lies.

`site.conf` is what ships: mutual TLS, the common name as user and client id, a revocation list, an access list of
patterns. The tests start exactly this file, on loopback, and prove by delivery what it promises.
"""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path


def write(folder: Path, port: int, listen: str = "") -> Path:
    """Write `mosquitto.conf` and `acl` into the folder that holds the certificate; `listen` is one address, "" all.

    Returns:
        The configuration's path, for `mosquitto -c`.
    """
    shipped = resources.files("deploy.office")
    lists = folder / "acl"
    lists.write_text(shipped.joinpath("site.acl").read_text("utf-8"))
    lists.chmod(0o600)
    text = shipped.joinpath("site.conf").read_text("utf-8").format(
        port=port, listen=f" {listen}" if listen else "", folder=folder.resolve(),
        user_line="user root" if os.geteuid() == 0 and listen else "",  # a test's private folder; a site's drops rights
    )  # fmt: skip
    path = folder / "mosquitto.conf"
    path.write_text(text)
    return path
