"""The lobby's one step: what it hears becomes where it stands and what it asks.

A press counts only for a key of the page that stands; anything else gives the same object back. Whatever the app
tells is taken up in every phase. From every page a key leads away, and idling leads to the first page: there is no
dead end.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core.events import DoubleTapped, Idled, Tapped, Typed
from kiosk_firmware.core.languages import languages
from kiosk_firmware.core.pages import Key
from kiosk_firmware.unit.lobby import sign_out
from kiosk_firmware.unit.lobby.lesson_list import after_run, at_lessons, at_place, at_words, back_from
from kiosk_firmware.unit.lobby.lesson_list import to_task as _to_task
from kiosk_firmware.unit.lobby.phases.lobby import (
    DIGITS,
    GUEST,
    LANGUAGES,
    Attract,
    Before,
    Blocked,
    CallTeacher,
    Certified,
    Certify,
    ChangeLanguage,
    Debriefing,
    Froze,
    Holding,
    Home,
    InPlace,
    Lessons,
    Lobby,
    LobbyEvent,
    Looking,
    Meeting,
    OffersListed,
    Refused,
    Remembered,
    Replay,
    Requests,
    Running,
    RunOver,
    SelfTest,
    ShowLesson,
    SignedIn,
    SignedOut,
    SignIn,
    Signing,
    SigningOut,
    StartRun,
    Step,
    StorageFull,
    Tasked,
    TeacherHere,
    TestDevices,
    Tested,
    ToBeShown,
    TryAgain,
    Watched,
)
from kiosk_firmware.unit.lobby.phases.lobby import enter_phase as _to
from kiosk_firmware.unit.lobby.phases.sign_in import (
    AnyComingHeard,
    AnyComingPhase,
    CardUnproved,
    FindLearner,
    Interrupted,
    NumberFound,
    Pictures,
    Practised,
    Recognised,
    Speaking,
    Suiting,
    Suits,
    TakenUp,
    Touching,
    TurnOver,
    Unproved,
)
from kiosk_firmware.unit.lobby.phases.supervisor import Desk, Door, Knocked, OpenDoor, Staffing
from kiosk_firmware.unit.lobby.phases.technician import AnyTechnicianHeard, Technician, TechnicianAdmitted
from kiosk_firmware.unit.lobby.phases.visit import AnyVisitHeard, AnyVisitPhase
from kiosk_firmware.unit.lobby.sign_in import transitions as coming
from kiosk_firmware.unit.lobby.sign_out import is_staff
from kiosk_firmware.unit.lobby.supervisor import transitions as staff
from kiosk_firmware.unit.lobby.technician import transitions as technician
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.lobby.visit import transitions as visiting

SHOWN_FROM = (Attract, Home, InPlace, Lessons, Meeting, Before)
"""Pages on which nobody is in the middle of something."""
SIGNS_IN = (Attract, SignIn, Pictures, Unproved)
"""Pages on which a card signs its learner in."""


def update(lobby: Lobby, event: LobbyEvent) -> Step:
    """Return the lobby after `event`, and what it asks of the app."""
    match event:
        case Tapped():
            return _take_tap(lobby, event)
        case Typed() | Idled() | Recognised() | CardUnproved() | TeacherHere() if lobby.stopped and not visiting.admits(
            lobby, event
        ):
            return lobby, ()
        case Typed() | DoubleTapped():
            return _take_typing(lobby, event)
        case Idled():
            return sign_out.end_idle_session(lobby)
        case OffersListed(offers=offers):
            return _to(lobby, lobby.phase, offers=offers)
        case Refused():
            return _to(lobby, SignIn(wrong=True), learner="")
        case RunOver(ending=ending):
            return _to(lobby, Signing(ending) if ending.exam else Debriefing(ending))
        case TeacherHere() | Certified():
            return _take_teacher_card(lobby, event)
        case Remembered() | ToBeShown() | Watched():
            return _show_replay(lobby, event)
        case StorageFull(on=on):
            return _to(lobby, lobby.phase, full=on)
        case Froze() | Tasked():
            return _take_teacher_word(lobby, event)
        case Holding():
            return _to(lobby, lobby.phase, holding=event)
        case Blocked(missing=missing):
            return _to(lobby, lobby.phase, missing=missing)
        case Tested(rows=rows):
            return _to(lobby, SelfTest(rows)) if isinstance(lobby.phase, SelfTest) else (lobby, ())
        case Staffing():
            return _to(lobby, lobby.phase, staffing=event)
        case Knocked():
            return _open_staff_door(lobby)
        case _ if isinstance(event, AnyComingHeard | AnyVisitHeard):
            return _came(lobby, event)
        case _ if isinstance(event, AnyTechnicianHeard):
            return _at_unit(lobby, event)
        case _ if isinstance(lobby.phase, Door | Desk):
            return _step_staff(lobby, *staff.take_event(lobby.phase, event))
        case _:
            return lobby, ()


def _at_unit(lobby: Lobby, event: AnyTechnicianHeard) -> Step:
    """Let a technician in at the door, or pass on what they asked for."""
    phase = lobby.phase
    if isinstance(event, TechnicianAdmitted):
        return _to(lobby, Technician(event.who, event.parts)) if isinstance(phase, Door) else (lobby, ())
    return _step_staff(lobby, technician.take_event(phase, event), ()) if isinstance(phase, Technician) else (lobby, ())


def _came(lobby: Lobby, event: AnyComingHeard | AnyVisitHeard) -> Step:
    phase = lobby.phase
    if isinstance(event, AnyVisitHeard):
        return visiting.take_event(lobby, event)
    match event:
        case NumberFound(learner=learner, ask=ask):
            return _to(lobby, Pictures(learner, ask)) if isinstance(phase, SignIn) else (lobby, ())
        case Recognised(learner=learner):
            if lobby.learner or not isinstance(phase, SIGNS_IN):
                return visiting.take_card(lobby, event)
            known = msgspec.structs.replace(lobby.visiting, carded=event.card)
            return _to(lobby, Touching(), SignedIn(learner), learner=learner, visiting=known)
        case CardUnproved():
            signs_in = not lobby.learner and isinstance(phase, SIGNS_IN)
            return _to(lobby, Unproved()) if signs_in else visiting.refuse_card(lobby)
        case Suits(own=own):
            language = own.language if own.language in languages() else lobby.language
            return _to(lobby, phase, own=own, language=language) if lobby.learner else (lobby, ())
        case Practised():
            return _to(lobby, Home()) if phase == Touching() else (lobby, ())
        case TurnOver(why="key") if lobby.learner and not visiting.holds(lobby):
            return sign_out.ask_to_leave(lobby)
        case TurnOver(why=why):
            return sign_out.sign_out(lobby, why)
        case TakenUp():
            return _to(lobby, Running(event.machine, event.skin, event.lesson), learner=event.learner)
        case Interrupted(waits=waits):
            return _to(lobby, SignIn(cut=waits)) if waits or isinstance(phase, SignIn) else (lobby, ())
        case _:
            after = coming.take_event(phase, event)
            return (lobby, ()) if after is phase else _to(lobby, after)


def _show_replay(lobby: Lobby, event: Remembered | ToBeShown | Watched) -> Step:
    """Return what is on the glass to be watched, and is no run."""
    match event:
        case Remembered(moment=moment):
            return _show_moment(lobby, moment)
        case ToBeShown():
            return _to_be_shown(lobby, event)
        case _:
            return _end_watching(lobby)


def _show_moment(lobby: Lobby, moment: Replay) -> Step:
    if not isinstance(lobby.phase, Debriefing | Looking) or lobby.phase.ending.moment is None:
        return lobby, ()
    ending = msgspec.structs.replace(lobby.phase.ending, moment=moment)
    return _to(lobby, Looking(ending, moment) if isinstance(lobby.phase, Looking) else Debriefing(ending))


def _to_be_shown(lobby: Lobby, what: ToBeShown) -> Step:
    if not isinstance(lobby.phase, SHOWN_FROM):
        return lobby, ()
    machine, skin, lesson = what.machine, what.skin, what.lesson
    return _to(lobby, Running(machine, skin, lesson), ShowLesson(machine, skin, lesson))


def _take_teacher_word(lobby: Lobby, event: Froze | Tasked) -> Step:
    """Return what the teacher does for the whole class. A run that the stop ended stands before its task again."""
    phase = lobby.phase
    if isinstance(event, Tasked):
        if not lobby.learner or not isinstance(phase, Home | InPlace | Lessons | Before | Touching):
            return lobby, ()
        if event.skin:
            return _to(lobby, Before(event.machine, event.skin, event.lesson))
        return _to_task(lobby, event.machine, event.lesson)
    if event.on == lobby.frozen:
        return lobby, ()
    if not event.on and lobby.learner and isinstance(phase, Debriefing) and phase.ending.outcome == "closed":
        phase = Before(phase.ending.machine, phase.ending.skin, phase.ending.lesson)
    return _to(lobby, phase, frozen=event.on)


def _take_teacher_card(lobby: Lobby, event: TeacherHere | Certified) -> Step:
    """Take a teacher's card: what is about to begin is proctored; what was, gets its code."""
    match lobby.phase:
        case Signing(ending=ending) if isinstance(event, Certified):
            return _to(lobby, Signing(ending, event.code, event.printed))
        case _ if isinstance(event, Certified):
            return lobby, ()
        case Before(machine=machine, skin=skin, lesson=lesson) if lesson and lobby.learner not in ("", GUEST):
            return _to(lobby, Running(machine, skin, lesson), StartRun(machine, skin, lesson, proctored=True))
        case Signing(ending=ending, code="") if lobby.learner:
            return lobby, (Certify(lobby.learner, ending),)
        case _:
            return lobby, ()


