"""The broker of a real fleet: its configuration and access list, written where its certificate lies.

`broker.conf` is what ships: mutual TLS, the common name as user and client id, a revocation list, an access list of
patterns. The tests start exactly this file, on loopback, and prove by delivery what it promises.

Beside the units there are parts of the office with a name each: a collector of certain sites, a site's relay. What one
of them may say and hear follows from the filters that it listens to. A relay has two brokers: above it stands for its
site's units, below, at the site's own broker, for the office.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path

from kiosk_firmware.system.durable_files import write_whole
from kiosk_firmware.wire import time_source, topics

RELAY, BOARD = "relay-", "office-board-"
"""How the names of a site's relay and of its class board begin; the site follows. No unit's id may begin so."""
SOCKET, SOCKET_BYTES = "relay.sock", 107
OWN_DOOR = f"""
# The relay alone comes in here, on this machine, to end the sessions of whom the office has revoked (`kiosk relay
# --lists`): under any name, with nothing to hear or say. Only the broker's own user may write to the socket.
listener 0 {{folder}}/{SOCKET}
allow_anonymous true
acl_file {{folder}}/acl-nothing
"""
Parts = Mapping[str, tuple[str, ...]]
"""Parts of the office by name, with the sites that each is there for."""


def access(parts: Parts, below: str = "") -> str:
    """Return the access list's text; `below`: it is the own broker of that site, whose relay speaks there for the
    office.
    """
    shipped = resources.files("kiosk_firmware.wire").joinpath("broker.acl").read_text("utf-8")
    if below:
        parts = {f"{RELAY}{below}": (below,)}
    return shipped + "".join("\n".join(_part(name, sites, below)) for name, sites in sorted(parts.items()))


def _part(name: str, sites: tuple[str, ...], below: str) -> Iterator[str]:
    if name.startswith(BOARD):  # on a teacher's laptop: hears one site's units and commands them, acknowledges nothing
        yield f"\nuser {name}"
        yield from _topics("read", (one for site in sites for one in topics.office_filters(site)))
        yield from _topics("write", (topics.command_filter(site) for site in sites))
        yield ""
        return
    said_below = [one for site in sites for one in (*topics.office_filters(site), *topics.call_filters(site))]
    said_above = dict.fromkeys(one for site in sites for one in topics.relay_filters(site))
    above = name.startswith(RELAY) and not below
    yield f"\nuser {name}"
    yield from _topics("write" if above else "read", said_below)
    yield from _topics("read" if above else "write", said_above)
    yield ""


def _topics(what: str, names: Iterable[str]) -> Iterator[str]:
    yield from (f"topic {what} {name}" for name in names)


def give_to_broker(folder: Path) -> bool:
    """Make a folder that root has just written readable for Mosquitto, which gives root's rights up as it starts.

    Returns:
        Whether it is; else a folder above shuts it off, and Mosquitto must stay root (`write`).
    """
    if os.geteuid() != 0:
        return True
    if folder.stat().st_uid == 0 and (account := _account()) and _can_reach(account, folder.resolve()):
        os.chown(folder, account.pw_uid, account.pw_gid)
    _hand_over(folder)
    return folder.stat().st_uid != 0


def _account() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam("mosquitto")
    except KeyError:
        return None


def _can_reach(account: pwd.struct_passwd, folder: Path) -> bool:
    """Return whether the account may pass each folder above."""
    above = [path.stat() for path in folder.parents]
    return all(one.st_mode & (0o100 if one.st_uid == account.pw_uid else 0o001) for one in above)


def _hand_over(folder: Path) -> None:
    """Give what root has written there to whom the folder belongs to."""
    if os.geteuid() == 0:
        owner = folder.stat()
        for path in folder.iterdir():
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def write_list(folder: Path, crl: str) -> None:
    """Write the revocation list where the broker reads it, at its start and at each SIGHUP."""
    write_whole(folder / "crl.pem", crl.encode(), 0o644)
    _hand_over(folder)


def write_access(folder: Path, parts: Parts, below: str = "") -> None:
    """Write the access list where the broker reads it, at its start and at each SIGHUP."""
    lists = folder / "acl"
    write_whole(lists, access(parts, below).encode(), 0o644)
    lists.chmod(0o600)
    _hand_over(folder)


def write(folder: Path, port: int, listen: str = "", parts: Parts | None = None, below: str = "") -> Path:
    """Write `mosquitto.conf`, `acl` and `time.conf` into the folder that holds the certificate.

    `listen`: one address, "" all.

    Returns:
        The configuration's path, for `mosquitto -c`.
    """
    shipped = resources.files("kiosk_firmware.wire")
    write_access(folder, parts or {}, below)
    is_readable = give_to_broker(folder)
    text = (
        shipped.joinpath("broker.conf")
        .read_text("utf-8")
        .format(
            port=port,
            listen=f" {listen}" if listen else "",
            folder=folder.resolve(),
            apart="true" if below else "false",
            own_door=OWN_DOOR.format(folder=folder.resolve()) if below else "",
            user_line="" if is_readable else "user root",
        )
    )
    if below:
        _no_access(folder)
    path = folder / "mosquitto.conf"
    write_whole(path, text.encode(), 0o644)
    time_source.write_server(folder, listen=listen)
    _hand_over(folder)
    return path


def _no_access(folder: Path) -> None:
    """Write an access list that lets nobody do anything. Raises ValueError: no socket's path may be as long as this
    one.
    """
    path = folder.resolve() / SOCKET
    if len(os.fsencode(path)) > SOCKET_BYTES:
        raise ValueError(f"{path}: a socket's path may have {SOCKET_BYTES} bytes; choose a shorter --out")
    nothing = folder / "acl-nothing"
    write_whole(nothing, b"# nothing\n", 0o644)
    nothing.chmod(0o600)
