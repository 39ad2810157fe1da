"""The visit's world: the person's pocket and the cabinet (`core.cabinet_model`), and the visits' office.

Promises checked in every walked situation: a request names one to three people, each once, whom the office knows, a
time that was offered and that nobody has, a paper that is in the bag; nobody is connected who did not sign, and whoever
signed is; a visit is cut off for what was really said, after a warning where one is due, and never kept quiet. When the
terminal is home again, the office knows how the visit ended, or could not be reached three times.
"""

from __future__ import annotations

import msgspec

from kiosk_firmware.core import cabinet_model as b
from kiosk_firmware.core.effects import AnyEffect, AskHost
from kiosk_firmware.core.events import AnyEvent, CabinetFound, HostAnswered, Started, Struck, Tapped
from kiosk_firmware.core.hosts.all_requests import Ask
from kiosk_firmware.core.hosts.visit import VisitAsk, VisitEnded, VisitQuestion, VisitRequest, VisitRequested, Visits
from kiosk_firmware.core.machine import Open, Values
from kiosk_firmware.core.money import NONE, Items
from kiosk_firmware.core.pages import Page
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.kits import bank as k
from kiosk_firmware.kits.cabinet_world import CabinetState, CabinetWorlds, bench_before_run
from kiosk_firmware.kits.practice_clock import local_day
from kiosk_firmware.machines.visit.conversation import MOMENTS, WARNED_OF
from kiosk_firmware.machines.visit.rules_video_call import PLEDGES
from kiosk_firmware.machines.visit.state import TRIES, Rules
from kiosk_firmware.visit.domain.decisions import slots
from kiosk_firmware.visit.domain.practice_office import judge, record_answer

SAID = {f"say.{name}": meant for moment in MOMENTS for name, meant in moment.answers}


class VisitWorld(CabinetState, frozen=True, cache_hash=True, kw_only=True):
    """Besides what stands everywhere, the office. `read`: pages of the undertaking that were turned; `warned`: how
    often; `breach`: what must end the visit; `unheard`: how often its end could not be told; `wrong`: broken promises.
    """

    office: Visits
    read: int = 0
    warned: int = 0
    breach: str = ""
    unheard: int = 0
    wrong: tuple[str, ...] = ()


def change(world: VisitWorld, **fields: object) -> VisitWorld:
    """Return the world with these fields changed."""
    return msgspec.structs.replace(world, **fields)


