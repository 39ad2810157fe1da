"""From "you have a visit today" to its end, step by step.

Whoever signed in with the card is led in as soon as it is time; all others are asked for the card first. Until the
undertaking is signed one may turn away and come again. From then on the glass belongs to the visit: no clock of a turn,
no idling, no supervisor's door and no stop of the class takes it away; it is left by its end alone.
"""

from __future__ import annotations

from msgspec.structs import replace

from kiosk_firmware.core.pages import Key
from kiosk_firmware.unit.lobby.phases.lobby import Attract, CallTeacher, Home, Lobby, Step, enter_phase
from kiosk_firmware.unit.lobby.phases.sign_in import Recognised, Touching, Why
from kiosk_firmware.unit.lobby.phases.visit import (
    PLEDGES,
    AnyVisitHeard,
    AnyVisitPhase,
    Awaited,
    Calling,
    Camera,
    Carding,
    Greeted,
    JoinVisit,
    Parted,
    Pledging,
    Sound,
    Standing,
    TellVisit,
)


def forget_person(standing: Standing) -> Standing:
    """Return what is left when nobody is there: the visit is nobody's, the card is forgotten."""
    visit = replace(standing.visit, mine=False) if standing.visit else None
    return replace(standing, visit=visit, carded=False, put_off=False)


def holds(lobby: Lobby) -> bool:
    """Return whether the glass belongs to a visit: signed, and not over."""
    return isinstance(lobby.phase, Calling)


def admits(lobby: Lobby, event: object) -> bool:
    """Return whether it is a card while a visit may be come in to: also where the class is stopped."""
    visit = lobby.visiting.visit
    return isinstance(event, Recognised) and event.card and visit is not None and visit.due == "now"


def turning_away(lobby: Lobby) -> tuple[TellVisit, ...]:
    """Show nobody who leaves before the signature to a camera any more; the visit stands."""
    return (TellVisit("leave"),) if isinstance(lobby.phase, Pledging | Camera | Sound) else ()


def take_event(lobby: Lobby, event: AnyVisitHeard) -> Step:
    """Take what is expected, or what the visit process shows."""
    known = lobby.visiting
    if isinstance(event, Awaited):
        return _led_in(_with(lobby, replace(known, visit=event.visit)))
    lobby = _with(lobby, replace(known, line=event.line))
    if event.line is not None and event.line.phase == "over" and isinstance(lobby.phase, _CALLED):
        return enter_phase(lobby, Parted(event.line.end))
    return lobby, ()


_BEFORE = Greeted | Carding | Pledging | Camera | Sound
_CALLED = Pledging | Camera | Sound | Calling


def _with(lobby: Lobby, standing: Standing) -> Lobby:
    return lobby if standing == lobby.visiting else replace(lobby, visiting=standing)


def _led_in(lobby: Lobby) -> Step:
    """Lead in the person who is expected and at home with the card: it is time."""
    known = lobby.visiting
    if isinstance(lobby.phase, _BEFORE) and not (known.visit and known.visit.mine):
        back = Home() if lobby.learner else Attract()  # it was taken back meanwhile
        return enter_phase(lobby, back, *turning_away(lobby))
    if not isinstance(lobby.phase, Home | Touching) or known.put_off or not known.carded:
        return lobby, ()
    return begin(lobby) if known.visit and known.visit.mine and known.visit.due == "now" else (lobby, ())


def begin(lobby: Lobby) -> Step:
    """Go to the visit's first page; straight back into one that goes on, or that a cut had left."""
    known = lobby.visiting
    if known.visit is None or not known.visit.mine:
        return lobby, ()
    if known.carded and known.visit.begun and known.visit.due == "now":
        return enter_phase(lobby, Calling(), JoinVisit(known.visit.number), TellVisit("sign"))
    return enter_phase(lobby, Greeted())


def take_card(lobby: Lobby, event: Recognised) -> Step:
    """Take a card that was held to a reader while somebody is signed in: it lets in its owner."""
    if not isinstance(lobby.phase, Carding) or not event.card:
        return lobby, ()
    if event.learner != lobby.learner:
        return enter_phase(lobby, Carding(wrong=True))
    return _enter(_with(lobby, replace(lobby.visiting, carded=True)))


def refuse_card(lobby: Lobby) -> Step:
    """Refuse a card that carries no secret of this site's: it lets nobody in."""
    return enter_phase(lobby, Carding(wrong=True)) if isinstance(lobby.phase, Carding) else (lobby, ())


def _enter(lobby: Lobby) -> Step:
    known = lobby.visiting
    if known.visit is None or not known.visit.mine or known.visit.due != "now":
        return enter_phase(lobby, Home())
    if known.visit.begun:
        return begin(lobby)
    return enter_phase(lobby, Pledging(), JoinVisit(known.visit.number))


def wants_out(lobby: Lobby, why: Why) -> Step:
    """Ask first at the strip's way out; end at the teacher's word. No clock does."""
    match why:
        case "key":
            return enter_phase(lobby, Calling(sure=True))
        case "teacher":
            return lobby, (TellVisit("end"),)
        case _:
            return lobby, ()


def take_tap(lobby: Lobby, phase: AnyVisitPhase, key: Key) -> Step:
    """Return what a key does."""
    match phase:
        case Greeted():
            return _greet(lobby, key.name)
        case Carding():
            return _put_off(lobby)
        case Pledging(at=at):
            return _pledge(lobby, at, key.name)
        case Camera() | Sound():
            return _check_card(lobby, phase, key.name)
        case Calling():
            return _press_in_call(lobby, key.name)
        case Parted():
            return enter_phase(lobby, Home() if lobby.learner else Attract())


def _put_off(lobby: Lobby) -> Step:
    return enter_phase(_with(lobby, replace(lobby.visiting, put_off=True)), Home())


def _greet(lobby: Lobby, name: str) -> Step:
    if name != "visit.start":
        return _put_off(lobby)
    return _enter(lobby) if lobby.visiting.carded else enter_phase(lobby, Carding())


def _pledge(lobby: Lobby, at: int, name: str) -> Step:
    if name == "visit.unsigned":
        return enter_phase(lobby, Greeted(unsigned=True), *turning_away(lobby))
    if at + 1 < PLEDGES:
        return enter_phase(lobby, Pledging(at + 1))
    return enter_phase(lobby, Camera(), TellVisit("check"))


def _check_card(lobby: Lobby, phase: Camera | Sound, name: str) -> Step:
    kind: type[Camera] | type[Sound] = type(phase)
    match name:
        case "visit.no":
            return enter_phase(lobby, kind(bad=True))
        case "visit.again":
            return enter_phase(lobby, kind(), TellVisit("check"))
        case "visit.helper":
            return lobby, (CallTeacher(),)
        case _ if isinstance(phase, Camera):
            return enter_phase(lobby, Sound())
        case _:
            return enter_phase(lobby, Calling(), TellVisit("sign"))


def _press_in_call(lobby: Lobby, name: str) -> Step:
    match name:
        case "visit.end":
            return enter_phase(lobby, Calling(sure=True))
        case "visit.stop" if lobby.visiting.line is None:  # nobody is there who could say that it is over
            return enter_phase(lobby, Parted("line"), TellVisit("end"))
        case "visit.stop":
            return enter_phase(lobby, Calling(), TellVisit("end"))
        case "visit.helper":
            return lobby, (CallTeacher(),)
        case _:
            return enter_phase(lobby, Calling())
