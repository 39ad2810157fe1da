"""What bored people do at a glass: drawn by a seed, done on the glass's own thread and through Kivy's own doors.

Chords of keys as a keyboard would send them (each of them means something somewhere: a console, a menu, a debugger, an
end), swipes from edges and corners, ten fingers at once, palms, fingers that never lift, long presses.
"""

from __future__ import annotations

import random

from kivy.base import EventLoop
from kivy.input.motionevent import MotionEvent

ACTS = 60
CTRL, ALT, SHIFT, META = "ctrl", "alt", "shift", "meta"
F1, ESCAPE, DELETE, TAB, PRINT = 282, 27, 127, 9, 316
CHORDS = (
    *((F1 + n, mods) for n in range(12) for mods in ([], [ALT], [CTRL, ALT])),
    *((ord(letter), [CTRL]) for letter in "cdeqwrtnzmp"),
    *((ord(letter), [META]) for letter in "rldex"),
    (ESCAPE, []),
    (ESCAPE, [CTRL]),
    (ESCAPE, [CTRL, SHIFT]),
    (DELETE, [CTRL, ALT]),
    (TAB, [ALT]),
    (F1 + 3, [ALT]),
    (PRINT, [ALT]),
    (ord("t"), [CTRL, ALT]),
    (8, [CTRL, ALT]),
    (ord("`"), []),
    (1073742106, []),
    (13, [ALT]),
)


class Finger(MotionEvent):
    """A finger of the vandal's, in fractions of the glass."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.is_touch = True
        self.type_id = "touch"

    def depack(self, args):
        self.sx, self.sy = args
        self.profile = ["pos"]
        super().depack(args)


class Bored:
    """One person's acts."""

    def __init__(self, window, seed: int) -> None:
        self.window, self.rng, self.count = window, random.Random(seed), 0

    def act(self) -> None:
        self.rng.choice((self.chord, self.swipe, self.palm, self.long_press, self.text))()

    def chord(self) -> None:
        key, mods = self.rng.choice(CHORDS)
        self.window.dispatch("on_key_down", key, key, None, mods)
        self.window.dispatch("on_keyboard", key, key, None, mods)
        self.window.dispatch("on_key_up", key, key)

    def text(self) -> None:
        for sign in self.rng.choice(("ls; reboot\n", "'\"`$(id)", "\x03\x1a\x00", "../../etc/passwd")):
            self.window.dispatch("on_textinput", sign)
            self.window.dispatch("on_keyboard", ord(sign), 0, sign, [])

    def swipe(self) -> None:
        """From one edge or corner to anywhere."""
        start = self.rng.choice(((0, 0), (1, 0), (0, 1), (1, 1), (0.5, 0), (0.5, 1), (0, 0.5), (1, 0.5)))
        end = self.rng.random(), self.rng.random()
        finger = self.down(start)
        for part in range(1, 6):
            self.move(finger, tuple(a + (b - a) * part / 5 for a, b in zip(start, end, strict=True)))
        self.up(finger)

    def palm(self) -> None:
        """Up to ten fingers; one of them may never lift."""
        fingers = [self.down((self.rng.random(), self.rng.random())) for _ in range(self.rng.randint(2, 10))]
        for finger in fingers[self.rng.randint(0, 1) :]:
            self.up(finger)

    def long_press(self) -> None:
        finger = self.down(self.rng.choice(((0.01, 0.01), (0.99, 0.99), (self.rng.random(), self.rng.random()))))
        for _ in range(20):
            self.move(finger, (finger.sx, finger.sy))
        self.up(finger)

    def down(self, at) -> Finger:
        self.count += 1
        finger = Finger("vandal", self.count, at)
        EventLoop.post_dispatch_input("begin", finger)
        return finger

    def move(self, finger: Finger, at) -> None:
        finger.move(at)
        EventLoop.post_dispatch_input("update", finger)

    def up(self, finger: Finger) -> None:
        EventLoop.post_dispatch_input("end", finger)
