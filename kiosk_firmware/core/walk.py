"""The walk: every situation that people, devices, time-outs and one fault, once or again and again, can lead a machine
into, looked at once.

Breadth first from the start over all edges: answers of open effects in any order across devices, the page's
time-out at any moment, everything the person can do, and the armed fault wherever it may strike. In each situation
promises are checked; at the end that from everywhere the first page is reached by answers and time-outs alone
(nobody has to know anything for a machine to come home). A finding carries the shortest way to it, to be replayed
with `kiosk play`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

from kiosk_firmware.core.events import (
    AnyEvent,
    BarcodeRead,
    DeviceBack,
    DeviceLost,
    DoorClosed,
    Fault,
    GateAlarmed,
    ItemsInserted,
    ItemsRefused,
    ItemsTaken,
    Media,
    MediaDetected,
    MediaInserted,
    MediaInvalid,
    MediaTaken,
    PaperChanged,
    PinKeyPressed,
    Started,
    Tapped,
)
from kiosk_firmware.core.machine import Values
from kiosk_firmware.core.play import Play, Situation

SURPRISES: tuple[AnyEvent, ...] = (
    MediaInserted("card_reader", Media("9900000000000000")),
    MediaInvalid("card_reader"),
    MediaTaken("card_reader"),
    PinKeyPressed("pin_pad", 3),
    ItemsInserted("coin_acceptor", 100),
    ItemsInserted("note_acceptor", 10_000),
    ItemsRefused("note_acceptor"),
    ItemsTaken("cash_dispenser"),
    PaperChanged("receipt_printer", "out"),
    DeviceLost("card_reader"),
    DeviceLost("cash_dispenser"),
    DeviceLost("note_acceptor"),
    DeviceLost("receipt_printer"),
    DeviceLost("network_host"),
    DeviceBack("card_reader"),
    MediaInserted("id_reader", Media("519901199106300058")),
    MediaInvalid("id_reader"),
    MediaTaken("id_reader"),
    ItemsTaken("coin_dispenser"),
    BarcodeRead("barcode_scanner", "kiosk-practice:x"),
    GateAlarmed("gate", "tailgate"),
    MediaDetected("tap_reader", Media("9900000000000000")),
    MediaDetected("tap_reader", None, "foreign"),
    DoorClosed("parcel_locker"),
)


class Finding(msgspec.Struct, frozen=True):
    """A breach, and the events that lead there."""

    what: str
    way: tuple[AnyEvent, ...]


class WalkResult(msgspec.Struct):
    """A walk's outcome: how many situations and edges, findings, and whether the limit cut it short."""

    situations: int
    edges: int
    findings: list[Finding]
    cut: bool = False


