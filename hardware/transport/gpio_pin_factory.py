"""The GPIO edge: which pin factory this unit's gpiozero devices get.

On a unit the pins are real (lgpio). On a desk they are *linked*: gpiozero's mock pins, driven through a UNIX socket
by the twins' process, which lives on when the application dies. The link drives pins and nothing else:

    twin → app   {"watch": [5, 6]}                     tell me what these outputs do, now and from now on
                 {"pin": 17, "level": 0, "at": 12.5}   your input 17 is driven low; `at` is when, monotonic seconds
                 {"pin": 17, "level": null}            … is not driven any more
                 {"join": [2, 9], "closed": true}      a switch between two pins closes: a key of a matrix
                 {"next": 12.5}                        nothing more happens before then; null: nothing is planned
                 {"heard": 3}                          that many more outputs were heard, and what follows is planned
                 {"ask": 4}                            answer when your drivers have done what they were told so far
    app → twin   {"pin": 5, "out": 1, "at": 12.5}      an output changed; null: the line is released (input, or dead)
                 {"ask": 4, "rests": true}             they have; and none of them waits for time to pass

Joined pins form one net: it is low if anything drives it low, else high if anything drives it high, else where it is
pulled. So a column follows its row while a key is down, and three keys show a fourth, as on the real thing. An edge
carries the time at which it happened, as the kernel's edges do, so a busy process measures pulses as well as an idle
one; and the link has a clock (`now_ms`) that does not run ahead of what is still on its way: however busy the machine,
no silence is taken for the end of a train, and no answer for missing. The socket is opened only where unit.toml says
`[devices.pins] driver = "linked"`.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory, MockPin

from hardware.transport import jsonl_socket

Factory = Any
"""A gpiozero pin factory (gpiozero publishes no types)."""
MOST_LATE_S = 5.0
"""So far the link's clock stays behind for twins that say nothing, and no further."""


class LinkedPin(MockPin):  # type: ignore[misc]  # gpiozero publishes no types
    """A mock pin whose level is settled by its factory, from all that is connected to it."""

    def __init__(self, factory: LinkedFactory, info: Any) -> None:
        super().__init__(factory, info)
        self._state: bool = bool(self._state)
        self.at_s = time.monotonic()
        factory.added(self)

    def _change_state(self, value: bool) -> bool:
        # The mock keeps a history of all states; a process that lives for weeks must not.
        changed = self._state != value
        self._state = bool(value)
        return changed

    def _set_function(self, value: str) -> None:
        self._function = value
        self.factory.settle(self)

    def _set_state(self, value: float) -> None:
        super()._set_state(value)
        self.factory.settle(self)

    def output_with_state(self, state: bool) -> None:
        """Become an output at that level in one step; a step in between would be seen by a scan."""
        self._function, self._state = "output", bool(state)
        self.factory.settle(self)

    def _set_pull(self, value: str) -> None:
        self._pull = value
        self.factory.settle(self)

    def _call_when_changed(self) -> None:
        super(MockPin, self)._call_when_changed(self.at_s, self._state)

    def close(self) -> None:
        """Release the line: whoever drives it from outside sees it float."""
        self.when_changed = None
        self.function = "input"

    @property
    def output(self) -> int | None:
        """The level that this process puts on the line, or None where it only listens."""
        return int(self._state) if self._function == "output" else None