class VisitWorlds(CabinetWorlds[VisitWorld]):
    """The rules of that world."""

    stock: Items = NONE
    prints = frozenset(("looked",))

    def __init__(self, rules: Rules) -> None:
        """Set up with nothing started yet."""
        self.rules = rules

    def start(self, started: Started) -> VisitWorld:
        """Return what everybody holds before the run."""
        persona = started.persona
        bench = bench_before_run(persona, self.stock)
        bank = k.open_bank(persona, local_day(started))
        return VisitWorld(bench, bank, persona, bench, office=persona.visits)

    # -- hearing ------------------------------------------------------------------------------------------------------

    def folded(self, world: VisitWorld, event: AnyEvent) -> VisitWorld:
        """Return the world after `event`."""
        match event:
            case CabinetFound():
                return self.woken(world, event)
            case HostAnswered():
                return self._answered(world, event)
            case Struck(ask=ask) if ask is not None:
                return self._booked(world, ask)
            case Tapped(key=key):
                return _done(world, key)
            case _:
                return _moved(world, event)

    def _answered(self, world: VisitWorld, event: HostAnswered) -> VisitWorld:
        if event.completion == "success" and event.verdict == "ok":
            return self._booked(world, event.ask)
        if event.verdict == "unsigned":
            return _wrong(world, "who signed was not connected")
        lost = event.completion != "success" and isinstance(event.ask, VisitEnded)
        return change(world, unheard=min(TRIES, world.unheard + 1)) if lost else world

    def _booked(self, world: VisitWorld, ask: Ask) -> VisitWorld:
        if not isinstance(ask, VisitQuestion) or not ask.id:
            return world
        for flaw in self._flaws(world, ask):
            world = _wrong(world, flaw)
        return change(world, office=record_answer(world.office, ask))

    def _flaws(self, world: VisitWorld, ask: VisitAsk) -> tuple[str, ...]:
        """Return what may not be booked, and is."""
        match ask:
            case VisitRequested(request=request):
                return self._request_flaws(world, request)
            case VisitEnded(breach=breach) if breach != world.breach:
                return (f"told to have ended by {breach!r}, it was {world.breach!r}",)
            case _ if ask.visits and ask.visits.case and ask.visits.case.state == "meeting" and world.read < PLEDGES:
                return ("connected before the undertaking was read and signed",)
            case _:
                return ()

    def _request_flaws(self, world: VisitWorld, request: VisitRequest) -> tuple[str, ...]:
        people, when = request.people, (request.day, request.minute)
        kinds = {paper.kind or paper.id for paper in world.persona.papers}
        found = ["too many people"] * (len(people) > self.rules.people_most)
        found += ["nobody, or somebody twice"] * (not people or len(set(people)) < len(people))
        found += ["somebody nobody knows"] * any(world.office.relative(one) is None for one in people)
        found += ["a time that is not offered"] * (when not in slots(self.rules, request.asked))
        found += ["a time that is taken"] * (when in world.office.taken)
        found += ["a paper that is not there"] * (bool(request.proof) and request.proof not in kinds)
        return tuple(found)

    # -- answering ----------------------------------------------------------------------------------------------------

    def answer(self, world: VisitWorld, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        """Return the cabinet's answer, or the office's."""
        return self.said(world, effect) if isinstance(effect, AskHost) else b.answer(world.bench, effect, canceled)

    def said(self, world: VisitWorld, effect: AskHost) -> HostAnswered:
        """Return the office's answer."""
        if not isinstance(effect.ask, VisitQuestion):
            return k.answer(world.bank, k.Limits(), effect)
        person = world.persona.ids[0].number if world.persona.ids else ""
        verdict, ask = judge(self.rules, person, world.office, effect.ask)
        return HostAnswered(effect.at, effect.ref, verdict, ask)

    def acts(self, world: VisitWorld, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        """Return what this person can do now."""
        return b.acts(world.bench, page, open_, values)

    def books(self, ask: Ask) -> bool:
        """Return whether an ask books: only asks with a number do; the others look something up."""
        return bool(ask.id)

    # -- promises -----------------------------------------------------------------------------------------------------

    def broken(self, world: VisitWorld, at_rest: bool) -> tuple[str, ...]:
        """See the file's head; whoever still speaks with somebody is not at rest."""
        return world.wrong

    def at_rest(self, world: VisitWorld) -> bool:
        """Return whether nothing of the person is inside, and no visit stands open that the office could be told of."""
        case = world.office.case
        meets = case is not None and case.state == "meeting" and world.unheard < TRIES
        return super().at_rest(world) and not meets

    def persona(self, world: VisitWorld) -> Persona:
        """Return what outlives the run: as everywhere, and what the office knows."""
        return msgspec.structs.replace(super().persona(world), visits=world.office)


def _wrong(world: VisitWorld, what: str) -> VisitWorld:
    return change(world, wrong=tuple(sorted({*world.wrong, what})))


def _done(world: VisitWorld, key: str) -> VisitWorld:
    """Return what the person did, as far as a promise hangs on it."""
    if key in ("menu.visit", "looked.go"):
        return change(world, read=0)
    if key in ("pledge.next", "pledge.sign"):
        return change(world, read=world.read + 1)
    meant = SAID.get(key, "")
    if meant in WARNED_OF:
        return change(world, warned=1) if not world.warned else change(world, breach=meant)
    return change(world, breach=meant) if meant in ("phone", "recording") else world


def _moved(world: VisitWorld, event: AnyEvent) -> VisitWorld:
    bench = b.after_event(world.bench, event)
    slips = max(0, world.slips + b.slip_owed(event))
    if bench is world.bench and slips == world.slips:
        return world
    return change(world, bench=bench, slips=slips)
