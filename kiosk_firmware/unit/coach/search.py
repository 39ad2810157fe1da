"""The coach: what to do next, found by searching the rules, never scripted.

Breadth first from the settled situation to one where the lesson's goal is reached and the machine is home again, over
the same acts that a proof uses: keys, the lesson's values, pieces and cards, and waiting for the page's time-out. A
machine with renamed keys or one page more is hinted without a word changed here. Ties go to the `primary` key and away
from waiting; money is offered as one piece (the largest not above what is due, else the smallest). The search runs in
slices, so that a frame is never late, and stops at its budget: then the coach says nothing rather than something wrong.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

import msgspec

from kiosk_firmware.core.events import (
    PHONE,
    AnyEvent,
    BarcodeRead,
    CabinetFound,
    DoorClosed,
    GatePassed,
    HostAnswered,
    ItemsInserted,
    ItemsTaken,
    MediaDetected,
    MediaInserted,
    MediaTaken,
    PinEntered,
    Tapped,
    TimerExpired,
    Typed,
)
from kiosk_firmware.core.lessons import Lesson
from kiosk_firmware.core.media import thing_of
from kiosk_firmware.core.pages import SKIP, Page, Text, text
from kiosk_firmware.core.play import Play, Situation

HintKind = Literal[
    "press",
    "type",
    "insert",
    "tap",
    "hold",
    "shut",
    "take",
    "pin",
    "figures",
    "pay",
    "scan",
    "walk",
    "wait",
    "reached",
    "lost",
    "unsure",
]
SILENT: tuple[HintKind, ...] = ("wait", "reached", "lost", "unsure")
"""Hints that name no act of the person: they are said, but they are no help that was needed."""


class Hint(msgspec.Struct, frozen=True):
    """The next act. `key` is to be haloed, `slot` to be lit, `value` to be typed; `label` is the key's own text."""

    kind: HintKind
    key: str = ""
    slot: str = ""
    value: str = ""
    fen: int = 0
    label: Text = Text("")
    thing: str = ""
    """What is to be put in, laid down or taken (`thing.<name>`)."""

    @property
    def helps(self) -> bool:
        """It names something to do."""
        return self.kind not in SILENT

    @property
    def points(self) -> bool:
        """There is a key or a slot to point at."""
        return bool(self.key or self.slot)

    @property
    def sentence(self) -> Text:
        """Return what the coach says; texts live with the lobby (`coach.*`)."""
        match self.kind:
            case "insert" if self.fen:
                return text("coach.insert_money", slot_key=f"slot.{self.slot}", amount_fen=self.fen)
            case "insert" | "take" | "tap":
                return text(f"coach.{self.kind}", thing_key=f"thing.{self.thing}", slot_key=f"slot.{self.slot}")
            case "hold" | "shut" | "scan":
                return text(f"coach.{self.kind}", slot_key=f"slot.{self.slot}")
            case "type":
                return text("coach.type", value=self.value)
            case _:
                return Text(f"coach.{self.kind}")


_RANK = {"primary": 0, "choice": 1, "field": 2, "digit": 3, "back": 5, "danger": 6}
SLICE_MS = 1.6
"""A slice ends with the first act after so long, so that it stays within 2 ms."""
KNOWN = 8192
"""Situations whose ways on are remembered: some three full searches."""


