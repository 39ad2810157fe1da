"""A ccTalk bill validator as the unit's note acceptor: a bill in escrow is held until the machine has decided.

The theory is the acceptor's (`cctalk_acceptor.py`). A bill that is read lies in escrow; polls do not move it, ROUTE
BILL does: into the stacker for `StoreItems`, back for `ReturnItems`, and meanwhile again and again "hold it longer".
It is money when the event says that it is stacked. That, and what lies in escrow, is on disk with the event's number
before anybody is told; a credit is `owed` until it is `committed`, as with a validator that waits for an
acknowledgement, and until then no other bill is let in. What a crash interrupted is told by `found`.

After a reset, or when events were lost, nobody knows what became of a bill in escrow: it is counted as `unknown`, the
decision about it is answered `unknown`, and nothing is credited for it.

Bills are valued by unit.toml, or by the identities and the country's scaling that the validator tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from hardware.drivers.cctalk_acceptor import CctalkAcceptor
from hardware.drivers.cctalk_bus import Bus, say
from hardware.drivers.note_inventory import NoteInventory
from hardware.drivers.serial_device import Script
from hardware.protocols import cctalk
from hardware.protocols import cctalk_money as meaning
from hardware.transport.serial_port import monotonic_ms
from kiosk_firmware.core.effects import AnyEffect, ReturnItems, StoreItems
from kiosk_firmware.core.events import (
    AnyEvent,
    Completion,
    DeviceBack,
    DeviceLost,
    ItemsInserted,
    ItemsRefused,
    ItemsReturned,
    ItemsStored,
)

EXTEND_MS = 3000
AGAIN_MS = 3000
"""A decision of which nothing was heard for so long is told again, as long as the bill lies in escrow."""
LOST_MS = 60_000
"""How long no other bill is let in after one was lost that a machine believes to be held; it will decide sooner."""
STACKER_AND_ESCROW = 3
_BLOCKS = frozenset(
    {"unsafe_jam", "safe_jam", "stacker_jam", "stacker_removed", "stacker_faulty", "stacker_full", "stacker_jammed"}
)
_CLEARS = frozenset({"stacker_ok", "stacker_inserted", "jam_cleared"})
_REFUSED = frozenset({"invalid", "transport", "inhibited", "inhibited_by_switch"})


class NotesCctalk(CctalkAcceptor[meaning.BillEvent]):
    """The driver; see `SerialDevice` for its face."""

    CAN: ClassVar[frozenset[str]] = frozenset({"holds", "escrow"})
    CATEGORY, EVENTS = "bill", cctalk.BILL_CREDIT
    EFFECT_MS = 15_000

    def __init__(
        self,
        bus: Bus,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        *,
        notes_fen: tuple[int, ...] = (),
        bills: Mapping[int, int] | None = None,
        country: str = "CN",
        address: int = 40,
        crc: bool = False,
        memory: Path | None = None,
    ) -> None:
        """Take `bills`: type → fen; without it the identities of `country` are read. Only `notes_fen` are let in."""
        self._notes_fen, self._bills, self._country = frozenset(notes_fen), dict(bills or {}), country
        self._committed = self._reject = self._again = False
        self._routed_ms = self._lost_ms = 0
        self._lost_fen = 0
        self._flags: set[str] = set()
        super().__init__("note_acceptor", bus, post, clock, address, crc, memory)
        self._owed: str | None = "" if self._kept("owed_fen") else None

    def committed(self, ref: str) -> None:
        """Acknowledge the credit answered with *ref* ("" for an unclaimed one): it is written down."""
        if self._owed == ref:
            self._committed = True
            self._port.wake()

    def found(self) -> NoteInventory:
        """Return what is in the machine now; after a restart the only word on what a run cut off has left."""
        return NoteInventory(
            self._kept("escrow_fen"), self._kept("owed_fen") if self._owed == "" else 0, self._kept("stacked")
        )

    def health(self) -> dict[str, Any]:
        """Return `CctalkAcceptor.health`, with escrow, unclaimed, stacked, `unknown` bills,
        and its complaints (`flags`).
        """
        more = {"unknown": self._kept("unknown"), "flags": sorted(self._flags)}
        return {**super().health(), **msgspec.structs.asdict(self.found()), **more}

    def _kept(self, name: str) -> int:
        return int(self._memory.get(name, 0))

    # -- meeting it ---------------------------------------------------------------------------------------------------

    def _decode(self, data: bytes) -> meaning.Events[meaning.BillEvent] | None:
        return meaning.decode_bill_events(data)

    def _value(self) -> Script:
        self._values = dict(self._bills)
        if not self._values:
            yield from self._twice(self._identities)
        if self._failed:
            return
        self._values = {bill: fen for bill, fen in self._values.items() if fen in self._notes_fen}
        if not self._values:
            self._trouble = "no bill of a known value"
            self._fail()

    def _identities(self, into: dict[int, int], bills: range) -> Script:
        scaling = yield say(self._address, cctalk.COUNTRY_SCALING, *self._country.encode("ascii"))
        if self._says_no(scaling):
            return
        for bill in bills:
            outcome = yield say(self._address, cctalk.BILL_ID, bill)
            if self._silent(outcome):
                self._fail()  # half of the values would let half of the bills in
                return
            text = outcome.data.decode("ascii", "replace")
            if outcome.ok and text[:2] == self._country and (fen := meaning.bill_value(text, scaling.data)):
                into[bill] = fen

    def _prepare(self) -> Script:
        """Set the validator to hold what it has read, and to use its stacker; fail where it has no escrow."""
        if self._says_no((yield say(self._address, cctalk.SET_BILL_MODE, STACKER_AND_ESCROW))):
            return
        mode = yield say(self._address, cctalk.BILL_MODE)
        if not self._says_no(mode) and mode.data[0] & STACKER_AND_ESCROW != STACKER_AND_ESCROW:
            self._trouble = "has no escrow"
            self._fail()
        self._unblock()
        self._again = True  # a decision that was not heard is told again, if the bill is still there

    # -- switching and deciding ---------------------------------------------------------------------------------------

    def _urgent(self) -> Script | None:
        if self._committed:
            self._owed, self._committed = None, False
            self._memory.keep(owed_fen=0)
        if self._reject:
            return self._give_back()
        if self._kept("escrow_fen"):
            return None  # one that is inhibited may give the bill back; nobody has decided that
        if self._lost_fen and self._clock() - self._lost_ms >= LOST_MS:
            self._lost_fen = 0
        wanted = self._wanted and self._owed is None and not self._flags and not self._lost_fen
        return self._switch(wanted) if self._on != wanted else None

    def _act(self, effect: AnyEffect) -> Script | None:
        if not isinstance(effect, (StoreItems, ReturnItems)):
            return None
        if self._kept("escrow_fen"):
            return self._decide(effect)
        fen, self._lost_fen = self._lost_fen, 0  # nothing ever lay there, or nobody knows what became of it
        self._finish(_answer_effect(effect, fen, "unknown" if fen else "userError"))
        return None

    def _give_back(self) -> Script:
        """Return a bill that nobody wants."""
        self._reject = False
        if self._silent((yield say(self._address, cctalk.ROUTE_BILL, meaning.ROUTE_BACK, answer_ms=500))):
            self._fail()

    def _keeps_open(self, effect: AnyEffect) -> bool:
        return not self._again

    def _decide(self, effect: StoreItems | ReturnItems) -> Script:
        where = meaning.ROUTE_STACK if isinstance(effect, StoreItems) else meaning.ROUTE_BACK
        self._routed_ms, self._again = self._clock(), False
        outcome = yield say(self._address, cctalk.ROUTE_BILL, where, tries=1, answer_ms=500, acts=True)
        if self._silent(outcome):
            self._fail()  # the set-up listens; the decision is told again if the bill is still there
        elif outcome.ok and outcome.data == meaning.ROUTE_EMPTY:
            yield from self._look_for_it()
        elif not outcome.ok or outcome.data == meaning.ROUTE_FAILED:
            self._finish_as("hardwareError")

    def _look_for_it(self) -> Script:
        """Ask for the events once more when nothing is in escrow; book the bill as lost where they do not
        explain it.
        """
        yield from self._listen()
        if not self._failed and self._doubt is None and self._kept("escrow_fen"):
            self._lose()

    def _poll(self) -> Script:
        yield from super()._poll()
        if self._failed or not self._kept("escrow_fen"):
            return
        since_ms = self._clock() - self._routed_ms
        if self._begun and since_ms >= AGAIN_MS:
            self._again = True
        elif not self._begun and since_ms >= EXTEND_MS:
            self._routed_ms = self._clock()
            outcome = yield say(self._address, cctalk.ROUTE_BILL, meaning.ROUTE_HOLD, tries=1)
            if isinstance(outcome, cctalk.Reply) and outcome.ok and outcome.data == meaning.ROUTE_EMPTY:
                yield from self._look_for_it()

    # -- what it told -------------------------------------------------------------------------------------------------

    def _take(self, number: int, new: tuple[meaning.BillEvent, ...]) -> None:
        """Take one event after the other, each with its number, so that a crash in between repeats none."""
        numbers = [number - behind for behind in range(len(new) - 1, -1, -1)]
        for at, event in zip(numbers, new, strict=True):
            self._one(at if at > 0 else at + meaning.RING, event)
        if not new:
            self._memory.keep(event=number)

    def _one(self, number: int, event: meaning.BillEvent) -> None:
        fen = self._values.get(event.bill, 0)
        if event.bill and event.escrow:
            self._in_escrow(number, fen)
        elif event.bill:
            self._stacked(number, fen)
        else:
            self._code(number, meaning.BILL_EVENTS.get(event.code, f"code_{event.code}"))

    def _in_escrow(self, number: int, fen: int) -> None:
        self._reject = not fen or (self._live and not self._wanted)
        self._memory.keep(event=number, escrow_fen=0 if self._reject else fen)
        self._routed_ms = self._clock()
        if self._live and not self._reject:
            self._post(ItemsInserted(self.at, fen, self._kept("stacked")))

    def _stacked(self, number: int, fen: int) -> None:
        """Credit a bill that is stacked: only now it is money."""
        effect = self._effect if isinstance(self._effect, StoreItems) and self._kept("escrow_fen") else None
        if not fen:
            self._noise["value"] += 1
            self._memory.keep(event=number, escrow_fen=0, stacked=self._kept("stacked") + 1)
            return
        owed_fen = self._kept("owed_fen") + fen
        self._memory.keep(event=number, escrow_fen=0, stacked=self._kept("stacked") + 1, owed_fen=owed_fen)
        self._owed = effect.ref if effect is not None and owed_fen == fen else ""
        if effect is not None:
            self._finish(ItemsStored(self.at, effect.ref, fen))

    def _code(self, number: int, name: str) -> None:
        fen = self._kept("escrow_fen")
        self._memory.keep(event=number)
        if name == "returned":
            self._memory.keep(escrow_fen=0)
            self._given_back(fen)
        elif name in _REFUSED:
            self._rejected[name] += 1
            if self._live:
                self._post(ItemsRefused(self.at, "inhibited" if name.startswith("inhibited") else "invalidBill"))
        elif name == "unknown_stacked":
            self._memory.keep(unknown=self._kept("unknown") + 1)
        elif name in _BLOCKS:
            self._block(name)
        elif name in _CLEARS:
            self._unblock()
        elif name != "master_inhibit":
            self._noise[name] += 1

    def _given_back(self, fen: int) -> None:
        effect = self._effect
        if isinstance(effect, ReturnItems) and fen:
            self._finish(ItemsReturned(self.at, effect.ref, fen))
        elif isinstance(effect, StoreItems) and fen:
            self._finish(ItemsStored(self.at, effect.ref, fen, "hardwareError"))
        elif self._live:
            self._post(ItemsRefused(self.at, "invalidBill" if fen else "unsupported"))

    def _forgot(self) -> None:
        if self._kept("escrow_fen"):
            self._lose()

    def _lose(self) -> None:
        """Book a bill that lay in escrow as unknown: nobody knows where it is."""
        fen = self._kept("escrow_fen")
        self._memory.keep(escrow_fen=0, unknown=self._kept("unknown") + 1)
        self._noise["unknown"] += 1
        if isinstance(self._effect, (StoreItems, ReturnItems)):
            self._finish(_answer_effect(self._effect, fen, "unknown"))
        else:
            self._lost_fen, self._lost_ms = fen, self._clock()

    def _block(self, name: str) -> None:
        if not self._flags and not self._said_lost:
            self._post(DeviceLost(self.at))
        self._flags.add(name)

    def _say_lost(self) -> None:
        self._said_lost = self._said_lost or bool(self._flags)  # told already
        super()._say_lost()

    def _unblock(self) -> None:
        if self._flags and not self._said_lost:
            self._post(DeviceBack(self.at))
        self._flags.clear()


def _answer_effect(effect: StoreItems | ReturnItems, fen: int, completion: Completion) -> AnyEvent:
    kind = ItemsStored if isinstance(effect, StoreItems) else ItemsReturned
    return kind(effect.at, effect.ref, fen, completion)
