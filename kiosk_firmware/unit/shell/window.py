"""Open the window of a unit's screen process and connect its devices, its glass and its journal."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import time
from pathlib import Path
from typing import Any

from kiosk_firmware.core.strip import Strip
from kiosk_firmware.settings import unit_toml as unit_settings
from kiosk_firmware.settings.unit_toml import UnitSettings
from kiosk_firmware.system.state_folders import calls_folder, facts_file, screen_folder
from kiosk_firmware.system.utc_clock import utc_ms
from kiosk_firmware.unit.agent import config_rollout
from kiosk_firmware.unit.shell.environment import RESTART
from screens.stage import kivy_boot

log = logging.getLogger(__name__)
TICK_S = 0.1
LOOK_S = 0.2
ALIVE_S = 1.0
VERSION = "0.1.0"


class ScreenWindow:
    """Window and wires around one `ScreenProcess`."""

    def __init__(self, settings: UnitSettings, chosen: argparse.Namespace) -> None:
        """Take settings and choices; nothing of Kivy is imported yet."""
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
        self.glass = kivy_boot.logical(screen.width, screen.height, screen.rotation)
        wide = round((self.glass[0] + (kivy_boot.PANEL_WIDE if chosen.panel else 0)) * chosen.scale)
        whole = screen.fullscreen and not (chosen.panel or chosen.offscreen)
        size = (screen.width, screen.height) if whole else (wide, round(self.glass[1] * chosen.scale))
        kivy_boot.prepare(
            size[0],
            size[1],
            rotation=screen.rotation,
            fullscreen=whole,
            offscreen=chosen.offscreen,
        )
        from kivy.core.window import Window

        self.window = Window
        across, down = size[::-1] if screen.rotation in (90, 270) else size
        self.scale = min(across / self.glass[0], down / self.glass[1]) if whole else chosen.scale

    def _first_page(self) -> None:
        """Draw the lobby's first page with nothing but the screens; what is touched meanwhile waits in the inbox."""
        from kiosk_firmware.unit.runtime.inbox import Inbox
        from kiosk_firmware.unit.shell.splash_page import VISIT, welcome
        from screens.display.loop import Loop
        from screens.display.stage import Stage
        from screens.stage.page_canvas import GlassFrame
        from screens.stage.skin import lobby

        self.loop = Loop(self.window, self._work, self._note_frame)
        self.inbox = Inbox(self.loop.wake)
        self.stage = Stage(
            self.inbox.post,
            lambda kind: self.inbox.post(StripKey(kind)),
            lambda what: self.unit.talk.explain(what),
            lambda value: self.unit.on_digit(value),
            steady=self.settings.screen.steady,
            scale=self.scale,
            on_knock=lambda: self.inbox.post(Knock()),
            frame=GlassFrame(*self.glass),
        )
        self._put_up()
        page, words = welcome(self.settings.unit.language)
        self.stage.show(page, words, self.settings.unit.language, lobby(), VISIT)
        self.loop.draw()

    def _assemble(self) -> None:
        from hardware.cabinet.cabinet import Cabinet
        from kiosk_firmware.catalogue import machine_loader
        from kiosk_firmware.unit.identity.unit_identity import board_serial
        from kiosk_firmware.unit.runtime.command_reader import CommandReader, applied_commands
        from kiosk_firmware.unit.runtime.journal import Journal
        from kiosk_firmware.unit.shell.content_reload import ContentReload
        from kiosk_firmware.unit.shell.screen_process import ScreenProcess
        from kiosk_firmware.unit.shell.unit_rename import UnitRename
        from kiosk_firmware.wire import event_clock
        from screens.media.office_screenshots import OfficeScreenshots
        from screens.media.voice import Voice
        from screens.stage.skin import lobby, staff

        self._films()
        glass_file = screen_folder(self.state) / "glass.jpg"
        self.pictures = OfficeScreenshots(glass_file, self.stage.pixels, time.monotonic, self.stage.thumb)
        machine_loader.site(screen_folder(self.state) / "lessons.d")
        journal = Journal(
            facts_file(self.state, "screen.db"),
            self.settings.unit.id,
            agent_db=facts_file(self.state, "agent.db"),
            machine=board_serial(),
            memory=_memory(),
            stamp=event_clock.current_stamp,
        )
        self.cabinet = Cabinet(
            self.settings.hardware(screen_folder(self.state), unit_settings.site_key(self.settings, self.state)),
            self.inbox.post,
            on_side_key=lambda index: self.inbox.post(SideKey(index)),
            on_note=lambda key: self.inbox.post(Note(key)),
            on_contact=lambda name, on: self.inbox.post(ContactChange(name, on)),
            on_met=lambda met: self.inbox.post(PeerCodeShown(met)),
        )
        self.voice = Voice(self.settings.voice)
        self.receiving = ContentReload(self.state, self.voice)
        self.command_reader = CommandReader(facts_file(self.state, "agent.db"), applied_commands(journal.path))
        glass = OnGlass(self.stage, self.cabinet, self.pictures)
        self.unit = ScreenProcess(
            self._who(),
            self.settings.turn,
            journal,
            self.cabinet,
            glass,
            self.voice,
            self.inbox.post,
            (lobby(), staff()),
            self.state,
            hardware=self.settings.hardware(screen_folder(self.state)),
        )
        self.journal = journal
        journal.start()
        self.cabinet.start()
        self.unit.start()
        self.renamed = UnitRename(self.chosen.unit, self.settings.unit.id)
        self._start_time()

    def _films(self) -> None:
        """Show a real visit's pictures, from the run-time folder to the glass."""
        from kiosk_firmware.visit.wire.shared_frames import FAR, SELF, Reader

        run = self.chosen.run or calls_folder(self.state)
        self.stage.films.sources = {"far": Reader(run / FAR), "self": Reader(run / SELF)}
        self.loop.each = self.stage.films.turn

    def _who(self) -> Any:
        from hardware.drivers.settings.hardware_settings import MEDIA
        from kiosk_firmware.unit.shell.environment import UnitDescription

        unit = self.settings.unit
        devices = tuple(name for name, _ in self.settings.devices.named() if name not in MEDIA)
        key = unit_settings.site_key(self.settings, self.state)
        money = self.settings.money
        notes = tuple(sorted({*money.tickets.values(), *money.notes_fen}))
        return UnitDescription(
            unit.id, unit.kind, unit.machines, unit.language, devices, VERSION, key, money.tokens_fen, notes
        )

    def _put_up(self) -> None:
        """Stage and panel."""
        self.window.add_widget(self.stage)
        if self.chosen.panel:
            from kiosk_firmware.unit.shell import front_panel_link

            panel = front_panel_link.panel(self.stage, self.state, self.settings.unit.language, self.scale)
            self.window.add_widget(panel)

    def _start_time(self) -> None:
        """Let time pass from here on; a test's hand may press."""
        from kivy.clock import Clock

        from kiosk_firmware.unit.shell.liveness import ScreenLiveness

        Clock.schedule_interval(lambda _: self._tick(), TICK_S)
        self.alive = ScreenLiveness(
            self.window.canvas.ask_update,
            getattr(self, "journal", None),
            lambda: config_rollout.settle_trial(self.state),
        )
        Clock.schedule_interval(lambda _: self.alive.tick(), ALIVE_S)
        if self.chosen.hand:
            from kiosk_firmware.unit.shell import remote_control

            self._hand = remote_control.serve(self.chosen.hand, self.inbox.post)

    # -- the loop's calls ---------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Take what waits in the inbox, let time pass."""
        from kiosk_firmware.unit.shell.contact_events import on_contact, tell_payment_code
        from kiosk_firmware.unit.shell.remote_control import RemoteRequest

        for item in self.inbox.drain():
            if isinstance(item, RemoteRequest):
                self._asked(item)
            elif isinstance(item, SideKey):
                self.stage.side_key(item.index)
            elif isinstance(item, StripKey):
                self.unit.on_strip(item.kind)
            elif isinstance(item, Note):
                self.unit.talk.told(item.key)
            elif isinstance(item, ContactChange):
                on_contact(self.unit, item.name, item.on)
            elif isinstance(item, PeerCodeShown):
                tell_payment_code(self.unit, item.met)
            elif isinstance(item, Knock):
                self.unit.knocked()
            else:
                self.unit.handle(item)
        if self.unit.is_searching:  # one slice a turn, and the next turn at once
            self.unit.tick()
            self.loop.wake()

    def _tick(self) -> None:
        from kiosk_firmware.unit.lobby.phases.lobby import StorageFull

        now = time.monotonic()
        self.unit.tick()
        self.pictures.tick(self.command_reader.watched or self.settings.telemetry.glass_always)
        if now - self._looked_at >= LOOK_S:
            self._looked_at = now
            for row in self.command_reader.due(utc_ms(), self.unit.engine.run is None):
                self.unit.execute_command(row)
            status = self.journal.status()
            full = bool(status["refused"] or status["in_memory"])
            if full != self.unit.lobby.full:
                self.unit.hear(StorageFull(full))
            if self.receiving.due(self.unit):
                self.unit.shelve()
                self.unit.show()
            unit_settings.take_site_key(self.settings, self.state)
            if self.renamed.due(self.unit) or (self.unit.is_idle and self.journal.is_to_return):
                self.unit.exit_code = RESTART
        if self.unit.exit_code is not None:
            self.loop.stop()

    def _note_frame(self) -> None:
        self.stage.framed()
        if self.alive is not None:
            self.alive.framed()
        if self.pictures is not None:
            self.pictures.changed()

    def _asked(self, asked: Any) -> None:
        """Press, type, or look for the remote control."""
        from kiosk_firmware.unit.shell import remote_control

        words, pressed = asked.words, None
        page = self.stage.page
        if "picture" in words:
            asked.answer(remote_control.picture(self.window))
            return
        if "touch" in words:
            remote_control.dispatch_touch(self.window, words["touch"], *words["at"])
            self.loop.wake()
        if "tap" in words:
            pressed = self.stage.tap(str(words["tap"]))
        if "knock" in words:
            pressed = True
            self.inbox.post(Knock())
        if "type" in words and page is not None:
            from kiosk_firmware.core.events import Typed

            self.inbox.post(Typed(page.body.field_key, str(words["type"]), page.step))
        asked.answer(
            {
                "page": self.stage.page,
                "run": self.unit.engine.run.id if self.unit.engine.run else "",
                "strip": self.stage.sentence,
                "pressed": pressed,
                "ready": self.unit.engine.ready,
            }
        )

    def _close(self) -> None:
        self.voice.hush()
        self.cabinet.stop()
        self.journal.close()
        if self._hand is not None:
            self._hand.close()
            os.unlink(self.chosen.hand)


