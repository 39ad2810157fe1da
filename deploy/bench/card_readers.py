"""Card readers that a full cabinet has no room for, each alone in one: from a card at the reader to its event.

The twins answer at once and their line has no speed: what a real wire takes (an ID card's 1295 bytes are 113 ms at
115 200 baud) comes on top, and what is measured is ours, the real poll included.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import msgspec

from deploy.bench.bench_figures import BenchFigure, median, p95
from deploy.bench.cabinet import CARD, TAG, cabinet
from deploy.bench.whole_unit import wait
from hardware.drivers.driver_thread import monotonic_ms
from hardware.drivers.settings.base import Table
from hardware.drivers.settings.cards import Magstripe, Pn532, Sdt, Wiegand
from hardware.drivers.settings.hardware_settings import DeviceTables
from hardware.drivers.settings.unit_fixtures import LinkedPins
from kiosk_firmware.core.events import MediaInserted

IDS = ("519901198802140030", "519901197604050013")
TAGS = (TAG, "04a1b2c4")
SAID = ("68:1", "68:2")
READERS: dict[str, tuple[str, Table, str, tuple[dict[str, Any], ...], str]] = {
    "ID reader": ("id_reader", Sdt(), "lay_card", tuple({"number": number} for number in IDS), "lift_card"),
    "tap reader with a purse": (
        "card_reader",
        Pn532(cards=dict.fromkeys(TAGS, CARD), purse_sector=1),
        "tap_tag",
        tuple({"uid": tag} for tag in TAGS),
        "remove_tag",
    ),
    "Wiegand reader": (
        "card_reader",
        Wiegand(5, 6, dict.fromkeys(SAID, CARD)),
        "tap_card",
        tuple({"card": said} for said in SAID),
        "",
    ),
    "stripe reader": ("card_reader", Magstripe(), "swipe_card", ({"card": CARD}, {"card": CARD}), ""),
}
"""Name → role, table, what a person does with two cards in turn, and how a card is taken away again."""


def readers(quick: bool) -> Iterator[BenchFigure]:
    """Measure the time from the act to the event, at any moment of the poll."""
    rounds = 6 if quick else 30
    for name, (at, table, act, cards, undo) in READERS.items():
        with cabinet(msgspec.structs.replace(DeviceTables(pins=LinkedPins()), **{at: table})) as (whole, twins, told):
            whole.expect((at,))
            on_pins = any(table.wired())
            wait(
                lambda at=at, on_pins=on_pins: (
                    whole.health()[at]["enabled"]  # type: ignore[misc]
                    and (not on_pins or twins.state()["connected"])
                ),
                "the reader to be enabled",
            )
            taken = []
            for turn in range(rounds):
                time.sleep(0.25 + 0.011 * (turn % 10))
                began = monotonic_ms()
                twins.must(act, **cards[turn % 2])
                taken.append(told.at_ms(lambda e: isinstance(e, MediaInserted), began) - began)
                if undo:
                    twins.must(undo)
        note = f"median {median(taken):.3g} ms, {rounds} cards"
        yield BenchFigure(f"card → event p95, {name}", round(p95(taken), 1), "ms", most=100, note=note)
