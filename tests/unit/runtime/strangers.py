"""Two machines that the coach has never met: a vending machine made for this, and a bank's machine with other key names
and one more page.
"""

from __future__ import annotations

from typing import Any

import msgspec

from kiosk_firmware.core import cabinet_model, money
from kiosk_firmware.core.cabinet_model import CabinetModel
from kiosk_firmware.core.effects import AnyEffect, Dispense, Effects
from kiosk_firmware.core.events import (
    AnyEvent,
    CabinetFound,
    Fault,
    ItemsInserted,
    ItemsPresented,
    Started,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.facts import Facts
from kiosk_firmware.core.lessons import GoalCondition, Lesson
from kiosk_firmware.core.machine import Machine, Open, Values, World
from kiosk_firmware.core.pages import Body, Key, Page, Text, Timer
from kiosk_firmware.core.persona import Persona

TEA, SOUP = 300, 700
GOODS = {"good.tea": TEA, "good.soup": SOUP}


def key(name: str, role: Any = "choice") -> Key:
    return Key(name, role, Text(name))


class PracticeOffers(msgspec.Struct, frozen=True, cache_hash=True):
    """What was chosen, for which room, what was paid and what lies in the cup."""

    phase: str = "home"
    good: str = ""
    room: str = ""
    paid: int = 0


class Vending(Machine[PracticeOffers]):
    """Choose, say the room, pay with tokens, confirm; change falls into the cup. Cancel gives everything back."""

    id = "vending"
    FACTS = {"sold": "", "room": "", "paid_fen": 0}  # noqa: RUF012

    def start(self, started: Started) -> PracticeOffers:
        return PracticeOffers()

    def update(self, state: PracticeOffers, event: AnyEvent) -> tuple[PracticeOffers, Effects]:
        change = msgspec.structs.replace
        match state.phase, event:
            case _, ItemsInserted(at="coin_acceptor", fen=fen):
                return change(state, paid=state.paid + fen), ()
            case "home", Tapped(key=name) if name in GOODS:
                return change(state, phase="room", good=name), ()
            case "room", Typed(text=room):
                return change(state, room=room), ()
            case "room", Tapped(key="room.on") if state.room:
                return change(state, phase="pay"), ()
            case "pay", Tapped(key="pay.sure") if state.paid >= GOODS[state.good]:
                return self._give(change(state, phase="sold"), state.paid - GOODS[state.good])
            case "change", ItemsPresented():
                return PracticeOffers(), ()
            case "room" | "pay", Tapped(key="room.no" | "pay.no") | TimerExpired():
                return self._give(change(state, phase="off"), state.paid)
            case _:
                return state, ()

    def _give(self, state: PracticeOffers, fen: int) -> tuple[PracticeOffers, Effects]:
        coins = ((100, fen // 100),) if fen else ()
        after = msgspec.structs.replace(state, phase="change") if fen else PracticeOffers()
        return after, (Dispense("coin_dispenser", "change", coins),) if fen else ()

    def view(self, state: PracticeOffers) -> Page:
        timer = Timer("idle", 30_000)
        title = Text(state.phase)
        match state.phase:
            case "home":
                return Page("Menu", "home", title, keys=tuple(map(key, GOODS)))
            case "room":
                keys = (key("room.no", "back"), key("room.on", "primary"))
                return Page("Form", "room", title, None, Body(field=state.room, field_key="room"), keys, timer)
            case "pay":
                keys = (key("pay.no", "back"), key("pay.sure", "primary"))
                due = max(0, GOODS[state.good] - state.paid)
                return Page("Pay", "pay", title, None, Body(), keys, timer, ("coin_acceptor",), due)
            case _:
                return Page("Message", state.phase, title)

    def facts(self, state: PracticeOffers, world: Any) -> Facts:
        return {}

    def marks(self, before: PracticeOffers, event: AnyEvent, after: PracticeOffers) -> Facts:
        if isinstance(event, Tapped) and event.key == "pay.sure" and after.phase != "pay":
            return {"sold": before.good, "room": before.room, "paid_fen": before.paid}
        return {}


class VendingWorld(World[CabinetModel]):
    """Tokens in the pocket and in the hopper."""

    def start(self, started: Started) -> CabinetModel:
        return CabinetModel(purse=started.persona.purse, stock=((100, 20),))

    def heard(self, world: CabinetModel, event: AnyEvent) -> CabinetModel:
        return cabinet_model.after_event(world, event)

    def answer(self, world: CabinetModel, effect: AnyEffect, canceled: bool) -> AnyEvent | None:
        return cabinet_model.answer(world, effect, canceled)

    def acts(self, world: CabinetModel, page: Page, open_: Open, values: Values) -> tuple[AnyEvent, ...]:
        return cabinet_model.acts(world, page, open_, values)

    def faults(self, world: CabinetModel, armed: Fault, open_: Open) -> tuple[tuple[AnyEvent, ...], ...]:
        return ()

    def found(self, world: CabinetModel) -> CabinetFound:
        return cabinet_model.wake_report(world)

    def at_rest(self, world: CabinetModel) -> bool:
        return cabinet_model.at_rest(world)

    def breaches(self, world: CabinetModel, at_rest: bool) -> tuple[str, ...]:
        return ()

    def persona(self, world: CabinetModel) -> Persona:
        return BUYER


BUYER = Persona(cards=(), purse=money.items((100, 3), (200, 2), (500, 1)))
SOUP_FOR_12 = Lesson(
    "soup",
    1,
    goal=(GoalCondition("sold", equal="good.soup"), GoalCondition("room", equal="12")),
    never=(GoalCondition("sold", equal="good.tea"),),
    values={"room": ("12", "21")},
)


class Sure(msgspec.Struct, frozen=True, cache_hash=True):
    """The bank's own state, and the press that has to be confirmed first."""

    inner: Any
    asked: Tapped | None = None

    @property
    def language(self) -> str:
        return str(self.inner.language)


class Stranger(Machine[Sure]):
    """A machine with every key renamed, and one page more: what is pressed in the menu has to be confirmed."""

    def __init__(self, inner: Machine[Any]) -> None:
        self.inner = inner
        self.id = inner.id
        self.FACTS = inner.FACTS  # type: ignore[misc]

    def start(self, started: Started) -> Sure:
        return Sure(self.inner.start(started))

    def update(self, state: Sure, event: AnyEvent) -> tuple[Sure, Effects]:
        meant = self._meant(state, event)
        if meant is None:
            asked = event if isinstance(event, Tapped) and event.key.startswith("unem") else None
            return (Sure(state.inner, asked) if asked or state.asked else state), ()
        inner, effects = self.inner.update(state.inner, meant)
        same = self.inner.view(inner).step == self.inner.view(state.inner).step and not isinstance(meant, Tapped)
        after = Sure(inner, state.asked if same else None)
        return (state if after == state else after), effects

    def _meant(self, state: Sure, event: AnyEvent) -> AnyEvent | None:
        """What the inner machine hears; None for what only asks, or takes back."""
        match event:
            case Tapped(key="sure.yes") if state.asked is not None:
                return msgspec.structs.replace(state.asked, key=renamed(state.asked.key))
            case Tapped(key="sure.no") | TimerExpired(name="sure"):
                return None
            case Tapped() if event.key.startswith("unem") and state.asked is None:
                return None
            case Tapped():
                return msgspec.structs.replace(event, key=renamed(event.key))
            case _:
                return event

    def view(self, state: Sure) -> Page:
        if state.asked is not None:
            keys = (key("sure.no", "back"), key("sure.yes", "primary"))
            return Page("Menu", "sure", Text("sure"), keys=keys, timer=Timer("sure", 30_000))
        page = self.inner.view(state.inner)
        keys = tuple(msgspec.structs.replace(key, name=renamed(key.name)) for key in page.keys)
        return msgspec.structs.replace(page, keys=keys)

    def facts(self, state: Sure, world: Any) -> Facts:
        return self.inner.facts(state.inner, world)

    def marks(self, before: Sure, event: AnyEvent, after: Sure) -> Facts:
        meant = self._meant(before, event)
        return self.inner.marks(before.inner, meant, after.inner) if meant is not None else {}

    def essence(self, state: Sure) -> Sure:
        return Sure(self.inner.essence(state.inner), state.asked)


def renamed(name: str) -> str:
    """Each part of the name backwards; twice is the name itself."""
    return ".".join(part[::-1] for part in name.split("."))
