"""Say aloud: a page when it is asked to, or by itself; a key that somebody wonders about; a sentence of
its own, which then also stands on the strip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from kiosk_firmware.core.pages import Text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from kiosk_firmware.unit.lobby.phases.lobby import Lobby
from kiosk_firmware.unit.lobby.phases.sign_in import Touching
from kiosk_firmware.unit.lobby.phases.visit import AnyVisitPhase
from kiosk_firmware.unit.lobby.view import view
from kiosk_firmware.unit.lobby.visit.transitions import holds
from kiosk_firmware.unit.runtime.engine import Engine
from kiosk_firmware.unit.shell.demonstration_playback import Playback
from kiosk_firmware.unit.shell.environment import Glass, Speaker

if TYPE_CHECKING:
    from screens.display.explain_mode import ExplainedName

UTC8_MS = 8 * 3_600_000
BY_ITSELF = ("Take", "Insert", "PinEntry")
"""Pages of a run that speak by themselves: they ask for something to be put in or taken."""


class SpeechHost(Protocol):
    """The part of the screen process that speech needs."""

    @property
    def engine(self) -> Engine: ...

    @property
    def glass(self) -> Glass: ...

    @property
    def voice(self) -> Speaker: ...

    @property
    def shows(self) -> Playback: ...

    @property
    def lobby(self) -> Lobby: ...

    @property
    def language(self) -> str: ...

    @property
    def visit(self) -> int: ...

    @property
    def words(self) -> Words: ...

    def page_words(self) -> Any: ...


class Speech:
    """The voice of a unit."""

    def __init__(self, unit: SpeechHost) -> None:
        """Begin with nothing said."""
        self._unit = unit
        self._spoken: tuple[str, int] = ("", 0)
        self._remarked = False

    def page(self) -> str:
        """Return what stands on the glass, as the voice says it."""
        unit = self._unit
        if unit.engine.run is not None:
            return unit.engine.speech()
        page, words = view(unit.lobby), unit.page_words()
        said = (page.say,) if page.say else (page.title, *page.body.lines)
        return "。".join(words.speak(text, unit.language) for text in said)

    def again(self) -> None:
        """Say the page once more ("hear it")."""
        self._unit.voice.say(self.page(), self._unit.language)

    def new(self) -> None:
        """Say a page once a visit: pages that ask for something, and every page for a person who wants it so."""
        unit, run = self._unit, self._unit.engine.run
        here = (run.page.step, run.visit) if run else (view(unit.lobby).step, unit.visit)
        if here == self._spoken:
            return
        self._spoken = here
        if unit.lobby.own.voice and not holds(unit.lobby):  # nobody talks into a visit
            self.again()
        elif isinstance(unit.lobby.phase, AnyVisitPhase | Touching) and not holds(unit.lobby):
            unit.voice.page(self.page(), unit.language)
        elif run is not None and run.page.kind in BY_ITSELF:
            unit.voice.page(unit.engine.speech(), unit.language)

    def time(self, practised_ms: int) -> None:
        """Show the practised time of day on the glass; and say aloud when a page's time runs out."""
        unit, minutes = self._unit, (practised_ms + UTC8_MS) // 60_000
        unit.glass.clock(f"{minutes // 60 % 24:02d}:{minutes % 60:02d}")
        if unit.engine.glass and (warning := unit.engine.glass.time_warning()):
            unit.voice.say(warning, unit.language)

    def explain(self, what: ExplainedName) -> None:
        """Say the name of what was touched, and write it on the strip ("What is this?")."""
        self._unit.voice.say(what.said, what.language)
        if not self._unit.shows.on:
            self._remark(what.written)

    def _remark(self, sentence: str) -> None:
        """Write it on the strip, beside what the coach points at, until a hand does something or the page goes."""
        glass, self._remarked = self._unit.engine.glass, True
        if glass is not None:
            glass.remark(sentence)
        else:
            self._unit.glass.strip(Strip(sentence))

    def touched(self) -> None:
        """Drop what the unit had to say: a hand does something, so it has been heard."""
        if self._remarked and not self._unit.shows.on:
            self._remark("")
        self._remarked = False

    def word(self, key: str, language: str) -> None:
        """Say one of the machine's words, by its key, in that language."""
        self._unit.voice.say(self._unit.page_words().speak(Text(key), language), language)

    def told(self, key: str) -> None:
        """Say a sentence of the unit's own, and write it on the strip where there is one."""
        unit, sentence = self._unit, Text(key)
        unit.voice.say(unit.words.speak(sentence, unit.language), unit.language)
        if unit.engine.run is None or unit.engine.run.header.purpose != "proctored":
            self._remark(unit.words.write(sentence, unit.language))
