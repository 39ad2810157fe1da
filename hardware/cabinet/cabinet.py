"""The cabinet: this unit's logical devices behind one door. Effects go in, events come out, and every effect is
answered.

Machines name logical devices; which driver stands behind a name, unit.toml says. What a driver cannot do is completed
here (`completing.py`), what a unit does not have answers `hardwareError` at once, and what does not answer at all is
answered `timeOut` by the time limit (`open_effects.py`). An armed fault strikes here (`striking.py`); what the devices
hold is put together in `finding.py`. The host behind `AskHost` is simulated: the engine's world answers, after as long
as a real one takes (`host_line.py`).

Calls may come from any thread and do not block; `post` is called from the drivers' threads, one after the other per
device.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from hardware.cabinet import inventory
from hardware.cabinet.delayed_calls import DelayedCalls
from hardware.cabinet.fault_injection import FAILS_MS, FAULT_REF, FaultInjection
from hardware.cabinet.peer_payments import PeerPayment
from hardware.cabinet.pending_effects import OpenEffect, OpenEffects
from hardware.cabinet.simulated_capabilities import NOTE_BY_HAND, NOTES_TO_BOX, TAKEN_MS, CompletedReader, Tickets
from hardware.cabinet.simulated_host_line import Answers, HostLine
from hardware.cabinet.transit_cards import TransitCards
from hardware.cabinet.unit_devices import ROLES, Equipment
from hardware.drivers.driver_thread import monotonic_ms
from hardware.drivers.effect_answers import answer
from hardware.drivers.pinpad_glass import PinPadGlass
from hardware.drivers.settings.hardware_settings import HardwareSettings
from hardware.transport.durable_json import DurableJson
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect, AskHost, Cancel, Document, ReadPin, RetainMedia, Retract, StoreItems
from kiosk_firmware.core.events import (
    NOTHING_LENT,
    AnyEvent,
    CabinetFound,
    Device,
    DeviceBack,
    DeviceLost,
    Fault,
    HostAnswered,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    Lent,
    MediaDispensed,
    MediaRetained,
)
from kiosk_firmware.core.pages import Text

log = logging.getLogger(__name__)

EventFilter = Callable[[AnyEvent], AnyEvent | None]
"""Passes an event on, or another in its place; None: it ends here."""
UNCLAIMED_MS = 1000
"""A credit found at waking up, whose run is not known, is confirmed to the validator this long after it was told."""


class Cabinet:
    """See the file's head. `simulated` and `lost` say what this unit only pretends, and what it cannot do now."""

    def __init__(
        self,
        settings: HardwareSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = lambda: int(monotonic_ms()),
        *,
        on_side_key: Callable[[int], None] = lambda _: None,
        on_note: Callable[[str], None] = lambda _: None,
        on_contact: Callable[[str, bool], None] = lambda name, on: None,
        on_power_cut: Callable[[AnyEffect], None] | None = None,
        on_met: Callable[[PeerPayment], None] = lambda met: None,
    ) -> None:
        """Read the settings; `start` takes the wires.

        on_side_key: index 0..7 of a pressed side key. on_note: key of a sentence that a person must be told ("put the
        card into the box"). on_contact: door (open), tamper or presence, and whether it is so; from a driver's thread.
        on_power_cut: called once, just before money moves, where a power cut is armed. on_met: another unit's code was
        read (`peer_payments.py`).
        """
        self.lost: set[Device] = set()
        self._slow: set[Device] = set()
        self._settings, self._post = settings, post
        self._on_note, self._on_power_cut = on_note, on_power_cut
        self._memory = DurableJson(Path(settings.state) / "cabinet.json" if settings.state else None)
        self._parts = Equipment(settings, self._hear, clock, self._write, on_side_key, on_contact)
        self._drivers = self._parts.drivers
        self._said_missing: set[Device] = set()
        self._open = OpenEffects()
        self._later = DelayedCalls("cabinet")
        self._completed = CompletedReader(self._hear, self._later.after, on_note)
        self._tickets = Tickets()
        self._striking = FaultInjection(self._drivers, self._completed)
        self._passes = TransitCards(self._memory, self._to_reader, self._dispensed)
        self._host = HostLine(settings, self._memory, self._open, self._later, self._hear, on_met)
        self._glass = PinPadGlass(self._parts.state, self._hear)
        self._render: Callable[[Document], list[str]] = lambda document: [document.title.key]
        self._expected: frozenset[str] = frozenset()
        self._asked: frozenset[str] = frozenset()
        self._halo = ""
        self._owed_ref = ""
        self._filters: tuple[EventFilter, ...] = (
            self._without_acts_of_faults,
            self._host.meeting.heard,  # another unit's code is decided there
            self._with_transit_cards,
            self._with_credit_noted,
            self._with_note_kept,
            self._with_ticket_written,
            self._open.answered,  # no second answer, and none to what nobody asked
            self._with_counts_kept,
        )

    def start(self, settle_ms: float = 2000) -> None:
        """Take the wires. A device that cannot be had is lost, and the others start.

        Returns as soon as every device has been looked at, so that `found` knows where the card is; at the latest after
        `settle_ms`, and a device that took longer counts as lost until it is there.
        """
        self._later.start()
        self._parts.start()
        self._slow = self._parts.settle(self.lost, settle_ms)
        self._settle_kept()
        self._host.start()
        self._watch()

    def _reader_can(self, what: str) -> bool:
        reader = self._drivers.get("card_reader")
        return reader is not None and what in reader.CAN

    @property
    def _plays(self) -> CompletedReader | None:
        """Return who plays for a reader that only sees the card; nobody where a slot has it."""
        return None if self._reader_can("ejects") else self._completed

    def _settle_kept(self) -> None:
        """Count a card that was being kept when the process died, and is gone: it lies in the box. The mark is on the
        disk before the reader is told, and the reader takes the card in at once; a hand would have had to be quicker.
        """
        if self._memory.get("keeping"):
            gone = self._parts.ready("card_reader") and self.found().place == "none"
            self._memory.keep(keeping=False, captured=self._captured + int(gone))

    @property
    def _captured(self) -> int:
        return int(self._memory.get("captured", 0))

    def stop(self) -> None:
        """Let all wires go: coins are refused, the tray is locked, lamps are dark. Twice is fine."""
        self._host.stop()
        self._later.stop()
        self._glass.stop()
        self._parts.stop()

    # -- a run --------------------------------------------------------------------------------------------------------

    def begin(
        self, render: Callable[[Document], list[str]], armed: Fault | None, pins_fresh: bool, lent: Lent = NOTHING_LENT
    ) -> None:
        """Begin a run, or take it up again (not `pins_fresh`: the tray's book is not made new).

        render: a document as lines, the first of which is its title; the printer lays out by its own width. lent: the
        tickets that real cards stand for (`transit_cards.py`); whose PINs go on is `lent.carried`.
        """
        self._passes.begin(lent, pins_fresh)
        self._render, self._striking.armed = render, armed
        self._said_missing.clear()
        if (tray := self._drivers.get("cash_dispenser")) is not None and pins_fresh:
            tray.begin()
        if (gate := self._drivers.get("gate")) is not None:
            gate.begin(lent.calm)
        if (pad := self._drivers.get("pin_pad")) is not None:
            pad.begin(pins_fresh and not lent.carried)
        if (ident := self._drivers.get("id_reader")) is not None:
            ident.begin(not pins_fresh)

    def end(self) -> None:
        """End the run; cards are reported by their own numbers from here on."""
        self._passes.end()

    def found(self) -> CabinetFound:
        """Return what the devices hold now, and what is missing."""
        notes = self._drivers.get("note_acceptor")
        if notes is not None and notes.found().unclaimed_fen:
            # whoever asked knows now; until the validator may forget it, it takes no note
            self._later.after(UNCLAIMED_MS, lambda: notes.committed(""))
        here = inventory.take_inventory(self._drivers, self._plays, self._missing(), self._captured)
        return msgspec.structs.replace(here, number=self._passes.number(here.number))

    def _missing(self) -> tuple[Device, ...]:
        self._slow = {at for at in self._slow if not self._parts.ready(at)}
        return tuple(at for at in ROLES if at not in self._drivers or at in self.lost or at in self._slow)

    def expect(self, at: Iterable[str]) -> None:
        """Enable the slots that the page waits on, and no others; their lamps blink, or the one pointed at."""
        self._asked = frozenset(at)
        wanted = self._asked | self._host.meeting.slots()
        for name, driver in self._drivers.items():
            if (name in wanted) != (name in self._expected):
                driver.enable(name in wanted)
        self._expected = wanted
        if self._parts.lights is not None:
            self._parts.lights.expect(wanted, self._halo)

    def halo(self, slot: str) -> None:
        """Blink the lamp of the slot that the coach points at; "" for none."""
        self._halo = slot
        self.expect(self._asked)

    def issue_secrets(self, on: bool) -> None:
        """Give each card that is held to the card reader from now on its secret, where it can carry one; or no more."""
        issue = getattr(self._drivers.get("card_reader"), "issue", None)
        if issue is not None:
            issue(on)

    def call_teacher(self, on: bool) -> None:
        """Switch the lamp that calls the teacher."""
        self._parts.call_teacher(on)

    def contacts(self) -> dict[str, bool]:
        """Return what the cabinet feels now, of door (open), tamper and presence; empty where it has no contacts."""
        return self._parts.contacts()

    def open_door(self) -> bool:
        """Open the cabinet's door for whoever looks after it; False where it has no lock of its own."""
        return self._parts.open_door()

    def refill(self, at: str) -> None:
        """Count a device anew: a supervisor filled it up, or emptied its box."""
        if at == "card_reader":
            self._memory.keep(captured=0)
        for driver in (one for name, one in self._drivers.items() if name == at and hasattr(one, "filled")):
            driver.filled()

    def host(self, answer_: Answers) -> None:
        """Set who answers for the simulated host; called in the cabinet's thread. None: the ask waits for a person."""
        self._host.answers = answer_

    def committed(self, counter: int = 0) -> None:
        """Hear that what was said is in the journal: a validator that waits with a credit may forget it."""
        ref, self._owed_ref = self._owed_ref, ""
        if ref and (notes := self._drivers.get("note_acceptor")) is not None:
            notes.committed(ref)

    # -- effects ------------------------------------------------------------------------------------------------------

    def perform(self, effect: AnyEffect) -> None:
        """Begin the effect; exactly one answer with its `ref` is posted (none for `Cancel`). Never blocks."""
        if isinstance(effect, Cancel):
            self._cancel(effect)
            return
        if self._on_power_cut is not None and self._striking.cuts_power(effect):
            self._on_power_cut(effect)
        wire = self._open.open(effect, monotonic_ms())
        if isinstance(wire, AskHost):
            self._host.ask(wire)
            self.expect(self._asked)
        elif (never := self._striking.prevents(wire)) is not None:
            tries_ms = FAILS_MS if self._settings.devices.payment_host.answer_ms else 0
            self._later.after(tries_ms, lambda: self._hear(never))
        elif isinstance(wire, RetainMedia) and wire.at == "card_reader":
            self._later.after(0, lambda: self._keep_card(wire))
        else:
            self._hand_over(wire)

    def _keep_card(self, wire: AnyEffect) -> None:
        if self.found().place != "none":
            self._memory.keep(keeping=True)
        self._hand_over(wire)

    def _hand_over(self, wire: AnyEffect) -> None:
        driver = self._driver(wire)
        if isinstance(wire, Retract) and wire.at == "note_acceptor":
            wire = StoreItems(wire.at, wire.ref)
        if driver is None:
            if wire.at not in self._said_missing:
                self._said_missing.add(wire.at)
                self._post(DeviceLost(wire.at))
            self._hear(answer(wire, "hardwareError"))
        elif wire.at != "card_reader" or self._plays is None or not self._plays.perform(wire):
            said = self._passes.performed(wire, "writes" in driver.CAN)
            if said is None:
                driver.perform(self._passes.wire(wire))
            else:
                self._hear(said)

    def _to_reader(self, wire: AnyEffect) -> None:
        self._drivers["card_reader"].perform(wire)

    def _cancel(self, effect: Cancel) -> None:
        waiting = self._open.find(effect.at, effect.ref)
        if waiting is None:
            return
        if isinstance(waiting.effect, AskHost):
            ask = waiting.effect
            self._hear(HostAnswered(ask.at, waiting.wire_ref, "offline", ask.ask, "canceled"))
        elif (driver := self._driver(waiting.effect)) is not None:
            driver.perform(Cancel(effect.at, waiting.wire_ref))

    def _driver(self, effect: AnyEffect) -> Any:
        """Return who does it: a telephone's password is typed on the glass."""
        on_glass = isinstance(effect, ReadPin) and effect.on == "glass"
        return self._glass if on_glass else self._drivers.get(effect.at)

    def digit(self, key: str) -> None:
        """Pass a figure of a telephone's password from the glass into the entry, and nowhere else."""
        self._glass.press(key)

    def phone(self, order: int, fen: int | None = None) -> bool:
        """Pay the code of that order by a practice phone; return False where no page waits for it (any more)."""
        return self._host.phone(order, fen)

    def _watch(self) -> None:
        """Answer what is overdue, and come again."""
        for waiting in self._open.overdue(monotonic_ms()):
            log.error("%s did not answer %s", waiting.effect.at, waiting.effect)
            self._give_up(waiting)
        self._later.after(250, self._watch)

    def _give_up(self, waiting: OpenEffect) -> None:
        effect = waiting.effect
        gone = isinstance(effect, AskHost) and HostAnswered(effect.at, effect.ref, "offline", effect.ask, "timeOut")
        self._post(gone or answer(effect, "timeOut"))
        if (driver := self._driver(effect)) is not None:
            driver.perform(Cancel(effect.at, waiting.wire_ref))

    # -- events -------------------------------------------------------------------------------------------------------

    def _hear(self, heard: AnyEvent) -> None:
        """Hear a device; called in its thread. Each filter passes the event on, another in its place, or none."""
        for event_filter in self._filters:
            passed = event_filter(heard)
            if passed is None:
                return
            heard = passed
        for event in self._striking.struck(heard):
            for listener in self._listeners():
                listener(event)

    def _listeners(self) -> Iterator[Callable[[AnyEvent], None]]:
        if self._plays is not None:
            yield self._plays.heard
        if (buzzer := self._parts.panel.get("buzzer")) is not None:
            yield buzzer.heard
        yield self._post

    def _without_acts_of_faults(self, heard: AnyEvent) -> AnyEvent | None:
        """Keep from the machine what a device does for an armed fault."""
        if getattr(heard, "ref", "") != FAULT_REF:
            return heard
        self._tell_of_note_in_box(heard)
        return None

    def _with_transit_cards(self, heard: AnyEvent) -> AnyEvent | None:
        return self._passes.heard(heard, self._reader_can("writes"), self._settings.devices.tap_reader is None)

    def _with_credit_noted(self, heard: AnyEvent) -> AnyEvent:
        """Note the credit for which a validator waits until it is in the journal (`committed`)."""
        if isinstance(heard, ItemsStored) and heard.completion == "success":
            self._owed_ref = heard.ref
        return heard

    def _with_note_kept(self, heard: AnyEvent) -> AnyEvent:
        """Return a note that was to be kept as retracted: an acceptor knows one way inwards only."""
        waiting = self._open.waiting(heard.ref) if isinstance(heard, ItemsStored) else None
        if not isinstance(heard, ItemsStored) or waiting is None or not isinstance(waiting.effect, Retract):
            return heard
        kept = money.items((heard.fen, 1)) if heard.completion == "success" else money.NONE
        return ItemsRetracted(heard.at, heard.ref, kept, heard.completion)

    def _with_ticket_written(self, heard: AnyEvent) -> AnyEvent:
        """Return the event of a ticket that was let out with what it shall carry."""
        if not isinstance(heard, MediaDispensed):
            return heard
        waiting = self._open.waiting(heard.ref)
        return self._tickets.written(heard, waiting.effect if waiting else None, self._dispensed())

    def _dispensed(self) -> int:
        driver = self._drivers.get("ticket_dispenser")
        return driver.counters["dispensed"] if driver is not None else 0

    def _with_counts_kept(self, event: AnyEvent) -> AnyEvent:
        """Keep the cabinet's own count of what the event changes: cards, trays, devices that are gone."""
        tray, hopper = self._drivers.get("cash_dispenser"), self._drivers.get("coin_dispenser")
        unseen = "senses_taken" not in getattr(hopper, "CAN", ())
        match event:
            case DeviceLost(at=at):
                self.lost.add(at)
            case DeviceBack(at=at):
                self.lost.discard(at)
            case MediaRetained(at="card_reader", completion=completion):
                self._memory.keep(keeping=False, captured=self._captured + int(completion == "success"))
            case ItemsStored(fen=fen, completion="success") if tray is not None:
                tray.credit(money.items((fen, 1)))
            case ItemsInserted(at="coin_acceptor", fen=fen):
                token = money.items((fen, 1))
                elsewhere = hopper.credit(token) if hopper is not None else token
                if elsewhere and tray is not None:
                    tray.credit(elsewhere)
            case ItemsReturned():
                self._tell_of_note_in_box(event)
            case ItemsRetracted(at="cash_dispenser", items=items) if (
                items and tray is not None and "retracts" not in tray.CAN
            ):
                self._on_note(NOTES_TO_BOX)
            case ItemsPresented(at="coin_dispenser") if event.items and unseen:
                self._later.after(TAKEN_MS, lambda: self._hear(ItemsTaken("coin_dispenser")))
        return event

    def _tell_of_note_in_box(self, event: AnyEvent) -> None:
        """Tell a person of a note in the box that a driver without an escrow "gave back"."""
        match event:
            case ItemsReturned(at=at, fen=fen, completion="success") if fen and "escrow" not in self._drivers[at].CAN:
                self._on_note(NOTE_BY_HAND)

    # -- printing, health ---------------------------------------------------------------------------------------------

    def _write(self, text: Text) -> str:
        lines = self._render(Document("text", text))
        return lines[0].strip() if lines else text.key

    def health(self) -> dict[str, Any]:
        """Return every device's own report by logical name, and the cabinet's."""
        mine = {
            "missing": list(self._missing()),
            "failed": dict(self._parts.failed),
            "late": self._open.late,
            "simulated": self._simulated(),
            "failures": self._later.failures,
            "misplaced": self._parts.misplaced,
        }
        return {**self._parts.health(), "cabinet": mine}

    def _simulated(self) -> dict[str, int]:
        counts = {"tickets": self._tickets.simulated, "written": self._passes.simulated}
        return {**self._completed.simulated, **{name: count for name, count in counts.items() if count}}

    def self_test(self) -> list[dict[str, Any]]:
        """Return one row a role: at, driver, ok, and what is wrong in a word."""
        return self._parts.self_test(self.lost)
