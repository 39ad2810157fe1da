"""A cabinet to measure: every device at its real poll against twins in a process of their own.

*Polling*: processor time of this process, in which nothing but the cabinet runs, while a page waits on every slot and
while none does. *Card*: from the moment a card is in the slot, or a tag on the pad, until its event is posted. *Token*:
from the moment when the pause that ends a train of pulses is over until the credit is posted; where the train ended is
known from when the token was put in, to the millisecond that a request to the twin takes. *On the glass*: from the same
moment until an X client sees the new amount on the deposit page of a whole unit.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from deploy.bench.bench_figures import BenchFigure, median, p95
from deploy.bench.whole_unit import UnitUnderTest, run_process, to_menu, wait
from hardware.cabinet.cabinet import Cabinet
from hardware.drivers.driver_thread import monotonic_ms
from hardware.drivers.settings.base import MoneyChannels
from hardware.drivers.settings.cards import Pn532
from hardware.drivers.settings.hardware_settings import DeviceTables, full_cabinet
from hardware.drivers.settings.scanners import ScannerSettings
from hardware.twins.coin_pulse import FALL_MS
from hardware.twins.control_client import TwinControlClient
from kiosk_firmware.core.effects import EjectMedia
from kiosk_firmware.core.events import AnyEvent, ItemsInserted, MediaInserted, MediaPresented, MediaTaken
from kiosk_firmware.settings import unit_toml

CARD, TAG, TOKEN_FEN = "9900550000005528", "04a1b2c3", 500
FRAME_MS = 17
SETTLED_S = 2.0


class TimedEvent:
    """Events with the moment at which they were posted (ms, the clock of all edges)."""

    def __init__(self) -> None:
        self._heard: list[tuple[float, AnyEvent]] = []

    def post(self, event: AnyEvent) -> None:
        """Take an event from a driver's thread."""
        self._heard.append((monotonic_ms(), event))

    def at_ms(self, wanted: Callable[[AnyEvent], bool], since_ms: float) -> float:
        """Return when the first such event since then was posted; waits for it."""

        def first() -> float:
            return next((at_ms for at_ms, event in [*self._heard] if at_ms >= since_ms and wanted(event)), 0.0)

        return float(wait(first, "an event"))


def everything() -> DeviceTables:
    """Return one of everything, at its real pace, with tags that stand for cards."""
    pad = Pn532(port="tty-id", cards={TAG: CARD})
    return msgspec.structs.replace(full_cabinet(), id_reader=pad, barcode_scanner=ScannerSettings("gm65"))


@contextmanager
def cabinet(devices: DeviceTables | None = None) -> Iterator[tuple[Cabinet, TwinControlClient, TimedEvent]]:
    """Yield a cabinet that is up, its twins, and what it tells; *devices*: another one than `everything`."""
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-") as scratch:
        folder, told = Path(scratch), TimedEvent()
        made = unit_toml.check_settings(tomllib.loads(unit_toml.example("demo")), "bench")
        made = msgspec.structs.replace(made, devices=devices or everything())
        unit = folder / "unit.toml"
        unit.write_text(unit_toml.settings_toml(made), encoding="utf-8")
        twins = [sys.executable, "-m", "hardware.twins", "--state", str(folder), "--unit", str(unit)]
        with run_process(twins), TwinControlClient(folder / "twins.sock", 40) as client:
            whole = Cabinet(made.hardware(folder), told.post)
            whole.start()
            try:
                wait(lambda: all(row["ok"] or row["text"] == "absent" for row in whole.self_test()), "all devices")
                yield whole, client, told
            finally:
                whole.stop()


def measure_polling(quick: bool) -> Iterator[BenchFigure]:
    """Yield what a full cabinet costs while it is looked after: with every slot open, and at rest."""
    seconds = 3.0 if quick else 10.0
    with cabinet() as (whole, _, _):
        slots = [name for name, _ in everything().named() if name != "payment_host"]
        for name, at in (("every slot open", slots), ("at rest", [])):
            whole.expect(at)
            time.sleep(SETTLED_S)
            began, used = time.perf_counter(), time.process_time()
            time.sleep(seconds)
            share = (time.process_time() - used) / (time.perf_counter() - began)
            yield BenchFigure(f"a full cabinet polling, {name}", round(share * 100, 2), "% of a core", most=5)


def cards(quick: bool) -> Iterator[BenchFigure]:
    """Measure from a card in the slot to its event, at each reader's real poll."""
    rounds = 8 if quick else 40
    with cabinet() as (whole, twins, told):
        whole.expect(("card_reader", "id_reader"))
        for name, once in (("motorised reader", _card), ("tap reader", _tap)):
            taken = []
            for at in range(rounds):
                time.sleep(0.011 * (at % 10))  # at any moment of the poll
                taken.append(once(whole, twins, told))
            note = f"median {median(taken):.3g} ms, {rounds} cards"
            yield BenchFigure(f"card → event p95, {name}", round(p95(taken), 1), "ms", most=100, note=note)


