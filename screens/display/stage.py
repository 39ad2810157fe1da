"""The glass: one page, the overlay around it, and the fingers on it.

A page is drawn once, into a picture of its own (an off-screen frame); each frame of the window lays that picture down
and the few live things over it: the pressed key, the halo, the ring, the clock. So a frame costs the same however
rich the page is, and a press shows after one cheap frame. Nothing is drawn while nothing changes.

The stage knows keys, not machines. A tap goes out as the event `Tapped` with the page's own step and the key's value;
a field's edit as `Typed` with the whole text; strip keys go to `on_strip`; while "what is this?" is lit, whatever is
touched next (a key, a text, a slot's picture) goes to `on_explain` by its name and nothing happens. A digit for a PIN
goes to `on_digit` only and is stored nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from time import monotonic
from typing import Any

import msgspec
from kivy.clock import Clock
from kivy.graphics import (
    Color,
    Fbo,
    InstructionGroup,
    PopMatrix,
    PushMatrix,
    Rectangle,
    Translate,
)

from kiosk_firmware.core.events import AnyEvent, Tapped, Typed
from kiosk_firmware.core.pages import Page, Text
from kiosk_firmware.core.strip import Strip
from kiosk_firmware.core.texts import Words
from screens.display.explain_mode import ExplainedName, of_key, of_spot
from screens.display.supervisor_gesture import SupervisorGesture
from screens.display.touch_dispatch import TouchDispatch
from screens.input.keyboard_typing import KeyboardTyping
from screens.input.tap_rules import Taps
from screens.media.page_snapshot import PageSnapshot
from screens.pages.list import DOWN, UP
from screens.pages.registry import page_drawing
from screens.parts import halo, header, progress_steps
from screens.parts import strip as strip_part
from screens.parts import timeout_ring as ring
from screens.parts.motion_layer import MotionLayer
from screens.parts.pressing_hand import Hand
from screens.parts.strip import PREFIX
from screens.stage.dirty_regions import DirtyRegions
from screens.stage.page_canvas import LYING, GlassFrame, PageCanvas, TouchTarget
from screens.stage.painter import Painter, PlacedItem, Rect
from screens.stage.skin import SkinLook, decode, lobby
from screens.stage.video_layer import VideoLayer
from screens.text.text_textures import TextTextures

PATIENCE_S = 0.04
"""A page that only says "please wait" is drawn after so long: mostly the answer is there by then, and a page that
flashes by costs a frame and frightens people.
"""


def _nothing(_: object) -> None:
    """Do nothing: there is no listener."""


class Stage(TouchDispatch):
    """The root widget of the glass; see the file's head. Sizes are logical, as its frame says, scaled to the
    widget's.
    """

    def __init__(
        self,
        post: Callable[[AnyEvent], None],
        on_strip: Callable[[str], None] = _nothing,
        on_explain: Callable[[ExplainedName], None] = _nothing,
        on_digit: Callable[[str], None] = _nothing,
        steady: bool = False,
        scale: float = 1.0,
        now_ms: Callable[[], int] = lambda: int(monotonic() * 1000),
        on_knock: Callable[[], None] = lambda: None,
        patience_s: float = PATIENCE_S,
        frame: GlassFrame = LYING,
        **kwargs: Any,
    ) -> None:
        """Take `post`, which takes events, `on_strip`, a kind (hear, show, teacher, end, more), `on_explain`, what is
        asked about.
        """
        size = (round(frame.wide * scale), round(frame.high * scale))
        super().__init__(size_hint=(None, None), size=size, **kwargs)
        self.frame = frame
        self._post, self._on_strip, self._on_explain, self._on_digit = post, on_strip, on_explain, on_digit
        self._now_ms, self._on_knock, self._knock = now_ms, on_knock, SupervisorGesture()
        self._patience_s = patience_s
        self._begin_touch()
        self.letters = TextTextures(scale)
        self.taps = Taps(steady)
        self._begin_blank()
        self._build()

    def _begin_blank(self) -> None:
        """Begin with nothing shown yet."""
        self._late: Any = None
        self._private = False
        """Whether the page that is drawn is; the one that stands may not be drawn yet."""
        self.page: Page | None = None
        self._visit = 0
        self.look: SkinLook = lobby()
        self.hots: list[TouchTarget] = []
        self._picture: Rect | None = None
        self.notes: list[PlacedItem] = []
        self.ring_notes: list[PlacedItem] = []
        self.asking = False
        self._words, self._language, self._scroll = Words(), "zh", 0
        self._typing, self._field = KeyboardTyping(""), ("", "", "")
        self._strip = Strip()
        self._overlay_hots: list[TouchTarget] = []
        self._ring_hot: TouchTarget | None = None
        self._ring_shown: tuple[int, int] | None = None
        self._clock_text = ""
        self._looks: dict[int, tuple[Mapping[str, Any], SkinLook]] = {}
        self._pulse: Any = None
        self._pulse_event: Any = None

    def _build(self) -> None:
        self._fbo = Fbo(size=self.size)
        self._sheet = DirtyRegions(self._fbo)
        self._fbo.texture.mag_filter = self._fbo.texture.min_filter = "nearest"  # laid down 1:1; the cheapest copy
        self._live, self._halo, self._ring, self._clock = (InstructionGroup() for _ in range(4))
        self._shift = Translate(0, 0)
        surface = InstructionGroup()
        surface.add(Color(1, 1, 1, 1))
        surface.add(Rectangle(texture=self._fbo.texture, size=self.size))
        self.films = VideoLayer(self.letters, self.frame.high, self.canvas.ask_update)
        self.motion = MotionLayer(self.letters, self.frame.high, self.canvas.ask_update)
        self.hand = Hand(self.letters, self.frame.high, self.canvas.ask_update)
        for group in (
            self.motion.group,
            self.films.group,
            self._clock,
            self._ring,
            self._live,
            self._halo,
            self.hand.group,
        ):
            surface.add(group)
        self.surface = surface
        for instruction in (self._fbo, PushMatrix(), self._shift, surface, PopMatrix()):
            self.canvas.add(instruction)
        self.bind(pos=self._moved)

    def _moved(self, *_: Any) -> None:
        self._shift.x, self._shift.y = self.pos

    # -- showing -------------------------------------------------------------------------------------------------------

    def show(self, page: Page, words: Words, language: str, look: Mapping[str, Any] | SkinLook, visit: int = 0) -> None:
        """Show a page. The same step and visit again only redraws; another one starts the 400 ms of grace.

        Raises:
            ValueError: a look that cannot be used; LookupError: a kind without a drawing.
        """
        self.look = look if isinstance(look, SkinLook) else self._decoded(look)
        self._words, self._language = words, language
        self.page = page
        self._strip = self._strip.on(page.step)
        self._type_on(page)
        self._visit = visit
        is_new = self.taps.page(page.step, visit)
        if is_new:
            self._scroll = 0
            self.asking = False
            self.ring(None)
        if self._patience_s and page.body.icon.startswith("wait") and not page.keys and self.notes:
            self._wait()
            return
        before = self._places()
        self._redraw()
        if not is_new and self._places() != before:
            self.taps.renewed()

    def _places(self) -> dict[str, Rect]:
        """Return where each key of the page is."""
        return {hot.key.name: hot.rect for hot in self.hots}

    def _wait(self) -> None:
        """Leave the last page as it is, the key that was pressed still pressed, and take no touch meanwhile."""
        self.hots = []
        self._lift.cancel()
        if not self._late:
            ticked_ago = Clock.time() - Clock.get_time()  # Kivy counts from its last tick
            self._late = Clock.schedule_once(self._patience_ended, self._patience_s + ticked_ago)

    def _patience_ended(self, _: float) -> None:
        self._redraw()

    def strip(self, strip: Strip) -> None:
        """Show what the coach says; redraws only on change. What is said for another page than the one that stands
        waits for that page, and is drawn with it.
        """
        standing = self.page.step if self.page is not None else ""
        strip = strip if strip.step else msgspec.structs.replace(strip, step=standing)
        if strip != self._strip:
            self._strip = strip
            if not self._late and strip.step == standing:
                self._redraw()

    def ring(self, left_ms: int | None, total_ms: int = 0) -> None:
        """Show the time-out ring, or hide it with None. Draws only when the seconds it shows have changed: it is called
        many times a second, and an idle glass must cost nothing.
        """
        shown = None if left_ms is None else (-(-left_ms // 1000), total_ms)
        if shown == self._ring_shown:
            return
        self._ring_shown = shown
        self._ring.clear()
        self._ring_hot, self.ring_notes = None, []
        if left_ms is not None:
            painter = Painter(self._ring, self.letters, self.frame.high, self.ring_notes)
            self._ring_hot = ring.draw(painter, self.look, left_ms, total_ms, self._label, self.frame)

    def clock(self, text: str) -> None:
        """Set the time in the machine's header, already written."""
        if text != self._clock_text:
            self._clock_text = text
            self._draw_clock()

    def steady(self, on: bool, hold: bool = False) -> None:
        """Steady touch; with `hold`, a key counts only when it is held."""
        self.taps.steady, self.taps.hold = on, hold
        self.motion.still(on)

    @property
    def thumb(self) -> tuple[int, int]:
        """The size of a small picture of the glass: 640 along its longer side."""
        most = max(self.frame.wide, self.frame.high)
        return self.frame.wide * 640 // most, self.frame.high * 640 // most

    def pixels(self, width: int = 640, height: int = 400) -> bytes:
        """Return the glass as RGB bytes from the top left, films masked always, private parts on a private page."""
        private = [note.rect for note in self.notes if note.private] if self._private else []
        private += self.films.rects
        return PageSnapshot(self.size, self.surface, self.frame.high).taken(width, height, private, self.letters.scale)

    def framed(self) -> None:
        """Note that a frame reached the glass; called by the loop after each."""
        self.taps.framed(self._now_ms())

    def _decoded(self, table: Mapping[str, Any]) -> SkinLook:
        known = self._looks.get(id(table))
        if known is None or known[0] is not table:
            known = self._looks[id(table)] = (table, decode(table))
        return known[1]

    def _redraw(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None
        if self.page is None:
            return
        self._private = self.page.private
        self._sheet.begin()
        self.notes = []
        painter = Painter(self._sheet, self.letters, self.frame.high, self.notes)
        painter.ground(self.frame.page, self.look.ground, self.look.shading)
        write = partial(self._words.write, language=self._language)
        ring_wide = ring.wide(painter, self._label)
        scene = PageCanvas(painter, self.page, self.look, write, self._scroll, ring_wide, self.frame)
        if not self.frame.tall:
            header.draw(scene)
            progress_steps.draw(scene)
        scene.typing = self._typing
        page_drawing(self.page.kind, self.look, self.frame.tall).draw(scene)
        self.hots, self._picture = scene.hots, scene.picture
        self._overlay_hots = []
        if self._strip.off:
            painter.ground(self.frame.strip, self.look.ground[-1:] * 2, "flat")
        else:
            self._overlay_hots = strip_part.draw(painter, self._strip, self._label, self.asking, self.frame)
        self._sheet.end()
        self.motion.show((self.page.step, self._visit), scene.moving)
        self.films.lay(scene.films)
        self.canvas.ask_update()  # a new visit awaits its first frame, also where no pixel is another
        self._draw_halo()
        self.hand.show(self._picture if self.page.kind == "Touch" else None)
        self._draw_clock()
        self._show_pressed(self.taps.under)  # a finger that is down presses its key on the new drawing, too

    def _painter(self, group: Any) -> Painter:
        return Painter(group, self.letters, self.frame.high)

    def _label(self, kind: str) -> str:
        return strip_part.label(kind, self._words, self._strip.language or self._language)

    def _draw_clock(self) -> None:
        self._clock.clear()
        if self._clock_text and self.look.layout != "lobby":
            place, ink = header.clock_at(self.look, self.frame), self.look.header.ink
            self._painter(self._clock).text(self._clock_text, place, 32, ink, use="read", align="right")

    def _draw_halo(self) -> None:
        self._halo.clear()
        if self._pulse_event:
            self._pulse_event.cancel()
            self._pulse_event = None
        hot = next((hot for hot in self.hots if hot.key.name == self._strip.halo_key), None)
        if hot is not None:
            radius = min(self.look.of(hot.key.role).radius, hot.rect.h / 2)
            self._pulse = halo.draw(self._painter(self._halo), hot.rect, radius, hot.side >= 4)
        elif self.halo_slot and self._picture is not None:
            self._pulse = halo.around(self._painter(self._halo), self._picture)
        else:
            return
        self._pulse_event = Clock.schedule_interval(self._beat, halo.FRAMES_S)

    def _beat(self, _: float) -> None:
        self._pulse.rgba = halo.shade(self._now_ms() / 1000)

    # -- what a press means --------------------------------------------------------------------------------------------

    def _tapped(self, hot: TouchTarget) -> None:
        key, page = hot.key, self.page
        assert page is not None  # a hot exists only on a page
        if self.asking and key.name != f"{PREFIX}hear":
            self._explain(of_key(key, self._words, self._language, self._strip.language))
        elif key.name.startswith(PREFIX):
            self._strip_tapped(key.name.removeprefix(PREFIX))
        elif key.name in (UP, DOWN):
            self._scroll = max(0, self._scroll + (1 if key.name == DOWN else -1))
            self._redraw()
        elif key.role == "digit" and page.body.field_key:
            self._type(page, key.value)
        elif key.role == "digit" and page.kind == "PinEntry":
            self._on_digit(key.value)
        elif key.name != page.body.field_key:  # the open field is open already
            self._post(Tapped(key.name, page.step, key.value))

    def _type_on(self, page: Page) -> None:
        """Take the field as the machine has it; a reading that is half typed stays where the field stays."""
        field = (page.step, page.body.field_key, page.body.board)
        if field != self._field or self._typing.text != page.body.field:
            self._field, self._typing = field, KeyboardTyping(page.body.board, page.body.field)

    def _type(self, page: Page, value: str) -> None:
        """Take a key of a pad or board; post the whole text as soon as it is another one."""
        before, typed = self._typing.text, self._typing.pressed(value, page.body.length)
        if typed == before and page.body.board == "pinyin":
            self._redraw()
        else:
            self._post(Typed(page.body.field_key, typed, page.step))

    def _strip_tapped(self, kind: str) -> None:
        if kind == "hear":
            self._ask(not self.asking)
            self.motion.again()
        self._on_strip(kind)

    def _felt(self) -> None:
        self.hand.touched()
        self.motion.settle()

    def _touched(self, x: float, y: float) -> None:
        """Explain something that is no key, where somebody asks what it is."""
        self.hand.missed()
        if self.asking and self.page is not None:
            self._explain(of_spot(x, y, self.notes, self.page, self._words, self._language))

    def _explain(self, what: ExplainedName) -> None:
        self._ask(False)
        self._on_explain(what)

    def _ask(self, asking: bool) -> None:
        if asking != self.asking:
            self.asking = asking
            self._redraw()

    def written(self, text: Text) -> str:
        """Return a text as the page shows it."""
        return self._words.write(text, self._language)

    @property
    def sentence(self) -> str:
        """Return what the coach says now."""
        return self._strip.sentence

    @property
    def halo_slot(self) -> str:
        """The slot that the coach points at on the page that stands, "" for none."""
        stands = self.page is not None and self._strip.step == self.page.step
        return self._strip.halo_slot if stands else ""

    @property
    def bounds(self) -> Rect:
        """The glass in logical pixels."""
        return Rect(0, 0, self.frame.wide, self.frame.high)
