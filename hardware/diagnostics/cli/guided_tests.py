"""The guided test of each kind of device: what a person does, what the device does, and what must follow."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import eq
from typing import Any

from hardware.diagnostics.cli.device_access import ContactChange
from hardware.diagnostics.cli.device_bench import Bench
from hardware.setup.pulse_teaching import yuan
from kiosk_firmware.core import effects as do
from kiosk_firmware.core import events as was
from kiosk_firmware.core.pages import Text

PRINTED = "练习 TEST 0123456789"
DIGITS = 4
CARD = "9900000000000001"
"""No card of anybody's; its PIN is wrong, and that is heard."""


def card_reader(bench: Bench) -> None:
    """In, out, taken; a reader that only looks has only the first; then the pad beside it, if there is one."""
    bench.driver.enable(True)
    card = bench.do("Put a practice card into the reader, or hold it to it.", was.MediaInserted)
    if card and bench.can("ejects") and bench.perform("The reader gives the card back.", do.EjectMedia):
        bench.do("Take the card.", was.MediaTaken)
    if "pad" in bench.driver.health():
        bench.do("Hold a practice metro card to the pad.", was.MediaInserted)


def tap_reader(bench: Bench) -> None:
    """A phone is read, if it is held there long enough."""
    bench.driver.enable(True)
    told = "Hold the practice phone to the pad for a second."
    bench.do(told, was.MediaDetected, lambda event: event.media is not None)


def id_reader(bench: Bench) -> None:
    """Laid down and taken up."""
    bench.driver.enable(True)
    if bench.do("Lay a practice ID card on the reader.", was.MediaInserted):
        bench.do("Take it away.", was.MediaTaken)


def note_acceptor(bench: Bench) -> None:
    """A note comes back, and is kept the next time."""
    bench.driver.enable(True)
    if not bench.do("Put in a practice note.", was.ItemsInserted):
        return
    if bench.can("escrow"):
        bench.perform("The note comes back.", do.ReturnItems)
        if not bench.do("Take it, and put it in once more.", was.ItemsInserted):
            return
    if (answer := bench.perform("The note is kept.", do.StoreItems)) and bench.can("escrow"):
        bench.driver.committed(answer.ref)


def coin_acceptor(bench: Bench) -> None:
    """Each token is worth what unit.toml says."""
    bench.driver.enable(True)
    for fen in bench.money.tokens_fen:
        bench.do(f"Drop a token of {yuan(fen)}.", was.ItemsInserted, partial(_worth, fen))


def _worth(fen: int, event: was.ItemsInserted) -> bool:
    return event.fen == fen


def coin_dispenser(bench: Bench) -> None:
    """One piece falls."""
    _pay(bench, "One token is paid out.")


def cash_dispenser(bench: Bench) -> None:
    """One note is presented and taken."""
    if _pay(bench, "One note is presented.") and bench.can("senses_taken"):
        bench.do("Take it.", was.ItemsTaken)


def _pay(bench: Bench, told: str) -> bool:
    pieces = [(fen, 1) for fen, count in bench.driver.stock if count]
    if not pieces:
        return bench.note(told, "it is empty, by its own count", False)
    if not bench.perform(told, lambda at, ref: do.Dispense(at, ref, (min(pieces),))):
        return False
    return bench.can("senses_taken") or bench.ask(f"Did one piece of {yuan(min(pieces)[0])} come out, and no more?")


def receipt_printer(bench: Bench) -> None:
    """A slip with Chinese and digits."""
    document = do.Document("test", Text(PRINTED))
    if bench.perform("A slip is printed.", lambda at, ref: do.PrintDocument(at, ref, document)):
        bench.ask(f"Does it say {PRINTED!r}, sharp and cut off?")


def pin_pad(bench: Bench) -> None:
    """Digits are counted, never shown."""
    bench.driver.perform(do.ReadPin(bench.at, "pin", CARD))
    told = f"Press {DIGITS} digits."
    bench.do(told, was.PinKeyPressed)
    for _ in range(DIGITS - 1):
        if not bench.do("…", was.PinKeyPressed):
            return
    bench.do("Press enter.", was.PinEntered, lambda event: event.completion == "success")


def barcode_scanner(bench: Bench) -> None:
    """A practice code is read."""
    bench.driver.enable(True)
    bench.do("Hold a practice code before the scanner.", was.BarcodeRead, lambda event: bool(event.text))


def gate(bench: Bench) -> None:
    """One person goes in, and out."""
    bench.perform("Walk in through the gate.", lambda at, ref: do.OpenGate(at, ref, "entry"))
    bench.perform("Walk out again.", lambda at, ref: do.OpenGate(at, ref, "exit"))


def parcel_locker(bench: Bench) -> None:
    """The door springs open, and is felt when it is shut."""
    if bench.perform("The locker's door springs open.", do.OpenDoor):
        bench.do("Shut it.", was.DoorClosed)


def ticket_dispenser(bench: Bench) -> None:
    """A card comes out and is taken."""
    if bench.perform("A card comes out.", do.DispenseMedia) and bench.can("senses_taken"):
        bench.do("Take it.", was.MediaTaken)


def lights(bench: Bench) -> None:
    """Each lamp flashes."""
    lamps = bench.parts.lights
    for name in lamps.health()["lamps"]:
        lamps.show(name, "quick")
        bench.ask(f"Does the lamp {name} flash?")
        lamps.show(name, "off")


def side_keys(bench: Bench) -> None:
    """Each of the eight is felt."""
    for index in range(8):
        side, row = ("left", "right")[index // 4], index % 4 + 1
        bench.do(f"Press key {row} on the {side}.", int, partial(eq, index))


def contacts(bench: Bench) -> None:
    """Each contact is felt as it changes."""
    told = {
        "door": ("Open the door.", "Shut it."),
        "tamper": ("Pull the tamper contact.", "Let it go."),
        "presence": ("Stand before the unit.",),
    }
    for name in bench.parts.panel["contacts"].now:
        for text, on in zip(told[name], (True, False), strict=False):
            bench.do(text, ContactChange, partial(eq, ContactChange(name, on)))


def buzzer(bench: Bench) -> None:
    """Its two words."""
    for text, times in (("9900", "once"), ("", "three times")):
        bench.parts.panel["buzzer"].heard(was.BarcodeRead("barcode_scanner", text))
        bench.ask(f"Did it sound {times}?")


def door_lock(bench: Bench) -> None:
    """It opens, and shuts by itself."""
    bench.parts.panel["door_lock"].open()
    bench.ask("Did the door's lock open, and shut again by itself?")


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
