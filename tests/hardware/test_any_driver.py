"""ATM and railway machine run on any driver, unchanged: the same lessons reach their goals, with the same money.

Each unit swaps the drivers of several roles at once. The person does what the coach says, at the twins; every event
that the devices tell is judged by the machine's own world.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import pytest

from hardware.cabinet.simulated_capabilities import NOTE_BY_HAND
from hardware.drivers import recycler_essp
from hardware.drivers.practice_pin_store import PinStore
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Magstripe, Pn532, Sdt, Wiegand
from hardware.drivers.settings.coins import CctalkCoins, Dg600fSerial
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet, problems
from hardware.drivers.settings.mdb import MdbCoins, MdbTubeSettings
from hardware.drivers.settings.notes import CctalkBills, EsspNotes, EsspPayout, PulseNotes
from hardware.drivers.settings.pin_pads import SerialPad
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.events import ItemsRefused
from tests.hardware.driven import Driven
from tests.hardware.pin_rig import PIN, CabinetRig

TAG, NUMBER = "04a1b2c3", machine_loader.personas()["default"].cards[0].number
IDS = sorted({card.number for persona in machine_loader.personas().values() for card in persona.ids})
MONEY = MoneyChannels(notes_fen=(1_000, 2_000, 5_000, 10_000))
PULSES = {"2": 1_000, "4": 2_000, "10": 5_000, "20": 10_000}


class Built(NamedTuple):
    """A unit: what is swapped, and how a card is held to its reader."""

    devices: DeviceTables
    insert: dict[str, object]


def built(insert: dict[str, object], **swapped: object) -> Built:
    """A full cabinet with these tables in place of its own."""
    ids = Pn532(port="tty-id", cards={f"0d{at:06x}": number for at, number in enumerate(IDS)})
    free = {"id_reader": ids, "lights": None, "side_keys": None, **swapped}
    return Built(msgspec.structs.replace(full_cabinet(quick=True), **free), insert)


UNITS = {
    "taps and a ccTalk bus": built(
        {"act": "tap_tag", "at": "card_reader", "uid": TAG},
        card_reader=Pn532(cards={TAG: NUMBER}),
        note_acceptor=CctalkBills(),
        coin_acceptor=CctalkCoins(),
        pin_pad=SerialPad("hcc960"),
    ),
    "a recycler and a changer": built(
        {"act": "swipe_card", "card": NUMBER, "chip": True},
        card_reader=Magstripe(),
        note_acceptor=EsspNotes(),
        cash_dispenser=EsspPayout(most=50),
        coin_acceptor=MdbCoins(),
        coin_dispenser=MdbTubeSettings(),
        id_reader=Sdt(),
    ),
    "pulses and wires": built(
        {"act": "tap_card", "card": "68:62170"},
        card_reader=Wiegand(20, 21, cards={"68:62170": NUMBER}),
        note_acceptor=PulseNotes(22, 23, PULSES, train_gap_ms=100, width_ms=20),
        coin_acceptor=Dg600fSerial(24),
        pin_pad=SerialPad("gz"),
    ),
}
LESSONS = [
    ("atm", "rongjiang", "withdraw-100"),
    ("atm", "rongjiang", "deposit"),
    ("rail", "chengdudong", "buy-change"),
    pytest.param("rail", "chengdudong", "buy-cash", marks=pytest.mark.long),
]


@pytest.fixture(params=UNITS)
def unit(request, tmp_path, monkeypatch):
    """The unit, its card's PIN set."""
    monkeypatch.setattr(recycler_essp, "FOLLOW_MS", 20)
    found = UNITS[request.param]
    assert problems(found.devices, MONEY) == []
    PinStore(tmp_path).set(NUMBER, PIN)
    rig = CabinetRig(tmp_path, found.devices, MONEY)
    if isinstance(found.devices.cash_dispenser, EsspPayout):
        with rig.twins.hold("note_acceptor") as twin:
            twin.store, twin.PAY_MS = {10_000: 30, 5_000: 20, 1_000: 20}, 20
    with rig:
        yield rig, found


@pytest.mark.parametrize(("machine", "skin", "lesson"), LESSONS)
def test_a_lesson_reaches_its_goal_on_any_driver(unit, machine, skin, lesson):
    rig, found = unit
    driven = Driven(rig, machine, skin, lesson, found.insert)
    now = driven.run()
    assert driven.lesson.reached(driven.play.facts(now))


def test_a_note_that_is_refused_out_of_a_box_is_given_back_by_hand(tmp_path):
    """An acceptor without an escrow cannot give a note back when the armed fault refuses it: a person is told."""
    found = UNITS["pulses and wires"]
    with CabinetRig(tmp_path, found.devices, MONEY) as rig:
        rig.cabinet.begin(lambda document: [document.title.key], "note_rejected", True)
        rig.cabinet.expect(("note_acceptor",))
        rig.must("note", at="note_acceptor", fen=1_000)
        rig.heard(ItemsRefused)
        rig.until(lambda: NOTE_BY_HAND in rig.notes)
