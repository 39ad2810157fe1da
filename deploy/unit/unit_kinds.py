"""A kind of unit as the papers need it: its unit.toml joined with what `parts.toml` says of each part."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from hardware.drivers.settings.base import Table
from hardware.drivers.settings.hardware_settings import MEDIA
from kiosk_firmware.settings import unit_toml
from kiosk_firmware.settings.unit_toml import UnitSettings

HERE = Path(__file__).parent
KINDS = ("atm", "rail", "airport", "metro", "gate", "phone", "counter", "visit")
NOT_BUILT = ("payment_host", "pins", *MEDIA)
BESIDES: Mapping[str, tuple[str, ...]] = {"visit": ("camera", "microphone", "handset")}
"""By kind, what stands on the board's own USB: the system's drivers speak to it."""
SCREENS: Mapping[str, str] = {"phone": "screen_upright", "visit": "screen_large"}
"""By kind, another screen than the usual one."""


class About(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The facts about a part; sizes in mm. `power`: (volts, peak A) of each supply; `via`: what is between, by key."""

    en: str
    zh: str
    supply: str
    wire: str
    cut: tuple[int, int] = (0, 0)
    side: str = ""
    need: tuple[str, ...] = ()
    power: tuple[tuple[int, float], ...] = ()
    via: dict[str, str] = {}


class KindPart(msgspec.Struct, frozen=True):
    """A part of a kind: role, what is known of it, its pins as (key, BCM), its port ("" on pins)."""

    role: str
    about: About
    pins: tuple[tuple[str, int], ...]
    port: str


@cache
def read_kinds() -> dict[str, About]:
    """Return all parts. Raises ValueError: parts.toml is wrong; names key and what is allowed."""
    try:
        return msgspec.convert(tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8")), dict[str, About])
    except msgspec.ValidationError as error:
        raise ValueError(f"parts.toml: {error}") from error


def unit(kind: str) -> UnitSettings:
    """Return the kind's own unit.toml, checked."""
    return unit_toml.read_settings(HERE / kind / "unit.toml")


def parts(kind: str) -> tuple[KindPart, ...]:
    """Return the kind's parts, in the order of unit.toml, then those beside them. Raises LookupError: parts.toml says
    nothing of one.
    """
    driven = tuple(_part(role, table) for role, table in unit(kind).devices.named() if role not in NOT_BUILT)
    return (*driven, *(KindPart(name, read_kinds()[name], (), "USB") for name in BESIDES.get(kind, ())))


def in_chinese(table: str, said: str) -> str:
    """Return a sentence of `parts.toml` or `boards.toml` in Chinese. Raises LookupError: parts_zh.toml has none."""
    try:
        return _chinese()[table][said]
    except KeyError:
        raise LookupError(f"parts_zh.toml: [{table}] says nothing for {said!r}") from None


@cache
def _chinese() -> dict[str, dict[str, str]]:
    read: dict[str, dict[str, str]] = tomllib.loads((HERE / "parts_zh.toml").read_text(encoding="utf-8"))
    return read


def screen(kind: str) -> About:
    """Return what is to be known of the kind's screen."""
    return read_kinds()[SCREENS.get(kind, "screen")]


def _part(role: str, table: Table) -> KindPart:
    driver = str(type(table).__struct_config__.tag)
    about = read_kinds().get(f"{role}.{driver}") or read_kinds().get(driver)
    if about is None:
        raise LookupError(f"parts.toml: nothing about {role}.{driver}")
    return KindPart(role, about, tuple(table.wired()), str(getattr(table, "port", "")))