class Walker:
    """One walk. `limit` bounds the situations; reaching it is a finding of its own (`cut`)."""

    def __init__(
        self,
        play: Play,
        values: Values,
        limit: int = 50_000,
        menu: tuple[str, ...] = (),
        faults: tuple[Fault, ...] = (),
        surprises: tuple[AnyEvent, ...] = SURPRISES,
        strikes: int = 1,
        turns: int = 1,
    ) -> None:
        """Set up with nothing walked yet. `menu`: the only keys of the area "menu" that are pressed; empty means all.

        `faults`: any one of these may strike, wherever the run has one armed (start it with the first): one walk then
        holds what a walk for each would, and what they share only once. `surprises`: the device facts that are told in
        every state; with `turns` only every so many one, and the others in the next states. `strikes`: how often faults
        may strike in one run, each time any of them.
        """
        self.play = play
        self.strikes = strikes
        self.faults, self.surprises, self.turns = faults, surprises, turns
        self.values = values
        self.menu = menu
        self.limit = limit
        self.parents: dict[Situation, tuple[Situation, AnyEvent] | None] = {}
        self.quiet: dict[Situation, list[Situation]] = {}
        self.homes: list[Situation] = []
        self._surprised: set[Any] = set()
        self._viewed: set[Any] = set()
        self.findings: list[Finding] = []
        self.edges = 0

    def walk(self, started: Started, most_findings: int = 5) -> WalkResult:
        """Walk everything from the start."""
        begun = msgspec.structs.replace(self.play.begin(started), again=self.strikes - 1)
        start = self._essential(begun)
        self.parents[start] = None
        queue = deque([start])
        while queue and len(self.parents) < self.limit and len(self.findings) < most_findings:
            now = queue.popleft()
            for after in self._neighbours(now):
                if after not in self.parents:
                    queue.append(after)
                    self.parents[after] = self._from
        cut = bool(queue) and len(self.parents) >= self.limit
        if not queue and not self.findings:
            self._check_ways_home()
        return WalkResult(len(self.parents), self.edges, self.findings, cut)

    _from: tuple[Situation, AnyEvent]

    def _neighbours(self, now: Situation) -> Iterable[Situation]:
        self._check(now)
        quiet: list[Situation] = []
        calm = list(self.play.answers(now))
        expiry = self.play.expiry(now)
        for event in (*calm, *((expiry,) if expiry else ())):
            after = self._step(now, (event,))
            if after is not None:
                quiet.append(after)
                yield after
        if expiry and (not quiet or self._step_of(quiet[-1]) == self._step_of(now)):
            self._found(f"time-out {expiry.name} does not leave its step", now)
        self.quiet[now] = quiet
        acts = self.play.acts(now, self.values)
        loud: list[tuple[AnyEvent, ...]] = [(event,) for event in acts if self._walked(event)]
        for fault in self._may_strike(now):
            loud += self.play.world.faults(now.world, fault, now.open)
        for events in loud:
            after = self._step(now, events)
            if after is not None and after != now:
                yield after

    def _may_strike(self, now: Situation) -> tuple[Fault, ...]:
        """Return the faults that may strike: any one of them, as long as one may: a host that is offline may have lost
        an answer before.
        """
        if now.armed is None:
            return ()
        return self.faults or (now.armed,)

    def _step_of(self, now: Situation) -> str:
        return self.play.page(now).step

    def _walked(self, event: AnyEvent) -> bool:
        if not isinstance(event, Tapped) or not event.key.startswith("menu."):
            return True
        return not self.menu or event.key in self.menu

    def _step(self, now: Situation, events: tuple[AnyEvent, ...]) -> Situation | None:
        after = now
        try:
            for event in events:
                after = self.play.step(after, event).after
        except Exception as error:  # a machine must never raise; whatever it raises is the finding
            self._found(f"{type(error).__name__}: {error} at {events}", now)
            return None
        self.edges += 1
        self._from = (now, events[-1])
        return self._essential(after)

    def _essential(self, now: Situation) -> Situation:
        essence = self.play.machine.essence(now.state)
        return now if essence is now.state else msgspec.structs.replace(now, state=essence)

    def _check(self, now: Situation) -> None:
        at_home = self.play.at_home(now)
        if at_home:
            self.homes.append(now)
        for breach in self.play.world.breaches(now.world, at_home):
            self._found(breach, now)
        if now.state not in self._surprised:  # a machine knows nothing but its state
            self._surprised.add(now.state)
            self._surprise(now)

    def _surprise(self, now: Situation) -> None:
        """Check that no device fact raises, and that whatever follows has a page: looked at once, as most facts change
        nothing.
        """
        for event in self.surprises[len(self._surprised) % self.turns :: self.turns]:
            try:
                state, _ = self.play.machine.update(now.state, event)
                if state is not now.state and state not in self._viewed:
                    self._viewed.add(state)
                    self.play.machine.view(state)
            except Exception as error:  # as above: absorbing a device fact must not raise
                self._found(f"{event} not absorbed: {type(error).__name__}: {error}", now)

    def _found(self, what: str, now: Situation) -> None:
        self.findings.append(Finding(what, self.way(now)))

    def way(self, now: Situation) -> tuple[AnyEvent, ...]:
        """Return the shortest way from the start (last event of each edge)."""
        events: list[AnyEvent] = []
        step = self.parents.get(now)
        while step is not None:
            now, event = step
            events.append(event)
            step = self.parents.get(now)
        return tuple(reversed(events))

    def _check_ways_home(self) -> None:
        """Check backwards from all homes over quiet edges; what is not met has no way home by itself."""
        into: dict[Situation, list[Situation]] = {}
        for source, targets in self.quiet.items():
            for target in targets:
                into.setdefault(target, []).append(source)
        met = set(self.homes)
        queue = deque(self.homes)
        while queue:
            for source in into.get(queue.popleft(), ()):
                if source not in met:
                    met.add(source)
                    queue.append(source)
        for lost in [now for now in self.quiet if now not in met][:3]:
            self._found(f"dead end at step {self.play.machine.view(lost.state).step}", lost)
