"""A banknote validator on SSP as the unit's note acceptor: a piece in escrow is held until the machine has decided.

The theory. In escrow the next poll would accept, so from the moment a piece is read this driver sends HOLD and
nothing else, until the machine says StoreItems (then it polls) or ReturnItems (then it rejects). Credit is money only
once the device has said it, and the device says it again and again (POLL WITH ACK) until ``committed`` has been
called for it: what a crash interrupts is still owed when the driver comes back. Credit that no StoreItems is open for
is counted as ``unclaimed`` and told by ``found``; it is acknowledged like the rest, after the commit.

A practice note is a barcode ticket: ``tickets`` says what a ticket whose text begins so is worth. Currency channels
may be enabled too (a site's choice); by default only tickets are taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Literal

import msgspec

from hardware.drivers.note_inventory import NoteInventory
from hardware.drivers.serial_device import DeviceCommand, Script
from hardware.drivers.ssp_device import REPLY_MS, SspDevice
from hardware.protocols import ssp, ssp_money
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, ReturnItems, StoreItems
from kiosk_firmware.core.events import (
    AnyEvent,
    Completion,
    Device,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    ItemsStored,
)

DIGITS = 18
"""How long a practice note's barcode is."""
TICKETS: Mapping[str, int] = {"10000": 10_000, "05000": 5_000, "02000": 2_000, "01000": 1_000}
"""The first characters of a practice note's barcode, and its value in fen."""

_MOVING = frozenset({"read", "ticket", "rejecting", "stacking"})
_REASONS: Mapping[str, Literal["invalidBill", "counterfeit", "inhibited", "unsupported"]] = {
    "channel_inhibit": "inhibited",
    "disabled": "inhibited",
    "fraud_channel": "counterfeit",
    "strim": "counterfeit",
}


