"""A two-minute machine for these tests: a card goes in, a note may be put in, one or two notes come out, the card comes
back.

Small, but with everything that the engine has to be right about: a PIN pad, escrow, a host, cash, paper, a card that is
kept, time-outs on every page, a text field, and a fact and a mark for lessons.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core import cabinet_model
from kiosk_firmware.core.cabinet_model import CabinetModel
from kiosk_firmware.core.effects import (
    AnyEffect,
    AskHost,
    Cancel,
    Dispense,
    Effects,
    EjectMedia,
    ReadPin,
    RetainMedia,
    Retract,
    ReturnItems,
    StoreItems,
)
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Fault,
    HostAnswered,
    ItemsInserted,
    ItemsPresented,
    ItemsRetracted,
    ItemsReturned,
    ItemsStored,
    ItemsTaken,
    Media,
    MediaInserted,
    MediaPresented,
    MediaRetained,
    MediaTaken,
    PinEntered,
    Started,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.faults import moment, struck
from kiosk_firmware.core.hosts.bank import AccountAsked, Card
from kiosk_firmware.core.lessons import GoalCondition, Lesson, LessonSetting
from kiosk_firmware.core.machine import Machine, Open, Values, World
from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer
from kiosk_firmware.core.persona import Persona
from kiosk_firmware.core.power_cut_outcomes import power_cut
from kiosk_firmware.core.texts import TextForms, Words

NOTE = 10_000
NUMBER = "9900550000000001"
PERSONA = Persona(cards=(Card(NUMBER, "mine"),), purse=((NOTE, 1),))


class State(msgspec.Struct, frozen=True, cache_hash=True):
    """`phase`, what was typed, where the card is, and what lies in the tray."""

    phase: str = "home"
    typed: str = ""
    place: str = "none"
    tray: bool = False
    escrow: bool = False


def to(state: State, phase: str, *effects: AnyEffect, **fields: Any) -> tuple[State, Effects]:
    return msgspec.structs.replace(state, phase=phase, **fields), effects


class Tiny(Machine[State]):
    id = "tiny"
    FACTS = {"out_fen": 0, "kept": False, "stored_fen": 0, "typed": ""}  # noqa: RUF012

    def start(self, started: Started) -> State:
        return State()

    def update(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        state = self._absorb(state, event)
        return getattr(self, f"_{state.phase}")(state, event)

    def _absorb(self, state: State, event: AnyEvent) -> State:
        change = msgspec.structs.replace
        match event:
            case MediaInserted():
                return change(state, place="inside")
            case MediaPresented(completion="success"):
                return change(state, place="exit")
            case MediaTaken() | MediaRetained(completion="success"):
                return change(state, place="none")
            case ItemsPresented(items=items):
                return change(state, tray=state.tray or bool(items))
            case ItemsTaken() | ItemsRetracted(completion="success"):
                return change(state, tray=False)
            case ItemsInserted():
                return change(state, escrow=True)
            case ItemsStored(completion="success") | ItemsReturned(completion="success"):
                return change(state, escrow=False)
            case CabinetFound():
                return change(state, place=event.place, tray=bool(event.tray), escrow=bool(event.escrow_fen))
            case _:
                return state

    def _home(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, MediaInserted):
            return to(state, "pin", ReadPin("pin_pad", "pin", event.media.number))
        return state, ()

    def _pin(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        match event:
            case PinEntered(verdict="right"):
                return to(state, "asking", AskHost("payment_host", "account", AccountAsked(NUMBER)))
            case PinEntered(completion="unknown") | PinEntered(verdict="wrong"):
                return to(state, "pin", ReadPin("pin_pad", "pin", NUMBER))
            case PinEntered():
                return self._leave(state)
            case TimerExpired():
                return to(state, "unpin", Cancel("pin_pad", "pin"))
            case _:
                return state, ()

    def _unpin(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        return self._leave(state) if isinstance(event, PinEntered) else (state, ())

    def _asking(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, HostAnswered):
            return to(state, "choose") if event.completion == "success" else self._leave(state)
        return state, ()

    def _choose(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        match event:
            case Tapped(key="choose.one" | "choose.two" as key):
                count = 1 if key == "choose.one" else 2
                return to(state, "counting", Dispense("cash_dispenser", "cash", ((NOTE, count),)))
            case Tapped(key="choose.type") if state.typed:
                return to(state, "counting", Dispense("cash_dispenser", "cash", ((NOTE, int(state.typed) // NOTE),)))
            case Typed(text=typed):
                return msgspec.structs.replace(state, typed=typed), ()
            case ItemsInserted():
                return to(state, "deciding")
            case Tapped(key="choose.cancel") | TimerExpired():
                return self._leave(state)
            case _:
                return state, ()

    def _deciding(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        match event:
            case Tapped(key="deciding.keep"):
                return to(state, "moving", StoreItems("note_acceptor", "store"))
            case Tapped(key="deciding.back") | TimerExpired():
                return to(state, "moving", ReturnItems("note_acceptor", "return"))
            case _:
                return state, ()

    def _moving(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, ItemsStored | ItemsReturned):
            return to(state, "recount" if event.completion == "unknown" else "choose")
        return state, ()

    def _counting(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, ItemsPresented):
            return self._after(state, event)
        return state, ()

    def _recount(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if not isinstance(event, CabinetFound):
            return state, ()
        return to(state, "deciding") if state.escrow else self._leave(state)

    def _after(self, state: State, event: Any) -> tuple[State, Effects]:
        return to(state, "recount") if event.completion == "unknown" else self._leave(state)

    def _cash(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, TimerExpired):
            return to(state, "retracting", Retract("cash_dispenser", "retract"))
        return (state, ()) if state.tray else self._leave(state)

    def _retracting(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, ItemsRetracted):
            return self._after(state, event)
        return state, ()

    def _leave(self, state: State) -> tuple[State, Effects]:
        if state.tray:
            return to(state, "cash")
        if state.place == "inside":
            return to(state, "ejecting", EjectMedia("card_reader", "eject"))
        return to(state, "card") if state.place == "exit" else to(state, "home", typed="")

    def _ejecting(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, MediaPresented):
            return self._after(state, event)
        return state, ()

    def _card(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, TimerExpired):
            return to(state, "keeping", RetainMedia("card_reader", "retain"))
        return (state, ()) if state.place == "exit" else self._leave(state)

    def _keeping(self, state: State, event: AnyEvent) -> tuple[State, Effects]:
        if isinstance(event, MediaRetained):
            return self._after(state, event)
        return state, ()

    def view(self, state: State) -> Page:
        kind, keys, at, timer = PAGES[state.phase]
        body = Body(field=state.typed, field_key="choose.field") if state.phase == "choose" else Body()
        return Page(kind, state.phase, Text(f"{state.phase}.title"), None, body, keys, timer, at)

    def facts(self, state: State, world: Any) -> Facts:
        return {"kept": bool(world.kept), "typed": state.typed}

    def marks(self, before: State, event: AnyEvent, after: State) -> Facts:
        match event:
            case ItemsPresented(items=items) if items:
                return {"out_fen": sum(v * n for v, n in items)}
            case ItemsStored(fen=fen) if fen:
                return {"stored_fen": fen}
            case _:
                return {}


def key(name: str, role: str = "choice") -> Key:
    return Key(name, role, Text(name), name.upper())


PAGES: dict[str, Any] = {
    "home": ("Insert", (), ("card_reader",), None),
    "pin": ("PinEntry", (), ("pin_pad",), Timer("idle", 30_000)),
    "unpin": ("Message", (), (), None),
    "asking": ("Message", (), (), None),
    "choose": (
        "Menu",
        (key("choose.two"), key("choose.one", "primary"), key("choose.type"), key("choose.cancel", "back")),
        ("note_acceptor",),
        Timer("idle", 30_000),
    ),
    "deciding": ("Menu", (key("deciding.keep", "primary"), key("deciding.back", "back")), (), Timer("idle", 30_000)),
    "moving": ("Message", (), (), None),
    "recount": ("Message", (), (), None),
    "counting": ("Message", (), (), None),
    "cash": ("Take", (), ("cash_dispenser",), Timer("take", 20_000)),
    "retracting": ("Message", (), (), None),
    "ejecting": ("Message", (), (), None),
    "card": ("Take", (), ("card_reader",), Timer("take", 20_000)),
    "keeping": ("Message", (), (), None),
}


class TinyWorld(World[CabinetModel]):
    def start(self, started: Started) -> CabinetModel:
        hand = tuple(Media(card.number) for card in started.persona.cards)
        return CabinetModel(hand=hand, purse=started.persona.purse, stock=((NOTE, 5),))

    def heard(self, world: CabinetModel, event: AnyEvent) -> CabinetModel:
        return cabinet_model.after_event(world, event)

    def answer(self, world: CabinetModel, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        if isinstance(effect, AskHost):
            return HostAnswered(effect.at, effect.ref, "ok", effect.ask)
        return cabinet_model.answer(world, effect, canceled)

    def acts(self, world: CabinetModel, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        return cabinet_model.acts(world, page, open_, values)

    def faults(self, world: CabinetModel, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        if armed == "power_cut":
            return power_cut(world, open_)
        events = [self.answer(world, effect, canceled) for effect, canceled in open_]
        return tuple(struck(armed, event) for event in events if event is not None and moment(armed, event))

    def found(self, world: CabinetModel) -> CabinetFound:
        return cabinet_model.wake_report(world)

    def at_rest(self, world: CabinetModel) -> bool:
        return cabinet_model.at_rest(world)

    def breaches(self, world: CabinetModel, at_rest: bool) -> tuple[str, ...]:
        return ()

    def persona(self, world: CabinetModel) -> Persona:
        return PERSONA


TAKE_ONE = Lesson(
    "take-one",
    1,
    goal=(GoalCondition("out_fen", equal=NOTE),),
    never=(GoalCondition("out_fen", equal=2 * NOTE), GoalCondition("kept", equal=True)),
)
TAKE_TWO_TYPED = Lesson(
    "take-typed", 2, goal=(GoalCondition("out_fen", equal=20_000),), values={"choose.field": ("20000",)}
)
STORE = Lesson("store", 2, goal=(GoalCondition("stored_fen", equal=NOTE),))
CUT = Lesson("cut", 3, goal=(GoalCondition("out_fen", equal=NOTE),), setting=LessonSetting(armed="power_cut"))
IMPOSSIBLE = Lesson(
    "impossible", 3, goal=(GoalCondition("out_fen", equal=NOTE), GoalCondition("stored_fen", equal=3 * NOTE))
)
WORDS = Words([("zh", {"lesson.take-one.task": TextForms("取一张"), "choose.one": TextForms("一张")})], partial=True)


class Loaded:
    """The shape that the catalogue loads."""

    machine = Tiny()
    world = TinyWorld()
    words = WORDS
    look: dict[str, Any] = {}  # noqa: RUF012
    recovery: dict[Any, Any] = {}  # noqa: RUF012
    holds: tuple[Any, ...] = ()
    pack_id = "2026-01-01"
    content_hash = "abc"
