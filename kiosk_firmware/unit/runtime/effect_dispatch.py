"""Written down first, then done: the one way by which anything leaves a transition.

`write` submits a batch under a ticket and hands the transition's effects to the effect queue; the writer's word that
the ticket is on the disk comes back through the inbox as `Committed`, and only then does what moves value go to the
cabinet, and is a device told that its credit need not be repeated.
"""

from __future__ import annotations

from collections.abc import Callable

from kiosk_firmware.core import money
from kiosk_firmware.core.effects import NO_EFFECTS, AnyEffect, Effects
from kiosk_firmware.core.events import AnyEvent, ItemsRetracted, ItemsStored
from kiosk_firmware.unit.runtime import liabilities as books
from kiosk_firmware.unit.runtime import slot_totals
from kiosk_firmware.unit.runtime.effect_queue import EffectQueue
from kiosk_firmware.unit.runtime.interfaces import CabinetLike, Committed
from kiosk_firmware.unit.runtime.journal import Journal
from kiosk_firmware.unit.runtime.liabilities import Liabilities
from kiosk_firmware.unit.runtime.run import Coached, Leaving, Prompted, Slipped
from kiosk_firmware.unit.runtime.run_facts import RunFact
from kiosk_firmware.unit.runtime.timers import Clock
from kiosk_firmware.unit.runtime.transition_batch import Batch, Row


def credit_of(event: AnyEvent | None) -> int:
    """Return the fen that a validator goes on repeating until it is told that they are written down; 0 for everything
    else.
    """
    match event:
        case ItemsStored(fen=fen, completion="success"):
            return fen
        case ItemsRetracted(at="note_acceptor", items=items):
            return money.total(items)
        case _:
            return 0


class Dispatch:
    """Journal and effect queue of one unit, joined."""

    def __init__(self, journal: Journal, cabinet: CabinetLike, clock: Clock, post: Callable[[object], None]) -> None:
        """Take `post`, the inbox's."""
        self.journal = journal
        self.effect_queue = EffectQueue(cabinet.perform)
        self._cabinet = cabinet
        self._clock = clock
        self._post = post
        self._ticket = 0
        self._credits: dict[int, int] = {}

    def write(
        self,
        run: str,
        owed: Liabilities | None,
        rows: tuple[Row, ...] = (),
        facts: tuple[RunFact, ...] = (),
        effects: Effects = NO_EFFECTS,
        *,
        urgent: bool = False,
        credit: int = 0,
        header: bytes | None = None,
        ended: str | None = None,
        record: tuple[str, bytes] | None = None,
        heard: AnyEvent | None = None,
    ) -> None:
        """Write one transition and let its effects follow. `credit`: see `credit_of`, confirmed after the commit.
        `heard`: a device's event that belongs to no run; a run's stand in `rows`.
        """
        self._ticket += 1
        ticket = self._ticket
        if credit:
            self._credits[ticket] = credit
        self.effect_queue.take(ticket, effects)
        events = [event for _, event in rows if not isinstance(event, Prompted | Slipped | Coached | Leaving)]
        moves = tuple(move for event in (*events, *((heard,) if heard else ())) for move in slot_totals.moves(event))
        batch = Batch(
            self._clock.utc_ms(),
            run,
            rows,
            facts,
            header,
            ended,
            None if owed is None else books.rows(owed),
            record,
            moves=moves,
            urgent=urgent,
        )
        self.journal.submit(batch, lambda durable: self._post(Committed(ticket, durable)))

    def committed(self, done: Committed) -> list[AnyEffect]:
        """Send the effects of a ticket that is on the disk; return them."""
        sent = self.effect_queue.release(done.ticket)
        if (fen := self._credits.pop(done.ticket, 0)) and done.durable:
            self._cabinet.committed(fen)
        return sent

    def heard(self, said: AnyEvent) -> AnyEvent | None:
        """See `EffectQueue.heard`."""
        return self.effect_queue.heard(said)
