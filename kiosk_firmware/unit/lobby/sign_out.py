"""Sign a learner out: asked once where they press a key for it, at once where the turn is over or nobody is
there. Nothing of the person stays on the glass.
"""

from __future__ import annotations

from typing import Any, TypeGuard

import msgspec

from kiosk_firmware.core.events import Idled
from kiosk_firmware.unit.lobby.phases.lobby import (
    AnyPhase,
    AnyRequest,
    Attract,
    Lobby,
    LobbyEvent,
    Requests,
    Running,
    SignedOut,
    SigningOut,
    Step,
    Watched,
    enter_phase,
)
from kiosk_firmware.unit.lobby.phases.sign_in import Own, TurnOver, Why
from kiosk_firmware.unit.lobby.phases.supervisor import Desk, Door
from kiosk_firmware.unit.lobby.phases.technician import Technician
from kiosk_firmware.unit.lobby.phases.visit import AnyVisitPhase
from kiosk_firmware.unit.lobby.supervisor import transitions as staff
from kiosk_firmware.unit.lobby.technician import transitions as technician
from kiosk_firmware.unit.lobby.visit import transitions as visiting


def is_staff(phase: Any) -> TypeGuard[Door | Desk | Technician]:
    """Return whether somebody is at the door, or a supervisor or technician is behind it."""
    return isinstance(phase, Door | Desk | Technician)


def end_event(phase: AnyPhase) -> LobbyEvent:
    """Return what the strip's *end* means where no run goes on: the end of what stands there."""
    if is_staff(phase):
        return Idled()
    return TurnOver("key") if isinstance(phase, AnyVisitPhase) else Watched()


def ask_to_leave(lobby: Lobby) -> Step:
    """Ask before signing out. Whoever turns away from a visit for it is not led into it again by itself."""
    away = isinstance(lobby.phase, AnyVisitPhase)
    known = msgspec.structs.replace(lobby.visiting, put_off=True) if away else lobby.visiting
    return enter_phase(lobby, SigningOut(), *visiting.turning_away(lobby), visiting=known)


def sign_out(lobby: Lobby, why: Why) -> Step:
    """Sign the learner out: the turn is over."""
    if is_staff(lobby.phase) or (isinstance(lobby.phase, Attract) and not lobby.learner):
        return lobby, ()
    if visiting.holds(lobby):
        return visiting.wants_out(lobby, why)
    out: Requests = (SignedOut(lobby.learner, why),) if lobby.learner else ()
    return sign_everybody_out(lobby, Attract(), *out)


def sign_everybody_out(lobby: Lobby, phase: AnyPhase, *out: AnyRequest) -> Step:
    """Go on when nobody is there any more."""
    out = (*out, *visiting.turning_away(lobby))
    return enter_phase(lobby, phase, *out, learner="", own=Own(), visiting=visiting.forget_person(lobby.visiting))


def end_idle_session(lobby: Lobby) -> Step:
    """Go on when nobody has touched anything for long."""
    if visiting.holds(lobby):
        return lobby, ()
    if isinstance(lobby.phase, Running) or (isinstance(lobby.phase, Attract) and not lobby.learner):
        return lobby, ()
    out: Requests = (SignedOut(lobby.learner, "idle"),) if lobby.learner else ()
    if isinstance(lobby.phase, Technician):
        out = (*out, *technician.leave_desk(lobby.phase, True))
    elif isinstance(lobby.phase, Door | Desk):
        out = (*out, staff.leave_desk(lobby.phase, True))
    return sign_everybody_out(lobby, Attract(), *out)
