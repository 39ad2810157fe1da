"""A counter as the core sees it: facts, marks, and how a counter is put together from its data.

Facts say what is; marks what happened, set when it is complete: an application counts as filed when the office has
answered and its slip was tried. Each question of the data has a fact of its own, `answer_<name>`, and so has an
amount that the data let be told, `form_<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from kiosk_firmware.core import money
from kiosk_firmware.core.events import AnyEvent, DocumentPrinted, HostAnswered, Started, Tapped, TimerExpired
from kiosk_firmware.core.facts import Facts, Value
from kiosk_firmware.core.hosts.counter import CollectAsked
from kiosk_firmware.kits import fraud_scenes
from kiosk_firmware.kits.composed_machine import Faces
from kiosk_firmware.kits.counter import phases as p
from kiosk_firmware.kits.counter.back_office import lost_card
from kiosk_firmware.kits.counter.errands import Ask, Data, Errands, Form, problems
from kiosk_firmware.kits.counter.rules import update
from kiosk_firmware.kits.counter.state import CounterRules, Profile, State, Terms, step_of
from kiosk_firmware.kits.counter.view import view
from kiosk_firmware.kits.counter.world import CounterWorld, CounterWorlds
from kiosk_firmware.kits.fraud_scenes import Scene
from kiosk_firmware.kits.practice_clock import local_day, local_yymm
from kiosk_firmware.kits.return_items import LeavePhase

FACTS: Facts = {
    **fraud_scenes.FACTS,
    "at_home": True,
    "papers_back": True,
    "id_back": True,
    "queue": "",
    "at_window": False,
    "errand": "",
    "void": False,
    "wrong_queue": False,
    "wrong_paper": False,
    "clerk_said": "",
    "field_wrong": "",
    "refused": "",
    "way_asked": False,
    "signed": False,
    "pin_set": False,
    "filed": "",
    "fee_fen": 0,
    "slip_by_hand": False,
    "came": "",
    "fetched": "",
    "papers_left": False,
    "finished": "",
}


def counter(
    id_: str,
    rules: CounterRules,
    profile: Profile,
    data: Data,
    scenes: Mapping[str, Scene] | None = None,
    judges: Mapping[str, Callable[[Any, State], str]] | None = None,
    workings: Mapping[str, Callable[[Any, State], Mapping[str, int]]] | None = None,
) -> tuple[Counter, CounterWorlds]:
    """Put together the machine and its world.

    Raises:
        ValueError: the data lead nowhere; names errand, step and what is allowed.
    """
    terms = Terms(rules, profile, data.errands, scenes or {}, judges or {}, workings or {})
    wrong = next(problems(data.errands, rules, frozenset((*terms.judges, *terms.workings))), None)
    if wrong:
        raise ValueError(wrong)
    return Counter(id_, terms), CounterWorlds(terms)


class Counter(Faces[State, Terms]):
    """One counter: its rules of the date, its skin's profile, its errands."""

    FACTS: ClassVar[Facts] = FACTS

    def __init__(self, id_: str, terms: Terms) -> None:
        """Join the data; each question, and each amount that may be told, becomes a fact."""
        super().__init__(terms, update, view)
        self.id = id_
        self.FACTS = {**FACTS, **_of_data(terms.errands)}  # type: ignore[misc]  # the questions are data
        self.SCENES = tuple(terms.scenes)  # type: ignore[misc]  # and so are the frauds

    def start(self, started: Started) -> State:
        """Start in an empty hall, at the practised moment, with the person who comes in."""
        persona = started.persona
        own, card = persona.ids[0] if persona.ids else None, lost_card(persona.cards)
        return State(
            language=started.language,
            owner=own.number if own else "",
            name=persona.name,
            until=own.expires if own and not own.lost else "",
            bag=persona.papers,
            records=persona.records,
            purse_fen=money.total(persona.purse),
            card=card.number if card else "",
            day=local_day(started),
            yymm=local_yymm(started),
            scene=started.scene,
        )

    def facts(self, state: State, world: CounterWorld) -> Facts:
        """Return what is."""
        return {
            "at_home": isinstance(state.phase, p.Home),
            "papers_back": not world.desk,
            "id_back": world.bench.laid is None,
        }

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        """Return what this step completed."""
        match event:
            case HostAnswered(completion="success", verdict="ok", ask=CollectAsked(errand=errand)):
                return {"fetched": errand, **_seen(before, after)}
            case DocumentPrinted(completion=completion, ref="accepted"):
                return {"filed": after.errand, "fee_fen": after.fee_fen, "slip_by_hand": completion != "success"}
            case TimerExpired() if isinstance(before.phase, p.Back):
                return {"papers_left": True}
            case Tapped(key="form.ok"):
                return {**self._handed_in(before), **_seen(before, after)}
            case Tapped(key=key):
                return {**_pressed(before, key, after), **_seen(before, after)}
            case _:
                return _seen(before, after)

    def _handed_in(self, before: State) -> Facts:
        """Return the amounts of the form that is handed in, as far as they may be told."""
        if not isinstance(before.phase, p.Desk):
            return {}
        step, filled = step_of(self.terms, before), dict(before.fields)
        fields = step.fields if isinstance(step, Form) and before.phase.field == len(step.fields) else ()
        return {f"form_{field.name}": int(filled[field.name]) for field in fields if field.told}


def _of_data(errands: Errands) -> dict[str, Value]:
    """Return the facts that the errands bring with them, as they are before anything was said or written."""
    steps = [step for errand in errands.errand for step in errand.steps]
    answers = {f"answer_{step.name}" for step in steps if isinstance(step, Ask)}
    amounts = {f"form_{field.name}" for step in steps if isinstance(step, Form) for field in step.fields if field.told}
    return {**dict.fromkeys(sorted(answers), ""), **dict.fromkeys(sorted(amounts), 0)}


def _pressed(before: State, key: str, after: State) -> Facts:
    area, _, item = key.partition(".")
    match area, item:
        case "queue", _:
            return {"queue": item}
        case "menu", _:
            return {"errand": item}
        case "sign", "ok" if isinstance(before.phase, p.Desk) and before.phase.signed:
            return {"signed": True}
        case "coming", _ if isinstance(after.phase, p.Passed | p.Coming):
            return {"came": "right" if isinstance(after.phase, p.Passed) else after.phase.word}
        case "refused", "way":
            return {"way_asked": True}
        case _:
            said = dict(after.answers)
            return {f"answer_{area}": item} if said.get(area) == item and after.answers != before.answers else {}


def _seen(before: State, after: State) -> Facts:
    """Return what a phase that was come to means."""
    if before.phase is after.phase:
        return {}
    met = before.phase.meeting if isinstance(before.phase, p.Met) else None
    match before.phase, after.phase:
        case p.PinSetting(again=True), p.Filing() | p.Desk():
            return {"pin_set": True}
        case _, p.Met(meeting=now):
            return fraud_scenes.marks(met, now)
        case _, p.Void():
            return {"void": True}
        case p.Called(), p.Window():
            return {"at_window": True}
        case _, p.Window(word=word) | p.Desk(word=word) if word:
            return _word(word)
        case _, p.Refused(why=why):
            return {"refused": why}
        case _, p.Back(why=why) if why:
            return {"finished": why}
        case _, LeavePhase(leave=leave) if leave.why:
            return {"finished": leave.why}
        case _:
            return {}


def _word(word: str) -> Facts:
    kind, _, what = word.rpartition(".")
    if kind == "form":
        return {"field_wrong": what}
    known = {word: True} if word in ("wrong_queue", "wrong_paper") else {}
    return {"clerk_said": word, **known}