class NotesSsp(SspDevice):
    """The driver; see ``SerialDevice`` for its face."""

    CAN: ClassVar[frozenset[str]] = frozenset({"holds", "escrow"})
    EFFECT_MS = 15_000

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        at: Device = "note_acceptor",
        tickets: Mapping[str, int] = TICKETS,
        currency: bool = False,
        address: int = 0,
        reply_ms: int = REPLY_MS,
        digits: int = DIGITS,
    ) -> None:
        """Take `tickets`: how a practice note's barcode begins → fen; `digits` how long it is; `currency`: channels
        too.
        """
        self._tickets, self._currency, self._digits = dict(tickets), currency, digits
        self._escrow_fen = 0
        self._refused_here = self._known = False
        self._owed: str | None = None
        self._owed_fen = 0
        self._committed = False
        self._unclaimed_fen = 0
        self._on: bool | None = None
        self._stacked = 0
        self._rejected: Counter[str] = Counter()
        super().__init__(at, port, post, clock, address, reply_ms)

    def committed(self, ref: str) -> None:
        """Acknowledge the credit answered with *ref* ("" for an unclaimed one): it is written down, and the device may
        forget it.
        """
        if self._owed == ref:
            self._committed = True
            self._port.wake()

    def found(self) -> NoteInventory:
        """Return what is in the machine now; after a restart the only word on what a run cut off has left."""
        return NoteInventory(self._escrow_fen, self._unclaimed_fen, self._stacked)

    def health(self) -> dict[str, Any]:
        """Return ``SspDevice.health``, with escrow, unclaimed, the stacker's count, and what was rejected,
        by reason.
        """
        return {**super().health(), **msgspec.structs.asdict(self.found()), "rejected": dict(self._rejected)}

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _set_up(self) -> Script:
        outcome = yield DeviceCommand(bytes([ssp.SYNC]))
        if self._refuses(outcome):
            return
        # HOLD before anything that polls: a piece in escrow must not be taken by our coming back.
        outcome = yield DeviceCommand(bytes([ssp.HOLD]))
        held = isinstance(outcome, ssp.Reply) and outcome.code == ssp.OK
        if held and isinstance(self._effect, ReturnItems):
            self._begun = False  # REJECT was not heard: it is said again, and no poll may come before it
        yield from self._introduce(held)
        if not self._failed:
            yield from self._configure()
        if held and not self._failed:
            yield from self._who_is_held()
        self._known = self._known or not self._failed

    def _configure(self) -> Script:
        mask = (1 << len(self._setup.values)) - 1 if self._currency else 0
        outcome = yield DeviceCommand(bytes([ssp.INHIBITS]) + mask.to_bytes(2, "little"))
        if self._refuses(outcome):
            return
        yield from self._set_up_tickets()
        if not self._failed:
            yield from self._count()
        self._on = None

    def _set_up_tickets(self) -> Script:
        """Return what its readers shall look for. A validator that has none is one for notes, or of no use to us."""
        outcome = yield DeviceCommand(bytes([ssp.BARCODE_CONFIG]))
        known = isinstance(outcome, ssp.Reply) and outcome.code == ssp.OK and len(outcome.data) == 4
        readers = outcome.data[0] if known else 0
        wanted = bytes([readers, 1, self._digits])  # 1: interleaved 2 of 5
        if self._tickets and readers and outcome.data[1:] != wanted:
            outcome = yield DeviceCommand(bytes([ssp.SET_BARCODE_CONFIG]) + wanted)
            if self._refuses(outcome):
                self._trouble = f"no tickets of {self._digits} digits"
                return
        if readers:
            barcodes = (0xFC if self._currency else 0xFD) if self._tickets else 0xFE
            outcome = yield DeviceCommand(bytes([ssp.SET_BARCODE_INHIBIT, barcodes]))
            self._refuses(outcome)
        elif self._tickets and not self._currency:
            self._trouble = "no barcode reader"
            self._fail()

    def _count(self) -> Script:
        """Ask the device how many pieces it has stacked: a credit that it repeats is in its count already."""
        outcome = yield DeviceCommand(bytes([ssp.COUNTERS]))
        if isinstance(outcome, ssp.Reply) and outcome.code == ssp.OK and len(outcome.data) >= 5:
            self._stacked = int.from_bytes(outcome.data[1:5], "little")

    def _who_is_held(self) -> Script:
        """Ask for the piece that already lies in escrow. A ticket says what it is; a note does not, and is
        given back.
        """
        if self._escrow_fen:
            return
        outcome = yield DeviceCommand(bytes([ssp.BARCODE_DATA]))
        ticket = ssp_money.decode_ticket(outcome.data) if isinstance(outcome, ssp.Reply) else None
        if ticket is not None and ticket.state == "escrow":
            self._escrow_fen = self._worth(ticket.text)
        if not self._escrow_fen:
            yield DeviceCommand(bytes([ssp.REJECT]))
        elif self._known:
            self._post(ItemsInserted(self.at, self._escrow_fen, self._stacked))

    def _urgent(self) -> Script | None:
        if self._committed:
            return self._acknowledge()
        if self._escrow_fen:
            return None  # a validator that is disabled may give the piece in escrow back; nobody has decided that
        return self._switch(self._wanted) if self._on != self._wanted else None

    def _acknowledge(self) -> Script:
        outcome = None if self._says_once else (yield DeviceCommand(bytes([ssp.EVENT_ACK])))
        if self._silent(outcome):
            self._fail()  # asked again after the set-up; the device repeats the event until then
            return
        self._owed, self._committed = None, False
        self._unclaimed_fen = 0

    def _switch(self, on: bool) -> Script:
        outcome = yield DeviceCommand(bytes([ssp.ENABLE if on else ssp.DISABLE]))
        if not self._refuses(outcome):
            self._on = on

    def _act(self, effect: AnyEffect) -> Script | None:
        if not isinstance(effect, (StoreItems, ReturnItems)):
            return None
        return self._decide(effect)

    def _keeps_open(self, effect: AnyEffect) -> bool:
        return True

    def _decide(self, effect: AnyEffect) -> Script:
        if not self._escrow_fen:
            self._finish_as("userError")
            return
        if isinstance(effect, StoreItems):
            self._begun = True
            yield from self._poll()
            return
        outcome = yield DeviceCommand(bytes([ssp.REJECT]), acts=True)
        if self._silent(outcome):
            self._fail()

    def _poll(self) -> Script:
        """Send HOLD while a piece waits for the decision, else POLL WITH ACK."""
        asked_about = self._escrow_fen > 0 and not self._begun
        if asked_about:
            outcome = yield DeviceCommand(bytes([ssp.HOLD]))
            if isinstance(outcome, ssp.Reply) and outcome.code == ssp.OK:
                return
            if self._silent(outcome):
                self._fail()
                return
            # F5: nothing in escrow any more; the poll below tells what became of it.
        outcome = yield from self._events()
        if self._refuses(outcome):
            return
        events = self._told(outcome)
        yield from self._hear_all(events)
        if asked_about and self._escrow_fen and not _MOVING.intersection(event.name for event in events):
            self._given_back("invalidBill")  # it is gone and no event said how; it is certainly not in the box

    # -- events of the device -----------------------------------------------------------------------------------------

    def _hear(self, event: ssp_money.Event) -> Script:
        match event.name:
            case "read" if event.channel:
                yield from self._in_escrow(self._channel_fen(event.channel))
            case "ticket":
                yield from self._ticket_in_escrow()
            case "credit" | "ticket_ack" | "cleared_to_cashbox":
                yield from self._credited(event)
            case "rejected":
                yield from self._came_back()
            case "cleared_from_front":
                self._given_back("invalidBill")
            case "reset":
                self._on = None
                self._fail()
            case "disabled" if self._wanted:
                self._on = None
            case _:
                pass

    def _worth(self, text: str) -> int:
        """Return the fen of a ticket by the longest beginning that is known; 0 for one that is not ours."""
        known = [start for start in self._tickets if text.startswith(start)]
        return self._tickets[max(known, key=len)] if known else 0

    def _ticket_in_escrow(self) -> Script:
        if self._escrow_fen:
            return
        yield DeviceCommand(bytes([ssp.HOLD]))
        outcome = yield DeviceCommand(bytes([ssp.BARCODE_DATA]))
        ticket = ssp_money.decode_ticket(outcome.data) if isinstance(outcome, ssp.Reply) else None
        yield from self._in_escrow(self._worth(ticket.text) if ticket is not None else 0)

    def _in_escrow(self, fen: int) -> Script:
        if self._escrow_fen:
            return
        if not fen or not self._wanted:
            self._refused_here = True
            yield DeviceCommand(bytes([ssp.REJECT]))
            return
        outcome = yield DeviceCommand(bytes([ssp.HOLD]))
        if self._silent(outcome):
            self._fail()
        elif outcome.code == ssp.OK:
            self._escrow_fen = fen
            if self._known:  # else `found` tells
                self._post(ItemsInserted(self.at, fen, self._stacked))

    def _credited(self, event: ssp_money.Event) -> Script:
        """Take a credit once, though the device repeats it until it is acknowledged."""
        if self._owed is not None and not self._says_once:
            return
        fen = self._escrow_fen
        if event.channel:
            fen = self._channel_fen(event.channel)
        elif not fen:
            outcome = yield DeviceCommand(bytes([ssp.BARCODE_DATA]))
            ticket = ssp_money.decode_ticket(outcome.data) if isinstance(outcome, ssp.Reply) else None
            fen = self._worth(ticket.text) if ticket is not None and ticket.state == "stacked" else 0
        self._escrow_fen = 0
        self._owed_fen = fen
        if isinstance(self._effect, StoreItems):
            self._owed = self._effect.ref
            self._finish(ItemsStored(self.at, self._effect.ref, fen, "success"))
        else:
            self._owed = ""
            self._unclaimed_fen = fen
        if not self._failed:  # else the set-up that follows asks for the count
            yield from self._count()

    def _came_back(self) -> Script:
        outcome = yield DeviceCommand(bytes([ssp.LAST_REJECT]))
        code = outcome.data[0] if isinstance(outcome, ssp.Reply) and outcome.data else 0xFF
        reason = ssp_money.REJECT_REASONS.get(code, f"code_{code}")
        self._rejected[reason] += 1
        self._given_back(_REASONS.get(reason, "invalidBill"))

    def _given_back(self, reason: Literal["invalidBill", "counterfeit", "inhibited", "unsupported"]) -> None:
        """Answer that a piece is out at the slot again: asked for (ReturnItems), or by the device's own will."""
        fen, self._escrow_fen = self._escrow_fen, 0
        effect = self._effect
        if isinstance(effect, ReturnItems) and fen:
            self._finish(ItemsReturned(self.at, effect.ref, fen, "success"))
        elif isinstance(effect, StoreItems) and fen:
            self._finish(ItemsStored(self.at, effect.ref, fen, "hardwareError"))
        else:
            self._post(ItemsRefused(self.at, "unsupported" if self._refused_here else reason))
        self._refused_here = False

    def _finish_as(self, completion: Completion) -> None:
        super()._finish_as(completion)
        self._poll_ms = 0

    def _gone(self) -> None:
        self._on = None
