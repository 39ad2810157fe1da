"""Roof 1, the screen process: window, devices, journal; no network.

`kiosk run --unit UNIT.toml --state DIR` opens the glass and takes the wires; without such a file, or while its office
wants it trusted first, it is set up on the glass (`commissioning.py`). `--offscreen` needs no display;
`--panel` puts the front panel of the twins beside the glass (a desk, the demo); `--hand` lets tests press keys by
name. Exit code 70 asks whoever watches (systemd, the demo) to start it again at once.

What the first frame does not need comes after it: devices are opened while the first page already stands.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from kiosk_firmware import settings as unit_settings
from kiosk_firmware import wanted
from kiosk_firmware.app.around import BLANK, RESTART
from kiosk_firmware.settings import Settings
from kiosk_firmware.telemetry import lines
from kiosk_firmware.trust import told
from screens import boot

log = logging.getLogger(__name__)
TICK_S = 0.1
LOOK_S = 0.2
ALIVE_S = 1.0
VERSION = "0.1.0"


def main(name: str, arguments: Sequence[str]) -> int:
    """See the file's head. Returns the unit's exit code.

    Raises:
        ValueError: unit.toml is wrong; says file, key, value, what is allowed.
    """
    parser = argparse.ArgumentParser(prog=f"kiosk {name}", description="The screen process of this unit.")
    parser.add_argument("--unit", type=Path, required=True, metavar="UNIT.toml")
    parser.add_argument("--state", type=Path, required=True, metavar="DIR", help="what must outlive the process")
    parser.add_argument("--offscreen", action="store_true", help="no display: draw where only pictures see it")
    parser.add_argument("--panel", action="store_true", help="the twins' front panel beside the glass")
    parser.add_argument("--hand", type=Path, metavar="SOCKET", help="let tests press keys by name")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the glass, 1.0 = 1280x800")
    parser.add_argument("--template", type=Path, metavar="FILE", help="a unit.toml to set a blank unit up like")
    parser.add_argument("--ports", type=Path, metavar="DIR", help="set up with the twins' ports in DIR, as on a desk")
    parser.add_argument("--run", type=Path, metavar="DIR", help="in memory: a visit's pictures (default: STATE/calls)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s", stream=sys.stderr)
    for noisy in ("kivy", "escpos", "PIL"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    chosen.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines.keep(chosen.state, "screen")
    wanted.begin(chosen.unit, chosen.state)
    if not chosen.unit.exists() or (chosen.state / BLANK).exists() or told.bars(chosen.state):
        from kiosk_firmware.app.blank import Blank  # a unit in service never needs it

        return Blank(chosen).run()
    return App(unit_settings.read(chosen.unit), chosen).run()


class App:
    """Window and wires around one `Unit`."""

    def __init__(self, settings: Settings, chosen: argparse.Namespace) -> None:
        """Nothing of Kivy is imported yet."""
        self.settings, self.chosen = settings, chosen
        self.state: Path = chosen.state.resolve()
        self.pictures: Any = None
        self.alive: Any = None
        self._hand: Any = None
        self._looked_at = 0.0

    def run(self) -> int:
        """Open the window, show the first page, take the wires, go on until stopped."""
        self._window()
        self._first_page()
        self._assemble()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.loop.stop())
        try:
            self.loop.run()
        finally:
            self._close()
        return self.unit.exit_code or 0

    def _window(self) -> None:
        screen, chosen = self.settings.screen, self.chosen
        self.glass = boot.logical(screen.width, screen.height, screen.rotation)
        wide = round((self.glass[0] + (boot.PANEL_WIDE if chosen.panel else 0)) * chosen.scale)
        whole = screen.fullscreen and not (chosen.panel or chosen.offscreen)
        size = (screen.width, screen.height) if whole else (wide, round(self.glass[1] * chosen.scale))
        boot.prepare(
            size[0], size[1], rotation=screen.rotation, fullscreen=whole,
            offscreen=chosen.offscreen,
        )
        from kivy.core.window import Window

        self.window = Window
        across, down = size[::-1] if screen.rotation in (90, 270) else size
        self.scale = min(across / self.glass[0], down / self.glass[1]) if whole else chosen.scale

    def _first_page(self) -> None:
        """Draw the lobby's first page with nothing but the screens; what is touched meanwhile waits in the inbox."""
        from kiosk_firmware.app.welcome import VISIT, welcome
        from kiosk_firmware.session.inbox import Inbox
        from screens.look import lobby
        from screens.loop import Loop
        from screens.scene import Frame
        from screens.stage import Stage

        self.loop = Loop(self.window, self._work, self._framed)
        self.inbox = Inbox(self.loop.wake)
        self.stage = Stage(
            self.inbox.post, lambda kind: self.inbox.post(StripKey(kind)), lambda what: self.unit.talk.explain(what),
            lambda value: self.unit.on_digit(value), steady=self.settings.screen.steady, scale=self.scale,
            on_knock=lambda: self.inbox.post(Knock()), frame=Frame(*self.glass),
        )
        self._put_up()
        page, words = welcome(self.settings.unit.language)
        self.stage.show(page, words, self.settings.unit.language, lobby(), VISIT)
        self.loop.draw()

    def _assemble(self) -> None:
        from hardware.cabinet import Cabinet
        from kiosk_firmware import catalogue
        from kiosk_firmware.app.receiving import Receiving
        from kiosk_firmware.app.renamed import Renamed
        from kiosk_firmware.app.unit import Unit
        from kiosk_firmware.session.journal import Journal
        from kiosk_firmware.session.orders import Orders, applied
        from kiosk_firmware.telemetry import clock
        from kiosk_firmware.trust.member import board_serial
        from screens.look import lobby, staff
        from screens.pictures import Pictures
        from screens.voice import Voice

        self._films()
        self.pictures = Pictures(self.state / "glass.jpg", self.stage.pixels, time.monotonic, self.stage.thumb)
        catalogue.site(self.state / "lessons.d")
        journal = Journal(
            self.state / "screen.db", self.settings.unit.id, agent_db=self.state / "agent.db", machine=board_serial(),
            stamp=clock.written,
        )
        self.cabinet = Cabinet(
            self.settings.hardware(self.state), self.inbox.post,
            on_side_key=lambda index: self.inbox.post(SideKey(index)), on_note=lambda key: self.inbox.post(Note(key)),
            on_contact=lambda name, on: self.inbox.post(Felt(name, on)), on_met=lambda met: self.inbox.post(Shown(met)),
        )
        self.voice = Voice(self.settings.voice)
        self.receiving = Receiving(self.state, self.voice)
        self.orders = Orders(self.state / "agent.db", applied(journal.path))
        glass = OnGlass(self.stage, self.cabinet, self.pictures)
        self.unit = Unit(
            self._who(), self.settings.turn, journal, self.cabinet, glass, self.voice, self.inbox.post,
            (lobby(), staff()), self.state,
        )
        self.journal = journal
        journal.start()
        self.cabinet.start()
        self.unit.start()
        self.renamed = Renamed(self.chosen.unit, self.settings.unit.id)
        self._start_time()

    def _films(self) -> None:
        """A real visit's pictures, from the run-time folder to the glass."""
        from kiosk_firmware.calls import places
        from kiosk_firmware.calls.frames import FAR, SELF, Reader

        run = self.chosen.run or self.state / places.FOLDER
        self.stage.films.sources = {"far": Reader(run / FAR), "self": Reader(run / SELF)}
        self.loop.each = self.stage.films.turn

    def _who(self) -> Any:
        from hardware.settings import MEDIA
        from kiosk_firmware.app.around import Who

        unit = self.settings.unit
        devices = tuple(name for name, _ in self.settings.devices.named() if name not in MEDIA)
        key = unit_settings.site_key(self.settings, self.state)
        money = self.settings.money
        notes = tuple(sorted({*money.tickets.values(), *money.notes_fen}))
        return Who(unit.id, unit.kind, unit.machines, unit.language, devices, VERSION, key, money.tokens_fen, notes)

    def _put_up(self) -> None:
        """Stage and panel."""
        self.window.add_widget(self.stage)
        if self.chosen.panel:
            from kiosk_firmware.app import front

            panel = front.panel(self.stage, self.state, self.settings.unit.language, self.scale)
            self.window.add_widget(panel)

    def _start_time(self) -> None:
        """From here on time passes, and a test's hand may press."""
        from kivy.clock import Clock

        from kiosk_firmware.app.alive import Alive

        Clock.schedule_interval(lambda _: self._tick(), TICK_S)
        self.alive = Alive(
            self.window.canvas.ask_update, getattr(self, "journal", None), lambda: wanted.settled(self.state)
        )
        Clock.schedule_interval(lambda _: self.alive.tick(), ALIVE_S)
        if self.chosen.hand:
            from kiosk_firmware.app import hand

            self._hand = hand.serve(self.chosen.hand, self.inbox.post)

    # -- the loop's calls ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Take what waits in the inbox, let time pass."""
        from kiosk_firmware.app.feeling import felt, met
        from kiosk_firmware.app.hand import Asked

        for item in self.inbox.drain():
            if isinstance(item, Asked):
                self._asked(item)
            elif isinstance(item, SideKey):
                self.stage.side_key(item.index)
            elif isinstance(item, StripKey):
                self.unit.on_strip(item.kind)
            elif isinstance(item, Note):
                self.unit.talk.told(item.key)
            elif isinstance(item, Felt):
                felt(self.unit, item.name, item.on)
            elif isinstance(item, Shown):
                met(self.unit, item.met)
            elif isinstance(item, Knock):
                self.unit.knocked()
            else:
                self.unit.handle(item)
        if self.unit.searching:  # one slice a turn, and the next turn at once
            self.unit.tick()
            self.loop.wake()

    def _tick(self) -> None:
        from kiosk_firmware.lobby.state import Brimmed

        now = time.monotonic()
        self.unit.tick()
        self.pictures.tick(self.orders.watched or self.settings.telemetry.glass_always)
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            for row in self.orders.due(time.time_ns() // 1_000_000, self.unit.engine.run is None):
                self.unit.order(row)
            full = bool(self.journal.status()["refused"])
            if full != self.unit.lobby.full:
                self.unit.hear(Brimmed(full))
            if self.receiving.due(self.unit):
                self.unit.shelve()
                self.unit.show()
            if self.renamed.due(self.unit):
                self.unit.exit_code = RESTART
        if self.unit.exit_code is not None:
            self.loop.stop()

    def _framed(self) -> None:
        self.stage.framed()
        if self.alive is not None:
            self.alive.framed()
        if self.pictures is not None:
            self.pictures.changed()

    def _asked(self, asked: Any) -> None:
        """The hand presses, types, or looks."""
        words, pressed = asked.words, None
        page = self.stage.page
        if "tap" in words:
            pressed = self.stage.tap(str(words["tap"]))
        if "knock" in words:
            pressed = True
            self.inbox.post(Knock())
        if "type" in words and page is not None:
            from kiosk_firmware.core.events import Typed

            self.inbox.post(Typed(page.body.field_key, str(words["type"]), page.step))
        asked.answer({
            "page": self.stage.page, "run": self.unit.engine.run.id if self.unit.engine.run else "",
            "strip": self.stage.sentence, "pressed": pressed, "ready": self.unit.engine.ready,
        })

    def _close(self) -> None:
        self.voice.hush()
        self.cabinet.stop()
        self.journal.close()
        if self._hand is not None:
            self._hand.close()
            os.unlink(self.chosen.hand)


class SideKey:
    """A physical key beside the glass; index 0..7."""

    def __init__(self, index: int) -> None:
        """Counted from the top left."""
        self.index = index


class StripKey:
    """A key of the strip; `kind` is hear, show, teacher, end or more."""

    def __init__(self, kind: str) -> None:
        """Posted by the stage, also while the unit is still being put together."""
        self.kind = kind


class Knock:
    """The corner was held and the sequence made."""


class Felt:
    """The cabinet feels its door (open), its tamper contact, or somebody before it, or no longer."""

    def __init__(self, name: str, on: bool) -> None:
        """`name`: door, tamper or presence."""
        self.name, self.on = name, on


class Shown:
    """Another unit's code was shown to the scanner."""

    def __init__(self, met: Any) -> None:
        """`met`: what was read, and what came of it (`hardware.meeting`)."""
        self.met = met


class Note:
    """The cabinet asks a person to do what a device cannot ("put the card into the box"); `key` is the text's."""

    def __init__(self, key: str) -> None:
        """The text stands with the lobby's."""
        self.key = key


class OnGlass:
    """The stage as engine and unit see it: session's words on one side, screens' on the other; lamps follow the halo.
    """

    def __init__(self, stage: Any, cabinet: Any, pictures: Any) -> None:
        """All three exist already."""
        self._stage, self._cabinet, self._pictures = stage, cabinet, pictures
        self._always = stage.taps.steady

    def show(self, page: Any, words: Any, language: str, look: Any, visit: int) -> None:
        """Draw a page."""
        self._stage.show(page, words, language, look, visit)
        self._point()
        self._pictures.changed()

    def strip(self, strip: Any) -> None:
        """Draw the strip; None is an empty one."""
        from screens.parts.strip import Strip

        self._stage.strip(Strip() if strip is None else Strip(**msgspec.structs.asdict(strip)))
        self._point()

    def _point(self) -> None:
        """One lamp for one halo: of the slot that the strip on the glass points at, and none when that is gone."""
        self._cabinet.halo(self._stage.halo_slot)

    def ring(self, left_ms: int | None, total_ms: int = 0) -> None:
        """Draw the ring."""
        self._stage.ring(left_ms, total_ms)

    def clock(self, text: str) -> None:
        """Draw the practised time."""
        self._stage.clock(text)

    def steady(self, on: bool, hold: bool) -> None:
        """Steady touch, for this learner; a unit may have it for all. `hold`: keys count only when they are held."""
        self._stage.steady(on or self._always, hold)
