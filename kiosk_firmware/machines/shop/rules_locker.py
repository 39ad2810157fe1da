"""The locker's door: it opens for the right code, the parcel is taken out, the door is shut. Then it is fetched.

Nothing counts as fetched before the door was open. A door that does not open says so and the parcel stays; one that is
left open is asked for once more, and then the parcel counts as taken, since nobody else may have it. Where the unit has
no locker, the code alone does it.
"""

from __future__ import annotations

from kiosk_firmware.core.effects import NO_EFFECTS, OpenDoor
from kiosk_firmware.core.events import AnyEvent, DoorClosed, DoorOpened, Tapped, TimerExpired
from kiosk_firmware.core.hosts.shop import Order
from kiosk_firmware.machines.shop import phases as p
from kiosk_firmware.machines.shop.state import LOCKER, State, Step, Terms, enter_phase, move


def open_locker(terms: Terms, state: State, order: Order) -> Step:
    """Open the locker's door: the code was right."""
    if terms.profile.pickup == "locker" and state.lockers:
        return enter_phase(state, p.Opening(order), OpenDoor(LOCKER, "door"))
    return move(state, order, "fetch")


def on_door(state: State, phase: p.Opening | p.DoorOpen, event: AnyEvent) -> Step:
    """Take one event while the door has the word."""
    order = phase.order
    match phase, event:
        case p.Opening(), DoorOpened(completion="success"):
            return enter_phase(state, p.DoorOpen(order))
        case p.Opening(), DoorOpened():
            return enter_phase(state, p.Notice("jammed", p.OrderShown(order)))
        case p.DoorOpen(), DoorClosed() | Tapped(key="door.shut"):
            return move(state, order, "fetch")
        case p.DoorOpen(left=left), TimerExpired():
            return move(state, order, "fetch") if left else enter_phase(state, p.DoorOpen(order, left=True))
        case _:
            return state, NO_EFFECTS