class Ways:
    """The ways from a situation in one lesson, remembered: a run's searches walk over the same ground.

    `best`: the first act of a shortest way to the goal, for each situation on a way that was found. Whoever follows a
    hint gets the next one for nothing. `risky`: situations from which an act spoils the lesson.
    """

    def __init__(self, play: Play, lesson: Lesson) -> None:
        """Take `play`, which must ask for the lesson's facts."""
        self.play = play
        self.lesson = lesson
        self.best: dict[Situation, AnyEvent] = {}
        self.risky: set[Situation] = set()
        self._known: dict[tuple[Situation, bool], tuple[tuple[AnyEvent, Situation], ...]] = {}

    def on(self, now: Situation, patient: bool) -> tuple[tuple[AnyEvent, Situation], ...]:
        """Return each act, best first, with the settled situation that it leads to; what spoils the lesson is left out.

        patient: waiting and mistakes are looked at, too; otherwise waiting only where nothing can be done.
        """
        return tuple(found for found in self.one_by_one(now, patient) if found is not None)

    def one_by_one(self, now: Situation, patient: bool) -> Iterator[tuple[AnyEvent, Situation] | None]:
        """Yield the ways one act at a time, so that the search can stop in between; None for an act that
        leads nowhere.
        """
        known = self._known.get((now, patient))
        if known is not None:
            yield from known
            return
        found = []
        for event in self._acts(now, patient):
            after = self._next_situation(now, event)
            if after is not None:
                found.append((event, after))
            yield None if after is None else (event, after)
        if len(self._known) >= KNOWN:
            self._known.clear()
        self._known[now, patient] = tuple(found)

    def _next_situation(self, now: Situation, event: AnyEvent) -> Situation | None:
        """Return where the act leads to; None where that is nowhere else, or spoils the lesson."""
        after = self.settled(self.play.act(now, event))
        if self.lesson.never and self.lesson.spoilt(self.play.facts(after)):
            self.risky.add(now)
            return None
        return after if after != now else None

    def _acts(self, now: Situation, patient: bool) -> list[AnyEvent]:
        page = self.play.page(now)
        acts = one_piece(self.play.acts(now, self.lesson.values), page.due_fen)
        expiry = self.play.expiry(now)
        if not patient:
            acts = [act for act in acts if not _is_mistake(act)]
        waits = expiry is not None and (patient or not acts)
        return [*sorted(acts, key=lambda act: _rank(act, page)), *((expiry,) if expiry and waits else ())]

    def settled(self, now: Situation) -> Situation:
        """Return where the machine comes to rest by itself, without what cannot matter."""
        settled = self.play.settle(now)
        state, world = self.play.machine.essence(settled.state), self.play.world.essence(settled.world)
        return msgspec.structs.replace(settled, state=state, world=world)

    def reached(self, now: Situation) -> bool:
        """Return whether the goal is reached, and the machine is home again."""
        return self.lesson.reached(self.play.facts(now)) and self.play.at_home(now)  # facts cost less than a page


class Search:
    """One search; `work` goes on with it until `hint` is there."""

    def __init__(self, ways: Ways, now: Situation, budget: int = 2000) -> None:
        """Begin at `now`."""
        self.hint: Hint | None = None
        self.first_act: AnyEvent | None = None
        self.nodes = 0
        self._ways = ways
        self._budget = budget
        self._patient = False
        settled = ways.settled(now)
        self._begin(settled)
        if next(ways.play.answers(now), None) is not None:
            self.hint = Hint("wait")
        elif ways.reached(settled):
            self.hint = Hint("reached")
        elif (act := ways.best.get(settled)) is not None:
            self._say(settled, act)

    def _begin(self, settled: Situation) -> None:
        self._start = settled
        self._parents: dict[Situation, tuple[Situation, AnyEvent] | None] = {settled: None}
        self._queue = deque([settled])
        self._here = settled
        self._looked: Iterator[tuple[AnyEvent, Situation] | None] = iter(())

    def work(self, slice_ms: float = SLICE_MS, clock: Callable[[], float] = time.perf_counter) -> bool:
        """Search for about `slice_ms`, an act at a time; True when `hint` is there."""
        until = clock() + slice_ms / 1000
        while self.hint is None:
            self._go_on()
            if clock() >= until:
                break
        return self.hint is not None

    def _go_on(self) -> None:
        """Look at one act; where none is left, turn to the next situation."""
        for found in self._looked:
            if found is not None and found[1] not in self._parents:
                self._met(*found)
            return
        self._turn()

    def _met(self, event: AnyEvent, after: Situation) -> None:
        self._parents[after] = (self._here, event)
        if self._ways.reached(after):
            self._arrive(after)
        else:
            self._queue.append(after)

    def _turn(self) -> None:
        if not self._queue and self._patient:
            self.hint = Hint("lost")
            return
        if not self._queue:  # doing the right things leads nowhere: waiting and mistakes may
            self._patient = True
            self._begin(self._start)
        if self.nodes >= self._budget:
            self.hint = Hint("unsure")
            return
        self._here = self._queue.popleft()
        self.nodes += 1
        self._looked = self._ways.one_by_one(self._here, self._patient)

    def _arrive(self, goal: Situation) -> None:
        """Note the way back from the goal to where the person stands: a part of a shortest way is one, too."""
        parent = self._parents[goal]
        while parent is not None:
            step, act = parent
            self._ways.best[step] = act
            parent = self._parents[step]
        self._say(self._start, self._ways.best[self._start])

    def _say(self, now: Situation, act: AnyEvent) -> None:
        self.first_act = act
        play = self._ways.play
        self.hint = hint_of(act, play.page(now), play.world.found(now.world))


