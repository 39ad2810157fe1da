"""A piece of money that this persona does not have: a real purse may hold more than the practised one.

The machine never hears of it. A note in escrow goes back at once, on the engine's own effect; a token that fell already
stays written among what the unit owes, until the machine is home or the teacher comes.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import ReturnItems
from kiosk_firmware.core.events import AnyEvent, ItemsInserted, ItemsReturned
from kiosk_firmware.session import owed
from kiosk_firmware.session.dispatch import Dispatch
from kiosk_firmware.session.facts import moved
from kiosk_firmware.session.run import Run

REFUSE = "refuse"


def concerns(run: Run, event: AnyEvent) -> bool:
    """Whether this is such a piece, or the answer that one went back."""
    if isinstance(event, ItemsReturned):
        return event.ref == REFUSE
    if not isinstance(event, ItemsInserted):
        return False
    try:
        run.play.world.heard(run.now.world, event)
    except ValueError:
        return True
    return False


def take(dispatch: Dispatch, run: Run, event: AnyEvent) -> None:
    """Write it down, and give a note back."""
    run.owed = owed.heard(run.owed, event)
    inserted = isinstance(event, ItemsInserted)
    back = (ReturnItems("note_acceptor", REFUSE),) if inserted and run.owed.escrow_fen else ()
    dispatch.write(run.id, run.owed, (), moved(run.id, event, 0), back, urgent=True)
