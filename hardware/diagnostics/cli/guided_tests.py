"""The guided test of each kind of device: what a person does, what the device does, and what must follow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import eq
from typing import Any

from hardware.diagnostics.cli.device_access import WatchedContactChange
from hardware.diagnostics.cli.device_bench import Bench
from hardware.setup.pulse_teaching import yuan
from kiosk_firmware.core import effects as do
from kiosk_firmware.core import events as was
from kiosk_firmware.core.pages import Text, text

PRINTED = "练习 TEST 0123456789"
DIGITS = 4
CARD = "9900000000000001"
"""No card of anybody's; its PIN is wrong, and that is heard."""


def card_reader(bench: Bench) -> None:
    """Test that a card goes in, out, and is taken; a reader that only looks has only the first; then the pad beside it,
    if there is one.
    """
    bench.driver.enable(True)
    card = bench.do(Text("bench.card_in"), was.MediaInserted)
    if card and bench.can("ejects") and bench.perform(Text("bench.card_back"), do.EjectMedia):
        bench.do(Text("bench.card_take"), was.MediaTaken)
    if "pad" in bench.driver.health():
        bench.do(Text("bench.card_pad"), was.MediaInserted)


def tap_reader(bench: Bench) -> None:
    """Test that a phone is read, if it is held there long enough."""
    bench.driver.enable(True)
    told = Text("bench.phone")
    bench.do(told, was.MediaDetected, lambda event: event.media is not None)


def id_reader(bench: Bench) -> None:
    """Test that an ID card is seen as it is laid down and taken up."""
    bench.driver.enable(True)
    if bench.do(Text("bench.id_down"), was.MediaInserted):
        bench.do(Text("bench.id_up"), was.MediaTaken)


def note_acceptor(bench: Bench) -> None:
    """Test that a note comes back, and is kept the next time."""
    bench.driver.enable(True)
    if not bench.do(Text("bench.note_in"), was.ItemsInserted):
        return
    if bench.can("escrow"):
        bench.perform(Text("bench.note_back"), do.ReturnItems)
        if not bench.do(Text("bench.note_again"), was.ItemsInserted):
            return
    if (answer := bench.perform(Text("bench.note_kept"), do.StoreItems)) and bench.can("escrow"):
        bench.driver.committed(answer.ref)


def coin_acceptor(bench: Bench) -> None:
    """Test that each token is worth what unit.toml says."""
    bench.driver.enable(True)
    for fen in bench.money.tokens_fen:
        bench.do(text("bench.token", worth=yuan(fen)), was.ItemsInserted, partial(_worth, fen))


def _worth(fen: int, event: was.ItemsInserted) -> bool:
    return event.fen == fen


def coin_dispenser(bench: Bench) -> None:
    """Test that one piece falls."""
    _pay(bench, Text("bench.token_out"))


def cash_dispenser(bench: Bench) -> None:
    """Test that one note is presented and taken."""
    if _pay(bench, Text("bench.note_out")) and bench.can("senses_taken"):
        bench.do(Text("bench.take"), was.ItemsTaken)


def _pay(bench: Bench, told: Text) -> bool:
    pieces = [(fen, 1) for fen, count in bench.driver.stock if count]
    if not pieces:
        return bench.note(told, Text("bench.seen.empty"), False)
    if not bench.perform(told, lambda at, ref: do.Dispense(at, ref, (min(pieces),))):
        return False
    return bench.can("senses_taken") or bench.ask(text("bench.one_piece", worth=yuan(min(pieces)[0])))


def receipt_printer(bench: Bench) -> None:
    """Test a slip with Chinese and digits."""
    document = do.Document("test", Text(PRINTED))
    if bench.perform(Text("bench.slip"), lambda at, ref: do.PrintDocument(at, ref, document)):
        bench.ask(text("bench.slip_sharp", printed=PRINTED))


def pin_pad(bench: Bench) -> None:
    """Test that digits are counted, and never shown."""
    bench.driver.perform(do.ReadPin(bench.at, "pin", CARD))
    told = text("bench.digits", n=DIGITS)
    bench.do(told, was.PinKeyPressed)
    for _ in range(DIGITS - 1):
        if not bench.do(Text("bench.digit_more"), was.PinKeyPressed):
            return
    bench.do(Text("bench.enter"), was.PinEntered, lambda event: event.completion == "success")


def barcode_scanner(bench: Bench) -> None:
    """Test that a practice code is read."""
    bench.driver.enable(True)
    bench.do(Text("bench.code"), was.BarcodeRead, lambda event: bool(event.text))


def gate(bench: Bench) -> None:
    """Test that one person can go in, and out."""
    bench.perform(Text("bench.walk_in"), lambda at, ref: do.OpenGate(at, ref, "entry"))
    bench.perform(Text("bench.walk_out"), lambda at, ref: do.OpenGate(at, ref, "exit"))


def parcel_locker(bench: Bench) -> None:
    """Test that the door springs open, and is felt when it is shut."""
    if bench.perform(Text("bench.locker"), do.OpenDoor):
        bench.do(Text("bench.shut"), was.DoorClosed)


def ticket_dispenser(bench: Bench) -> None:
    """Test that a card comes out and is taken."""
    if bench.perform(Text("bench.ticket_out"), do.DispenseMedia) and bench.can("senses_taken"):
        bench.do(Text("bench.take"), was.MediaTaken)


def lights(bench: Bench) -> None:
    """Test that each lamp flashes."""
    lamps = bench.parts.lights
    for name in lamps.health()["lamps"]:
        lamps.show(name, "quick")
        bench.ask(text("bench.lamp", name=name))
        lamps.show(name, "off")


def side_keys(bench: Bench) -> None:
    """Test that each of the eight keys is felt."""
    for index in range(8):
        side, row = ("left", "right")[index // 4], index % 4 + 1
        bench.do(text(f"bench.key_{side}", n=row), int, partial(eq, index))


def contacts(bench: Bench) -> None:
    """Test that each contact is felt as it changes."""
    told = {
        "door": (Text("bench.door_open"), Text("bench.shut")),
        "tamper": (Text("bench.tamper_pull"), Text("bench.tamper_free")),
        "presence": (Text("bench.stand"),),
    }
    for name in bench.parts.panel["contacts"].now:
        for said, on in zip(told[name], (True, False), strict=False):
            bench.do(said, WatchedContactChange, partial(eq, WatchedContactChange(name, on)))


def buzzer(bench: Bench) -> None:
    """Test the buzzer's two tones."""
    for code, times in (("9900", "once"), ("", "three")):
        bench.parts.panel["buzzer"].heard(was.BarcodeRead("barcode_scanner", code))
        bench.ask(Text(f"bench.sounded_{times}"))


def door_lock(bench: Bench) -> None:
    """Test that it opens, and shuts by itself."""
    bench.parts.panel["door_lock"].open()
    bench.ask(Text("bench.door_lock"))


Trial = Callable[[Bench], Any]
TRIALS: dict[str, Trial] = {
    trial.__name__: trial
    for trial in (
        card_reader,
        tap_reader,
        id_reader,
        note_acceptor,
        coin_acceptor,
        coin_dispenser,
        cash_dispenser,
        receipt_printer,
        pin_pad,
        barcode_scanner,
        gate,
        parcel_locker,
        ticket_dispenser,
        lights,
        side_keys,
        contacts,
        buzzer,
        door_lock,
    )
}
"""By logical device."""
ON_PANEL = frozenset({"lights", "side_keys", "contacts", "buzzer", "door_lock"})
"""Those that are no drivers of a role: there is no answer to wait for first."""
