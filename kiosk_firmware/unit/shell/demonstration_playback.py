"""Play what stands on the glass and is no run: a lesson that the coach does for somebody to watch, and a moment of the
last run that is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kiosk_firmware.catalogue import machine_loader
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.coach.rewind import Rewind, RewoundMoment, rewind
from kiosk_firmware.unit.lobby.phases import lobby as lb
from kiosk_firmware.unit.lobby.transitions import SHOWN_FROM
from kiosk_firmware.unit.runtime.run_record import RunResult
from kiosk_firmware.unit.shell.demonstration import Demonstration
from kiosk_firmware.unit.shell.environment import Glass, Speaker, SystemClock
from kiosk_firmware.unit.shell.run_request import load_run, make_run_request


class Playback:
    """See the file's head. `tick` says what the lobby shall hear."""

    def __init__(self, glass: Glass, clock: SystemClock, voice: Speaker, words: Words) -> None:
        """Set up with nothing shown. `words` are the lobby's."""
        self._glass, self._clock, self._voice, self._words = glass, clock, voice, words
        self._showing: Demonstration | None = None
        self._rewind: Rewind | None = None
        self._said = 0

    @property
    def on(self) -> bool:
        """A demonstration goes on: the glass is its."""
        return self._showing is not None

    @property
    def is_searching(self) -> bool:
        """It looks for its next act: `tick` wants to be called again soon."""
        return self._rewind is not None or (self._showing is not None and self._showing.is_searching)

    def begin(self, request: lb.ShowLesson, language: str) -> None:
        """Show a lesson, in the learner's language.

        Raises:
            LookupError: there is no such lesson.
        """
        loaded, lesson = load_run(request.machine, request.skin, request.lesson)
        if lesson is None:
            raise LookupError(f"{request.machine} has no lesson {request.lesson!r}")
        run_request = make_run_request(loaded, request.machine, lesson, lb.GUEST, "demo", language)
        self._glass.ring(None)
        self._showing = Demonstration(loaded, run_request, self._glass, self._clock, self._words, self._voice.say)

    def wanted(
        self, args: Mapping[str, object], lobby: lb.Lobby, hear: Callable[[lb.LobbyEvent], None]
    ) -> tuple[bool, str]:
        """Begin the demonstration that a teacher orders: `machine`, `lesson`, and `skin` (default: the lesson's own,
        else the first). Done or not, and why not.
        """
        tile = lobby.offers.tile(str(args.get("machine")))
        task = next((task for task in tile.tasks if task.id == args.get("lesson")), None) if tile else None
        if tile is None or task is None:
            return False, f"machine = {args.get('machine')!r}, lesson = {args.get('lesson')!r}: not offered here"[:200]
        skin = str(args.get("skin") or task.skin or tile.skins[0])
        if skin not in tile.skins:
            return False, f"skin = {skin!r}: allowed are {', '.join(tile.skins)}"[:200]
        if self.on or not isinstance(lobby.phase, SHOWN_FROM):
            return False, "somebody is at work"
        hear(lb.ToBeShown(tile.machine, skin, task.id))
        return True, ""

    def stop(self) -> bool:
        """End the demonstration early; False where none goes on."""
        was, self._showing = self._showing, None
        return was is not None

    def remember(self, result: RunResult, language: str) -> lb.Replay | None:
        """Look at a run that has ended: return what of it is worth a look, as far as it is known at once; what helps is
        looked for.
        """
        record = result.record
        words = self._words.joined(machine_loader.machine_texts(record.machine, record.skin))
        self._rewind = rewind(result.moment, result.ways, words, language)
        return _replay(self._rewind.seen) if self._rewind is not None else None

    def tick(self) -> lb.Remembered | lb.Watched | None:
        """Let time pass."""
        if self._showing is not None:
            self._showing.tick()
            if self._showing.over:
                self._showing = None
                return lb.Watched()
        elif self._rewind is not None and self._rewind.work():
            seen, self._rewind = self._rewind.seen, None
            return lb.Remembered(_replay(seen))
        return None

    def look(self, phase: lb.Looking, page: object, visit: int, language: str) -> None:
        """Draw the moment, with the machine's own look."""
        machine, skin = phase.ending.machine, phase.ending.skin
        words, moment = self._words.joined(machine_loader.machine_texts(machine, skin)), phase.moment
        self._glass.show(page, words, moment.language, machine_loader.load(machine, skin).look, visit)
        self._glass.ring(None)
        if visit != self._said:
            self._said = visit
            self._voice.say(moment.spoken, language)
        halo = moment.halo_key, moment.halo_slot
        self._glass.strip(Strip(moment.sentence, False, *halo, language, looking=True))


def _replay(seen: RewoundMoment) -> lb.Replay:
    return lb.Replay(seen.page, seen.language, seen.sentence, seen.spoken, seen.key, seen.slot)