def _end_watching(lobby: Lobby) -> Step:
    """Go back to the lesson that was shown, or to the debrief."""
    phase = lobby.phase
    if isinstance(phase, Looking):
        return _to(lobby, Debriefing(phase.ending))
    if not isinstance(phase, Running) or not phase.lesson:
        return lobby, ()
    if not lobby.learner:
        return _to(lobby, Attract())
    return _to(lobby, Before(phase.machine, phase.skin, phase.lesson))


def _open_staff_door(lobby: Lobby) -> Step:
    """Stand at the door for whoever knocks; a learner's sitting is over then."""
    if is_staff(lobby.phase) or isinstance(lobby.phase, Running) or visiting.holds(lobby):
        return lobby, ()
    out = (SignedOut(lobby.learner, "key"),) if lobby.learner else ()
    return sign_out.sign_everybody_out(lobby, Door(busy=True), *out, OpenDoor())


def _step_staff(lobby: Lobby, phase: Door | Desk | Technician | None, requests: Requests) -> Step:
    if phase is lobby.phase and not requests:
        return lobby, ()
    return _to(lobby, phase or Attract(), *requests)


def _take_typing(lobby: Lobby, event: Typed | DoubleTapped) -> Step:
    phase = lobby.phase
    if isinstance(event, DoubleTapped) or not isinstance(phase, SignIn) or event.key != "sign.number":
        return lobby, ()
    if event.text == phase.typed or len(event.text) > DIGITS or not (event.text.isdecimal() or not event.text):
        return lobby, ()
    return _to(lobby, SignIn(event.text, cut=phase.cut))