class LinkedFactory(MockFactory):  # type: ignore[misc]  # gpiozero publishes no types
    """Mock pins with a socket to the twins. `close` twice is fine."""

    def __init__(self, path: Path) -> None:
        """Listen at `path` (a UNIX socket; at most 100 characters)."""
        self._gate = threading.RLock()
        self._known: dict[int, LinkedPin] = {}
        self._driven: dict[int, int] = {}
        self._joined: set[tuple[int, int]] = set()
        self._watched: frozenset[int] = frozenset()
        self._peer: socket.socket | None = None
        self._next_s: float | None = None
        self._unheard = deque[float]()
        self.drivers: set[Any] = set()
        """Threads that hear of edges on these pins."""
        super().__init__(revision="a02082", pin_class=LinkedPin)
        self._path = path
        self._server: socket.socket | None = jsonl_socket.listen(path)
        self._thread = threading.Thread(target=self._serve, name="pins", daemon=True)
        self._thread.start()

    def added(self, pin: LinkedPin) -> None:
        """Take a pin that gpiozero made, and set it as the twin last said."""
        with self._gate:
            self._known[pin._number] = pin
            self.settle(None)

    def settle(self, changed: LinkedPin | None, at_s: float | None = None) -> None:
        """Give every input the level of its net; tell the twin of an output that `changed`."""
        at_s = time.monotonic() if at_s is None else at_s
        with self._gate:
            for pin in list(self._known.values()):
                if pin.output is not None:
                    continue
                level, pin.at_s = self._level(pin), at_s
                (pin.drive_high if level else pin.drive_low)()
            if changed is not None and changed._number in self._watched:
                self._tell(changed)

    def _level(self, pin: LinkedPin) -> bool:
        net = self._net(pin._number)
        strong = [self._known[n].output for n in net if n in self._known] + [self._driven.get(n) for n in net]
        if any(level == 0 for level in strong):
            return False
        if any(level == 1 for level in strong):
            return True
        pulls = [self._known[n].pull for n in net if n in self._known]
        if "up" in pulls:
            return True
        return False if "down" in pulls else bool(pin.state)

    def _net(self, number: int) -> set[int]:
        net, new = {number}, [number]
        while new:
            here = new.pop()
            for a, b in self._joined:
                if here in (a, b) and (other := b if here == a else a) not in net:
                    net.add(other)
                    new.append(other)
        return net

    def now_ms(self) -> float:
        """Return until when the link has told all: now, but not beyond what the twins plan or have not heard."""
        with self._gate:
            now = time.monotonic()
            known = [at_s for at_s in (self._next_s, *list(self._unheard)[:1]) if at_s is not None]
            return 1000 * max(now - MOST_LATE_S, min([now, *known]))

    def _tell(self, pin: LinkedPin) -> None:
        if self._peer is not None:
            self._unheard.append(now := time.monotonic())
            self._write({"pin": pin._number, "out": pin.output, "at": now})

    def _ask(self, number: int) -> None:
        drivers, answers = list(self.drivers), list[bool]()

        def done(rests: bool) -> None:
            with self._gate:
                answers.append(rests)
                if len(answers) == max(1, len(drivers)):
                    self._write({"ask": number, "rests": all(answers)})

        for driver in drivers:
            driver.when_done(done)
        if not drivers:
            done(True)

    def _write(self, message: dict[str, Any]) -> None:
        if self._peer is not None:
            with contextlib.suppress(OSError):  # its end is noticed where it is read
                self._peer.sendall(jsonl_socket.line(message))

    def _serve(self) -> None:
        server = self._server
        while server is not None and self._server is not None:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            self._hear(peer)

    def _hear(self, peer: socket.socket) -> None:
        lines = jsonl_socket.JsonLines()
        with peer, contextlib.suppress(OSError):
            with self._gate:
                self._peer = peer
            while data := peer.recv(65536):
                with self._gate:
                    for message in lines.receive(data):
                        self._take(message)
        with self._gate:
            self._peer, self._watched, self._next_s = None, frozenset(), None
            self._unheard.clear()
            self._driven.clear()
            self._joined.clear()
            if self._server is not None:
                self.settle(None)

    def _take(self, message: dict[str, Any]) -> None:
        with self._gate:
            match message:
                case {"watch": list(numbers)}:
                    self._watched = frozenset(n for n in numbers if isinstance(n, int))
                    for pin in [self._known[n] for n in self._watched if n in self._known]:
                        self._tell(pin)
                case {"pin": int(number), "level": None}:
                    self._driven.pop(number, None)
                    self.settle(None)
                case {"pin": int(number), "level": 0 | 1 as level}:
                    self._driven[number] = int(level)
                    self.settle(None, _instant(message.get("at")))
                case {"next": float() | int() | None as next_s}:
                    self._next_s = next_s
                case {"heard": int(count)}:
                    for _ in range(min(count, len(self._unheard))):
                        self._unheard.popleft()
                case {"join": [int(a), int(b)], "closed": bool(closed)}:
                    (self._joined.add if closed else self._joined.discard)((a, b))
                    self.settle(None)
                case {"ask": int(number)}:
                    self._ask(number)
                case _:
                    pass  # not of this link: only driving pins is possible from outside

    def close(self) -> None:
        """Release all pins, stop listening and remove the socket."""
        server, self._server = self._server, None
        super().close()
        if server is None:
            return
        for end in (server, self._peer):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        server.close()
        self._thread.join(timeout=5)
        self._path.unlink(missing_ok=True)


def _instant(at: object) -> float | None:
    """Return the twin's time stamp in seconds, or now when it is absurd (another clock's)."""
    now = time.monotonic()
    return float(at) if isinstance(at, int | float) and now - 60 < at <= now + 1 else None


def real() -> Factory:
    """Return the pin factory of this Raspberry Pi. Raises what lgpio raises where there is no GPIO chip."""
    from gpiozero.pins.lgpio import LGPIOFactory  # a unit's only; desks do not have lgpio

    return LGPIOFactory()


MAKERS: dict[str, Callable[[Path], Factory]] = {"lgpio": lambda _: real(), "linked": LinkedFactory}


def factory(driver: str, socket_path: Path) -> Factory:
    """Return the pin factory of `[devices.pins] driver`: "lgpio" or "linked" (socket at `socket_path`)."""
    return MAKERS[driver](socket_path)