def _card(whole: Cabinet, twins: TwinControlClient, told: TimedEvent) -> float:
    wait(lambda: twins.do("insert_card", card=CARD)["ok"], "the slot to take the card")
    began = monotonic_ms()
    taken = told.at_ms(lambda e: isinstance(e, MediaInserted), began - 50) - began
    whole.perform(EjectMedia("card_reader", "eject"))
    told.at_ms(lambda e: isinstance(e, MediaPresented), began)
    wait(lambda: twins.do("take_card")["ok"], "the card to come back")
    told.at_ms(lambda e: isinstance(e, MediaTaken) and e.at == "card_reader", began)
    return max(0.0, taken)


def _tap(whole: Cabinet, twins: TwinControlClient, told: TimedEvent) -> float:
    began = monotonic_ms()
    twins.must("tap_tag", uid=TAG, at="id_reader")
    taken = told.at_ms(lambda e: isinstance(e, MediaInserted), began) - began
    twins.must("remove_tag", at="id_reader")
    told.at_ms(lambda e: isinstance(e, MediaTaken) and e.at == "id_reader", began)
    return taken


def tokens(quick: bool) -> Iterator[BenchFigure]:
    """Measure from the end of the pause after a train of pulses to the credit."""
    rounds, taken = 6 if quick else 30, []
    train_ms, note = train(everything(), TOKEN_FEN)
    with cabinet() as (whole, twins, told):
        whole.expect(("coin_acceptor",))
        time.sleep(SETTLED_S)
        for at in range(rounds):
            time.sleep(0.4 + 0.007 * (at % 10))
            began = monotonic_ms()
            twins.must("token", fen=TOKEN_FEN)
            credited = told.at_ms(lambda e: isinstance(e, ItemsInserted), began)
            taken.append(credited - began - train_ms)
    note = f"median {median(taken):.3g} ms, {rounds} tokens of {note}"
    yield BenchFigure("end of a pulse train's pause → credit p95", round(p95(taken), 1), "ms", most=FRAME_MS, note=note)


def train(devices: DeviceTables, fen: int) -> tuple[float, str]:
    """Return the milliseconds from a token in the slot until its train and the pause after it are over, and what they
    are.
    """
    made: Any = devices.coin_acceptor
    pulses = fen // MoneyChannels().token_unit_fen
    gap_ms = made.shape.train_gap_ms
    return FALL_MS + (2 * pulses - 1) * made.shape.width_ms + gap_ms, f"{pulses} pulses, pause of {gap_ms} ms"


def glass(quick: bool) -> Iterator[BenchFigure]:
    """Measure from the end of the pause until the new amount is on the glass, on an ATM's deposit page."""
    from deploy.bench.latency import Eye, xvfb

    rounds, taken = 5 if quick else 20, []
    train_ms, note = train(full_cabinet(quick=True), 100)
    unit = UnitUnderTest("atm")
    try:
        with xvfb() as display, unit.twins() as twins, unit.screen(display):
            to_menu(unit, twins)
            unit.tap("menu", "menu.deposit")
            unit.at("deposit")
            eye = Eye(display)
            row = _amount_row(eye, twins)
            for _ in range(rounds):
                time.sleep(SETTLED_S / 2)
                before, began = eye.row(row), time.perf_counter()
                wait(lambda: twins.do("token", fen=100)["ok"], "the slot to take the token")
                taken.append((eye.wait(lambda before=before: eye.row(row) != before) - began) * 1000 - train_ms)  # type: ignore[misc]
            eye.close()
    finally:
        unit.close()
    note = f"median {median(taken):.3g} ms, {rounds} tokens of {note}"
    yield BenchFigure("end of a pulse train's pause → glass p95", round(p95(taken), 1), "ms", most=FRAME_MS, note=note)


def _amount_row(eye: Any, twins: TwinControlClient) -> int:
    """Find a row of pixels that stands still until a token has fallen, and then not."""
    heights = range(120, 720, 6)
    time.sleep(SETTLED_S)
    looks = []
    for _ in range(4):
        looks.append([eye.row(y) for y in heights])
        time.sleep(0.5)
    after = [looks[0]]
    for _ in range(2):  # the first may change more than the amount
        wait(lambda: twins.do("token", fen=100)["ok"], "the slot to take the token")
        time.sleep(SETTLED_S)
        after.append([eye.row(y) for y in heights])
    still = [
        y
        for at, y in enumerate(heights)
        if len({look[at] for look in looks}) == 1 and len({look[at] for look in after}) == len(after)
    ]
    if not still:
        raise LookupError("no row of the page shows the amount alone")
    return still[len(still) // 2]