def _take_tap(lobby: Lobby, event: Tapped) -> Step:
    page = view(lobby)
    key = page.key(event.key)
    if event.step.split("#")[0] != page.step or key is None:
        return lobby, ()
    name, value = key.name, key.value
    if name.endswith(".teacher"):
        return lobby, (CallTeacher(),)
    if name.endswith(".language"):
        return _languages(lobby)
    if name in ("stuck.again", "closed.again"):
        return lobby, (TryAgain(),)
    if name in ("closed.test", "test.again"):
        return _to(lobby, SelfTest(), TestDevices())
    if isinstance(lobby.phase, Technician):
        return _step_staff(lobby, *technician.take_tap(lobby.phase, key, lobby.language))
    if isinstance(lobby.phase, Door | Desk):
        return _step_staff(lobby, *staff.take_tap(lobby.phase, key, event))
    if isinstance(lobby.phase, AnyComingPhase):
        return _coming_in(lobby, lobby.phase, key)
    if isinstance(lobby.phase, AnyVisitPhase):
        return visiting.take_tap(lobby, lobby.phase, key)
    return _press_key(lobby, name, value)


def _languages(lobby: Lobby) -> Step:
    """Go to the choice of languages: learners choose among all; at the supervisor's desk there are two."""
    match lobby.phase:
        case Attract():
            return _to(lobby, Speaking("attract"))
        case Home():
            return _to(lobby, Speaking("home"))
        case Suiting():
            return _to(lobby, Speaking("own"))
        case _:
            after = LANGUAGES[1] if lobby.language == LANGUAGES[0] else LANGUAGES[0]
            return _to(lobby, lobby.phase, ChangeLanguage(after), language=after)


