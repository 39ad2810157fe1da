"""A Mosquitto of our own: a private folder, a free port on loopback, never the distribution's service.

What it keeps survives `stop` and a new start in the same folder, as a site's broker would.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import time
from importlib import resources
from pathlib import Path

from kiosk_firmware.system.mosquitto_program import BrokerError, program
from kiosk_firmware.system.tcp_port import listens

START_S = 20.0


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody has now, and that no connection is given as its own end (Linux gives them
    from 32768 on): so it is free still when what listens there is killed and started again.
    """
    while True:
        port = secrets.choice(range(20_000, 32_000))
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def write_config(folder: Path, port: int, acl: str = "") -> Path:
    """Write the private configuration; `acl` is an access list's text, empty allows everything. Returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    lists = folder / "acl"
    if acl:
        lists.write_text(acl)
        lists.chmod(0o600)
    template = resources.files("deploy.office").joinpath("mosquitto.conf").read_text("utf-8")
    text = template.format(
        port=port,
        folder=folder.resolve(),
        anonymous="true",
        password_line="",
        acl_line=f"acl_file {lists.resolve()}" if acl else "",
        user_line="user root" if os.geteuid() == 0 else "",  # else it drops to a user who may not write here
    )
    path = folder / "mosquitto.conf"
    path.write_text(text)
    return path


def start_private(folder: Path, port: int = 0, acl: str = "") -> tuple[subprocess.Popen[bytes], int]:
    """Start a broker in `folder` and wait until it listens.

    Returns:
        The process, which the caller must end, and its port.

    Raises:
        BrokerError: not installed, or ended or silent instead of listening.
    """
    port = port or free_port()
    return start(write_config(folder, port, acl), port), port


def start(config: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a broker with a configuration and wait until it listens; the caller must end it.

    Raises:
        BrokerError: as `start_private`.
    """
    folder = config.parent
    process = subprocess.Popen(
        [program(), "-c", str(config)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + START_S
    while not listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise BrokerError(f"mosquitto did not start on port {port}: {_last_words(folder)}")
        time.sleep(0.02)
    if process.poll() is not None:  # somebody else took the port in between
        raise BrokerError(f"mosquitto did not start on port {port}: {_last_words(folder)}")
    return process


def _last_words(folder: Path) -> str:
    log = folder / "mosquitto.log"
    return log.read_text(errors="replace")[-500:] if log.exists() else "no log"