def _is_mistake(act: AnyEvent) -> bool:
    """Return what nobody does on purpose, and skipping a fraud, which teaches nothing; only where nothing else leads
    on.
    """
    match act:
        case Tapped(key=name):
            return name == SKIP
        case PinEntered(verdict=verdict):
            return verdict != "right"
        case MediaDetected(media=media):
            return media is None or media.number != PHONE
        case _:
            return False


def _rank(act: AnyEvent, page: Page) -> int:
    """Order of acts on one page: what the page itself puts first, first."""
    match act:
        case Tapped(key=name):
            key = page.key(name)
            return _RANK[key.role] if key else 9
        case PinEntered(verdict="right") | MediaDetected() | DoorClosed():  # before the key that stands for it
            return 0
        case PinEntered():
            return 7
        case MediaTaken(at="id_reader"):
            return 4
        case _:
            return 1


def one_piece(acts: Iterable[AnyEvent], due_fen: int) -> list[AnyEvent]:
    """Return the acts with, for each slot, one piece of money: the largest not above `due_fen`, else the smallest."""
    kept: list[AnyEvent] = []
    pieces: dict[str, list[ItemsInserted]] = {}
    for act in acts:
        if isinstance(act, ItemsInserted):
            pieces.setdefault(act.at, []).append(act)
        else:
            kept.append(act)
    offered = [piece for found in pieces.values() for piece in found]
    if offered:
        below = [piece for piece in offered if piece.fen <= due_fen]
        kept.append(max(below, key=lambda p: p.fen) if below else min(offered, key=lambda p: p.fen))
    return kept


def hint_of(act: AnyEvent, page: Page, found: CabinetFound) -> Hint:
    """Return an act as a hint on the page where it is done; what lies in the cabinet then is `found`."""
    match act:
        case Tapped(key=name):
            key = page.key(name)
            return Hint("press", key=name, label=key.text if key else Text(""))
        case Typed(key=name, text=typed):
            return Hint("type", key=name, value=typed)
        case MediaInserted(at=at, media=media):
            laid = at == "id_reader" or page.kind == "Gate" or page.body.icon == "card_tap"
            return Hint("tap" if laid else "insert", slot=at, thing=thing_of(media.number))
        case MediaDetected(at=at):
            return Hint("hold", slot=at)
        case ItemsInserted(at=at, fen=fen):
            return Hint("insert", slot=at, fen=fen)
        case MediaTaken(at=at) | ItemsTaken(at=at):
            return Hint("take", slot=at, thing=_item_at_slot(at, page, found))
        case PinEntered(at=at):
            on_glass = any(key.role == "digit" for key in page.keys)
            return Hint("figures") if on_glass else Hint("pin", slot=at)
        case BarcodeRead(at=at):
            return Hint("scan", slot=at)
        case DoorClosed(at=at):
            return Hint("shut", slot=at)
        case GatePassed(at=at):
            return Hint("walk", slot=at)
        case HostAnswered():
            return Hint("pay")
        case TimerExpired():
            return Hint("wait")
        case _:
            return Hint("unsure")


def _item_at_slot(at: str, page: Page, found: CabinetFound) -> str:
    """Return what lies ready at a slot."""
    match at:
        case "card_reader":
            return thing_of(found.number)
        case "id_reader":
            return thing_of(found.ident)
        case "ticket_dispenser":
            return "metro_card" if page.body.icon == "card_out" else "metro_ticket"
        case "coin_dispenser":
            return "change"
        case _:
            return "cash"