def _memory() -> Path | None:
    """Return the service's folder in memory (systemd's), which outlives the process; None on a desk."""
    folder = os.environ.get("RUNTIME_DIRECTORY", "").split(":")[0]
    return Path(folder) / "full" if folder else None


class SideKey:
    """A physical key beside the glass; index 0..7."""

    def __init__(self, index: int) -> None:
        """Take the key's index, counted from the top left."""
        self.index = index


class StripKey:
    """A key of the strip; `kind` is hear, show, teacher, end or more."""

    def __init__(self, kind: str) -> None:
        """Take the key's kind; the stage posts it, also while the unit is still being put together."""
        self.kind = kind


class Knock:
    """The corner was held and the sequence made."""


class ContactChange:
    """The cabinet feels its door (open), its tamper contact, or somebody before it, or no longer."""

    def __init__(self, name: str, on: bool) -> None:
        """Take `name`: door, tamper or presence."""
        self.name, self.on = name, on


class PeerCodeShown:
    """Another unit's code was shown to the scanner."""

    def __init__(self, met: Any) -> None:
        """Take `met`: what was read, and what came of it (`hardware.cabinet.peer_payments`)."""
        self.met = met


class Note:
    """The cabinet asks a person to do what a device cannot ("put the card into the box"); `key` is the text's."""

    def __init__(self, key: str) -> None:
        """Take the text's key, which stands with the lobby's."""
        self.key = key


class OnGlass:
    """The stage as engine and unit see it: session's words on one side, screens' on the other; lamps follow the
    halo.
    """

    def __init__(self, stage: Any, cabinet: Any, pictures: Any) -> None:
        """Take stage, cabinet and pictures, which exist already."""
        self._stage, self._cabinet, self._pictures = stage, cabinet, pictures
        self._always = stage.taps.steady

    def show(self, page: Any, words: Any, language: str, look: Any, visit: int) -> None:
        """Draw a page."""
        self._stage.show(page, words, language, look, visit)
        self._point()
        self._pictures.changed()

    def strip(self, strip: Strip) -> None:
        """Draw the strip."""
        self._stage.strip(strip)
        self._point()

    def _point(self) -> None:
        """Point with one lamp for one halo: of the slot that the strip on the glass points at, and none when that is
        gone.
        """
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
