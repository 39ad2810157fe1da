"""Find Mosquitto, which is a program of the operating system's and no library."""

from __future__ import annotations

import os
import shutil


class BrokerError(RuntimeError):
    """The broker is not installed or did not start; the message says what to do or what it said."""


def program() -> str:
    """Return the path of the mosquitto program, which Debian keeps in /usr/sbin.

    Raises:
        BrokerError: it is not installed.
    """
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        raise BrokerError("mosquitto is not installed; on Debian: apt-get install mosquitto")
    return found
