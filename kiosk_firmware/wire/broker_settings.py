"""Define what `unit.toml` says of the broker and of telemetry: the `[broker]` table, and the `[telemetry]` table that
few units need.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Annotated, Protocol

import msgspec

from kiosk_firmware.wire.error_texts import terminal_sentence

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class BrokerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The broker's address. `ca`, `cert` and `key` are PEM files; with none of them the connection is plain."""

    host: str = "127.0.0.1"
    port: Port = 1883
    ca: str = ""
    cert: str = ""
    key: str = ""
    username: str = ""
    password: str = ""
    keepalive_s: Annotated[int, msgspec.Meta(ge=5, le=120)] = 60
    retry_s: Seconds = 60
    """The longest pause between two attempts; each is drawn at random below a doubling bound."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """Files that are named and not there: the unit is nobody yet, and its enrolment brings them."""
        return tuple(path for path in (self.ca, self.cert, self.key) if path and not Path(path).exists())


def with_certificates(broker: BrokerSettings, ca: str, cert: str, key: str) -> BrokerSettings:
    """Return the broker's settings with the files that a command line names.

    Raises:
        ValueError: a file is not there, or some are named without `--ca`, which would make the connection a plain one.
    """
    made = msgspec.structs.replace(broker, ca=ca, cert=cert, key=key)
    named = {"--ca": ca, "--cert": cert, "--key": key}
    for word, path in named.items():
        if path in made.lacking:
            raise ValueError(f"{word}\n{terminal_sentence('lacking', path)}")
    if (cert or key) and not ca:
        raise ValueError("--cert and --key go with --ca, the office's root (root.pem); without it nothing is encrypted")
    return made


def broker_of(text: str) -> BrokerSettings:
    """Parse `HOST:PORT` of a command line as a broker's settings.

    Raises:
        argparse.ArgumentTypeError: not of that form.
    """
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r}: allowed is HOST:PORT, as in 127.0.0.1:1883")
    return BrokerSettings(host=host, port=int(port))


class Telemetry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pace of telemetry. `spread_s` is the random wait after the office or the broker came back: a fleet that
    starts together must not arrive together (600 s suits thousands of units).
    """

    window: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    rate: Annotated[float, msgspec.Meta(gt=0)] = 20.0
    resend_s: Annotated[float, msgspec.Meta(ge=1)] = 30.0
    spread_s: Seconds = 1.0
    health_s: Annotated[float, msgspec.Meta(ge=1)] = 60.0
    summary_s: Annotated[float, msgspec.Meta(ge=60)] = 900.0
    glass_always: bool = False
    """Pictures of the glass without a watch; only the demo sets it."""


class UnitTable(Protocol):
    """The part of `[unit]` that telemetry reads."""

    @property
    def id(self) -> str: ...
    @property
    def site(self) -> str: ...
    @property
    def kind(self) -> str: ...


class UnitSettings(Protocol):
    """The part of the joined settings that the agent reads."""

    @property
    def unit(self) -> UnitTable: ...
    @property
    def broker(self) -> BrokerSettings: ...
    @property
    def telemetry(self) -> Telemetry: ...
