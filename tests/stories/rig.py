"""A whole unit for the stories: twins and screen process, a hand on the glass, hands at the twins.

The hand presses keys by their names and waits for pages by theirs; whatever a person does with cards, notes and keys of
metal goes to the twins' own socket. What came of it is read from what outlives everybody (`judging.py`).
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from hardware.drivers.practice_pin_store import PinStore
from hardware.twins.control_client import TwinControlClient
from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.agent.agent_db import AgentDb
from kiosk_firmware.wire.messages import Command
from tests.stories.unit_file import unit_toml
from tests.wire.rig import query, wait

ROOT = Path(__file__).parents[2]
OURS, OTHERS = "9900550000005528", "9900660000001234"
"""The practised person's card of the first bank, and of the second."""
PIN = "246813"
DEADLINE_S = 30
SKINS = ("rongjiang", "shufeng")


class GoneError(Exception):
    """The screen process is dead."""


class House:
    """The unit. Every wait has a generous deadline; only a hang reaches it."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        """Settings and PINs are written; nothing runs yet."""
        self.folder, self.state = folder, folder / "unit"
        self.state.mkdir(parents=True)
        self.unit = unit_toml(folder, **changes)
        pins = PinStore(self.state)
        for card in (OURS, OTHERS):
            pins.set(card, PIN)
        self.db = self.state / "screen.db"
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lines: Any = None
        self._orders: AgentDb | None = None
        self._ordered = 0
        self.fallen = 0
        """Tokens whose pulses were told to a dead process: no unit can know of them."""
        self.reaching = threading.Lock()
        """Held while a hand reaches into the tray, until the tray has seen it: too short a moment to be killed in."""

    # -- processes ----------------------------------------------------------------------------------------------------

    def start(self) -> House:
        self.start_twins()
        self.start_screen()
        return self

    def start_twins(self) -> None:
        self.spawn("twins", "hardware.twins", "--state", str(self.state), "--unit", str(self.unit))
        self.twins = TwinControlClient(self.state / "twins.sock")

    def start_screen(self, dies_at: str = "", plain: bool = False, child: str = "child") -> None:
        """`dies_at`: a point of `child.py` and which passage; `plain`: the very command of a unit; `child`: another.

        Raises:
            GoneError: it died before its first page could be seen.
        """
        module = ("kiosk_firmware.cli", "run") if plain else (f"tests.stories.{child}",)
        hand = self.state / "hand.sock"
        hand.unlink(missing_ok=True)
        self.spawn(
            "screen",
            *module,
            "--unit",
            str(self.unit),
            "--state",
            str(self.state),
            "--offscreen",
            "--hand",
            str(hand),
            env={"STORY_DIES_AT": dies_at},
        )
        self._lines = None
        wait(lambda: self._reached(hand), "the hand's socket")
        wait(lambda: self.look()["page"] is not None, "a first page")

    def spawn(self, name: str, module: str, *arguments: str, env: dict[str, str] | None = None) -> None:
        """Start `python -m module` under a name; it ends with the house."""
        assert name not in self._running or self.died(name), f"{name} lives already"
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, **(env or {})},
            )

    def _reached(self, path: Path) -> bool:
        if self.died("screen"):
            raise GoneError(self.log()[-2000:])
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(30)
        try:
            made.connect(str(path))
        except OSError:
            made.close()
            return False
        self._lines = made.makefile("rw", encoding="utf-8")
        made.close()  # the file holds it
        return True

    def died(self, name: str) -> bool:
        return self._running[name].poll() is not None

    def kill(self, name: str) -> None:
        """As `kill -9`; dead already is fine."""
        self._running[name].kill()
        self._running[name].wait()

    def wait_dead(self, name: str = "screen") -> None:
        wait(lambda: self.died(name), f"{name} to die at its point")
        assert self._running[name].wait() == -signal.SIGKILL

    def minute(self) -> None:
        """A minute passes."""
        self._running["screen"].send_signal(signal.SIGUSR1)

    def close(self) -> None:
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._orders is not None:
            self._orders.close()
        if self._lines is not None:
            self._lines.close()

    # -- the glass ----------------------------------------------------------------------------------------------------

    def look(self, **words: str) -> dict[str, Any]:
        """What stands on the glass, after pressing or typing something."""
        try:
            self._lines.write(json.dumps(words) + "\n")
            self._lines.flush()
            line = self._lines.readline()
        except OSError as error:
            raise GoneError from error
        if not line:
            raise GoneError
        seen: dict[str, Any] = json.loads(line)
        return seen

    def step(self) -> str:
        page = self.look()["page"]
        return page["step"].split("#")[0] if page else ""

    def wait_step(self, *steps: str) -> dict[str, Any]:
        """Until one of the pages stands; that page."""
        return self._until(lambda seen: seen["page"] and seen["page"]["step"].split("#")[0] in steps, f"page {steps}")

    def wait_idle(self) -> None:
        """Until no run goes on and nothing waits to be given back."""
        self._until(lambda seen: seen["ready"] and not seen["run"], "the unit to be ready")

    def _until(self, holds: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
        deadline = time.monotonic() + DEADLINE_S
        while not holds(seen := self.look()):
            assert time.monotonic() < deadline, f"waited for {what}; there stands {_short(seen)}; {self.log()[-1500:]}"
            time.sleep(0.02)
        found: dict[str, Any] = seen["page"]
        return found

    def wait_amount(self, step: str, fen: int) -> None:
        """Until the page shows this sum."""

        def shown(seen: dict[str, Any]) -> bool:
            page = seen["page"]
            return page["step"].split("#")[0] == step and page["body"].get("amount_fen") == fen

        self._until(shown, f"{fen} fen on {step}")

    def wait_line(self, text: str) -> None:
        """Until the page has this sentence, by its key."""
        self._until(lambda seen: text in [line["key"] for line in seen["page"]["body"].get("lines", [])], text)

    def wait_title(self, text: str) -> None:
        """Until a page with this title stands, by its key."""
        self._until(lambda seen: seen["page"] and seen["page"]["title"]["key"] == text, f"a page {text}")

    def log(self) -> str:
        """All that the screen process said."""
        return (self.folder / "screen.log").read_text(errors="replace")

    def tap(self, key: str) -> None:
        """Press the key until its page is left: one that is new swallows touches, one of tiles shows six at once."""
        page = self._until(lambda seen: seen["page"] and key in _keys(seen["page"]), f"key {key}")
        here, deadline, arrow = page["step"], time.monotonic() + DEADLINE_S, "scroll.down"
        while self.look(tap=key)["page"]["step"] == here and not self._left(here):
            assert time.monotonic() < deadline, f"{key} of {here} leads nowhere"
            if page["kind"] == "Home" and not self.look(tap=arrow).get("pressed"):
                arrow = "scroll.up" if arrow == "scroll.down" else "scroll.down"

    def _left(self, step: str, within_s: float = 0.25) -> bool:
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if self.look()["page"]["step"] != step:
                return True
            time.sleep(0.02)
        return False

    def type(self, text: str) -> None:
        """Fill the page's field."""
        self.look(type=text)
        self._until(lambda seen: seen["page"]["body"].get("field") == text, f"{text} in the field")

    # -- a person -----------------------------------------------------------------------------------------------------

    def begin(self, lesson: str, skin: str = "", machine: str = "atm") -> None:
        """From wherever the lobby stands to the machine's first page; the machine's first skin where none is named."""
        self.choose(lesson, skin, machine)
        self.tap("task.start")
        self.wait_run()

    def choose(self, lesson: str, skin: str = "", machine: str = "atm") -> None:
        """The same, to the page that tells the task."""
        tile, skins, spot = f"tile.{machine}", machine_loader.skins(machine), machine_loader.place(machine)
        steps = {"attract": "attract.start", "sign-in": "sign.guest", "touch-1": "touch.skip"}
        steps |= {"debrief": "debrief.home", "place": tile}
        while (step := (page := self.wait_step(*steps, "home", "lessons"))["step"].split("#")[0]) != "lessons":
            self.tap(steps.get(step, f"tile.{spot.id}" if spot and tile not in _keys(page) else tile))
        if self._skin() != (wanted_skin := skins.index(skin or skins[0])):
            self.look(tap="lessons.skin")
            self._press_until("lessons.skin", lambda: self._skin() == wanted_skin)
        wanted = f"task.{lesson}" if lesson else "lessons.free"
        self._press_until("lessons.more", lambda: wanted in _keys(self.look()["page"]))
        self.tap(wanted)

    def wait_run(self) -> dict[str, Any]:
        """Until a run goes on; its page."""
        return self._until(lambda seen: seen["run"], "a run")

    def _skin(self) -> int:
        key = next(key for key in self.look()["page"]["keys"] if key["name"] == "lessons.skin")
        machine, other = str(dict(key["text"]["args"])["skin_key"]).split(".")[1:]
        skins = machine_loader.skins(machine)
        return (skins.index(other) - 1) % len(skins)

    def turn_pages(self, key: str, wanted: str) -> None:
        """Press a key that turns a list's pages until `wanted` is among the page's keys."""
        self._press_until(key, lambda: wanted in _keys(self.look()["page"]))

    def _press_until(self, key: str, holds: Callable[[], bool]) -> None:
        """Press a key that does not leave its page; one press, then time for it to show."""
        deadline = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < deadline, f"{key} does not do it"
            before = _keys(self.look()["page"])
            self.look(tap=key)
            end = time.monotonic() + 0.3
            while time.monotonic() < end and _keys(self.look()["page"]) == before and not holds():
                time.sleep(0.02)

    def card(self, number: str = OURS, **how: Any) -> None:
        """Push the card in, as soon as the slot takes it."""
        self._let(lambda: self.twins.do("insert_card", card=number, **how)["ok"], "the slot to take the card")

    def pin(self, digits: str = PIN) -> None:
        """Type on the keys of metal, each again whose dot does not come, end with "enter"."""
        for dots, digit in enumerate(digits, 1):
            next(True for _ in count() if self._dotted(digit, dots))
        self.twins.must("pin_key", key="enter")

    def _dotted(self, digit: str, dots: int) -> bool:
        self.twins.must("pin_key", key=digit)
        until = time.monotonic() + 2
        while (page := self.look()["page"])["body"].get("digits", 0) < dots and time.monotonic() < until:
            time.sleep(0.02)
        assert page["kind"] == "PinEntry", page["step"]
        return page["body"].get("digits", 0) >= dots

    def enter(self, number: str = OURS) -> None:
        """Card and PIN, to the menu."""
        self.card(number)
        self.wait_step("pin")
        self.pin()
        self.wait_step("menu")

    def take_card(self) -> None:
        self.wait_step("take-card", "take")
        self._let(lambda: self.twins.do("take_card")["ok"], "the card to come out")

    def take_cash(self) -> None:
        self.wait_step("take-cash", "take")
        self._let(self.reach_in, "the tray to be open")

    def reach_in(self) -> bool:
        """Take the notes, if the tray lets them go."""
        with self.reaching:
            before = self.book()
            if not self.twins.do("take_cash")["ok"]:
                return False
            self._let(lambda: self.book().get("hand") or self.book().get("taken") != before.get("taken"), "the beam")
            return True

    def book(self) -> dict[str, Any]:
        """What the tray's driver keeps on disk."""
        found: dict[str, Any] = json.loads((self.state / "tray.json").read_text())
        return found

    def note(self, fen: int, **how: Any) -> None:
        self._let(lambda: self.twins.do("note", fen=fen, **how)["ok"], "the slot to draw the note in")

    def take_note(self) -> None:
        """Take back what stands in the slot."""
        self._let(lambda: self.twins.do("take_note")["ok"], "the note to come out")

    def pass_time(self, step: str) -> None:
        """Minutes pass until the page is left."""
        deadline = time.monotonic() + DEADLINE_S
        while (here := self.look()["page"]["step"]).split("#")[0] == step:
            assert time.monotonic() < deadline, f"{step} is never left"
            self.minute()
            self._left(here, 1)

    def token(self, fen: int) -> None:
        """One token; what falls back into the cup while the acceptor wakes up is put in again."""
        self._let(lambda: self.twins.do("token", fen=fen)["ok"], "the acceptor to take the token")

    def _let(self, done: Callable[[], object], what: str) -> None:
        """Until the twins let it be done. Raises GoneError: nobody is there any more to let it."""
        deadline = time.monotonic() + DEADLINE_S
        while not done():
            if self.died("screen"):
                raise GoneError
            assert time.monotonic() < deadline, f"waited for {what}; there stands {_short(self.look())}"
            time.sleep(0.02)

    def end(self) -> dict[str, Any]:
        """Read the last pages, and end a run that has no goal; its last fact."""
        keys = {"goodbye": "told.ok", "told": "told.ok", "home": "strip.end"}
        while (step := self.wait_step(*keys, "debrief")["step"].split("#")[0]) != "debrief":
            self.tap_away(keys[step], step)
        self.wait_idle()
        run = query(self.db, "SELECT run FROM runs ORDER BY rowid DESC LIMIT 1")[0][0]
        wait(lambda: any(fact["run"] == run for fact in self.ended()), "the run's end to be written")
        return self.ended()[-1]

    def tap_away(self, key: str, step: str) -> None:
        """Press a key of a page that also leaves by itself."""
        deadline = time.monotonic() + DEADLINE_S
        while self.step() == step:
            self.look(tap=key)
            assert time.monotonic() < deadline, f"{step} is never left"
            time.sleep(0.1)

    def order(self, name: str, **args: Any) -> dict[str, Any]:
        """A command of the office, as the agent puts it down; what came of it."""
        if self._orders is None:
            self._orders = AgentDb(self.state / "agent.db", "jia-atm-01")
        self._ordered += 1
        now_ms, id_ = utc_ms(), f"c-story-{self._ordered:04d}"
        self._orders.receive(Command(id_, name, args, now_ms + 600_000), now_ms)
        wait(lambda: any(data["id"] == id_ for data in self.facts("command.ended")), f"{name} to be done")
        return next(data for data in self.facts("command.ended") if data["id"] == id_)

    def slips(self) -> list[str]:
        """The slips that hang out of the printer, torn off, each as its text."""
        torn = (self.twins.do("tear_off") for _ in count())
        return ["\n".join(answer["lines"]) for answer in takewhile(lambda answer: answer["ok"], torn)]

    # -- what is written ----------------------------------------------------------------------------------------------

    def facts(self, kind: str) -> list[dict[str, Any]]:
        """The data of all facts of a type, in order."""
        rows = query(self.db, "SELECT data FROM facts WHERE type = ? ORDER BY seq", kind)
        return [json.loads(data) for (data,) in rows]

    def told(self) -> str:
        """All that the facts say, as one text."""
        return "\n".join(data for (data,) in query(self.db, "SELECT data FROM facts"))

    def ended(self) -> list[dict[str, Any]]:
        return self.facts("run.ended")

    def moved(self, at: str, what: str) -> list[int]:
        """The amounts that the facts tell of a device."""
        return [fact["fen"] for fact in self.facts("items.moved") if (fact["at"], fact["what"]) == (at, what)]


def _keys(page: dict[str, Any]) -> list[str]:
    return [key["name"] for key in page["keys"]]


def _short(seen: dict[str, Any]) -> str:
    page = seen.get("page") or {}
    return f"{page.get('step')} {_keys(page) if page else ''} run {seen.get('run')} ready {seen.get('ready')}"