def _press_key(lobby: Lobby, name: str, value: str) -> Step:
    match lobby.phase:
        case Attract() if name.startswith("tile."):
            return _to(lobby, Touching(machine=value), SignedIn(GUEST), learner=GUEST)
        case Attract():
            return _to(lobby, SignIn())
        case SignIn() as phase:
            return _signing_in(lobby, name, phase)
        case Home():
            return _at_home(lobby, name, value)
        case SigningOut():
            return sign_out.sign_out(lobby, "key") if name == "out.leave" else _to(lobby, Home())
        case InPlace():
            return at_place(lobby, name, value)
        case Lessons() as phase:
            return at_lessons(lobby, phase, name, value)
        case Meeting() as phase:
            return at_words(lobby, phase, name, value)
        case Before(machine=machine, skin=skin, lesson=lesson):
            if name == "task.start":
                return _to(lobby, Running(machine, skin, lesson), StartRun(machine, skin, lesson))
            if name == "task.watch":
                return _to(lobby, Running(machine, skin, lesson), ShowLesson(machine, skin, lesson))
            return _to(lobby, back_from(lobby, machine, skin, lesson))
        case Debriefing(ending=ending) if name == "debrief.moment" and ending.moment is not None:
            return _to(lobby, Looking(ending, ending.moment))
        case Looking(ending=ending) | Signing(ending=ending):
            return _to(lobby, Debriefing(ending))
        case Debriefing(ending=ending):
            return after_run(lobby, name, ending.machine, ending.skin, ending.lesson)
        case SelfTest():
            return _to(lobby, Home() if lobby.learner else Attract())
        case _:
            return lobby, ()


def _coming_in(lobby: Lobby, phase: AnyComingPhase, key: Key) -> Step:
    after, requests = coming.take_tap(phase, key, lobby.own)
    if isinstance(phase, Speaking) and key.value:
        chosen = msgspec.structs.replace(lobby, language=key.value)
        there = {"attract": Attract(), "home": Home()}.get(phase.back, Suiting())
        return _to(chosen, there, ChangeLanguage(key.value))
    match after:
        case "attract":
            return _to(lobby, Attract(), *requests)
        case "sign-in":
            return _to(lobby, SignIn(), *requests)
        case "home":
            return _to(lobby, Home(), *requests)
        case "touched" if isinstance(phase, Touching) and phase.machine:
            return _to_task(lobby, phase.machine, "")
        case "touched":
            return _to(lobby, Home())
        case "without" if isinstance(phase, Pictures):
            return _to(lobby, Touching(), *requests, SignedIn(phase.learner), learner=phase.learner)
        case _:
            return (lobby, ()) if after is phase and not requests else _to(lobby, after, *requests)


def _signing_in(lobby: Lobby, name: str, phase: SignIn) -> Step:
    if name == "sign.back":
        return _to(lobby, Attract())
    if name == "sign.guest":
        return _to(lobby, Touching(), SignedIn(GUEST), learner=GUEST)
    if name == "sign.ok" and len(phase.typed) == DIGITS:
        return lobby, (FindLearner(f"l-{phase.typed}"),)
    if name == "sign.ok":
        return _to(lobby, SignIn(phase.typed, True, phase.cut))
    return lobby, ()


def _at_home(lobby: Lobby, name: str, value: str) -> Step:
    if name in ("home.out", "home.guest"):
        return sign_out.ask_to_leave(lobby)
    if name == "home.own":
        return _to(lobby, Suiting())
    if name == "home.visit":
        return visiting.begin(lobby)
    if name == "home.next" and lobby.offers.next is not None:
        return _to_task(lobby, *lobby.offers.next)
    known = value in dict(lobby.offers.places) or lobby.offers.route(value) is not None
    return _to(lobby, InPlace(value) if known else Lessons(value))
