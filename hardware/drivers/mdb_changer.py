"""An MDB coin changer behind a Qibixx adapter: the unit's coin slot, and the tubes that pay tokens out again.

The theory. One device has two roles and one line, so there is one `Changer`, which speaks, and a face for each role
(`mdb_faces.py`). The changer keeps what has happened until it is polled, and says it once; the adapter passes it on as
text, which has no check, no number and no repetition. So an answer that nobody waited for is never credited: the
coins in it are counted as `unheard`. What the changer had to tell before this process was ready fell unheard too: it is
added to the count, and told to nobody.

Tokens are let in only while the page waits on the slot, and never while the tubes pay (`mdb_payout.py`); a changer that
is not polled refuses by itself, so a dead process refuses tokens. Types are valued by unit.toml, or by what the changer
says in its set-up; only the values of `[money] tokens_fen` are let in.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

from hardware.drivers.serial_device import DeviceCommand, Script, SerialDevice, Wait
from hardware.protocols import mdb_changer as changer
from hardware.protocols import mdb_qibixx as text
from hardware.transport.durable_json import DurableJson
from hardware.transport.serial_port import PortSettings, monotonic_ms
from kiosk_firmware.core import money
from kiosk_firmware.core.effects import AnyEffect
from kiosk_firmware.core.events import AnyEvent, Device, DeviceBack, DeviceLost, ItemsInserted, ItemsRefused
from kiosk_firmware.core.money import Items

OFF_WAIT_S = 0.5
MOST_POLLS = 40
"""A changer that has still something to tell after so many polls is left for the next look."""


def raw(command: int, data: bytes = b"", acts: bool = False) -> DeviceCommand:
    """Return the question that carries an MDB command to the changer."""
    return DeviceCommand(text.raw(command, data).text.encode(), 1000, acts)


class Changer(SerialDevice):
    """The changer; see `SerialDevice` for its face. `join` and `leave` instead of `start` and `stop`, a role each."""

    CAN: ClassVar[frozenset[str]] = frozenset({"counts"})
    POLL_MS = 200

    def __init__(
        self,
        port: PortSettings,
        post: Callable[[AnyEvent], None],
        clock: Callable[[], int] = monotonic_ms,
        *,
        tokens_fen: tuple[int, ...] = (100, 500),
        memory: Path | None = None,
    ) -> None:
        """Take `memory`, the file that keeps counts and the order; None keeps them no longer than the process."""
        self.coins: Mapping[int, int] = {}
        """Type → fen, where unit.toml says it and not the changer."""
        self._tokens_fen, self._tell = frozenset(tokens_fen), post
        self._memory = DurableJson(memory)
        self._gate = threading.RLock()
        self._roles: tuple[Device, ...] = ()
        self._fen: dict[int, int] = {}
        self._routing = 0
        self._tubes = changer.Tubes((0,) * changer.TYPES)
        self._live = False
        self._on: bool | None = None
        self._off = threading.Event()
        self._trouble = ""
        self._about: dict[str, str] = {}
        self._noise: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self.in_tube = False
        """Where the token that is being told went: into a tube, or into the box."""
        super().__init__("coin_acceptor", port, self._both, clock)

    # -- roles --------------------------------------------------------------------------------------------------------

    def join(self, role: Device) -> None:
        """Add a role; the first one opens the line."""
        with self._gate:
            first, self._roles = not self._roles, (*self._roles, role)
        if first:
            self.start()

    def leave(self, role: Device) -> None:
        """Remove a role: with the slot, tokens are refused; the last one closes the line. Twice is fine."""
        with self._gate:
            was = role in self._roles
            self._roles = tuple(other for other in self._roles if other != role)
            last = was and not self._roles
        if was and role == self.at:
            self._off.clear()
            self.enable(False)
            if self._ready and self._on:
                self._off.wait(OFF_WAIT_S)
        if last:
            self.stop()

    def _both(self, event: AnyEvent) -> None:
        """Post an event; tell both roles of a line that is lost or back."""
        if isinstance(event, DeviceLost | DeviceBack):
            for role in self._roles:
                self._tell(type(event)(role))
        else:
            self._tell(event)

    # -- what is known ------------------------------------------------------------------------------------------------

    @property
    def counter(self) -> int:
        """Return how many tokens ever fell."""
        return int(self._memory.get("tokens", 0))

    @property
    def stock(self) -> Items:
        """Return what lies in the tubes, by the changer's own count."""
        tubes = self._tubes.counts
        return money.items(*((fen, tubes[kind]) for kind, fen in self._fen.items() if self._routing >> kind & 1))

    def health(self) -> dict[str, Any]:
        """Return the device's report, with `tokens`, `tubes` (fen → pieces), `noise`, `rejected` by reason, `trouble`,
        `about`.
        """
        return {
            **super().health(),
            "tokens": self.counter,
            "tubes": {str(fen): count for fen, count in self.stock},
            "noise": dict(+self._noise),
            "rejected": dict(self._rejected),
            "trouble": self._trouble,
            "about": dict(self._about),
        }

    # -- scripts ------------------------------------------------------------------------------------------------------

    def _new_host(self) -> text.Host:
        return text.Host()

    def _silent(self, outcome: Any) -> bool:
        return outcome is None

    def _feed(self, outcomes: Any, now_ms: int) -> None:
        """Feed the script with answers; lines that answer nothing go past it."""
        for outcome in outcomes:
            if isinstance(outcome, text.Late):
                self._unheard(outcome.line)
        super()._feed([outcome for outcome in outcomes if not isinstance(outcome, text.Late)], now_ms)

    def _answer(self, outcome: Any) -> bytes | None:
        """Return the data of the changer's answer; None, after `_fail`, where it gave none."""
        said = None if outcome is None else text.peripheral(outcome)
        if said is not None and said.ok:
            return said.data
        self._trouble = "silent" if outcome is None else "the adapter does not reach the changer"
        self._fail()
        return None

    def _set_up(self) -> Script:
        version = yield DeviceCommand(b"V")
        master = yield DeviceCommand(b"M,1")
        if version is None or master is None:
            self._trouble = "silent"
            self._fail()
            return
        self._about["adapter"] = ",".join(version.fields)
        if self._answer((yield raw(changer.COIN_TYPE, changer.coin_type_data(0)))) is None:
            return
        setup = changer.decode_setup(self._answer((yield raw(changer.SETUP))) or b"")
        if setup is None:
            self._fail()
            return
        self._value(setup)
        yield from self._drain()
        yield from self._count()
        if setup.level >= 3 and not self._failed:
            said = self._answer((yield raw(changer.EXPANSION, bytes([changer.IDENTIFY]))))
            self._about.update(changer.decode_identity(said or b""))
        yield from self._settle()
        self._on = None
        self._live = self._live or not self._failed

    def _value(self, setup: changer.Setup) -> None:
        told = self.coins or {kind: fen for kind, fen in enumerate(setup.fen) if fen}
        self._fen, self._routing = dict(told), setup.routing
        self._trouble = "" if self._tokens_fen & set(told.values()) else "no coin of a known value"

    def _settle(self) -> Script:
        """Return what was ordered and not yet known; here nothing."""
        yield from ()

    def _drain(self) -> Script:
        """Poll until there is nothing to tell."""
        for _ in range(MOST_POLLS):
            events = yield from self._listen()
            if not events:
                return

    def _count(self) -> Script:
        """Look into the tubes."""
        data = self._answer((yield raw(changer.TUBES)))
        tubes = changer.decode_tubes(data) if data is not None else None
        if tubes is None:
            self._fail()
            return
        self._tubes = tubes

    def _urgent(self) -> Script | None:
        return self._switch(self._wanted) if self._on != self._wanted else None

    def _switch(self, on: bool) -> Script:
        mask = sum(1 << kind for kind, fen in self._fen.items() if fen in self._tokens_fen) if on else 0
        if self._answer((yield raw(changer.COIN_TYPE, changer.coin_type_data(mask)))) is None:
            return
        self._on = on
        if not on:
            self._off.set()

    def _act(self, effect: AnyEffect) -> Script | None:
        return None

    def _poll(self) -> Script:
        events = yield from self._listen()
        if any(isinstance(event, changer.Coin | changer.ByHand) for event in events):
            yield from self._count()

    def _listen(self) -> Any:
        """Poll once, take the events and return them; nothing after `_fail`."""
        data = self._answer((yield raw(changer.POLL)))
        events = changer.decode_poll(data) if data else ()
        if events is None:
            self._noise["unreadable"] += 1
            events = ()
        self._hear(events)
        if changer.State("reset") in events and self._ready:
            self._noise["reset"] += 1
            self._fail()
            yield Wait(self.POLL_MS)
        return events

    def _gone(self) -> None:
        self._on = None

    # -- what it told -------------------------------------------------------------------------------------------------

    def _hear(self, events: tuple[changer.Event, ...]) -> None:
        coins = [event for event in events if isinstance(event, changer.Coin)]
        self._fell([coin for coin in coins if coin.route in ("cash_box", "tubes")])
        for event in events:
            match event:
                case changer.Coin(route="unused" | "reject"):
                    self._refused("returned")
                case changer.Slugs(count):
                    for _ in range(count):
                        self._refused("slug")
                case changer.ByHand(_, count):
                    self._noise["by_hand"] += count
                case changer.State(word):
                    self._is(word)

    def _fell(self, coins: list[changer.Coin]) -> None:
        """Write down how many tokens fell, and only then tell."""
        known = [(fen, coin) for coin in coins if (fen := self._fen.get(coin.type)) in self._tokens_fen and fen]
        self._noise["value"] += len(coins) - len(known)
        if not known:
            return
        before = self.counter
        self._memory.keep(tokens=before + len(known))
        if not self._live:
            self._noise["unheard"] += len(known)
            return
        for count, (fen, coin) in enumerate(known, before + 1):
            self.in_tube = coin.route == "tubes"
            self._post(ItemsInserted(self.at, fen, count))

    def _refused(self, why: str) -> None:
        self._rejected[why] += 1
        if self._live:
            self._post(ItemsRefused(self.at, "invalidBill"))

    def _is(self, word: str) -> None:
        if word in changer.OUT_OF_WORK:
            self._trouble = word
        if word not in changer.WORKING and word != "reset":
            self._noise[word] += 1

    def _unheard(self, line: text.Line) -> None:
        """Count what fell while nobody waited for it: what fell, by what it says, is known to be unknown."""
        said = text.peripheral(line)
        events = changer.decode_poll(said.data) if said is not None and said.data else ()
        self._noise["unheard"] += sum(isinstance(event, changer.Coin) for event in events or ())
