"""The topic tree: `kiosk/v1/{site}/{unit}/…`, built and taken apart in this one place.

A topic's site is a hint for brokers and bridges, never proof: the office compares it with what it knows of the unit.
Ids and fact names hold no dot, since a RabbitMQ broker reads dots as levels: the fact `run.ended` travels as
`evt/run-ended`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

ROOT = "kiosk/v1"
CENTRAL = f"{ROOT}/_central/state"
ID = re.compile(r"[a-z0-9-]{3,32}")

Channel = Literal["evt", "status", "health", "ack", "cmd", "res", "glass", "now", "cfg", "trust", "log", "call"]
_LEAF: dict[str, Channel] = {
    "evt": "evt",
    "cmd": "cmd",
    "res": "res",
    "cfg": "cfg",
    "trust": "trust",
    "call": "call",
}
_FLAT: dict[str, Channel] = {
    "status": "status",
    "health": "health",
    "ack": "ack",
    "glass": "glass",
    "now": "now",
    "cfg": "cfg",
    "log": "log",
}
REPORTED = "reported"
"""Under `cfg`: what became of the wanted configuration; `cfg` itself is what is wanted."""
ASK, ANSWER = "ask", "answer"
"""Under `trust`: a certificate's renewal, what the unit says and what the office says."""
UP, DOWN = "up", "down"
"""Under `call`: what a visit's ends say to each other (`kiosk_firmware.visit.wire`), from the unit and to it."""


class Address(msgspec.Struct, frozen=True):
    """The parts of a topic. `leaf`: last level of `evt`, `cmd`, `res`, `trust`, `call`, `cfg/reported`, or ""."""

    site: str
    unit: str
    channel: Channel
    leaf: str = ""


def fact_leaf(fact: str) -> str:
    """Return `run.ended` as `run-ended`."""
    return fact.replace(".", "-")


def topic(site: str, unit: str, channel: Channel, leaf: str = "") -> str:
    """Return the topic of an address; site and unit must be ids."""
    return "/".join([ROOT, site, unit, channel, *([leaf] if leaf else [])])


@lru_cache(maxsize=16_384)
def parse(name: str) -> Address | None:
    """Return the address of a topic, or None where it is none of ours. Kept for the busy ones: a collector asks per
    fact.
    """
    parts = name.split("/")
    if "/".join(parts[:2]) != ROOT or not 5 <= len(parts) <= 6:
        return None
    site, unit, channel, *leaf = parts[2:]
    if not (ID.fullmatch(site) and ID.fullmatch(unit)):
        return None
    if leaf and channel in _LEAF and leaf[0]:
        return Address(site, unit, _LEAF[channel], leaf[0])
    if not leaf and channel in _FLAT:
        return Address(site, unit, _FLAT[channel])
    return None


def unit_filters(site: str, unit: str) -> tuple[str, ...]:
    """Return what a unit listens to."""
    told = topic(site, unit, "cfg"), topic(site, unit, "trust", ANSWER), topic(site, unit, "call", DOWN)
    return topic(site, unit, "ack"), topic(site, unit, "cmd", "+"), *told, CENTRAL


def office_filters(site: str = "+") -> tuple[str, ...]:
    """Return what the office listens to; a site's id where several collectors share the sites."""
    tails = "evt/+", "status", "health", "res/+", "glass", "now", "log", f"cfg/{REPORTED}", f"trust/{ASK}"
    return tuple(f"{ROOT}/{site}/+/{tail}" for tail in tails)


def sites_filters(sites: str) -> tuple[str, ...]:
    """Return the office's filters for several sites, a comma between their ids."""
    return tuple(one for site in sites.split(",") for one in office_filters(site.strip()))


def command_filter(site: str) -> str:
    """Return where commands to the units of a site are said."""
    return f"{ROOT}/{site}/+/cmd/+"


def call_filters(site: str = "+") -> tuple[str, ...]:
    """Return what the office's room of calls listens to, beside the collector; and a site's relay for it."""
    return (f"{ROOT}/{site}/+/call/{UP}",)


def relay_filters(site: str) -> tuple[str, ...]:
    """Return what a site's relay listens to above: what its units would."""
    return *(f"{ROOT}/{site}/+/{tail}" for tail in ("ack", "cmd/+", "cfg", f"trust/{ANSWER}", f"call/{DOWN}")), CENTRAL
